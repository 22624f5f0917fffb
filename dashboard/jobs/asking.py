"""Ask for a job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from dashboard import chance
from dashboard.clock import utcnow
from dashboard.errors import N_, TooMany
from dashboard.extensions import db, insert_once
from dashboard.jobs.models import Job
from dashboard.outbox import service as outbox
from dashboard.web.formats import language

#: Outbox effect: carry a job out.
RUN = "jobs.run"

#: Jobs that one person asks for in a day.
DAILY = 50


def start(
    kind: str, key: str, *, by: int, of: int | None = None, payload: Mapping[str, Any], limited: bool = False
) -> str:
    """Have work done by the worker; the same `key` once only. The token of its job, whoever asked first.

    Args:
        by: the account that asks.
        of: the reseller whose data it is about; None: it is staff's.
        limited: so many a day; for a file, which is kept for days, and others wait for the same worker.

    Raises:
        TooMany: if it is one more than they may ask for today.
    """
    token = f"{chance.source().getrandbits(128):032x}"
    new = insert_once(
        Job, token=token, key=key, kind=kind, user_id=by, reseller_id=of, language=language(),
        payload=dict(payload),
    )  # fmt: skip
    job = db.session.scalars(select(Job).where(Job.key == key)).one()
    if new and limited:
        _require_few(by)
    if new:
        put(job)
    return job.token


def _require_few(by: int) -> None:
    asked = select(func.count(Job.id)).where(Job.user_id == by, Job.asked_at > utcnow() - timedelta(days=1))
    if (db.session.scalar(asked) or 0) > DAILY:
        raise TooMany(N_("You have had very many files made today. Please fetch those, or come back tomorrow."))


def put(job: Job) -> None:
    """Have the present attempt carried out."""
    outbox.put(RUN, effect_of(job), job_id=job.id, attempt=job.attempt)


def effect_of(job: Job) -> str:
    """The key of the effect that carries the present attempt out."""
    return f"{RUN}:{job.id}:{job.attempt}"
