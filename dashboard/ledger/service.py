"""Write entries.

Whoever writes holds the lock on the reseller's row (`resellers.service.get_reseller(lock=True)`), so that entries of
one reseller are written one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, update

from dashboard.config import current_settings
from dashboard.errors import N_, Refused
from dashboard.extensions import db
from dashboard.ledger.balances import (
    credit_by_transfer,
    credit_on_account,
    is_settled,
    open_amount,
    open_interest,
    paid_by_transfer,
    sum_on,
)
from dashboard.ledger.models import Bundle, LedgerEntry, Receivable
from dashboard.ledger.parts import free_credit, open_parts
from dashboard.ledger.references import new_order_id, order_reference, statement_reference
from dashboard.ledger.rules import Account, EntryKind, Terms, due_on, spend
from dashboard.money import Money


def open_receivable(
    receivable_id: str,
    reseller_id: int,
    total: Money,
    terms: Terms,
    placed_on: date,
    *,
    kind: EntryKind = EntryKind.ORDER,
    order_id: str = "",
    days: int | None = None,
) -> Receivable:
    """What a new order has to bring in: its reference (R19), its due date (R14) and its first entry.

    Args:
        receivable_id: the order's ID; of a supplementary invoice, a free one of the same kind.
        total: with tax.
        order_id: the order that a supplementary invoice belongs to.
        days: how many days after its date it is due; else as the settings say of credit orders.
    """
    receivable = Receivable(
        id=receivable_id,
        kind=kind,
        order_id=order_id or receivable_id,
        reseller_id=reseller_id,
        reference=order_reference(receivable_id),
        currency=total.currency,
        terms=terms,
        placed_on=placed_on,
        due_on=due_on(terms, placed_on, current_settings().credit_days if days is None else days),
        interest_rate=current_settings().interest_rate,
    )
    db.session.add(receivable)
    db.session.flush()
    _write(kind, Account.PRINCIPAL, reseller_id, total, placed_on, receivable_id=receivable_id)
    return receivable


def open_bundle(number: str, reseller_id: int, month: date, currency: str, receivable_ids: Sequence[str]) -> Bundle:
    """Let one reference stand for several receivables: those of a monthly statement (R17, R19)."""
    bundle = Bundle(
        reference=statement_reference(month, reseller_id),
        number=number,
        reseller_id=reseller_id,
        currency=currency,
        receivable_ids=list(receivable_ids),
    )
    db.session.add(bundle)
    db.session.flush()
    return bundle


def open_debt(reseller_id: int, number: str, amount: Money, *, placed_on: date, due_on: date) -> Receivable:
    """Book a debt from before this program: from now on it is owed, and overdue, like a credit order (R15).

    It bears no interest of its own: what was agreed about that is not known here. `number` is booked once a reseller.
    """
    id_ = free_order_id()
    receivable = Receivable(
        id=id_,
        kind=EntryKind.OPENING,
        reseller_id=reseller_id,
        reference=order_reference(id_),
        currency=amount.currency,
        terms=Terms.NET30,
        placed_on=placed_on,
        due_on=due_on,
        interest_rate=0,
        number=number,
    )
    db.session.add(receivable)
    db.session.flush()
    _write(EntryKind.OPENING, Account.PRINCIPAL, reseller_id, amount, placed_on, receivable_id=id_, note=number)
    return receivable


def free_order_id() -> str:
    """An order ID that is not taken: every order, and every debt, has its receivable (R9)."""
    while True:
        order_id = new_order_id()
        if db.session.scalar(select(Receivable.id).where(Receivable.id == order_id)) is None:
            return order_id


def receive(reseller_id: int, amount: Money, day: date, transfer_id: int) -> None:
    """A transfer came in: credit on account until it is allocated."""
    _write(EntryKind.TRANSFER, Account.CREDIT, reseller_id, -amount, day, transfer_id=transfer_id)


def allocate(receivable_id: str, amount: Money, day: date, account: Account = Account.PRINCIPAL) -> None:
    """Pay `amount` of a receivable from the credit on account, the money that came first before the other.

    Args:
        day: when the money was received; it pays nothing before it is free, nor before there is something to pay.
        account: principal or interest.

    Raises:
        Refused: if that is more than what is open, or than what is on account.
    """
    receivable = db.session.get_one(Receivable, receivable_id)
    free, open_ = free_credit(receivable.reseller_id, amount.currency), open_parts(receivable_id, account)
    if amount.minor > sum(minor for _, minor in open_) or amount.minor > sum(minor for _, (_, minor) in free):
        raise Refused(N_("That is more than what is open."))
    for (transfer_id, on), minor in spend(amount.minor, day, free, open_).items():
        _move(receivable, Money(minor, amount.currency), on, transfer_id, account)


def forgive_rest(receivable_id: str, day: date, transfer_id: int) -> Money:
    """Book what a transfer left open as charges of the banks on its way (R18); the amount."""
    receivable = db.session.get_one(Receivable, receivable_id)
    rest = open_amount(receivable_id)
    owed_from = max(day for day, _ in open_parts(receivable_id, Account.PRINCIPAL))
    _reduce(receivable, EntryKind.BANK_FEE, rest, max(day, owed_from), transfer_id=transfer_id)
    return rest


def write_off(receivable_id: str, day: date, note: str) -> Money:
    """Give up the principal that is open on a receivable: it is owed no more, and nobody has paid it; the amount."""
    receivable = db.session.get_one(Receivable, receivable_id)
    rest = open_amount(receivable_id)
    _reduce(receivable, EntryKind.WRITE_OFF, rest, day, note=note)
    return rest


def add_interest(receivable_id: str, amount: Money, day: date, note: str = "") -> LedgerEntry | None:
    """Book interest on a receivable, or take some back if the amount is negative (R16); nothing for nothing."""
    receivable = db.session.get_one(Receivable, receivable_id)
    if not amount:
        return None
    return _write(
        EntryKind.INTEREST,
        Account.INTEREST,
        receivable.reseller_id,
        amount,
        day,
        receivable_id=receivable_id,
        note=note,
    )


def waive_interest(receivable_id: str, day: date, note: str) -> Money:
    """Waive the interest that is open on a receivable (R16); the amount."""
    receivable = db.session.get_one(Receivable, receivable_id)
    amount = open_interest(receivable_id)
    if amount:
        _write(
            EntryKind.WAIVER,
            Account.INTEREST,
            receivable.reseller_id,
            -amount,
            day,
            receivable_id=receivable_id,
            note=note,
        )
    return amount


def return_interest(receivable_id: str, day: date) -> None:
    """Interest turned out to be less than what was waived and paid of it: the waiver shrinks, then what was paid
    too much becomes credit on account (R16).
    """
    receivable = db.session.get_one(Receivable, receivable_id)
    too_much = -open_interest(receivable_id)
    waived = -sum_on(receivable_id, Account.INTEREST, EntryKind.WAIVER)
    back = min(too_much, waived)
    if back.minor > 0:
        _write(EntryKind.WAIVER, Account.INTEREST, receivable.reseller_id, back, day, receivable_id=receivable_id)
        too_much = too_much - back
    for transfer_id, paid in reversed(paid_by_transfer(receivable, Account.INTEREST).items()):
        part = min(too_much, paid)
        if part.minor > 0:
            _move(receivable, -part, day, transfer_id, Account.INTEREST)
            too_much = too_much - part


def refund(reseller_id: int, amount: Money, day: date, note: str) -> None:
    """Credit on account was paid back, on the bank's date (R12), the money that came first before the other.

    Raises:
        Refused: if that is more than what is on account, or than what had come in by that day.
    """
    if amount > credit_on_account(reseller_id, amount.currency):
        raise Refused(N_("That is more than what is on account."))
    in_hand = credit_by_transfer(reseller_id, amount.currency, until=day)
    if amount > sum(in_hand.values(), Money.zero(amount.currency)):
        raise Refused(N_("On that day less than this had come in. Check the bank's date."))
    for transfer_id, available in in_hand.items():
        part = min(amount, available)
        if part:
            _write(EntryKind.REFUND, Account.CREDIT, reseller_id, part, day, transfer_id=transfer_id, note=note)
            amount = amount - part


def undo_transfer(transfer_id: int, day: date, note: str) -> list[str]:
    """Take a transfer and all that its money paid back, by counter-entries (R18).

    Returns:
        the receivables that its money had paid on some day, whether or not something is open on them now.

    Raises:
        Refused: if some of its money was paid back to the sender.
    """
    sums = db.session.execute(
        select(
            LedgerEntry.kind, LedgerEntry.account, LedgerEntry.reseller_id, LedgerEntry.receivable_id,
            LedgerEntry.currency, LedgerEntry.day, func.sum(LedgerEntry.minor),
        )
        .where(LedgerEntry.transfer_id == transfer_id)
        .group_by(
            LedgerEntry.kind, LedgerEntry.account, LedgerEntry.reseller_id, LedgerEntry.receivable_id,
            LedgerEntry.currency, LedgerEntry.day,
        )
        .having(func.sum(LedgerEntry.minor) != 0)
        .order_by(func.min(LedgerEntry.id).desc())
    ).all()  # fmt: skip
    if any(kind == EntryKind.REFUND for kind, *_ in sums):
        raise Refused(N_("Some of this money was paid back already, so the transfer cannot be undone."))
    for kind, account, reseller_id, receivable_id, currency, of_day, minor in sums:
        amount = Money(-int(minor), currency)
        # On the day of what it takes back: then the money was never there, and interest runs on (R16).
        _write(
            EntryKind(kind), Account(account), reseller_id, amount, of_day, receivable_id=receivable_id,
            transfer_id=transfer_id, note=note,
        )  # fmt: skip
    return sorted({receivable_id for _, _, _, receivable_id, *_ in sums if receivable_id})


def require_settled(reseller_id: int) -> None:
    """Make sure that nothing is open, so that the currency may change (R4).

    Raises:
        Refused: if something is.
    """
    if not is_settled(reseller_id):
        raise Refused(N_("The currency can be changed only while nothing is open and nothing is on account."))


def cancel(receivable_id: str, day: date, *, invoiced: bool) -> None:
    """Take an order back: what was paid on it becomes credit on account, the rest is owed no more (R12)."""
    receivable = db.session.get_one(Receivable, receivable_id)
    _open_again(receivable, _settled(receivable), day)
    for transfer_id, paid in paid_by_transfer(receivable, Account.INTEREST).items():
        _move(receivable, -paid, day, transfer_id, Account.INTEREST)
    kind = EntryKind.CREDIT_NOTE if invoiced else EntryKind.CANCELLATION
    _reduce(receivable, kind, open_amount(receivable_id), day)
    interest = open_interest(receivable_id)
    if interest:
        add_interest(receivable_id, -interest, day)
    receivable.cancelled_on = day


def take_back(receivable_id: str, amount: Money, day: date, kind: EntryKind, note: str = "") -> None:
    """Let a part of a receivable be owed no more, because it was cancelled (R12) or was tax that is not owed (R29).

    What is open of it sinks first, then what had been written off. As much of the rest as was paid becomes credit on
    account, the money that came last before the other; what banks had kept of it was nobody's money.
    """
    receivable = db.session.get_one(Receivable, receivable_id)
    _open_again(receivable, amount - open_amount(receivable_id), day)
    _reduce(receivable, kind, amount, day, note=note)


def _settled(receivable: Receivable) -> Money:
    """What of the principal was paid, or counts as paid, or was given up."""
    kinds = (EntryKind.WRITE_OFF, EntryKind.ALLOCATION, EntryKind.BANK_FEE)
    by_kind = [sum_on(receivable.id, Account.PRINCIPAL, kind) for kind in kinds]
    return -sum(by_kind, Money.zero(receivable.currency))


def _open_again(receivable: Receivable, amount: Money, day: date) -> None:
    """Let `amount` of the settled principal be open again, to be taken back: first what was given up, then what was
    paid, the newest money first, which becomes credit on account; last what the banks are said to have kept.
    """
    for kind in (EntryKind.WRITE_OFF, EntryKind.ALLOCATION, EntryKind.BANK_FEE):
        for transfer_id, settled in reversed(paid_by_transfer(receivable, Account.PRINCIPAL, kind).items()):
            part = min(settled, amount)
            if part.minor <= 0:
                continue
            if kind is EntryKind.ALLOCATION:
                _move(receivable, -part, day, transfer_id, Account.PRINCIPAL)
            else:
                _reduce(receivable, kind, -part, day, transfer_id=transfer_id)
            amount = amount - part


def _move(receivable: Receivable, amount: Money, day: date, transfer_id: int | None, account: Account) -> None:
    """Move `amount` from the credit on account to the receivable (back, if it is negative)."""
    kind, reseller_id = EntryKind.ALLOCATION, receivable.reseller_id
    _write(kind, account, reseller_id, -amount, day, receivable_id=receivable.id, transfer_id=transfer_id)
    _write(kind, Account.CREDIT, reseller_id, amount, day, transfer_id=transfer_id)


def _reduce(
    receivable: Receivable, kind: EntryKind, amount: Money, day: date, *, transfer_id: int | None = None, note: str = ""
) -> None:
    """Let `amount` of the principal be owed no more (again, if it is negative)."""
    if amount:
        _write(
            kind, Account.PRINCIPAL, receivable.reseller_id, -amount, day, receivable_id=receivable.id,
            transfer_id=transfer_id, note=note,
        )  # fmt: skip


def _write(
    kind: EntryKind,
    account: Account,
    reseller_id: int,
    amount: Money,
    day: date,
    *,
    receivable_id: str | None = None,
    transfer_id: int | None = None,
    note: str = "",
) -> LedgerEntry:
    entry = LedgerEntry(
        reseller_id=reseller_id,
        account=account,
        receivable_id=receivable_id,
        kind=kind,
        minor=amount.minor,
        currency=amount.currency,
        day=day,
        transfer_id=transfer_id,
        note=note,
    )
    db.session.add(entry)
    db.session.flush()
    if receivable_id is not None:
        _note_whether_open(receivable_id)
    return entry


def _note_whether_open(receivable_id: str) -> None:
    sums = select(LedgerEntry.account).where(LedgerEntry.receivable_id == receivable_id).group_by(LedgerEntry.account)
    is_open = sums.having(func.sum(LedgerEntry.minor) != 0).exists()
    db.session.execute(
        update(Receivable)
        .where(Receivable.id == receivable_id, Receivable.is_open != is_open)
        .values(is_open=is_open)
        .execution_options(synchronize_session=False)
    )
