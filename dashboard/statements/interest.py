"""Book interest on what is overdue, and correct it when money turns out to have come earlier (R16).

Whoever calls holds the lock on the reseller's row.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select

from dashboard.extensions import db
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.models import Receivable
from dashboard.ledger.rules import Account
from dashboard.money import Money
from dashboard.statements.models import InterestEntry
from dashboard.statements.rules import Movement, Piece, Span, interest, pieces


def book(receivable_id: str, until: date, on: date) -> Money:
    """Book the interest of an order up to a day; what was booked before is corrected, if need be.

    Args:
        until: the last day that bears interest: that of the statement, or that on which the order was paid; on it the
            interest is owed, so that the same money can pay it.
        on: the day on which this is booked: from then on corrections count.

    Returns:
        what was added, which may be negative.
    """
    receivable = db.session.get_one(Receivable, receivable_id)
    added = correct(receivable_id, on)
    if receivable.due_on is None or receivable.cancelled_on is not None:
        return added
    booked_until = db.session.scalar(
        select(func.max(InterestEntry.until)).where(InterestEntry.receivable_id == receivable_id)
    )
    span = Span(max(receivable.due_on, booked_until or receivable.due_on), until)
    found = list(pieces(_movements(receivable), span))
    return added + _add(receivable, span, found, interest(found, receivable.interest_rate), until)


def correct(receivable_id: str, on: date) -> Money:
    """Bring the interest that was booked to what it should be by all that is known now; what was added."""
    receivable = db.session.get_one(Receivable, receivable_id)
    added = Money.zero(receivable.currency)
    if receivable.cancelled_on is not None:
        return added
    movements = _movements(receivable)
    for span, booked in _spans(receivable_id).items():
        found = list(pieces(movements, span))
        difference = interest(found, receivable.interest_rate) - booked
        if difference:
            added += _add(receivable, span, found, difference, on)
    if balances.open_interest(receivable_id).minor < 0:
        ledger.return_interest(receivable_id, on)
    return added


def entries_of(receivable_id: str) -> list[InterestEntry]:
    """How the interest of an order came about, in the order in which it was booked."""
    query = select(InterestEntry).where(InterestEntry.receivable_id == receivable_id).order_by(InterestEntry.id)
    return list(db.session.scalars(query))


def entries_behind(ledger_entry_ids: Collection[int]) -> dict[int, InterestEntry]:
    """How the interest of these entries of the ledger came about."""
    if not ledger_entry_ids:
        return {}
    query = select(InterestEntry).where(InterestEntry.ledger_entry_id.in_(ledger_entry_ids))
    return {one.ledger_entry_id: one for one in db.session.scalars(query) if one.ledger_entry_id is not None}


def accrued(receivable_id: str, until: date) -> Money:
    """The interest of an order up to a day that is not booked yet; nothing is written."""
    receivable = db.session.get_one(Receivable, receivable_id)
    if receivable.due_on is None or receivable.cancelled_on is not None:
        return Money.zero(receivable.currency)
    span = Span(max([receivable.due_on, *(span.until for span in _spans(receivable_id))]), until)
    found = pieces(_movements(receivable), span)
    return Money(interest(found, receivable.interest_rate), receivable.currency)


def _spans(receivable_id: str) -> dict[Span, int]:
    """The spans for which interest was booked, and how much."""
    query = (
        select(InterestEntry.after, InterestEntry.until, func.sum(InterestEntry.minor))
        .where(InterestEntry.receivable_id == receivable_id)
        .group_by(InterestEntry.after, InterestEntry.until)
        .order_by(InterestEntry.after)
    )
    return {Span(after, until): int(minor) for after, until, minor in db.session.execute(query)}


def _movements(receivable: Receivable) -> list[Movement]:
    return [
        Movement(entry.day, Money(entry.minor, entry.currency))
        for entry in balances.entries_on(receivable.id)
        if entry.account == Account.PRINCIPAL
    ]


def _add(receivable: Receivable, span: Span, found: list[Piece], minor: int, on: date) -> Money:
    """Write down what a span bears: also that it bears nothing, so that it is not looked at again."""
    amount = Money(minor, receivable.currency)
    if span.until <= span.after:
        return amount
    entry = ledger.add_interest(receivable.id, amount, on)
    db.session.add(
        InterestEntry(
            receivable_id=receivable.id,
            ledger_entry_id=entry.id if entry else None,
            after=span.after,
            until=span.until,
            rate=receivable.interest_rate,
            pieces=[[piece.base.minor, piece.days] for piece in found],
            minor=minor,
            currency=receivable.currency,
        )
    )
    db.session.flush()
    return amount
