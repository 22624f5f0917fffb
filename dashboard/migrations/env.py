"""Runs the migrations on the application's own engine; imports no live model."""

from typing import Any, Literal

from alembic import context
from alembic.runtime.migration import MigrationContext
from flask import current_app
from sqlalchemy import Connection

from dashboard.extensions import UtcDateTime, db
from dashboard.web.transactions import writing

config = context.config


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as what they are in the database: a migration must not import the application."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


def leave_references(connection: Connection) -> None:
    """Have SQLite not watch foreign keys: it rebuilds a changed table, and the rows that refer to it must wait.

    The pragma does nothing within a transaction, so it goes past SQLAlchemy, which would begin one; and the connection
    is used for nothing else.
    """
    connection.detach()
    sqlite: Any = connection.connection.dbapi_connection
    sqlite.execute("PRAGMA foreign_keys=OFF")


def check_references(ctx: MigrationContext, *_more: Any, **_kwargs: Any) -> None:
    """See, before a migration is committed, that it broke no reference; PostgreSQL watches by itself."""
    connection = ctx.connection
    if connection is not None and connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"the migration breaks foreign keys: {broken[:5]}")


def run() -> None:
    with writing(), db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            leave_references(connection)
        context.configure(
            connection=connection,
            target_metadata=current_app.extensions["migrate"].db.metadata,
            render_as_batch=is_sqlite,
            compare_type=True,
            render_item=render_item,
            transaction_per_migration=True,
            on_version_apply=check_references,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
