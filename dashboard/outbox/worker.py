"""The worker: does what the outbox holds, one effect at a time, outside any transaction.

It alone needs the private license key, the mail server and the slow libraries. Several may run at once.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from dashboard.clock import utcnow
from dashboard.errors import NotYet
from dashboard.outbox import service
from dashboard.outbox.schedule import Periodic, Schedule
from dashboard.web.transactions import reading, transaction

log = logging.getLogger(__name__)

#: Does one kind of effect; it opens its own transactions, and doing it twice is as good as once.
Handler = Callable[[dict[str, Any]], None]

#: Seconds between looks into an empty outbox: what people wait for is there within seconds.
PAUSE = 0.5
LONGEST_PAUSE = 30.0

#: The one line that an operator must not overlook.
GIVEN_UP = "effect given up: it is not tried again until somebody presses *Try again* on staff's first page"


def work_once(*, but: str = "") -> bool:
    """Do the next effect, if one is due; whether there was one.

    Args:
        but: a kind that is left alone.
    """
    with reading():
        if not service.is_waiting(utcnow(), but=but):
            return False
    with transaction():
        claimed = service.claim(utcnow(), but=but)
    if claimed is None:
        return False
    handlers: dict[str, Handler] = current_app.extensions["outbox_handlers"]
    about = {"outbox": claimed.id, "kind": claimed.kind, "tries": claimed.tries}
    try:
        with current_app.app_context():
            handlers[claimed.kind](claimed.payload)
    except NotYet:
        with transaction():
            service.postponed(claimed)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        with transaction():
            last = service.failed(claimed, reason)
        if isinstance(error, OSError) and not last:  # a mail server that is away: no defect, and it is tried again
            level = logging.WARNING if claimed.tries < service.TELL_AFTER else logging.ERROR
            log.log(level, "effect failed", extra=about | {"reason": reason})
        else:
            log.exception(GIVEN_UP if last else "effect failed", extra=about)
    else:
        with transaction():
            service.done(claimed)
        log.info("effect done", extra=about)
    return True


def work_off(limit: int = 10_000) -> int:
    """Do everything that is due now; how many effects that were. For tests and commands."""
    for count in range(limit):
        if not work_once():
            return count
    raise RuntimeError(f"the outbox is not empty after {limit} effects")


def give_way(but: str, seconds: float) -> None:
    """Do what others wait for: called by an effect that takes long, between two of its steps and outside of any
    transaction that writes, so that a license never waits for it.

    Args:
        but: the kind of the long effect; no other of its kind is begun.
        seconds: how long it gives way; what has begun by then is finished.

    Raises:
        NotYet: if the worker is told to stop: the long effect goes on with the next one.
    """
    stop: Stop | None = current_app.extensions.get("outbox_stop")
    end = time.monotonic() + seconds
    while work_once(but=but) and time.monotonic() < end:
        pass
    if stop and stop.told:
        raise NotYet


def run(stop: Stop) -> None:
    """Work until told to stop; the effect at hand is finished first, or left to the next worker if it takes long."""
    log.info("worker started")
    current_app.extensions["outbox_stop"] = stop
    pause, schedule = PAUSE, Schedule()
    while not stop.told:
        try:
            schedule.look()
            busy, pause = work_once(), PAUSE
        except Exception as error:  # the database is away: one line each time, less and less often
            busy, pause = False, min(pause * 2, LONGEST_PAUSE)
            reason = str(error).partition("\n")[0] or type(error).__name__
            log.error("the worker could not look into the outbox: %s", reason)
        if not busy:
            stop.sleep(pause)
    log.info("worker stopped")


class Stop:
    """Told by a signal. A plain flag: a handler that took a lock could wait for the very thread that it interrupts."""

    def __init__(self) -> None:
        self.told = False

    def tell(self, *_signal: object) -> None:
        self.told = True

    def sleep(self, seconds: float) -> None:
        """Sleep, but not through a signal."""
        end = time.monotonic() + seconds
        while not self.told and time.monotonic() < end:
            time.sleep(0.1)


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Mail letters, draw documents and sign licenses, until stopped.

    SIGTERM and Ctrl-C stop it when the effect at hand is done. Several workers may run at once on PostgreSQL.
    """
    stop = Stop()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop.tell)
    run(stop)


def init_app(app: Flask, handlers: dict[str, Handler], schedule: Sequence[Periodic] = ()) -> None:
    app.extensions["outbox_handlers"] = handlers
    app.extensions["outbox_schedule"] = schedule
    app.cli.add_command(worker_command)
