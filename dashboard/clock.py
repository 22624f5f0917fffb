"""What time it is: instants in UTC, business days in the vendor's time zone (R14)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from dashboard.config import current_settings


def utcnow() -> datetime:
    """The present instant, aware, in UTC, to the second (what the databases keep and people read)."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    """The present business day, in the vendor's time zone."""
    return day_of(datetime.now(UTC))


def day_of(instant: datetime) -> date:
    """The business day of an aware instant, in the vendor's time zone."""
    return instant.astimezone(current_settings().vendor.zone).date()
