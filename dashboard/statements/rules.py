"""Interest on what is overdue, what stands on a monthly statement, when to remind: pure (R14-R17)."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from dashboard.money import WHOLE, Money, round_half_up

#: Resellers whose statements are handed out as if they were one; the run of more is a job.
RESELLERS_AT_ONCE = 20

#: Invoices that are packed while somebody waits for the file; a ZIP of more is a job.
INVOICES_AT_ONCE = 100

#: Days of a year, also of a leap year (R16).
YEAR = 365


@dataclass(frozen=True)
class Movement:
    """A change of the principal that is open on an order; on its own day the principal still bears interest."""

    day: date
    amount: Money


class Span(NamedTuple):
    """Days, from the one after `after` to `until`."""

    after: date
    until: date


@dataclass(frozen=True)
class Piece:
    """Days on which the same principal was overdue."""

    base: Money
    days: int


def pieces(movements: Iterable[Movement], span: Span) -> Iterator[Piece]:
    """The principal that was overdue on each day of a span, in pieces of equal principal.

    Money counts from the day after it was received: the day of its receipt is the last that bears interest (R16).

    Args:
        span: begins after the due date, or after the last day for which interest was booked.
    """
    after, until = span
    if until <= after:
        return
    movements = sorted(movements, key=lambda movement: movement.day)
    changes = sorted({movement.day for movement in movements if after < movement.day < until})
    for begin, end in zip([after, *changes], [*changes, until], strict=True):
        known = [movement.amount for movement in movements if movement.day <= begin]
        base = sum(known[1:], known[0]) if known else None
        if base is not None and base.minor > 0:
            yield Piece(base, (end - begin).days)


def interest(of: Iterable[Piece], rate: int) -> int:
    """Simple interest in minor units: base × rate × days ÷ 365, rounded half up once (R11, R16).

    Args:
        rate: of a year, in parts per million.
    """
    weighed = sum(piece.base.minor * piece.days for piece in of)
    return round_half_up(Decimal(weighed) * rate / (WHOLE * YEAR))


#: First days of the ages by which what is owed is sorted, counted from the due date; not due yet comes before (R17).
AGES = (1, 31, 61, 91)


class Age(StrEnum):
    """How long principal has been overdue."""

    CURRENT = "current"
    TO_30 = "1-30"
    TO_60 = "31-60"
    TO_90 = "61-90"
    OVER_90 = "over_90"


def days_late(due_on: date, on: date) -> int:
    """Days past the due date; none on it."""
    return max((on - due_on).days, 0)


def age_of(due_on: date, on: date) -> Age:
    """The age of what was due on a day (R17)."""
    return list(Age)[bisect_right(AGES, days_late(due_on, on))]


@dataclass(frozen=True)
class StatementRow:
    """One unpaid receivable on a statement; sums in minor units."""

    id: str  #: of the receivable
    order_id: str  #: empty for a debt from before this program
    number: str  #: of its invoice, or the number under which an old debt is known
    po_number: str
    customer: str
    placed_on: date
    due_on: date | None  #: None: prepaid, outside of the sums
    total_minor: int
    open_minor: int
    interest_minor: int = 0
    days_late: int = 0  #: of what is open; none where only interest is


@dataclass(frozen=True)
class StatementSnapshot:
    """What stands on one monthly statement, as it was sent (R17). Sums in minor units of its currency.

    Raises:
        ValueError: if the sums do not add up.
    """

    number: str
    month: date
    issued_on: date
    language: str
    currency: str
    seller: dict[str, Any]
    buyer: dict[str, Any]
    bank: dict[str, Any]
    reference: str
    rows: tuple[StatementRow, ...]
    prepaid: tuple[StatementRow, ...]  #: listed apart, outside ageing and total
    ages: dict[str, int]
    principal_minor: int
    interest_minor: int
    total_minor: int

    def __post_init__(self) -> None:
        for holds, fault in (
            (self.principal_minor == sum(row.open_minor for row in self.rows), "principal"),
            (self.principal_minor == sum(self.ages.values()), "ageing"),
            (self.interest_minor == sum(row.interest_minor for row in self.rows), "interest"),
            (self.total_minor == self.principal_minor + self.interest_minor, "total"),
        ):
            if not holds:
                raise ValueError(f"statement {self.number}: the {fault} is wrong")

    @property
    def unpaid(self) -> int:
        """How many orders are unpaid: not those of which only interest is owed."""
        return sum(1 for row in self.rows if row.open_minor)

    @property
    def overdue_minor(self) -> int:
        return self.principal_minor - self.ages[Age.CURRENT]

    def to_json(self) -> dict[str, Any]:
        """Plain values that JSON keeps exactly."""
        return json.loads(json.dumps(asdict(self), default=date.isoformat))  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> StatementSnapshot:
        """The snapshot that `to_json` wrote."""
        days = {name: date.fromisoformat(facts[name]) for name in ("month", "issued_on")}
        rows = {name: tuple(_row(row) for row in facts[name]) for name in ("rows", "prepaid")}
        return cls(**{**facts, **days, **rows})


class Tone(StrEnum):
    """How a reminder speaks."""

    UPCOMING = "upcoming"  #: due in a few days
    DUE = "due"  #: due today
    OVERDUE = "overdue"
    FINAL = "final"


def next_step(steps: Sequence[int], due_on: date, placed_on: date, on: date, sent: int | None) -> int | None:
    """The step that an unpaid order is reminded of on a day; None for none (R14, R15).

    It is the latest whose day has come: what was missed, because no worker ran, is not made up for. Nor is anybody
    reminded of an order on the day on which it was placed.

    Args:
        steps: days from the due date, earliest first.
        sent: the latest step that was sent before.
    """
    days = {step: due_on + timedelta(days=step) for step in steps}
    reached = [step for step in steps if placed_on < days[step] <= on]
    return reached[-1] if reached and (sent is None or sent < reached[-1]) else None


def tone_of(step: int, steps: Sequence[int], due_on: date, on: date) -> Tone:
    """How to speak at a step: by the day on which the letter is written, which may be later than was planned."""
    if step > 0 and step == steps[-1]:
        return Tone.FINAL
    if due_on < on:
        return Tone.OVERDUE
    return Tone.DUE if due_on == on else Tone.UPCOMING


def ages_of(rows: Iterable[StatementRow], on: date) -> dict[str, int]:
    """The open principal by age, in minor units; every age is there."""
    ages = dict.fromkeys(map(str, Age), 0)
    for row in rows:
        if row.due_on is not None:
            ages[age_of(row.due_on, on)] += row.open_minor
    return ages


def statement_number(month: date, reseller_id: int) -> str:
    """Number of a monthly statement: `ST-202611-7`; it is no invoice number (R17)."""
    return f"ST-{month:%Y%m}-{reseller_id}"


def _row(facts: dict[str, Any]) -> StatementRow:
    days = {name: date.fromisoformat(facts[name]) if facts[name] else None for name in ("placed_on", "due_on")}
    return StatementRow(**{**facts, **days})
