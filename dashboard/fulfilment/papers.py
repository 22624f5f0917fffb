"""From an order to the papers that tell of it: pro-forma, invoice, credit note (R27)."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import force_locale

from dashboard.config import current_settings
from dashboard.invoices import service as invoices
from dashboard.invoices.models import Paper
from dashboard.invoices.rules import (
    PaperKind,
    PaperLine,
    PaperSnapshot,
    Party,
    TaxLine,
    TaxNote,
    credit_note_of,
)
from dashboard.orders.models import Order, OrderLine
from dashboard.tax.rules import TaxKind
from dashboard.web.countries import country_name

#: What a paper without tax says of it.
NOTES = {
    TaxKind.EXPORT: TaxNote.EXPORT,
    TaxKind.REVERSE_CHARGE: TaxNote.REVERSE_CHARGE,
    TaxKind.NOT_TAXABLE: TaxNote.US_NOT_TAXABLE,
}


def issue_pro_forma(order: Order) -> Paper:
    """The paper that a prepaid order is paid with."""
    return invoices.issue(_snapshot(order, PaperKind.PRO_FORMA, order.placed_on), reseller_id=order.reseller_id)


def issue_invoice(order: Order, issued_on: date) -> Paper:
    """The invoice, under the next number: take it last in the transaction. Paid already, it says so (R19)."""
    paper = invoices.issue(_snapshot(order, PaperKind.INVOICE, issued_on), reseller_id=order.reseller_id)
    order.invoice_number = paper.number
    return paper


def issue_credit_note(order: Order, issued_on: date) -> Paper | None:
    """The order's invoice taken back; None if it never got one (R12)."""
    invoice = invoices.find_paper(order.id, PaperKind.INVOICE)
    if invoice is None:
        return None
    return invoices.issue(credit_note_of(invoice.content, issued_on), reseller_id=order.reseller_id)


def valid_until(placed_on: date) -> date:
    """Last day of a pro-forma (R12)."""
    return placed_on + timedelta(days=current_settings().pro_forma_days)


def _snapshot(order: Order, kind: PaperKind, issued_on: date) -> PaperSnapshot:
    language = order.billing_address["language"]
    bank = invoices.bank_of_order(order.id, order.currency)
    assert bank is not None  # no order is placed in a currency without account (pricing.py), and its papers keep it
    kind_of_tax = TaxKind(order.tax_kind)
    taxed = order.tax_minor or kind_of_tax in {TaxKind.VAT, TaxKind.SALES_TAX}
    tax = TaxLine(kind_of_tax, order.tax_place, order.tax_rate, order.net_minor, order.tax_minor)
    return PaperSnapshot(
        kind=kind,
        issued_on=issued_on,
        language=language,
        currency=order.currency,
        order_id=order.id,
        seller=invoices.seller(language),
        buyer=_buyer(order, language),
        ship_to=_ship_to(order, language),
        lines=tuple(_line(line, language) for line in order.lines),
        taxes=(tax,) if taxed else (),
        net_minor=order.net_minor,
        tax_minor=order.tax_minor,
        total_minor=order.total_minor,
        discount=order.discount,
        reference=order.reference,
        bank=bank,
        tax_note=NOTES.get(kind_of_tax, TaxNote.NONE),
        po_number=order.po_number,
        due_on=order.due_on,
        paid_on=order.paid_on,
        valid_until=order.valid_until if kind is PaperKind.PRO_FORMA else None,
    )


def _buyer(order: Order, language: str) -> Party:
    address = order.billing_address
    number = address["tax_number"]
    city = " ".join(filter(None, (address["city"], address["state"], address["postal_code"])))
    return Party(
        name=address["legal_name"],
        address=(address["street"], city),
        country=address["country"],
        tax_ids=((invoices.tax_label(address["country"], language), number),) if number else (),
        email=address["billing_email"],
    )


def _ship_to(order: Order, language: str) -> tuple[str, ...]:
    address = order.shipping_address
    with force_locale(language):
        place = ", ".join(filter(None, (address["city"], country_name(address["country"]))))
    return tuple(filter(None, (address["company"], address["name"], place)))


def _line(line: OrderLine, language: str) -> PaperLine:
    return PaperLine(
        position=line.position,
        sku=line.sku,
        description=line.product,
        plan=line.plan,
        scope=line.scope_ru if language == "ru" else line.scope_en,
        quantity=line.quantity,
        retail_minor=line.retail_minor,
        unit_minor=line.partner_minor,
        net_minor=line.net_minor,
    )
