"""The versions of a text, and the one in force: one statement each, however many versions there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Select, func, select, tuple_

from dashboard.accounts.models import User
from dashboard.errors import NotFound
from dashboard.extensions import db
from dashboard.prose.models import TextVersion
from dashboard.prose.rules import Kind

#: The product's own texts, in force until the vendor publishes others: `policy.en.md` and so on.
SHIPPED = Path(__file__).parent / "shipped"


@dataclass(frozen=True)
class Version:
    """A version as it is read. Number 0 is the product's own text, which has no row and no id until it is accepted."""

    kind: Kind
    number: int
    english: str
    russian: str
    asks_acceptance: bool = True
    id: int | None = None
    published_at: datetime | None = None
    by: str = ""  #: who published it; empty: a command, or the product itself
    note: str = ""

    def text(self, language: str) -> str:
        return self.russian if language == "ru" else self.english


@lru_cache
def shipped(kind: Kind) -> Version:
    """The product's own text."""
    english, russian = ((SHIPPED / f"{kind}.{code}.md").read_text(encoding="utf-8").strip() for code in ("en", "ru"))
    return Version(kind, 0, english, russian)


def current(kind: Kind) -> Version:
    """The version in force."""
    return _first(_versions(kind)) or shipped(kind)


def newest_asking(kind: Kind) -> Version:
    """The newest version that is no mere correction: what must be accepted, or one after it (R5)."""
    return _first(_versions(kind).where(TextVersion.asks_acceptance)) or shipped(kind)


def get_version(kind: Kind, number: int) -> Version:
    """One version.

    Raises:
        NotFound: if there is none of that number.
    """
    if not 0 <= number < 2**31:
        raise NotFound
    found = _first(_versions(kind).where(TextVersion.number == number)) or (None if number else shipped(kind))
    if found is None:
        raise NotFound
    return found


def list_versions(kind: Kind) -> list[Version]:
    """All versions, newest first, down to the product's own."""
    found = [_version(row, name) for row, name in db.session.execute(_versions(kind))]
    return found if found and not found[-1].number else [*found, shipped(kind)]


def list_current() -> list[Version]:
    """The version in force of every text."""
    last = select(TextVersion.kind, func.max(TextVersion.number)).group_by(TextVersion.kind)
    rows = db.session.execute(_versions().where(tuple_(TextVersion.kind, TextVersion.number).in_(last)))
    found = {version.kind: version for version in (_version(row, name) for row, name in rows)}
    return [found.get(kind) or shipped(kind) for kind in Kind]


def _versions(kind: Kind | None = None) -> Select[TextVersion, str]:
    """Versions, newest first, with the name of who published them."""
    query = select(TextVersion, User.name).outerjoin(User, User.id == TextVersion.published_by)
    query = query.order_by(TextVersion.number.desc())
    return query if kind is None else query.where(TextVersion.kind == kind)


def _first(query: Select[TextVersion, str]) -> Version | None:
    row = db.session.execute(query.limit(1)).first()
    return _version(*row) if row else None


def _version(row: TextVersion, name: str | None) -> Version:
    return Version(
        Kind(row.kind), row.number, row.text_en, row.text_ru, row.asks_acceptance, row.id, row.published_at, name or "",
        row.note,
    )  # fmt: skip
