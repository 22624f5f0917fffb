"""What a quote holds, what it comes to, and what state it is in: pure (R11)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from dashboard.errors import N_, InvalidInput
from dashboard.money import Money, parse_amount, parse_rate, partner_price, round_half_up

#: Days that a quote holds unless its maker says otherwise.
VALID_DAYS = 30

#: Highest unit price, in minor units: all sums of a quote fit into the database.
MAX_UNIT = 10**11 - 1

#: Bounds of a tax, and of a mark-up over all lines, in percent.
TAX_PERCENT = (0, 100)
MARKUP_PERCENT = (-100, 1000)


class QuoteState(StrEnum):
    """What became of a quote."""

    DRAFT = "draft"
    ISSUED = "issued"
    ORDERED = "ordered"
    EXPIRED = "expired"  #: its last day has passed
    WITHDRAWN = "withdrawn"  #: by a member, or because a newer version was issued


#: What a list can be narrowed to.
FILTERS = ("all", *QuoteState)


def quote_state(*, issued: bool, ordered: bool, withdrawn: bool, valid_until: date, today: date) -> QuoteState:
    """The state of a quote: it holds until the evening of its last day, and one that was ordered stays so."""
    if ordered:
        return QuoteState.ORDERED
    if withdrawn:
        return QuoteState.WITHDRAWN
    if not issued:
        return QuoteState.DRAFT
    return QuoteState.EXPIRED if valid_until < today else QuoteState.ISSUED


@dataclass(frozen=True)
class Line:
    """A SKU, how many, and the reseller's own price of one in minor units."""

    sku: str
    quantity: int
    unit_minor: int


@dataclass(frozen=True)
class Contents:
    """What was typed into the form of a quote."""

    lines: tuple[Line, ...]
    customer: dict[str, str]
    valid_until: date
    tax_label: str = ""
    tax_rate: int = 0  #: parts per million
    terms: str = ""
    note: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Amounts:
    """What a quote comes to."""

    net: Money
    tax: Money

    @property
    def total(self) -> Money:
        return self.net + self.tax


def amounts(lines: Iterable[Line], tax_rate: int, currency: str) -> Amounts:
    """The sums of a quote: unit prices times quantities; the tax is rounded once, on their sum (R11)."""
    net = sum((Money(line.unit_minor, currency) * line.quantity for line in lines), Money.zero(currency))
    return Amounts(net, net.share(tax_rate))


def marked_up(retail: Money, rate: int) -> Money:
    """A resale unit price: the retail price and `rate` (parts per million) of it, rounded half up (R11)."""
    return partner_price(retail, -rate)


def margin_rate(resale: Money, cost: Money) -> int | None:
    """What of the resale sum stays with the reseller, in parts per million to a tenth of a percent; None of nothing."""
    if not resale:
        return None
    return round_half_up(Decimal(resale.minor - cost.minor) * 1000 / resale.minor) * 1000


def unit_price(text: str, currency: str) -> Money:
    """A typed unit price.

    Raises:
        InvalidInput: if it is no amount, or larger than any quote takes.
    """
    price = parse_amount(text, currency)
    if price.minor > MAX_UNIT:
        raise InvalidInput(N_("Write the amount as a number, for example 1234.50."))
    return price


def rate_of(text: str, bounds: tuple[int, int]) -> int:
    """Parts per million of a typed percentage: `20`, `-7,5 %`; nothing is zero.

    Raises:
        InvalidInput: if it is no number between `bounds`, both in percent.
    """
    plain = re.sub(r"[\s\u00a0\u202f%]", "", text).replace("−", "-").replace(",", ".")
    low, high = bounds
    if not re.fullmatch(r"[+-]?\d{1,4}(\.\d{1,4})?|", plain, re.ASCII):
        raise InvalidInput(N_("Write a percentage from %(low)s to %(high)s."), low=low, high=high)
    rate = parse_rate(plain or "0")
    if not parse_rate(str(low)) <= rate <= parse_rate(str(high)):
        raise InvalidInput(N_("Write a percentage from %(low)s to %(high)s."), low=low, high=high)
    return rate


def number_of(digits: int) -> str:
    """The number of a quote from eight digits: `Q-1234-5678`, short, readable aloud and not sequential."""
    return f"Q-{digits // 10_000:04d}-{digits % 10_000:04d}"


def id_of(number: str, version: int) -> str:
    """What a version of a quote is called: the first by its number alone."""
    return number if version == 1 else f"{number}-{version}"


@dataclass(frozen=True)
class PaperLine:
    """One line of the paper; `unit_minor × quantity == net_minor`."""

    position: int
    sku: str
    description: str  #: product name
    plan: str
    scope: str  #: what the plan covers, in the paper's language
    quantity: int
    unit_minor: int  #: resale price of one
    net_minor: int


@dataclass(frozen=True)
class Party:
    """The reseller or its customer, as the paper names them."""

    name: str
    address: tuple[str, ...]  #: lines, without the country
    country: str  #: ISO 3166 code
    tax_ids: tuple[tuple[str, str], ...] = ()  #: (label in the paper's language, value)
    email: str = ""


@dataclass(frozen=True)
class QuoteSnapshot:
    """All that stands on the paper of a quote: copies, in its language. It holds no partner price and no margin."""

    number: str
    issued_on: date
    valid_until: date
    language: str
    currency: str
    seller: Party
    customer: Party
    lines: tuple[PaperLine, ...]
    net_minor: int
    tax_minor: int
    total_minor: int
    website: str = ""
    contact: tuple[str, ...] = ()  #: name and address of the member who made it
    logo: str = ""  #: SHA-256 of the picture
    tax_label: str = ""
    tax_rate: int = 0
    terms: str = ""
    note: str = ""
    reference: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values, for the database."""
        return asdict(self) | {"issued_on": self.issued_on.isoformat(), "valid_until": self.valid_until.isoformat()}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> QuoteSnapshot:
        """From what `to_json` gave."""
        made = {
            "issued_on": date.fromisoformat(kept["issued_on"]),
            "valid_until": date.fromisoformat(kept["valid_until"]),
            "seller": _party(kept["seller"]),
            "customer": _party(kept["customer"]),
            "lines": tuple(PaperLine(**line) for line in kept["lines"]),
            "contact": tuple(kept["contact"]),
        }
        return cls(**{**kept, **made})


def _party(kept: dict[str, Any]) -> Party:
    return Party(**{**kept, "address": tuple(kept["address"]), "tax_ids": tuple(map(tuple, kept["tax_ids"]))})
