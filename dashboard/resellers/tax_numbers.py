"""Tax numbers, by country: whether one is needed, and whether it can be right (R5)."""

from __future__ import annotations

from typing import Any

from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.ru import inn
from stdnum.us import ein

from dashboard.errors import N_, InvalidInput
from dashboard.places import EU_COUNTRIES

_WRONG = {
    "EU": N_("This is not a valid VAT number of the country. Check its digits."),
    "RU": N_("This is not a valid INN. It has 10 or 12 digits; check them."),
    "US": N_("This is not a valid EIN. It has nine digits, like 12-3456789."),
}


def is_required(country: str) -> bool:
    """Whether invoices to this country need the number: reverse charge in the EU, any invoice in Russia."""
    return country in EU_COUNTRIES or country == "RU"


def normalized(country: str, number: str) -> str:
    """The number as documents show it; empty stays empty where none is needed. Other countries' are not checked.

    Raises:
        InvalidInput: if it is missing or cannot be right (form or check digits).
    """
    if not number and is_required(country):
        raise InvalidInput(N_("Fill in this field."))
    if not number:
        return ""
    kind: str = "EU" if country in EU_COUNTRIES else country
    check: Any = {"EU": lambda text: _eu_number(country, text), "RU": inn.validate, "US": _us_number}.get(kind, str)
    try:
        return str(check(number))
    except ValidationError as error:
        raise InvalidInput(_WRONG[kind]) from error


def _eu_number(country: str, number: str) -> str:
    """With the letters of its country, which people leave out; those of Greece are EL."""
    letters = "EL" if country == "GR" else country
    compact = "".join(character for character in number.upper() if character.isalnum())
    if country == "GR" and compact.startswith("GR"):
        compact = compact.removeprefix("GR")
    return str(vat.validate(compact if compact.startswith(letters) else letters + compact))


def _us_number(number: str) -> str:
    return str(ein.format(ein.validate(number)))
