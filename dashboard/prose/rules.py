"""Which texts there are, and what each of them may say."""

from __future__ import annotations

import re
from enum import StrEnum


class Kind(StrEnum):
    """The texts that a vendor writes in its own words."""

    POLICY = "policy"
    PROGRAMME = "programme"
    INSTRUCTIONS = "instructions"  # the end customer's: nothing in them speaks of money (R25)
    REMINDERS = "reminders"  # to pay: how the letter of each step begins


#: Who the vendor is: the holes that every text may have.
NAMES = frozenset({"vendor", "brands", "sales_email", "forum_url"})

#: All holes that a text may have, `%(vendor)s`. The policy has none for terms: what was accepted must not change
#: with a setting (R5); the instructions have none, because no sum or term can then get to a customer (R25).
HOLES: dict[Kind, frozenset[str]] = {
    Kind.POLICY: NAMES,
    Kind.PROGRAMME: NAMES
    | {"discount", "prepaid_orders", "pro_forma_days", "credit_days", "credit_license", "currencies", "temporary_days"},
    Kind.INSTRUCTIONS: NAMES,
    Kind.REMINDERS: NAMES,
}

#: Headings that a text must have, by their places: each letter takes what stands below its own.
PLACES: dict[Kind, tuple[str, ...]] = {Kind.REMINDERS: ("upcoming", "due", "overdue", "final")}

#: Longest text in one language, in characters: both fit into one form even when every letter is sent as six bytes.
LONGEST = 30_000


def tidy(text: str) -> str:
    """A text as it is kept: one kind of line end, however it came."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


#: A sum of money: a sign or code of a currency beside a figure.
_CURRENCY = r"(?:[$€£¥₽₸₴₹]|\b(?:USD|EUR|RUB|GBP|CNY|KZT)\b|руб(?:\b|\.|л)|евро\b|долл)"
_SUM = re.compile(rf"{_CURRENCY}\s?\d[\d.,\s]{{0,20}}|\d[\d.,\s]{{0,20}}{_CURRENCY}", re.IGNORECASE)


def sum_of_money(text: str) -> str | None:
    """The first sum of money in a text; None if there is none."""
    found = _SUM.search(text)
    return found.group().strip() if found else None
