"""The price list as a file for a spreadsheet: exactly what the page shows (R7)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import quote

import openpyxl
import pytest

from dashboard.catalog.files import read_catalog
from dashboard.catalog.loading import load_catalog
from dashboard.catalog.models import Product
from dashboard.clock import today
from dashboard.extensions import db
from tests.catalog.samples import DEMO
from tests.client import Client, Page
from tests.factories import VIEWER, make_catalog, make_reseller, make_user, owner_of

pytestmark = pytest.mark.usefixtures("app")

NARROWED = f"search={quote('цщквы oem')}&brand=Aspose"


def csv_rows(page: Page) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.content.decode("utf-8-sig"))))


def xlsx_rows(page: Page) -> list[list[object]]:
    (sheet,) = openpyxl.load_workbook(io.BytesIO(page.content)).worksheets
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.fixture
def buyer(client: Client) -> Client:
    client.sign_in_as(owner_of(make_reseller(discount=125_000)))
    return client


def test_R07_the_files_hold_exactly_the_rows_of_the_page_in_its_order(buyer: Client) -> None:
    load_catalog(read_catalog(DEMO.read_bytes()), today())
    page = buyer.get(f"/prices?{NARROWED}")
    as_csv, as_xlsx = (csv_rows(buyer.get(page.links["as CSV"])), xlsx_rows(buyer.get(page.links["as XLSX"])))
    shown = [code for code in page.text.split() if code.startswith("AS-WORDS-")]
    assert [row[0] for row in as_csv[1:]] == [row[0] for row in as_xlsx[1:]] == list(dict.fromkeys(shown))
    assert as_csv[0] == as_xlsx[0]
    assert [as_csv[0].index(name) for name in ("Retail price", "Partner price", "You save")] == [6, 7, 8]
    for texts, cells in zip(as_csv[1:], as_xlsx[1:], strict=True):
        assert texts[:6] == cells[:6]
        assert [Decimal(text) for text in texts[6:]] == [Decimal(str(cell)) for cell in cells[6:]]
        assert Decimal(texts[6]) - Decimal(texts[7]) == Decimal(texts[8])


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_R07_a_file_takes_two_statements_and_is_closed_to_others(
    buyer: Client, new_client: Callable[..., Client], format_: str
) -> None:
    make_catalog()
    assert len(buyer.get(f"/prices/export?format={format_}").statements) <= 2
    other = new_client()
    other.sign_in_as(make_user())
    assert other.get(f"/prices/export?format={format_}").status == 404


def test_R07_a_text_is_never_a_formula_and_a_price_is_a_number(buyer: Client) -> None:
    make_catalog()
    product = db.session.query(Product).order_by(Product.id).first()
    assert product is not None
    product.name = '=HYPERLINK("http://evil.example")'
    (sheet,) = openpyxl.load_workbook(
        io.BytesIO(buyer.get(f"/prices/export?format=xlsx&search={VIEWER}").content)
    ).worksheets
    assert (sheet["B2"].value, sheet["B2"].data_type) == (product.name, "s")
    assert (sheet["H2"].value, sheet["H2"].number_format) == (1049.13, "#,##0.00")
    assert csv_rows(buyer.get(f"/prices/export?search={VIEWER}"))[1][1] == f"'{product.name}"


def test_R07_the_files_speak_the_readers_language(new_client: Callable[..., Client]) -> None:
    make_catalog()
    client = new_client(language="ru")
    client.sign_in_as(owner_of(make_reseller(currency="RUB", owner=make_user(language="ru"))))
    head, row, *_ = csv_rows(client.get("/prices/export"))
    assert "Партнёрская цена" in head
    assert "1 разработчик" in row
