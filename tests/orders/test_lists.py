"""Finding orders: search, states, pages that stay stable while new orders come in, and nobody else's (R24, R26)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from dashboard.clock import today
from dashboard.errors import NotFound
from dashboard.extensions import db
from dashboard.ledger import service as ledger
from dashboard.money import Money
from dashboard.orders import service
from dashboard.orders.models import Order
from dashboard.orders.rules import (
    PAYMENTS,
    TABS,
    LicenseState,
    PaymentState,
    Wanted,
    first_of_month,
    payment_state,
)
from dashboard.resellers.models import Reseller
from dashboard.typed import search_text
from tests.client import Client
from tests.factories import EDITOR, VIEWER, make_reseller, make_user, place

pytestmark = pytest.mark.usefixtures("app")

START = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def reseller(app: Flask) -> Reseller:
    return make_reseller()


@pytest.fixture
def many(reseller: Reseller) -> Callable[..., list[str]]:
    """Copy one placed order: fast, and as many in one second as a program would make."""
    model = place(reseller)
    columns = {column.key: getattr(model, column.key) for column in Order.__table__.columns}

    def make(count: int, *, first: int = 0, **facts: Any) -> list[str]:
        rows = [
            {
                **columns,
                "id": f"R-{number:04}",
                "submit_key": f"copy{number}",
                "placed_at": START + timedelta(seconds=number // 7),
                **facts,
            }
            for number in range(first, first + count)
        ]
        db.session.execute(insert(Order), rows)
        return [row["id"] for row in rows]

    return make


def found(reseller: Reseller, search: str = "", state: str = "") -> list[str]:
    return [order.id for order in service.list_orders(of=reseller.id, search=search, state=state).orders]


def shown(reseller: Reseller, **wanted: Any) -> list[str]:
    page = service.count_and_list(Wanted(**wanted), of=reseller.id)
    assert len(page.orders) == page.counts[wanted.get("tab", "all")]
    assert service.all_orders(Wanted(**wanted), of=reseller.id) == page.orders
    return [order.id for order in page.orders]


@pytest.mark.parametrize(
    "search",
    [
        *("ромашка", "РОМАШКА", "РоМаШкА", "ооо ромашка", "ромашка ооо", "ромаш"),
        *("жанна@ромашка.example", "ЖАННА@", "PO-17/Ё", "po-17/ё", VIEWER, VIEWER.lower(), "groupdocs.viewer"),
        *("hjvfirf", "jjj hjvfirf", "мшуцук"),  # typed on the other keyboard
        *("STRASSE", "straße", "100%", "a_b", r"back\slash", "'quote'", "  ромашка  ", "жанна\u00a0ромашка"),
    ],
)
def test_R24_a_search_finds_words_in_any_case_and_alphabet(reseller: Reseller, search: str) -> None:
    order = place(
        reseller,
        company="ООО «Ромашка» Straße 100% a_b back\\slash 'quote'",
        name="Жанна",
        email="Жанна@Ромашка.example",
    )
    order.search_text += search_text(" PO-17/Ё")
    db.session.flush()
    assert found(reseller, search) == [order.id]


@pytest.mark.parametrize("search", ["лютик", "1000%x", "aXb", "%", "_", "ромашка лютик", "back/slash", "ромашкаа"])
def test_R24_a_search_finds_nothing_else(reseller: Reseller, search: str) -> None:
    place(reseller, company="ООО «Ромашка» 100 a-b backslash", name="Жанна")
    assert found(reseller, search) == []


def test_R24_order_ids_and_references_are_found(reseller: Reseller) -> None:
    order, other = place(reseller), place(reseller, [(EDITOR, 1)])
    assert found(reseller, order.id.lower()) == found(reseller, order.reference) == [order.id]
    assert found(reseller, f"{order.reference} and {other.reference}".lower()) == found(reseller)


def test_R26_another_resellers_order_is_not_found(reseller: Reseller) -> None:
    other = make_reseller("Lotos")
    mine, theirs = place(reseller), place(other)
    assert found(reseller) == [mine.id]
    assert found(reseller, theirs.id) == found(reseller, theirs.reference) == found(reseller, "lotos") == []
    assert {order.id for order in service.list_orders(of=None).orders} == {mine.id, theirs.id}
    assert service.all_orders(Wanted(), of=reseller.id) == [mine]
    page = service.count_and_list(Wanted(), of=reseller.id)
    assert (page.orders, page.counts["all"]) == ([mine], 1)
    everything = service.count_and_list(Wanted(), of=None)
    assert {order.reseller.name for order in everything.orders} == {"Romashka", "Lotos"}
    for order_id in (theirs.id, "R-0000-0000", "", "\u0416" * 50):
        with pytest.raises(NotFound):
            service.get_order(order_id, of=reseller.id)
        with pytest.raises(NotFound):
            service.get_order(order_id, of=reseller.id, lock=True)


@pytest.mark.parametrize("oldest_first", [False, True])
def test_R24_pages_hold_every_order_once(
    reseller: Reseller, many: Callable[..., list[str]], oldest_first: bool
) -> None:
    """Also where several were placed in the same second."""
    made = set(many(2 * service.PAGE + 5))
    seen: list[str] = []
    cursor: str | None = ""
    pages = 0
    while cursor is not None:
        page = service.list_orders(of=reseller.id, cursor=cursor, oldest_first=oldest_first)
        assert len(page.orders) <= service.PAGE
        seen += [order.id for order in page.orders]
        cursor, pages = page.following, pages + 1
    assert pages == 3
    assert len(seen) == len(set(seen))
    assert made <= set(seen)
    rows = {order.id: (order.placed_at, order.id) for order in db.session.scalars(select(Order))}
    assert seen == sorted(seen, key=rows.__getitem__, reverse=not oldest_first)


def test_R24_pages_stay_stable_while_orders_come_in(reseller: Reseller, many: Callable[..., list[str]]) -> None:
    """With page numbers, the second page would begin with what the first one has shown."""
    many(service.PAGE + 10)
    first = service.list_orders(of=reseller.id)
    rest = [order.id for order in service.list_orders(of=reseller.id, cursor=first.following or "").orders]
    newer = many(15, first=1000, placed_at=START + timedelta(days=400))
    second = [order.id for order in service.list_orders(of=reseller.id, cursor=first.following or "").orders]
    assert second == rest
    assert not {order.id for order in first.orders} & set(second)
    assert found(reseller)[:15] == sorted(newer, reverse=True)


def test_R24_a_full_last_page_has_no_following(reseller: Reseller, many: Callable[..., list[str]]) -> None:
    many(service.PAGE - 1)  # and the one that they are copied from
    page = service.list_orders(of=reseller.id)
    assert (len(page.orders), page.following) == (service.PAGE, None)


@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "~", "~R-1", "2026-05-04", "2026-13-04T00:00:00+00:00~x", "0001-01-01T00:00:00+14:00~x", "~" * 500),
        *("9999-12-31T23:59:59-14:00~x", "2026-05-04T00:00:00~R-1'; DROP TABLE orders", "NaN~x", "\u0661~x"),
    ],
)
def test_R24_a_cursor_that_is_nonsense_is_no_fault(reseller: Reseller, cursor: str) -> None:
    order = place(reseller)
    shown = [one.id for one in service.list_orders(of=reseller.id, cursor=cursor).orders]
    assert shown in ([], [order.id])


DAYS = st.one_of(st.none(), st.integers(-40, 40))


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.booleans(), st.booleans(), DAYS)
def test_R24_lists_and_pages_agree_on_the_state_of_an_order(
    reseller: Reseller, paid: bool, cancelled: bool, days: int | None
) -> None:
    """What the filter finds is what the order's page says."""
    history = db.session.begin_nested()
    order = db.session.scalars(select(Order)).first() or place(reseller)
    day = None if days is None else today() + timedelta(days=days)
    order.paid_on, order.cancelled_at = (today() if paid else None), (START if cancelled else None)
    order.due_on, order.valid_until = day, (today() if day is None else None)
    db.session.flush()
    state = service.state_of(order)
    listed = {name for name in PAYMENTS if found(reseller, state=name)}
    history.rollback()
    is_open = state in {PaymentState.DUE, PaymentState.OVERDUE, PaymentState.WAITING}
    assert listed == {str(state)} | ({"open"} if is_open else set())


#: What an order is, and under which tabs a reseller and staff find it, besides all of them.
TABBED = [
    ({"due_on": -1, "license_state": "issued"}, {"todo", "active"}, {"todo", "active"}),
    ({"due_on": 0, "license_state": "issued"}, {"waiting", "active"}, {"waiting", "active"}),
    ({"valid_until": 0, "license_state": "none"}, {"todo"}, {"waiting"}),
    ({"valid_until": 3, "license_state": "asked"}, {"todo"}, {"todo"}),
    ({"valid_until": 3, "license_state": "temporary"}, {"todo", "active"}, {"waiting", "active"}),
    ({"valid_until": -1, "license_state": "temporary"}, set(), set()),
    ({"valid_until": -1, "license_state": "asked"}, set(), set()),
    ({"paid_on": -1, "license_state": "issued"}, {"active"}, {"active"}),
    ({"paid_on": -1, "license_state": "none"}, {"waiting"}, {"waiting"}),
    ({"paid_on": -1, "license_state": "none", "written_off_on": -1}, set(), set()),
    ({"due_on": -1, "license_state": "revoked", "cancelled_at": START}, set(), set()),
]


@pytest.mark.parametrize(("facts", "resellers", "staffs"), TABBED)
def test_R24_tabs_say_what_is_to_be_done_and_count_it(
    reseller: Reseller, facts: dict[str, Any], resellers: set[str], staffs: set[str]
) -> None:
    order = place(reseller)
    order.due_on = order.valid_until = order.paid_on = None
    for name, value in facts.items():
        setattr(order, name, today() + timedelta(days=value) if isinstance(value, int) else value)
    db.session.flush()
    for of, expected in ((reseller.id, resellers), (None, staffs)):
        for tab in TABS:
            page = service.count_and_list(Wanted(tab=tab), of=of)
            assert bool(page.orders) is (tab in expected | {"all"})
            assert {name for name, count in page.counts.items() if count} == expected | {"all"}


def test_R24_search_payment_license_and_period_narrow_the_list_and_its_counts_together(reseller: Reseller) -> None:
    first, second, third = place(reseller, company="Alder"), place(reseller), place(reseller, [(EDITOR, 1)])
    first.placed_on, second.placed_on = date(2026, 5, 1), date(2026, 5, 31)
    first.license_state = LicenseState.ISSUED
    db.session.flush()
    assert set(shown(reseller, since=date(2026, 5, 2))) == {second.id, third.id}
    assert shown(reseller, since=date(2026, 5, 1), until=date(2026, 5, 1)) == [first.id]
    assert shown(reseller, license="issued") == [first.id]
    assert shown(reseller, search="editor", payment="waiting", tab="todo") == [third.id]
    assert shown(reseller, search="editor", until=date(2026, 5, 31)) == []
    assert service.count_and_list(Wanted(search="alder", tab="waiting"), of=reseller.id).counts == {
        "todo": 1, "waiting": 0, "active": 1, "all": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cancelled", "paid", "due", "valid", "state"),
    [
        (True, True, -1, None, PaymentState.CANCELLED),
        (True, False, None, -1, PaymentState.CANCELLED),
        (False, True, -1, None, PaymentState.PAID),
        (False, True, None, -1, PaymentState.PAID),
        (False, False, 1, None, PaymentState.DUE),
        (False, False, 0, None, PaymentState.DUE),
        (False, False, -1, None, PaymentState.OVERDUE),
        (False, False, None, 1, PaymentState.WAITING),
        (False, False, None, 0, PaymentState.WAITING),
        (False, False, None, -1, PaymentState.LAPSED),
        (False, False, None, None, PaymentState.WAITING),
    ],
)
def test_R12_R15_the_state_of_an_order(
    cancelled: bool, paid: bool, due: int | None, valid: int | None, state: PaymentState
) -> None:
    day = date(2026, 5, 4)

    def on(days: int | None) -> date | None:
        return None if days is None else day + timedelta(days=days)

    assert payment_state(cancelled=cancelled, paid=paid, due_on=on(due), valid_until=on(valid), today=day) is state


@pytest.mark.parametrize(
    ("day", "back", "first"),
    [
        (date(2026, 5, 31), 0, date(2026, 5, 1)),
        (date(2026, 5, 31), 5, date(2025, 12, 1)),
        (date(2026, 1, 1), 1, date(2025, 12, 1)),
        (date(2026, 12, 31), 12, date(2025, 12, 1)),
    ],
)
def test_months_go_back_over_the_new_year(day: date, back: int, first: date) -> None:
    assert first_of_month(day, back) == first


def test_R24_sums_by_month_leave_out_what_was_cancelled(reseller: Reseller, many: Callable[..., list[str]]) -> None:
    many(2, placed_on=date(2026, 5, 1), net_minor=100)
    many(1, first=10, placed_on=date(2026, 4, 30), net_minor=1000)
    many(1, first=20, placed_on=date(2026, 5, 1), net_minor=7, cancelled_at=START)
    many(1, first=30, placed_on=date(2026, 5, 1), net_minor=9, currency="EUR")
    sums = service.sums_by_month(reseller.id, "USD", date(2026, 5, 31), months=3)
    assert [(one.first_day, one.net.minor) for one in sums] == [
        (date(2026, 3, 1), 0),
        (date(2026, 4, 1), 1000),
        (date(2026, 5, 1), 200),
    ]


def test_R09_an_order_id_that_is_taken_is_not_given_again(reseller: Reseller, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = place(reseller).id
    debt = ledger.open_debt(reseller.id, "17", Money(1, "USD"), placed_on=today(), due_on=today())
    offered = iter([taken, taken, debt.id, "R-2046-3182"])
    monkeypatch.setattr(ledger, "new_order_id", lambda: next(offered))
    assert ledger.free_order_id() == "R-2046-3182"


@pytest.mark.parametrize("wanted", [Wanted(), Wanted("nordwind"), Wanted(payment="open"), Wanted(license="none")])
@pytest.mark.parametrize("of_all", [False, True])
def test_of_many_orders_only_so_many_are_counted_and_every_page_stays_the_same(
    reseller: Reseller, many: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch, wanted: Wanted, of_all: bool
) -> None:
    """Tabs tell that they hold more; which orders stand on a page does not depend on how they were counted."""
    due = {"due_on": today() + timedelta(days=9), "valid_until": None}
    many(9, **due)
    many(9, first=9, due_on=today() - timedelta(days=9), valid_until=None)
    many(45, first=18, paid_on=today(), license_state=LicenseState.ISSUED)
    of = None if of_all else reseller.id

    def pages(tab: str, oldest_first: bool) -> tuple[dict[str, int], list[list[str]]]:
        cursor, told = "", []
        while True:
            page = service.count_and_list(replace(wanted, tab=tab), of=of, cursor=cursor, oldest_first=oldest_first)
            assert page.is_capped == (page.counts["all"] > service.COUNTED)
            told.append([order.id for order in page.orders])
            if page.following is None:
                return page.counts, told
            cursor = page.following

    for tab, oldest_first in itertools.product(TABS, (False, True)):
        monkeypatch.setattr(service, "COUNTED", 1_000)
        counts, exact = pages(tab, oldest_first)
        assert sum(map(len, exact)) == counts[tab]
        monkeypatch.setattr(service, "COUNTED", 5)
        capped, some = pages(tab, oldest_first)
        assert some == exact
        if counts["all"] > 5:
            assert capped == {name: min(count, 6) for name, count in counts.items()}


@pytest.mark.parametrize("tab", ["todo", "waiting"])
def test_what_is_unfinished_is_found_by_an_index_of_its_own(app: Flask, tab: str) -> None:
    """Else staff's list would look through all orders that there ever were, each time."""
    if db.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL chooses by the size of tables, which are small here")
    query = select(Order.id).where(service._tabs(today(), by_staff=True)[tab]).order_by(Order.placed_at)
    compiled = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = db.session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))
    assert any("ix_orders_unfinished" in row[-1] for row in plan)


def test_staff_read_that_there_are_more(
    client: Client, many: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    many(4, due_on=today() + timedelta(days=9), valid_until=None)
    monkeypatch.setattr(service, "COUNTED", 2)
    client.sign_in_as(make_user("Mari", staff=True))
    page = client.get("/staff/orders")
    assert "More than 2 orders" in page.text
    assert "All 2+" in page.text
    assert len(page.statements) <= 2
