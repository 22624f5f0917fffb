"""Reports: every figure is rebuilt from the entries of the ledger, and leads to what is behind it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session, scoped_session

from dashboard import clock
from dashboard.clock import today
from dashboard.extensions import db as database
from dashboard.fulfilment import service as fulfilment
from dashboard.home import reports
from dashboard.home.reports import Asked, Kind
from dashboard.ledger import service as ledger
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.ledger.rules import Account, EntryKind
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from dashboard.statements import interest
from dashboard.statements.rules import Age, age_of
from dashboard.web import formats
from tests.client import Client, Page
from tests.factories import EDITOR, VIEWER, cancel_part, make_catalog, make_reseller, make_user, pay, place
from tests.statements.samples import owes

Database = scoped_session[Session]

#: What an order's own sum is made of: not what was paid of it, nor what was given up.
_OF_THE_ORDER = {EntryKind.ORDER, EntryKind.CREDIT_NOTE, EntryKind.CANCELLATION, EntryKind.TAX_CREDIT}


def ago(days: int) -> date:
    return today() - timedelta(days=days)


def placed(reseller: Reseller, days_ago: int, *lines: tuple[str, int]) -> Order:
    """An order of that day."""
    with clock.at(datetime.combine(ago(days_ago), time(12), clock.utcnow().tzinfo)):
        return place(reseller, list(lines) or None)


@pytest.fixture
def books(db: Database) -> list[Reseller]:
    """Two companies in dollars and one in euro, with orders paid, late, part cancelled, cancelled, prepaid; and
    interest that was booked, waived and paid.
    """
    make_catalog()
    texas = make_reseller("Texas", country="US", state="TX", established_by_staff=True)
    perth = make_reseller("Perth", established_by_staff=True)
    tallinn = make_reseller("Tallinn", currency="EUR", country="EE", established_by_staff=True)
    for reseller in (texas, tallinn):
        late_paid = placed(reseller, 200, (VIEWER, 3), (EDITOR, 1))
        pay(late_paid, late_paid.total + Money(500, reseller.currency), days_ago=100)  # and a part of its interest
        placed(reseller, 100, (VIEWER, 1))
        fulfilment.cancel_order(placed(reseller, 40, (VIEWER, 9)).id, "not wanted", by_staff=True)
    cancel_part(placed(perth, 20, (VIEWER, 3), (EDITOR, 2)), 1)
    owes(perth, 77_700, late=45)
    owes(perth, 55_500, prepaid=True)
    late = owes(perth, 5_000_000, late=95)
    interest.book(late, ago(30), ago(30))
    ledger.waive_interest(late, ago(20), "asked for it")
    interest.book(late, ago(5), ago(5))
    db.commit()
    return [texas, perth, tallinn]


def year(currency: str = "USD") -> Asked:
    return Asked(currency, ago(365), today())


def entries(currency: str) -> list[LedgerEntry]:
    return database.session.query(LedgerEntry).filter_by(currency=currency).all()


def figures(kind: Kind, asked: Asked) -> dict[str, tuple[int, ...]]:
    """The report's rows in which anything is."""
    return {line.name: line.figures for line in reports.report(kind, asked).lines if any(line.figures)}


def sold(db: Database, currency: str) -> dict[str, tuple[Order, int]]:
    """The orders that were not cancelled, with what the ledger says that they cost."""
    cost: Counter[str] = Counter()
    for entry in entries(currency):
        if entry.kind in _OF_THE_ORDER and entry.account == Account.PRINCIPAL:
            cost[entry.receivable_id or ""] += entry.minor
    found = db.query(Order).filter_by(currency=currency, cancelled_at=None)
    return {order.id: (order, cost[order.id]) for order in found}


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_sales_are_what_the_ledger_says_that_the_orders_cost(db: Database, currency: str) -> None:
    by_month: Counter[str] = Counter()
    by_reseller: Counter[str] = Counter()
    names = {reseller.id: reseller.name for reseller in db.query(Reseller)}
    for order, cost in sold(db, currency).values():
        by_month[f"{order.placed_on:%Y-%m}"] += cost
        by_reseller[names[order.reseller_id]] += cost
    assert sum(by_month.values())
    told = [figures(kind, year(currency)) for kind in (Kind.SALES, Kind.RESELLERS)]
    assert [{name: row[-1] for name, row in one.items()} for one in told] == [by_month, by_reseller]
    for one in told:
        assert all(net + tax == total for _, net, tax, total in one.values())
    net = sum(row[1] for row in told[0].values())
    assert sum(row[1] for row in figures(Kind.PRODUCTS, year(currency)).values()) == net


def test_a_part_that_was_cancelled_is_not_sold(books: list[Reseller]) -> None:
    assert figures(Kind.RESELLERS, year())[books[1].name][1] == 2 * 107_910 + 2 * 53_910
    pieces = {name: row[0] for name, row in figures(Kind.PRODUCTS, year()).items()}
    assert pieces == {"GroupDocs.Viewer-Dsb for .NET": 6, "GroupDocs.Editor-Oem for .NET": 3}


def test_currencies_are_never_added_up(books: list[Reseller]) -> None:
    assert set(figures(Kind.RESELLERS, year())) == {"Texas", "Perth"}
    assert set(figures(Kind.RESELLERS, year("EUR"))) == {"Tallinn"}
    assert figures(Kind.RESELLERS, year("RUB")) == {}
    assert {row.reseller for row in reports.owed(year("EUR"))} == {books[2].name}


def rebuilt_ageing(db: Database, asked: Asked) -> dict[str, tuple[int, ...]]:
    """What the entries up to a day leave open, by reseller and age."""
    names = {reseller.id: reseller.name for reseller in db.query(Reseller)}
    of = {one.id: one for one in db.query(Receivable)}
    found: dict[str, Counter[str]] = {}
    for entry in entries(asked.currency):
        if entry.receivable_id is None or entry.day > asked.until:
            continue
        receivable = of[entry.receivable_id]
        sums = found.setdefault(names[entry.reseller_id], Counter())
        if entry.account == Account.INTEREST:
            sums["interest"] += entry.minor
        elif receivable.due_on:
            sums[age_of(receivable.due_on, asked.until)] += entry.minor
    rows = {name: tuple(sums[one] for one in (*Age, "interest")) for name, sums in found.items()}
    return {name: (*row, sum(row)) for name, row in rows.items() if any(row)}


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("days", [0, 15, 60, 120])
def test_R17_what_is_owed_by_age_is_rebuilt_from_the_entries(db: Database, days: int) -> None:
    asked = Asked("USD", ago(days), ago(days))
    rebuilt = rebuilt_ageing(db, asked)
    assert figures(Kind.AGEING, asked) == rebuilt
    if not days:
        assert set(rebuilt) == {"Texas", "Perth"}
        assert 5_000_000 in rebuilt["Perth"]


@pytest.mark.usefixtures("books")
def test_R16_interest_is_rebuilt_from_the_entries(db: Database) -> None:
    kinds = {EntryKind.INTEREST: (0, 1), EntryKind.WAIVER: (1, -1), EntryKind.ALLOCATION: (2, -1)}
    rebuilt: dict[str, list[int]] = {}
    for entry in entries("USD"):
        if entry.account == Account.INTEREST:
            place_, sign = kinds[EntryKind(entry.kind)]
            rebuilt.setdefault(f"{entry.day:%Y-%m}", [0, 0, 0])[place_] += sign * entry.minor
    told = figures(Kind.INTEREST, year())
    assert told == {month: tuple(row) for month, row in rebuilt.items()}
    assert all(total > 0 for total in reports.report(Kind.INTEREST, year()).totals)


@pytest.fixture
def staff(books: list[Reseller], client: Client) -> Client:
    client.sign_in_as(make_user("Sam", staff=True))
    return client


def sums_of(page: Page) -> set[str]:
    return {" ".join("".join(cell.itertext()).split()) for cell in page.tree.xpath("//tr[@class='sum']/td")}


@pytest.mark.parametrize("kind", Kind)
def test_each_sum_leads_to_what_makes_it_up(staff: Client, kind: Kind) -> None:
    page = staff.get(f"/staff/reports/{kind}?since={ago(365)}")
    assert len(page.statements) <= 2
    links = page.tree.xpath("//table[contains(@class, 'report')]//td//a")
    assert links
    for link in links:
        shown, behind = "".join(link.itertext()), staff.get(link.get("href"))
        assert len(behind.statements) <= 2
        rows = len(behind.tree.xpath("//tbody/tr")) - 1
        if shown.isdecimal():
            assert kind is Kind.PRODUCTS or rows == int(shown)
        elif "figure=owed" not in link.get("href"):
            assert shown in sums_of(behind), (link.get("href"), shown)
        assert rows > 0


def test_the_address_says_period_and_currency(staff: Client) -> None:
    page = staff.get(f"/staff/reports/sales?currency=EUR&since={ago(110)}&until={ago(90)}")
    assert "€1,079.10" in page.text
    assert "$" not in page.text
    page = staff.get("/staff/reports/sales?currency=GBP&since=never&until=2026-13-01")
    assert page.status == 200
    for since, until in (("0001-01-01", "9999-12-31"), ("9999-12-31", "0001-01-01"), ("0001-01-01", "0001-01-01")):
        for kind in Kind:
            assert staff.get(f"/staff/reports/{kind}?since={since}&until={until}").status == 200


@pytest.mark.parametrize("kind", Kind)
def test_a_file_holds_just_what_the_page_shows(staff: Client, kind: Kind) -> None:
    page = staff.get(f"/staff/reports/{kind}?currency=USD&since={ago(365)}&until={today()}")
    shown = [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in page.tree.xpath("//tbody/tr")]
    rows = list(csv.reader(io.StringIO(page.click("as CSV").content.decode("utf-8-sig"))))
    heads = page.tree.xpath("//thead//th[position() > 1]/text()")
    assert rows[0][2:] == [head.replace("\N{WORD JOINER}", "") for head in heads]
    assert [_amounts(rows[0][2:], row[2:]) for row in rows[1:]] == [row[1:] for row in shown]
    assert {row[1] for row in rows[1:]} == {"USD"}
    sheet = load_workbook(io.BytesIO(page.click("as XLSX").content)).active
    assert sheet is not None
    assert [len(rows), len(rows[0])] == [sheet.max_row, sheet.max_column]


def _amounts(heads: Iterable[str], cells: Iterable[str]) -> list[str]:
    """The plain numbers of a file as the page writes them."""
    counts = {"Orders", "Pieces"}
    pairs = zip(heads, cells, strict=True)
    return [cell if head in counts else formats.money(Money.of(cell, "USD")) for head, cell in pairs]


def test_long_lists_behind_a_sum_go_on(staff: Client, books: list[Reseller]) -> None:
    for _ in range(45):
        placed(books[1], 3)
    page = staff.get("/staff/reports/orders")
    older = page.click("Next page →")
    ids = [[row.get("href") for row in one.tree.xpath("//td[contains(@class, 'c-title')]/a")] for one in (page, older)]
    assert len(ids[0]) == reports.PAGE
    assert len({*ids[0], *ids[1]}) == len(ids[0]) + len(ids[1]) == 45 + 4 - 1
    assert sums_of(page) == sums_of(older)


def test_nobody_else_reads_reports(client: Client, db: Database) -> None:
    owner = make_user()
    make_reseller(owner=owner)
    client.sign_in_as(owner)
    kinds = [path for kind in Kind for path in (f"/{kind}", f"/{kind}/export")]
    for path in ("", *kinds, "/orders", "/owed", "/entries"):
        assert client.get(f"/staff/reports{path}").status == 404


def test_R30_the_labels_of_months_have_three_letters_in_each_language(
    db: Database, new_client: Callable[..., Client]
) -> None:
    """Two years of them have room on a phone."""
    make_catalog()
    with clock.at(datetime(2026, 9, 15, 12, tzinfo=clock.utcnow().tzinfo)):
        place(make_reseller())
    db.commit()
    client = new_client(language="ru")
    client.sign_in_as(make_user("Sam", staff=True, language="ru"))
    page = client.get("/staff/reports/sales?since=2024-10-01&until=2026-09-30&currency=USD")
    labels = [label.text for label in page.tree.xpath("//ol[@class='columns']/li/span[1]")]
    assert (len(labels), labels[-1]) == (24, "сен")
    assert {len(label) for label in labels} == {3}
