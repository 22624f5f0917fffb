"""What a quote comes to and what state it is in (R11)."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.errors import InvalidInput
from dashboard.money import Money
from dashboard.quotes.rules import (
    MARKUP_PERCENT,
    TAX_PERCENT,
    Line,
    QuoteSnapshot,
    QuoteState,
    amounts,
    margin_rate,
    marked_up,
    quote_state,
    rate_of,
    unit_price,
)
from tests.quotes.samples import a_snapshot

TODAY = date(2026, 11, 27)
HELD = {"issued": True, "ordered": False, "withdrawn": False, "valid_until": TODAY, "today": TODAY}


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def test_R11_tax_is_rounded_once_on_the_sum_of_the_lines() -> None:
    lines = [Line("A", 3, 1_05), Line("B", 1, 1_05)]  # 10 % of 1.05 would be 0.11, of 4.20 it is 0.42
    sums = amounts(lines, 100_000, "USD")
    assert (sums.net, sums.tax, sums.total) == (usd("4.20"), usd("0.42"), usd("4.62"))


def test_R11_a_marked_up_unit_price_is_rounded_half_up() -> None:
    assert marked_up(usd("1199.00"), -125_000) == usd("1049.13")
    assert marked_up(usd("1199.00"), 125_000) == usd("1348.88")
    assert marked_up(usd("1199.00"), -1_000_000) == usd("0.00")


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, QuoteState.ISSUED),
        ({"issued": False}, QuoteState.DRAFT),
        ({"valid_until": date(2026, 11, 26)}, QuoteState.EXPIRED),
        ({"issued": False, "valid_until": date(2026, 11, 26)}, QuoteState.DRAFT),
        ({"withdrawn": True}, QuoteState.WITHDRAWN),
        ({"withdrawn": True, "ordered": True}, QuoteState.ORDERED),
        ({"valid_until": date(2026, 11, 26), "ordered": True}, QuoteState.ORDERED),
    ],
)
def test_the_state_of_a_quote(facts: dict[str, bool], state: QuoteState) -> None:
    assert quote_state(**{**HELD, **facts}) is state  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "rate"),
    [("", 0), ("20", 200_000), ("20 %", 200_000), ("6,25", 62_500), ("−7.5\u00a0%", -75_000), ("+10", 100_000)],
)
def test_a_percentage_as_people_type_it(text: str, rate: int) -> None:
    assert rate_of(text, MARKUP_PERCENT) == rate


@pytest.mark.parametrize("text", ["a", "1,2,3", "-1", "101", "1e3", "٢", "5%5x", "1.23456"])
def test_what_is_no_tax_rate_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        rate_of(text, TAX_PERCENT)


def test_a_unit_price_has_bounds() -> None:
    assert unit_price("1 234,50", "USD") == usd("1234.50")
    assert unit_price("999999999.99", "USD")
    for text in ("1000000000", "-1", "1.234", "1,234", ""):
        with pytest.raises(InvalidInput):
            unit_price(text, "USD")


def test_the_margin_is_a_part_of_the_resale_sum() -> None:
    assert margin_rate(usd("100.00"), usd("90.00")) == 100_000
    assert margin_rate(usd("90.00"), usd("100.00")) == -111_000
    assert margin_rate(usd("0.00"), usd("90.00")) is None


def test_a_snapshot_is_kept_whole() -> None:
    kept = a_snapshot()
    assert QuoteSnapshot.from_json(kept.to_json()) == kept
