"""Check a translator's file against the texts of the program and the glossary that come with it."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import NamedTuple

from flask import current_app

from dashboard.errors import N_, InvalidInput
from dashboard.translators import glossary, po, rules
from dashboard.translators.glossary import Term
from dashboard.translators.rules import Catalog, Fault

#: How much of a text is shown to say which one is meant.
SHOWN = 70


class Checked(NamedTuple):
    """What the check of a file found."""

    language: str
    texts: int
    faults: list[Fault]


def check(content: bytes) -> Checked:
    """Check a .po file.

    Raises:
        InvalidInput: if it cannot be read, or is in no language of ours.
    """
    folder: Path = current_app.config["TRANSLATIONS"]
    template = po.read((folder / "messages.pot").read_bytes())
    return check_catalog(template, po.read(content), glossary.load(folder / "glossary.csv"))


def check_catalog(template: Catalog, catalog: Catalog, terms: tuple[Term, ...]) -> Checked:
    """Check a catalog that was read; its faults are in the order of its lines.

    Raises:
        InvalidInput: if it is in no language of ours.
    """
    language = rules.language_of(catalog)
    if language is None:
        raise InvalidInput(
            N_("The header must name the language of the file: Language: ru, or en. It says “%(language)s”."),
            language=shown(catalog.language),
        )
    faults = list(rules.faults(template, catalog, language))
    if language == "ru":
        known = {text.key for text in template.texts}
        there = (text for text in catalog.texts if text.key in known and any(text.forms))
        faults += [fault for text in there for fault in glossary.faults(text, terms)]
    return Checked(language, len(catalog.texts), sorted(faults, key=lambda fault: (fault.line == 0, fault.line)))


def sentence(fault: Fault) -> str:
    """A fault in one line, in English: where it is, and what to do."""
    where = [f"line {fault.line}"] if fault.line else []
    which = [f"“{shown(fault.text)}”"] if fault.text else []
    return ": ".join([*where, *which, fault.message % values_shown(fault)])


def values_shown(fault: Fault) -> dict[str, str]:
    """What fills a fault's message, each value in one short line."""
    return {name: shown(str(value)) for name, value in fault.values.items()}


def shown(text: str) -> str:
    """A text of a file that may hold anything, in one short line that no terminal takes for a command."""
    cut = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return "".join(c if unicodedata.category(c)[0] not in "CZ" or c == " " else f"\\u{ord(c):04x}" for c in cut)
