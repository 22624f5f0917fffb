"""What is pasted, read as rows: columns by their names in both languages, or cells by what they hold."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.checkout.pastes import FACTS, MAX_BYTES, MAX_ROWS, read_paste, text_of_file
from dashboard.errors import InvalidInput

CODES = {"GD-VIEWER-NET-DSB", "AS-WORDS-JAVA-DOEM"}


def guess(cell: str) -> str | None:
    """As the catalog would say."""
    if "@" in cell:
        return "email"
    if cell.upper() in CODES:
        return "sku"
    return "quantity" if cell.isdigit() else "country" if cell == "DE" else None


def cells(text: str) -> list[dict[str, str]]:
    return [{fact: cell for fact, cell in row.cells.items() if cell} for row in read_paste(text, guess).rows]


ROW = {"sku": "GD-VIEWER-NET-DSB", "quantity": "2", "company": "Nordwind GmbH", "email": "jan@nordwind.example"}


@pytest.mark.parametrize(
    "text",
    [
        "SKU\tQty\tCustomer\tE-mail\nGD-VIEWER-NET-DSB\t2\tNordwind GmbH\tjan@nordwind.example",
        "Эл. почта;Клиент;Кол-во;Артикул\njan@nordwind.example;Nordwind GmbH;2;GD-VIEWER-NET-DSB\n",
        'sku,quantity,company,email\r\nGD-VIEWER-NET-DSB,2,"Nordwind GmbH",jan@nordwind.example\r\n',
        "GD-VIEWER-NET-DSB\t2\tNordwind GmbH\tjan@nordwind.example",
        "> Nordwind GmbH, jan@nordwind.example, GD-VIEWER-NET-DSB, 2",
        "Nordwind GmbH   gd-viewer-net-dsb   2   jan@nordwind.example",
        "- 2 x GD-VIEWER-NET-DSB for Nordwind GmbH <jan@nordwind.example>",
        "Прошу заказать GD-VIEWER-NET-DSB 2 шт. для Nordwind GmbH (jan@nordwind.example)",
    ],
)
def test_the_same_row_however_it_is_written(text: str) -> None:
    (row,) = cells(text)
    assert {**row, "sku": row["sku"].upper()} == ROW


def test_lines_are_those_of_the_paste_and_empty_cells_keep_their_place() -> None:
    paste = read_paste("\n\tSKU\tQty\tColor\n\n\tA-1\t\tred\n", lambda _cell: None)
    assert [(row.line, row.cells) for row in paste.rows] == [(4, {"sku": "A-1", "quantity": ""})]
    assert paste.unknown == ["Color"]


def test_two_texts_are_company_and_person_and_a_third_is_left_over() -> None:
    (row,) = read_paste("GD-VIEWER-NET-DSB;Nordwind;Jan Petersen;DE;urgent", guess).rows
    assert row.cells == {"sku": "GD-VIEWER-NET-DSB", "company": "Nordwind", "name": "Jan Petersen", "country": "DE"}
    assert row.left_over == "urgent"


def test_what_is_mistyped_is_what_the_other_rows_have_at_its_place() -> None:
    """Nobody orders one piece for the company “three”."""
    rows = ("GD-VIEWER-NET-DSB;2;Nordwind;DE", "GD-VIEWER-NET-DSB;three;Nordwind;DE", "GD-VIEWR-NET-DSB;1;Nordwind;DE")
    _, pieces, code = cells("\n".join(rows))
    assert pieces == {"sku": "GD-VIEWER-NET-DSB", "quantity": "three", "company": "Nordwind", "country": "DE"}
    assert code == {"sku": "GD-VIEWR-NET-DSB", "quantity": "1", "company": "Nordwind", "country": "DE"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SKU;Кол-во;Qty\nA;1;1", "stands twice"),
        ("A\t1\n" * (MAX_ROWS + 1), "rows are taken at once"),
        ("x" * 20_000, "is too long"),
    ],
)
def test_what_cannot_be_taken_is_told(text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        read_paste(text, guess)


@given(st.text(alphabet=st.sampled_from('aя@1\t;,|"\n >-xGD'), max_size=200))
def test_no_text_makes_it_stumble(text: str) -> None:
    for row in read_paste(text, guess).rows:
        assert set(row.cells) <= set(FACTS)


WORDS = st.text(alphabet="abcя1 -.'\"", min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)


@given(st.lists(st.tuples(*[WORDS] * 4), min_size=1, max_size=5))
def test_a_copy_of_a_spreadsheet_comes_back_cell_by_cell(table: list[tuple[str, ...]]) -> None:
    text = "\n".join("\t".join(row) for row in [("SKU", "Company", "Contact person", "Note"), *table])
    found = [
        tuple(row.cells[fact] for fact in ("sku", "company", "name", "note")) for row in read_paste(text, guess).rows
    ]
    assert [row[1:] for row in found] == [row[1:] for row in table]


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(file)
    return file.getvalue()


def test_a_workbook_is_read_as_its_copy_would_be() -> None:
    content = workbook(
        ("SKU", "Кол-во", "Компания"),
        (None, None, None),
        ("GD-VIEWER-NET-DSB", 2, "Север\nЮг"),
        ("A", Decimal("3"), None),
    )
    text = text_of_file(content)
    assert text == "SKU\tКол-во\tКомпания\nGD-VIEWER-NET-DSB\t2\tСевер Юг\nA\t3"
    assert cells(text)[0] == {"sku": "GD-VIEWER-NET-DSB", "quantity": "2", "company": "Север Юг"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_csv_of_any_spreadsheet_is_read(encoding: str) -> None:
    text = text_of_file("Артикул;Клиент\nA;«Север»\n".encode(encoding))
    assert cells(text) == [{"sku": "A", "company": "«Север»"}]


def packed(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def with_sheet(xml: str) -> bytes:
    """A workbook whose sheet is this XML."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(("SKU",)))) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            target.writestr(name, xml if "sheet1" in name else source.read(name))
    return file.getvalue()


LAUGHS = (
    "<!DOCTYPE a [<!ENTITY a '"
    + "ha" * 5000
    + "'>"
    + "".join(f"<!ENTITY {name} '{f'&{before};' * 30}'>" for before, name in zip("abcde", "bcdef", strict=True))
    + "]>"
)
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 broken",
        packed(nothing=b"here"),
        packed(bomb=b"\0" * 60_000_000),
        b"x" * (MAX_BYTES + 1),
        b"\x98\x98 no text",
        with_sheet(LAUGHS + SHEET % "&f;"),
        with_sheet("<!DOCTYPE a [<!ENTITY file SYSTEM 'file:///etc/hostname'>]>" + SHEET % "&file;"),
    ],
    ids=["broken", "nothing", "bomb", "large", "bytes", "laughs", "entity"],  # what is packed holds the time
)
def test_a_file_that_is_no_table_or_made_to_do_harm_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        text_of_file(content)
