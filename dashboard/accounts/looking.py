"""Staff look at the pages of a company or a customer as these see them: for an hour at most, and nothing else.

The present browser's session says at whom; `resellers/actors.py` then loads that person instead, with the permissions
to read alone. Beginning and end stand in the audit trail; one that is over by itself is noted by the worker.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import has_request_context, session

from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.outbox import service as outbox

#: So long may one look before asking anew.
LONGEST = timedelta(hours=1)

#: Outbox effect: a view is over, whether somebody has ended it or not.
OVER = "view_over"

BEGAN, ENDED = "view.began", "view.ended"

#: Where a browser's cookie says whose pages it shows.
_VIEW = "view"


@dataclass(frozen=True)
class View:
    """Whose pages the present browser shows: a company's, or a customer's."""

    number: str
    kind: str  #: `reseller` or `account`
    id: int
    until: datetime

    @property
    def subject(self) -> str:
        return f"{self.kind}:{self.id}"


def present() -> View | None:
    """The view of the present browser, if it has begun one that is not over."""
    kept = session.get(_VIEW) if has_request_context() else None
    if not kept:
        return None
    view = View(kept["number"], kept["kind"], kept["id"], datetime.fromisoformat(kept["until"]))
    return view if utcnow() < view.until else None


def begin(kind: str, id_: int, by: tuple[int | None, str]) -> View:
    """Look at the pages of a company (`reseller`) or of an account as its customer; that it exists, the caller knows.

    Args:
        by: id and name of who looks.
    """
    view = View(secrets.token_hex(8), kind, id_, utcnow() + LONGEST)
    session[_VIEW] = {"number": view.number, "kind": kind, "id": id_, "until": view.until.isoformat()}
    audit.record(BEGAN, view.subject, view=view.number, until=view.until.isoformat())
    outbox.put_later(OVER, f"{OVER}:{view.number}", view.until, view=view.number, subject=view.subject, by=list(by))
    return view


def end() -> View | None:
    """End the view of the present browser; None if there is none."""
    view = present()
    session.pop(_VIEW, None)
    if view:
        audit.record(ENDED, view.subject, view=view.number)
    return view


def note_end(number: str, subject: str) -> None:
    """The worker's part: a view that nobody has ended is over by itself."""
    if not any(entry.action == ENDED and entry.detail.get("view") == number for entry in audit.history(subject)):
        audit.record(ENDED, subject, view=number, by_itself=True)
