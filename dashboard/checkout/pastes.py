"""What somebody pasted from a spreadsheet or a mail, or sent as a file, as rows whose cells are named. What the cells
hold is not judged here; see `bulk`.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.checkout.rules import CUSTOMER_FACTS
from dashboard.errors import N_, InvalidInput
from dashboard.web.sheets import read_xlsx

#: Facts of a row, in the order in which a page shows them.
FACTS = ("sku", "quantity", *CUSTOMER_FACTS, "po_number", "note", "renews")

#: Most rows that are taken at once, and the largest file in bytes.
MAX_ROWS = 300
MAX_BYTES = 2_000_000
MAX_LINE = 10_000  #: characters

#: How columns are called in both languages, without case, points and dashes.
_HEADS = {
    "sku": "sku|артикул|код|код товара|код продукта|product code|part number|product|item|продукт|товар|номенклатура",
    "quantity": "quantity|qty|pcs|pieces|count|licenses|количество|кол во|кол|шт|штук|число лицензий|лицензий",
    "company": "company|customer|end customer|client|end user|organization|organisation|licensee|компания|клиент|"
    "организация|заказчик|конечный пользователь|конечный клиент|лицензиат",
    "name": "name|contact|contact person|person|full name|контакт|контактное лицо|имя|фио",
    "email": "email|e mail|mail|email address|e mail address|почта|эл почта|электронная почта|адрес эл почты|"
    "адрес электронной почты|эл адрес",
    "street": "street|address|street and number|улица|улица и дом|адрес",
    "city": "city|town|город",
    "postal_code": "postal code|postcode|zip|zip code|индекс|почтовый индекс",
    "state": "state|region|state or region|province|штат|регион|область|штат или регион",
    "country": "country|страна",
    "language": "language|язык|язык писем|язык писем клиенту",
    "po_number": "po|po number|purchase order|purchase order number|your po|номер заказа|ваш номер|ваш номер заказа",
    "note": "note|notes|comment|примечание|комментарий",
    "renews": "renews|renews license|serial|serial number|продлевает|продлевает лицензию|серийный номер",
}
_FACT_OF = {name: fact for fact, names in _HEADS.items() for name in names.split("|")}

_QUOTED = re.compile(r"^(?:[> \u00a0]+|[-•*–—] +)+")  # what mail programs and lists put before a line
_EMAIL = re.compile(r"[^\s<>;,|()\"“”«»]+@[^\s<>;,|()\"“”«»]+\.[^\s<>;,|()\"“”«».]+")
_PIECES = re.compile(r"(?<![\w.-])(?:[x×х]\s*)?(\d{1,6})\s*(?:[x×х]|шт\.?|pcs\.?|licenses?|лиценз\w+)?(?![\w-])", re.I)
_FILLER = re.compile(
    r"please|order|of|for|to|and|x|pcs|pieces?|licenses?|пожалуйста|прошу|за?кажите|заказать|нужн[оы]|для|и|на|шт|штуки?|"
    r"лицензи[яийю]"
)
_EDGES = ' \t\u00a0,;:|<>()[]"“”–—-'


@dataclass(frozen=True)
class PastedRow:
    """One row: its line in what was pasted, its cells as they were written, and what could not be placed."""

    line: int
    cells: dict[str, str]
    left_over: str = ""


@dataclass(frozen=True)
class Paste:
    """All rows, and the names of columns that mean nothing to us."""

    rows: list[PastedRow] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


#: Says which fact a cell without a column's name holds; None if any text may stand there.
Guess = Callable[[str], str | None]


def text_of_file(content: bytes) -> str:
    """The rows of a CSV or XLSX file as text, cells parted by tabs: what a spreadsheet's copy would have given.

    Raises:
        InvalidInput: if it is too large, or no such file.
    """
    if len(content) > MAX_BYTES:
        raise InvalidInput(N_("The file is larger than %(max)s bytes."), max=MAX_BYTES)
    if content.startswith(b"PK"):
        rows = read_xlsx(content, max_rows=MAX_ROWS + 2)
        return "\n".join("\t".join(" ".join(cell.split()) for cell in row).rstrip() for row in rows)
    for encoding in ("utf-16",) if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "cp1251"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput(N_("This is neither a table (CSV) nor a spreadsheet (XLSX)."))


def read_paste(text: str, guess: Guess) -> Paste:
    """The rows of a text. A first line that names columns is recognized in both languages; without one the cells tell
    by what they hold, as does a line of a mail in which nothing parts them.

    Raises:
        InvalidInput: if there are more than `MAX_ROWS`, or a column stands twice.
    """
    lines = [(number, _QUOTED.sub("", line)) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if too_long := next((number for number, line in lines if len(line) > MAX_LINE), None):
        raise InvalidInput(N_("Line %(line)s is too long."), line=too_long)
    delimiter = _delimiter([line for _, line in lines])
    table = [(number, _cells(line, delimiter)) for number, line in lines]
    columns = _columns(table[0][1], guess) if table else None
    if columns is not None:
        table = table[1:]
    if len(table) > MAX_ROWS:
        raise InvalidInput(
            N_("At most %(max)s rows are taken at once; these are %(count)s."), max=MAX_ROWS, count=len(table)
        )
    if columns is None:
        usual = _usual([cells for _, cells in table], guess) if delimiter else {}
        return Paste([_guessed(number, cells, guess, usual) for number, cells in table])
    facts, unknown = columns
    return Paste([_named(number, cells, facts) for number, cells in table], unknown)


def _delimiter(lines: Sequence[str]) -> str:
    """What parts the cells: the first of these that most lines have."""
    for delimiter in ("\t", ";", "|", ","):
        if lines and sum(delimiter in line for line in lines) * 2 > len(lines):
            return delimiter
    return ""


def _cells(line: str, delimiter: str) -> list[str]:
    if not delimiter:
        return [cell.strip() for cell in re.split(r"\s{2,}|\t", line.strip())]
    if delimiter == "\t":  # a spreadsheet's copy: quotation marks are the cell's own
        return [" ".join(cell.split()) for cell in line.split("\t")]
    return [" ".join(cell.split()) for cells in csv.reader(io.StringIO(line), delimiter=delimiter) for cell in cells]


def _columns(head: Sequence[str], guess: Guess) -> tuple[list[str | None], list[str]] | None:
    """The fact of each column, and the names that are unknown; None if the line names no columns.

    Raises:
        InvalidInput: if a column stands twice.
    """
    facts = [_FACT_OF.get(" ".join(re.sub(r"[\W_]+", " ", cell.casefold()).split())) for cell in head]
    if "sku" not in facts or any(guess(cell) in {"sku", "email"} for cell in head):
        return None
    known = [fact for fact in facts if fact]
    if twice := next((head[facts.index(fact)] for fact in known if known.count(fact) > 1), None):
        raise InvalidInput(N_("The column “%(column)s” stands twice."), column=twice)
    return facts, [cell for cell, fact in zip(head, facts, strict=True) if cell and not fact]


def _named(number: int, cells: Sequence[str], facts: Sequence[str | None]) -> PastedRow:
    named = {fact: cell for fact, cell in zip(facts, cells, strict=False) if fact}
    return PastedRow(number, named, " ".join(cell for cell in cells[len(facts) :] if cell))


def _usual(table: Sequence[Sequence[str]], guess: Guess) -> dict[int, str]:
    """What most rows of a table without names of columns hold at a place."""
    counts = Counter((place, guess(cell)) for cells in table for place, cell in enumerate(cells))
    return {place: fact for (place, fact), count in counts.items() if fact and count * 2 > len(table)}


def _guessed(number: int, cells: Sequence[str], guess: Guess, usual: Mapping[int, str]) -> PastedRow:
    """A row without names of columns. Texts that can be anything are what the other rows have there, such as a mistyped
    SKU; else the company and the person, in this order.
    """
    if len([cell for cell in cells if cell]) == 1:
        cells = _torn(cells[0] or "".join(cells), guess)
    named: dict[str, str] = {}
    left_over = []
    certain = {guess(cell) for cell in cells}
    for place, cell in enumerate(cells):
        if not cell:
            continue
        fact = guess(cell)
        if fact is None and usual.get(place) not in certain:
            fact = usual.get(place)
        if fact is None or fact in named:
            fact = next((free for free in ("company", "name") if free not in named), "")
        if fact:
            named[fact] = cell
        else:
            left_over.append(cell)
    return PastedRow(number, named, " ".join(left_over))


def _torn(line: str, guess: Guess) -> list[str]:
    """The cells of a line of prose: the address, the SKU, the number of pieces; what remains is the company."""
    cells = []
    for found in _EMAIL.findall(line)[:1]:
        cells.append(found)
        line = line.replace(found, " ", 1)
    for word in line.split():
        if guess(word.strip(_EDGES)) == "sku":
            cells.append(word.strip(_EDGES))
            line = line.replace(word, " ", 1)
            break
    if pieces := _PIECES.search(line):
        cells.append(pieces[1])
        line = line[: pieces.start()] + " " + line[pieces.end() :]
    rest = [word for word in line.split() if not _FILLER.fullmatch(word.strip(_EDGES).casefold() or "x")]
    return [*cells, " ".join(rest).strip(_EDGES)]
