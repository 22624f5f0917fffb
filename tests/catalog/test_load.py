"""Loading a catalog: what changes is told first, and it is all or nothing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from dashboard.audit.models import AuditEntry
from dashboard.catalog.files import read_catalog
from dashboard.catalog.loading import Change, compare_catalog, load_catalog
from dashboard.catalog.models import Price, Product, Sku
from dashboard.catalog.rules import Wanted, narrow
from dashboard.catalog.service import price_list, priced
from dashboard.clock import today
from dashboard.extensions import db
from dashboard.money import Money
from dashboard.orders.service import get_order
from dashboard.web import progress
from tests.catalog.samples import DEMO, file_of
from tests.client import counted_statements
from tests.factories import make_reseller, place

pytestmark = pytest.mark.usefixtures("app")

DAY = date(2026, 3, 1)
LATER = date(2026, 4, 1)


def load(day: date, *rows: dict[str, str]) -> None:
    load_catalog(read_catalog(file_of(*rows)), day)


def retail(code: str, on: date, currency: str = "USD") -> int | None:
    found = priced([code], currency, on)
    return found[code].retail.minor if found else None


def test_the_real_catalog_is_loaded_and_listed_in_one_statement() -> None:
    changes = load_catalog(read_catalog(DEMO.read_bytes()), DAY)
    assert (len(changes.new), changes.changed, changes.withdrawn, changes.unchanged) == (340, [], [], 0)
    db.session.flush()
    for currency in ("USD", "EUR", "RUB"):
        with counted_statements() as statements:
            listed = price_list(currency, DAY)
        assert len(statements) == 1
        assert len(listed) == 340
    assert [sku.code for sku in listed] == [row.code for row in read_catalog(DEMO.read_bytes())]
    assert len(narrow(price_list("USD", DAY), Wanted(brand="Conholdate"))) == 10


def test_loading_the_same_again_changes_nothing() -> None:
    rows = read_catalog(DEMO.read_bytes())
    load_catalog(rows, DAY)
    count = db.session.query(Price).count()
    assert load_catalog(rows, LATER).unchanged == 340
    assert db.session.query(Price).count() == count


def test_the_price_of_a_day_is_the_latest_that_has_begun() -> None:
    load(DAY, {})
    load(LATER, {"price_usd": "1299.00"})
    eve = LATER - timedelta(days=1)
    assert [retail("VIEWER-NET-DSB", day) for day in (DAY - timedelta(days=1), DAY, eve, LATER, date(2030, 1, 1))] == [
        None, 119900, 119900, 129900, 129900,
    ]  # fmt: skip
    assert retail("VIEWER-NET-DSB", LATER, "EUR") == 110350


def test_new_changed_and_withdrawn_are_told_before_and_after() -> None:
    load(DAY, {}, {"sku": "EDITOR", "product": "Editor"}, {"sku": "KEPT", "product": "Kept"})
    rows = read_catalog(
        file_of(
            {"price_usd": "1299", "price_eur": ""}, {"sku": "KEPT", "product": "Kept"}, {"sku": "NEW", "product": "New"}
        )
    )
    foretold = compare_catalog(rows, LATER)
    assert foretold.new == ["NEW"]
    assert foretold.changed == [
        Change("VIEWER-NET-DSB", "USD", "1199.00", "1299.00"),
        Change("VIEWER-NET-DSB", "EUR", "1103.50", "—"),
    ]
    assert (foretold.withdrawn, foretold.unchanged) == (["EDITOR"], 1)
    assert load_catalog(rows, LATER) == foretold
    assert [sku.code for sku in price_list("USD", LATER)] == ["VIEWER-NET-DSB", "KEPT", "NEW"]
    assert [sku.code for sku in price_list("EUR", LATER)] == ["KEPT", "NEW"]
    assert retail("EDITOR", LATER - timedelta(days=1)) == 119900
    [entry] = db.session.query(AuditEntry).filter_by(action="catalog.loaded", subject=f"catalog:{LATER}")
    assert entry.detail["withdrawn"] == ["EDITOR"]


def test_a_withdrawn_sku_comes_back() -> None:
    load(DAY, {}, {"sku": "EDITOR", "product": "Editor"})
    load(LATER, {})
    back = read_catalog(file_of({}, {"sku": "EDITOR", "product": "Editor"}))
    assert load_catalog(back, LATER + timedelta(days=1)).new == ["EDITOR"]
    assert retail("EDITOR", LATER) is None
    assert retail("EDITOR", LATER + timedelta(days=1)) == 119900


def test_names_and_texts_change_in_place() -> None:
    load(DAY, {})
    rows = read_catalog(file_of({"description_ru": "Смотрит документы", "scope_ru": "один разработчик"}))
    assert {change.what for change in load_catalog(rows, DAY).changed} == {"description_ru", "scope_ru"}
    [sku] = price_list("RUB", DAY)
    assert (sku.description("ru"), sku.scope("ru"), sku.scope("en")) == (
        "Смотрит документы", "один разработчик", "1 developer, 1 deployment location",
    )  # fmt: skip
    assert db.session.query(Product).count() == 1


def test_R11_a_load_alters_no_order() -> None:
    order = place(make_reseller())
    [line] = order.lines
    before = (order.total_minor, line.product, line.retail_minor)
    load(today(), {"sku": line.sku, "product": "Renamed", "price_usd": "1.00"})
    assert retail(line.sku, today()) == 100
    db.session.expire_all()
    [line] = get_order(order.id).lines
    assert (order.total_minor, line.product, line.retail_minor) == before


class TestCommand:
    """`flask catalog load`."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "catalog.csv"
        path.write_bytes(file_of({}, {"sku": "EDITOR", "product": "Editor"}))
        return path

    def run(self, app: Flask, *arguments: str) -> tuple[int, str]:
        db.session.commit()
        result = app.test_cli_runner().invoke(args=["catalog", "load", *arguments])
        db.session.rollback()
        return result.exit_code, result.output

    def test_it_loads_from_a_day(self, app: Flask, file: Path) -> None:
        status, said = self.run(app, str(file), "--valid-from", str(DAY))
        assert status == 0
        assert said.splitlines() == [
            "+ VIEWER-NET-DSB",
            "+ EDITOR",
            "2 new, 0 changed, 0 withdrawn, 0 unchanged.",
            "Loaded; prices hold from 2026-03-01.",
        ]
        assert priced(["EDITOR"], "USD", DAY)["EDITOR"].retail == Money(119900, "USD")

    def test_a_dry_run_only_tells(self, app: Flask, file: Path) -> None:
        status, said = self.run(app, str(file), "--dry-run")
        assert status == 0
        assert "2 new" in said
        assert f"Nothing was loaded (dry run for {today()})." in said
        assert db.session.query(Sku).count() == 0

    def test_the_difference_is_told(self, app: Flask, file: Path) -> None:
        self.run(app, str(file), "--from", str(DAY))
        file.write_bytes(file_of({"price_usd": "1299.00"}))
        status, said = self.run(app, str(file), "--from", str(LATER))
        assert status == 0
        assert said.splitlines()[:3] == [
            "~ VIEWER-NET-DSB USD: 1199.00 -> 1299.00",
            "- EDITOR",
            "0 new, 1 changed, 1 withdrawn, 0 unchanged.",
        ]

    def test_one_bad_line_loads_nothing(self, app: Flask, file: Path) -> None:
        file.write_bytes(file_of({}, {"sku": "B", "price_usd": "free"}, {"sku": "C", "brand": ""}))
        status, said = self.run(app, str(file))
        assert status == 1
        assert "catalog.csv, line 3: price_usd must be a positive amount" in said
        assert "catalog.csv, line 4: brand is empty." in said
        assert "Nothing was loaded: 2 problems." in said
        assert db.session.query(Sku).count() == 0

    def test_every_bad_line_of_a_hostile_file_is_named(self, app: Flask, file: Path) -> None:
        file.write_bytes(
            b"\xef\xbb\xbf"
            + file_of({}, {"sku": "B", "price_usd": "-1"}, {}, {"sku": "D", "price_eur": "1.005"}, {"plan": "a\0b"})
            + b"one,two\r\n"
        )
        status, said = self.run(app, str(file))
        assert status == 1
        assert [line.partition(": ")[0] for line in said.splitlines()[:-1]] == [
            f"catalog.csv, line {number}" for number in range(3, 8)
        ]
        assert said.splitlines()[-1] == "Error: Nothing was loaded: 5 problems."
        assert db.session.query(Sku).count() == 0

    def test_long_work_tells_how_far_it_is(self, app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(progress, "PAUSE", 0)
        file.write_bytes(DEMO.read_bytes())
        db.session.commit()
        done = app.test_cli_runner().invoke(args=["catalog", "load", str(file)])
        assert done.exit_code == 0
        assert "Reading: 339 of 340\n" in done.stderr
        assert "Reading" not in done.stdout

    def test_a_missing_file_or_a_day_that_is_none(self, app: Flask, file: Path) -> None:
        assert self.run(app, str(file.with_name("none.csv")))[0] != 0
        assert self.run(app, str(file), "--from", "2026-02-30")[0] != 0
        assert db.session.query(Sku).count() == 0
