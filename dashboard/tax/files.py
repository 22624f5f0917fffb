"""Read a file of tax rates: CSV in UTF-8, of one of three kinds told apart by their columns. Nothing here touches the
database; all faults are found in one go, each named with line and column (R29).

Two kinds give percents, and their columns say so. Tables by ZIP code give fractions (0.0825) or percents (8.25) without
saying which. A combined sales tax is nothing or lies between 1 and 20 percent, so a number tells which it is; a file
that tells both, or a number that can be neither, is refused: a wrong guess would be wrong a hundredfold.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from dashboard.money import WHOLE, parse_rate
from dashboard.places import US_STATES
from dashboard.web.sheets import InvalidSheet, Problem, Record, Sheet, read_sheet

#: Rates of countries and states.
PLACES = ("country", "state", "valid_from", "rate_percent", "applies")
#: Rates of the states of the US.
STATES = ("state", "valid_from", "state_rate_percent", "taxes_downloaded_software")
#: Rates by ZIP code, in the layout in which such tables are published.
ZIPS = ("State", "ZipCode", "EstimatedCombinedRate")
ZIPS_MORE = (
    *("TaxRegionName", "TaxRegionCode", "StateRate", "EstimatedCountyRate", "EstimatedCityRate"),
    *("EstimatedSpecialRate", "RiskLevel"),
)

#: Largest file, in bytes: all ZIP codes of the US are some 3 MB.
MAX_BYTES = 32_000_000

#: No combined sales tax is higher, …
HIGHEST = Decimal("0.2")
#: … and none is lower, unless there is none.
LOWEST = Decimal("0.01")
#: What computing with binary fractions leaves behind: 0.08600000000000001.
NOISE = Decimal("1e-9")

_COUNTRY = re.compile("[A-Z]{2}")
_ZIP = re.compile(r"\d{5}", re.ASCII)
_NUMBER = re.compile(r"\d{1,3}(\.\d{1,20})?", re.ASCII)

YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True)
class PlaceRate:
    """The rate of a country or of a state of the US."""

    country: str
    state: str
    valid_from: date
    rate: int  #: parts per million
    applies: bool


@dataclass(frozen=True)
class LocalRate:
    """The combined rate of a ZIP code."""

    state: str
    zip_code: str
    valid_from: date
    rate: int  #: parts per million


@dataclass(frozen=True)
class Rates:
    """What a file brings."""

    places: tuple[PlaceRate, ...] = ()
    zips: tuple[LocalRate, ...] = ()

    @property
    def count(self) -> int:
        return len(self.places) + len(self.zips)


class _Fault(Exception):
    """Why a cell cannot be used."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


def read_rates(content: bytes, *, valid_from: date | None = None) -> Rates:
    """The rates of a file.

    Args:
        valid_from: the day from which a table by ZIP code holds; the other kinds have a column for it.

    Raises:
        InvalidSheet: with all problems that were found.
    """
    head = content[:2000].partition(b"\n")[0]
    if b"ZipCode" in head:
        if valid_from is None:
            raise InvalidSheet([Problem(1, "A table by ZIP code needs the day from which it holds: --valid-from.")])
        sheet = read_sheet(content, required=ZIPS, optional=ZIPS_MORE, max_bytes=MAX_BYTES)
        return Rates(zips=_zip_rates(sheet, valid_from))
    if valid_from is not None:
        raise InvalidSheet([Problem(1, "--valid-from is for tables by ZIP code; this file has a column for it.")])
    of_states = b"state_rate_percent" in head
    sheet = read_sheet(content, required=STATES if of_states else PLACES, optional=(), max_bytes=MAX_BYTES)
    return Rates(places=_place_rates(sheet, _state_rate if of_states else _place_rate))


def _place_rates(sheet: Sheet, read: Callable[[dict[str, str]], PlaceRate]) -> tuple[PlaceRate, ...]:
    found: dict[tuple[str, str, date], PlaceRate] = {}
    lines: dict[tuple[str, str, date], int] = {}
    for record in sheet.records:
        try:
            rate = read(record.cells)
        except _Fault as fault:
            sheet.problems.append(Problem(record.line, fault.message, column=fault.column))
            continue
        key = (rate.country, rate.state, rate.valid_from)
        if key in lines:
            sheet.problems.append(_twice(record, lines[key]))
        found[key], lines[key] = rate, record.line
    _refuse_if_any(sheet, count=len(found))
    return tuple(found.values())


def _place_rate(cells: dict[str, str]) -> PlaceRate:
    country, state = cells["country"], cells["state"]
    if not _COUNTRY.fullmatch(country):
        raise _Fault("country", "must be the two capital letters of a country")
    if country == "US":
        _check_state(state)
    elif state:
        raise _Fault("state", "must be empty outside the US")
    rate, applies = _percent("rate_percent", cells), _yes_or_no("applies", cells)
    return PlaceRate(country, state, _day("valid_from", cells), rate, applies)


def _state_rate(cells: dict[str, str]) -> PlaceRate:
    _check_state(cells["state"])
    rate, applies = _percent("state_rate_percent", cells), _yes_or_no("taxes_downloaded_software", cells)
    return PlaceRate("US", cells["state"], _day("valid_from", cells), rate, applies)


def _zip_rates(sheet: Sheet, valid_from: date) -> tuple[LocalRate, ...]:
    numbers: dict[tuple[str, str], tuple[Record, Decimal]] = {}
    for record in sheet.records:
        try:
            key, number = _zip_number(record.cells)
        except _Fault as fault:
            sheet.problems.append(Problem(record.line, fault.message, column=fault.column))
            continue
        if key in numbers:
            sheet.problems.append(_twice(record, numbers[key][0].line))
        else:
            numbers[key] = record, number
    factor = _factor(sheet, list(numbers.values()))
    rates = []
    for (state, zip_code), (record, number) in numbers.items():
        exact = number * factor
        rate = exact.to_integral_value()
        if abs(exact - rate) > NOISE * WHOLE:
            message = "is finer than a ten-thousandth of a percent"
            sheet.problems.append(Problem(record.line, message, column="EstimatedCombinedRate"))
        rates.append(LocalRate(state, zip_code, valid_from, int(rate)))
    _refuse_if_any(sheet, count=len(rates))
    return tuple(rates)


def _zip_number(cells: dict[str, str]) -> tuple[tuple[str, str], Decimal]:
    """State and ZIP code of a line, and its rate as it stands there."""
    _check_state(cells["State"], "State")
    if not _ZIP.fullmatch(cells["ZipCode"]):
        raise _Fault("ZipCode", "must have five digits; spreadsheets drop zeros at the begin unless it is text")
    return (cells["State"], cells["ZipCode"]), _number("EstimatedCombinedRate", cells)


def _factor(sheet: Sheet, numbers: list[tuple[Record, Decimal]]) -> int:
    """What makes parts per million of the file's numbers; what does not agree with the first of them is a problem."""
    factor = 0
    for record, number in numbers:
        own = _own_factor(number)
        if own is None:
            message = "is neither a fraction (0.0825) nor a percentage (8.25) of a sales tax"
            sheet.problems.append(Problem(record.line, message, column="EstimatedCombinedRate"))
        elif factor and own and own != factor:
            message = "is a fraction where others are percentages, or the other way about"
            sheet.problems.append(Problem(record.line, message, column="EstimatedCombinedRate"))
        factor = factor or own or 0
    return factor or WHOLE


def _own_factor(number: Decimal) -> int | None:
    """What makes parts per million of one number; 0 if it says nothing, None if it cannot be a rate."""
    if not number:
        return 0
    if LOWEST <= number <= HIGHEST:
        return WHOLE
    return WHOLE // 100 if LOWEST <= number / 100 <= HIGHEST else None


def _twice(record: Record, before: int) -> Problem:
    return Problem(record.line, "The place stands on line %(line)s already.", {"line": before})


def _refuse_if_any(sheet: Sheet, *, count: int) -> None:
    if not count and not sheet.problems:
        sheet.problems = [Problem(1, "The file lists no rate.")]
    if sheet.problems:
        raise InvalidSheet(sorted(sheet.problems, key=lambda problem: problem.line))


def _check_state(state: str, column: str = "state") -> None:
    if state not in US_STATES:
        raise _Fault(column, "must be the two capital letters of a state of the US")


def _percent(column: str, cells: dict[str, str]) -> int:
    number = _number(column, cells)
    if 0 < number < 1:
        raise _Fault(column, "must be a percentage (8.25), not a fraction (0.0825)")
    try:
        rate = parse_rate(number)
    except ValueError as error:
        raise _Fault(column, "is finer than a ten-thousandth of a percent") from error
    if rate > WHOLE:
        raise _Fault(column, "is more than 100 percent")
    return rate


def _number(column: str, cells: dict[str, str]) -> Decimal:
    try:
        if not _NUMBER.fullmatch(cells[column]):
            raise InvalidOperation
        return Decimal(cells[column])
    except InvalidOperation as error:
        raise _Fault(column, "must be a number with a decimal point") from error


def _day(column: str, cells: dict[str, str]) -> date:
    try:
        return date.fromisoformat(cells[column])
    except ValueError as error:
        raise _Fault(column, "must be a day such as 2027-01-31") from error


def _yes_or_no(column: str, cells: dict[str, str]) -> bool:
    if cells[column] not in YES_NO:
        raise _Fault(column, "must be yes or no")
    return YES_NO[cells[column]]


def zip_code_of(postal_code: str) -> str:
    """The five digits of a postal code as people in the US type it (`75001`, `75001-1234`, `750011234`); else empty."""
    found = re.fullmatch(r"(\d{5})(?:\D*\d{4})?", postal_code.strip(), re.ASCII)
    return found[1] if found else ""
