"""Letters where there is no mail server (any more): they are kept, to be read by staff."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.mail.models import Letter
from dashboard.mail.service import post, send_again
from tests.smtp import MailServer


def test_R20_a_letter_that_is_kept_after_all_fails_no_more(
    db: scoped_session[Session], smtp: MailServer, settings: Callable[..., object], work: Callable[[], int]
) -> None:
    smtp.refusal = "451 Try again later"
    settings(smtp_url=smtp.url)
    post(
        "application_declined", to="ivo@x.example", language="en", key="k", name="Ivo", company="Brandl", reason="No."
    )  # fmt: skip
    work()
    failed = db.scalars(select(Letter)).one()
    assert failed.state == "failing"
    settings(smtp_url="")
    send_again(failed.id)
    work()
    kept = db.scalars(select(Letter).execution_options(populate_existing=True)).one()
    assert (kept.state, kept.error) == ("kept", "")
