"""How far long work is: services go through what they do with a `Watch`, commands give them one that tells."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

import click

T = TypeVar("T")

#: Work on fewer items is done before anybody asks.
WORTH_TELLING = 100
#: Seconds between two lines where nobody sits at a terminal.
PAUSE = 5.0


class Watch(Protocol):
    """Hands out the items one by one, and may tell somebody how far it is."""

    def __call__(self, items: Sequence[T], doing: str, /) -> Iterable[T]: ...


def unwatched(items: Sequence[T], _doing: str, /) -> Iterable[T]:
    """The items, and not a word."""
    return items


def told(items: Sequence[T], doing: str, /) -> Iterator[T]:
    """The items; standard error tells how far it is: a bar on a terminal, else a line every few seconds."""
    if len(items) < WORTH_TELLING:
        yield from items
    elif sys.stderr.isatty():
        with click.progressbar(items, label=doing, file=sys.stderr) as bar:
            yield from bar
    else:
        yield from _told_in_lines(items, doing)


def _told_in_lines(items: Sequence[T], doing: str) -> Iterator[T]:
    next_line = time.monotonic() + PAUSE
    for number, item in enumerate(items):
        if time.monotonic() >= next_line:
            click.echo(f"{doing}: {number} of {len(items)}", err=True)
            next_line = time.monotonic() + PAUSE
        yield item
