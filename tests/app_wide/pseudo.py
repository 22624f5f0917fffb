"""A language made for looking: whatever the catalogs know is in brackets, so what is not was never marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain

from babel import Locale

from dashboard.extensions import Base, db
from dashboard.prose import versions
from dashboard.prose.rules import Kind
from dashboard.web.countries import countries_in
from dashboard.web.pseudo import bracketed
from tests.app_wide.pages import ADDRESS, texts
from tests.catalogs import compiled, forms

_BRACKETED = re.compile(r"⟦[^⟧]*⟧")
_WORD = re.compile(r"[^\W\d_]{2,}")


def catalog() -> bytes:
    """The compiled catalog of the language."""
    return compiled(lambda said: forms(said, bracketed))


def bare(text: str, own: set[str]) -> list[str]:
    """Words outside of brackets that are nobody's own.

    Args:
        own: words of people, companies, products and the calendar.
    """
    return [word for word in _WORD.findall(ADDRESS.sub(" ", _BRACKETED.sub(" ", text))) if word not in own]


def bare_on_page(html: str, own: set[str]) -> list[str]:
    """The texts of a page or letter with such words; code and what is marked as another language aside."""
    return [text for text in sorted(texts(html, "ru")) if bare(text, own)]


def russian_words() -> set[str]:
    """Words that Russian pages have from elsewhere: the calendar, places, what vendor and staff wrote in Russian."""
    return set(_WORD.findall(" ".join(chain(_of_locale(), _of_database()))))


@cache
def _of_locale() -> tuple[str, ...]:
    locale = Locale.parse("ru")
    months = [name for widths in locale.months.values() for names in widths.values() for name in names.values()]
    months += [name[:3] for name in months]  # as charts cut them
    cities = (zone["city"] for zone in locale.time_zones.values() if "city" in zone)
    return *countries_in("ru").values(), *months, *cities


def _of_database() -> Iterator[str]:
    for table in Base.metadata.sorted_tables:
        columns: Iterable[str] = [column for column in table.columns if column.name.endswith("_ru")]  # type: ignore[misc]
        for column in columns:
            yield from filter(None, db.session.scalars(db.select(column)))
    yield from (versions.current(kind).russian for kind in Kind)  # the vendor's words, or those that we ship
