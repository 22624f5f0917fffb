"""What a bank statement file says, whatever its format, and what makes an entry the same entry (R18).

A statement is read whole or refused whole. A row that cannot be read is a `Fault` of its statement: it is shown with
its place and stands for no money, never for zero. Nothing here knows a file, a database or a language.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from dashboard.errors import InvalidInput

#: Digits after the point of currencies that have not two (ISO 4217).
_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


_unambiguous = json.JSONEncoder(ensure_ascii=False).encode


class Format(StrEnum):
    """The formats that are read."""

    CAMT = "camt.053"
    MT940 = "MT940"
    ONE_C = "1CClientBankExchange"
    CSV = "CSV"


class Direction(StrEnum):
    """Which way the money went, seen from the account."""

    CREDIT = "credit"  #: in
    DEBIT = "debit"  #: out

    @property
    def sign(self) -> int:
        return 1 if self is Direction.CREDIT else -1


class Status(StrEnum):
    """Only what is booked is money; the rest is told for information."""

    BOOKED = "booked"
    PENDING = "pending"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the file; it reads the same in every language: `12` or `1, Stmt[1]/Ntry[3]`."""

    line: int
    path: str = ""

    def __str__(self) -> str:
        return f"{self.line}, {self.path}" if self.path else str(self.line)


def minor_digits(currency: str) -> int:
    """Digits after the point of a currency; a bank may send any, not only those that we bill in."""
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Amount:
    """Exact minor units of a currency, of any that banks use; below zero only in balances."""

    minor: int
    currency: str

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, with all digits of the currency."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"


@dataclass(frozen=True, slots=True)
class Balance:
    """What was on the account; `amount` is below zero when it was overdrawn."""

    amount: Amount
    on: date | None = None
    is_intermediate: bool = False  #: of a page, not of a day

    @property
    def decimal(self) -> Decimal:
        return self.amount.decimal


@dataclass(frozen=True, slots=True)
class Party:
    """Who is at the other end; each fact is empty when the bank does not tell it."""

    name: str = ""
    account: str = ""  #: IBAN or number, without spaces
    bank: str = ""  #: BIC, БИК or bank code
    tax_number: str = ""  #: ИНН and the like

    def __bool__(self) -> bool:
        return bool(self.name or self.account)


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """What a bank tells of a payment beyond its sum."""

    party: Party = Party()
    end_to_end_id: str = ""  #: given by who paid; empty for NOTPROVIDED and the like
    references: tuple[str, ...] = ()  #: structured creditor references (RF … and others), without spaces
    text: str = ""
    original: Amount | None = None  #: what was sent, where that is another sum or currency
    charges: Amount | None = None
    is_return: bool = False  #: a payment that came back


@dataclass(frozen=True, kw_only=True, slots=True)
class Part(Details):
    """One payment of a batch that the bank booked as one entry."""

    place: Place
    amount: Amount  #: zero or more; `direction` says which way
    direction: Direction
    bank_id: str = ""  #: given by the bank to this payment alone; empty if it has none
    identity: str = ""

    @property
    def signed(self) -> int:
        """Minor units, below zero for money that went out."""
        return self.amount.minor * self.direction.sign


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry(Part):
    """One entry of a statement. Its `identity` is what is booked exactly once."""

    booked_on: date  #: the bank's booking date, else its value date
    value_on: date | None = None
    has_booking_date: bool = True
    status: Status = Status.BOOKED
    is_reversal: bool = False  #: the bank takes an earlier entry back; `direction` is of this entry
    bank_reference: str = ""  #: a reference that the bank may give to others as well
    code: str = ""  #: the bank's kind of transaction
    parts: tuple[Part, ...] = ()  #: of a batch; they sum up to `amount`

    @property
    def received_on(self) -> date:
        """The day from which the money counts (R16): the bank's value date, else its booking date."""
        return self.value_on or self.booked_on


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be read: an untranslated text with its values, `place` among them."""

    place: Place
    message: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % {"place": self.place, **self.values}


class NoticeKind(StrEnum):
    """What a person should know before a statement is booked."""

    BALANCE = "balance"  #: opening balance and entries do not make the closing balance
    NO_BALANCES = "no balances"  #: nothing proves that the statement is whole
    TOTALS = "totals"  #: totals or counts that the file states are not those of its entries
    TOTAL_ROWS = "total rows"  #: rows of a table that are no entries
    CURRENCIES = "currencies"
    DUPLICATES = "duplicates"  #: the same entry or statement stands twice
    EQUALS = "equals"  #: entries that differ in nothing; each counts
    BATCH = "batch"  #: the parts of a batch are missing or do not sum up; it is kept whole
    NOTHING_BOOKED = "nothing booked"
    PERIOD = "period"
    MID_DAY = "mid-day"  #: the statement begins in the middle of a day, and the file does not hold what was before


#: With one of these, a statement is shown, and booked only when a person accepts it.
UNSOUND = frozenset({NoticeKind.BALANCE, NoticeKind.TOTALS, NoticeKind.CURRENCIES, NoticeKind.DUPLICATES})


@dataclass(frozen=True, slots=True)
class Notice(Fault):
    """A warning about a statement."""

    kind: NoticeKind = NoticeKind.BALANCE


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What happened on one account in some time."""

    place: Place
    account: str  #: IBAN or number, without spaces
    currency: str
    bank: str = ""
    statement_id: str = ""
    sequence: str = ""
    period_from: date | None = None
    period_to: date | None = None
    opening: Balance | None = None
    closing: Balance | None = None
    entries: tuple[Entry, ...] = ()
    faults: tuple[Fault, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def booked(self) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.status is Status.BOOKED)

    @property
    def difference(self) -> Amount | None:
        """Closing balance less opening balance and booked entries; None if that cannot be told."""
        if not self.opening or not self.closing:
            return None
        currency = self.opening.amount.currency
        if {currency} != {self.closing.amount.currency, *(entry.amount.currency for entry in self.booked)}:
            return None
        moved = sum(entry.signed for entry in self.booked)
        return Amount(self.closing.amount.minor - self.opening.amount.minor - moved, currency)

    @property
    def adds_up(self) -> bool:
        """Whether opening balance and entries make the closing balance: the proof that no row is missing."""
        return self.difference is not None and self.difference.minor == 0

    @property
    def is_sound(self) -> bool:
        """Whether it can be booked without a person's consent."""
        return not self.faults and not any(notice.kind in UNSOUND for notice in self.notices)


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementFile:
    """A bank's file, read whole."""

    format: Format
    statements: tuple[Statement, ...]

    @property
    def entries(self) -> Iterator[Entry]:
        return (entry for statement in self.statements for entry in statement.entries)

    @property
    def faults(self) -> tuple[Fault, ...]:
        return tuple(fault for statement in self.statements for fault in statement.faults)

    @property
    def notices(self) -> tuple[Notice, ...]:
        return tuple(notice for statement in self.statements for notice in statement.notices)

    @property
    def is_sound(self) -> bool:
        return all(statement.is_sound for statement in self.statements)


class UnreadableStatement(InvalidInput):
    """The file is refused whole: nothing of it may be booked. The message names the place where there is one."""

    def __init__(self, message: str, place: Place | None = None, **values: Any) -> None:
        super().__init__(message, **({"place": place} if place else {}), **values)
        self.place = place


def identity_of(account: str, entry: Entry, ordinal: int) -> str:
    """What an entry is known by, in whichever file it stands (R18): the same entry always gives the same digest.

    With the bank's own ID, that and the facts that a bank repeats word for word. Without, all that can be known of
    the entry, and its number among the entries of that day which differ in nothing. So two equal transfers of one
    file are two, and a file that overlaps with it names the same two.

    The number rests on one assumption: a file that tells of a booking day begins with the first entry of that day.
    A file that begins in the middle could call the second of two equal transfers the first; `NoticeKind.MID_DAY`
    tells where a file admits to that. Nothing else in the file or of its order has a say.
    """
    facts = [
        *(account, entry.status, entry.booked_on.isoformat(), entry.direction),
        *(str(entry.amount.minor), entry.amount.currency, entry.party.account, entry.end_to_end_id),
    ]
    if entry.bank_id:
        return _digest("bank's own", entry.bank_id, *facts)
    value_on = entry.value_on.isoformat() if entry.value_on else ""
    texts = (_squeezed(text) for text in (entry.party.name, entry.text, *entry.references))
    return _digest("facts", *facts, value_on, _telling(entry.bank_reference), *texts, str(ordinal))


def part_identity_of(entry: Entry, part: Part, ordinal: int) -> str:
    """What a part of a batch is known by: as `identity_of`, inside its entry."""
    facts = (part.bank_id, part.direction, str(part.amount.minor), part.amount.currency, part.party.account)
    texts = (_squeezed(text) for text in (part.party.name, part.text, *part.references))
    return _digest("part", entry.identity, *facts, part.end_to_end_id, *texts, str(ordinal))


def _telling(reference: str) -> str:
    """A bank's reference if it is long enough to tell entries apart; short ones are often numbers inside a file."""
    return reference if len(reference.lstrip("0")) >= 8 else ""


def _squeezed(text: str) -> str:
    """The text without what a bank may change when it breaks lines anew."""
    return "".join(text.split()).casefold()


def _digest(*facts: str) -> str:
    return hashlib.sha256(_unambiguous(facts).encode()).hexdigest()
