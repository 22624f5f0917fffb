"""Reading a catalog file: exact, or refused with every bad line named."""

from __future__ import annotations

import csv
import io

import pytest

from dashboard.catalog.files import MAX_BYTES, read_catalog
from dashboard.money import Money
from dashboard.web.sheets import InvalidSheet
from tests.catalog.samples import DEMO, GOOD, file_of


def problems_of(content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(InvalidSheet) as refusal:
        read_catalog(content)
    return [(problem.line, str(problem)) for problem in refusal.value.problems]


def test_the_real_catalog_is_read_whole() -> None:
    rows = read_catalog(DEMO.read_bytes())
    assert len(rows) == 340
    assert rows[0].code == "GD-VIEWER-NET-DSB"
    assert rows[0].prices == {"USD": Money(119900, "USD"), "EUR": Money(110300, "EUR"), "RUB": Money(11030000, "RUB")}


def test_a_byte_order_mark_blank_lines_and_outer_spaces_do_no_harm() -> None:
    content = b"\xef\xbb\xbf" + file_of({"sku": " VIEWER-NET-DSB "}).replace(b"\r\n", b"\r\n\r\n")
    assert [row.code for row in read_catalog(content)] == ["VIEWER-NET-DSB"]


def test_R11_prices_are_taken_to_the_last_minor_unit() -> None:
    [row] = read_catalog(file_of({"price_usd": "0.01", "price_eur": "", "price_rub": "999999999999.99"}))
    assert row.prices == {"USD": Money(1, "USD"), "EUR": None, "RUB": Money(99999999999999, "RUB")}


@pytest.mark.parametrize(
    "price", ["0", "-1", "1e3", "NaN", "Infinity", "1,199.00", "1 199", "1199.005", "１１９９", "$5", "+5", ".5", "5."]
)
def test_R11_anything_else_is_no_price(price: str) -> None:
    [(line, reason)] = problems_of(file_of({}, {"sku": "OTHER", "price_usd": price}))
    assert line == 3
    assert reason.startswith("price_usd must be a positive amount")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"sku": "viewer"}, "sku must be"),
        ({"sku": ""}, "sku must be"),
        ({"sku": "A" * 61}, "sku must be"),
        ({"sku": "=1+1"}, "sku must be"),
        ({"product": ""}, "product is empty."),
        ({"product": "x" * 201}, "product is longer than 200 characters."),
        ({"product": '=HYPERLINK("http://evil.example")'}, "product begins with"),
        ({"platform": "@SUM(A1)"}, "platform begins with"),
        ({"product": "Viewer\u202efor .NET"}, "product holds"),
        ({"product": "ビューア"}, "product holds characters that documents cannot show: ア"),
        ({"description_en": "two\nlines"}, "description_en holds"),
        ({"plan": "a\x00b"}, "plan holds"),
        ({"price_usd": "", "price_eur": "", "price_rub": ""}, "The line has no price."),
    ],
)
def test_hostile_and_broken_cells_are_named(row: dict[str, str], reason: str) -> None:
    [(line, said)] = problems_of(file_of(row))
    assert line == 2
    assert said.startswith(reason)


def test_all_bad_lines_are_named_in_one_go() -> None:
    content = file_of({"description_en": "two\nlines"}, {"sku": "B", "price_usd": "x"}, {"sku": "C", "brand": ""})
    assert [line for line, _ in problems_of(content)] == [2, 4, 5]


def test_a_sku_stands_once_and_a_product_is_described_alike() -> None:
    content = file_of({}, {}, {"sku": "B", "brand": "Aspose"}, {"sku": "C", "product": "Other", "scope_ru": "иначе"})
    assert problems_of(content) == [
        (3, "VIEWER-NET-DSB stands on line 2 already."),
        (4, "brand of GroupDocs.Viewer for .NET differs from line 2."),
        (5, "scope_ru of Developer Small Business differs from line 2."),
    ]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "The file is empty."),
        (b"\xef\xbb\xbf\r\n ; ;\r\n", 1, "The file is empty."),
        (b"words of no use\r\n", 1, "The first line must name these columns: sku, brand,"),
        (file_of({}).replace(b",price_usd,price_eur,price_rub", b"", 1), 1, "The first line must name a price"),
        (file_of({}).decode().encode("utf-16"), 1, "The line is not written in UTF-8."),
        (file_of(), 2 - 1, "The file lists no SKU."),
        (file_of({}) + b"one,two\r\n", 3, "The line has 2 cells instead of 12."),
        (file_of({}) + b'"open\r\nand open', 3, "The line cannot be read as CSV"),
        (file_of({}) + "Б".encode("cp1251"), 3, "The line is not written in UTF-8."),
        (b"x" * (MAX_BYTES + 1), 1, "The file is larger than"),
        (file_of({}) + b'"' + b"x" * 200_000 + b'"\r\n', 3, "The line cannot be read as CSV"),
    ],
)
def test_a_file_that_is_no_catalog_is_refused(content: bytes, line: int, reason: str) -> None:
    [(where, said)] = problems_of(content)
    assert (where, said[: len(reason)]) == (line, reason)


def test_columns_that_are_missing_unknown_or_there_twice_are_named() -> None:
    header, rest = file_of({}).split(b"\r\n", 1)
    header = header.replace(b"price_eur", b"price_usd").replace(b"brand", b"Brand")
    with pytest.raises(InvalidSheet) as refusal:
        read_catalog(header + b"\r\n" + rest)
    assert [(problem.column, str(problem)) for problem in refusal.value.problems] == [
        ("brand", "The column is missing."),
        ("Brand", "There is no such column."),
        ("price_usd", "The column stands twice."),
    ]


def test_a_spreadsheet_may_write_semicolons_decimal_commas_and_empty_rows() -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerows([[*GOOD], [*(GOOD | {"price_usd": "1199,50", "brand": "Con, holdate"}).values()]])
    [row] = read_catalog(b"\xef\xbb\xbf" + text.getvalue().encode() + b";;;;;;;;;;;\r\n")
    assert (row.brand, row.prices["USD"]) == ("Con, holdate", Money(119950, "USD"))


def test_a_price_with_three_decimals_is_not_taken_for_thousands() -> None:
    [(line, reason)] = problems_of(file_of({"price_usd": "1,199"}))
    assert (line, reason[:9]) == (2, "price_usd")
