"""What time it is: instants in UTC, business days in the vendor's time zone (R14)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time

from dashboard.config import current_settings

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def utcnow() -> datetime:
    """The present instant, aware, in UTC, to the second (what the databases keep and people read)."""
    return (_told.get() or datetime.now(UTC)).replace(microsecond=0)


def today() -> date:
    """The present business day, in the vendor's time zone."""
    return day_of(utcnow())


def day_of(instant: datetime) -> date:
    """The business day of an aware instant, in the vendor's time zone."""
    return instant.astimezone(current_settings().vendor.zone).date()


def begin_of(day: date) -> datetime:
    """The instant at which a business day begins, in the vendor's time zone."""
    return datetime.combine(day, time(), current_settings().vendor.zone)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let it be `instant` (aware): for the demo's history and for tests of what time brings."""
    token = _told.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _told.reset(token)
