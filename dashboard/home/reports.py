"""Reports for staff: sales, what is owed by age, interest. Every figure is a sum of orders' rows or of entries of the
ledger, in one currency, and the same conditions find what is behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, extract, func, select, tuple_

from dashboard.extensions import db
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.ledger.rules import Account, EntryKind
from dashboard.money import Money
from dashboard.orders.models import Order, OrderLine
from dashboard.orders.rules import first_of_month
from dashboard.resellers.models import Reseller
from dashboard.statements.rules import Age, age_of
from dashboard.web.forms import row_id


class Kind(StrEnum):
    """What a report is about."""

    SALES = "sales"  #: by month
    RESELLERS = "resellers"  #: sales by reseller
    PRODUCTS = "products"  #: sales by product
    AGEING = "ageing"  #: what is owed by reseller and age
    INTEREST = "interest"  #: booked, waived and paid, by month


_OF_ORDERS = ("orders", "net", "tax", "total")

#: The figures of each report, in the order of its columns.
FIGURES: dict[Kind, tuple[str, ...]] = {
    Kind.SALES: _OF_ORDERS,
    Kind.RESELLERS: _OF_ORDERS,
    Kind.PRODUCTS: ("pieces", "net"),
    Kind.AGEING: (*Age, "interest", "owed"),
    Kind.INTEREST: ("booked", "waived", "paid"),
}

#: Figures that count; all others are money.
COUNTS = frozenset({"orders", "pieces"})

#: Most months that one report holds, and rows that a page of what is behind a figure shows.
MONTHS, PAGE = 120, 40


@dataclass(frozen=True)
class Asked:
    """Of what a report tells: a currency and days, both included. Ageing tells of the evening of the last one."""

    currency: str
    since: date
    until: date

    @property
    def months(self) -> list[Asked]:
        """The same, month by month."""
        first, found = self.since.replace(day=1), []
        while first <= self.until:
            following = first_of_month(first, -1)
            last = following - timedelta(days=1)
            found.append(replace(self, since=max(first, self.since), until=min(last, self.until)))
            first = following
        return found


@dataclass(frozen=True)
class Line:
    """A row of a report: what it is about, its figures, and what narrows the list of what is behind them."""

    name: str
    figures: tuple[int, ...]
    behind: dict[str, Any]
    month: date | None = None


@dataclass(frozen=True)
class Report:
    """A table with the sums of its columns."""

    kind: Kind
    asked: Asked
    lines: list[Line]

    @property
    def totals(self) -> tuple[int, ...]:
        columns = zip(*(line.figures for line in self.lines), strict=True)
        return tuple(map(sum, columns)) or (0,) * len(FIGURES[self.kind])

    def shown(self, name: str, value: int) -> Money | int:
        """A figure as it is meant: money, or a count."""
        return value if name in COUNTS else Money(value, self.asked.currency)


def report(kind: Kind, asked: Asked) -> Report:
    """A report, in one statement."""
    return Report(kind, asked, _MAKERS[kind](asked))


def _sold(asked: Asked) -> list[ColumnElement[bool]]:
    """The orders that are sales: placed in these days and not cancelled."""
    days = Order.placed_on.between(asked.since, asked.until)
    return [Order.currency == asked.currency, Order.cancelled_at.is_(None), days]


_ORDER_SUMS = (func.count(), func.sum(Order.net_minor), func.sum(Order.tax_minor), func.sum(Order.total_minor))


def _by_month(found: Iterable[Any], asked: Asked, width: int) -> list[Line]:
    """A line for each month, also for those of which nothing was found; rows are year, month and figures."""
    known = {(int(year), int(month)): tuple(map(int, figures)) for year, month, *figures in found}
    return [
        Line(
            f"{one.since:%Y-%m}", known.get((one.since.year, one.since.month), (0,) * width),
            {"since": one.since.isoformat(), "until": one.until.isoformat()}, one.since.replace(day=1),
        )
        for one in asked.months
    ]  # fmt: skip


def _sales(asked: Asked) -> list[Line]:
    year, month = extract("year", Order.placed_on), extract("month", Order.placed_on)
    query = select(year, month, *_ORDER_SUMS).where(*_sold(asked)).group_by(year, month)
    return _by_month(db.session.execute(query), asked, len(_OF_ORDERS))


def _resellers(asked: Asked) -> list[Line]:
    query = (
        select(Reseller.id, Reseller.name, *_ORDER_SUMS)
        .join(Reseller, Reseller.id == Order.reseller_id)
        .where(*_sold(asked))
        .group_by(Reseller.id, Reseller.name)
        .order_by(func.sum(Order.net_minor).desc(), Reseller.name, Reseller.id)
    )
    return [
        Line(name, tuple(map(int, figures)), {"reseller": id_}) for id_, name, *figures in db.session.execute(query)
    ]


def _products(asked: Asked) -> list[Line]:
    query = (
        select(OrderLine.product, func.sum(OrderLine.quantity), func.sum(OrderLine.net_minor))
        .join(Order, Order.id == OrderLine.order_id)
        .where(*_sold(asked), OrderLine.quantity > 0)
        .group_by(OrderLine.product)
        .order_by(func.sum(OrderLine.net_minor).desc(), OrderLine.product)
    )
    return [Line(name, tuple(map(int, figures)), {"product": name}) for name, *figures in db.session.execute(query)]


#: What each figure of the interest is the sum of, with the sign with which it is told.
_INTEREST: dict[str, tuple[EntryKind, int]] = {
    "booked": (EntryKind.INTEREST, 1),
    "waived": (EntryKind.WAIVER, -1),
    "paid": (EntryKind.ALLOCATION, -1),
}


def _of_interest(asked: Asked) -> list[ColumnElement[bool]]:
    days = LedgerEntry.day.between(asked.since, asked.until)
    return [LedgerEntry.account == Account.INTEREST, LedgerEntry.currency == asked.currency, days]


def _interest(asked: Asked) -> list[Line]:
    year, month = extract("year", LedgerEntry.day), extract("month", LedgerEntry.day)
    sums = [
        func.sum(case((LedgerEntry.kind == kind, LedgerEntry.minor * sign), else_=0))
        for kind, sign in _INTEREST.values()
    ]
    query = select(year, month, *sums).where(*_of_interest(asked)).group_by(year, month)
    return _by_month(db.session.execute(query), asked, len(sums))


@dataclass(frozen=True)
class Owed:
    """A receivable of which principal or interest is open on the evening of a day."""

    id: str
    name: str
    order_id: str | None
    reseller_id: int
    reseller: str
    due_on: date
    age: Age
    principal: Money
    interest: Money


def owed(asked: Asked, reseller_id: int | None = None, figure: str = "") -> list[Owed]:
    """What is open on credit, with interest, on the evening of the last day asked for; one statement.

    A prepaid order is never owed (R15, R17).

    Args:
        reseller_id: of this reseller only.
        figure: only what is behind this one: an age, `interest`, or all.
    """
    due = func.coalesce(Receivable.due_on, Receivable.placed_on)
    on_credit = and_(LedgerEntry.account == Account.PRINCIPAL, Receivable.due_on.is_not(None))
    principal, interest = (
        func.sum(case((which, LedgerEntry.minor), else_=0))
        for which in (on_credit, LedgerEntry.account == Account.INTEREST)
    )
    name = func.coalesce(Receivable.number, Receivable.order_id, Receivable.id)
    query = (
        select(Receivable.id, name, Receivable.order_id, Reseller.id, Reseller.name, due, principal, interest)
        .join(LedgerEntry, LedgerEntry.receivable_id == Receivable.id)
        .join(Reseller, Reseller.id == Receivable.reseller_id)
        .where(Receivable.currency == asked.currency, LedgerEntry.day <= asked.until)
        .group_by(Receivable.id, Reseller.id)
        .having((principal != 0) | (interest != 0))
        .order_by(Reseller.name, Reseller.id, due, Receivable.id)
    )
    if reseller_id is not None:
        query = query.where(Receivable.reseller_id == reseller_id)
    rows: Iterable[Any] = db.session.execute(query)
    found = [
        Owed(id_, called, order_id, whose, who, due_on, age_of(due_on, asked.until), *_monies(sums, asked.currency))
        for id_, called, order_id, whose, who, due_on, *sums in rows
    ]
    return [one for one in found if _is_behind(one, figure)]


def _monies(sums: Sequence[Any], currency: str) -> tuple[Money, Money]:
    principal, interest = (Money(int(one), currency) for one in sums)
    return principal, interest


def _is_behind(one: Owed, figure: str) -> bool:
    if figure == "interest":
        return bool(one.interest)
    return bool(one.principal) and one.age == figure if figure in set(Age) else True


def _ageing(asked: Asked) -> list[Line]:
    names: dict[int, str] = {}
    sums: dict[int, dict[str, int]] = {}
    for one in owed(asked):
        names[one.reseller_id] = one.reseller
        of = sums.setdefault(one.reseller_id, dict.fromkeys(FIGURES[Kind.AGEING], 0))
        of[one.age] += one.principal.minor
        of["interest"] += one.interest.minor
        of["owed"] += one.principal.minor + one.interest.minor
    lines = [Line(names[id_], tuple(figures.values()), {"reseller": id_}) for id_, figures in sums.items()]
    return sorted(lines, key=lambda line: (-line.figures[-1], line.name))


_MAKERS = {
    Kind.SALES: _sales,
    Kind.RESELLERS: _resellers,
    Kind.PRODUCTS: _products,
    Kind.AGEING: _ageing,
    Kind.INTEREST: _interest,
}


@dataclass(frozen=True)
class Behind:
    """A page of the orders or entries that are behind a figure, with the sums of all, not only of this page."""

    rows: list[Any]
    totals: tuple[int, ...]
    following: str | None


def orders_behind(asked: Asked, *, reseller_id: int | None, product: str, cursor: str) -> Behind:
    """The orders behind sales, the newest first, with net, tax and total each; or, of a product, with its pieces and
    their net. One statement.
    """
    key = (Order.placed_on, Order.id)
    query: Any = select(*key, Reseller.id, Reseller.name, Order.customer)
    query = query.join(Reseller, Reseller.id == Order.reseller_id).where(*_sold(asked))
    if reseller_id is not None:
        query = query.where(Order.reseller_id == reseller_id)
    if product:
        pieces, net = func.sum(OrderLine.quantity), func.sum(OrderLine.net_minor)
        query = query.add_columns(pieces.label("first"), net.label("second"))
        query = query.join(OrderLine, OrderLine.order_id == Order.id)
        query = query.where(OrderLine.product == product, OrderLine.quantity > 0).group_by(Order.id, Reseller.id)
    else:
        query = query.add_columns(
            Order.net_minor.label("first"), Order.tax_minor.label("second"), Order.total_minor.label("third")
        )
    return _page(query, ["first", "second"] if product else ["first", "second", "third"], cursor)


def entries_behind(asked: Asked, *, figure: str, cursor: str) -> Behind:
    """The entries behind a figure of the interest, the newest first; one statement."""
    kind, sign = _INTEREST.get(figure, _INTEREST["booked"])
    query: Any = (
        select(
            LedgerEntry.day, LedgerEntry.id, Reseller.id, Reseller.name, Receivable.id, Receivable.order_id,
            func.coalesce(Receivable.number, Receivable.order_id, Receivable.id), LedgerEntry.note,
            (LedgerEntry.minor * sign).label("first"),
        )
        .join(Reseller, Reseller.id == LedgerEntry.reseller_id)
        .join(Receivable, Receivable.id == LedgerEntry.receivable_id)
        .where(*_of_interest(asked), LedgerEntry.kind == kind)
    )  # fmt: skip
    return _page(query, ["first"], cursor)


def _page(query: Select[Any], summed: Sequence[str], cursor: str) -> Behind:
    """A page of a query whose first columns are a day and a key, the latest first; a cursor says where it begins."""
    names = [f"column{number}" for number in range(len(query.selected_columns))]
    labels = [column.label(name) for name, column in zip(names, query.selected_columns, strict=True)]
    figures = names[len(names) - len(summed) :]
    all_ = query.with_only_columns(*labels).cte()
    day, key = all_.c[names[0]], all_.c[names[1]]
    totals = [select(func.sum(all_.c[name])).scalar_subquery() for name in figures]
    page = select(all_, *totals).order_by(day.desc(), key.desc()).limit(PAGE + 1)
    if place := _place(cursor, numbered=len(summed) == 1):
        page = page.where(tuple_(day, key) < place)
    rows = [tuple(row) for row in db.session.execute(page)]
    shown = [(*row[: -2 * len(summed)], *map(int, row[-2 * len(summed) : len(names)])) for row in rows[:PAGE]]
    sums = tuple(int(one or 0) for one in rows[0][len(names) :]) if rows else (0,) * len(summed)
    following = f"{shown[-1][0].isoformat()}~{shown[-1][1]}" if len(rows) > PAGE else None
    return Behind(shown, sums, following)


def _place(cursor: str, *, numbered: bool) -> tuple[date, Any] | None:
    day, _, key = cursor.partition("~")
    try:
        return date.fromisoformat(day), row_id(key) if numbered else key
    except ValueError:
        return None
