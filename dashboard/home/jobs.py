"""One letter a morning to each of the staff, if something waits for a person; reports that are long to write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dashboard.accounts import holders as accounts
from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.home import service
from dashboard.home.report_files import report_file
from dashboard.jobs.work import export
from dashboard.mail.service import Content, post
from dashboard.outbox.schedule import Due, each_morning
from dashboard.web.access import Permission
from dashboard.web.pages import public_url
from dashboard.web.transactions import reading, transaction

#: Outbox effect: the letters of a morning.
DIGEST = "staff_digest"

#: Where each kind of what waits is dealt with; the rest stands on the first page.
PLACES: dict[str, tuple[str, dict[str, str]]] = {
    "applications": ("staff_resellers.applications", {}),
    "certificates": ("staff_tax.index", {}),
    "listings": ("staff_resellers.index", {"only": "check"}),
    "entries": ("staff_payments.waiting", {}),
    "enquiries": ("staff_enquiries.index", {}),
    "mails": ("staff_enquiries.mails", {}),
    "failing": ("staff_mail.index", {"state": "failing"}),
}
HOME: tuple[str, dict[str, str]] = ("home.index", {})


def write_digest(_payload: dict[str, Any]) -> None:
    """Tell all staff what waits, once a day; nothing on a good day."""
    with reading():
        counts = service.staff_queue().counts
    if not any(counts.values()):
        return
    with transaction():
        for user in accounts.readers_of_digest():
            post(
                "staff_digest", to=user.email, language=user.language, key=f"staff_digest:{today()}:{user.id}",
                name=user.name, counts=counts,
            )  # fmt: skip


def digest(payload: dict[str, Any]) -> Content:
    """The letter: how much of what waits, and where."""
    places = {kind: PLACES.get(kind, HOME) for kind in payload["counts"]}
    urls = {kind: public_url(endpoint, **values) for kind, (endpoint, values) in places.items()}
    return Content(
        {**payload, "urls": urls, "link": public_url("home.index"), "total": sum(payload["counts"].values())}
    )


def this_morning(now: datetime) -> Due | None:
    """The digest of the day, unless the vendor does without."""
    return each_morning(DIGEST)(now) if current_settings().staff_digest else None


HANDLERS = {DIGEST: write_digest}
COMPOSERS = {"staff_digest": digest}
SCHEDULE = [this_morning]
WORK = {"report": export(Permission.VIEW_REPORTS, report_file)}
