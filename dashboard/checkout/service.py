"""Keep drafts, and place one (R8-R10)."""

from __future__ import annotations

import base64
from typing import Any

from sqlalchemy import select

from dashboard import chance
from dashboard.checkout import drafts
from dashboard.checkout.customers import customer_of
from dashboard.checkout.models import Draft
from dashboard.checkout.rules import Buyer, Contents, LeftDraft, Origin, merged
from dashboard.clock import utcnow
from dashboard.errors import N_, NotFound, Refused
from dashboard.extensions import db
from dashboard.fulfilment.renewals import find_renewable, renewable
from dashboard.fulfilment.service import OrderRequest, place_order
from dashboard.orders import service as orders

#: Other drafts that the order form lists.
LEFT = 20


class AlreadyPlaced(Refused):
    """The draft became an order; whoever comes back to it is led there (R10)."""

    def __init__(self, order_id: str) -> None:
        super().__init__(N_("This is order %(id)s already."), id=order_id)
        self.order_id = order_id


class Overtaken(Refused):
    """What is kept of a form is not what its page was made from: nothing of either gets lost without being seen."""

    def __init__(self) -> None:
        super().__init__(N_("This draft was changed since you opened it, by a colleague or in another window."))


class DraftChanged(Refused):
    """The draft was edited since its review was opened, in another window or by another click (R10)."""

    def __init__(self) -> None:
        super().__init__(N_("The order was edited since you looked at it. Please check it and place again."))


def new_draft_id() -> str:
    """An id for a draft that is not saved yet; later it is the order's submit key (R10)."""
    return base64.urlsafe_b64encode(chance.source().randbytes(18)).decode()


def opened(revision: int = 0) -> Origin:
    """The origin of a page that is made now, from what was kept so often."""
    return Origin(revision, new_draft_id())


def find_newest(of: Buyer) -> str | None:
    """The id of the draft that the member worked on last and has not placed."""
    return drafts.find_newest(Draft, of, Draft.order_id.is_(None))


def other_drafts(of: Buyer, but: str) -> list[LeftDraft]:
    """The member's drafts that are not placed, but one, the latest first; at most `LEFT`."""
    wanted = (
        select(Draft)
        .where(Draft.reseller_id == of.reseller_id, Draft.user_id == of.user_id)
        .where(Draft.order_id.is_(None), Draft.id != but)
        .order_by(Draft.updated_at.desc(), Draft.id)
        .limit(LEFT)
    )
    return [_left(draft) for draft in db.session.scalars(wanted)]


def _left(draft: Draft) -> LeftDraft:
    customer = draft.customer.get("company") or draft.customer.get("name") or ""
    return LeftDraft(draft.id, _contents(draft).lines, customer, draft.updated_at)


def find_draft(draft_id: str, of: Buyer) -> Contents | None:
    """What a draft holds; None if it was never saved.

    Raises:
        NotFound: if it is somebody else's.
        AlreadyPlaced: if it became an order.
    """
    draft = _find(draft_id, of)
    return _contents(draft) if draft else None


def get_draft(draft_id: str, of: Buyer) -> Contents:
    """What a draft holds.

    Raises:
        NotFound: if there is none, or it is somebody else's.
        AlreadyPlaced: if it became an order.
    """
    return _contents(_get(draft_id, of))


def save_draft(draft_id: str, of: Buyer, contents: Contents) -> Origin:
    """Keep what was typed, in a new draft or in the one that is there; a repeated request finds the same.

    Returns:
        the origin of the page that shows it now.

    Raises:
        NotFound: if the id is somebody else's draft.
        AlreadyPlaced: if it became an order meanwhile.
        InvalidInput: if that is more than an order takes.
    """
    draft = _get_or_make(draft_id, of)
    draft.mark_kept(contents.origin, by_button=True)
    _write(draft, contents)
    return opened(draft.revision)


def keep_typed(draft_id: str, of: Buyer, contents: Contents) -> None:
    """Keep what is being typed, without a button. It may arrive after the button that the person pressed next: what
    belongs to a page that is gone by then is dropped, so that it cannot undo what the button did.

    Raises:
        as `save_draft`.
    """
    draft = _get_or_make(draft_id, of)
    if draft.follows(contents.origin):
        draft.mark_kept(contents.origin, by_button=False)
        _write(draft, contents)


def add_to_newest(of: Buyer, sku: str, language: str) -> str:
    """Put one piece of a SKU into the draft that the member works on, or into a new one.

    Args:
        language: what the customer of a new draft is spoken to in, until somebody says otherwise.

    Returns:
        the draft's id.

    Raises:
        InvalidInput: if that is more than an order takes.
    """
    newest = find_newest(of)
    contents = get_draft(newest, of) if newest else Contents(customer={"language": language})
    draft_id = newest or new_draft_id()
    save_draft(draft_id, of, contents.adding(sku))
    return draft_id


def begin_renewal(of: Buyer, order_id: str, serial: str) -> str:
    """A new draft that orders a license again for the same customer; the updates go on where they end (R23).

    Returns:
        the draft's id.

    Raises:
        NotFound: if the reseller has no such license.
        Refused: if it cannot be renewed.
    """
    license_ = renewable(serial, of=of.reseller_id)
    if license_.order_id != order_id:
        raise NotFound
    draft_id = new_draft_id()
    lines, customer = ((license_.sku, license_.quantity),), customer_of(order_id, of.reseller_id)
    save_draft(draft_id, of, Contents(lines, customer, renews={license_.sku: serial}))
    return draft_id


def begin_order_renewal(of: Buyer, order_id: str) -> str:
    """A new draft that renews all licenses of an order that can be renewed (R23).

    Returns:
        the draft's id.

    Raises:
        NotFound: if the reseller has no such order (R26).
        Refused: if none of them can be renewed.
    """
    customer = customer_of(order_id, of.reseller_id)
    found = find_renewable(of=of.reseller_id, order_id=order_id)
    if not found:
        raise Refused(
            N_("No license of order %(id)s can be renewed: they are renewed already or hold no more."), id=order_id
        )
    lines, renews = tuple((one.sku, one.quantity) for one in found), {one.sku: one.serial for one in found}
    draft_id = new_draft_id()
    save_draft(draft_id, of, Contents(lines, customer, renews=renews))
    return draft_id


def like_order(order_id: str, of: Buyer) -> Contents:
    """What an order held, to be ordered once more: not its number and note, and no renewal. Nothing is kept yet.

    Raises:
        NotFound: if the reseller has no such order (R26).
    """
    order = orders.get_order(order_id, of=of.reseller_id)
    lines = tuple((line.sku, line.quantity) for line in order.present_lines)
    return Contents(lines, customer_of(order_id, of.reseller_id))


def begin_from_quote(of: Buyer, quote_id: str, contents: Contents) -> str:
    """A new draft with what a quote holds; the order that it becomes says from which quote it came.

    Returns:
        the draft's id.
    """
    draft_id = new_draft_id()
    save_draft(draft_id, of, contents)
    _get(draft_id, of).quote_id = quote_id
    return draft_id


def discard_draft(draft_id: str, of: Buyer) -> None:
    """Forget a draft.

    Raises:
        NotFound: if it is somebody else's.
        AlreadyPlaced: if it became an order.
    """
    draft = _find(draft_id, of, lock=True)
    if draft is not None:
        db.session.delete(draft)


def place_draft(draft_id: str, of: Buyer, *, seen: str, reviewed: str) -> str:
    """Place a draft as it was reviewed; its id is the submit key, so that it makes one order (R10).

    Args:
        seen: the prices, tax and terms that the review page showed.
        reviewed: fingerprint of what was typed, as the review page showed it.

    Returns:
        the order's id.

    Raises:
        AlreadyPlaced: if it became an order before.
        DraftChanged: if the draft was edited since it was reviewed; nothing is placed.
        BusinessError: what `fulfilment.place_order` refuses; nothing is placed then, and the draft stays.
    """
    draft = _get(draft_id, of, lock=True)
    contents = _contents(draft)
    if contents.fingerprint != reviewed:
        raise DraftChanged
    request = OrderRequest(
        contents.lines, contents.customer, contents.po_number, contents.note, contents.renews, contents.quote_id
    )
    with db.session.begin_nested():  # a refusal half-way leaves nothing behind, though its page is an answer like any
        order = place_order(of.reseller_id, of.user_id, request, seen=seen, submit_key=draft_id)
    draft.order_id = order.id
    return order.id


def _find(draft_id: str, of: Buyer, *, lock: bool = False) -> Draft | None:
    draft = drafts.find(Draft, draft_id, of, lock=lock)
    if draft is not None and draft.order_id is not None:
        raise AlreadyPlaced(draft.order_id)
    return draft


def _get(draft_id: str, of: Buyer, *, lock: bool = False) -> Draft:
    draft = _find(draft_id, of, lock=lock)
    if draft is None:
        raise NotFound
    return draft


def _get_or_make(draft_id: str, of: Buyer) -> Draft:
    drafts.make_once(Draft, draft_id, of, customer={})
    return _get(draft_id, of, lock=True)


def _write(draft: Draft, contents: Contents) -> None:
    draft.lines = [_line(sku, quantity, contents.renews.get(sku)) for sku, quantity in merged(contents.lines)]
    draft.customer = contents.customer
    draft.po_number, draft.note = contents.po_number, contents.note
    draft.updated_at = utcnow()
    db.session.flush()


def _line(sku: str, quantity: int, renews: str | None) -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, **({"renews": renews} if renews else {})}


def _contents(draft: Draft) -> Contents:
    lines = tuple((line["sku"], line["quantity"]) for line in draft.lines)
    renews = {line["sku"]: line["renews"] for line in draft.lines if line.get("renews")}
    origin = opened(draft.revision)
    return Contents(lines, dict(draft.customer), draft.po_number, draft.note, renews, origin, draft.quote_id)
