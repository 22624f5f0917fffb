"""Which tax a sale bears: pure, from the reseller's place and the rate that holds there (R28)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dashboard.errors import N_, Refused
from dashboard.money import Money
from dashboard.places import EU_COUNTRIES


class TaxKind(StrEnum):
    """Why tax is added, or why not."""

    SALES_TAX = "sales_tax"
    NOT_TAXABLE = "not_taxable"  #: a US state that does not tax downloaded software
    VAT = "vat"
    REVERSE_CHARGE = "reverse_charge"
    EXPORT = "export"


@dataclass(frozen=True)
class TaxDecision:
    """The tax on a net sum: its rate in parts per million, the place of the rate, the amount."""

    kind: TaxKind
    place: str
    rate: int
    amount: Money


@dataclass(frozen=True)
class KnownRate:
    """The rate that holds in a place on a day; `applies` says whether our goods are taxed there."""

    rate: int
    applies: bool


def tax_on(net: Money, *, seller: str, country: str, state: str, rate: KnownRate | None) -> TaxDecision:
    """Tax on `net`, by the reseller's place of business, never the end customer's (R28). Rounded once (R11).

    Args:
        seller: country of the vendor, whose VAT applies to resellers there.
        country: country of the reseller; ISO 3166 codes.
        state: the reseller's state, in the US.
        rate: what holds there on the day; it must be known for the US and for the vendor's own country.

    Raises:
        Refused: if the rate that the place calls for is not known; guessing one would make a wrong invoice.
    """
    nothing = Money.zero(net.currency)
    if country not in {"US", seller}:
        both_in_eu = country in EU_COUNTRIES and seller in EU_COUNTRIES
        return TaxDecision(TaxKind.REVERSE_CHARGE if both_in_eu else TaxKind.EXPORT, country, 0, nothing)
    place = f"US-{state}" if country == "US" else country
    if rate is None:
        raise Refused(N_("No tax rate is known for %(place)s yet. Please write to us; we will add it."), place=place)
    if country == "US":  # sales tax of the state, wherever the vendor is: there is no VAT
        if not rate.applies or not rate.rate:
            return TaxDecision(TaxKind.NOT_TAXABLE, place, 0, nothing)
        return TaxDecision(TaxKind.SALES_TAX, place, rate.rate, net.share(rate.rate))
    return TaxDecision(TaxKind.VAT, place, rate.rate, net.share(rate.rate))
