"""Where somebody was last, for the palette. The browser's session keeps only kinds and keys, and ends with the
sign-out; what they are called is looked up each time, with the rights of whoever asks (R26).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, request, session

from dashboard.home.things import Thing
from dashboard.web.access import actor
from dashboard.web.fragments import wants_fragment

#: So many things are told.
MOST = 5

_RECENT = "recent"

#: The pages of things: what each shows, and by which part of its address.
_PAGES = {
    "orders.show": ("order", "order_id"),
    "staff_orders.show": ("order", "order_id"),
    "quotes.show": ("quote", "quote_id"),
    "statements.show": ("statement", "number"),
    "staff_statements.show": ("statement", "number"),
    "enquiries.show": ("enquiry", "enquiry_id"),
    "staff_enquiries.show": ("enquiry", "enquiry_id"),
    "staff_resellers.show": ("reseller", "id_"),
    "staff_entries.transfer": ("transfer", "transfer_id"),
    "staff_entries.entry": ("entry", "entry_id"),
}


def recent_things() -> list[Thing]:
    """The things that were looked at in this session, the latest first; in the palette, not the one that is on show."""
    here = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return [thing for thing in _remembered() if not here.endswith(f"/{thing.key}")][:MOST]


def remember(response: Response) -> Response:
    """Note whose page is shown; not while staff see the pages of somebody else."""
    page = _PAGES.get(request.endpoint or "")
    if page and response.status_code == 200 and not wants_fragment() and not actor.is_looked_at:
        thing = Thing(page[0], str((request.view_args or {})[page[1]]))
        things = [thing, *(one for one in _remembered() if one != thing)][: MOST + 1]
        if things != _remembered():
            session[_RECENT] = things
    return response


def _remembered() -> list[Thing]:
    return [Thing(*one) for one in session.get(_RECENT, ())]
