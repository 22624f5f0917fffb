"""Write entries, and read from them what is open, overdue and on account. Every figure is a sum of entries.

Whoever writes holds the lock on the reseller's row (`resellers.service.get_reseller(lock=True)`), so that entries of
one reseller are written one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, select

from dashboard.config import current_settings
from dashboard.errors import N_, Refused
from dashboard.extensions import db
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.ledger.references import new_order_id, order_reference
from dashboard.ledger.rules import EntryKind, Terms, TermsDecision, due_on, terms_for
from dashboard.money import Money
from dashboard.resellers.models import Reseller


def open_receivable(order_id: str, reseller_id: int, total: Money, terms: Terms, placed_on: date) -> Receivable:
    """What a new order has to bring in: its reference (R19), its due date (R14) and its first entry."""
    receivable = Receivable(
        order_id=order_id,
        reseller_id=reseller_id,
        reference=order_reference(order_id),
        currency=total.currency,
        terms=terms,
        placed_on=placed_on,
        due_on=due_on(terms, placed_on, current_settings().credit_days),
    )
    db.session.add(receivable)
    db.session.flush()
    _write(EntryKind.ORDER, reseller_id, total, placed_on, order_id=order_id)
    return receivable


@dataclass(frozen=True)
class Debt:
    """What a reseller owed before this program, under the number that both sides know, and what of it is still open."""

    order_id: str
    number: str
    reference: str
    placed_on: date
    due_on: date
    amount: Money
    open: Money


def open_debt(reseller_id: int, number: str, amount: Money, *, placed_on: date, due_on: date) -> Receivable:
    """Book a debt from before this program: from now on it is owed, and overdue, like a credit order (R15).

    It bears no interest of its own: what was agreed about that is not known here. `number` is booked once a reseller.
    """
    order_id = free_order_id()
    receivable = Receivable(
        order_id=order_id,
        reseller_id=reseller_id,
        reference=order_reference(order_id),
        currency=amount.currency,
        terms=Terms.NET30,
        placed_on=placed_on,
        due_on=due_on,
        number=number,
    )
    db.session.add(receivable)
    db.session.flush()
    _write(EntryKind.OPENING, reseller_id, amount, placed_on, order_id=order_id, note=number)
    return receivable


def debts_of(reseller_id: int) -> list[Debt]:
    """All debts from before this program, paid ones too, those due first before the others; one statement."""
    opening = func.sum(LedgerEntry.minor).filter(LedgerEntry.kind == EntryKind.OPENING)
    found = db.session.execute(
        select(Receivable, opening, func.sum(LedgerEntry.minor))
        .join(LedgerEntry, LedgerEntry.order_id == Receivable.order_id)
        .where(Receivable.reseller_id == reseller_id, Receivable.number.is_not(None))
        .group_by(Receivable.order_id)
        .order_by(Receivable.due_on, Receivable.number)
    )
    return [
        Debt(
            row.order_id, row.number or "", row.reference, row.placed_on, row.due_on or row.placed_on,
            Money(int(amount), row.currency), Money(int(rest), row.currency),
        )
        for row, amount, rest in found
    ]  # fmt: skip


def free_order_id() -> str:
    """An order ID that is not taken: every order, and every debt, has its receivable (R9)."""
    while True:
        order_id = new_order_id()
        if db.session.scalar(select(Receivable.order_id).where(Receivable.order_id == order_id)) is None:
            return order_id


def receive(reseller_id: int, amount: Money, day: date, transfer_id: int) -> None:
    """A transfer came in: credit on account until it is allocated."""
    _write(EntryKind.TRANSFER, reseller_id, -amount, day, transfer_id=transfer_id)


def allocate(order_id: str, amount: Money, day: date, transfer_id: int | None) -> None:
    """Pay `amount` of an order from the credit on account: a pair of entries whose sum is nothing.

    Raises:
        Refused: if that is more than what is open on the order, or than what is on account.
    """
    receivable = db.session.get_one(Receivable, order_id)
    if amount > open_amount(order_id) or amount > credit_on_account(receivable.reseller_id, amount.currency):
        raise Refused(N_("That is more than what is open."))
    _move(receivable, amount, day, transfer_id)


def cancel(order_id: str, day: date, *, invoiced: bool) -> None:
    """Take an order back: what was paid on it becomes credit on account, the rest is owed no more (R12)."""
    receivable = db.session.get_one(Receivable, order_id)
    paid = paid_amount(order_id)
    if paid:
        _move(receivable, -paid, day, None)
    kind = EntryKind.CREDIT_NOTE if invoiced else EntryKind.CANCELLATION
    still_open = open_amount(order_id)
    if still_open:
        _write(kind, receivable.reseller_id, -still_open, day, order_id=order_id)
    receivable.cancelled_on = day


def open_amount(order_id: str) -> Money:
    """What is still to be paid on an order."""
    return _sum(order_id, LedgerEntry.order_id == order_id)


def open_amounts(order_ids: Sequence[str]) -> dict[str, Money]:
    """What is still to be paid on each of these orders, in one statement."""
    found = db.session.execute(
        select(LedgerEntry.order_id, LedgerEntry.currency, func.sum(LedgerEntry.minor))
        .where(LedgerEntry.order_id.in_(order_ids))
        .group_by(LedgerEntry.order_id, LedgerEntry.currency)
    )
    return {order_id: Money(int(total), currency) for order_id, currency, total in found if order_id}


def paid_amount(order_id: str) -> Money:
    """What was allocated to an order."""
    return -_sum(order_id, LedgerEntry.order_id == order_id, LedgerEntry.kind == EntryKind.ALLOCATION)


def credit_on_account(reseller_id: int, currency: str) -> Money:
    """Money of a reseller that pays nothing yet."""
    total = db.session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.minor), 0)).where(
            LedgerEntry.reseller_id == reseller_id,
            LedgerEntry.order_id.is_(None),
            LedgerEntry.currency == currency,
        )
    )
    return Money(-int(total or 0), currency)


def is_settled(reseller_id: int) -> bool:
    """Whether nothing is open on any order and nothing is on account, so that the currency may change (R4)."""
    unsettled = (
        select(LedgerEntry.order_id)
        .where(LedgerEntry.reseller_id == reseller_id)
        .group_by(LedgerEntry.order_id, LedgerEntry.currency)
        .having(func.sum(LedgerEntry.minor) != 0)
    )
    return db.session.scalar(select(func.count()).select_from(unsettled.subquery())) == 0


def overdue(reseller: Reseller, on: date) -> Money:
    """Principal of credit orders that is past its due date (R15)."""
    return _principal(reseller, Receivable.due_on < on)


def not_due_yet(reseller: Reseller, on: date) -> Money:
    """Principal of credit orders whose due date is still to come."""
    return _principal(reseller, Receivable.due_on >= on)


def paid_orders(reseller_id: int) -> int:
    """How many orders are paid in full and not cancelled (R14)."""
    paid = (
        select(Receivable.order_id)
        .join(LedgerEntry, LedgerEntry.order_id == Receivable.order_id)
        .where(Receivable.reseller_id == reseller_id, Receivable.cancelled_on.is_(None))
        .group_by(Receivable.order_id)
        .having(func.sum(LedgerEntry.minor) <= 0)
    )
    return db.session.scalar(select(func.count()).select_from(paid.subquery())) or 0


def terms_now(reseller: Reseller, on: date) -> TermsDecision:
    """The terms of an order that this reseller would place now, and why (R14, R15)."""
    return terms_for(
        paid_orders=paid_orders(reseller.id),
        needed=current_settings().established_after,
        by_staff=reseller.established_by_staff,
        overdue=overdue(reseller, on),
        on_hold=reseller.on_hold,
    )


def _principal(reseller: Reseller, which: ColumnElement[bool]) -> Money:
    total = db.session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.minor), 0))
        .join(Receivable, Receivable.order_id == LedgerEntry.order_id)
        .where(Receivable.reseller_id == reseller.id, which)
    )
    return Money(int(total or 0), reseller.currency)


def _move(receivable: Receivable, amount: Money, day: date, transfer_id: int | None) -> None:
    """Move `amount` from the credit on account to the order (back, if it is negative)."""
    for part, order_id in ((-amount, receivable.order_id), (amount, None)):
        _write(EntryKind.ALLOCATION, receivable.reseller_id, part, day, order_id=order_id, transfer_id=transfer_id)


def _write(
    kind: EntryKind,
    reseller_id: int,
    amount: Money,
    day: date,
    *,
    order_id: str | None = None,
    transfer_id: int | None = None,
    note: str = "",
) -> None:
    db.session.add(
        LedgerEntry(
            reseller_id=reseller_id,
            order_id=order_id,
            kind=kind,
            minor=amount.minor,
            currency=amount.currency,
            day=day,
            transfer_id=transfer_id,
            note=note,
        )
    )
    db.session.flush()


def _sum(order_id: str, *which: ColumnElement[bool]) -> Money:
    currency, total = db.session.execute(
        select(Receivable.currency, func.coalesce(func.sum(LedgerEntry.minor), 0))
        .outerjoin(LedgerEntry, (LedgerEntry.order_id == Receivable.order_id) & and_(*which))
        .where(Receivable.order_id == order_id)
        .group_by(Receivable.currency)
    ).one()
    return Money(int(total), currency)
