"""Publish a version of a text, and keep one for ever."""

from __future__ import annotations

from sqlalchemy import select

from dashboard.audit import service as audit
from dashboard.errors import N_, Refused
from dashboard.extensions import db, insert_once
from dashboard.prose.checks import check
from dashboard.prose.models import TextVersion
from dashboard.prose.rules import Kind, tidy
from dashboard.prose.versions import Version, current


class Outdated(Refused):
    """Somebody has published another version since the writer began; nothing was published."""

    def __init__(self) -> None:
        super().__init__(N_("Somebody has published another version meanwhile. Nothing of yours is lost."))


def publish(
    kind: Kind,
    english: str,
    russian: str,
    *,
    base: int | None = None,
    by: int | None = None,
    note: str = "",
    correction: bool = False,
) -> Version:
    """Put a new version in force at once; sent twice by accident, it stays one.

    Args:
        base: number of the version that the writer had before the eyes; none: whichever is in force.
        by: the account of who publishes; none: a command.
        note: what has changed, for the vendor's own staff.
        correction: of the policy: only the wording has changed, so nobody has to accept it again. The first version
            always asks (R5).

    Raises:
        InvalidInput: if a text may not be published as it is written.
        Outdated: if another version has been published since `base`.
    """
    english, russian = tidy(english), tidy(russian)
    for text in (english, russian):
        check(kind, text)
    before = current(kind)
    asks = kind is Kind.POLICY and not (correction and before.id)

    def is_this(version: Version) -> bool:
        same = (version.english, version.russian) == (english, russian)
        return same and version.number > 0 and asks <= version.asks_acceptance

    if is_this(before):
        return before
    if base in {None, before.number} and insert_once(
        TextVersion, kind=kind, number=before.number + 1, text_en=english, text_ru=russian, asks_acceptance=asks,
        note=note, published_by=by,
    ):  # fmt: skip
        audit.record("text.published", f"text:{kind}", version=before.number + 1, asks_acceptance=asks)
        return current(kind)
    newest = current(kind)
    if not is_this(newest):
        raise Outdated
    return newest


def keep(version: Version) -> int:
    """The id of a version's row, for what must refer to it for ever; the product's own text becomes a row now."""
    if version.id is None:
        insert_once(
            TextVersion, kind=version.kind, number=version.number, text_en=version.english, text_ru=version.russian,
            asks_acceptance=version.asks_acceptance,
        )  # fmt: skip
    row = TextVersion.kind == version.kind, TextVersion.number == version.number
    return db.session.execute(select(TextVersion.id).where(*row)).scalar_one()
