"""Money: exact sums in minor units, one currency each (R11).

Nothing here knows a database, a request or a language. A float never enters: sums are whole minor units (cents,
kopecks), rates are whole parts per million (`10 % == 100_000`), and what must be rounded is rounded half up, once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from dashboard.errors import N_, InvalidInput

#: Currencies that the product can bill in, with the number of digits after the point (ISO 4217).
CURRENCIES: dict[str, int] = {"USD": 2, "EUR": 2, "RUB": 2}

#: A whole (100 %) in the unit in which rates are kept.
WHOLE = 1_000_000


@dataclass(frozen=True, order=False, slots=True)
class Money:
    """An amount of `minor` units of `currency`; sums of different currencies cannot be mixed.

    Raises:
        ValueError: for an unknown currency, or when currencies are mixed.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise ValueError(f"unknown currency {self.currency!r}")

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> Money:
        """Money from an amount in major units; it must be exact in the currency's minor unit."""
        scaled = Decimal(amount).scaleb(CURRENCIES[currency])
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{amount} is finer than the minor unit of {currency}")
        return cls(int(scaled), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, with all digits of the currency."""
        return Decimal(self.minor).scaleb(-CURRENCIES[self.currency])

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"

    def share(self, rate: int) -> Money:
        """`rate` (parts per million) of this amount, rounded half up to the minor unit (R11)."""
        return Money(round_half_up(Decimal(self.minor) * rate / WHOLE), self.currency)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.minor


def round_half_up(value: Decimal) -> int:
    """The nearest whole number; a half goes away from zero (R11)."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def parse_rate(percent: str | Decimal) -> int:
    """Parts per million of a rate given in percent: `parse_rate("6.25") == 62_500`.

    Raises:
        ValueError: if the rate is not a number, or finer than a ten-thousandth of a percent.
    """
    try:
        ppm = Decimal(percent) * (WHOLE // 100)
    except ArithmeticError as error:
        raise ValueError(f"{percent!r} is not a rate") from error
    if not ppm.is_finite() or ppm != ppm.to_integral_value():
        raise ValueError(f"{percent!r} is not a rate")
    return int(ppm)


def percent_of(rate: int) -> Decimal:
    """The rate in percent, without trailing zeros: `percent_of(62_500) == Decimal("6.25")`."""
    return (Decimal(rate) / (WHOLE // 100)).normalize() + 0


def partner_price(retail: Money, discount: int) -> Money:
    """Partner unit price (R6, R11): retail less `discount` (parts per million), rounded once, before multiplying."""
    return Money(round_half_up(Decimal(retail.minor) * (WHOLE - discount) / WHOLE), retail.currency)


#: Digits and a fraction; or groups of three digits, all parted by the same sign, and a fraction behind another one.
_PLAIN = re.compile(r"(\d{0,12})(?:[.,](\d*))?", re.ASCII)
_GROUPED = re.compile(r"(\d{1,3}([ ',.])\d{3}(?:\2\d{3}){0,2})(?:(?!\2)[.,](\d*))?", re.ASCII)


def parse_amount(text: str, currency: str) -> Money:
    """Money typed by a person: `1234.5`, `1 234,50`, `1,234.50` with plain, no-break or narrow spaces.

    What could be read in two ways is refused, not guessed: `1,234` is a thousand to some and one to others.

    Raises:
        InvalidInput: if the text is no amount, is finer than the currency's minor unit, or has more than 12 digits
            before the point.
    """
    plain = re.sub("[\u00a0\u202f\u2009]", " ", text).strip()
    match = _PLAIN.fullmatch(plain) or _GROUPED.fullmatch(plain)
    whole, fraction = (re.sub(r"\D", "", match[1]), match[match.re.groups] or "") if match else ("", "")
    if not whole + fraction or len(fraction) > CURRENCIES[currency]:
        raise InvalidInput(N_("Write the amount as a number, for example 1234.50."))
    return Money.of(Decimal(f"{whole or 0}.{fraction or 0}"), currency)
