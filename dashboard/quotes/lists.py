"""Find quotes: a page of them, or all for an export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Row, Select, and_, select, tuple_
from sqlalchemy.orm import defer

from dashboard.clock import today
from dashboard.extensions import db
from dashboard.orders.models import Order
from dashboard.quotes.models import Quote
from dashboard.quotes.rules import QuoteState, quote_state

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
    """A page of a list, and where the next one begins."""

    rows: list[Listed]
    following: str | None


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
    """A page of a reseller's quotes, the newest first, in one statement.

    Args:
        search: words that all must occur: number, customer, e-mail, reference, SKU, maker; case does not matter.
        state: one of `FILTERS`.
        cursor: where an earlier page said that the next one begins; nonsense is ignored.
    """
    query = _wanted(of, search, state)
    if place := _place(cursor):
        query = query.where(tuple_(Quote.created_at, Quote.id) < place)
    found = [_listed(row) for row in db.session.execute(query.limit(PAGE + 1))]
    more = len(found) > PAGE
    last = found[PAGE - 1].quote if more else None
    return Page(found[:PAGE], f"{last.created_at.isoformat()}~{last.id}" if last else None)


def all_quotes(*, of: int, search: str = "", state: str = "all", most: int = MOST) -> list[Listed]:
    """What the pages of `list_quotes` show together, so many at the most: for an export."""
    return [_listed(row) for row in db.session.execute(_wanted(of, search, state).limit(most))]


def _wanted(of: int, search: str, state: str) -> Select[Quote, str | None]:
    query = select(Quote, _ORDER_ID).options(defer(Quote.snapshot), defer(Quote.terms), defer(Quote.note))
    query = query.where(Quote.reseller_id == of, *_narrowed(state))
    for word in search.casefold().split()[:8]:
        query = query.where(Quote.search_text.contains(word, autoescape=True))
    return query.order_by(Quote.created_at.desc(), Quote.id.desc())


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


def _listed(row: Row[Quote, str | None]) -> Listed:
    quote, order_id = row
    return Listed(quote, state_of(quote, order_id), order_id)


def _place(cursor: str) -> tuple[datetime, str] | None:
    at, _, quote_id = cursor.partition("~")
    try:
        return datetime.fromisoformat(at).astimezone(UTC), quote_id
    except (ValueError, OverflowError):
        return None
