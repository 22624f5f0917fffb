"""Several people at the same moment: real threads, each with a session and a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import event

from dashboard.extensions import db
from dashboard.orders import service as orders
from dashboard.resellers import service as resellers
from dashboard.web.transactions import transaction

#: Seconds that one waits for the others at a meeting point, when a lock may keep them away.
PATIENCE = 0.3
#: The same when they are sure to come, on the slowest machine.
LONG_PATIENCE = 20.0


class Rendezvous:
    """A place in the program where each waits for the others, so that what could overlap does overlap.

    Where a lock keeps the others away, the first goes on alone after a moment.
    """

    def __init__(self, people: int, patience: float = PATIENCE) -> None:
        self._barrier, self._patience = threading.Barrier(people), patience

    def meet(self) -> None:
        with suppress(threading.BrokenBarrierError):
            self._barrier.wait(self._patience)

    def before(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        """Meet before each call of `module.name`."""
        original = getattr(module, name)

        def meet_first(*args: Any, **kwargs: Any) -> Any:
            self.meet()
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, meet_first)

    def after(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        """Meet after each call of `module.name`."""
        original = getattr(module, name)

        def meet_then(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            self.meet()
            return result

        monkeypatch.setattr(module, name, meet_then)


def at_once(app: Flask, actions: Sequence[Callable[[], Any]]) -> list[Any]:
    """Carry out all actions at the same moment, each in a transaction of its own; what each gave or raised."""
    db.session.commit()  # show them what the test has made, and let go of SQLite's write lock
    start = threading.Barrier(len(actions))

    def carry_out(action: Callable[[], Any]) -> Any:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    return action()
            except Exception as error:
                return error

    with ThreadPoolExecutor(len(actions)) as pool:
        results = list(pool.map(carry_out, actions))
    db.session.rollback()  # see what they have done
    db.session.expire_all()
    return results


class Locking(NamedTuple):
    """Whether the locks are in place, and what that means to a test."""

    #: Around the checks: they pass where the locks are in place, and must fail where they are planted off.
    checks: AbstractContextManager[Any]
    patience: float

    def meeting(self, people: int) -> Rendezvous:
        return Rendezvous(people, self.patience)

    def meeting_after_writes(self, people: int) -> Rendezvous:
        """Where each has written something already: in SQLite only one can come so far, with or without locks."""
        return Rendezvous(people, PATIENCE if db.engine.dialect.name == "sqlite" else self.patience)


@contextmanager
def locks_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The planted fault: nobody locks a row, and SQLite begins without taking the write lock."""

    def without_lock(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            return original(*args, **{**kwargs, "lock": False})

        return call

    for module, name in ((resellers, "get_reseller"), (orders, "get_order")):
        monkeypatch.setattr(module, name, without_lock(getattr(module, name)))

    def begin_lightly(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> tuple[str, Any]:
        return ("BEGIN" if statement == "BEGIN IMMEDIATE" else statement), parameters

    engine = db.engine
    event.listen(engine, "before_cursor_execute", begin_lightly, retval=True)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", begin_lightly)
