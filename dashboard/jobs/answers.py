"""What a route that makes a file answers: the file, or a page that offers to make it in the background."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import redirect, request, url_for

from dashboard.jobs import asking
from dashboard.jobs.work import Export, TooLong, Wish, work_of
from dashboard.web.access import actor
from dashboard.web.fragments import render
from dashboard.web.languages import is_switching
from dashboard.web.progress import unwatched

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

#: Longest value of an address that a job keeps.
LONGEST = 200


def export(kind: str, /, *, of: int | None, **facts: str) -> ResponseReturnValue:
    """A file of what the address names. A long one is offered as a job; posting to the same address asks for it.

    Args:
        of: the reseller whose data they are; None: those of all, for staff.
        facts: what the address says in its path.
    """
    work = work_of(kind)
    assert isinstance(work, Export)
    args = {**{name: value[:LONGEST] for name, value in request.args.items()}, **facts}
    key = request.form.get("key", "")[:40] or secrets.token_urlsafe(12)
    if request.method == "POST" and not is_switching():
        token = asking.start(kind, f"{kind}:{actor.user}:{key}", by=actor.user, of=of, payload=args, limited=True)
        return redirect(url_for("jobs.show", token=token), 303)
    try:
        return work.make(Wish(args, of, at_once=True), unwatched).response()
    except TooLong:
        return render("jobs/offer.html", kind=kind, facts=args, key=key)
