"""Find orders: one, or a page of them; and what the next one would be: prepaid or on credit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    extract,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import defer, joinedload, selectinload

from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.extensions import db, get_row, locking
from dashboard.ledger import balances
from dashboard.ledger.references import find_references
from dashboard.ledger.rules import CreditDecision, CreditFacts, OpenItem, decide_credit
from dashboard.money import Money
from dashboard.orders.models import UNFINISHED, Order
from dashboard.orders.rules import TABS, LicenseState, PaymentState, Wanted, first_of_month, payment_state
from dashboard.resellers.models import Reseller
from dashboard.searching import hold_words
from dashboard.web.cursors import cursor_after, place_of

#: Orders that a page of a list shows.
PAGE = 40

#: Up to how many orders a tab counts: to count a hundred thousand takes long, and helps nobody.
COUNTED = 1_000

#: Orders that one export holds at the most.
MOST = 20_000

#: What a list needs not know of an order.
_UNSEEN = tuple(map(defer, (Order.billing_address, Order.shipping_address, Order.correction, Order.note)))

#: Brings `order.reseller.name` along in the same statement, for lists over many companies.
WITH_RESELLER_NAME = joinedload(Order.reseller, innerjoin=True).load_only(Reseller.name, raiseload=True)


def get_order(order_id: str, *, of: int | None = None, lock: bool = False) -> Order:
    """An order with its lines; with `of`, only if it is that reseller's.

    Args:
        lock: hold the row until the transaction ends, and read it anew: for whoever changes it.

    Raises:
        NotFound: if there is none, or it is another reseller's (R26).
    """
    query = select(Order).where(Order.id == order_id).options(selectinload(Order.lines))
    if of is not None:
        query = query.where(Order.reseller_id == of)
    return get_row(query, lock=lock)


def find_orders(order_ids: Collection[str]) -> list[Order]:
    """Those of the IDs that are orders, with their lines, in the order of the IDs."""
    if not order_ids:
        return []
    query = select(Order).where(Order.id.in_(order_ids)).options(selectinload(Order.lines))
    found = {order.id: order for order in db.session.scalars(query)}
    return [found[order_id] for order_id in order_ids if order_id in found]


def invoice_numbers(order_ids: Collection[str]) -> dict[str, str]:
    """The numbers of the invoices of those of the IDs that are orders with one, in one statement."""
    query = select(Order.id, Order.invoice_number).where(Order.id.in_(order_ids), Order.invoice_number != "")
    return {row.id: row.invoice_number for row in db.session.execute(query)} if order_ids else {}


def find_by_submit_key(reseller_id: int, submit_key: str) -> Order | None:
    """The order that was placed under this key before, if any (R10)."""
    return db.session.scalar(
        select(Order)
        .where(Order.reseller_id == reseller_id, Order.submit_key == submit_key)
        .options(selectinload(Order.lines))
    )


def exempted_by(certificate_id: int, *, lock: bool = True) -> list[Order]:
    """The orders that were placed under an exemption certificate and not cancelled, the oldest first.

    Args:
        lock: hold their rows until the transaction ends, and read them anew: for whoever changes them.
    """
    return _living(Order.exemption_id == certificate_id, lock=lock)


def taxed_in(reseller_id: int, places: Collection[str], first: date, last: date) -> list[Order]:
    """A reseller's orders from `first` to `last` at the rate of one of the places, not cancelled, locked."""
    days = Order.placed_on.between(first, last)
    return _living(Order.reseller_id == reseller_id, Order.tax_place.in_(places), days, lock=True)


def _living(*conditions: ColumnElement[bool], lock: bool) -> list[Order]:
    query = select(Order).where(*conditions, Order.cancelled_at.is_(None)).options(selectinload(Order.lines))
    return list(db.session.scalars(locking(query, lock=lock).order_by(Order.placed_at, Order.id)))


def state_of(order: Order, on: date | None = None) -> PaymentState:
    """The payment state of an order today, or on another day as far as the same facts go."""
    return payment_state(
        cancelled=order.cancelled_at is not None,
        paid=order.paid_on is not None,
        due_on=order.due_on,
        valid_until=order.valid_until,
        today=on or today(),
    )


@dataclass(frozen=True)
class Page:
    """A page of a list, and where the next one begins."""

    orders: list[Order]
    following: str | None


@dataclass(frozen=True)
class CountedPage(Page):
    """A page of a list with what each tab would show of the same search and filters; where more than `COUNTED` fit, a
    tab only tells that it holds more than that.
    """

    counts: dict[str, int]
    is_capped: bool


def list_orders(
    *, of: int | None, search: str = "", state: str = "", cursor: str = "", oldest_first: bool = False
) -> Page:
    """A page of orders in one statement: of one reseller, or of all, with their resellers' names, for staff.

    Args:
        of: the reseller; None for all.
        search: as in `count_and_list`.
        state: one of `PAYMENTS`; anything else is all.
        cursor: where an earlier page said that the next one begins; nonsense is ignored.
        oldest_first: by date upwards, instead of downwards.
    """
    query = _shown(of).where(*_conditions(of, Wanted(search, payment=state)), *_after(cursor, oldest_first))
    return Page(*_cut(list(db.session.scalars(query.order_by(*_by_date(oldest_first)).limit(PAGE + 1)))))


def count_and_list(wanted: Wanted, *, of: int | None, cursor: str = "", oldest_first: bool = False) -> CountedPage:
    """A page of orders as `list_orders` gives it, with the counts of all tabs, in one statement.

    Args:
        wanted: of its search, all words must occur: number, customer, e-mail, PO number, SKU, product; case does not
            matter, nor on which keyboard they were typed. Or it holds payment references, as a bank's statement
            prints them.
    """
    conditions, tabs = _conditions(of, wanted), _tabs(today(), by_staff=of is None)
    marks = (condition.label(f"in_{name}") for name, condition in tabs.items())
    fitting = select(Order.id, Order.placed_at, *marks).where(*conditions).limit(COUNTED + 1).cte("fitting")
    is_whole = select(func.count() <= COUNTED).select_from(fitting).scalar_subquery()
    counts = select(
        is_whole.label("is_whole"),
        *(_counted(is_whole, fitting.c[f"in_{name}"], and_(*conditions, tabs[name])).label(name) for name in TABS),
    ).subquery()
    after, by_date = partial(_after, cursor, oldest_first), partial(_by_date, oldest_first)
    few = select(fitting.c.id, fitting.c.placed_at).where(is_whole, fitting.c[f"in_{wanted.tab}"], *after(fitting.c))
    many = select(Order.id, Order.placed_at).where(not_(is_whole), *conditions, tabs[wanted.tab], *after(Order))
    many = select(many.order_by(*by_date(Order)).limit(PAGE + 1).subquery())
    either = union_all(few, many).subquery()
    part_of_page = select(either.c.id).order_by(*by_date(either.c)).limit(PAGE + 1).subquery()
    rows = counts.outerjoin(part_of_page, true()).outerjoin(Order, Order.id == part_of_page.c.id)
    query = select(Order, *counts.c).select_from(rows).options(*_UNSEEN)
    if of is None:
        query = query.options(joinedload(Order.reseller).load_only(Reseller.name, raiseload=True))
    found = db.session.execute(query.order_by(*by_date(Order))).all()
    shown = [row[0] for row in found if row[0] is not None]
    return CountedPage(*_cut(shown), dict(zip(TABS, map(int, found[0][2:]), strict=True)), not found[0][1])


def all_orders(wanted: Wanted, *, of: int | None, oldest_first: bool = False, most: int = MOST) -> list[Order]:
    """What the pages of `count_and_list` show together, so many at the most: for an export (R24)."""
    query = _shown(of).where(*_conditions(of, wanted), _tabs(today(), by_staff=of is None)[wanted.tab])
    return list(db.session.scalars(query.order_by(*_by_date(oldest_first)).limit(most)))


def _shown(of: int | None) -> Select[Order]:
    query = select(Order).options(*_UNSEEN)
    return query.options(WITH_RESELLER_NAME) if of is None else query


def _conditions(of: int | None, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Everything that narrows a list but the tab."""
    conditions = [*_narrowed(wanted.payment, today())]
    if of is not None:
        conditions.append(Order.reseller_id == of)
    if wanted.reseller is not None:
        conditions.append(Order.reseller_id == wanted.reseller)
    if wanted.license:
        conditions.append(Order.license_state == wanted.license)
    if wanted.since:
        conditions.append(Order.placed_on >= wanted.since)
    if wanted.until:
        conditions.append(Order.placed_on <= wanted.until)
    if references := find_references(wanted.search):
        return [*conditions, Order.reference.in_(references)]
    return [*conditions, *hold_words(wanted.search, Order.search_text)]


def _counted(is_whole: Any, mark: ColumnElement[bool], condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many orders a tab holds: of the few that fit, by their marks; of many, up to one more than `COUNTED`."""
    of_few = select(func.count()).where(mark).scalar_subquery()
    some = select(literal(1)).select_from(Order).where(condition).limit(COUNTED + 1).subquery()
    return case((is_whole, of_few), else_=select(func.count()).select_from(some).scalar_subquery())


def _by_date(oldest_first: bool, of: Any = Order) -> tuple[ColumnElement[Any], ...]:
    key = (of.placed_at, of.id)
    return tuple(one.asc() if oldest_first else one.desc() for one in key)


def _after(cursor: str, oldest_first: bool, of: Any = Order) -> list[ColumnElement[bool]]:
    place, key = place_of(cursor), tuple_(of.placed_at, of.id)
    if place is None:
        return []
    return [key > place if oldest_first else key < place]


def _cut(found: list[Order]) -> tuple[list[Order], str | None]:
    """A page's orders, of one more than it shows, and where the next page begins."""
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], cursor_after(last.placed_at, last.id) if last else None


def _narrowed(state: str, day: date) -> list[ColumnElement[bool]]:
    unpaid = and_(_unfinished(), Order.paid_on.is_(None))
    conditions: dict[str, list[ColumnElement[bool]]] = {
        "open": [unpaid, or_(Order.due_on.is_not(None), Order.valid_until >= day)],
        PaymentState.WAITING: [unpaid, Order.valid_until >= day],
        PaymentState.LAPSED: [unpaid, Order.valid_until < day],
        PaymentState.DUE: [unpaid, Order.due_on >= day],
        PaymentState.OVERDUE: [unpaid, Order.due_on < day],
        PaymentState.PAID: [Order.paid_on.is_not(None), Order.cancelled_at.is_(None)],
        PaymentState.CANCELLED: [Order.cancelled_at.is_not(None)],
    }
    return conditions.get(state, [])


def _tabs(day: date, *, by_staff: bool) -> dict[str, ColumnElement[bool]]:
    """What each of `TABS` holds. To do is what the reader has to act on: a reseller pays what is overdue or prepaid,
    staff release a temporary license or look after what is overdue. For the rest of what is not at its end one waits.
    Active is what gives the customer a license that holds.
    """
    overdue, prepaid, due = (and_(*_narrowed(state, day)) for state in ("overdue", "waiting", "due"))
    asked = and_(prepaid, Order.license_state == LicenseState.ASKED)
    unlicensed = Order.license_state.in_([LicenseState.NONE, LicenseState.ASKED, LicenseState.TEMPORARY])
    on_its_way = and_(*_narrowed("paid", day), Order.written_off_on.is_(None), unlicensed)
    holds = or_(
        Order.license_state == LicenseState.ISSUED, and_(prepaid, Order.license_state == LicenseState.TEMPORARY)
    )
    waits = and_(prepaid, Order.license_state != LicenseState.ASKED)
    return {
        "todo": and_(_unfinished(), or_(overdue, asked if by_staff else prepaid)),
        "waiting": and_(_unfinished(), or_(due, on_its_way, waits) if by_staff else or_(due, on_its_way)),
        "active": and_(Order.cancelled_at.is_(None), holds),
        "all": true(),
    }


def _unfinished() -> ColumnElement[bool]:
    return and_(text(UNFINISHED))


def oldest_open(count: int) -> list[Order]:
    """The first orders, of all resellers, whose transfer is still to come: those that wait longest."""
    query = select(Order).where(*_narrowed("open", today())).options(WITH_RESELLER_NAME)
    return list(db.session.scalars(query.order_by(Order.placed_at, Order.id).limit(count)))


def oldest_overdue(count: int) -> tuple[list[Order], int]:
    """The first overdue orders of all resellers, the oldest first, and how many there are; in one statement."""
    query = _shown(None).where(*_narrowed(PaymentState.OVERDUE, today())).add_columns(func.count().over())
    rows = db.session.execute(query.order_by(*_by_date(True)).limit(count)).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


@dataclass(frozen=True)
class MonthSum:
    """What was ordered in one calendar month, without tax and without cancelled orders."""

    first_day: date
    net: Money


def sums_by_month(reseller_id: int, currency: str, on: date, months: int = 12) -> list[MonthSum]:
    """What a reseller ordered in each of the last calendar months, the present one last, in one statement."""
    year, month = extract("year", Order.placed_on), extract("month", Order.placed_on)
    starts = [first_of_month(on, back) for back in reversed(range(months))]
    found = db.session.execute(
        select(year, month, func.sum(Order.net_minor))
        .where(
            Order.reseller_id == reseller_id,
            Order.currency == currency,
            Order.cancelled_at.is_(None),
            Order.placed_on >= starts[0],
        )
        .group_by(year, month)
    )
    sums = {(int(y), int(m)): int(total) for y, m, total in found}
    return [MonthSum(start, Money(sums.get((start.year, start.month), 0), currency)) for start in starts]


def credit_of(
    reseller: Reseller, on: date, *, items: Sequence[OpenItem] | None = None, on_account: Money | None = None
) -> CreditDecision:
    """What the reseller gets if it orders on this day, which rule says so, and what changes it (R14, R15).

    Args:
        items, on_account: what is open and what is on account now, of whoever has looked it up already.
    """
    settings = current_settings()
    lapsed = set(db.session.scalars(select(Order.id).where(Order.reseller_id == reseller.id, *_lapsed(on))))
    if items is None:
        items = balances.open_items(reseller.id, reseller.currency)
    if on_account is None:
        on_account = balances.credit_on_account(reseller.id, reseller.currency)
    return decide_credit(
        CreditFacts(
            day=on,
            credit_days=settings.credit_days,
            paid_orders=balances.paid_orders(reseller.id),
            needed=settings.established_after,
            on_account=on_account,
            items=tuple(item for item in items if item.id not in lapsed),
            by_staff=reseller.established_by_staff,
            on_hold=reseller.on_hold,
            suspended=reseller.suspended_at is not None,
            active=reseller.activated_at is not None,
        )
    )


def _lapsed(day: date) -> list[ColumnElement[bool]]:
    """Prepaid orders whose pro-forma is no longer valid: what is to become of them, staff decide (R12)."""
    return [Order.paid_on.is_(None), Order.cancelled_at.is_(None), Order.valid_until < day]
