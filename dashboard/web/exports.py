"""Files to save: tables as CSV or XLSX that no spreadsheet takes for formulas, several documents as one ZIP."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Response
from werkzeug.http import dump_options_header

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: Widest column of an XLSX file, in characters.
WIDEST = 60

#: A cell that begins with one of these is run by some spreadsheet programs.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(cell: object) -> str:
    """The cell as text; what would be run as a formula gets an apostrophe before it. Numbers stay numbers."""
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.lstrip(" \u00a0").startswith(_RUNS) else text


def table_file(
    name: str, title: str, head: Sequence[str], rows: Iterable[Sequence[object]], *, as_xlsx: bool
) -> Response:
    """The rows as a file to save, in the format that was asked for; `name` is without an ending."""
    return xlsx_file(f"{name}.xlsx", title, head, rows) if as_xlsx else csv_file(f"{name}.csv", head, rows)


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The rows as a CSV file to save; with the mark that makes spreadsheets read it as UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return _saved(name, "\ufeff" + file.getvalue(), "text/csv")


def xlsx_file(name: str, title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The rows as a sheet of an XLSX file to save. Texts are written as texts, never as formulas; a `Decimal` is a
    number with its own count of places.
    """
    from openpyxl import Workbook  # it takes a third of a second, and few ask for it
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    table = [list(row) for row in rows]
    for column, cells in enumerate(zip(head, *table, strict=True), start=1):
        width = min(WIDEST, max(len(str(cell)) for cell in cells) + 2)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, label, bold=True) for label in head])
    for row in table:
        sheet.append([_cell(sheet, value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return _saved(name, file.getvalue(), XLSX)


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Cell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"  # also what begins with an equals sign
    elif isinstance(value, Decimal):
        places = -int(value.as_tuple().exponent)
        cell.number_format = "#,##0" + ("." + "0" * places if places > 0 else "")
    if bold:
        cell.font = Font(bold=True)
    return cell


def zip_file(name: str, files: Mapping[str, bytes]) -> Response:
    """The files, by their names, as one ZIP to save. They are stored as they are: PDF is compressed already."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for inside, content in files.items():
            packed.writestr(zipfile.ZipInfo(inside), content)
    return _saved(name, file.getvalue(), "application/zip")


def _saved(name: str, content: str | bytes, kind: str) -> Response:
    response = Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
    return response
