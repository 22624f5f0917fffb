"""The glossary (translations/glossary.csv): which Russian word stands for which English one, and which never does.

A term is looked for as whole words of the English text, the longest first: where “sales tax” stands, “sales” is not
asked for. In the Russian text any form of the word will do, so the glossary names stems. A translator who leaves a
term out on purpose says so in a comment of the text: `glossary: order, invoice`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dashboard.errors import N_
from dashboard.translators.rules import Fault, Text
from dashboard.wording import longest

#: How a translator's comment leaves terms out.
LEFT_OUT = "glossary:"

#: From how many letters on a stem stands for all forms of a word when it is looked for with е instead of ё: the forms
#: of «счёт» have both.
SURE = 5

_HOLE = re.compile(r"%\(\w+\)s")


@dataclass(frozen=True)
class Term:
    """One line of the glossary, ready to be looked for.

    Args:
        name: as translators and their comments call it.
        russian: what the glossary asks for.
        stems: patterns of which a Russian text has one; without any, the line is only for people.
        never: patterns of words that no Russian text has.
    """

    name: str
    russian: str
    english: tuple[re.Pattern[str], ...]
    stems: tuple[re.Pattern[str], ...]
    never: tuple[re.Pattern[str], ...]
    flat: tuple[re.Pattern[str], ...]  #: the stems with е where ё belongs


def load(path: Path) -> tuple[Term, ...]:
    """The terms of a glossary, those of most words first."""
    return _load(path, path.stat().st_mtime)


@lru_cache
def _load(path: Path, _changed: float) -> tuple[Term, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        terms = [_term(row) for row in csv.DictReader(file)]
    return tuple(sorted(terms, key=lambda term: (-len(term.name.split()), -len(term.name))))


def _term(row: dict[str, str]) -> Term:
    english = [_bare(one) for one in row["English"].split(";")]
    stems = _listed(row["Stems"])
    flat = [word for stem in stems for word in stem.split() if "ё" in word]
    return Term(
        name=_bare(row["English"].split(";")[0]),
        russian=row["Russian"],
        english=tuple(map(_in_english, english)),
        stems=tuple(map(_in_russian, stems)),
        never=tuple(map(_in_russian, _listed(row["Never"]))),
        flat=tuple(_without_dots(word) for word in flat),
    )


def _bare(term: str) -> str:
    """A term without what explains it."""
    return re.sub(r"\s*\(.*?\)", "", term).strip()


def _listed(cell: str) -> list[str]:
    return [one.strip() for one in cell.split("|") if one.strip()]


def _in_english(term: str) -> re.Pattern[str]:
    """The words of the term, the last one in any of its forms."""
    *first, last = [re.escape(word) for word in term.split()]
    if last.isupper() or not last.isalpha():
        ended = rf"{last}s?"
    elif last.endswith("y"):
        ended = rf"{last[:-1]}(?:y|ies|ied|ying)"
    elif last.endswith("e"):
        ended = rf"{last[:-1]}(?:e|es|ed|ing)"
    else:
        ended = rf"{last}(?:s|es|ed|ing)?"
    return re.compile(rf"(?<![\w-]){'[ -]'.join([*first, ended])}(?![\w-])", re.IGNORECASE)


def _in_russian(stem: str) -> re.Pattern[str]:
    """Words that begin so, side by side."""
    words = r"\W+".join(re.escape(word) + r"\w*" for word in stem.split())
    return re.compile(rf"(?<!\w){words}", re.IGNORECASE)


def _without_dots(stem: str) -> re.Pattern[str]:
    flat = re.escape(stem.replace("ё", "е"))
    return re.compile(rf"(?<!\w){flat}\w*" if len(stem) >= SURE else rf"(?<!\w){flat}(?:ом|у|е)?(?!\w)", re.IGNORECASE)


def faults(text: Text, terms: Iterable[Term]) -> Iterator[Fault]:
    """Where the Russian of a text breaks the glossary."""
    left_out = _left_out(text)
    wanted = [term for term in terms_of(text.sources[-1], terms) if term.stems and term.name not in left_out]
    for form, translated in enumerate(text.forms):
        if len(translated) > longest(text.sources[-1]):
            continue  # a fault already
        plain = _HOLE.sub(" ", translated)
        for term in wanted:
            if not any(stem.search(plain) for stem in term.stems):
                yield _fault(text, form, N_("“%(term)s” is «%(russian)s» in the glossary."), term)
        for term in terms:
            for found in _found(term.never, plain):
                yield _fault(text, form, N_("Not «%(word)s»: the glossary says «%(russian)s»."), term, word=found)
            for found in _found(term.flat, plain):
                yield _fault(text, form, N_("Write ё in «%(word)s», as the glossary does."), term, word=found)


def terms_of(source: str, terms: Iterable[Term]) -> Iterator[Term]:
    """The terms that stand in an English text, none inside of another."""
    rest = _HOLE.sub(" ", source)
    for term in terms:
        for pattern in term.english:
            rest, times = pattern.subn(" \N{BULLET} ", rest)
            if times:
                yield term


def _left_out(text: Text) -> set[str]:
    named = [note[len(LEFT_OUT) :] for note in text.notes if note.casefold().startswith(LEFT_OUT)]
    return {name.strip() for names in named for name in names.split(",")}


def _found(patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[str]:
    for pattern in patterns:
        yield from (found.group() for found in pattern.finditer(text))


def _fault(text: Text, form: int, message: str, term: Term, **values: str) -> Fault:
    return Fault(text.line_of(form), text.sources[0], message, {"term": term.name, "russian": term.russian, **values})
