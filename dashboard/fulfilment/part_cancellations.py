"""What follows when a part of an order is cancelled, written out step by step (R12).

An invoice gets a credit note over the part, with lines of its own; a pro-forma is replaced by one for the rest. Prices,
terms and days stay as they were. Whoever calls holds the locks on the reseller's row and on the order's.
"""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.audit import service as audit
from dashboard.clock import today
from dashboard.errors import N_, InvalidInput
from dashboard.fulfilment import letters, licensing, papers, tax_corrections, transfers
from dashboard.invoices import service as invoices
from dashboard.invoices.rules import PaperSnapshot
from dashboard.ledger import service as ledger
from dashboard.ledger.rules import EntryKind
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.resellers import service as resellers


def shown(order: Order) -> str:
    """What a page shows of an order's quantities: two people who cancel parts at once must not both have their way."""
    return ",".join(str(line.quantity) for line in order.lines)


def require_possible(order: Order, quantities: Mapping[int, int]) -> None:
    """Make sure that there is so much to cancel.

    Raises:
        InvalidInput: if there is less, or it is nothing.
    """
    there = {line.position: line.quantity for line in order.lines}
    if any(quantity < 0 or quantity > there.get(position, 0) for position, quantity in quantities.items()):
        raise InvalidInput(N_("That is more than the order has."))
    if not any(quantities.values()):
        raise InvalidInput(N_("Say how many pieces are cancelled."))


def carry_out(order: Order, quantities: Mapping[int, int], reason: str) -> None:
    """Cancel less than the whole order: licenses, what is owed, papers, letters.

    Args:
        quantities: how many pieces to cancel, by the position of the line; some are left after that.
    """
    day, before = today(), order.total
    notes = papers.part_credits(order, quantities, day)
    lines = [
        {"product": line.product, "plan": line.plan, "quantity": quantities[line.position]}
        for line in order.lines
        if quantities.get(line.position)
    ]
    _shrink(order, quantities)
    amount = _take_back(order, notes, before)
    left = {line.position: line.quantity for line in order.lines if quantities.get(line.position)}
    licensing.resize(order, left)
    audit.record("order.part_cancelled", f"order:{order.id}", reason=reason, lines=lines, amount=amount.minor)
    transfers.settle_if_nothing_is_open(order)
    transfers.pay_from_account(resellers.get_reseller(order.reseller_id), day)
    issued = [invoices.issue(note, reseller_id=order.reseller_id) for note in notes]
    issued += transfers.issue_what_is_paid_with(order, day)
    letters.part_cancelled(order, reason, lines, issued)


def _shrink(order: Order, quantities: Mapping[int, int]) -> None:
    """The lines without what is cancelled, and the sums that follow; tax is rounded once on what is left (R11)."""
    for line in order.lines:
        quantity = quantities.get(line.position, 0)
        line.quantity, line.cancelled = line.quantity - quantity, line.cancelled + quantity
        line.net_minor = line.partner_minor * line.quantity
    net = Money(sum(line.net_minor for line in order.lines), order.currency)
    order.retail_minor = sum(line.retail_minor * line.quantity for line in order.lines)
    order.net_minor = net.minor
    order.tax_minor = net.share(order.tax_rate).minor if order.tax_minor else 0
    order.total_minor = order.net_minor + order.tax_minor


def _take_back(order: Order, notes: list[PaperSnapshot], before: Money) -> Money:
    """Let the part be owed no more, by its credit notes or, without an invoice, by what the order sank; the sum."""
    receivables = tax_corrections.receivables_of(order)
    for note in notes:
        amount = order.money(-note.total_minor)
        ledger.take_back(receivables[note.reference], amount, today(), EntryKind.CREDIT_NOTE)
    if not order.invoice_number:
        ledger.take_back(order.id, before - order.total, today(), EntryKind.CANCELLATION)
        return before - order.total
    return order.money(-sum(note.total_minor for note in notes))
