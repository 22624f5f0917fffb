"""Lists that are read whole, since they are short as a rule, and shown a part at a time for when they are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

#: Rows of one part.
PER_PART = 20


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Some rows of a list, with the way to the rest."""

    rows: Sequence[T]
    count: int  #: of the whole list
    is_first: bool
    following: str  #: the name of the row with which the next part begins; empty behind the last one


def part_of(rows: Sequence[T], begin: str, name: Callable[[T], object]) -> Part[T]:
    """The part of a list that begins with a row.

    Args:
        begin: what an earlier part called `following`, as the address tells it; anything else begins anew.
        name: tells one row from the others.
    """
    first = next((number for number, row in enumerate(rows) if str(name(row)) == begin), 0) if begin else 0
    rest = rows[first + PER_PART :]
    return Part(rows[first : first + PER_PART], len(rows), first == 0, str(name(rest[0])) if rest else "")
