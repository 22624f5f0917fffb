"""Write and read the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import has_request_context
from sqlalchemy import select

from dashboard.audit.models import AuditEntry
from dashboard.extensions import db
from dashboard.web.access import actor

#: Id and name of whom `done_by` says.
_told: ContextVar[tuple[int | None, str] | None] = ContextVar("told", default=None)


@contextmanager
def done_by(user_id: int | None, name: str) -> Iterator[None]:
    """Whatever is recorded meanwhile was done by this person, or by the program itself: outside a request, or before a
    request knows who asks.
    """
    token = _told.set((user_id, name))
    try:
        yield
    finally:
        _told.reset(token)


def record(action: str, subject: str, **detail: Any) -> None:
    """Note that the present actor (the program itself, outside a request) did `action` to `subject`.

    Args:
        action: a verb in the past with its object's kind, such as `order.placed`.
        subject: kind and id, such as `order:R-2046-3187`.
        detail: JSON facts without secrets.
    """
    user_id, name = _told.get() or (actor.person if has_request_context() else (None, ""))
    db.session.add(AuditEntry(actor_id=user_id, actor_name=name, action=action, subject=subject, detail=detail))


def history(*subjects: str) -> list[AuditEntry]:
    """All entries about the subjects, oldest first."""
    query = select(AuditEntry).where(AuditEntry.subject.in_(subjects))
    return list(db.session.scalars(query.order_by(AuditEntry.id)))


def done(action: str) -> list[AuditEntry]:
    """All entries of one kind, oldest first."""
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))
