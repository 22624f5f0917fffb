"""Countries by name, in the reader's language: CLDR's names, in the order of the alphabet."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from babel import Locale
from flask import Flask

from dashboard.web.formats import language
from dashboard.web.languages import LANGUAGES

#: Two-letter territories of CLDR that are no countries: groups, tests, and parts that ISO 3166 does not list.
_NO_COUNTRIES = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"},
)

#: Names that we write with «ё», unlike CLDR.
_WITH_YO = {"ru": {"US": "Соединённые Штаты"}}

#: What people write besides.
_ALSO = {"usa": "US", "сша": "US", "uk": "GB", "рф": "RU", "российская федерация": "RU", "uae": "AE", "оаэ": "AE"}


def countries() -> dict[str, str]:
    """Code and name of every country, sorted by name."""
    return countries_in(language())


def country_name(code: str) -> str:
    """Name of one country; an unknown code is its own name."""
    return countries().get(code, code)


def code_of_country(written: str) -> str | None:
    """The code of a country that somebody wrote: the code itself, or its name in any of our languages; else None."""
    return _codes().get(_folded(written))


@lru_cache
def _codes() -> dict[str, str]:
    names = {_folded(name): code for spoken in LANGUAGES for code, name in countries_in(spoken).items()}
    return {**names, **{_folded(code): code for code in countries_in("en")}, **_ALSO}


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("ё", "е").split())


@lru_cache
def countries_in(spoken: str) -> dict[str, str]:
    """Code and name of every country in a language, "ru" or "en", sorted by name."""
    names = {str(code): str(name) for code, name in Locale.parse(spoken).territories.items()}
    names |= _WITH_YO.get(spoken, {})
    found = [code for code in names if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES]
    return {code: names[code] for code in sorted(found, key=lambda code: _place(names[code]))}


def _place(name: str) -> str:
    """Where a name stands: accents do not count, but й is a letter of its own after и."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("й", "и\uffff"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def init_app(app: Flask) -> None:
    app.jinja_env.filters["country"] = country_name
