"""Money, dates and numbers as the reader's language writes them (R30, CLDR).

It takes minor units and a currency code, or anything that has both: it does not know `money`, so that pages without a
price can be made of it too (R25). Babel's own formatters cost most of a page with many cells, so the pieces of each
locale's pattern are read once.
"""

from __future__ import annotations

import re
from datetime import date as Date
from datetime import datetime as DateTime
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, dates, numbers
from flask import Flask, has_request_context
from flask_babel import get_locale
from markupsafe import Markup, escape

from dashboard.config import current_settings
from dashboard.web.access import actor


class Amount(Protocol):
    """What can be shown as a sum: `Money` is one."""

    @property
    def minor(self) -> int: ...

    @property
    def currency(self) -> str: ...


class _Pattern(NamedTuple):
    before: str
    after: str
    minus: str
    group: str
    point: str
    precision: int  #: digits after the point


@lru_cache
def _pattern(language: str, currency: str) -> _Pattern:
    """The pieces around the digits of a sum, taken from what Babel makes of a sample."""
    locale = Locale.parse(language)
    sample = numbers.format_currency(1, currency, locale=locale)
    precision = numbers.get_currency_precision(currency)
    digits = numbers.format_decimal(1, "0." + "0" * precision if precision else "0", locale=locale)
    before, after = sample.split(digits)
    if before[-1:].isalpha():  # CLDR's currencySpacing, which Babel leaves out: RUB 1.00, but $1.00
        before += "\u00a0"
    group, point = numbers.get_group_symbol(locale), numbers.get_decimal_symbol(locale)
    return _Pattern(before, after, numbers.get_minus_sign_symbol(locale), group, point, precision)


def language() -> str:
    """Code of the language that is spoken now."""
    return str(get_locale() or "en")


def money(amount: Amount | int, currency: str | None = None) -> str:
    """A sum with its currency; `amount` is Money, or minor units with a currency code."""
    minor, code = (amount, currency or "") if isinstance(amount, int) else (amount.minor, amount.currency)
    pattern = _pattern(language(), code)
    whole, rest = divmod(abs(minor), 10**pattern.precision)
    fraction = f"{pattern.point}{rest:0{pattern.precision}d}" if pattern.precision else ""
    digits = f"{whole:,}".replace(",", pattern.group) + fraction
    return f"{pattern.minus if minor < 0 else ''}{pattern.before}{digits}{pattern.after}"


def kept_money(text: str, currency: str) -> str:
    """A price as an entry or a file keeps it, `1199.00`, as people read it; any other text as it is."""
    if not re.fullmatch(r"[A-Z]{3}", currency) or not re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        return text
    return money(int(Decimal(text).scaleb(_pattern(language(), currency).precision)), currency)


def plain_money(amount: Amount) -> str:
    """A sum as a person types it into a field: without currency and groups, `1234,50` in Russian."""
    pattern = _pattern(language(), amount.currency)
    whole, rest = divmod(abs(amount.minor), 10**pattern.precision)
    fraction = f"{pattern.point}{rest:0{pattern.precision}d}" if pattern.precision else ""
    return f"{'-' if amount.minor < 0 else ''}{whole}{fraction}"


def date(day: Date, style: str = "long") -> str:
    """A business day; styles as in CLDR: short, medium, long, full; or brief: without the year."""
    return _date(day, style, language())


@lru_cache(maxsize=8192)
def _date(day: Date, style: str, spoken: str) -> str:
    if style == "brief":
        return dates.format_skeleton("MMMd", day, locale=spoken)
    return dates.format_date(day, style, locale=spoken)


def datetime(instant: DateTime, style: str = "medium") -> str:
    """An instant to the minute, in the reader's time zone; `style` is that of its day."""
    spoken, zone = language(), time_zone()
    time = dates.format_time(instant, "short", tzinfo=zone, locale=spoken)
    day = dates.format_date(instant.astimezone(zone), style, locale=spoken)
    return str(Locale.parse(spoken).datetime_formats[style]).format(time, day)


def time_zone() -> ZoneInfo:
    """The zone that the reader chose, else the vendor's: that of letters and documents, too."""
    chosen = actor.time_zone if has_request_context() else ""
    return ZoneInfo(chosen) if chosen else current_settings().vendor.zone


@lru_cache
def zone_names(spoken: str) -> dict[str, str]:
    """The cities whose time zones one can choose, by the zones' IANA names, sorted as `spoken` has it.

    A zone's city has a name of its own in every language; zones without one are old names or bare offsets.
    """
    cities = {name: facts["city"] for name, facts in Locale.parse("ru").time_zones.items() if "city" in facts}
    own = Locale.parse(spoken).time_zones
    known = available_timezones()
    named = {name: own.get(name, {}).get("city") or name.rpartition("/")[2].replace("_", " ") for name in cities}
    return {name: city for name, city in sorted(named.items(), key=lambda one: one[1]) if name in known}


def offset(zone: str, instant: DateTime) -> str:
    """How far a zone is ahead of UTC at an instant, in hours: `+3`, `+5:30`."""
    shift = instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    hours, minutes = divmod(abs(shift) // timedelta(minutes=1), 60)
    return f"{'−' if shift < timedelta() else '+'}{hours}" + (f":{minutes:02d}" if minutes else "")


def number(value: int) -> str:
    return numbers.format_decimal(value, locale=language())


def percent(rate: int) -> str:
    """A rate in parts per million, as percent with the digits that it has."""
    spoken = language()
    return numbers.format_percent(Decimal(rate) / 1_000_000, locale=spoken, decimal_quantization=False)


#: Numbers of orders, papers and licenses, and SKUs, as long as the narrowest screen is wide.
_NUMBER = re.compile(r"(?<![\w-])[A-ZА-ЯЁ\d]+(?:-[A-Z\d]+)+(?![\w-])")
_LONGEST_UNBROKEN = 19
_RANGE = re.compile(r"(?<=\d)–(?=\d)")


def unbroken(text: Any) -> Any:
    """A text in which no number breaks at its hyphen and no range (`30–60`) at its dash; all else stays as it is."""
    if not isinstance(text, str) or (isinstance(text, Markup) and "<" in text):
        return text
    tied = _RANGE.sub("–\N{WORD JOINER}", escape(text))
    return Markup(_NUMBER.sub(_kept_whole, tied))


def _kept_whole(found: re.Match[str]) -> str:
    number = found.group()
    return f'<span class="nowrap">{number}</span>' if len(number) <= _LONGEST_UNBROKEN else number


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        money=money,
        kept_money=kept_money,
        date=date,
        datetime=datetime,
        number=number,
        percent=percent,
        unbroken=unbroken,
    )
