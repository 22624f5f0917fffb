"""Money, days and numbers are written as Babel (CLDR) writes them, in both languages (R30)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel import dates, numbers
from flask import Flask, render_template_string
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from dashboard.config import current_settings
from dashboard.money import CURRENCIES, Money
from dashboard.web import formats

LANGUAGES = st.sampled_from(["ru", "en"])
STYLES = st.sampled_from(["short", "medium", "long", "full"])
#: All that we bill in, and some with other numbers of digits or without a sign of their own.
CODES = st.sampled_from([*CURRENCIES, "GBP", "JPY", "KWD", "CHF", "KZT", "CLF"])
DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))
SUPPRESSED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def babels(amount: Decimal, code: str, language: str) -> str:
    """What Babel makes of a sum, with the space after a letter code that CLDR asks for and Babel leaves out."""
    written = numbers.format_currency(amount, code, locale=language)
    return re.sub(r"(?<=[A-Z])(?=\d)", "\u00a0", written)


@pytest.fixture(autouse=True)
def _in_a_request(application: Flask) -> Iterator[None]:
    with application.test_request_context("/"):
        yield


@SUPPRESSED
@given(LANGUAGES, CODES, st.integers(-(10**15), 10**15))
def test_R30_money_is_written_as_babel_writes_it(language: str, code: str, minor: int) -> None:
    amount = Decimal(minor).scaleb(-numbers.get_currency_precision(code))
    with force_locale(language):
        assert formats.money(minor, code) == babels(amount, code, language)


@pytest.mark.parametrize("code", sorted(CURRENCIES))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_R30_money_has_the_digits_of_its_currency(language: str, code: str) -> None:
    assert CURRENCIES[code] == numbers.get_currency_precision(code)
    for minor in (0, 1, -1, 99, 100, 99_999, 100_000, -123_456_789):
        amount = Money(minor, code)
        with force_locale(language):
            assert formats.money(amount) == babels(amount.decimal, code, language)


def test_R30_money_as_people_know_it() -> None:
    with force_locale("en"):
        assert formats.money(-107910, "USD") == "-$1,079.10"
        assert formats.money(-107910, "RUB") == "-RUB\u00a01,079.10"
    with force_locale("ru"):
        assert formats.money(107910, "RUB") == "1\u00a0079,10\u00a0₽"
        assert formats.money(-107910, "EUR") == "-1\u00a0079,10\u00a0€"


@SUPPRESSED
@given(LANGUAGES, DAYS, STYLES)
def test_R30_a_day_is_written_as_babel_writes_it(language: str, day: date, style: str) -> None:
    with force_locale(language):
        assert formats.date(day, style) == dates.format_date(day, style, locale=language)  # type: ignore[arg-type]


@SUPPRESSED
@given(LANGUAGES, st.datetimes(datetime(1990, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)), STYLES)  # noqa: DTZ001
def test_R30_an_instant_is_written_in_the_vendors_zone(language: str, instant: datetime, style: str) -> None:
    local = instant.astimezone(current_settings().vendor.zone)
    with force_locale(language):
        shown = formats.datetime(instant, style)
    assert dates.format_date(local, style, locale=language) in shown  # type: ignore[arg-type]
    assert dates.format_time(local, "short", locale=language) in shown


def test_R14_a_late_evening_in_utc_is_the_next_business_day() -> None:
    with force_locale("en"):
        assert formats.datetime(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), "short").startswith("7/1/26")


@SUPPRESSED
@given(LANGUAGES, st.integers(-(10**7), 10**7))
def test_R30_a_rate_is_written_as_babel_writes_it(language: str, rate: int) -> None:
    percent = numbers.format_percent(Decimal(rate).scaleb(-6), locale=language, decimal_quantization=False)
    with force_locale(language):
        assert formats.percent(rate) == percent


@pytest.mark.parametrize(
    ("rate", "english", "russian"),
    [
        (62_500, "6.25%", "6,25\u00a0%"),
        (100_000, "10%", "10\u00a0%"),
        (0, "0%", "0\u00a0%"),
        (1, "0.0001%", "0,0001\u00a0%"),
    ],
)
def test_R30_a_rate_has_the_digits_that_it_needs(rate: int, english: str, russian: str) -> None:
    with force_locale("en"):
        assert formats.percent(rate) == english
    with force_locale("ru"):
        assert formats.percent(rate) == russian


@SUPPRESSED
@given(LANGUAGES, st.integers(-(10**12), 10**12))
def test_R30_a_number_is_written_as_babel_writes_it(language: str, value: int) -> None:
    with force_locale(language):
        assert formats.number(value) == numbers.format_decimal(value, locale=language)


def test_R30_templates_write_alike() -> None:
    source = "{{ m|money }} {{ 5|money('EUR') }} {{ d|date('short') }} {{ t|datetime('short') }} "
    source += "{{ n|number }} {{ r|percent }}"
    day, instant = date(2026, 3, 9), datetime(2026, 3, 9, 7, 5, tzinfo=UTC)
    with force_locale("en"):
        shown = render_template_string(source, m=Money(107910, "USD"), d=day, t=instant, n=1234, r=1)
    assert shown == "$1,079.10 €0.05 3/9/26 3/9/26, 12:05\u202fPM 1,234 0.0001%"


def test_numbers_and_ranges_do_not_break() -> None:
    assert (
        formats.unbroken("Order R-2046-3187 <is> late")
        == 'Order <span class="nowrap">R-2046-3187</span> &lt;is&gt; late'
    )
    assert formats.unbroken("1–30 days") == "1–\N{WORD JOINER}30 days"
    for same in ("an order-form", "X-RAY-" + "LONG-" * 5 + "END", Markup("<b>R-2046-3187</b>"), 5, None):
        assert formats.unbroken(same) == same


def test_R30_a_price_that_a_file_keeps_is_read_as_any_other() -> None:
    with force_locale("ru"):
        assert formats.kept_money("1199.00", "USD") == formats.money(119_900, "USD")
        assert formats.kept_money("1300", "EUR") == formats.money(130_000, "EUR")
        assert [formats.kept_money(text, "EUR") for text in ("—", "", "1e3")] == ["—", "", "1e3"]
        assert formats.kept_money("9", "platform") == "9"
