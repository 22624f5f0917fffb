"""Files that come out of a spreadsheet: CSV in UTF-8, one record a line, every fault named with line and column.

What spreadsheets of different countries write is taken as it is: commas or semicolons, with or without a byte order
mark, with rows of nothing at the end. What is in a cell is the business of the feature whose file it is.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from dashboard.errors import N_, InvalidInput

#: Most columns that are looked at in a spreadsheet.
MAX_COLUMNS = 50


@dataclass(frozen=True)
class Problem:
    """Why a line cannot be used: an untranslated text and its values, and the column if it is about one."""

    line: int
    message: str
    values: dict[str, Any] = field(default_factory=dict)
    column: str = ""

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class InvalidSheet(InvalidInput):
    """The file was refused whole; `problems` names all that is to be corrected."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(N_("The file was not loaded: it has lines that cannot be used."))
        self.problems = problems


@dataclass(frozen=True)
class Record:
    """One record: where it begins in the file, and its cells by their columns, without outer spaces."""

    line: int
    cells: dict[str, str]


@dataclass
class Sheet:
    """What could be read, and what could not: whoever checks the records adds the problems that they have."""

    columns: list[str]
    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_sheet(content: bytes, *, required: Collection[str], optional: Collection[str], max_bytes: int) -> Sheet:
    """The records of a file whose first line names its columns, in any order.

    Args:
        required: columns that must be there.
        optional: columns that may be left out.
        max_bytes: size of the largest file that is looked at.

    Raises:
        InvalidSheet: if the file is too large, is no text in UTF-8, or has the wrong columns.
    """
    lines = _lines(_text(content, max_bytes))
    sheet = Sheet([])
    try:
        _, header = next(lines)
        sheet.columns = [name.strip() for name in header]
        _check_columns(sheet.columns, required, optional)
        for line, cells in lines:
            if len(cells) == len(header):
                named = zip(sheet.columns, cells, strict=True)
                sheet.records.append(Record(line, {name: cell.strip() for name, cell in named}))
            else:
                message = N_("The line has %(count)s cells instead of %(expected)s.")
                sheet.problems.append(Problem(line, message, {"count": len(cells), "expected": len(header)}))
    except StopIteration:
        raise InvalidSheet([Problem(1, N_("The file is empty."))]) from None
    except _Unreadable as error:
        message = N_("The line cannot be read as CSV: a quotation mark is missing or too much.")
        sheet.problems.append(Problem(error.line, message))
    return sheet


#: Most bytes that an XLSX file may unpack to: a file of a few kilobytes can hold gigabytes of nothing.
UNPACKED = 50_000_000


def read_xlsx(content: bytes, *, max_rows: int) -> list[list[str]]:
    """The cells of the first sheet of an XLSX file as texts, with values for formulas; at most `max_rows` rows, and
    none in which nothing stands.

    Raises:
        InvalidInput: if it is no such file, or one made to do harm.
    """
    from openpyxl import load_workbook  # it takes a third of a second, and few ask for it

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                raise InvalidInput(N_("This spreadsheet is too large."))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        cells = book.worksheets[0].iter_rows(values_only=True, max_row=max_rows, max_col=MAX_COLUMNS)
        rows = [["" if cell is None else str(cell).strip() for cell in row] for row in cells]
    except InvalidInput:
        raise
    except Exception as error:  # a broken file makes the library stumble in many ways
        raise InvalidInput(N_("This is no spreadsheet (XLSX) that can be read.")) from error
    return [row for row in rows if any(row)]


class _Unreadable(Exception):
    """From this line on the file is no CSV."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _text(content: bytes, max_bytes: int) -> str:
    if len(content) > max_bytes:
        raise InvalidSheet([Problem(1, N_("The file is larger than %(max)s bytes."), {"max": max_bytes})])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidSheet([Problem(line, N_("The line is not written in UTF-8."))]) from error


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number (of its first line in the file) and cells of each record in which something stands."""
    first = text.lstrip().partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise _Unreadable(line) from error


def _check_columns(columns: list[str], required: Collection[str], optional: Collection[str]) -> None:
    known = [*required, *optional]
    if not set(columns) & set(known):
        message = N_("The first line must name these columns: %(columns)s.")
        raise InvalidSheet([Problem(1, message, {"columns": ", ".join(known)})])
    problems = [
        *(Problem(1, N_("The column is missing."), column=name) for name in required if name not in columns),
        *(Problem(1, N_("There is no such column."), column=name) for name in columns if name not in known),
        *(Problem(1, N_("The column stands twice."), column=name) for name in known if columns.count(name) > 1),
    ]
    if problems:
        raise InvalidSheet(problems)
