"""Countries by name, in the reader's language: CLDR's names, in the order of the alphabet."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from babel import Locale
from flask import Flask

from dashboard.web.formats import language

#: Two-letter territories of CLDR that are no countries: groups, tests, and parts that ISO 3166 does not list.
_NO_COUNTRIES = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"},
)


def countries() -> dict[str, str]:
    """Code and name of every country, sorted by name."""
    return _countries(language())


def country_name(code: str) -> str:
    """Name of one country; an unknown code is its own name."""
    return countries().get(code, code)


@lru_cache
def _countries(spoken: str) -> dict[str, str]:
    names = {str(code): str(name) for code, name in Locale.parse(spoken).territories.items()}
    found = [code for code in names if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES]
    return {code: names[code] for code in sorted(found, key=lambda code: _place(names[code]))}


def _place(name: str) -> str:
    """Where a name stands: accents do not count, but й is a letter of its own after и."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("й", "и\uffff"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def init_app(app: Flask) -> None:
    app.jinja_env.filters["country"] = country_name
