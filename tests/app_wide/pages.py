"""What every page and fragment must be: valid HTML, whole forms, labels, and in the reader's language."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

import html5lib
from babel.messages.pofile import read_po
from html5lib.constants import DataLossWarning
from lxml.etree import _Element as Element

from dashboard.config import ROOT
from tests.app_wide.trees import elements, parsed, strings

#: Elements whose text is code, and is the same in every language, or what somebody typed.
CODE = {"script", "style", "code", "pre", "kbd", "samp", "textarea"}

#: Attributes that people read or hear.
READ = ("title", "aria-label", "placeholder", "alt", "data-lost", "data-confirm")

_TAG = re.compile(r"<[^>]*>")
_VALUE = re.compile(r'"[^"]*"')


def faults(html: str, language: str, *, whole: bool) -> list[str]:
    """Everything wrong with a page (`whole`) or a fragment."""
    tree = parsed(html)
    found = [f"invalid: {fault}" for fault in _errors("".join(_TAG.findall(_VALUE.sub('""', html))))]
    found += [*_ids(tree), *_forms(tree), *_names(tree), *_made_up(tree)]
    return [*found, *_whole_page(tree, language), *_references(tree)] if whole else found


@cache
def _errors(skeleton: str) -> list[str]:
    """What a strict parser says of these tags; what stands between them and in their attributes cannot be wrong,
    because templates escape it."""
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataLossWarning)  # `data-hx-on:click` is no name in XML
        parser.parse(skeleton) if skeleton[:9].lower() == "<!doctype" else parser.parseFragment(skeleton)
    return [f"{code} {values or ''}".strip() for _, code, values in parser.errors]


def _ids(tree: Element) -> Iterator[str]:
    for name, times in Counter(strings(tree, "//@id")).items():
        if times > 1:
            yield f"id {name!r} stands {times} times"


def _forms(tree: Element) -> Iterator[str]:
    """A form that changes something carries the token; every field is named by a label."""
    for form in tree.iter("form"):
        if form.get("method", "get").lower() == "post" and not elements(form, ".//input[@name='csrf_token'][@value]"):
            yield f"the form to {form.get('action')!r} has no csrf_token"
    labelled = set(strings(tree, "//label/@for"))
    for field in tree.iter("input", "select", "textarea"):
        if field.get("type") in {"hidden", "submit", "button", "image", "reset"}:
            continue
        if field.get("aria-label") or field.get("aria-labelledby") or field.get("id") in labelled:
            continue
        if next(field.iterancestors("label"), None) is None:
            yield f"the field {field.get('name')!r} has no label"


def _names(tree: Element) -> Iterator[str]:
    """What can be pressed says what it does."""
    for element in tree.iter("a", "button", "summary"):
        if element.get("aria-hidden") != "true" and not (_text(element) or element.get("aria-label")):
            yield f"a nameless <{element.tag}> {element.get('href', '')}"
    yield from (f"a picture {picture.get('src')!r} without alt" for picture in elements(tree, "//img[not(@alt)]"))


def _made_up(tree: Element) -> Iterator[str]:
    """What belongs to htmx alone is written as HTML allows it: `data-hx-get`."""
    names = {name for element in tree.iter() for name in map(str, element.attrib) if name.startswith("hx-")}
    yield from (f"{name} is no attribute of HTML" for name in sorted(names))


def _whole_page(tree: Element, language: str) -> Iterator[str]:
    if tree.get("lang") != language:
        yield f"lang is {tree.get('lang')!r}"
    if (headings := len(tree.findall(".//h1"))) != 1:
        yield f"{headings} h1"
    if not _text(tree.find(".//title")).partition(" · ")[0]:
        yield "no title"


def _references(tree: Element) -> Iterator[str]:
    """What names another element of the page names one that is there."""
    ids = set(strings(tree, "//@id"))
    for attribute in ("for", "form", "list", "aria-labelledby", "aria-describedby", "aria-controls"):
        for value in strings(tree, f"//@{attribute}"):
            yield from (f"{attribute} names {name!r}, which is not there" for name in value.split() if name not in ids)
    for link in strings(tree, "//a[starts-with(@href, '#')]/@href"):
        if link[1:] not in ids:
            yield f"a link leads to {link}, which is not there"


def _text(element: Element | None) -> str:
    return "" if element is None else " ".join("".join(strings(element, ".//text()")).split())


# What is left in English on a Russian page.

_HOLE = re.compile(r"%\((\w+)\)s")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
ADDRESS = re.compile(r"\S+@\S+|\w+://\S+|\S+\.example\b|\S+\.(?:lic|pdf|csv|xlsx|po|zip)\b")


def texts(html: str, language: str) -> set[str]:
    """What people read on a page, but for code and for what is marked as another language."""
    found: set[str] = set()
    _collect(parsed(html), language, found)
    return found


def _collect(element: Element, language: str, found: set[str]) -> None:
    if isinstance(element.tag, str) and element.tag not in CODE and element.get("lang", language) == language:
        found.update(element.get(name, "") for name in READ)
        found.update(" ".join(text.split()) for text in strings(element, "text()"))
        for child in element:
            _collect(child, language, found)


def _forms_of(text: str | Iterable[str] | None) -> list[str]:
    """All forms of a text that may have several, for plurals."""
    return [text] if isinstance(text, str) else list(text or ())


@cache
def _russian() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]], set[str]]:
    """English texts with their Russian: those without values, those with; and the Latin words of Russian texts."""
    plain: dict[str, str] = {}
    filled: list[tuple[re.Pattern[str], str]] = []
    words: set[str] = set()
    with (ROOT / "translations/ru/LC_MESSAGES/messages.po").open("rb") as file:
        for message in read_po(file, locale="ru"):
            sources, targets = _forms_of(message.id), _forms_of(message.string)
            words.update(word for target in targets for word in _WORD.findall(_HOLE.sub("", target)))
            for source in filter(None, sources):
                if source in targets or not _WORD.search(_HOLE.sub("", source)):
                    continue
                if re.fullmatch(r"\W*(?:of)?\W*", _HOLE.sub("", source)):
                    continue  # `%(done)s of %(all)s` would be any Bank of Tartu
                if _HOLE.search(source):
                    pieces = map(re.escape, _HOLE.split(source)[::2])
                    filled.append((re.compile(".+".join(pieces), re.DOTALL), source))
                else:
                    plain[source] = source
    return plain, filled, words


@cache
def said_otherwise(text: str) -> str | None:
    """The English text of the catalog that this is, though Russian says it otherwise."""
    plain, filled, _words = _russian()
    bare = text.strip(" ·—–:,.()*") if text not in plain else text
    if bare in plain:
        return plain[bare]
    return next((source for pattern, source in filled if pattern.fullmatch(text)), None)


def left_in_english(html: str, own: set[str]) -> list[str]:
    """What a Russian page says in English: texts whose Russian is another, and words that nobody could have meant.

    Args:
        own: Latin words of people, companies and products, which are the same in every language.
    """
    found = []
    for text in sorted(texts(html, "ru")):
        if source := said_otherwise(text):
            found.append(source)
        elif strange := set(_WORD.findall(ADDRESS.sub("", text))) - _russian()[2] - own:
            found.append(f"{text[:80]!r}: {sorted(strange)}")
    return found
