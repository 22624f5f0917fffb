"""Read and write a catalog file: CSV in UTF-8, one SKU a line. Nothing here touches the database.

A catalog comes from outside and ends in prices, documents and spreadsheets, so each cell is checked for what it is;
all faults are found in one go, each named with its line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dashboard.catalog.rules import StoredSku
from dashboard.documents.glyphs import unprintable
from dashboard.errors import N_
from dashboard.money import CURRENCIES, Money
from dashboard.web.exports import SavedFile, csv_file, harmless
from dashboard.web.progress import Watch, unwatched
from dashboard.web.sheets import InvalidSheet, Problem, Record, read_sheet

#: Text columns with the longest text that each takes, in characters.
TEXTS = {
    "brand": 100,
    "product": 200,
    "platform": 100,
    "plan": 100,
    "scope_en": 200,
    "scope_ru": 200,
    "description_en": 2000,
    "description_ru": 2000,
}
PRICES = {f"price_{currency.lower()}": currency for currency in CURRENCIES}

#: Largest file, in bytes: some two hundred thousand SKUs.
MAX_BYTES = 64_000_000

_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,59}")
_PRICE = re.compile(r"[0-9]{1,12}([.,][0-9]+)?")

#: What stands on papers: a character that they cannot show would keep each of them from being drawn.
PRINTED = frozenset({"product", "plan", "scope_en", "scope_ru"})

PRODUCT_FACTS = ("brand", "platform", "description_en", "description_ru")
PLAN_FACTS = ("scope_ru",)


@dataclass(frozen=True)
class CatalogRow:
    """One line of the file; a price that is none says that the SKU is not sold in that currency."""

    line: int
    code: str
    brand: str
    product: str
    platform: str
    plan: str
    scope_en: str
    scope_ru: str
    description_en: str
    description_ru: str
    prices: dict[str, Money | None]


def read_catalog(content: bytes, watch: Watch = unwatched) -> list[CatalogRow]:
    """All lines of a catalog file, with the columns of `TEXTS` and at least one of `PRICES`.

    Raises:
        InvalidSheet: with all problems that were found.
    """
    sheet = read_sheet(content, required=["sku", *TEXTS], optional=PRICES, max_bytes=MAX_BYTES)
    currencies = {name: currency for name, currency in PRICES.items() if name in sheet.columns}
    if not currencies:
        columns = ", ".join(PRICES)
        raise InvalidSheet([Problem(1, N_("The first line must name a price: %(columns)s."), {"columns": columns})])
    rows: list[CatalogRow] = []
    kept = _Consistency()
    for record in watch(sheet.records, "Reading"):
        row, found = _row(record, currencies)
        sheet.problems += found
        if row:
            sheet.problems += kept.problems_of(row)
            rows.append(row)
    if not rows and not sheet.problems:
        sheet.problems = [Problem(1, N_("The file lists no SKU."))]
    if sheet.problems:
        raise InvalidSheet(sorted(sheet.problems, key=lambda problem: problem.line))
    return rows


def write_catalog(name: str, skus: Iterable[StoredSku]) -> SavedFile:
    """What is on sale as the file that `read_catalog` takes: loaded again on the same day, it changes nothing.

    Args:
        skus: what has no price is left out, as a load withdraws it.
    """
    columns = ["sku", *TEXTS, *PRICES]
    return csv_file(name, columns, [[_written(sku, column) for column in columns] for sku in skus if sku.prices])


def _written(sku: StoredSku, column: str) -> object:
    if column in PRICES:
        price = sku.prices.get(PRICES[column])
        return price.decimal if price else ""
    return sku.code if column == "sku" else getattr(sku, column)


def _row(record: Record, currencies: dict[str, str]) -> tuple[CatalogRow | None, list[Problem]]:
    """The row of a record, or its problems."""
    line, named = record.line, record.cells
    problems = [
        Problem(line, message, {"column": name, **values})
        for name, cell in named.items()
        for message, values in faults(name, cell)
    ]
    if not any(named[name] for name in currencies):
        problems.append(Problem(line, N_("The line has no price.")))
    if problems:
        return None, problems
    prices = {
        currency: Money.of(_plain(named[name]), currency) if named[name] else None
        for name, currency in currencies.items()
    }
    return CatalogRow(line, named["sku"], prices=prices, **{name: named[name] for name in TEXTS}), []


@lru_cache(4096)
def faults(name: str, cell: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    """What is wrong with a cell of a column: untranslated texts with values, all but that of `column`, which is what
    the reader calls it. Most cells stand in many lines.
    """
    return tuple(_found_faults(name, cell))


def _found_faults(name: str, cell: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is wrong with a cell; its text is repeated only where it is short and harmless."""
    if name == "sku":
        if not _CODE.fullmatch(cell):
            yield N_("%(column)s must be at most 60 capital letters, digits, points, dashes and underscores."), {}
    elif name in PRICES:
        if cell and not _is_price(cell, PRICES[name]):
            yield N_("%(column)s must be a positive amount without spaces, for example 1199.00."), {}
    elif not cell:
        yield N_("%(column)s is empty."), {}
    elif len(cell) > TEXTS[name]:
        yield N_("%(column)s is longer than %(max)s characters."), {"max": TEXTS[name]}
    elif any(unicodedata.category(char).startswith("C") for char in cell):
        yield N_("%(column)s holds a line break or an invisible character."), {}
    elif name in PRINTED and unprintable(cell):
        yield (
            N_("%(column)s holds characters that documents cannot show: %(characters)s."),
            {"characters": " ".join(unprintable(cell))},
        )
    elif harmless(cell) != cell:
        yield N_("%(column)s begins with a character that spreadsheets take for a formula."), {}


def _is_price(cell: str, currency: str) -> bool:
    """Whether a price can be taken as it is, to the last minor unit (R11)."""
    if not _PRICE.fullmatch(cell):
        return False
    try:
        return Money.of(_plain(cell), currency).minor > 0
    except ValueError:  # finer than the minor unit
        return False


def _plain(price: str) -> str:
    """A price with a decimal point, where a spreadsheet has written a comma."""
    return price.replace(",", ".")


class _Consistency:
    """A SKU stands once; a product and a plan are described alike wherever they stand."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}
        self._first: dict[tuple[str, ...], CatalogRow] = {}

    def problems_of(self, row: CatalogRow) -> Iterator[Problem]:
        before = self._lines.setdefault(row.code, row.line)
        if before != row.line:
            yield Problem(row.line, N_("%(sku)s stands on line %(line)s already."), {"sku": row.code, "line": before})
        for key, facts in (((row.product,), PRODUCT_FACTS), ((row.plan, row.scope_en), PLAN_FACTS)):
            first = self._first.setdefault(key, row)
            for fact in facts:
                if getattr(first, fact) != getattr(row, fact):
                    values = {"column": fact, "name": key[0], "line": first.line}
                    message = N_("%(column)s of %(name)s differs from line %(line)s.")
                    yield Problem(row.line, message, values)
