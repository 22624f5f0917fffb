"""What is done to jobs in several tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from dashboard.extensions import db
from dashboard.jobs import jobs
from dashboard.jobs.jobs import JobWatch
from dashboard.jobs.models import Job
from dashboard.outbox.worker import work_off


class Killed(BaseException):
    """What a worker notices of its end: nothing that it could catch."""


def the_job() -> Job:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Job).order_by(Job.id.desc()).first()  # type: ignore[return-value]


def work_now() -> None:
    """Let the worker do what is due."""
    db.session.commit()
    work_off()
    db.session.expire_all()


def run_jobs() -> int:
    """Let the worker carry out the jobs that are asked for, and nothing else; how many they were."""
    db.session.commit()
    waiting = [(job.id, job.attempt) for job in db.session.query(Job) if job.is_open]
    db.session.commit()
    for job_id, attempt in waiting:
        jobs.run({"job_id": job_id, "attempt": attempt})
    db.session.expire_all()
    return len(waiting)


def kill_at(monkeypatch: pytest.MonkeyPatch, doing: str, number: int) -> None:
    """Let the worker die at the item of this number (from 0) of what it tells under this name."""

    class Deadly(JobWatch):
        def __call__(self, items: Sequence[Any], told: str, /) -> Iterator[Any]:
            for at, item in enumerate(super().__call__(items, told)):
                if (told, at) == (doing, number):
                    raise Killed
                yield item

    monkeypatch.setattr(jobs, "JobWatch", Deadly)


def work_until_killed(monkeypatch: pytest.MonkeyPatch, doing: str, number: int) -> None:
    db.session.commit()
    with monkeypatch.context() as patched:
        kill_at(patched, doing, number)
        with pytest.raises(Killed):
            run_jobs()
    db.session.rollback()
    db.session.expire_all()
