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

#: Id and name of whom `done_by` says; the program itself has neither.
_outside_requests: ContextVar[tuple[int | None, str]] = ContextVar("outside_requests", default=(None, ""))


@contextmanager
def done_by(user_id: int, name: str) -> Iterator[None]:
    """Whatever is recorded outside a request meanwhile was done by this person, not by the program itself."""
    token = _outside_requests.set((user_id, name))
    try:
        yield
    finally:
        _outside_requests.reset(token)


def record(action: str, subject: str, **detail: Any) -> None:
    """Note that the present actor (the program itself, outside a request) did `action` to `subject`.

    Args:
        action: a verb in the past with its object's kind, such as `order.placed`.
        subject: kind and id, such as `order:R-2046-3187`.
        detail: JSON facts without secrets.
    """
    user_id, name = actor.person if has_request_context() else _outside_requests.get()
    db.session.add(AuditEntry(actor_id=user_id, actor_name=name, action=action, subject=subject, detail=detail))


def history(subject: str) -> list[AuditEntry]:
    """All entries about `subject`, oldest first."""
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.subject == subject).order_by(AuditEntry.id)))
