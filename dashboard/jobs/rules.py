"""What a job looks like from outside, and whom its end is told: pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

#: Rows of an export that are written while somebody waits for the answer; what is longer becomes a job.
ROWS_AT_ONCE = 2_000

#: Who waits longer than this has gone on to something else: the end is told by a letter.
PATIENCE = timedelta(seconds=10)

#: A job that no worker has taken for so long waits for more than its turn.
UNATTENDED = timedelta(seconds=15)

#: A running job of which nothing was heard for so long has lost its worker.
LOST = timedelta(minutes=1)

#: How long jobs that have ended, and their files, are kept.
KEPT = timedelta(days=7)

#: Something unexpected may come right by itself: so often it is tried before people are told.
TRIES = 3


class State(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Phase(StrEnum):
    """What somebody who looks at a job needs to know."""

    WAITING = "waiting"
    UNATTENDED = "unattended"  #: no worker takes it
    RUNNING = "running"
    LOST = "lost"  #: it had begun, and its worker is gone
    DONE = "done"
    FAILED = "failed"


def phase_of(state: State, *, quiet_since: datetime, now: datetime) -> Phase:
    """What to say of a job.

    Args:
        quiet_since: when it was asked for, or last heard of.
    """
    quiet = now - quiet_since
    if state is State.WAITING:
        return Phase.UNATTENDED if quiet > UNATTENDED else Phase.WAITING
    if state is State.RUNNING:
        return Phase.LOST if quiet > LOST else Phase.RUNNING
    return Phase(state)


def wants_letter(asked_at: datetime, ended_at: datetime) -> bool:
    """Whether the end of a job is told by a letter: whoever asked has seen it, if it was quick."""
    return ended_at - asked_at >= PATIENCE
