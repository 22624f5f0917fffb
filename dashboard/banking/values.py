"""Reading single values of a statement: sums, dates, accounts, texts. What is no such value is refused, not guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from stdnum import iban

from dashboard.banking.rules import Amount, Details, Fault, Place, UnreadableStatement, minor_digits
from dashboard.errors import N_

#: Digits before the point that a sum may have; a larger one is a fault of the file or an attack.
MAX_DIGITS = 13

#: Years that a statement can tell of.
YEARS = range(1980, 2080)

#: Largest number of entries in one file: what a page and a transaction can still take.
MAX_ENTRIES = 250_000

_DECIMAL = re.compile(r"\+?(\d*)(?:\.(\d*))?", re.ASCII)
_IBAN_AND_CURRENCY = re.compile(r"[A-Z]{2}\d\d[A-Z0-9]{10,30}[A-Z]{3}", re.ASCII)
_TIME = re.compile(r"(?<=\d)[ T]\d{1,2}:\d\d.{0,30}", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[TZ+\-].{0,40})?", re.ASCII)

#: What banks write where there is nothing to write.
_NOTHING = re.compile(r"NONREF|NOT ?PROVIDED|NOTAVAIL\w*|NONE|N/?A|NULL|[0.\-/ ]*", re.IGNORECASE)

#: Characters that show nothing but change how the others are shown.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\s]+")


class BadValue(Exception):
    """A value that cannot be read: an untranslated text with a hole for `place`."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


class Absurd(BadValue):
    """A value that no bank would write: the whole file is not to be trusted."""


@contextmanager
def faults_of_row(place: Place, faults: list[Fault]) -> Iterator[None]:
    """A row that cannot be read is a fault; one that is absurd lets the whole file be refused."""
    with refusing(place):
        try:
            yield
        except Absurd:
            raise
        except BadValue as error:
            faults.append(Fault(place, error.message, {"place": place, **error.values}))


@contextmanager
def refusing(place: Place) -> Iterator[None]:
    """What cannot be read here lets the whole file be refused."""
    try:
        yield
    except BadValue as error:
        raise UnreadableStatement(error.message, place, **error.values) from error


def amount_of(text: str, currency: str) -> Amount:
    """A sum of zero or more, with a decimal point or none: `1234`, `1234.`, `1234.50`."""
    match = _DECIMAL.fullmatch(text)
    whole, fraction = (match[1], match[2] or "") if match else ("", "")
    if not whole + fraction:
        raise BadValue(N_("Line %(place)s: “%(value)s” is no sum."), value=clipped(text))
    if len(whole.lstrip("0")) > MAX_DIGITS:
        raise Absurd(N_("Line %(place)s: the sum %(value)s is absurd."), value=clipped(text))
    digits = minor_digits(currency)
    if fraction[digits:].strip("0"):
        message = N_("Line %(place)s: the sum %(value)s is finer than the smallest coin of %(currency)s.")
        raise BadValue(message, value=clipped(text), currency=currency)
    return Amount(int(whole + fraction[:digits].ljust(digits, "0") or "0"), currency)


def currency_of(text: str) -> str:
    """A currency code (ISO 4217); the old code of the ruble is still in use."""
    code = text.strip().upper()
    if not re.fullmatch("[A-Z]{3}", code):
        raise BadValue(N_("Line %(place)s: “%(value)s” is no currency."), value=clipped(text))
    return "RUB" if code == "RUR" else code


@lru_cache(maxsize=4096)
def iso_date(text: str) -> date:
    """The day of an ISO date, or of an instant as the bank wrote it."""
    match = _ISO_DATE.fullmatch(text.strip())
    try:
        day = date.fromisoformat(match[1] if match else "")
    except ValueError as error:
        raise no_date(text) from error
    return plausible(day)


@lru_cache(maxsize=4096)
def parsed_date(text: str, form: str) -> date:
    """A day written in `form` (as for `strptime`), in plain digits."""
    try:
        day = datetime.strptime(text, form).date()  # noqa: DTZ007  (a day of the bank, no instant)
    except (ValueError, re.error) as error:
        raise no_date(text) from error
    if not text.isascii():
        raise no_date(text)
    return plausible(day)


def without_time(text: str) -> str:
    """A day, without the time of day that may stand behind it."""
    return _TIME.sub("", text)


def no_date(text: str) -> BadValue:
    return BadValue(N_("Line %(place)s: “%(value)s” is no date."), value=clipped(text))


def plausible(day: date) -> date:
    if day.year not in YEARS:
        raise Absurd(N_("Line %(place)s: the date %(value)s is absurd."), value=day.isoformat())
    return day


def account_of(text: str) -> str:
    """An account without spaces, and without the currency that some banks write behind an IBAN."""
    account = "".join(text.split()).upper()
    if _IBAN_AND_CURRENCY.fullmatch(account) and not is_iban(account) and is_iban(account[:-3]):
        return account[:-3]
    return account


@lru_cache(maxsize=4096)
def is_iban(text: str) -> bool:
    return bool(iban.is_valid(text, check_country=False))


def cleaned(text: str | None) -> str:
    """A text on one line, without characters that show nothing."""
    if text and text.isprintable() and "  " not in text:
        return text.strip()
    return _CONTROL.sub(" ", _INVISIBLE.sub("", text or "")).strip()


def given(text: str | None) -> str:
    """A reference, or nothing if the bank only says that there is none."""
    reference = cleaned(text)
    return "" if _NOTHING.fullmatch(reference) else reference


def reference_of(text: str | None) -> str:
    """A structured reference, without the spaces in which it is printed."""
    return given(text).replace(" ", "")


def clipped(text: str) -> str:
    """Enough of a text from the file to find it there."""
    text = cleaned(text)
    return text if len(text) <= 40 else f"{text[:39]}…"


def spread(details: Details) -> dict[str, Any]:
    """The details as arguments of what carries them."""
    return {detail.name: getattr(details, detail.name) for detail in fields(Details)}


def too_many(place: Place) -> UnreadableStatement:
    return UnreadableStatement(N_("Line %(place)s: the file has more than %(max)s entries."), place, max=MAX_ENTRIES)
