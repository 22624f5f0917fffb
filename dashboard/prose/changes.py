"""What has changed from one text to another: whole lines, and the words within a line that was rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

#: Lines that are shown before and after a change.
AROUND = 1

#: Most lines in a row, and pairs of words in a line, that are compared word by word: what is beyond counts as new, or
#: strange texts would take minutes.
MOST_LINES, MOST_PAIRS = 20, 500_000

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Run:
    """Words that are the same in both texts, were removed or were added: `how` is same, del or ins."""

    how: str
    text: str


@dataclass(frozen=True)
class Row:
    """A line of the comparison; one without runs stands for lines that are left out because they are the same."""

    runs: tuple[Run, ...] = ()


def compare(before: str, after: str) -> list[Row]:
    """The changed lines with a little around them; empty if the texts are the same."""
    old, new = before.splitlines(), after.splitlines()
    rows: list[Row] = []
    end = 0  # of the old lines that are shown
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(AROUND):
        if group[0][1] > end:
            rows.append(Row())
        for how, a, b, c, d in group:
            if how == "equal":
                rows += [Row((Run("same", line),)) for line in old[a:b]]
            else:
                rows += _changed(old[a:b], new[c:d])
        end = group[-1][2]
    if rows and end < len(old):
        rows.append(Row())
    return rows


def _changed(old: list[str], new: list[str]) -> Iterator[Row]:
    """Lines that were rewritten, word by word where there are as many as before; else removed and added ones."""
    if len(old) == len(new) <= MOST_LINES:
        yield from (Row(tuple(_runs(*pair))) for pair in zip(old, new, strict=True))
    else:
        yield from (Row((Run("del", line),)) for line in old)
        yield from (Row((Run("ins", line),)) for line in new)


def _runs(before: str, after: str) -> Iterator[Run]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) * len(new) > MOST_PAIRS:
        old, new = [before], [after]
    for how, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if how == "equal":
            yield Run("same", "".join(old[a:b]))
        if how in {"delete", "replace"}:
            yield Run("del", "".join(old[a:b]))
        if how in {"insert", "replace"}:
            yield Run("ins", "".join(new[c:d]))
