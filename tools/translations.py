"""Bring the catalogs up to date with the code (`update`), or see that they are and are whole (`check`).

The files carry no line numbers and no dates, so that a change of the code alone changes nothing in them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

FOLDER = Path("translations")

#: The language of the texts in the code: its catalog may be empty.
SOURCE = "en"
LANGUAGES = (SOURCE, "ru")

KEYWORDS = parse_keywords(
    (
        *("_", "gettext", "lazy_gettext", "_l", "N_", "ngettext:1,2"),
        *("pgettext:1c,2", "lazy_pgettext:1c,2", "npgettext:1c,2,3"),
    )
)

#: A comment that begins so is shown to translators.
COMMENT = "Translators:"

#: One date for all files: when a text was extracted says nothing.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

#: The only placeholder that a text may have is `%(name)s` (dashboard/web/texts.py); a percent sign is `%%`.
HOLE = re.compile(r"%\((\w+)\)s|%%|%")

MARKUP = re.compile(r"</?[A-Za-z]|&\w+;")


def extract(root: Path = Path()) -> Catalog:
    """All texts of the code and the templates below `root`."""
    with (root / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    catalog = new_catalog()
    found = extract_from_dir(root, methods, options, KEYWORDS, (COMMENT,), strip_comment_tags=True)
    for name, _line, message, comments, context in found:
        # The file alone: line numbers would change with every edit.
        catalog.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return catalog


def new_catalog(language: str | None = None) -> Catalog:
    return Catalog(
        locale=language,
        header_comment="# Texts of the reseller dashboard; brought up to date by `make translations`.",
        project="Reseller dashboard",
        version="1",
        creation_date=EPOCH,
        revision_date=EPOCH,
        last_translator="",
        language_team="",
        msgid_bugs_address="",
        fuzzy=False,
    )


def path_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def write(path: Path, catalog: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)


def update() -> None:
    """Write `messages.pot`, and bring its texts into every catalog; what is no longer used is dropped."""
    template = extract()
    write(FOLDER / "messages.pot", template)
    for language in LANGUAGES:
        path = path_of(language)
        catalog = read(path, language) if path.exists() else new_catalog(language)
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        write(path, catalog)


def faults_of_template(texts: Catalog, kept: Catalog) -> Iterator[str]:
    """What keeps the committed template from being the texts of the code, and texts that cannot be translated."""
    now, before = set(map(_key, texts)), set(map(_key, kept))
    yield from (f"not in messages.pot: {_shown(key)}" for key in sorted(now - before, key=repr))
    yield from (f"no longer in the code: {_shown(key)}" for key in sorted(before - now, key=repr))
    for message in _messages(texts):
        for source in _forms(message.id):
            if _holes(source) is None:
                yield f"a placeholder other than %(name)s: {source!r}"
            if MARKUP.search(source):
                yield f"HTML in a text: {source!r}"


def faults_of_catalog(template: Catalog, catalog: Catalog, *, may_be_empty: bool) -> Iterator[str]:
    """What is missing or wrong in the catalog of one language."""
    missing = set(map(_key, template)) - set(map(_key, catalog))
    yield from (f"not in the catalog: {_shown(key)}" for key in sorted(missing, key=repr))
    for message in _messages(catalog):
        source, translated = _forms(message.id), _forms(message.string)
        if message.fuzzy:
            yield f"fuzzy: {source[0]!r}"
        if not any(translated) and may_be_empty:
            continue
        if not all(translated) or (len(source) > 1 and len(translated) != catalog.num_plurals):
            yield f"not translated: {source[0]!r}"
            continue
        # Any form may have to name the number: in Russian the first also stands for 21.
        holes = _holes(source[-1])
        for form, text in enumerate(translated):
            wanted = _holes(source[form]) if may_be_empty else holes
            if _holes(text) != wanted:
                yield f"other placeholders than {sorted(wanted or ())}: {text!r}"


def check() -> list[str]:
    """All faults of the committed files."""
    pot = FOLDER / "messages.pot"
    if not pot.exists():
        return [f"{pot} is missing; run `make translations`"]
    template = extract()
    faults = [f"{pot}: {fault}" for fault in faults_of_template(template, read(pot))]
    for language in LANGUAGES:
        path = path_of(language)
        catalog = read(path, language)
        found = faults_of_catalog(template, catalog, may_be_empty=language == SOURCE)
        faults += [f"{path}: {fault}" for fault in found]
    return faults


def _messages(catalog: Catalog) -> list[Message]:
    """All but the header."""
    return [message for message in catalog if message.id]


def _key(message: Message) -> tuple[str | None, tuple[str, ...]]:
    return message.context, _forms(message.id)


def _shown(key: tuple[str | None, tuple[str, ...]]) -> str:
    return repr(key[1][0]) + (f" ({key[0]})" if key[0] else "")


def _forms(text: object) -> tuple[str, ...]:
    """The forms of a text: one, or as many as it has plurals."""
    return tuple(str(form) for form in text) if isinstance(text, (list, tuple)) else (str(text or ""),)


def _holes(text: str) -> set[str] | None:
    """Names of the placeholders; None if the text is unsound."""
    holes = list(HOLE.finditer(text))
    return None if any(hole[0] == "%" for hole in holes) else {hole[1] for hole in holes if hole[1]}


def main() -> int:
    match sys.argv[1:]:
        case ["update"]:
            update()
            return 0
        case ["check"]:
            faults = check()
            print(*faults, sep="\n", end="\n" if faults else "")
            return 1 if faults else 0
    print("usage: python -m tools.translations update|check", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
