"""Two addresses for machines that look after this one: is it alive, and is it ready to work? Nobody's data in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache

from alembic.script import ScriptDirectory
from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from dashboard.clock import today, utcnow
from dashboard.config import ROOT, current_settings
from dashboard.extensions import db
from dashboard.outbox import service as outbox
from dashboard.resellers import service as resellers
from dashboard.tax import service as tax
from dashboard.web.access import Permission

bp = Blueprint("health", __name__)

#: An effect that waits longer than this tells that no worker takes it, or that they cannot keep up.
STUCK_AFTER = timedelta(minutes=10)


@bp.get("/healthz", requires=Permission.PUBLIC)
def alive() -> ResponseReturnValue:
    """Liveness: this process answers. It touches no database, so that a restart is asked for only where it helps."""
    return _answer([])


@bp.get("/readyz", requires=Permission.PUBLIC)
def ready() -> ResponseReturnValue:
    """Readiness: the database answers, it has the tables that this version needs, and the worker keeps up.

    What works but wants looking after is told, too, and does not make it less ready.
    """
    problems = list(_problems())
    return _answer(problems, [] if problems else list(_warnings()))


def _problems() -> Iterator[str]:
    try:
        connection = db.session.connection()
    except SQLAlchemyError:
        yield "database: no answer"
        return
    if _migrations(connection) != _newest_migrations():
        yield "migrations: the database is not that of this version"
        return
    oldest = outbox.oldest_due(utcnow())
    if oldest and utcnow() - oldest > STUCK_AFTER:
        yield "worker: what is due is not done"


def _warnings() -> Iterator[str]:
    """Settings that do not fit the data."""
    vendor = current_settings().vendor
    if not tax.has_rate(vendor.country, today()):
        yield f"warning: there is no tax rate of the vendor's own country: resellers in {vendor.country} cannot order"
    for currency in sorted(resellers.currencies() - vendor.accounts.keys()):
        yield f"warning: there are resellers that pay in {currency}, and the vendor's file has no account for it"


def _migrations(connection: Connection) -> frozenset[str]:
    """The migrations that the database stands at; none if it is empty."""
    try:
        return frozenset(connection.scalars(text("SELECT version_num FROM alembic_version")))
    except SQLAlchemyError:
        return frozenset()


@cache
def _newest_migrations() -> frozenset[str]:
    return frozenset(ScriptDirectory(str(ROOT / "dashboard" / "migrations")).get_heads())


def _answer(problems: list[str], warnings: Sequence[str] = ()) -> Response:
    """A line for each problem, for people; the status is for machines."""
    response = Response(
        "\n".join([*(problems or ["ok"]), *warnings]) + "\n", 503 if problems else 200, mimetype="text/plain"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
