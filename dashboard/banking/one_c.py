"""1CClientBankExchange (versions 1.01 to 1.03): the statement of Russian banks, lines of `Key=value` in sections.

The header's claim of an encoding is not to be trusted; the right one is that in which the keys can be read. Which way
the money went is told by `ДатаСписано` (out) and `ДатаПоступило` (in), not by the accounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from dashboard.banking.detection import decoded
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
    parsed_date,
    refusing,
    too_many,
    without_time,
)
from dashboard.errors import N_

_END = "КонецФайла"
_MARKS = frozenset({_END, "СекцияРасчСчет", "КонецРасчСчет", "КонецДокумента"})
_KEY = re.compile(r"([А-ЯЁA-Z][А-Яа-яЁёA-Za-z0-9_]*)=(.*)", re.DOTALL)

#: Keys whose value some banks break over several lines.
_TEXT_KEYS = re.compile(r"НазначениеПлатежа\d?|(Плательщик|Получатель)(\d|Банк\d)?|КвитанцияСодержание")

_GAP = re.compile(r"(?<=\d)\s(?=\d{3}(?!\d))")

#: Currencies by the digits 6 to 8 of a Russian account.
_CURRENCIES = {
    "036": "AUD", "051": "AMD", "124": "CAD", "156": "CNY", "203": "CZK", "208": "DKK", "344": "HKD", "348": "HUF",
    "356": "INR", "360": "IDR", "364": "IRR", "376": "ILS", "392": "JPY", "398": "KZT", "410": "KRW", "417": "KGS",
    "458": "MYR", "496": "MNT", "498": "MDL", "554": "NZD", "578": "NOK", "634": "QAR", "643": "RUB", "682": "SAR",
    "702": "SGD", "704": "VND", "710": "ZAR", "752": "SEK", "756": "CHF", "764": "THB", "784": "AED", "810": "RUB",
    "818": "EGP", "826": "GBP", "840": "USD", "860": "UZS", "933": "BYN", "934": "TMT", "941": "RSD", "944": "AZN",
    "946": "RON", "949": "TRY", "972": "TJS", "975": "BGN", "978": "EUR", "980": "UAH", "981": "GEL",
    "985": "PLN", "986": "BRL",
}  # fmt: skip


@dataclass(slots=True)
class _Section:
    """A section with the keys and values of its lines."""

    kind: str
    line: int
    values: dict[str, str] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)
    last: str = ""

    @property
    def place(self) -> Place:
        return Place(self.line)

    def get(self, *keys: str) -> str:
        """The value of the first key that has one."""
        return next((value for key in keys if (value := cleaned(self.values.get(key)))), "")

    def day(self, key: str) -> date | None:
        text = without_time(self.get(key))
        form = "%Y-%m-%d" if "-" in text else "%d.%m.%y" if len(text) == len("31.12.27") else "%d.%m.%Y"
        return parsed_date(text, form) if text else None

    def purpose(self) -> str:
        """The purpose from its key, and what more its numbered lines say."""
        text = self.get("НазначениеПлатежа")
        for number in range(1, 7):
            text = _with(text, self.get(f"НазначениеПлатежа{number}"))
        return text


def read(data: bytes) -> list[Statement]:
    """The statements of the file, one for each account.

    Raises:
        UnreadableStatement: if the file is cut off (has no `КонецФайла`), or its frame cannot be read.
    """
    header, accounts, documents = _sections(_decoded(data))
    builders = _builders(header, accounts)
    for document in documents:
        owners = _builders_of(document, builders)
        for builder in owners:
            builder.add(document)
        if not owners:
            next(iter(builders.values())).add_stray(document)
    return [builder.finish() for builder in builders.values()]


def _decoded(data: bytes) -> str:
    """The text in the encoding in which the keys make sense, whatever the header says."""
    for encoding in ("utf-8", "cp1251", "cp866", "koi8-r"):
        if "ВерсияФормата".encode(encoding) in data or "РасчСчет".encode(encoding) in data:
            return decoded(data, encoding)
    raise UnreadableStatement(N_("The file is cut off or written in an unknown encoding. Download it again."))


def _sections(text: str) -> tuple[_Section, list[_Section], list[_Section]]:
    """The header, the sections of accounts and those of documents."""
    lines = text.split("\n")
    first = next(number for number, line in enumerate(lines, start=1) if line.strip())
    header = section = _Section("", first)
    accounts: list[_Section] = []
    documents: list[_Section] = []
    end = 0
    for number, raw in enumerate(lines[first:], start=first + 1):
        line = raw.strip(" \t\x1a")
        if end and line:
            raise UnreadableStatement(N_("Line %(place)s: the file goes on after its end mark."), Place(number))
        if line == _END and section is header:
            end = number
        elif line in {"КонецРасчСчет", "КонецДокумента"} and section is not header:
            section = header
        elif line == "СекцияРасчСчет" and section is header:
            section = _Section("account", number)
            accounts.append(section)
        elif line.startswith("СекцияДокумент") and section is header:
            section = _Section(line.partition("=")[2], number)
            documents.append(section)
            if len(documents) > MAX_ENTRIES:
                raise too_many(section.place)
        elif line in _MARKS or line.startswith("СекцияДокумент"):
            raise UnreadableStatement(N_("Line %(place)s: the section before is not closed."), Place(number))
        elif line:
            _add_line(section, number, line)
    if not end:
        raise UnreadableStatement(
            N_("Line %(place)s: the file is cut off: its end mark is missing. Download the file again."),
            Place(len(lines)),
        )
    return header, accounts, documents


def _add_line(section: _Section, number: int, line: str) -> None:
    match = _KEY.fullmatch(line)
    if match:
        key, value = match[1], match[2]
        if key.startswith("Дата") and not re.search("[1-9]", value):
            value = ""  # the form of a day without a day, as `  .  .    `
        if not section.values.get(key):
            section.values[key] = value
        elif key == "РасчСчет":
            section.values[key] += f"|{value}"
        elif _TEXT_KEYS.fullmatch(key):
            section.values[key] = _with(section.values[key], value)
        elif value != section.values[key]:
            section.repeated.append(key)
        section.last = key
    elif _TEXT_KEYS.fullmatch(section.last):
        section.values[section.last] += f" {line}"
    else:
        message = N_("Line %(place)s: “%(value)s” cannot be read here.")
        raise UnreadableStatement(message, Place(number), value=clipped(line))


def _with(text: str, more: str) -> str:
    """A text and what it does not say yet."""
    one, other = ("".join(part.split()) for part in (text, more))
    return text if other in one else more if one in other else f"{text} {more}"


def _sum_of(text: str, currency: str) -> Amount:
    """A sum, with a point or a comma; groups of three digits may be parted."""
    return amount_of(_GAP.sub("", text).replace(",", "."), currency)


class _Builder:
    """Collects the statement of one account; a bank may give it a section for each day."""

    def __init__(self, account: str, currency: str, header: _Section) -> None:
        self.account = account
        self._currency = currency
        self._header = header
        self._sections: list[_Section] = []
        self._entries: list[Entry] = []
        self._faults: list[Fault] = []

    def add_section(self, section: _Section) -> None:
        self._sections.append(section)

    def add_stray(self, document: _Section) -> None:
        """A document of an account that the file does not name: told with this statement, booked in none."""
        message = N_("Line %(place)s: the document belongs to none of the accounts of the file.")
        self._faults.append(Fault(document.place, message, {"place": document.place}))

    def add(self, document: _Section) -> None:
        with faults_of_row(document.place, self._faults):
            self._entries.append(self._entry(document))

    def _entry(self, document: _Section) -> Entry:
        doubtful = [
            key for key in document.repeated if key in {"Номер", "Дата", "Сумма", "ДатаСписано", "ДатаПоступило"}
        ]
        if doubtful:
            raise BadValue(N_("Line %(place)s: %(key)s stands twice in one document."), key=doubtful[0])
        direction, booked_on = self._movement(document)
        other = "Плательщик" if direction is Direction.CREDIT else "Получатель"
        number = document.get("Номер")
        return Entry(
            place=document.place,
            amount=_sum_of(document.get("Сумма"), self._currency),
            direction=direction,
            booked_on=booked_on,
            value_on=booked_on,
            bank_reference=given(" ".join(filter(None, (document.get("Дата"), number)))),
            code=cleaned(document.kind),
            party=_party(document, other),
            references=tuple(filter(None, (given(document.get("Код")),))),
            text=document.purpose(),
        )

    def _movement(self, document: _Section) -> tuple[Direction, date]:
        """Which way the money went, and when. Both dates stand in a transfer between accounts of one bank."""
        out, into = document.day("ДатаСписано"), document.day("ДатаПоступило")
        if out and into:
            paid = self.account in _accounts(document, "Плательщик")
            received = self.account in _accounts(document, "Получатель")
            if paid is received:
                raise BadValue(N_("Line %(place)s: the document does not tell which way the money went."))
            out, into = (None, into) if received else (out, None)
        if into:
            return Direction.CREDIT, into
        if out:
            return Direction.DEBIT, out
        raise BadValue(N_("Line %(place)s: the document does not tell which way the money went."))

    def finish(self) -> Statement:
        sections = sorted(self._sections, key=self._first_day)
        begins, ends = (sections[0], sections[-1]) if sections else (self._header, self._header)
        with refusing(begins.place):
            period = (begins.day("ДатаНачала"), ends.day("ДатаКонца") or begins.day("ДатаКонца"))
        opening = self._balance(begins, "НачальныйОстаток", period[0])
        closing = self._balance(ends, "КонечныйОстаток", period[1])
        return Statement(
            place=begins.place,
            account=self.account,
            bank=begins.get("БИК"),
            currency=self._currency,
            period_from=period[0],
            period_to=period[1],
            opening=opening,
            closing=closing,
            entries=tuple(self._entries),
            faults=tuple(self._faults),
            notices=tuple(self._notices(sections)),
        )

    def _first_day(self, section: _Section) -> date:
        with refusing(section.place):
            return section.day("ДатаНачала") or date.min

    def _balance(self, section: _Section, key: str, on: date | None) -> Balance | None:
        text = section.get(key)
        if not text:
            return None
        with refusing(section.place):
            amount = _sum_of(text.removeprefix("-"), self._currency)
        return Balance(Amount(-amount.minor if text.startswith("-") else amount.minor, self._currency), on)

    def _notices(self, sections: list[_Section]) -> Iterator[Notice]:
        """Hold the bank's totals against the entries, and the sections of an account against each other."""
        place = sections[0].place if sections else self._header.place
        for key, direction in (("ВсегоПоступило", Direction.CREDIT), ("ВсегоСписано", Direction.DEBIT)):
            stated = [balance for section in sections if (balance := self._balance(section, key, None))]
            moved = sum(entry.amount.minor for entry in self._entries if entry.direction is direction)
            if stated and len(stated) == len(sections) and sum(total.amount.minor for total in stated) != moved:
                message = N_("Line %(place)s: the totals that the bank states are not those of the entries.")
                yield Notice(place, message, {"place": place}, kind=NoticeKind.TOTALS)
                break  # once is enough, though both may differ
        for before, after in pairwise(sections):
            ends, begins = (
                self._balance(before, "КонечныйОстаток", None),
                self._balance(after, "НачальныйОстаток", None),
            )
            if ends and begins and ends.amount != begins.amount:
                message = N_("Line %(place)s: the opening balance is not the closing balance of the day before.")
                yield Notice(after.place, message, {"place": after.place}, kind=NoticeKind.TOTALS)


def _builders(header: _Section, sections: list[_Section]) -> dict[str, _Builder]:
    """A builder for each account that the file tells of."""
    builders: dict[str, _Builder] = {}
    for section in (header, *sections):
        accounts = [account_of(text) for text in section.get("РасчСчет", "НомерСчета").split("|") if text]
        for account in accounts:
            if account not in builders:
                builders[account] = _Builder(account, _currency(account, section), header)
        if section is not header:
            if len(accounts) != 1:
                raise UnreadableStatement(N_("Line %(place)s: the statement does not name its account."), section.place)
            builders[accounts[0]].add_section(section)
    if not builders:
        raise UnreadableStatement(N_("Line %(place)s: the statement does not name its account."), header.place)
    return builders


def _currency(account: str, section: _Section) -> str:
    """The currency of an account: written, or in its number."""
    with refusing(section.place):
        if written := section.get("Валюта", "ВалютаСчета"):
            return _CURRENCIES.get(written) or currency_of(written)
        digits = account[5:8] if re.fullmatch(r"\d{20}", account, re.ASCII) else ""
        if digits not in _CURRENCIES:
            raise BadValue(
                N_("Line %(place)s: the currency of the account %(value)s is not known."), value=clipped(account)
            )
        return _CURRENCIES[digits]


def _builders_of(document: _Section, builders: dict[str, _Builder]) -> list[_Builder]:
    """Whose statement a document belongs to: both, if it moves money between two accounts of the file."""
    if len(builders) == 1:
        return list(builders.values())
    out, into = document.get("ДатаСписано"), document.get("ДатаПоступило")
    sides = [side for side, moved in (("Плательщик", out), ("Получатель", into)) if moved]
    owners = []
    for side in sides or ("Плательщик", "Получатель"):
        known = (builders[number] for number in _accounts(document, side) if number in builders)
        owners.append(next(known, None))
    return list(dict.fromkeys(owner for owner in owners if owner))


def _accounts(document: _Section, side: str) -> list[str]:
    """The account of a side; with indirect payments, first its own and then that of its bank."""
    return [account_of(text) for key in ("РасчСчет", "Счет") if (text := document.get(side + key))]


def _account(document: _Section, side: str) -> str:
    return next(iter(_accounts(document, side)), "")


def _party(document: _Section, side: str) -> Party:
    """Who is at the other end. The name may carry the ИНН in front."""
    name = document.get(f"{side}1") or re.sub(r"^ИНН\s*\d{10,12}\s+", "", document.get(side))
    return Party(name, _account(document, side), document.get(f"{side}БИК"), document.get(f"{side}ИНН"))
