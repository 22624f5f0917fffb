"""What somebody types into a search, on whichever keyboard: pure, and the same for every search."""

from __future__ import annotations

from collections.abc import Iterable

#: The same keys on a Russian and on an English keyboard.
_CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбю.ё"
_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,./`"
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
#: Cyrillic letters that look like Latin ones, and get into codes that somebody copied by eye.
_LOOKALIKES = str.maketrans("авекмнорстухі", "abekmhopctyxi")

#: Longest search that is looked at, in characters.
MAX_SEARCH = 100


def search_text(*parts: str) -> str:
    """What a search looks through, in one case: as the words of a search are (`typed_words`)."""
    return " ".join(part for part in parts if part).casefold()


def typed_words(search: str) -> list[set[str]]:
    """The words of a search, each with all that it can have been meant to be."""
    words = search[:MAX_SEARCH].split()
    return [as_typed(word.casefold()) | as_typed(word.lower()) for word in words]  # `ß` is no `ss` in every column


def holds_all(text: str, words: Iterable[set[str]]) -> bool:
    """Whether every word is found in a text of one case, in any order."""
    return all(any(variant in text for variant in word) for word in words)


def as_typed(word: str) -> set[str]:
    """A word in one case, what it would have been on the other keyboard layout (`мшуцук` is `viewer`), and in
    look-alikes.
    """
    return {word, word.translate(_TO_LATIN), word.translate(_TO_CYRILLIC), word.translate(_LOOKALIKES)}
