"""The worker's side of jobs: carry one out, tell its end, throw old ones away."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from dashboard.audit import service as audit
from dashboard.errors import N_, BusinessError, NotYet
from dashboard.jobs import asking, service
from dashboard.jobs.rules import TRIES
from dashboard.jobs.work import Outcome, Task, work_of
from dashboard.outbox.schedule import each_morning
from dashboard.outbox.worker import give_way
from dashboard.web.transactions import reading, transaction

T = TypeVar("T")

log = logging.getLogger(__name__)

#: What people are told of a defect of ours.
UNEXPECTED = N_("Something went wrong on our side, and we have a note of it. Try again; what was done stays done.")

#: Seconds between two looks up from the work, and the most that others have then.
PAUSE, FOR_OTHERS = 1.0, 1.0


class JobWatch:
    """Tells a job's page how far it is, at most once a second, in transactions of their own, and lets others have
    their turn: the work that is watched holds no lock between two of its items.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._next_look = 0.0

    def __call__(self, items: Sequence[T], doing: str, /) -> Iterator[T]:
        self._tell(doing, 0, len(items))
        for number, item in enumerate(items):
            if time.monotonic() >= self._next_look:
                self._tell(doing, number, len(items))
                with audit.done_by(None, ""):  # whoever asked for the job has not asked for that
                    give_way(asking.RUN, FOR_OTHERS)
                self._next_look = time.monotonic() + PAUSE
            yield item
        self._tell(doing, len(items), len(items))

    def _tell(self, doing: str, done: int, total: int) -> None:
        with transaction():
            service.tell(self._task, doing, done, total)
        self._next_look = time.monotonic() + PAUSE


def run(payload: dict[str, Any]) -> None:
    """Carry a job out and note its end. A worker that is killed leaves it to the next, which begins anew or goes on, as
    the work itself does.
    """
    with transaction():
        task = service.begin(payload["job_id"], payload["attempt"])
    if task is None:
        return
    about, begun = {"job": task.id, "kind": task.kind, "tries": task.tries}, time.monotonic()
    log.info("job begun", extra=about)
    ended = _carried_out(task)
    with transaction():
        if isinstance(ended, Outcome):
            service.finish(task, ended)
        else:
            service.fail(task, ended)
    state = "done" if isinstance(ended, Outcome) else "failed"
    log.info(f"job {state}", extra=about | {"seconds": round(time.monotonic() - begun, 1)})


def _carried_out(task: Task) -> Outcome | BusinessError:
    """What came of it, or why nothing did. What is unexpected is tried again by the outbox before that is told."""
    try:
        with reading():
            service.require_right(task)
        return work_of(task.kind).do(task, JobWatch(task))
    except NotYet:  # the worker is told to stop: no failure
        raise
    except BusinessError as refusal:
        return refusal
    except Exception:
        if task.tries < TRIES:
            raise
        log.exception("job given up", extra={"job": task.id, "kind": task.kind})
        return BusinessError(UNEXPECTED)


def sweep(_payload: dict[str, Any]) -> None:
    """Throw away what ended long ago."""
    with transaction():
        service.sweep()


HANDLERS = {asking.RUN: run, service.SWEEP: sweep}
SCHEDULE = [each_morning(service.SWEEP)]
