"""Which tax a sale bears, by the reseller's place of business and the rate that holds there (R28)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import Refused
from dashboard.money import WHOLE, Money, round_half_up
from dashboard.places import EU_COUNTRIES, US_STATES
from dashboard.tax.rules import KnownRate, TaxKind, tax_on

NET = Money(2_157_30, "USD")
RATE = KnownRate(62_500, applies=True)
FREE, ZERO = KnownRate(72_500, applies=False), KnownRate(0, applies=True)


@pytest.mark.parametrize(
    ("seller", "country", "state", "rate", "kind", "place", "tax"),
    [
        # A state of the US: its sales tax, if it taxes downloaded software.
        ("EE", "US", "TX", RATE, TaxKind.SALES_TAX, "US-TX", 134_83),
        ("EE", "US", "CA", FREE, TaxKind.NOT_TAXABLE, "US-CA", 0),
        ("EE", "US", "OR", ZERO, TaxKind.NOT_TAXABLE, "US-OR", 0),
        # The vendor's own country: its VAT.
        ("EE", "EE", "", KnownRate(240_000, applies=True), TaxKind.VAT, "EE", 517_75),
        ("RU", "RU", "", KnownRate(220_000, applies=True), TaxKind.VAT, "RU", 474_61),
        # Another country of the EU owes the tax itself, whatever a state in the address says.
        ("EE", "DE", "", None, TaxKind.REVERSE_CHARGE, "DE", 0),
        ("EE", "FI", "TX", RATE, TaxKind.REVERSE_CHARGE, "FI", 0),
        ("DE", "EE", "", RATE, TaxKind.REVERSE_CHARGE, "EE", 0),
        # Everywhere else it is an export.
        ("EE", "RU", "", None, TaxKind.EXPORT, "RU", 0),
        ("EE", "GB", "", None, TaxKind.EXPORT, "GB", 0),
        ("EE", "NO", "", None, TaxKind.EXPORT, "NO", 0),
        ("RU", "DE", "", RATE, TaxKind.EXPORT, "DE", 0),
        ("AU", "DE", "", RATE, TaxKind.EXPORT, "DE", 0),
    ],
)
def test_R28_the_tax_of_a_place(  # noqa: PLR0917
    seller: str, country: str, state: str, rate: KnownRate | None, kind: TaxKind, place: str, tax: int
) -> None:
    decision = tax_on(NET, seller=seller, country=country, state=state, rate=rate, has_vat_number=True)
    assert (decision.kind, decision.place, decision.amount) == (kind, place, Money(tax, "USD"))
    assert decision.rate == (rate.rate if tax and rate else 0)


@pytest.mark.parametrize(("country", "state", "place"), [("US", "TX", "US-TX"), ("US", "", "US-"), ("EE", "", "EE")])
def test_R28_a_rate_that_is_not_known_is_not_guessed(country: str, state: str, place: str) -> None:
    with pytest.raises(Refused) as refusal:
        tax_on(NET, seller="EE", country=country, state=state, rate=None)
    assert refusal.value.values == {"place": place}


@given(st.integers(0, 10**12), st.integers(1, WHOLE), st.sampled_from(sorted(US_STATES)))
def test_R11_R28_tax_is_rounded_once_on_the_sum(net: int, rate: int, state: str) -> None:
    decision = tax_on(Money(net, "USD"), seller="EE", country="US", state=state, rate=KnownRate(rate, applies=True))
    assert decision.amount.minor == Money(net, "USD").share(rate).minor
    assert abs(decision.amount.minor * WHOLE - net * rate) * 2 <= WHOLE


def test_R11_R28_rounding_line_by_line_would_give_another_tax() -> None:
    lines = [Money(10_20, "USD")] * 3
    net = sum(lines, Money.zero("USD"))
    tax = tax_on(net, seller="EE", country="US", state="TX", rate=RATE).amount
    assert tax == Money(1_91, "USD")
    assert sum((line.share(RATE.rate) for line in lines), Money.zero("USD")) == Money(1_92, "USD")
    assert round_half_up(net.decimal) == 31


@given(st.sampled_from(sorted(EU_COUNTRIES)), st.sampled_from(sorted(EU_COUNTRIES)))
def test_R28_between_two_countries_of_the_eu_no_tax_is_added(seller: str, country: str) -> None:
    if seller != country:
        decision = tax_on(NET, seller=seller, country=country, state="", rate=RATE, has_vat_number=True)
        assert (decision.kind, decision.amount.minor) == (TaxKind.REVERSE_CHARGE, 0)
        unnumbered = tax_on(NET, seller=seller, country=country, state="", rate=RATE)
        assert (unnumbered.kind, unnumbered.place, unnumbered.rate) == (TaxKind.VAT, seller, RATE.rate)
