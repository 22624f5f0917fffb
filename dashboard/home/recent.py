"""Where somebody was last, for the palette. The browser's session keeps only kinds and keys, and ends with the
sign-out; what they are called is looked up each time, with the rights of whoever asks (R26).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, request, session
from werkzeug.exceptions import HTTPException

from dashboard.home import things
from dashboard.home.things import Thing
from dashboard.web.access import actor
from dashboard.web.fragments import wants_fragment

#: So many things are told.
MOST = 5

_RECENT = "recent"

#: What a page shows: the kind of thing, and by which part of its address.
_SHOWN = {
    **{f"staff_{things.PAGES[kind][0]}": (kind, things.PAGES[kind][1]) for kind in things.PAGES if kind in things.KEYS},
    **{page: (kind, name) for kind, (page, name) in {**things.PAGES, **things.STAFFS}.items() if kind in things.KEYS},
}


def recent_things() -> list[Thing]:
    """The things that were looked at in this session, the latest first; in the palette, not the one that is on show."""
    here = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return [thing for thing in _remembered() if thing != _shown_at(here)][:MOST]


def remember(response: Response) -> Response:
    """Note whose page is shown; not while staff see the pages of somebody else."""
    thing = _shown_by(request.endpoint, request.view_args)
    if thing and response.status_code == 200 and not wants_fragment() and not actor.is_looked_at:
        found = [thing, *(one for one in _remembered() if one != thing)][: MOST + 1]
        if found != _remembered():
            session[_RECENT] = found
    return response


def _shown_at(path: str) -> Thing | None:
    try:
        return _shown_by(*current_app.url_map.bind("").match(path))
    except HTTPException:
        return None


def _shown_by(endpoint: str | None, arguments: Mapping[str, Any] | None) -> Thing | None:
    kind, name = _SHOWN.get(endpoint or "", ("", ""))
    return Thing(kind, str((arguments or {})[name])) if kind else None


def _remembered() -> list[Thing]:
    return [Thing(*one) for one in session.get(_RECENT, ())]
