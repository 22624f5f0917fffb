"""The list of orders as a file, and by date."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from dashboard.web.exports import harmless
from tests.client import Client
from tests.factories import make_reseller, make_user, pay, place


def rows_of(page: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.data.decode("utf-8-sig"))))


def test_R24_the_export_holds_the_filtered_orders_of_the_company_alone(client: Client) -> None:
    anna = make_user()
    mine, other = make_reseller(owner=anna), make_reseller("Other")
    order = place(mine, company='=HYPERLINK("x")')
    place(mine, company="Second")
    place(other)
    client.sign_in_as(anna)
    head, *rows = rows_of(client.get("/orders/export?q=hyperlink").response)
    assert [row[0] for row in rows] == [order.id]
    assert rows[0][head.index("End customer")] == '\'=HYPERLINK("x")'
    assert rows[0][head.index("Sum")] == "1079.10"
    assert len(rows_of(client.get("/orders/export").response)) == 3


def test_R24_both_files_hold_exactly_what_the_page_shows_in_its_order(client: Client) -> None:
    anna = make_user()
    reseller = make_reseller(owner=anna)
    first, second, _paid = place(reseller), place(reseller), pay(place(reseller))
    first.placed_at -= timedelta(days=2)
    client.sign_in_as(anna)
    page = client.get("/orders?tab=todo&sort=oldest&state=waiting&since=2020-01-01&until=2199-01-01&start=x")
    files = [client.get(page.links[name]) for name in ("as CSV", "as XLSX")]
    assert all(len(one.statements) <= 2 for one in (page, *files))
    (sheet,) = openpyxl.load_workbook(io.BytesIO(files[1].content)).worksheets
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[0] for row in rows_of(files[0].response)] == [row[0] for row in table]
    assert [row[0] for row in table[1:]] == [first.id, second.id]
    assert table[1][table[0].index("Sum")] == 1079.1
    assert table[1][table[0].index("Payment")] == "Prepaid, transfer not come yet"


def test_R24_the_list_is_sorted_by_date_both_ways(client: Client) -> None:
    anna = make_user()
    reseller = make_reseller(owner=anna)
    first, second = place(reseller), place(reseller)
    first.placed_at = first.placed_at.replace(year=2020)
    client.sign_in_as(anna)
    text = client.get("/orders").text
    assert text.index(second.id) < text.index(first.id)
    text = client.get("/orders?sort=oldest").text
    assert text.index(first.id) < text.index(second.id)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "\uff1d1"])
def test_a_cell_is_never_a_formula(cell: str) -> None:
    assert harmless(cell).startswith("'")


def test_numbers_and_texts_stay_as_they_are() -> None:
    assert [harmless(cell) for cell in ("R-2046-3182", -5, "a=b", "")] == ["R-2046-3182", "-5", "a=b", ""]
