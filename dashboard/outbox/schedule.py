"""Periodic work: an effect whose key names its period, so that it happens once, whichever worker comes first.

A feature lists what it has to do in `SCHEDULE` of its `jobs.py`; each entry tells from the time at the vendor's what
is due. The keys stay in the outbox for good: a clock that is set back brings nothing twice, and a day of 23 or 25 hours
is one day.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from dashboard.clock import utcnow
from dashboard.config import current_settings
from dashboard.extensions import db
from dashboard.outbox import service
from dashboard.outbox.models import OutboxItem
from dashboard.web.transactions import reading, transaction

#: Seconds between looks at what is due; nothing periodic is more urgent.
INTERVAL = 60.0

#: The hour from which on daily letters are written: nobody is reminded at night.
MORNING = 7


@dataclass(frozen=True)
class Due:
    """What is due in the present period."""

    kind: str
    key: str
    payload: dict[str, Any] = field(default_factory=dict)


#: Tells what is due by the clock on the vendor's wall, if anything. A period that nobody worked in is not made up for.
Periodic = Callable[[datetime], Due | None]


def each_morning(kind: str) -> Periodic:
    """What is due once a day, when people come to work."""

    def tell(now: datetime) -> Due | None:
        return Due(kind, f"{kind}:{now:%Y-%m-%d}") if now.hour >= MORNING else None

    return tell


def each_month(kind: str) -> Periodic:
    """What is due once a month, from its first day on; its payload names the month."""

    def tell(now: datetime) -> Due:
        return Due(kind, f"{kind}:{now:%Y-%m}", {"month": f"{now:%Y-%m}"})

    return tell


def put_due() -> int:
    """Put what is due and was not put yet; how much that was. A worker with nothing to put only reads, so that it
    never takes the write lock.
    """
    periodic: Sequence[Periodic] = current_app.extensions["outbox_schedule"]
    now = utcnow().astimezone(current_settings().vendor.zone)
    due = [one for tell in periodic if (one := tell(now)) is not None]
    with reading():
        known = set(db.session.scalars(select(OutboxItem.key).where(OutboxItem.key.in_([one.key for one in due]))))
    new = [one for one in due if one.key not in known]
    if not new:
        return 0
    with transaction():
        return sum(service.put(one.kind, one.key, **one.payload) for one in new)


class Schedule:
    """Looks at what is due, at most once a minute however often it is asked."""

    def __init__(self) -> None:
        self._next_look = time.monotonic()

    def look(self) -> None:
        """Put what is due, if the last look was a minute ago."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + INTERVAL  # first: what goes wrong here keeps nobody's license back
            put_due()
