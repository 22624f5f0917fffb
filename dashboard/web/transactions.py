"""One transaction a request, and short ones of their own; the database told which of them write.

SQLite takes its one write lock at `BEGIN IMMEDIATE`. A transaction that reads first and writes later can fail with
"database is locked" however long it waits, so each transaction says at its start whether it will write; a reading
one is held to it, by `query_only` in SQLite and by `BEGIN READ ONLY` in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Engine, event

from dashboard.extensions import db
from dashboard.web.access import refuse_while_looking

_writes: ContextVar[bool] = ContextVar("writes", default=False)

#: Seconds that a writer waits for the lock before it fails.
LOCK_TIMEOUT = 15

#: Seconds after which a PostgreSQL that does not answer counts as away.
CONNECT_TIMEOUT = 5


def engine_options(database_url: str) -> dict[str, Any]:
    """How to connect: faults quote no one's data; a PostgreSQL that was restarted is not noticed by a visitor."""
    options: dict[str, Any] = {"hide_parameters": True}
    if database_url.startswith("postgresql"):
        options |= {"pool_pre_ping": True, "connect_args": {"connect_timeout": CONNECT_TIMEOUT}}
    return options


def prepare_engine(engine: Engine) -> None:
    """Set the engine up so that it knows writers from readers, and SQLite keeps what it promised."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            driver: Any = connection.connection.dbapi_connection
            driver.read_only = not _writes.get()  # travels with psycopg's own BEGIN


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={LOCK_TIMEOUT}000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("lower", 1, _lower, deterministic=True)  # SQLite's own knows only ASCII

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = _writes.get()
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _lower(value: str | None) -> str | None:
    return None if value is None else value.lower()


def begin_request(*, writes: bool) -> None:
    """Leave the transaction that loaded the actor; what the view does runs in one of the right kind."""
    db.session.rollback()
    _writes.set(writes)


@contextmanager
def transaction(*, of_actor: bool = True) -> Iterator[None]:
    """A write transaction of its own, with a session of its own: for the worker, commands, and what a request
    must record even when it is refused. Never open one inside another that writes.

    Args:
        of_actor: whether it is the actor who does it, so that it needs to be known who that is.

    Raises:
        Forbidden: if staff only look at the pages of somebody else: what must be recorded is not shown to them.
    """
    if of_actor:
        refuse_while_looking()
    with _mode(writes=True), current_app.app_context():  # a new context means a new session
        yield
        db.session.commit()


@contextmanager
def reading() -> Iterator[None]:
    """A reading transaction of its own: what follows it may be slow without holding a lock."""
    with _mode(writes=False), current_app.app_context():
        yield


@contextmanager
def writing() -> Iterator[None]:
    """Transactions that begin in here write; for code that brings its own connection or session."""
    with _mode(writes=True):
        yield


@contextmanager
def _mode(*, writes: bool) -> Iterator[None]:
    before = _writes.get()
    _writes.set(writes)
    try:
        yield
    finally:
        _writes.set(before)
