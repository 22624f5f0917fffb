"""CSV: a bank's table, read by the mapping that a person gave. It has no end mark: only balances prove it whole."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace

from dashboard.banking.detection import decoded
from dashboard.banking.mappings import SYMBOLS, CsvMapping
from dashboard.banking.rules import (
    Amount,
    Balance,
    Direction,
    Entry,
    Fault,
    Notice,
    NoticeKind,
    Party,
    Place,
    Statement,
    UnreadableStatement,
)
from dashboard.banking.values import (
    MAX_ENTRIES,
    BadValue,
    account_of,
    amount_of,
    cleaned,
    clipped,
    currency_of,
    faults_of_row,
    given,
    no_date,
    parsed_date,
    reference_of,
    too_many,
    without_time,
)
from dashboard.errors import N_

_GROUP_SIGNS = re.compile("[ '\u2019\u00a0\u2009\u202f]")
_MINUS = str.maketrans("\u2212\u2013", "--")


def read(data: bytes, mapping: CsvMapping) -> list[Statement]:
    """The one statement of a table.

    Raises:
        UnreadableStatement: if it cannot be read as such a table, or has no row at all.
    """
    reading = _Reading(mapping)
    for place, cells in _rows(data, mapping):
        reading.add(place, cells)
    return [reading.finish()]


def _rows(data: bytes, mapping: CsvMapping) -> Iterator[tuple[Place, list[str]]]:
    """Each row below the header with the line on which it begins."""
    lines = decoded(data, mapping.encoding).split("\n")
    text = "\n".join(lines[mapping.skip :])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter, strict=True)
    line = mapping.skip + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Place(line), cells
            line = mapping.skip + reader.line_num + 1
    except csv.Error as error:
        message = N_("Line %(place)s: the row cannot be read as CSV: a quotation mark is missing or too much.")
        raise UnreadableStatement(message, Place(line)) from error


class _Reading:
    """Collects the entries of a table."""

    def __init__(self, mapping: CsvMapping) -> None:
        self._mapping = mapping
        self._width = max(mapping.columns) + 1
        self._entries: list[Entry] = []
        self._faults: list[Fault] = []
        self._others: list[Place] = []  #: rows that say that they are no entries
        self._undated: list[tuple[Place, str]] = []  #: rows without a day since the last one that has one
        self._accounts: dict[str, Place] = {}
        self._balances: list[Amount | None] = []

    def add(self, place: Place, cells: list[str]) -> None:
        if self._is_no_entry(cells):
            self._others.append(place)
            return
        if len(self._entries) + len(self._faults) >= MAX_ENTRIES:
            raise too_many(place)
        if self._has_no_day(cells):
            self._undated.append((place, cells[self._mapping.booked_on]))
            return
        for undated, text in self._undated:  # no totals: the table goes on
            with faults_of_row(undated, self._faults):
                raise no_date(text)
        self._undated.clear()
        with faults_of_row(place, self._faults):
            if len(cells) < self._width:
                message = N_("Line %(place)s: the row has %(found)s cells instead of %(count)s or more.")
                raise BadValue(message, found=len(cells), count=self._width)
            if self._mapping.row_type is not None and not self._cell(cells, self._mapping.row_type):
                raise BadValue(N_("Line %(place)s: the row does not say whether it is an entry."))
            entry = self._entry(place, cells)
            balance = self._balance(cells, entry.amount.currency)
            if self._mapping.account_column is not None:
                self._accounts.setdefault(account_of(cells[self._mapping.account_column]), place)
            self._entries.append(entry)
            self._balances.append(balance)

    def _is_no_entry(self, cells: list[str]) -> bool:
        """Whether the row says of itself that it is something else, as balances between the entries do."""
        column = self._mapping.row_type
        kind = cleaned(cells[column]).casefold() if column is not None and column < len(cells) else ""
        return bool(kind) and kind != self._mapping.entry_type.casefold()

    def _has_no_day(self, cells: list[str]) -> bool:
        """Whether there is a cell for the day and no day in it, as in the totals below a table."""
        return len(cells) > self._mapping.booked_on and not re.search(r"\d", cells[self._mapping.booked_on])

    def _entry(self, place: Place, cells: list[str]) -> Entry:
        mapping = self._mapping
        written = self._cell(cells, mapping.currency_column)
        currency = currency_of(written or mapping.currency)
        signed = self._signed(cells, currency)
        value_on = self._cell(cells, mapping.value_on)
        reference = reference_of(self._cell(cells, mapping.reference))
        return Entry(
            place=place,
            amount=Amount(abs(signed), currency),
            direction=Direction.CREDIT if signed >= 0 else Direction.DEBIT,
            booked_on=parsed_date(without_time(self._cell(cells, mapping.booked_on)), mapping.date_format),
            value_on=parsed_date(without_time(value_on), mapping.date_format) if value_on else None,
            bank_id=given(self._cell(cells, mapping.bank_id)),
            party=Party(
                self._cell(cells, mapping.party_name),
                account_of(self._cell(cells, mapping.party_account)),
                self._cell(cells, mapping.party_bank),
            ),
            end_to_end_id=given(self._cell(cells, mapping.end_to_end_id)),
            references=(reference,) if reference else (),
            text=" ".join(filter(None, (self._cell(cells, column) for column in mapping.text))),
        )

    @staticmethod
    def _cell(cells: list[str], column: int | None) -> str:
        return cleaned(cells[column]) if column is not None else ""

    def _signed(self, cells: list[str], currency: str) -> int:
        """Minor units, below zero for money that went out."""
        mapping = self._mapping
        if mapping.amount is None:
            out, into = self._cell(cells, mapping.debit), self._cell(cells, mapping.credit)
            moved = [(sign, sum_) for sign, text in ((-1, out), (1, into)) if (sum_ := self._sum(text, currency))]
            if len(moved) != 1:
                raise BadValue(N_("Line %(place)s: the row needs a sum in one of debit and credit."))
            return moved[0][0] * abs(moved[0][1])
        text = self._cell(cells, mapping.amount)
        if not text:
            raise BadValue(N_("Line %(place)s: the entry has no sum."))
        minor = self._sum(text, currency)
        if mapping.sign is None:
            return minor
        word = self._cell(cells, mapping.sign).casefold()
        if word in {known.casefold() for known in mapping.credit_words}:
            return minor
        if word in {known.casefold() for known in mapping.debit_words}:
            return -minor if minor > 0 else minor
        raise BadValue(N_("Line %(place)s: “%(value)s” is neither credit nor debit."), value=clipped(word))

    def _sum(self, text: str, currency: str) -> int:
        """Minor units of a sum with its sign; an empty cell is none. Groups of three digits may be parted."""
        plain = _GROUP_SIGNS.sub("", text.translate(_MINUS)).removesuffix(currency).removeprefix(currency)
        plain = plain.replace(SYMBOLS.get(currency, currency), "", 1)
        if not plain:
            return 0
        in_brackets = re.fullmatch(r"\((.*)\)", plain)  # as bookkeepers write what went out
        sign = -1 if in_brackets or plain.startswith("-") or plain.endswith("-") else 1
        plain = in_brackets[1] if in_brackets else plain.removeprefix("-").removesuffix("-")
        decimal = self._mapping.decimal
        group = "." if decimal == "," else ","
        whole, found, fraction = plain.partition(decimal)
        if group in whole and not re.fullmatch(rf"\+?\d{{1,3}}({re.escape(group)}\d{{3}})+", whole, re.ASCII):
            raise BadValue(N_("Line %(place)s: “%(value)s” is no sum."), value=clipped(text))
        number = whole.replace(group, "") + (f".{fraction}" if found else "")
        return sign * amount_of(number, currency).minor

    def _balance(self, cells: list[str], currency: str) -> Amount | None:
        text = self._cell(cells, self._mapping.balance)
        return Amount(self._sum(text, currency), currency) if text else None

    def finish(self) -> Statement:
        mapping = self._mapping
        place = Place(mapping.skip + 1)
        if self._others and not self._entries and not self._faults:
            message = N_("Line %(place)s: no row is marked “%(value)s” as an entry: there is nothing to book.")
            raise UnreadableStatement(message, self._others[0], value=clipped(mapping.entry_type))
        if not self._entries and not self._faults:
            raise UnreadableStatement(N_("Line %(place)s: the table has no rows."), place)
        if len(self._accounts) > 1:
            other = list(self._accounts.values())[1]
            message = N_("Line %(place)s: the table tells of several accounts. Download one for each account.")
            raise UnreadableStatement(message, other)
        account = next(iter(self._accounts), "") or account_of(mapping.account)
        if not account:
            raise UnreadableStatement(N_("Line %(place)s: the statement does not name its account."), place)
        entries, balances = self._entries, self._balances
        newest_first = bool(entries) and entries[0].booked_on > entries[-1].booked_on
        if newest_first or (not self._chains(entries, balances) and self._chains(entries[::-1], balances[::-1])):
            entries, balances = entries[::-1], balances[::-1]
        opening, closing = self._opening_and_closing(entries, balances)
        return Statement(
            place=place,
            account=account,
            currency=currency_of(mapping.currency) if mapping.currency else self._first_currency(),
            period_from=min((entry.booked_on for entry in entries), default=None),
            period_to=max((entry.booked_on for entry in entries), default=None),
            opening=opening,
            closing=closing,
            entries=tuple(entries),
            faults=tuple(self._faults),
            notices=tuple(self._notices(place, entries, balances)),
        )

    def _first_currency(self) -> str:
        return self._entries[0].amount.currency if self._entries else ""

    @staticmethod
    def _opening_and_closing(
        entries: list[Entry], balances: list[Amount | None]
    ) -> tuple[Balance | None, Balance | None]:
        """From the balances after the first and the last entry."""
        first, last = (balances[0], balances[-1]) if balances else (None, None)
        if not first or not last:
            return None, None
        opening = replace(first, minor=first.minor - entries[0].signed)
        return Balance(opening), Balance(last, entries[-1].booked_on)

    @staticmethod
    def _chains(entries: list[Entry], balances: list[Amount | None]) -> bool:
        """Whether each balance is the one before and the entry."""
        steps = zip(entries[1:], balances, balances[1:], strict=False)
        return all(before.minor + entry.signed == after.minor for entry, before, after in steps if before and after)

    def _notices(self, place: Place, entries: list[Entry], balances: list[Amount | None]) -> Iterator[Notice]:
        if self._undated:
            first, count = self._undated[0][0], len(self._undated)
            message = N_("Line %(place)s: rows below the entries that have no day, taken for totals: %(count)s.")
            yield Notice(first, message, {"place": first, "count": count}, kind=NoticeKind.TOTAL_ROWS)
        if self._others:
            first, count = self._others[0], len(self._others)
            message = N_("Line %(place)s: rows that are no entries by what they say, left out: %(count)s.")
            yield Notice(first, message, {"place": first, "count": count}, kind=NoticeKind.TOTAL_ROWS)
        if not self._chains(entries, balances):
            message = N_("Line %(place)s: the balances beside the entries do not follow from them.")
            yield Notice(place, message, {"place": place}, kind=NoticeKind.TOTALS)
