"""Tax numbers, by country: whether one is needed, and whether it can be right (R5)."""

from __future__ import annotations

from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.ru import inn
from stdnum.us import ein

from dashboard.errors import N_, InvalidInput
from dashboard.places import EU_COUNTRIES

_WRONG = {
    "vat": N_("This is not a valid VAT number of the country. Check its digits."),
    "inn": N_("This is not a valid INN. It has 10 or 12 digits; check them."),
    "ein": N_("This is not a valid EIN. It has nine digits, like 12-3456789."),
}


def kind_of(country: str) -> str:
    """What a company of this country has: `vat`, `inn` or `ein`; empty where any number, or none, will do."""
    return "vat" if country in EU_COUNTRIES else {"RU": "inn", "US": "ein"}.get(country, "")


def is_required(country: str) -> bool:
    """Whether invoices to this country need the number: reverse charge in the EU, any invoice in Russia."""
    return kind_of(country) in {"vat", "inn"}


def normalized(country: str, number: str) -> str:
    """The number as documents show it; empty stays empty where none is needed. Other countries' are not checked.

    Raises:
        InvalidInput: if it is missing or cannot be right (form or check digits).
    """
    if not number and is_required(country):
        raise InvalidInput(N_("Fill in this field."))
    kind = kind_of(country)
    if not number or not kind:
        return number
    try:
        return {"vat": lambda: _vat(country, number), "inn": lambda: _inn(number), "ein": lambda: _ein(number)}[kind]()
    except ValidationError as error:
        raise InvalidInput(_WRONG[kind]) from error


def has_vat_number(country: str, number: str) -> bool:
    """Whether this is a VAT number of a country of the EU, by its form and check digit (R28). Nothing is looked up."""
    try:
        return kind_of(country) == "vat" and bool(normalized(country, number))
    except InvalidInput:
        return False


def _vat(country: str, number: str) -> str:
    """With the letters of its country, which people leave out; those of Greece are EL."""
    letters = "EL" if country == "GR" else country
    compact = "".join(character for character in number.upper() if character.isalnum())
    if country == "GR":
        compact = compact.removeprefix("GR")
    return str(vat.validate(compact if compact.startswith(letters) else letters + compact))


def _inn(number: str) -> str:
    return str(inn.validate(number))


def _ein(number: str) -> str:
    return str(ein.format(ein.validate(number)))
