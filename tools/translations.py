"""Bring the catalogs up to date with the code (`update`), or see that they are and are sound (`check`).

The files carry no line numbers and no dates, so that a change of the code alone changes nothing in them. What a
catalog must be, `dashboard/translators` says: translators' files are checked by the same rules.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from dashboard.errors import BusinessError
from dashboard.translators import glossary, po, rules
from dashboard.translators.service import check_catalog, sentence

FOLDER = Path("translations")
GLOSSARY, NOTES = FOLDER / "glossary.csv", FOLDER / "notes.csv"
LANGUAGES = tuple(rules.PLURALS)

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


def extract(root: Path = Path()) -> Catalog:
    """All texts of the code and the templates below `root`."""
    with (root / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    catalog = new_catalog()
    found = extract_from_dir(root, methods, options, KEYWORDS, (COMMENT,), strip_comment_tags=True)
    for name, _line, message, comments, context in found:
        # The file alone: line numbers would change with every edit.
        catalog.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    for source, note in _notes(root).items():
        if noted := catalog.get(source):
            noted.auto_comments.append(note)
    return catalog


def _notes(root: Path) -> dict[str, str]:
    """Where short texts stand: several of them are often on one line of a template, where no comment has room."""
    path = root / NOTES
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["Text"]: row["Note"] for row in csv.DictReader(file)}


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


def written(catalog: Catalog) -> bytes:
    """A catalog as it stands in its file."""
    file = io.BytesIO()
    write_po(file, catalog, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return file.getvalue()


def updated(language: str, template: Catalog) -> Catalog:
    """The catalog of a language with the texts of the template; what is no longer used is dropped."""
    path = path_of(language)
    kept = read(path, language) if path.exists() else new_catalog(language)
    catalog = new_catalog(language)
    for message in kept:
        if message.id:
            catalog[message.id] = message
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    return catalog


def update() -> None:
    """Write `messages.pot`, and bring its texts into every catalog. The headers are ours, whatever program wrote."""
    template = extract()
    (FOLDER / "messages.pot").write_bytes(written(template))
    for language in LANGUAGES:
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(updated(language, template)))


def check() -> list[str]:
    """All faults of the committed files."""
    template = extract()
    texts = po.read(written(template))
    pot = FOLDER / "messages.pot"
    found = [f"{pot}: {sentence(fault)}" for fault in rules.faults_of_template(texts)]
    found += [f"{pot}: {fault}" for fault in _stale(pot, written(template), texts)]
    found += [f"{NOTES}: no longer in the code: {text!r}" for text in _notes(Path()) if text not in template]
    for language in LANGUAGES:
        path = path_of(language)
        try:
            checked = check_catalog(texts, po.read(path.read_bytes()), glossary.load(GLOSSARY))
        except (BusinessError, OSError) as error:
            found.append(f"{path}: {error.message % error.values if isinstance(error, BusinessError) else error}")
            continue
        faults = [sentence(fault) for fault in checked.faults]
        if not faults and path.read_bytes() != written(updated(language, template)):
            faults = ["not as `make translations` writes it"]
        found += [f"{path}: {fault}" for fault in faults]
    return found


def _stale(pot: Path, now: bytes, texts: rules.Catalog) -> Iterator[str]:
    """What tells the committed template from the texts of the code."""
    if not pot.exists():
        yield "it is missing; run `make translations`"
    elif (content := pot.read_bytes()) != now:
        there, kept = ({text.key: text for text in catalog.texts} for catalog in (texts, po.read(content)))
        yield from (f"not in messages.pot: {text.sources[0]!r}" for key, text in there.items() if key not in kept)
        yield from (f"no longer in the code: {text.sources[0]!r}" for key, text in kept.items() if key not in there)
        yield "it is stale; run `make translations`"


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
