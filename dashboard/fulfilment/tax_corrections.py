"""What an order was charged in sales tax, brought to what it should bear (R29): by a supplementary invoice when its
certificate was refused, by a credit note for the tax alone when one that is valid on the order's date was verified.

A correction corrects an invoice: an order that has none yet is billed together with its invoice, and where it should
bear no tax it is simply spared it. A correction is made in two steps, the ledger first and the papers last, because
their counters stay locked. Whoever calls holds the lock on the reseller's row.
"""

from __future__ import annotations

from dataclasses import replace

from dashboard.audit import service as audit
from dashboard.clock import today
from dashboard.fulfilment import letters, papers
from dashboard.invoices import service as invoices
from dashboard.invoices.corrections import supplement_of, tax_credit_of
from dashboard.invoices.rules import CertificateCopy, PaperKind, PaperSnapshot, TaxLine
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.rules import EntryKind, Terms
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.tax import certificates
from dashboard.tax.rules import SUPPLEMENT_DAYS, CertificateState, Exemption, TaxKind


def correct_in_ledger(order: Order) -> list[PaperSnapshot]:
    """Book what an order was charged too little or too much in tax, by what is known of its certificates now.

    Returns:
        the papers that tell of it, for `issue`; none if all is well.
    """
    of_sales_tax = order.tax_kind in {TaxKind.SALES_TAX, TaxKind.EXEMPT}
    if not of_sales_tax or not order.invoice_number or order.cancelled_at is not None:
        return []
    exemption = _exemption(order)
    if _charged(order):
        return _credit(order, exemption) if exemption and exemption.verified else []
    if order.exemption_id is None:
        return []
    certificate = certificates.get_certificate(order.exemption_id)
    if certificate.decision != CertificateState.REFUSED:
        return []
    if exemption is not None:  # another one covers the order: from now on it depends on that
        order.exemption_id, order.exemption = exemption.certificate_id, papers.copy_of(exemption)
        return []
    return _bill(order, certificate.reason)


def spare(order: Order) -> bool:
    """Let an order that has no invoice yet bear no sales tax, if a certificate that is valid on its date is verified
    (R29); whether that changed it. What was paid of the tax becomes credit on account.
    """
    exemption = _exemption(order)
    taxed = order.tax_kind == TaxKind.SALES_TAX and order.tax_minor
    if not taxed or order.invoice_number or order.cancelled_at or not (exemption and exemption.verified):
        return False
    tax = order.money(order.tax_minor)
    _exempt(order, exemption)
    ledger.take_back(order.id, tax, today(), EntryKind.TAX_CREDIT, exemption.number)
    audit.record("tax.spared", f"order:{order.id}", amount=tax.minor, number=exemption.number)
    return True


def _exempt(order: Order, exemption: Exemption) -> None:
    """From now on the order says that it bears no tax, and why; its papers keep what they said (R27)."""
    order.tax_kind, order.tax_minor, order.total_minor = TaxKind.EXEMPT, 0, order.net_minor
    order.exemption_id, order.exemption = exemption.certificate_id, papers.copy_of(exemption)


def _exemption(order: Order) -> Exemption | None:
    state = order.tax_place.removeprefix("US-")
    return certificates.find_exemption(order.reseller_id, state, order.placed_on, at=order.placed_at)


def issue(order: Order, corrections: list[PaperSnapshot]) -> None:
    """Issue the papers of `correct_in_ledger` and send them. What credit on account has paid already says so (R19)."""
    for correction in corrections:
        if correction.kind is PaperKind.CREDIT_NOTE:
            note = invoices.issue(correction, reseller_id=order.reseller_id)
            audit.record("tax.credited", f"order:{order.id}", amount=-note.total_minor, number=note.number)
            letters.tax_credited(order, note)
        else:
            is_paid = not balances.open_amount(receivables_of(order)[correction.reference])
            paid_on = today() if is_paid else None
            paper = invoices.issue(replace(correction, paid_on=paid_on), reseller_id=order.reseller_id)
            audit.record("tax.billed", f"order:{order.id}", amount=paper.total_minor, number=paper.number)
            letters.tax_billed(order, paper)


def receivables_of(order: Order) -> dict[str, str]:
    """What is paid under each reference of the order and of its supplementary invoices."""
    return {order.reference: order.id} | {one.reference: one.id for one in balances.supplements_of(order.id)}


def _bill(order: Order, reason: str) -> list[PaperSnapshot]:
    tax = Money(order.net_minor, order.currency).share(order.tax_rate)
    if not tax:
        return []
    receivable = ledger.open_receivable(
        ledger.free_order_id(), order.reseller_id, tax, Terms.NET30, today(),
        kind=EntryKind.SUPPLEMENT, order_id=order.id, days=SUPPLEMENT_DAYS,
    )  # fmt: skip
    [invoice] = papers.invoices_of(order.id, PaperKind.INVOICE)
    line = TaxLine(TaxKind.SALES_TAX, order.tax_place, order.tax_rate, order.net_minor, tax.minor)
    supplement = supplement_of(
        invoice.content, line, issued_on=today(), due_on=receivable.due_on, reference=receivable.reference,
        reason=reason,
    )  # fmt: skip
    return [supplement]


def _credit(order: Order, exemption: Exemption) -> list[PaperSnapshot]:
    """What was paid of the tax becomes credit on account."""
    receivables, copy = receivables_of(order), CertificateCopy(**papers.copy_of(exemption))
    charged = [rest for rest in papers.still_charged(order.id) if rest.tax_minor]
    for rest in charged:
        tax = Money(rest.tax_minor, order.currency)
        ledger.take_back(receivables[rest.reference], tax, today(), EntryKind.TAX_CREDIT, exemption.number)
    _exempt(order, exemption)
    return [tax_credit_of(rest, today(), copy) for rest in charged]


def _charged(order: Order) -> int:
    """The tax that the order's invoices and credit notes charge together, in minor units."""
    kinds = (PaperKind.INVOICE, PaperKind.SUPPLEMENT, PaperKind.CREDIT_NOTE)
    return sum(paper.content.tax_minor for paper in papers.invoices_of(order.id, *kinds))
