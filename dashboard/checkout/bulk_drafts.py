"""The rows of a bulk order, kept until they are placed: a closed tab, another device, an ended session lose nothing."""

from __future__ import annotations

from dashboard.checkout import drafts
from dashboard.checkout.bulk import were_placed
from dashboard.checkout.models import BulkDraft
from dashboard.checkout.rules import Buyer, Origin
from dashboard.clock import utcnow
from dashboard.errors import NotFound
from dashboard.extensions import db


def find_rows(of: Buyer) -> BulkDraft | None:
    """The rows that the member worked on last and has not placed."""
    newest = drafts.find_newest(BulkDraft, of)
    return drafts.find(BulkDraft, newest, of) if newest else None


def keep_rows(key: str, of: Buyer, rows: str, origin: Origin, *, by_button: bool) -> int | None:
    """Keep rows; after a mere change only if the page was not overtaken, as an order's form does. What was placed is
    not kept again.

    Args:
        key: of the orders that they become (R10).

    Returns:
        how often something of them was kept; None if these rows are not.

    Raises:
        NotFound: if the key is somebody else's.
    """
    if were_placed(key, of):
        return None
    drafts.make_once(BulkDraft, key, of)
    draft = drafts.find(BulkDraft, key, of, lock=True)
    if draft is None:
        raise NotFound
    if not by_button and not draft.follows(origin):
        return None
    draft.mark_kept(origin, by_button=by_button)
    draft.rows, draft.updated_at = rows, utcnow()
    db.session.flush()
    return draft.revision


def forget_rows(key: str, of: Buyer) -> None:
    """They are placed, or not wanted any more.

    Raises:
        NotFound: if they are somebody else's.
    """
    draft = drafts.find(BulkDraft, key, of, lock=True)
    if draft is not None:
        db.session.delete(draft)
