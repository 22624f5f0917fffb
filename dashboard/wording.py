"""What a text for translation may hold: named holes, and nothing that could act. Pure; knows no language.

The check of a translator's file and the loading of compiled catalogs ask the same questions, so that what was never
checked does no harm either.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache

Pieces = tuple[tuple[str, str | None], ...]

#: The only placeholder that a text may have is `%(name)s`; a percent sign is written `%%`.
_HOLE = re.compile(r"%\((\w+)\)s|%%|%")

#: The beginning of a tag, an entity, a hole of a template.
_MARKUP = re.compile(r"</?[A-Za-z!?]|&#?\w+;|\{[{%#]|[%#}]\}")

#: Addresses with a scheme, of mail, and bare domains, those written with points that browsers take for one included.
_POINT = "[.\u3002\uff0e\uff61]"
_ADDRESS = re.compile(
    r"\b(?:javascript|data|vbscript|mailto|tel|file):|\b\w+://|//\w|\w@\w"
    rf"|(?<![\w-])[\w-]+(?:{_POINT}[\w-]+)*{_POINT}[^\W\d_]{{2,}}",
    re.IGNORECASE,
)

#: Line ends are shown, all other characters of these categories are not: controls, formats, unassigned, separators.
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})


class Danger(Enum):
    """What makes a translation unfit to be shown."""

    LENGTH = "length"  #: many times as long as the source, or of more lines
    FORMAT = "format"  #: a use of `%` other than `%(name)s` and `%%`
    HOLES = "holes"  #: other holes than the source has
    MARKUP = "markup"
    ADDRESS = "address"
    UNSEEN = "unseen"  #: characters that nobody sees


@lru_cache(maxsize=8192)
def split(text: str) -> Pieces | None:
    """The text as (literal, name of the hole after it) pairs; None if it holds any other use of `%`."""
    pieces: list[tuple[str, str | None]] = []
    literal, start = "", 0
    for hole in _HOLE.finditer(text):
        literal += text[start : hole.start()]
        start = hole.end()
        if hole.group() == "%":
            return None
        if hole.group() == "%%":
            literal += "%"
        else:
            pieces.append((literal, hole.group(1)))
            literal = ""
    return (*pieces, (literal + text[start:], None))


def holes(text: str) -> frozenset[str]:
    """Names of the holes of a text, as far as they are sound."""
    return frozenset(hole.group(1) for hole in _HOLE.finditer(text) if hole.group(1))


def markup(text: str) -> list[str]:
    """What looks like markup of a page or a template."""
    return _MARKUP.findall(_HOLE.sub(" ", text))


def addresses(text: str) -> list[str]:
    """What a mail program or a person would take for an address."""
    return _ADDRESS.findall(_HOLE.sub(" ", text))


def unseen(text: str) -> list[str]:
    """Characters that nobody sees, line ends apart."""
    return [character for character in text if unicodedata.category(character) in _UNSEEN and character != "\n"]


def longest(source: str) -> int:
    """How many characters a translation of `source` may have: far more than any language takes."""
    return min(3 * len(source) + 40, 4000)


def source_of(sources: Sequence[str], form: int, *, same_language: bool) -> str:
    """The source text that a form of a translation has to follow.

    In the language of the source each form has its own; in another any form may have to name the number: in Russian
    the first also stands for 21. There it is the last, the plural.
    """
    return sources[min(form, len(sources) - 1)] if same_language else sources[-1]


def dangers(source: str, text: str) -> Iterator[Danger]:
    """Why `text` must not be shown in the place of `source`; of a text that is too long that alone."""
    if len(text) > longest(source) or text.count("\n") > source.count("\n"):
        yield Danger.LENGTH
        return
    if split(text) is None:
        yield Danger.FORMAT
    elif holes(text) != holes(source):
        yield Danger.HOLES
    if added(markup(source), markup(text)):
        yield Danger.MARKUP
    if added(addresses(source), addresses(text)):
        yield Danger.ADDRESS
    if added(unseen(source), unseen(text)):
        yield Danger.UNSEEN


def added(before: Sequence[str], now: Sequence[str]) -> list[str]:
    """What stands in `now` and not in `before`, however it is capitalized."""
    known = {one.casefold() for one in before}
    return [one for one in now if one.casefold() not in known]
