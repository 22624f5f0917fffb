"""What a catalog must be (R30): whole, up to date, harmless, and written as its language is written. Pure.

Every fault is a sentence for a translator: what is wrong, and what to do about it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dashboard.errors import N_
from dashboard.wording import Danger, added, addresses, dangers, holes, longest, markup, source_of, split, unseen

#: The language of the texts in the code: its catalog may be empty.
SOURCE = "en"

#: How each language counts: number of forms, and the expressions that say so, as the usual programs write them.
PLURALS: Mapping[str, tuple[int, frozenset[str]]] = {
    "en": (2, frozenset({"n!=1"})),
    "ru": (
        3,
        frozenset(
            f"n%10==1&&n%100!=11?0:n%10>=2&&n%10<=4&&({teens})?1:2"
            for teens in ("n%100<10||n%100>=20", "n%100<12||n%100>14")
        ),
    ),
}

Key = tuple[str | None, tuple[str, ...]]


@dataclass(frozen=True)
class Text:
    """One text of a catalog.

    Args:
        sources: the English text, or its singular and plural.
        forms: the translation, or its plural forms; empty where there is none.
        line: of the English text in the file; `lines` those of the translations.
        notes: the translator's own comments.
    """

    sources: tuple[str, ...]
    forms: tuple[str, ...]
    context: str | None = None
    line: int = 0
    lines: tuple[int, ...] = ()
    fuzzy: bool = False
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        return self.context, self.sources

    def line_of(self, form: int) -> int:
        return self.lines[form] if form < len(self.lines) else self.line


@dataclass(frozen=True)
class Catalog:
    """The texts of one file, and what its header says of language and plurals."""

    language: str
    plural_forms: str
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Args:
        line: in the file; 0 if it is about what is not there.
        text: which English text it is about; empty if it is about the file.
        message: marked with `N_`, filled with `values`.
    """

    line: int
    text: str
    message: str
    values: Mapping[str, object] = field(default_factory=dict)


def language_of(catalog: Catalog) -> str | None:
    """Code of the language that the header names, if it is one of ours: `ru_RU` is Russian too."""
    code = re.split("[_-]", catalog.language.casefold())[0]
    return code if code in PLURALS else None


def faults(template: Catalog, catalog: Catalog, language: str) -> Iterator[Fault]:
    """Everything that keeps `catalog` from being used, by the texts of the program (`template`)."""
    yield from _faults_of_header(catalog, language)
    known = {text.key for text in template.texts}
    seen: set[tuple[str | None, str]] = set()
    for text in catalog.texts:
        single = (text.context, text.sources[0])
        if not text.sources[0]:
            yield _fault(text, N_("A second header, or a text without English. Remove it."))
        elif single in seen:
            yield _fault(text, N_("This text stands twice in the file. Keep one of the two."))
        elif text.key not in known:
            yield _fault(text, N_("The program has no such text. Start from the current file."))
        else:
            yield from faults_of_text(text, language)
        seen.add(single)
    there = {text.key for text in catalog.texts}
    for text in template.texts:
        if text.key not in there:
            missing = N_("This text of the program is missing in the file. Start from the current file.")
            yield Fault(0, _named(text), missing)


def _faults_of_header(catalog: Catalog, language: str) -> Iterator[Fault]:
    count, expressions = PLURALS[language]
    said = re.fullmatch(r"nplurals=(\d+);plural=(.*?);?", re.sub(r"\s", "", catalog.plural_forms))
    if not said or said[1] != str(count) or said[2].removeprefix("(").removesuffix(")") not in expressions:
        yield Fault(
            1,
            "",
            N_("The header has another rule of plurals (Plural-Forms) than this language. Put the old header back."),
        )


def faults_of_text(text: Text, language: str) -> Iterator[Fault]:
    """What is wrong with the translation of one text."""
    forms = PLURALS[language][0] if len(text.sources) > 1 else 1
    if text.fuzzy:
        yield _fault(text, N_("Marked as needing work (fuzzy). Look at it, correct it and remove the mark."))
    if language == SOURCE and not any(text.forms):
        return
    if not any(text.forms):
        yield _fault(text, N_("Not translated."))
        return
    if len(text.forms) != forms or not all(text.forms):
        yield _fault(text, N_("This text needs %(count)s plural forms. Fill in each."), count=forms)
        return
    for form, translated in enumerate(text.forms):
        source = source_of(text.sources, form, same_language=language == SOURCE)
        for message, values in _faults_of_form(source, translated, language):
            yield Fault(text.line_of(form), _named(text), message, values)


_Said = tuple[str, dict[str, object]]


def _faults_of_form(source: str, text: str, language: str) -> Iterator[_Said]:
    for danger in dangers(source, text):
        yield _said(danger, source, text)
        if danger is Danger.LENGTH:
            return
    if text.strip() != text and source.strip() == source:
        yield N_("A space stands at the beginning or the end. Remove it."), {}
    if re.search(r"[ \u00a0]{2,}", text) and "  " not in source:
        yield N_("Two spaces stand side by side. Keep one."), {}
    if _ends_otherwise(source, text):
        end = ending(source)
        if end:
            yield N_("The English text ends with “%(end)s”. End the translation so too."), {"end": end}
        else:
            yield N_("The English text has no point at the end. Leave it out."), {}
    if language == "ru":
        yield from _faults_of_russian(source, text)


def _said(danger: Danger, source: str, text: str) -> _Said:
    """What a translator can do about a danger."""
    match danger:
        case Danger.LENGTH:
            message = N_("The translation is far too long, or has a line break. %(max)s characters must do.")
            return message, {"max": longest(source)}
        case Danger.FORMAT:
            message = N_("A percent sign stands alone or in an unknown form. Write %(two)s for the sign itself.")
            return message, {"two": "%%"}
        case Danger.HOLES:
            return _said_of_holes(holes(source), holes(text))
        case Danger.MARKUP:
            message = N_("“%(found)s” looks like HTML or code, and the English text has none. Write plain words.")
            return message, {"found": added(markup(source), markup(text))[0]}
        case Danger.ADDRESS:
            message = N_("“%(found)s” looks like an address that the English text does not have. Remove it.")
            return message, {"found": added(addresses(source), addresses(text))[0]}
        case Danger.UNSEEN:
            message = N_("An invisible character (%(code)s) is in the text. Type the text anew.")
            return message, {"code": f"U+{ord(added(unseen(source), unseen(text))[0]):04X}"}


def _said_of_holes(wanted: frozenset[str], given: frozenset[str]) -> _Said:
    if missing := wanted - given:
        listed = ", ".join(f"%({name})s" for name in sorted(missing))
        return N_("The placeholder %(names)s is missing. Copy it from the English text."), {"names": listed}
    listed = ", ".join(f"%({name})s" for name in sorted(given - wanted))
    return N_("The English text has no placeholder %(names)s. Remove it."), {"names": listed}


def ending(text: str) -> str:
    """The mark that a text ends with, if it matters that translations keep it."""
    return next((mark for mark in ("…", ".", ":", "?", "!", ",") if text.rstrip().endswith(mark)), "")


def _ends_otherwise(source: str, text: str) -> bool:
    """Whether a translation lacks the mark that its source ends with, or has another.

    “Dear %(name)s,” may become «Здравствуйте, %(name)s!»; abbreviations (“No.”), and what ends with a placeholder in
    one of the languages, are left alone.
    """
    if len(source) <= len("No.") or source.endswith(")s") or text.endswith(")s"):
        return False
    return ending(source) != ending(text) and (ending(source), ending(text)) != (",", "!")


# Russian, as it is set.

_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC, _LATIN = re.compile("[а-яё]", re.IGNORECASE), re.compile("[a-z]", re.IGNORECASE)

#: Latin letters that look like Cyrillic ones.
_ALIKE = frozenset("aceopxyABCEHKMOPTXY")


def _faults_of_russian(source: str, text: str) -> Iterator[_Said]:
    plain = _plain(text)
    own = set(_WORD.findall(_plain(source)))
    for word in _WORD.findall(plain):
        mixed = _CYRILLIC.search(word) and _LATIN.search(word)
        if mixed or (len(word) == 1 and word in _ALIKE and word not in own):
            yield N_("“%(word)s” has Latin letters that look like Russian ones. Type it anew."), {"word": word[:40]}
    if foreign := [letter for letter in plain if _is_foreign(letter)]:
        yield N_("“%(letter)s” is a letter of another alphabet. Type the word anew."), {"letter": foreign[0]}
    if re.search("[\"'“”‘’`]", plain) and "„" not in plain:
        yield N_("Quotation marks are «ёлочки» in Russian, within them „лапки“."), {}
    if re.search(r"(?:^|\s)[-–](?:\s|$)", plain):
        yield N_("The dash between words is — in Russian, with spaces around it."), {}
    if re.search(r"\s[.,:;?!…](?:\s|$)", plain) and not re.search(r"\s[.,:;?!…](?:\s|$)", _plain(source)):
        yield N_("A space stands before a punctuation mark. Remove it."), {}


def _plain(text: str) -> str:
    """The words of a text, its holes taken out."""
    return "".join(literal + ("\u25a1" if name else "") for literal, name in split(text) or ((text, None),))


def _is_foreign(letter: str) -> bool:
    return letter.isalpha() and not unicodedata.name(letter, "").startswith(("LATIN", "CYRILLIC"))


# The texts in the code.


def faults_of_template(template: Catalog) -> Iterator[Fault]:
    """English texts that no translator could translate soundly; they are our own defect."""
    for text in template.texts:
        for source in text.sources:
            if split(source) is None:
                yield _fault(text, "a placeholder other than %(sample)s", sample="%(name)s")
            if markup(source):
                yield _fault(text, "HTML in a text")


def _fault(text: Text, message: str, **values: object) -> Fault:
    return Fault(text.line, _named(text), message, values)


def _named(text: Text) -> str:
    return text.sources[0]
