"""The compiled catalogs as the program uses them: only texts that can do no harm, chosen by plural rules of our own.

A catalog is a file that somebody sent. What it says of its charset or of its plurals is not believed, and a text with
anything in it that its source does not have is left out, so that the source is shown instead.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import read_mo
from flask import current_app

from dashboard.config import current_settings
from dashboard.web.formats import language
from dashboard.web.pseudo import bracketed
from dashboard.wording import dangers, source_of

log = logging.getLogger(__name__)

#: The language of the texts in the code.
SOURCE = "en"
#: The language that all texts are translated into.
TRANSLATED = "ru"

#: Larger than any catalog of ours will be, in bytes.
LARGEST = 4 * 1024 * 1024

#: Context and source text (the singular) to the forms of the translation.
Texts = Mapping[tuple[str | None, str], tuple[str, ...]]


def _english(number: int) -> int:
    return int(number != 1)


def _russian(number: int) -> int:
    """1, 21, 31 … · 2–4, 22–24 … · all others, 11–14 among them."""
    tens, ones = abs(number) % 100, abs(number) % 10
    if ones == 1 and tens != 11:
        return 0
    return 1 if 2 <= ones <= 4 and not 12 <= tens <= 14 else 2


#: Which form a number takes; a catalog's own expression is never evaluated.
PLURALS: Mapping[str, Callable[[int], int]] = {"en": _english, "ru": _russian}
#: Which spaces may not part a line, by language: those between a number and its word. Translators need not type them.
TIED: Mapping[str, re.Pattern[str]] = {"ru": re.compile(r"(?<=[\d№]) (?=[а-яё\d%])|(?<=%\(num\)s) (?=[а-яё])")}
#: How many forms there are.
FORMS: Mapping[str, int] = {"en": 2, "ru": 3}


class Catalog:
    """The sound texts of one language."""

    def __init__(self, spoken: str, texts: Texts) -> None:
        self._plural, self._texts = PLURALS.get(spoken, _english), texts

    def find(self, message: str, context: str | None = None) -> str:
        """The translation of `message`; itself, if there is none."""
        return self._texts.get((context, message), (message,))[0]

    def find_plural(self, singular: str, plural: str, number: int, context: str | None = None) -> str:
        forms = self._texts.get((context, singular))
        if forms is None or len(forms) == 1:
            return singular if number == 1 else plural
        return forms[self._plural(number)]


class Stretched(Catalog):
    """English as `pseudo` writes it, as far as it is in a translator's catalog; what is not stays plain.

    Args:
        known: the catalog of the translation.
        english: the catalog of the source.
    """

    def __init__(self, known: Catalog, english: Catalog) -> None:
        super().__init__(SOURCE, known._texts)
        self._english = english

    def find(self, message: str, context: str | None = None) -> str:
        text = self._english.find(message, context)
        return bracketed(text) if (context, message) in self._texts else text

    def find_plural(self, singular: str, plural: str, number: int, context: str | None = None) -> str:
        text = self._english.find_plural(singular, plural, number, context)
        return bracketed(text) if (context, singular) in self._texts else text


def current() -> Catalog:
    """The catalog of the language that is spoken now."""
    folder, spoken = current_app.config["TRANSLATIONS"], language()
    if spoken == SOURCE and current_settings().pseudo:
        return Stretched(load(folder, TRANSLATED), load(folder, SOURCE))
    return load(folder, spoken)


@lru_cache
def load(folder: Path, spoken: str) -> Catalog:
    """The compiled catalog of one language below `folder`; an empty one, if it cannot be used."""
    path = folder / spoken / "LC_MESSAGES" / "messages.mo"
    try:
        return Catalog(spoken, dict(_sound_texts(path, spoken)))
    except FileNotFoundError:
        log.warning("%s is missing: its texts are shown in %s", path, SOURCE)
    except Exception as error:  # whatever a broken file makes its reader raise
        log.error("%s cannot be used (%s): its texts are shown in %s", path, type(error).__name__, SOURCE)
    return Catalog(spoken, {})


def _sound_texts(path: Path, spoken: str) -> Iterator[tuple[tuple[str | None, str], tuple[str, ...]]]:
    if path.stat().st_size > LARGEST:
        raise ValueError("too large")
    with path.open("rb") as file:
        messages = read_mo(file)
    for message in messages:
        sources, forms = _forms(message.id), _forms(message.string)
        if not any(sources) or not any(forms):
            continue
        if _is_sound(sources, forms, spoken):
            forms = tuple(_tied(form, spoken) for form in forms)
            context: object = message.context  # Babel leaves it as bytes here
            yield (context.decode() if isinstance(context, bytes) else message.context, sources[0]), forms
        else:
            log.warning("%s: a translation that must not be shown was left out: %.60r", path, sources[0])


def _is_sound(sources: tuple[str, ...], forms: tuple[str, ...], spoken: str) -> bool:
    if len(forms) != (FORMS.get(spoken, 2) if len(sources) > 1 else 1) or not all(map(str.strip, forms)):
        return False
    same = spoken == SOURCE
    pairs = ((source_of(sources, form, same_language=same), text) for form, text in enumerate(forms))
    return not any(True for source, text in pairs for _ in dangers(source, text))


def _tied(text: str, spoken: str) -> str:
    return TIED[spoken].sub("\N{NO-BREAK SPACE}", text) if spoken in TIED else text


def _forms(text: object) -> tuple[str, ...]:
    """The forms of a text: one, or as many as it has plurals."""
    return tuple(map(str, text)) if isinstance(text, (list, tuple)) else (str(text or ""),)
