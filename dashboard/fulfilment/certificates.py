"""What follows when staff have looked at an exemption certificate, written out step by step (R29)."""

from __future__ import annotations

from dashboard.clock import today
from dashboard.fulfilment import letters, tax_corrections, transfers
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.resellers import service as resellers
from dashboard.tax import certificates
from dashboard.tax.models import ExemptionCertificate
from dashboard.tax.rules import CertificateState


def verify(certificate_id: int, *, by: int) -> ExemptionCertificate:
    """The certificate is good: sales tax of orders on whose date it is valid is credited.

    Raises:
        NotFound: if there is no such certificate.
        Refused: if it was decided before.
    """
    certificate = certificates.get_certificate(certificate_id, lock=True)
    certificates.decide(certificate, CertificateState.VERIFIED, by)
    places = [f"US-{state}" for state in certificate.states]
    days = (certificate.valid_from, certificate.valid_until)
    _correct(certificate.reseller_id, orders.taxed_in(certificate.reseller_id, places, *days))
    return certificate


def refuse(certificate_id: int, reason: str, *, by: int) -> ExemptionCertificate:
    """The certificate does not hold: orders placed under it are billed their sales tax, with the reason.

    Raises:
        NotFound: if there is no such certificate.
        Refused: if it was decided before.
    """
    certificate = certificates.get_certificate(certificate_id, lock=True)
    certificates.decide(certificate, CertificateState.REFUSED, by, reason)
    _correct(certificate.reseller_id, orders.exempted_by(certificate.id))
    return certificate


def _correct(reseller_id: int, touched: list[Order]) -> None:
    spared = [order for order in touched if tax_corrections.spare(order)]
    corrections = [(order, tax_corrections.correct_in_ledger(order)) for order in touched]
    for order in touched:
        transfers.settle_if_nothing_is_open(order)
    transfers.pay_from_account(resellers.get_reseller(reseller_id), today())
    issued = [(order, transfers.issue_what_is_paid_with(order, today())) for order in spared]
    for order, papers in corrections:
        tax_corrections.issue(order, papers)
    for order, found in issued:
        letters.tax_spared(order, found)
