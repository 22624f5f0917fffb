"""A language made for looking, in the place of English while somebody develops or translates (`PSEUDO=1`).

Whatever the catalogs know stands in brackets, with accents and a third longer: a text without brackets was never
marked for translation, and what a longer language breaks, breaks here.
"""

from __future__ import annotations

import re

from dashboard.wording import split

#: By how much a text grows, as a share of its length.
LONGER = 0.35

_WORD = re.compile(r"[^\W\d_]{2,}")
#: Addresses and names of files stay as they are: changed, they would be others.
_TOKEN = re.compile(r"\S*[.@/:]\w\S*|\S+|\s+")
_ACCENTS = str.maketrans("aceinosuyzACEINOSUYZ", "áçéíñóšúýžÁÇÉÍÑÓŠÚÝŽ")
_VOWELS = frozenset("aeiouyAEIOUY")


def bracketed(text: str) -> str:
    """The text with its words in brackets, and its values outside of them: those may need a translation too."""
    pieces = split(text) or ()
    return "".join(_in_brackets(literal) + (f"%({name})s" if name else "") for literal, name in pieces)


def _in_brackets(literal: str) -> str:
    if not _WORD.search(literal):
        return literal.replace("%", "%%")
    return f"⟦{_stretched(literal)}⟧".replace("%", "%%")


def _stretched(literal: str) -> str:
    """With accents, and vowels said twice until it is long enough."""
    missing, written = round(len(literal) * LONGER), []
    for token in _TOKEN.findall(literal):
        if re.search(r"[.@/:]\w", token):
            written.append(token)
            continue
        for character in token:
            accented = character.translate(_ACCENTS)
            twice = character in _VOWELS and missing > 0
            missing -= twice
            written.append(accented + accented.lower() * twice)
    return "".join(written)
