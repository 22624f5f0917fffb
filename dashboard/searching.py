"""What somebody typed into a search, as conditions for the database: the same for every list."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

from dashboard.typed import typed_words

#: Words of a search that are looked at.
MOST_WORDS = 8


def hold_words(search: str, *columns: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    """A condition for each word: one of the columns holds it, in any case, on whichever keyboard it was typed."""
    words = typed_words(search)[:MOST_WORDS]
    return [or_(*(way for column in columns for way in ways(column, word))) for word in words]


def ways(column: InstrumentedAttribute[Any], word: set[str]) -> list[ColumnElement[bool]]:
    """A column holds a word in one of the ways in which it can have been meant."""
    is_in_one_case = column.key == "search_text"
    holds = column.contains if is_in_one_case else column.icontains
    return [holds(variant, autoescape=True) for variant in sorted(word)]
