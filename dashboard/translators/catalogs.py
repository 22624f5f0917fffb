"""The catalogs of the program, as a translator's page tells of them, and the files that translators hand in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Response, current_app
from sqlalchemy import select
from werkzeug.http import dump_options_header

from dashboard.audit import service as audit
from dashboard.documents import service as documents
from dashboard.errors import NotFound
from dashboard.extensions import db, get_row, insert_once
from dashboard.translators import po, rules
from dashboard.translators.models import HandedIn
from dashboard.translators.rules import Catalog

#: The files that a translator works with, by the names under which they are saved, and where they lie.
FILES = {
    "ru.po": "ru/LC_MESSAGES/messages.po",
    "en.po": "en/LC_MESSAGES/messages.po",
    "messages.pot": "messages.pot",
    "glossary.csv": "glossary.csv",
}

#: How many of the files that were handed in are told of, the latest first.
TOLD = 20


@dataclass(frozen=True)
class Progress:
    """How far a catalog has come: of all texts of the program, those translated, and those to be looked at again."""

    language: str
    texts: int
    done: int
    fuzzy: int

    @property
    def missing(self) -> int:
        return self.texts - self.done - self.fuzzy


def progress() -> list[Progress]:
    """Of each catalog but that of the language in which the texts are written."""
    template = _catalog("messages.pot")
    return [_progress(template, _catalog(f"{one}.po"), one) for one in rules.PLURALS if one != rules.SOURCE]


def _progress(template: Catalog, catalog: Catalog, language: str) -> Progress:
    said = {text.key: text for text in catalog.texts}
    there = [said[text.key] for text in template.texts if text.key in said and all(said[text.key].forms)]
    fuzzy = sum(text.fuzzy for text in there)
    return Progress(language, len(template.texts), len(there) - fuzzy, fuzzy)


def file_of(name: str) -> Response:
    """One of `FILES`, to be saved.

    Raises:
        NotFound: for any other name.
    """
    if name not in FILES:
        raise NotFound
    kind = "text/csv" if name.endswith(".csv") else "text/x-gettext-translation"
    response = Response(_path(name).read_bytes(), mimetype=kind)
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
    return response


def hand_in(content: bytes, language: str, *, user_id: int, name: str) -> HandedIn:
    """Keep a file in which the check has found no fault; the same file again is kept once."""
    digest = documents.keep(content, "text/x-gettext-translation")
    said = {text.key: text.forms for text in _catalog(f"{language}.po").texts}
    changed = sum(text.forms != said.get(text.key) for text in po.read(content).texts)
    if insert_once(HandedIn, digest=digest, language=language, changed=changed, handed_in_by=user_id, name=name):
        audit.record("translations.handed_in", f"catalog:{language}", digest=digest, changed=changed)
    return get_row(select(HandedIn).where(HandedIn.digest == digest))


def handed_in(*, by: int | None) -> list[HandedIn]:
    """The latest files: of one translator, or of all."""
    query = select(HandedIn).order_by(HandedIn.id.desc()).limit(TOLD)
    return list(db.session.scalars(query if by is None else query.where(HandedIn.handed_in_by == by)))


def get_handed_in(id_: int, *, by: int | None) -> HandedIn:
    """A file that was handed in.

    Raises:
        NotFound: if there is none, or `by` did not hand it in.
    """
    query = select(HandedIn).where(HandedIn.id == id_)
    return get_row(query if by is None else query.where(HandedIn.handed_in_by == by))


def _path(name: str) -> Path:
    folder: Path = current_app.config["TRANSLATIONS"]
    return folder / FILES[name]


def _catalog(name: str) -> Catalog:
    path = _path(name)
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, _written: int) -> Catalog:
    """Reading takes a tenth of a second: each version of a file is read once."""
    return po.read(path.read_bytes())
