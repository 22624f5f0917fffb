"""Papers that correct an invoice (R12, R27, R29): what of it still stands, and what takes back or adds how much of it.

All is worked out from what the papers themselves say; a correction and what it corrects come to the right sum together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from dashboard.invoices.rules import (
    CertificateCopy,
    PaperKind,
    PaperLine,
    PaperSnapshot,
    Taken,
    TaxLine,
    TaxNote,
    tax_on,
)


def rest_of(invoice: PaperSnapshot, notes: Iterable[PaperSnapshot]) -> PaperSnapshot | None:
    """What an invoice still charges after those of the credit notes that correct it; None if that is nothing (R27)."""
    own = [note for note in notes if note.corrects == (invoice.number, invoice.issued_on)]
    if not own:
        return invoice
    back = [line for note in own for line in note.lines]
    sized = [(one, one.quantity + sum(line.quantity for line in back if line.position == one.position))
             for one in invoice.lines]  # fmt: skip
    lines = tuple(_sized(line, quantity) for line, quantity in sized if quantity)
    taxes = tuple(tax for one in invoice.taxes if (tax := _taxed_less(one, own)).base_minor)
    if not lines and not taxes:
        return None
    return _summed(replace(invoice, taken=Taken.REST), lines, taxes)


def part_credit_of(
    rest: PaperSnapshot, quantities: Mapping[int, int], net_minor: int, issued_on: date
) -> PaperSnapshot | None:
    """A part of what an invoice still charges taken back; None if it charges nothing for that part (R12, R27).

    Args:
        rest: what the invoice charges before (`rest_of`); of a supplementary invoice its tax sinks with the order.
        quantities: how many pieces to take back, by the position of the line.
        net_minor: what these pieces cost together, without tax.
    """
    lines = tuple(_sized(line, quantities[line.position]) for line in rest.lines if quantities.get(line.position))
    taxes = tuple(
        replace(
            tax,
            base_minor=net_minor,
            amount_minor=tax.amount_minor - tax_on(tax.base_minor - net_minor, tax.rate),
            before_minor=-tax.base_minor,
        )
        for tax in rest.taxes
    )
    part = _summed(replace(rest, taken=Taken.PART), lines, taxes)
    return credit_note_of(part, issued_on) if part.total_minor else None


def _sized(line: PaperLine, quantity: int) -> PaperLine:
    return replace(line, quantity=quantity, net_minor=line.unit_minor * quantity)


def _taxed_less(tax: TaxLine, notes: Iterable[PaperSnapshot]) -> TaxLine:
    back = [one for note in notes for one in note.taxes]
    return replace(
        tax,
        base_minor=tax.base_minor + sum(one.base_minor for one in back),
        amount_minor=tax.amount_minor + sum(one.amount_minor for one in back),
    )


def _summed(paper: PaperSnapshot, lines: tuple[PaperLine, ...], taxes: tuple[TaxLine, ...]) -> PaperSnapshot:
    net, tax = sum(line.net_minor for line in lines), sum(one.amount_minor for one in taxes)
    return replace(paper, lines=lines, taxes=taxes, net_minor=net, tax_minor=tax, total_minor=net + tax)


def credit_note_of(invoice: PaperSnapshot, issued_on: date) -> PaperSnapshot:
    """The invoice, or what is left of it, taken back: the two together come to nothing, line by line (R12, R27)."""
    return replace(
        opposite(invoice),
        kind=PaperKind.CREDIT_NOTE,
        number="",
        issued_on=issued_on,
        due_on=None,
        paid_on=None,
        corrects=(invoice.number, invoice.issued_on),
    )


def opposite(paper: PaperSnapshot) -> PaperSnapshot:
    """The paper with the sign of every quantity and sum turned; prices stay."""
    return replace(
        paper,
        lines=tuple(replace(line, quantity=-line.quantity, net_minor=-line.net_minor) for line in paper.lines),
        taxes=tuple(_back(tax) for tax in paper.taxes),
        net_minor=-paper.net_minor,
        tax_minor=-paper.tax_minor,
        total_minor=-paper.total_minor,
    )


def _back(tax: TaxLine) -> TaxLine:
    return replace(tax, base_minor=-tax.base_minor, amount_minor=-tax.amount_minor, before_minor=-tax.before_minor)


def tax_credit_of(paper: PaperSnapshot, issued_on: date, certificate: CertificateCopy) -> PaperSnapshot:
    """The tax of an invoice taken back, and nothing else, because a certificate is valid on the order's date (R29)."""
    own = (paper.number, paper.issued_on)
    alone = replace(paper, kind=PaperKind.SUPPLEMENT, corrects=own, lines=(), net_minor=0, total_minor=paper.tax_minor)
    return replace(
        credit_note_of(alone, issued_on),
        tax_note=TaxNote.US_EXEMPT,
        certificate=certificate,
        reason="",
    )


def supplement_of(
    invoice: PaperSnapshot,
    tax: TaxLine,
    *,
    issued_on: date,
    due_on: date | None,
    reference: str,
    reason: str,
    paid_on: date | None = None,
) -> PaperSnapshot:
    """The tax that an invoice did not charge: the two together are the order with its tax (R29)."""
    return replace(
        invoice,
        kind=PaperKind.SUPPLEMENT,
        number="",
        issued_on=issued_on,
        due_on=due_on,
        paid_on=paid_on,
        corrects=(invoice.number, invoice.issued_on),
        lines=(),
        taxes=(tax,),
        net_minor=0,
        tax_minor=tax.amount_minor,
        total_minor=tax.amount_minor,
        reference=reference,
        tax_note=TaxNote.NONE,
        certificate=None,
        reason=reason,
    )
