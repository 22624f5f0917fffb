"""Interest on what is overdue: pure (R16)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dashboard.money import WHOLE, Money, round_half_up

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
