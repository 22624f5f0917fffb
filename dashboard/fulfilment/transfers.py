"""What happens because money came in, was taken back or was paid back, written out step by step.

Each function locks the reseller's row first, so that the money of one reseller moves in one place at a time. Every
transfer is credit on account first; `_spend` then pays with that credit what it should pay (R18).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from dashboard.audit import service as audit
from dashboard.clock import today, utcnow
from dashboard.config import current_settings
from dashboard.errors import N_, Refused
from dashboard.fulfilment import letters, licensing, papers, tax_corrections
from dashboard.fulfilment.locks import locked_order
from dashboard.invoices import service as invoices
from dashboard.invoices.models import Paper
from dashboard.invoices.rules import PaperKind
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.parts import paid_off_on
from dashboard.ledger.rules import Account, EntryKind, OpenItem, Share, distribute
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.orders.rules import LicenseState, PaymentState
from dashboard.payments import service as payments
from dashboard.payments.models import Transfer
from dashboard.resellers import service as resellers
from dashboard.resellers import team
from dashboard.resellers.models import Reseller
from dashboard.statements import interest
from dashboard.statements import service as statements


@dataclass
class Spent:
    """What credit on account has paid: orders in full, those to which a part was given; what is owed and no order."""

    paid: list[str] = field(default_factory=list)
    part: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  #: whatever else is owed, in full or in part

    def add(self, order_id: str, *, in_full: bool) -> None:
        """Note an order; one that is paid in full now is short no more."""
        self.part = [one for one in self.part if one != order_id]
        (self.paid if in_full else self.part).append(order_id)

    def __bool__(self) -> bool:
        return bool(self.paid or self.part or self.others)


def confirm_payment(
    order_id: str, amount: Money, received_on: date, *, text: str, staff_id: int | None, submit_key: str
) -> Order:
    """Book a transfer for one order by hand and do what follows from it, all or nothing (R18, R20, R21, R27).

    Raises:
        Refused: if the order is cancelled or paid; nothing is booked.
        InvalidInput: for an impossible amount or day.
    """
    order = locked_order(order_id)
    if payments.find_transfer(submit_key) is not None:
        return order
    if order.cancelled_at is not None:
        raise Refused(N_("This order is cancelled. The transfer was not booked."))
    if order.paid_on is not None:
        raise Refused(N_("This order is paid already. The transfer was not booked."))
    reinstate(order, received_on)
    confirm_transfer(
        order.reseller_id, amount, received_on, targets=[order.id], text=text, staff_id=staff_id, submit_key=submit_key
    )
    return order


def reinstate(order: Order, received_on: date) -> None:
    """Let an order whose pro-forma had lapsed when its transfer came be paid at its old price, if that is so (R12)."""
    if orders.state_of(order, received_on) is PaymentState.LAPSED:
        order.valid_until = papers.valid_until(received_on)
        audit.record("order.reinstated", f"order:{order.id}")


def confirm_transfer(
    reseller_id: int,
    amount: Money,
    received_on: date,
    *,
    targets: Sequence[str] = (),
    within: Collection[str] = (),
    text: str,
    staff_id: int | None,
    submit_key: str,
) -> Transfer:
    """Book a reseller's transfer and do what follows from it, all or nothing (R18, R20, R21, R27).

    It pays the `targets` first, then what is owed, oldest first, then a prepaid order that it covers whole. What is
    left stays as credit on account. One letter tells what it paid and what is still missing.

    Args:
        received_on: the bank's value date (R16).
        targets: the orders that the sender named.
        within: the orders that the transfer should pay together, such as those of a statement, if there are no
            targets: if no more of them than the vendor's tolerance is left open, the banks have taken it.
        text: what the bank says of the payer and the purpose.
        submit_key: makes the same transfer book once.

    Raises:
        InvalidInput: for an impossible amount or day.
    """
    reseller = resellers.get_reseller(reseller_id, lock=True)
    earlier = payments.find_transfer(submit_key)
    if earlier is not None:
        return earlier
    transfer = payments.book_transfer(
        reseller_id=reseller_id, amount=amount, received_on=received_on, text=text, confirmed_by=staff_id,
        submit_key=submit_key,
    )  # fmt: skip
    audit.record("transfer.confirmed", f"transfer:{transfer.id}", reseller=reseller_id, amount=amount.minor)
    spent = _spend(reseller, amount.currency, received_on, valid_on=received_on, targets=targets)
    _forgive_bank_fees(transfer, targets or within, spent)
    statements.look_again(reseller_id, received_on)
    _issue_invoices(spent.paid)
    for order in orders.find_orders(spent.part):
        papers.replace_pro_forma(order, today())  # one that had lapsed is to be paid until another day now
    for order_id in dict.fromkeys([*targets, *spent.paid, *spent.part]):
        audit.record("payment.confirmed", f"order:{order_id}", transfer=transfer.id, amount=amount.minor)
    letters.payment_received(reseller, transfer, paid=spent.paid, part=spent.part, others=spent.others)
    return transfer


def pay_from_account(reseller: Reseller, day: date) -> Spent:
    """Pay with a reseller's credit on account what it should pay now (R18): because an order was placed, because one
    was cancelled and its money is free, or because one is open again. The reseller's row is locked.

    Args:
        day: the earliest on which it pays; a pro-forma that has lapsed by today is not paid, however early that is.
    """
    spent = _spend(reseller, reseller.currency, day, valid_on=today())
    statements.look_again(reseller.id, day)
    _issue_invoices(spent.paid)
    if spent:
        letters.paid_from_account(reseller, paid=spent.paid, part=spent.part, others=spent.others)
    return spent


def undo_transfer(transfer_id: int, reason: str) -> list[Order]:
    """Take back a transfer that was booked wrongly, and all that it paid, by counter-entries (R18).

    What is owed again is paid by other money on account, as if that had come in the place of this. Licenses and
    invoices that were issued because of the transfer stay: staff decide about orders that are open again.

    Returns:
        the orders that are open again.

    Raises:
        NotFound: if there is no such transfer.
        Refused: if it was undone before, or some of its money was paid back.
    """
    reseller = resellers.get_reseller(payments.get_transfer(transfer_id).reseller_id, lock=True)
    transfer = payments.get_transfer(transfer_id)
    if transfer.undone_at is not None:
        raise Refused(N_("This transfer was undone already."))
    touched = ledger.undo_transfer(transfer.id, today(), reason)  # may refuse: then a page shows the transfer as it is
    transfer.undone_at, transfer.undone_reason = utcnow(), reason
    for receivable_id in touched:
        interest.correct(receivable_id, today())
    statements.look_again(reseller.id, today(), reopened=touched)
    had_paid = [orders.get_order(one, lock=True) for one in _orders_of(touched)]
    for order in had_paid:
        if not balances.open_amount(order.id):
            continue  # it paid interest alone
        order.paid_on = None
        audit.record("payment.undone", f"order:{order.id}", transfer=transfer.id, reason=reason)
    pay_from_account(reseller, transfer.received_on)
    opened = [order for order in had_paid if balances.open_amount(order.id)]
    for order in opened:
        papers.renew_pro_forma(order, today())
    audit.record("transfer.undone", f"transfer:{transfer.id}", reason=reason, orders=[order.id for order in opened])
    others = [one for one in touched if one not in {order.id for order in had_paid}]
    letters.payment_undone(reseller, transfer, [order.id for order in opened], others)
    return opened


def refund(reseller_id: int, amount: Money, day: date, reason: str) -> None:
    """Note that credit on account was paid back, on the bank's date (R12).

    Raises:
        Refused: if that is more than what is on account, or had come in by that day.
    """
    reseller = resellers.get_reseller(reseller_id, lock=True)
    ledger.refund(reseller_id, amount, day, reason)
    audit.record("credit.refunded", f"reseller:{reseller_id}", amount=amount.minor, reason=reason)
    letters.refunded(reseller, amount, day, balances.newest_entry(reseller_id))


def settle_if_nothing_is_open(order: Order) -> None:
    """What is not owed any more may have been all that an order still lacked, or all that was written off of it. The
    reseller's row is locked.
    """
    if order.written_off_on and not balances.sum_on(order.id, Account.PRINCIPAL, EntryKind.WRITE_OFF):
        order.paid_on = order.written_off_on = None
    if order.paid_on is None and not balances.open_amount(order.id):
        _book_interest(order.id)
        _settle(order)


def issue_what_is_paid_with(order: Order, day: date) -> list[Paper]:
    """The paper of an order that costs less than its pro-forma says (R27): the invoice if it is paid by that, else a
    pro-forma in the place of the one before, while a transfer may still come. Call it last: its counter stays locked.
    """
    if order.paid_on is not None and order.invoice_number:
        return []  # it was issued with what paid it, and a letter brings it
    if order.paid_on is not None:
        _issue_invoices([order.id])
        return papers.invoices_of(order.id, PaperKind.INVOICE)
    return [papers.issue_pro_forma(order, day)] if orders.state_of(order) is PaymentState.WAITING else []


def _spend(reseller: Reseller, currency: str, day: date, *, valid_on: date, targets: Collection[str] = ()) -> Spent:
    """Pay with the credit on account until there is nothing more that it should pay.

    What is paid changes what interest is owed, so it is looked again before what comes next in rank.

    Args:
        day: when the money was received; nothing is paid earlier.
        valid_on: a prepaid order whose pro-forma had lapsed by this day is not paid, unless it is a target (R12).
    """
    spent = Spent()
    while shares := _shares(reseller, currency, valid_on, targets):
        for share in shares:
            ledger.allocate(share.receivable_id, share.amount, day, share.account)
            _book_interest(share.receivable_id)
        principal = [share.receivable_id for share in shares if share.account is Account.PRINCIPAL]
        for order_id in _orders_of(principal):
            in_full = not balances.open_amount(order_id)
            if in_full:
                _settle(orders.get_order(order_id, lock=True))
            spent.add(order_id, in_full=in_full)
        others = set(principal) - {*spent.paid, *spent.part}
        spent.others += [one for one in principal if one in others and one not in spent.others]
    return spent


def _book_interest(receivable_id: str) -> None:
    """Interest of what is paid now, to the day of the money (R16); what is not paid in full only gets a correction."""
    if balances.open_amount(receivable_id):
        interest.correct(receivable_id, today())
    else:
        interest.book(receivable_id, paid_off_on(receivable_id), today())


def _shares(reseller: Reseller, currency: str, valid_on: date, targets: Collection[str]) -> list[Share]:
    """What the credit on account pays next: what is first in rank of all that it should pay."""
    money = balances.credit_on_account(reseller.id, currency)
    if not money:
        return []
    shares = list(distribute(money, _payable(reseller, currency, valid_on, targets), targets=targets))
    return [share for share in shares if share.rank == shares[0].rank]


def _payable(reseller: Reseller, currency: str, valid_on: date, targets: Collection[str]) -> list[OpenItem]:
    """What is open, without the prepaid orders that have lapsed: for those, staff decide (R12)."""
    items = balances.open_items(reseller.id, currency)
    prepaid = [item.id for item in items if item.due_on is None and item.id not in targets]
    found = orders.find_orders(prepaid)
    lapsed = {order.id for order in found if orders.state_of(order, valid_on) is PaymentState.LAPSED}
    return [item for item in items if item.id not in lapsed]


def _forgive_bank_fees(transfer: Transfer, wanted: Collection[str], spent: Spent) -> None:
    """What is missing, if it is no more than the banks may have kept of the transfer, counts as paid (R18)."""
    short = {one: rest for one, rest in balances.open_amounts(list(wanted)).items() if rest.minor > 0}
    missing = sum(rest.minor for rest in short.values())
    if not short or missing > current_settings().bank_fee_tolerance or not spent:
        return
    for receivable_id in short:
        ledger.forgive_rest(receivable_id, transfer.received_on, transfer.id)
        _book_interest(receivable_id)
    for order_id in _orders_of(short):
        _settle(orders.get_order(order_id, lock=True))
        spent.add(order_id, in_full=True)


def _orders_of(receivable_ids: Collection[str]) -> list[str]:
    """Those of the receivables that are orders; a supplementary invoice has no license of its own."""
    return [order.id for order in orders.find_orders(receivable_ids)]


def _settle(order: Order) -> None:
    """The order is paid in full: license and standing. Its invoice follows when all that was paid is settled."""
    order.paid_on = paid_off_on(order.id)
    if order.license_state != LicenseState.ISSUED:
        licensing.issue_permanent(order)
    _note_established(order)
    invoices.draw_pro_forma_anew(order.id)


def _issue_invoices(order_ids: Collection[str]) -> None:
    """The invoices of orders that are paid now and have none; last, because their counter stays locked (R27)."""
    for order in orders.find_orders(order_ids):
        if not order.invoice_number:
            papers.issue_invoice(order, today())
            corrections = tax_corrections.correct_in_ledger(order)  # decided while it waited (R29)
            if corrections:
                pay_from_account(resellers.get_reseller(order.reseller_id), today())
            tax_corrections.issue(order, corrections)


def _note_established(order: Order) -> None:
    """Tell a reseller, once, that it became established (R14)."""
    reseller = resellers.get_reseller(order.reseller_id)
    needed = current_settings().established_after
    if reseller.established_at is None and balances.paid_orders(reseller.id) >= needed:
        reseller.established_at = utcnow()
        audit.record("reseller.established", f"reseller:{reseller.id}")
        letters.established(reseller, team.contact_of(reseller.id, order.placed_by))
