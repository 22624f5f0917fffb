"""Jobs and the files that they made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.extensions import Base
from dashboard.jobs.rules import Phase, State, phase_of
from dashboard.resellers.models import Reseller


class Job(Base):
    """Something that somebody has asked for, at most once under its `key`."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_user_id", "user_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(40), unique=True)  #: its name in addresses
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    reseller_id: Mapped[int | None] = mapped_column(ForeignKey(Reseller.id))  #: whose data it is about; None: staff's
    language: Mapped[str] = mapped_column(String(5))  #: of the file that it makes
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10), default=State.WAITING)
    attempt: Mapped[int] = mapped_column(default=1)  #: which time it was asked for
    tries: Mapped[int] = mapped_column(default=0)  #: how often a worker has begun with this attempt
    doing: Mapped[str] = mapped_column(String(100), default="")  #: untranslated
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(String(500), default="")  #: untranslated; what to do about it
    error_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    asked_at: Mapped[datetime] = mapped_column(default=utcnow)
    heard_at: Mapped[datetime] = mapped_column(default=utcnow)  #: when it was asked for, or last heard of
    ended_at: Mapped[datetime | None]

    @property
    def phase(self) -> Phase:
        return phase_of(State(self.state), quiet_since=self.heard_at, now=utcnow())

    @property
    def is_open(self) -> bool:
        """Whether something is still to come of it by itself."""
        return self.state in {State.WAITING, State.RUNNING}


class JobFile(Base):
    """The file that a job has made. It is no document: it is thrown away with its job."""

    __tablename__ = "job_files"

    job_id: Mapped[int] = mapped_column(ForeignKey(Job.id, ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)
