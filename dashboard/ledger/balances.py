"""Read from the entries what is open, overdue, paid and on account. Every figure is a sum of entries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, select

from dashboard.extensions import db
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.ledger.rules import Account, EntryKind, OpenItem
from dashboard.money import Money
from dashboard.resellers.models import Reseller

#: Which receivables can be one of the paid orders of R14: an order, or one from before this program.
_IS_ORDER = and_(Receivable.kind != EntryKind.SUPPLEMENT, Receivable.cancelled_on.is_(None))


def open_amount(receivable_id: str) -> Money:
    """What is still to be paid on an order: principal, without interest."""
    return open_on(receivable_id, Account.PRINCIPAL)


def open_interest(receivable_id: str) -> Money:
    """Interest that was booked on an order and is not paid."""
    return open_on(receivable_id, Account.INTEREST)


def open_on(receivable_id: str, account: Account) -> Money:
    """What is open in one of the two sums of a receivable."""
    return _sum(receivable_id, LedgerEntry.account == account)


def open_amounts(receivable_ids: Sequence[str]) -> dict[str, Money]:
    """What is still to be paid on each of these orders, in one statement."""
    found = db.session.execute(
        select(LedgerEntry.receivable_id, LedgerEntry.currency, func.sum(LedgerEntry.minor))
        .where(LedgerEntry.receivable_id.in_(receivable_ids), LedgerEntry.account == Account.PRINCIPAL)
        .group_by(LedgerEntry.receivable_id, LedgerEntry.currency)
    )
    return {one: Money(int(total), currency) for one, currency, total in found if one}


def paid_amount(receivable_id: str) -> Money:
    """What was allocated to the principal of an order."""
    return -sum_on(receivable_id, Account.PRINCIPAL, EntryKind.ALLOCATION)


def sum_on(receivable_id: str, account: Account, kind: EntryKind) -> Money:
    """The sum of the entries of one kind on a receivable."""
    return _sum(receivable_id, and_(LedgerEntry.account == account, LedgerEntry.kind == kind))


def paid_by_transfer(
    receivable: Receivable, account: Account, kind: EntryKind = EntryKind.ALLOCATION
) -> dict[int | None, Money]:
    """What each transfer has paid of a receivable; with another `kind`, what such entries took away because of it."""
    found = db.session.execute(
        select(LedgerEntry.transfer_id, func.sum(LedgerEntry.minor))
        .where(
            LedgerEntry.receivable_id == receivable.id,
            LedgerEntry.account == account,
            LedgerEntry.kind == kind,
        )
        .group_by(LedgerEntry.transfer_id)
        .having(func.sum(LedgerEntry.minor) != 0)
        .order_by(LedgerEntry.transfer_id)
    )
    return {transfer_id: Money(-int(total), receivable.currency) for transfer_id, total in found}


def open_items(reseller_id: int, currency: str, *, until: date | None = None) -> list[OpenItem]:
    """Every receivable of a reseller on which principal or interest is open, the oldest first, in one statement.

    Args:
        until: the last day whose entries count: so it was on the evening of that day.
    """
    principal, interest = (_sum_of(LedgerEntry.account == account) for account in (Account.PRINCIPAL, Account.INTEREST))
    name = func.coalesce(Receivable.number, Receivable.order_id, Receivable.id)
    counts = case((and_(_IS_ORDER, _sum_of(LedgerEntry.kind == EntryKind.WRITE_OFF) == 0), 1), else_=0)
    query = (
        select(Receivable.id, Receivable.placed_on, Receivable.due_on, principal, interest, name, counts)
        .join(LedgerEntry, LedgerEntry.receivable_id == Receivable.id)
        .where(Receivable.reseller_id == reseller_id, Receivable.currency == currency)
        .group_by(Receivable.id)
        .having((principal != 0) | (interest != 0))
        .order_by(Receivable.placed_on, Receivable.id)
    )
    query = query.where(Receivable.is_open if until is None else LedgerEntry.day <= until)
    return [
        OpenItem(id_, placed_on, due_on, Money(int(owed), currency), Money(int(late), currency), called, bool(counted))
        for id_, placed_on, due_on, owed, late, called, counted in db.session.execute(query)
    ]


@dataclass(frozen=True)
class Debt:
    """What a reseller owed before this program, under the number that both sides know, and what of it is still open."""

    id: str
    number: str
    reference: str
    placed_on: date
    due_on: date
    amount: Money
    open: Money


def debts_of(reseller_id: int) -> list[Debt]:
    """All debts from before this program, paid ones too, those due first before the others; one statement."""
    opening = func.sum(LedgerEntry.minor).filter(LedgerEntry.kind == EntryKind.OPENING)
    found = db.session.execute(
        select(Receivable, opening, func.sum(LedgerEntry.minor))
        .join(LedgerEntry, LedgerEntry.receivable_id == Receivable.id)
        .where(
            Receivable.reseller_id == reseller_id,
            Receivable.kind == EntryKind.OPENING,
            LedgerEntry.account == Account.PRINCIPAL,
        )
        .group_by(Receivable.id)
        .order_by(Receivable.due_on, Receivable.number)
    )
    return [
        Debt(
            row.id, row.number or "", row.reference, row.placed_on, row.due_on or row.placed_on,
            Money(int(amount), row.currency), Money(int(rest), row.currency),
        )
        for row, amount, rest in found
    ]  # fmt: skip


def debtors() -> list[int]:
    """Ids of the resellers that owe anything on credit, due or not, or interest (R17); in one statement."""
    owing = (
        select(Receivable.id, Receivable.reseller_id)
        .join(LedgerEntry, LedgerEntry.receivable_id == Receivable.id)
        .where(Receivable.is_open, Receivable.due_on.is_not(None) | (LedgerEntry.account == Account.INTEREST))
        .group_by(Receivable.id, Receivable.reseller_id)
        .having(func.sum(LedgerEntry.minor) > 0)
        .subquery()
    )
    return list(db.session.scalars(select(owing.c.reseller_id).distinct().order_by(owing.c.reseller_id)))


def open_in_all(receivable_ids: Sequence[str], currency: str) -> Money:
    """What is open on these receivables together, with interest."""
    total = db.session.scalar(select(func.sum(LedgerEntry.minor)).where(LedgerEntry.receivable_id.in_(receivable_ids)))
    return Money(int(total or 0), currency)


def find_receivables(receivable_ids: Collection[str]) -> list[Receivable]:
    """The receivables of these IDs, the oldest first."""
    query = select(Receivable).where(Receivable.id.in_(receivable_ids)).order_by(Receivable.placed_on, Receivable.id)
    return list(db.session.scalars(query)) if receivable_ids else []


def transfers_of(receivable_id: str) -> list[int]:
    """The transfers whose money has paid something of a receivable, also those that were undone."""
    query = select(LedgerEntry.transfer_id).where(
        LedgerEntry.receivable_id == receivable_id, LedgerEntry.transfer_id.is_not(None)
    )
    return sorted({one for one in db.session.scalars(query.distinct()) if one is not None})


def supplements_of(order_id: str) -> list[Receivable]:
    """What the supplementary invoices of an order have to bring in, in their order."""
    query = select(Receivable).where(Receivable.order_id == order_id, Receivable.kind == EntryKind.SUPPLEMENT)
    return list(db.session.scalars(query.order_by(Receivable.placed_on, Receivable.id)))


def open_supplements(reseller_id: int) -> list[tuple[Receivable, Money]]:
    """A reseller's supplementary invoices of which something is open, with how much, those due first before the others;
    one statement.
    """
    found = db.session.execute(
        select(Receivable, func.sum(LedgerEntry.minor))
        .join(LedgerEntry, LedgerEntry.receivable_id == Receivable.id)
        .where(
            Receivable.reseller_id == reseller_id,
            Receivable.kind == EntryKind.SUPPLEMENT,
            Receivable.is_open,
            LedgerEntry.account == Account.PRINCIPAL,
        )
        .group_by(Receivable.id)
        .having(func.sum(LedgerEntry.minor) > 0)
        .order_by(Receivable.due_on, Receivable.id)
    )
    return [(one, Money(int(rest), one.currency)) for one, rest in found]


def newest_entry(reseller_id: int) -> int:
    """The id of a reseller's last entry: as long as it stays, nothing has moved. 0 if there is none."""
    return db.session.scalar(select(func.max(LedgerEntry.id)).where(LedgerEntry.reseller_id == reseller_id)) or 0


def entries_on(receivable_id: str) -> list[LedgerEntry]:
    """The entries of one receivable, in the order of their days."""
    query = select(LedgerEntry).where(LedgerEntry.receivable_id == receivable_id)
    return list(db.session.scalars(query.order_by(LedgerEntry.day, LedgerEntry.id)))


def entries_from(transfer_id: int) -> list[LedgerEntry]:
    """What became of a transfer's money, in the order in which it was written."""
    query = select(LedgerEntry).where(LedgerEntry.transfer_id == transfer_id).order_by(LedgerEntry.id)
    return list(db.session.scalars(query))


def credit_on_account(reseller_id: int, currency: str) -> Money:
    """Money of a reseller that pays nothing yet."""
    return sum(credit_by_transfer(reseller_id, currency).values(), Money.zero(currency))


def credit_by_transfer(reseller_id: int, currency: str, *, until: date | None = None) -> dict[int | None, Money]:
    """The same by the transfers that brought it, the first to come first; with `until` only those that came by then."""
    first = func.min(LedgerEntry.day)
    query = (
        select(LedgerEntry.transfer_id, func.sum(LedgerEntry.minor))
        .where(
            LedgerEntry.reseller_id == reseller_id,
            LedgerEntry.account == Account.CREDIT,
            LedgerEntry.currency == currency,
        )
        .group_by(LedgerEntry.transfer_id)
        .having(func.sum(LedgerEntry.minor) != 0)
        .order_by(first, LedgerEntry.transfer_id)
    )
    found = db.session.execute(query if until is None else query.having(first <= until))
    return {transfer_id: Money(-int(total), currency) for transfer_id, total in found}


def is_settled(reseller_id: int) -> bool:
    """Whether nothing is open on any order and nothing is on account, so that the currency may change (R4)."""
    unsettled = (
        select(LedgerEntry.receivable_id)
        .where(LedgerEntry.reseller_id == reseller_id)
        .group_by(LedgerEntry.receivable_id, LedgerEntry.account, LedgerEntry.currency)
        .having(func.sum(LedgerEntry.minor) != 0)
    )
    return db.session.scalar(select(func.count()).select_from(unsettled.subquery())) == 0


def owed_by_each() -> ScalarSelect[int]:
    """What a reseller owes now on credit, due or not, and in interest, in minor units of its currency: a part of the
    statement of a list of resellers.
    """
    owing = Receivable.due_on.is_not(None) | (LedgerEntry.account == Account.INTEREST)
    total = select(func.coalesce(func.sum(LedgerEntry.minor), 0)).select_from(Receivable)
    total = total.join(LedgerEntry, LedgerEntry.receivable_id == Receivable.id)
    return (
        total.where(Receivable.reseller_id == Reseller.id, Receivable.is_open, owing)
        .correlate(Reseller)
        .scalar_subquery()
    )


def overdue(reseller: Reseller, on: date) -> Money:
    """Principal of credit orders that is past its due date (R15)."""
    return _principal(reseller, Receivable.due_on < on)


def not_due_yet(reseller: Reseller, on: date) -> Money:
    """Principal of credit orders whose due date is still to come."""
    return _principal(reseller, Receivable.due_on >= on)


def interest_owed(reseller: Reseller) -> Money:
    """Interest that was booked and is not paid; it alone takes no credit away (R15)."""
    total = db.session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.minor), 0)).where(
            LedgerEntry.reseller_id == reseller.id, LedgerEntry.account == Account.INTEREST
        )
    )
    return Money(int(total or 0), reseller.currency)


def paid_orders(reseller_id: int) -> int:
    """How many orders are paid in full and not cancelled (R14); one that was cancelled in part counts by its rest."""
    paid = (
        select(Receivable.id)
        .join(LedgerEntry, LedgerEntry.receivable_id == Receivable.id)
        .where(
            Receivable.reseller_id == reseller_id,
            _IS_ORDER,
            LedgerEntry.account == Account.PRINCIPAL,
        )
        .group_by(Receivable.id)
        .having(func.sum(LedgerEntry.minor) <= 0, _sum_of(LedgerEntry.kind == EntryKind.WRITE_OFF) == 0)
    )
    return db.session.scalar(select(func.count()).select_from(paid.subquery())) or 0


def _principal(reseller: Reseller, which: ColumnElement[bool]) -> Money:
    total = db.session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.minor), 0))
        .join(Receivable, Receivable.id == LedgerEntry.receivable_id)
        .where(Receivable.reseller_id == reseller.id, Receivable.is_open, which)
        .where(LedgerEntry.account == Account.PRINCIPAL)
    )
    return Money(int(total or 0), reseller.currency)


def _sum_of(which: ColumnElement[bool]) -> ColumnElement[int]:
    """The sum of those entries of a group."""
    return func.coalesce(func.sum(case((which, LedgerEntry.minor), else_=0)), 0)


def _sum(receivable_id: str, which: ColumnElement[bool]) -> Money:
    currency, total = db.session.execute(
        select(Receivable.currency, func.coalesce(func.sum(LedgerEntry.minor), 0))
        .outerjoin(LedgerEntry, (LedgerEntry.receivable_id == Receivable.id) & which)
        .where(Receivable.id == receivable_id)
        .group_by(Receivable.currency)
    ).one()
    return Money(int(total), currency)
