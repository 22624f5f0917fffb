"""Money: exact, rounded half up once, and read from what people type (R11)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import InvalidInput
from dashboard.money import (
    CURRENCIES,
    WHOLE,
    Money,
    parse_amount,
    parse_rate,
    partner_price,
    percent_of,
    round_half_up,
)

CODES = st.sampled_from(sorted(CURRENCIES))
MINOR = st.integers(-(10**14), 10**14)
RATES = st.integers(0, WHOLE)
SPACES = st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", "'"])


def test_R11_the_example_of_the_specification() -> None:
    unit = partner_price(Money.of("1199.00", "USD"), parse_rate("12.5"))
    assert unit == Money.of("1049.13", "USD")
    assert unit * 3 == Money.of("3147.39", "USD")


@pytest.mark.parametrize(
    ("value", "whole"),
    [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.4999", 2), ("-0.5", -1), ("-2.5", -3), ("-2.4999", -2), ("0", 0)],
)
def test_R11_a_half_is_rounded_up(value: str, whole: int) -> None:
    assert round_half_up(Decimal(value)) == whole


@given(MINOR, CODES, RATES)
def test_R11_a_share_is_the_nearest_minor_unit_and_a_half_goes_up(minor: int, currency: str, rate: int) -> None:
    exact = Fraction(minor * rate, WHOLE)
    share = Money(minor, currency).share(rate)
    assert share.currency == currency
    assert abs(share.minor - exact) <= Fraction(1, 2)
    if abs(share.minor - exact) == Fraction(1, 2):
        assert abs(share.minor) > abs(exact)


@given(st.integers(0, 10**14), CODES, RATES)
def test_R11_partner_price_and_discount_add_up_to_the_retail_price(minor: int, currency: str, discount: int) -> None:
    retail = Money(minor, currency)
    partner = partner_price(retail, discount)
    assert Money.zero(currency) <= partner <= retail
    assert abs(Fraction(minor * (WHOLE - discount), WHOLE) - partner.minor) <= Fraction(1, 2)


@given(MINOR, MINOR, st.integers(-1000, 1000), CODES)
def test_R11_sums_are_exact(one: int, other: int, times: int, currency: str) -> None:
    first, second = Money(one, currency), Money(other, currency)
    assert first + second - second == first
    assert first + -first == Money.zero(currency)
    assert (first * times).decimal == first.decimal * times
    assert Money.of(first.decimal, currency) == first
    assert (first < second, first <= second) == (one < other, one <= other)
    assert (first > second, first >= second) == (one > other, one >= other)


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_currencies_do_not_mix(operation: str) -> None:
    with pytest.raises(ValueError, match="do not add up"):
        getattr(Money(1, "USD"), operation)(Money(1, "EUR"))


@pytest.mark.parametrize("currency", ["", "usd", "XYZ"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(ValueError, match="unknown currency"):
        Money(1, currency)


def test_money_finer_than_the_minor_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="finer"):
        Money.of("1.005", "USD")


@given(st.integers(0, 10 * WHOLE))
def test_a_rate_survives_being_written_in_percent(rate: int) -> None:
    assert parse_rate(percent_of(rate)) == rate
    assert parse_rate(str(percent_of(rate))) == rate


@pytest.mark.parametrize("text", ["", "ten", "NaN", "Infinity", "0.00001", "1,5", "1e99999999"])
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a rate"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1234.5", 123450),
        ("1234,50", 123450),
        ("1 234,50", 123450),
        ("1\u00a0234,50", 123450),
        ("1\u202f234,50", 123450),
        ("1\u2009234.50", 123450),
        ("1'234.50", 123450),
        ("1,234.50", 123450),
        ("1.234,50", 123450),
        ("1 234 567", 123456700),
        ("1,234,567", 123456700),
        ("1.234.567,8", 123456780),
        ("  7 ", 700),
        ("7.", 700),
        (".5", 50),
        ("0", 0),
        ("007", 700),
        ("999999999999.99", 99999999999999),
    ],
)
def test_R11_an_amount_is_read_as_people_write_it(text: str, minor: int) -> None:
    assert parse_amount(text, "EUR") == Money(minor, "EUR")


@given(st.integers(0, 10**14 - 1), SPACES, st.sampled_from(".,"), CODES)
def test_R11_what_is_written_with_groups_is_read_back(minor: int, group: str, point: str, currency: str) -> None:
    whole, fraction = f"{minor // 100:,}".replace(",", group), f"{minor % 100:02}"
    assert parse_amount(f"{whole}{point}{fraction}", currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", ",", "-", "abc", "12a", "$5", "5 USD"),
        *("-5", "+5", "\u22125", "(5)"),
        *("1e5", "1E5", "0x10", "NaN", "Infinity", "1_000"),
        *("١٢٣", "१२", "1２", "²", "½", "Ⅷ"),
        *("1.005", "1.000", "1,000", "0.001"),  # a thousand to some, one to others
        *("1 2", "12 34", "1,23.00", "1,2,3.50", "1.2.3", "1,,234.50", "1,234,56", "1 234.567", "1 234 5", "1, 234.00"),
        *("1.234 567", "1 234.567,00", "1'234 567"),
        *("1" * 13, "9" * 400, "1 000 000 000 000 000", "0." + "0" * 400),
        *("1\x00", "1\n234", "5\u202e", "<b>5</b>", "%s", "1;2"),
    ],
)
def test_R11_what_is_no_amount_or_could_be_two_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="as a number"):
        parse_amount(text, "USD")


@given(st.text())
def test_R11_no_text_makes_anything_but_an_amount_or_a_refusal(text: str) -> None:
    try:
        amount = parse_amount(text, "RUB")
    except InvalidInput:
        return
    assert 0 <= amount.minor < 10**14
