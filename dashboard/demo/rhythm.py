"""Believable orders around those that are written by hand: pure, and the same for the same day and source of chance.

More of them as time goes by, hardly any on weekends, the same customers again and again, and what was bought in the
first months once more a year later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from dashboard.demo.history import DemoOrder, Rhythm

Choice = TypeVar("Choice")

YEAR = 365

#: How many orders come on each day of the week, Monday first.
WEEK = (22, 24, 23, 19, 12, 1, 0)

#: What share more is ordered at the end of a history than at its beginning.
GROWTH = 1.4

#: What customers need, on which platforms it is made, and how often it is wanted.
PRODUCTS = (
    ("GD-VIEWER", ("NET", "JAVA", "NODE", "PYTHON"), 20),
    ("GD-CONV", ("NET", "JAVA", "NODE", "PYTHON"), 16),
    ("GD-SIGN", ("NET", "JAVA", "NODE"), 9),
    ("GD-ANNOT", ("NET", "JAVA", "NODE"), 6),
    ("GD-COMP", ("NET", "JAVA", "NODE", "PYTHON"), 6),
    ("GD-MERGER", ("NET", "JAVA", "PYTHON"), 5),
    ("GD-EDITOR", ("NET", "JAVA"), 4),
    ("GD-TOTAL", ("NET", "JAVA", "NODE", "PYTHON"), 4),
    ("GD-SEARCH", ("NET", "JAVA"), 3),
    ("GD-REDACT", ("NET", "JAVA", "PYTHON"), 3),
    ("AS-WORDS", ("NET", "JAVA", "CPP", "PYTHON"), 10),
    ("AS-CELLS", ("NET", "JAVA", "CPP"), 8),
    ("AS-PDF", ("NET", "JAVA", "CPP"), 8),
    ("AS-SLIDES", ("NET", "JAVA", "CPP"), 3),
    ("AS-TOTAL", ("NET", "JAVA", "CPP"), 2),
    ("CH-TOTAL", ("NET", "JAVA"), 1),
)
PLATFORMS = (("NET", 50), ("JAVA", 30), ("PYTHON", 10), ("NODE", 6), ("CPP", 4))
PLANS = (("DSB", 84), ("DOEM", 9), ("SSB", 7))
QUANTITIES = ((1, 74), (2, 16), (3, 8), (5, 2))
LINES = ((1, 60), (2, 25), (3, 11), (4, 4))

#: Percent of what was bought in the first months that is renewed a year later.
RENEWED = 75


def tell(rhythm: Rhythm, today: date, chance: Random) -> list[DemoOrder]:
    """A reseller's orders up to the day before `today`, oldest first."""
    platforms = {customer: _one_of(PLATFORMS, chance) for customer in rhythm.customers}
    orders = []
    for days_ago in _days(rhythm, today, chance):
        customer = _customer(rhythm.customers, chance)
        orders.append(
            DemoOrder(days_ago, customer, _lines(platforms[customer], chance), paid_after=_patience(rhythm, chance))
        )
    renewals = [
        replace(order, days_ago=order.days_ago - YEAR + chance.randint(1, 9), paid_after=_patience(rhythm, chance))
        for order in orders
        if order.days_ago > rhythm.until + YEAR and chance.randrange(100) < RENEWED
    ]
    return sorted([*orders, *renewals], key=lambda order: -order.days_ago)


def workday(today: date, days_ago: int) -> date:
    """The day that lies so many days before `today`, or the Friday before its weekend."""
    day = today - timedelta(days=days_ago)
    return day - timedelta(days=max(day.weekday() - 4, 0))


def _days(rhythm: Rhythm, today: date, chance: Random) -> list[int]:
    span = range(rhythm.until, rhythm.since + 1)
    length = rhythm.since - rhythm.until or 1
    weights = [
        WEEK[(today - timedelta(days=ago)).weekday()] * (1 + GROWTH * (rhythm.since - ago) / length) for ago in span
    ]
    return sorted(chance.choices(span, weights, k=rhythm.orders), reverse=True)


def _customer(customers: Sequence[str], chance: Random) -> str:
    return chance.choices(customers, [1 / (place + 2) for place in range(len(customers))])[0]


def _lines(platform: str, chance: Random) -> tuple[tuple[str, int], ...]:
    """What one order is for: mostly on the customer's platform, each product once, all in one plan."""
    plan = _one_of(PLANS, chance)
    wanted = dict.fromkeys(
        chance.choices(PRODUCTS, [weight for *_, weight in PRODUCTS], k=_one_of(LINES, chance))
    )  # fmt: skip
    return tuple(
        (f"{product}-{platform if platform in made_for else made_for[0]}-{plan}", _one_of(QUANTITIES, chance))
        for product, made_for, _ in wanted
    )


def _patience(rhythm: Rhythm, chance: Random) -> int:
    if chance.randrange(100) < rhythm.late:
        return chance.randint(31, 44)
    return chance.randint(*rhythm.patience)


def _one_of(choices: Sequence[tuple[Choice, int]], chance: Random) -> Choice:
    return chance.choices([choice for choice, _ in choices], [weight for _, weight in choices])[0]
