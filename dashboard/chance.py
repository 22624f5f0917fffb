"""Where chance comes from: the system's, which nobody can predict; a seed's only where the demo's history is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random, SystemRandom

_SYSTEM = SystemRandom()
_told: ContextVar[Random | None] = ContextVar("told", default=None)


def source() -> Random:
    """The present source of order IDs and serials: the operating system's, unless this very context was `seeded`."""
    return _told.get() or _SYSTEM


@contextmanager
def seeded(seed: str) -> Iterator[Random]:
    """Let chance be the same each time, in this context alone: no request and no worker ever runs in one."""
    token = _told.set(Random(seed))  # noqa: S311  (predictable on purpose)
    try:
        yield source()
    finally:
        _told.reset(token)
