"""The extensions, unbound: `create_app` binds them. Also the base of all models and its column types."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask_babel import Babel
from flask_htmx import HTMX
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, MetaData, Select, TypeDecorator, event, inspect
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import DeclarativeBase, object_session, registry

from dashboard.errors import NotFound

#: Constraints have names, so that migrations can change them on both databases.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in Python, without zone in the database; a naive value is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Base of all models. They derive from it, not from `db.Model`, which type checkers cannot see through."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UtcDateTime, dict[str, Any]: JSON},
    )


#: An amount in minor units: 32 bits end at 21 million.
Minor = BigInteger

db = SQLAlchemy(model_class=Base)
login_manager = LoginManager()
htmx = HTMX()
babel = Babel()
csrf = CSRFProtect()
migrate = Migrate()


Model = TypeVar("Model", bound=Base)


def append_only(model: type[Model]) -> type[Model]:
    """Class decorator: the session refuses to change or delete a row of `model` once it is written."""

    @event.listens_for(model, "before_update")
    @event.listens_for(model, "before_delete")
    def _refuse(_mapper: Any, _connection: Any, row: Model) -> None:
        session = object_session(row)
        if session is None or row in session.deleted or session.is_modified(row):
            raise RuntimeError(f"{model.__tablename__}: what is written never changes")

    return model


def locking(query: Select[Model], *, lock: bool = True) -> Select[Model]:
    """The query, with `lock` so that it holds its rows until the transaction ends and reads them anew."""
    return query.with_for_update().execution_options(populate_existing=True) if lock else query


def get_row(query: Select[Model], *, lock: bool = False) -> Model:
    """The row that a query finds.

    Args:
        lock: for whoever changes it: see `locking`.

    Raises:
        NotFound: if there is none; a query that asks whose it is tells nobody that there is another's (R26).
    """
    row = db.session.scalar(locking(query, lock=lock))
    if row is None:
        raise NotFound
    return row


def insert_once(model: type[Base], **values: Any) -> bool:
    """Insert a row unless one of its unique constraints says that it is there; whether it was inserted.

    The one form of exactly-once that both databases hold without a race and without breaking the transaction.
    """
    return bool(insert_all_once(model, [values]))


def insert_all_once(model: type[Base], rows: Sequence[dict[str, Any]]) -> list[Any]:
    """As `insert_once`, for many rows with the same columns, in few statements; the keys of those inserted."""
    if not rows:
        return []
    key = inspect(model).primary_key[0]
    statement = _insert()(model).on_conflict_do_nothing().returning(key)
    return list(db.session.scalars(statement, rows))


def put_rows(model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns; one whose primary key is there already is overwritten.

    Rows of `model` that the session holds are not refreshed by it.
    """
    if rows:
        keys = [column.name for column in inspect(model).primary_key]
        statement = _insert()(model)
        new = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=new), rows)


def _insert() -> Any:
    """The `insert` of the database at hand, with its `ON CONFLICT`."""
    return postgresql_insert if db.session.get_bind().dialect.name == "postgresql" else sqlite_insert
