"""What becomes of a bank's entry: booked as it was matched, or as a person decides (R12, R18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select

from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.errors import N_, NotFound, NotYet, Refused
from dashboard.extensions import db, get_row, insert_once
from dashboard.fulfilment import transfers
from dashboard.ledger import balances
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.rules import PaymentState
from dashboard.outbox import service as outbox
from dashboard.payments import entries, imports
from dashboard.payments import service as payments
from dashboard.payments.models import BankEntry, PayerAccount, Transfer
from dashboard.payments.rules import Hurdle, Reason
from dashboard.resellers import service as resellers
from dashboard.web.progress import Watch, unwatched
from dashboard.web.transactions import transaction

#: What is told of a long import.
BOOKING = N_("Booking the transfers")


def book_matched(entry_id: int) -> bool:
    """Book an entry as it was matched, unless somebody was faster; whether it is booked.

    What has changed since it was matched, such as an order that was cancelled, leaves it to a person.

    Raises:
        NotYet: if its value date has not come (R16).
    """
    entry = _locked(entry_id)
    if entry.state != "matched":
        return entry.state == "booked"
    if entry.is_early:
        raise NotYet
    if hurdle := _hurdle(entry.targets, entry.received_on):
        entry.state, entry.hurdle = "waiting", hurdle
        return False
    assert entry.reseller_id is not None
    _book(entry, entry.reseller_id, entry.targets, entry.within, staff_id=None)
    return True


def book_all(entry_ids: Sequence[int], watch: Watch = unwatched) -> int:
    """Book matched entries, each in a transaction of its own; how many of them are booked then, whoever did it."""
    booked = 0
    for entry_id in watch(entry_ids, BOOKING):
        with transaction():
            booked += book_matched(entry_id)
            outbox.settle(imports.booking_effect(entry_id))
    return booked


def decide(entry_id: int, reseller_id: int, targets: Sequence[str], *, staff_id: int) -> Transfer:
    """Book an entry for a reseller, for the orders that staff chose, if any.

    A prepaid order among them that had lapsed is reinstated at its old price (R12).

    Raises:
        NotFound: if an order, or a debt from before this program, is not that reseller's.
        Refused: if one of them is paid or cancelled, the entry does not wait, is not money that came in, is in
            another currency than the reseller's, or its value date has not come.
    """
    entry = _waiting(entry_id, reseller_id)
    reseller = resellers.get_reseller(reseller_id)
    if entry.minor < 0:
        raise Refused(N_("This money went back: undo the transfer that it belongs to."))
    if entry.currency != reseller.currency:
        raise Refused(
            N_("The transfer is in %(currency)s, the reseller's account in %(other)s; nothing is converted."),
            currency=entry.currency, other=reseller.currency,
        )  # fmt: skip
    if entry.is_early:
        raise Refused(N_("The value date of this transfer has not come yet. Book it on that day."))
    for target in targets:
        _make_payable(target, reseller_id, entry)
    entry.reason, entry.decided_by, entry.decided_at = Reason.BY_STAFF, staff_id, utcnow()
    return _book(entry, reseller_id, list(targets), [], staff_id=staff_id)


def dismiss(entry_id: int, note: str, *, staff_id: int) -> None:
    """Say that an entry is none of the program's business, and why.

    Raises:
        Refused: if it does not wait.
    """
    entry = _waiting(entry_id)
    entry.state, entry.note, entry.decided_by, entry.decided_at = "dismissed", note, staff_id, utcnow()
    audit.record("bank_entry.dismissed", f"bank_entry:{entry.id}", note=note)


def undo(entry_id: int, note: str, *, staff_id: int) -> None:
    """Take the booking, or the dismissal, of an entry back: it waits for a person again (R18).

    Raises:
        Refused: if it is neither booked nor dismissed, or its transfer cannot be undone.
    """
    entry = _locked(entry_id)
    if entry.state == "booked" and entry.transfer_id is not None:
        transfers.undo_transfer(entry.transfer_id, note)
        _forget_account(entry)
    elif entry.state != "dismissed":
        raise Refused(N_("This entry waits already."))
    entry.state, entry.hurdle, entry.reason, entry.transfer_id = "waiting", Hurdle.CHANGED, "", None
    entry.note, entry.decided_by, entry.decided_at = note, staff_id, utcnow()
    audit.record("bank_entry.undone", f"bank_entry:{entry.id}", note=note)


def settle_return(entry_id: int, transfer_id: int, note: str, *, staff_id: int) -> None:
    """Money that came in before went back: undo the transfer that it belongs to.

    Raises:
        Refused: if the entry is no money that went back, or the sums differ.
    """
    transfer = payments.get_transfer(transfer_id)
    entry = _waiting(entry_id, transfer.reseller_id)
    if (entry.minor, entry.currency) != (-transfer.minor, transfer.currency):
        raise Refused(N_("The sums differ: this is not the transfer that went back."))
    transfers.undo_transfer(transfer_id, note)
    entry.state, entry.transfer_id, entry.note = "booked", transfer_id, note
    entry.decided_by, entry.decided_at = staff_id, utcnow()
    audit.record("bank_entry.returned", f"bank_entry:{entry.id}", transfer=transfer_id, note=note)


def undo_transfer(transfer_id: int, note: str, *, staff_id: int) -> None:
    """Take a transfer back that was booked wrongly; the bank's entry that brought it waits for a person again (R18).

    Raises:
        NotFound: if there is no such transfer.
        Refused: if it cannot be undone.
    """
    entry = entries.find_entry_of(transfer_id)
    if entry is not None and entry.state == "booked":
        undo(entry.id, note, staff_id=staff_id)
    else:
        transfers.undo_transfer(transfer_id, note)


def _make_payable(receivable_id: str, reseller_id: int, entry: BankEntry) -> None:
    """Make sure that an entry can pay this; a prepaid order that had lapsed is reinstated at its old price (R12)."""
    receivable = next(iter(balances.find_receivables([receivable_id])), None)
    if receivable is None or receivable.reseller_id != reseller_id:
        raise NotFound
    if receivable.cancelled_on is not None or balances.open_amount(receivable_id).minor <= 0:
        raise Refused(N_("Order %(id)s is paid or cancelled. Choose another."), id=receivable.number or receivable_id)
    for order in orders.find_orders([receivable_id]):
        transfers.reinstate(order, entry.received_on)


def _locked(entry_id: int, reseller_id: int | None = None) -> BankEntry:
    """The entry locked, read anew; before it the rows of its reseller and of `reseller_id`, as everybody locks."""
    of_entry = db.session.scalar(select(BankEntry.reseller_id).where(BankEntry.id == entry_id))
    for one in sorted({id_ for id_ in (of_entry, reseller_id) if id_ is not None}):
        resellers.get_reseller(one, lock=True)
    return get_row(select(BankEntry).where(BankEntry.id == entry_id), lock=True)


def _waiting(entry_id: int, reseller_id: int | None = None) -> BankEntry:
    entry = _locked(entry_id, reseller_id)
    if entry.state != "waiting":
        raise Refused(N_("Somebody has decided this already."))
    return entry


def _forget_account(entry: BankEntry) -> None:
    """What was learned from a wrong match alone is not known any more (R18)."""
    others = select(BankEntry.id).where(
        BankEntry.payer_account == entry.payer_account, BankEntry.reseller_id == entry.reseller_id,
        BankEntry.state == "booked", BankEntry.id != entry.id,
    )  # fmt: skip
    if db.session.scalar(others.limit(1)) is None:
        db.session.execute(
            delete(PayerAccount).where(
                PayerAccount.account == entry.payer_account, PayerAccount.reseller_id == entry.reseller_id
            )
        )


def _hurdle(targets: Sequence[str], received_on: date) -> Hurdle | None:
    """Why orders that an entry was matched to are not to be paid now without a person."""
    for order in orders.find_orders(targets):
        if order.cancelled_at is not None:
            return Hurdle.CANCELLED
        if order.paid_on is None and orders.state_of(order, received_on) is PaymentState.LAPSED:
            return Hurdle.LAPSED
    return None


def _book(
    entry: BankEntry, reseller_id: int, targets: Sequence[str], within: Sequence[str], *, staff_id: int | None
) -> Transfer:
    transfer = transfers.confirm_transfer(
        reseller_id,
        Money(entry.minor, entry.currency),
        entry.received_on,
        targets=targets,
        within=within,
        text=" ".join(f"{entry.payer_name} {entry.text}".split())[:300],
        staff_id=staff_id,
        submit_key=entries.booking_key(entry),
    )
    entry.bookings += 1
    entry.state, entry.reseller_id, entry.transfer_id = "booked", reseller_id, transfer.id
    if entry.payer_account:
        insert_once(PayerAccount, account=entry.payer_account, reseller_id=reseller_id)
    db.session.flush()
    return transfer
