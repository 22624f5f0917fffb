"""Files to save: tables as CSV or XLSX that no spreadsheet takes for formulas, several documents as one ZIP."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Response
from werkzeug.http import dump_options_header

from dashboard.errors import N_
from dashboard.web.progress import Watch, unwatched

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: Widest column of an XLSX file, in characters.
WIDEST = 60

#: A cell that begins with one of these is run by some spreadsheet programs.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

#: What is told of a file while its rows are written.
WRITING = N_("Writing the file")


@dataclass(frozen=True)
class SavedFile:
    """A file that is made: sent at once, or kept until it is fetched."""

    name: str
    content: bytes
    media_type: str

    def response(self) -> Response:
        """The file as an answer that the browser saves."""
        response = Response(self.content, mimetype=self.media_type)
        response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": self.name})
        return response


def harmless(cell: object) -> str:
    """The cell as text; what would be run as a formula gets an apostrophe before it. Numbers stay numbers."""
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.lstrip(" \u00a0").startswith(_RUNS) else text


def table_file(
    name: str,
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    as_xlsx: bool,
    watch: Watch = unwatched,
) -> SavedFile:
    """The rows as a file to save, in the format that was asked for; `name` is without an ending."""
    if as_xlsx:
        return xlsx_file(f"{name}.xlsx", title, head, rows, watch)
    return csv_file(f"{name}.csv", head, rows, watch)


def csv_file(name: str, head: Sequence[str], rows: Sequence[Sequence[object]], watch: Watch = unwatched) -> SavedFile:
    """The rows as a CSV file to save; with the mark that makes spreadsheets read it as UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in watch(rows, WRITING))
    return SavedFile(name, ("\ufeff" + file.getvalue()).encode(), "text/csv")


def xlsx_file(
    name: str, title: str, head: Sequence[str], rows: Sequence[Sequence[object]], watch: Watch = unwatched
) -> SavedFile:
    """The rows as a sheet of an XLSX file to save. Texts are written as texts, never as formulas; a `Decimal` is a
    number with its own count of places.
    """
    from openpyxl import Workbook  # it takes a third of a second, and few ask for it
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for column, cells in enumerate(zip(head, *rows, strict=True), start=1):
        width = min(WIDEST, max(len(str(cell)) for cell in cells) + 2)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, label, bold=True) for label in head])
    for row in watch(rows, WRITING):
        sheet.append([_cell(sheet, value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return SavedFile(name, file.getvalue(), XLSX)


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


def zip_file(name: str, inside: Sequence[str], read: Callable[[str], bytes], watch: Watch = unwatched) -> SavedFile:
    """Several files as one ZIP to save. They are stored as they are: PDF is compressed already.

    Args:
        inside: their names.
        read: gives the content of one.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for one in watch(inside, WRITING):
            packed.writestr(zipfile.ZipInfo(one), read(one))
    return SavedFile(name, file.getvalue(), "application/zip")
