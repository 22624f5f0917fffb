"""MT940 (SWIFT): statements of fields, each on a line `:61:…`, some going on over several lines.

The reader follows the published syntax of the fields and takes nothing for text that looks like a field
(docs/decisions/0007). Envelopes of SWIFT blocks and the header lines of banks stand outside the statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from dashboard.banking.detection import decoded
from dashboard.banking.mt940_details import Supplement, read_details, read_supplement
from dashboard.banking.rules import (
    Amount,
    Balance,
    Details,
    Direction,
    Entry,
    Fault,
    Place,
    Statement,
    Status,
    UnreadableStatement,
)
from dashboard.banking.values import (
    MAX_ENTRIES,
    BadValue,
    amount_of,
    clipped,
    currency_of,
    faults_of_row,
    given,
    no_date,
    plausible,
    refusing,
    spread,
    too_many,
)
from dashboard.errors import N_

_TAG = re.compile(r":(\d{2}[A-Z]?|NS):(.*)", re.DOTALL)
_LOOKS_LIKE_TAG = re.compile(r"\s*:\w{1,4}:|\s+:\w{2,3}:")
_END = re.compile(r"-(\}.*|XXX)?\s*")

#: Fields that go on over several lines, fields after the entries, and fields that say nothing of money.
_TEXTS = frozenset({"61", "86", "NS"})
_LONG = _TEXTS | {"25P"}  # the account, and on the second line the BIC of its bank
_AFTER = frozenset({"62F", "62M", "64", "65"})
_SILENT = frozenset({"21", "13", "13D", "34F", "64", "65", "90C", "90D"})

#: Letters with accents stand alone in Western words; only Cyrillic ones stand side by side.
_CYRILLIC = re.compile(rb"[\xc0-\xff]{4}")
#: Cyrillic letters of DOS; what Windows has there stands alone.
_DOS = re.compile(rb"[\x80-\xaf]{3}")

_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d+,\d*)", re.ASCII)
_ENTRY = re.compile(
    r"""(?P<value>\d{6})(?P<entry>\d{4}|\s{4})?
        (?P<mark>R[CD](?=[A-Z]?\d)|E[CD](?=[A-Z]?\d)|[CD])(?P<funds>[A-Z])?
        (?P<amount>\d+,\d*)
        (?P<type>[A-Z][A-Z0-9]{3}|[A-Z][A-Z0-9 ]{3})?
        (?P<owner>(?:(?!//).)*)(?://(?P<bank>.*))?""",
    re.ASCII | re.VERBOSE,
)


@dataclass(slots=True)
class _Field:
    tag: str
    line: int
    lines: list[str]

    @property
    def place(self) -> Place:
        return Place(self.line)


@dataclass(slots=True)
class _Message:
    """The fields of one statement, with the lines that belong to none."""

    enveloped: bool
    fields: list[_Field] = field(default_factory=list)
    strays: list[Fault] = field(default_factory=list)
    is_closed: bool = False


def read(data: bytes) -> list[Statement]:
    """The statements of an MT940 file.

    Raises:
        UnreadableStatement: if a statement is cut off (has no `:62F:`), or its frame cannot be read.
    """
    likely = "cp866" if _DOS.search(data) else "cp1251" if _CYRILLIC.search(data) else "cp1252"
    text = decoded(data, "utf-8", likely, "latin-1")
    statements = []
    count = 0
    for message in _messages(_lines(text)):
        count += sum(found.tag == "61" for found in message.fields)
        if count > MAX_ENTRIES:
            raise too_many(message.fields[-1].place)
        statements.append(_statement(message))
    if not statements:
        raise UnreadableStatement(N_("The file holds no statement."))
    return statements


def _lines(text: str) -> list[str]:
    """The lines; the standard of German banks also parts them by `@@`."""
    if ":25" in text and "\n:25" not in text:
        text = text.replace("@@", "\n")
    return text.split("\n")


def _messages(lines: list[str]) -> Iterator[_Message]:
    message: _Message | None = None
    enveloped = False
    for number, line in enumerate(lines, start=1):
        match = _TAG.match(line)
        if message and message.is_closed and not message.enveloped and match and match[1] == "20":
            yield message
            message = None
        if message is None:
            if match and match[1] == "20":
                message = _Message(enveloped)
            elif match:
                raise UnreadableStatement(N_("Line %(place)s: a field before the statement begins."), Place(number))
            else:
                enveloped = "{4:" in line or (enveloped and not line.strip())
                continue
        if _END.fullmatch(line) and (not message.enveloped or line.startswith("-}")):
            yield message
            message, enveloped = None, "{4:" in line
        else:
            _add_line(message, number, line, match)
    if message:
        if message.enveloped:
            raise _cut_off(len(lines))
        yield message


def _add_line(message: _Message, number: int, line: str, match: re.Match[str] | None) -> None:
    """Begin a field, go on with the last one, or note a line that belongs to none."""
    place = Place(number)
    if match:
        if match[1] == "20" and message.fields:
            raise _cut_off(number)
        message.fields.append(_Field(match[1], number, [match[2]]))
        message.is_closed = message.is_closed or match[1] in _AFTER
    elif _LOOKS_LIKE_TAG.match(line):
        unknown = N_("Line %(place)s: the field “%(value)s” is not known.")
        message.strays.append(Fault(place, unknown, {"place": place, "value": clipped(line)}))
    elif message.fields[-1].tag in _LONG:
        message.fields[-1].lines.append(line)
    elif line.strip() and message.fields[-1].tag not in _AFTER:
        raise UnreadableStatement(N_("Line %(place)s: the line belongs to no field."), place)


def _cut_off(line: int) -> UnreadableStatement:
    return UnreadableStatement(
        N_("Line %(place)s: the statement is cut off: its closing balance is missing. Download the file again."),
        Place(line),
    )


def _statement(message: _Message) -> Statement:
    frame = _frame(message)
    for needed in ("25", "60"):
        if needed not in frame:
            text = N_("Line %(place)s: the statement lacks the field :%(tag)s:.")
            raise UnreadableStatement(text, message.fields[0].place, tag=needed + "F" * (needed == "60"))
    if "62" not in frame:
        raise _cut_off(message.fields[-1].line + len(message.fields[-1].lines) - 1)
    opening, closing = _balance(frame["60"]), _balance(frame["62"])
    faults = list(message.strays)
    bank, account = _bank_and_account(frame["25"], opening.amount.currency)
    sequence = frame["28"].lines[0].strip() if "28" in frame else ""
    entries = tuple(_entries(message.fields, opening.amount.currency, faults))
    return Statement(
        place=message.fields[0].place,
        account=account,
        bank=bank,
        currency=opening.amount.currency,
        statement_id=message.fields[0].lines[0].strip(),
        sequence=sequence,
        period_from=opening.on,
        period_to=closing.on,
        opening=opening,
        closing=closing,
        entries=entries,
        faults=tuple(sorted(faults, key=lambda fault: fault.place.line)),
    )


def _frame(message: _Message) -> dict[str, _Field]:
    """The fields that stand once, by the number of their tag; unknown fields are noted."""
    frame: dict[str, _Field] = {}
    for found in message.fields:
        if found.tag in _TEXTS or found.tag in _SILENT:
            continue
        if found.tag not in {"20", "25", "25P", "28", "28C", "60F", "60M", "62F", "62M"}:
            unknown = N_("Line %(place)s: the field “%(value)s” is not known.")
            message.strays.append(Fault(found.place, unknown, {"place": found.place, "value": f":{found.tag}:"}))
        elif frame.setdefault(found.tag[:2], found) is not found:
            twice = N_("Line %(place)s: the field :%(tag)s: stands twice in one statement.")
            raise UnreadableStatement(twice, found.place, tag=found.tag)
    return frame


def _balance(found: _Field) -> Balance:
    with refusing(found.place):
        match = _BALANCE.fullmatch(found.lines[0].strip())
        if not match:
            raise BadValue(N_("Line %(place)s: the balance “%(value)s” cannot be read."), value=clipped(found.lines[0]))
        amount = amount_of(match[4].replace(",", "."), currency_of(match[3]))
        signed = amount.minor if match[1] == "C" else -amount.minor
        return Balance(Amount(signed, amount.currency), _short_date(match[2]), found.tag.endswith("M"))


def _bank_and_account(found: _Field, currency: str) -> tuple[str, str]:
    """`BLZ/account`, `BIC/account`, an IBAN or a number, perhaps with the currency behind it; the BIC may follow."""
    text, *below = (re.sub(r"\s", "", line).upper() for line in found.lines)
    bank, _, account = text.rpartition("/")
    bank = bank or "".join(below)
    account = account.removesuffix(currency)
    if not account:
        raise UnreadableStatement(N_("Line %(place)s: the statement does not name its account."), found.place)
    return bank, account


def _entries(fields: list[_Field], currency: str, faults: list[Fault]) -> list[Entry]:
    """Each `:61:` with the texts that follow it; texts after the closing balance are of the statement."""
    entries = []
    position = 0
    is_closed = False
    while position < len(fields):
        found = fields[position]
        position += 1
        is_closed = is_closed or found.tag in _AFTER
        if found.tag != "61":
            continue
        texts = []
        while position < len(fields) and fields[position].tag in {"86", "NS"}:
            texts.append(fields[position])
            position += 1
        with faults_of_row(found.place, faults):
            if is_closed:
                raise BadValue(N_("Line %(place)s: an entry after the closing balance."))
            entries.append(_entry(found, texts, currency))
    return entries


def _entry(found: _Field, texts: list[_Field], currency: str) -> Entry:
    match = _ENTRY.fullmatch(found.lines[0].rstrip())
    if not match:
        raise BadValue(N_("Line %(place)s: the entry “%(value)s” cannot be read."), value=clipped(found.lines[0]))
    value_on = _short_date(match["value"])
    entry_date = (match["entry"] or "").strip()
    mark = match["mark"]
    details, code = read_details([(text.tag, text.lines) for text in texts])
    supplement = read_supplement(found.lines[1:])
    kind = (match["type"] or "").strip()
    return Entry(
        place=found.place,
        amount=amount_of(match["amount"].replace(",", "."), currency),
        direction=Direction.CREDIT if mark in {"C", "RD", "EC"} else Direction.DEBIT,
        is_reversal=mark.startswith("R"),
        status=Status.PENDING if mark.startswith("E") else Status.BOOKED,
        booked_on=_nearest(entry_date, value_on) if entry_date else value_on,
        has_booking_date=bool(entry_date),
        value_on=value_on,
        bank_reference=given(match["bank"]),
        code=" ".join(filter(None, (kind, code))),
        **spread(_completed(details, supplement, owner=match["owner"], is_return=kind[1:] == "RTI")),
    )


def _completed(details: Details, supplement: Supplement, *, owner: str, is_return: bool) -> Details:
    """The details of `:86:` with what the second line of `:61:` and its reference add."""
    party = details.party
    if not party.account:
        party = replace(party, account=supplement.account)
    reference = given(owner)
    if len(reference) < 2 or reference in {"EREF", "MARF", "PREF", "KREF"}:  # says only where a reference is
        reference = ""
    return replace(
        details,
        party=party,
        end_to_end_id=details.end_to_end_id or reference,
        text=details.text or supplement.text,
        original=details.original or supplement.original,
        charges=details.charges or supplement.charges,
        is_return=details.is_return or is_return,
    )


def _short_date(text: str) -> date:
    """YYMMDD."""
    year = int(text[:2])
    try:
        return plausible(date(year + (1900 if year >= 80 else 2000), int(text[2:4]), int(text[4:6])))
    except ValueError as error:
        raise no_date(text) from error


def _nearest(text: str, day: date) -> date:
    """The day MMDD that is nearest to another one: at the turn of the year it is of the year after, or before."""
    days = []
    for year in (day.year - 1, day.year, day.year + 1):
        try:
            days.append(date(year, int(text[:2]), int(text[2:])))
        except ValueError:
            continue
    if not days:
        raise no_date(text)
    return min(days, key=lambda other: abs(other - day))
