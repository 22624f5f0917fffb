"""Find quotes: a page of them, or all for an export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, true, tuple_
from sqlalchemy.orm import aliased, defer

from dashboard.clock import today
from dashboard.extensions import db
from dashboard.orders.models import Order
from dashboard.quotes.models import Quote
from dashboard.quotes.rules import FILTERS, QuoteState, quote_state
from dashboard.searching import hold_words
from dashboard.web.cursors import cursor_after, place_of

#: Quotes that a page of a list shows, and that one export holds at the most.
PAGE = 40
MOST = 20_000

#: The first order that was placed from the quote at hand.
_ORDER_ID = (
    select(Order.id)
    .where(Order.quote_id == Quote.id)
    .order_by(Order.placed_at, Order.id)
    .limit(1)
    .correlate(Quote)
    .scalar_subquery()
)


@dataclass(frozen=True)
class Listed:
    """A quote with its state today and the order that it became."""

    quote: Quote
    state: QuoteState
    order_id: str | None


@dataclass(frozen=True)
class Page:
    """A page of a list, where the next one begins, and how many each of `FILTERS` finds."""

    rows: list[Listed]
    following: str | None
    counts: dict[str, int]


def state_of(quote: Quote, order_id: str | None) -> QuoteState:
    """The state of a quote today; `order_id` is that of the order that was placed from it."""
    return quote_state(
        issued=quote.issued_at is not None,
        ordered=order_id is not None,
        withdrawn=quote.withdrawn_at is not None,
        valid_until=quote.valid_until,
        today=today(),
    )


def list_quotes(*, of: int, search: str = "", state: str = "all", cursor: str = "") -> Page:
    """A page of a reseller's quotes, the newest first, with the counts of all states, in one statement.

    Args:
        search: words that all must occur: number, customer, e-mail, reference, SKU, maker; neither case nor
            the keyboard layout matter.
        state: one of `FILTERS`.
        cursor: where an earlier page said that the next one begins; nonsense is ignored.
    """
    conditions = _conditions(of, search)
    counted = select(*(func.count().filter(and_(true(), *_narrowed(name))).label(name) for name in FILTERS))
    query = select(Quote, _ORDER_ID.label("order_id")).where(*conditions, *_narrowed(state))
    if place := place_of(cursor):
        query = query.where(tuple_(Quote.created_at, Quote.id) < place)
    counts = counted.where(*conditions).subquery()
    part = query.order_by(Quote.created_at.desc(), Quote.id.desc()).limit(PAGE + 1).subquery()
    listed = aliased(Quote, part)
    whole = select(listed, part.c.order_id, *counts.c).select_from(counts.outerjoin(part, true()))
    whole = whole.options(*_unread(listed)).order_by(listed.created_at.desc(), listed.id.desc())
    rows = db.session.execute(whole).all()
    found = [_listed(row[0], row[1]) for row in rows if row[0] is not None]
    last = found[PAGE - 1].quote if len(found) > PAGE else None
    following = cursor_after(last.created_at, last.id) if last else None
    return Page(found[:PAGE], following, dict(zip(FILTERS, map(int, rows[0][2:]), strict=True)))


def all_quotes(*, of: int, search: str = "", state: str = "all", most: int = MOST) -> list[Listed]:
    """What the pages of `list_quotes` show together, so many at the most: for an export."""
    query = select(Quote, _ORDER_ID).options(*_unread(Quote)).where(*_conditions(of, search), *_narrowed(state))
    query = query.order_by(Quote.created_at.desc(), Quote.id.desc()).limit(most)
    return [_listed(*row) for row in db.session.execute(query)]


def _unread(listed: Any) -> list[Any]:
    """Columns that no list shows."""
    return [defer(listed.snapshot), defer(listed.terms), defer(listed.note)]


def _conditions(of: int, search: str) -> list[ColumnElement[bool]]:
    return [Quote.reseller_id == of, *hold_words(search, Quote.search_text)]


def _narrowed(state: str) -> list[ColumnElement[bool]]:
    """The conditions of a state, as `rules.quote_state` has them."""
    unordered = _ORDER_ID.is_(None)
    held = and_(unordered, Quote.withdrawn_at.is_(None))
    conditions: dict[str, list[ColumnElement[bool]]] = {
        QuoteState.DRAFT: [held, Quote.issued_at.is_(None)],
        QuoteState.ISSUED: [held, Quote.issued_at.is_not(None), Quote.valid_until >= today()],
        QuoteState.EXPIRED: [held, Quote.issued_at.is_not(None), Quote.valid_until < today()],
        QuoteState.WITHDRAWN: [unordered, Quote.withdrawn_at.is_not(None)],
        QuoteState.ORDERED: [_ORDER_ID.is_not(None)],
    }
    return conditions.get(state, [])


def _listed(quote: Quote, order_id: str | None) -> Listed:
    return Listed(quote, state_of(quote, order_id), order_id)
