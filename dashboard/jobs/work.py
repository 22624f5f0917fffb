"""What a feature says of a kind of work that can become a job: who may ask for it, and how it is done.

Each lists its own in `WORK` of its `jobs.py`. The work itself is a service's function that takes a `Watch`, the same
that a page or a command calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass, field
from typing import Any, Protocol

from flask import current_app
from flask_babel import force_locale

from dashboard.errors import BusinessError
from dashboard.jobs import rules
from dashboard.web.access import Permission
from dashboard.web.exports import SavedFile
from dashboard.web.progress import Watch
from dashboard.web.transactions import reading


@dataclass(frozen=True)
class Task:
    """A job in the hands of the worker that carries it out."""

    id: int
    kind: str
    effect: str  #: the key of its effect in the outbox
    user_id: int
    user_name: str
    of: int | None  #: the reseller whose data it is about; None: it is staff's
    language: str
    payload: dict[str, Any]
    attempt: int
    tries: int


@dataclass(frozen=True)
class Outcome:
    """What came of a job: a file, or a page to go to, with the figures that its words need."""

    file: SavedFile | None = None
    endpoint: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """A kind of work.

    Those of staff are seen by all who have the permission; a member's are that member's alone.
    """

    requires: Permission
    do: Callable[[Task, Watch], Outcome]


class TooLong(BusinessError):
    """An export is too long to be waited for."""


@dataclass(frozen=True)
class Wish:
    """Of what an export is made."""

    args: Mapping[str, str]  #: of the address
    of: int | None  #: the reseller whose data they are; None: those of all, for staff
    at_once: bool = False  #: whether somebody waits for the answer

    @property
    def as_xlsx(self) -> bool:
        return self.args.get("format") == "xlsx"

    def most(self, otherwise: int) -> int:
        """How many rows to look up; one more than is written at once, so that it is seen that there are more."""
        return min(rules.ROWS_AT_ONCE + 1, otherwise) if self.at_once else otherwise

    def check(self, found: Sized, at_once: int | None = None) -> None:
        """Make sure that somebody who waits need not wait long.

        Args:
            at_once: how many are written at once; by default so many rows.

        Raises:
            TooLong: if it is to become a job.
        """
        if self.at_once and len(found) > (rules.ROWS_AT_ONCE if at_once is None else at_once):
            raise TooLong("too long to be waited for")


class Exporter(Protocol):
    """Makes a file of what a wish names."""

    def __call__(self, wish: Wish, watch: Watch, /) -> SavedFile: ...


@dataclass(frozen=True)
class Export(Work):
    """Work that makes a file, at once if it is short."""

    make: Exporter


def export(requires: Permission, make: Exporter) -> Export:
    """The work of writing a file, in the language of whoever asked; what the address said is the job's payload."""

    def do(task: Task, watch: Watch) -> Outcome:
        with reading(), force_locale(task.language):
            return Outcome(file=make(Wish(task.payload, task.of), watch))

    return Export(requires, do, make)


def find_work(kind: str) -> Work | None:
    """The work of a kind; None if the program does not know it any more."""
    found: Work | None = current_app.extensions["work"].get(kind)
    return found


def work_of(kind: str) -> Work:
    """The work of a kind that there is."""
    found = find_work(kind)
    assert found is not None
    return found
