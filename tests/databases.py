"""Databases for tests: migrated once a process, then given to each test as if new."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

import psycopg

from tests.postgres import PostgresServer


class Database(Protocol):
    """A database that can be put back to how it was when it was frozen."""

    url: str

    def freeze(self) -> None:
        """Remember the present content; nobody may be connected."""

    def reset(self) -> None:
        """Bring the remembered content back; nobody may be connected."""


class SqliteDatabase:
    """A file and the copy that it is made from."""

    def __init__(self, folder: Path) -> None:
        self._file, self._frozen = folder / "test.sqlite", folder / "frozen.sqlite"
        self.url = f"sqlite:///{self._file}"

    def freeze(self) -> None:
        shutil.copyfile(self._file, self._frozen)

    def reset(self) -> None:
        for leftover in ("-wal", "-shm"):
            self._file.with_name(self._file.name + leftover).unlink(missing_ok=True)
        shutil.copyfile(self._frozen, self._file)


class PostgresDatabase:
    """A database that is emptied of what a test has written.

    Emptying the few tables that a test has filled takes a fraction of the time of copying the whole database; that is
    done after a test has changed the schema. Emptied tables are vacuumed, so that rows stand in the order in which
    they are written, as in a new table.
    """

    def __init__(self, server: PostgresServer, name: str) -> None:
        self._server, self._name = server, name
        self.url = server.url(name)
        server.execute(f"CREATE DATABASE {name}")

    def freeze(self) -> None:
        with self._server.connected(self._name) as connection:
            for statement in _WATCH_THE_SCHEMA:
                connection.execute(statement)
            self._kept = [name for name, filled in _tables(connection) if filled]
            for name in self._kept:
                connection.execute(f"CREATE TABLE frozen.{name} AS TABLE public.{name}".encode())
            connection.execute(b"CREATE TABLE frozen.sequences AS SELECT sequencename, last_value FROM pg_sequences")
            connection.execute(b"DELETE FROM frozen.changes")
        self._server.execute(f"ALTER DATABASE {self._name} RENAME TO frozen_{self._name}")
        self._copy()

    def reset(self) -> None:
        with self._server.connected(self._name) as connection:
            connection.execute(_END_OTHERS)
            is_changed = connection.execute(b"SELECT 1 FROM frozen.changes").fetchone()
            if not is_changed:
                self._empty(connection)
        if is_changed:
            self._server.execute(f"DROP DATABASE {self._name} WITH (FORCE)")
            self._copy()

    def _copy(self) -> None:
        self._server.execute(f"CREATE DATABASE {self._name} TEMPLATE frozen_{self._name} STRATEGY FILE_COPY")

    def _empty(self, connection: psycopg.Connection) -> None:
        """Without looking at foreign keys, and at triggers that keep entries for ever."""
        filled = [f"public.{name}" for name, filled in _tables(connection) if filled]
        with connection.transaction():
            connection.execute(b"SET LOCAL session_replication_role = replica")
            connection.execute("; ".join(f"DELETE FROM {name}" for name in filled).encode())
        connection.execute(f"VACUUM (SKIP_DATABASE_STATS) {', '.join(filled)}".encode())
        with connection.transaction():
            connection.execute(b"SET LOCAL session_replication_role = replica")
            for name in self._kept:
                connection.execute(f"INSERT INTO public.{name} SELECT * FROM frozen.{name}".encode())
            connection.execute(_RESTART_SEQUENCES)


def _tables(connection: psycopg.Connection) -> list[tuple[str, bool]]:
    """The tables of the application, and whether there is anything in them."""
    names = [name for (name,) in connection.execute(b"SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    filled = connection.execute(f"SELECT {', '.join(f'EXISTS (SELECT FROM {name})' for name in names)}".encode())
    return list(zip(names, filled.fetchone() or (), strict=True))


#: Whatever changes the schema leaves a row.
_WATCH_THE_SCHEMA = (
    b"CREATE SCHEMA frozen",
    b"CREATE TABLE frozen.changes (what text)",
    b"""CREATE FUNCTION frozen.note() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO frozen.changes VALUES (tg_tag); END $$""",
    b"CREATE EVENT TRIGGER noted ON ddl_command_end EXECUTE FUNCTION frozen.note()",
)

_END_OTHERS = (
    b"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    b"WHERE datname = current_database() AND pid <> pg_backend_pid()"
)

_RESTART_SEQUENCES = (
    b"SELECT setval(format('public.%I', now.sequencename)::regclass, coalesce(frozen.last_value, 1), "
    b"frozen.last_value IS NOT NULL) FROM pg_sequences AS now JOIN frozen.sequences AS frozen USING (sequencename) "
    b"WHERE now.schemaname = 'public' AND now.last_value IS DISTINCT FROM frozen.last_value"
)
