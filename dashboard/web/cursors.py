"""Where the next page of a list ordered by time begins, as an address tells it: an instant, and the id at it."""

from __future__ import annotations

from datetime import UTC, datetime


def cursor_after(at: datetime, id_: str) -> str:
    """The place behind a row, for the address of the next page."""
    return f"{at.isoformat()}~{id_}"


def place_of(cursor: str) -> tuple[datetime, str] | None:
    """The instant (UTC) and the id that a cursor names; nonsense names nothing."""
    at, _, id_ = cursor.partition("~")
    try:
        return datetime.fromisoformat(at).astimezone(UTC), id_
    except (ValueError, OverflowError):
        return None
