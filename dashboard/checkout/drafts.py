"""How drafts are found and begun, whatever they hold: only by the member whose they are (R26)."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import ColumnElement, select

from dashboard.checkout.models import BulkDraft, Draft
from dashboard.checkout.rules import Buyer, is_draft_id
from dashboard.errors import NotFound
from dashboard.extensions import db, insert_once, locking

Kind = TypeVar("Kind", Draft, BulkDraft)


def find(kind: type[Kind], draft_id: str, of: Buyer, *, lock: bool = False) -> Kind | None:
    """A draft; None if it was never saved.

    Raises:
        NotFound: if it is somebody else's.
    """
    draft = db.session.scalar(locking(select(kind).where(kind.id == draft_id), lock=lock))
    if draft is not None and (draft.reseller_id, draft.user_id) != (of.reseller_id, of.user_id):
        raise NotFound
    return draft


def find_newest(kind: type[Kind], of: Buyer, *conditions: ColumnElement[bool]) -> str | None:
    """The id of the draft that the member worked on last."""
    drafts = select(kind.id).where(kind.reseller_id == of.reseller_id, kind.user_id == of.user_id, *conditions)
    return db.session.scalar(drafts.order_by(kind.updated_at.desc(), kind.id).limit(1))


def make_once(kind: type[Kind], draft_id: str, of: Buyer, **blank: object) -> None:
    """Begin a draft, unless it is there: a repeated request finds the same.

    Raises:
        NotFound: if no page of ours can have given it this id.
    """
    if not is_draft_id(draft_id):
        raise NotFound
    insert_once(kind, id=draft_id, reseller_id=of.reseller_id, user_id=of.user_id, **blank)
