"""Jobs: begun, told of, ended, found again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.errors import N_, BusinessError, Forbidden, NotFound, Refused
from dashboard.extensions import db, get_row, put_rows
from dashboard.jobs import asking
from dashboard.jobs.models import Job, JobFile
from dashboard.jobs.rules import KEPT, State, wants_letter
from dashboard.jobs.work import Outcome, Task, find_work
from dashboard.mail.service import post
from dashboard.outbox import service as outbox
from dashboard.resellers.actors import find_actor
from dashboard.web.access import Actor
from dashboard.web.exports import SavedFile

#: Outbox effect: throw old jobs away.
SWEEP = "jobs.sweep"

#: What of a job's payload its title needs. A letter keeps no more: what was searched for goes with the job.
NAMING = frozenset({"name", "number", "kind"})

#: Jobs that the list shows.
SHOWN = 30


def get_job(token: str, actor: Actor) -> Job:
    """A job that this person may see.

    Raises:
        NotFound: if there is none; also if it is somebody else's, or they may not see its results any more (R26).
    """
    job = db.session.scalar(select(Job).where(Job.token == token))
    if job is None or not _may_see(job, actor):
        raise NotFound
    return job


def list_jobs(actor: Actor) -> list[Job]:
    """What this person has asked for and may see, the newest first."""
    query = select(Job).where(Job.user_id == actor.user).order_by(Job.id.desc()).limit(SHOWN)
    return [job for job in db.session.scalars(query) if _may_see(job, actor)]


def get_file(job: Job) -> SavedFile:
    """The file that a job has made.

    Raises:
        NotFound: if it has made none.
    """
    file = get_row(select(JobFile).where(JobFile.job_id == job.id))
    return SavedFile(file.name, file.content, file.media_type)


def try_again(job: Job) -> None:
    """Have a job that failed carried out once more.

    Raises:
        Refused: if it has not failed.
    """
    anew = {"state": State.WAITING, "attempt": Job.attempt + 1, "tries": 0, "doing": "", "done": 0, "total": 0}
    taken = db.session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state == State.FAILED)
        .values(**anew, error="", error_values={}, asked_at=utcnow(), heard_at=utcnow(), ended_at=None)
        .returning(Job.id)
    )
    if taken.first() is None:
        raise Refused(N_("This has not failed, so there is nothing to try again."))
    db.session.refresh(job)
    asking.put(job)


def begin(job_id: int, attempt: int) -> Task | None:
    """Take a job in hand; None if it has ended, or was asked for once more since."""
    job = db.session.scalar(select(Job).where(Job.id == job_id, Job.attempt == attempt).with_for_update())
    if job is None or not job.is_open:
        return None
    job.state, job.heard_at, job.tries = State.RUNNING, utcnow(), job.tries + 1
    name = db.session.scalars(select(User.name).where(User.id == job.user_id)).one()
    return Task(
        job.id, job.kind, asking.effect_of(job), job.user_id, name, job.reseller_id, job.language, job.payload, attempt,
        job.tries,
    )  # fmt: skip


def require_right(task: Task) -> None:
    """Make sure that whoever asked may still have it.

    Raises:
        Forbidden: if not.
    """
    if not _still_has_right(task):
        raise Forbidden(N_("You may not do this any more. Ask whoever gives out the rights in your company."))


def tell(task: Task, doing: str, done: int, total: int) -> None:
    """Write down how far a job is, and keep its effect from other workers."""
    _set(task, doing=doing, done=done, total=total, heard_at=utcnow())
    outbox.hold(task.effect)


def finish(task: Task, outcome: Outcome) -> bool:
    """Note what came of a job; whether nobody else had done so before."""
    result: dict[str, Any] = {"endpoint": outcome.endpoint, "values": outcome.values, "figures": outcome.figures}
    if file := outcome.file:
        result |= {"file": file.name, "size": len(file.content)}
    if not _end(task, State.DONE, result=result):
        return False
    if file:
        facts = {"name": file.name, "media_type": file.media_type, "content": file.content}
        put_rows(JobFile, [{"job_id": task.id, **facts}])
    return True


def fail(task: Task, error: BusinessError) -> bool:
    """Note why nothing came of a job; whether nobody else had ended it before."""
    values = {name: value if isinstance(value, int) else str(value) for name, value in error.values.items()}
    return _end(task, State.FAILED, error=error.message[:500], error_values=values)


def sweep() -> int:
    """Throw away jobs that ended long ago, with their files; how many they were."""
    old = delete(Job).where(Job.ended_at < utcnow() - KEPT).returning(Job.id)
    return len(db.session.scalars(old).all())


def _may_see(job: Job, actor: Actor) -> bool:
    return (job.user_id == actor.user_id or job.reseller_id is None) and _has_right(job.kind, job.reseller_id, actor)


def _has_right(kind: str, of: int | None, actor: Actor) -> bool:
    work = find_work(kind)
    return work is not None and actor.may(work.requires) and (of is None or of == actor.reseller_id)


def _set(task: Task, **values: Any) -> bool:
    running = update(Job).where(Job.id == task.id, Job.attempt == task.attempt, Job.state == State.RUNNING)
    return db.session.execute(running.values(**values).returning(Job.id)).first() is not None


def _end(task: Task, state: State, **values: Any) -> bool:
    now = utcnow()
    if not _set(task, state=state, ended_at=now, heard_at=now, **values):
        return False
    job, user = db.session.execute(select(Job, User).join(User, User.id == Job.user_id).where(Job.id == task.id)).one()
    if wants_letter(job.asked_at, now) and _still_has_right(task):
        post(
            f"job_{state}", to=user.email, language=user.language, key=f"job:{job.id}:{job.attempt}",
            about=f"job:{job.id}", name=user.name, work=job.kind, token=job.token,
            facts={key: value for key, value in job.payload.items() if key in NAMING},
            result=job.result, error=job.error, error_values=job.error_values, kept_days=KEPT.days,
        )  # fmt: skip
    return True


def _still_has_right(task: Task) -> bool:
    """Whether whoever asked may still have it: rights may have been taken away since."""
    actor = find_actor(task.user_id)
    return actor is not None and _has_right(task.kind, task.of, actor)
