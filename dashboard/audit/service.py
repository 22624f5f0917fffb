"""Write and read the audit trail."""

from __future__ import annotations

from typing import Any

from flask import has_request_context
from sqlalchemy import select

from dashboard.audit.models import AuditEntry
from dashboard.extensions import db
from dashboard.web.access import actor


def record(action: str, subject: str, **detail: Any) -> None:
    """Note that the present actor (the program itself, outside a request) did `action` to `subject`.

    Args:
        action: a verb in the past with its object's kind, such as `order.placed`.
        subject: kind and id, such as `order:R-2046-3187`.
        detail: JSON facts without secrets.
    """
    by = actor if has_request_context() else None
    db.session.add(
        AuditEntry(
            actor_id=by.user_id if by else None,
            actor_name=by.name if by else "",
            action=action,
            subject=subject,
            detail=detail,
        )
    )


def history(subject: str) -> list[AuditEntry]:
    """All entries about `subject`, oldest first."""
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.subject == subject).order_by(AuditEntry.id)))
