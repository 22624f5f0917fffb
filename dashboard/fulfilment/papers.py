"""From an order to the papers that tell of it: pro-forma, invoice, credit note (R27)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask_babel import force_locale

from dashboard.config import current_settings
from dashboard.invoices import service as invoices
from dashboard.invoices.corrections import credit_note_of, part_credit_of, rest_of
from dashboard.invoices.models import Paper
from dashboard.invoices.rules import CertificateCopy, PaperKind, PaperLine, PaperSnapshot, Party, TaxLine, TaxNote
from dashboard.orders import service as orders
from dashboard.orders.models import Order, OrderLine
from dashboard.orders.rules import PaymentState
from dashboard.tax.rules import Exemption, TaxKind
from dashboard.web.countries import country_name

#: What a paper without tax says of it.
NOTES = {
    TaxKind.EXPORT: TaxNote.EXPORT,
    TaxKind.REVERSE_CHARGE: TaxNote.REVERSE_CHARGE,
    TaxKind.NOT_TAXABLE: TaxNote.US_NOT_TAXABLE,
    TaxKind.EXEMPT: TaxNote.US_EXEMPT,
}


def issue_pro_forma(order: Order, issued_on: date) -> Paper:
    """The paper that a prepaid order is paid with; the newest one holds."""
    return invoices.issue(_snapshot(order, PaperKind.PRO_FORMA, issued_on), reseller_id=order.reseller_id)


def renew_pro_forma(order: Order, issued_on: date) -> None:
    """Have a prepaid order that is open again ask for what it costs now (R12, R19): by the same pro-forma, drawn anew,
    or by another one where a part was cancelled while it was paid, or where money on account had paid it at once.
    """
    if not replace_pro_forma(order, issued_on):
        invoices.draw_pro_forma_anew(order.id)


def replace_pro_forma(order: Order, issued_on: date) -> bool:
    """Have an order that waits for its transfer ask by another pro-forma, if it has none, or one that says another
    sum or another last day than those that hold now (R12); whether it does.
    """
    asked = invoices.find_paper(order.id, PaperKind.PRO_FORMA)
    holds = asked and (asked.content.net_minor, asked.content.valid_until) == (order.net_minor, order.valid_until)
    if holds or orders.state_of(order) is not PaymentState.WAITING:
        return False
    issue_pro_forma(order, issued_on)
    return True


def issue_invoice(order: Order, issued_on: date) -> Paper:
    """The invoice, under the next number: take it last in the transaction. Paid already, it says so (R19)."""
    paper = invoices.issue(_snapshot(order, PaperKind.INVOICE, issued_on), reseller_id=order.reseller_id)
    order.invoice_number = paper.number
    return paper


def issue_credit_notes(order: Order, issued_on: date) -> list[Paper]:
    """What the order's invoices still charge, taken back, the supplementary ones first; none if it has none (R12)."""
    notes = [credit_note_of(rest, issued_on) for rest in reversed(still_charged(order.id))]
    return [invoices.issue(note, reseller_id=order.reseller_id) for note in notes]


def part_credits(order: Order, quantities: Mapping[int, int], issued_on: date) -> list[PaperSnapshot]:
    """What the order's invoices charge for some pieces, taken back: to be issued later; none if it has no invoice.

    Args:
        quantities: how many pieces are taken back, by the position of the line.
    """
    net = sum(line.partner_minor * quantities.get(line.position, 0) for line in order.lines)
    rests = still_charged(order.id)
    return [note for rest in rests if (note := part_credit_of(rest, quantities, net, issued_on))]


def still_charged(order_id: str) -> list[PaperSnapshot]:
    """What the order's invoices charge after its credit notes; supplementary ones come last."""
    notes = [paper.content for paper in invoices_of(order_id, PaperKind.CREDIT_NOTE)]
    issued = invoices_of(order_id, PaperKind.INVOICE, PaperKind.SUPPLEMENT)
    return [rest for paper in issued if (rest := rest_of(paper.content, notes))]


def copy_of(exemption: Exemption) -> dict[str, str]:
    """What an order and its papers keep of the certificate that exempts it (R29)."""
    return {"number": exemption.number, "state": exemption.state, "digest": exemption.digest}


def invoices_of(order_id: str, *kinds: PaperKind) -> list[Paper]:
    """The order's papers of these kinds, in the order in which they were issued."""
    return [paper for paper in invoices.find_papers(order_id) if paper.kind in kinds]


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
        lines=tuple(_line(line, language) for line in order.present_lines),
        taxes=(tax,) if taxed else (),
        net_minor=order.net_minor,
        tax_minor=order.tax_minor,
        total_minor=order.total_minor,
        discount=order.discount,
        reference=order.reference,
        bank=bank,
        tax_note=NOTES.get(kind_of_tax, TaxNote.NONE),
        certificate=CertificateCopy(**order.exemption) if order.exemption else None,
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
        city=address["city"],
        postal_code=address["postal_code"],
        state=address["state"],
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
