"""The demo's past, told in the order in which it happened: invoices are numbered by it, and terms follow from it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import date, datetime, time

from dashboard import clock
from dashboard.config import current_settings
from dashboard.demo.rhythm import workday
from dashboard.extensions import db
from dashboard.web.transactions import transaction

#: Steps that are committed together: a commit for each would take longer than the step.
BATCH = 25

Step = Callable[[], object]


class Agenda:
    """Steps and when they happen; a step may plan further ones. What would not have happened before `today` does not.

    Every moment is an hour of a working day in the vendor's time zone, so that a day has one history.
    """

    def __init__(self, today: date) -> None:
        self.today = today
        self._steps: list[tuple[datetime, int, Step]] = []
        self._number = itertools.count()  # of two steps at one moment, that which was planned first

    def plan(self, days_ago: int, at: time, step: Step) -> None:
        """Have `step` done so many days before today, or on the Friday before that weekend."""
        day = workday(self.today, days_ago)
        if day < self.today:
            moment = datetime.combine(day, at, current_settings().vendor.zone)
            heapq.heappush(self._steps, (moment, next(self._number), step))

    def tell(self) -> None:
        """Do all steps, each at its own time."""
        while self._steps:
            with transaction():
                for _ in range(min(BATCH, len(self._steps))):
                    moment, _number, step = heapq.heappop(self._steps)
                    with clock.at(moment):
                        step()
                        db.session.flush()  # what has its time from the clock has this one
