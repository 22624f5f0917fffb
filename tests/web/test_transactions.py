"""A request is one transaction: reading ones cannot write, and what cannot be committed is no success."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest
from flask import Flask, redirect
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from dashboard.audit.models import AuditEntry
from dashboard.errors import N_, Refused
from dashboard.extensions import db as database
from dashboard.outbox import service as outbox
from dashboard.outbox.models import OutboxItem
from dashboard.web.access import Permission
from dashboard.web.fragments import render
from dashboard.web.transactions import reading, transaction, writing
from tests.client import Client, Page
from tests.factories import make_user

Plant = Callable[..., Flask]
Kept = Callable[[], list[str]]


@pytest.fixture
def kept(app: Flask, db: scoped_session[Session]) -> Kept:
    """What the planted routes have written for good."""

    def look() -> list[str]:
        db.commit()
        return list(db.scalars(select(OutboxItem.key).order_by(OutboxItem.id)))

    return look


def ask(plant: Plant, method: str, view: Callable[[], Any], *, planted: Flask | None = None) -> Page:
    """One request whose view is `view`, by a browser with a form's token."""
    planted = planted or plant()
    planted.config["WTF_CSRF_ENABLED"] = False
    planted.add_url_rule("/planted", "planted", view, methods=[method], requires=Permission.PUBLIC)
    return Client(planted).open(method, "/planted", data={} if method == "POST" else None, follow=False)


def write() -> None:
    outbox.put("planted", "written")


def test_a_post_is_committed(plant: Plant, kept: Kept) -> None:
    def view() -> Any:
        write()
        return redirect("/", 303)

    assert ask(plant, "POST", view).status == 303
    assert kept() == ["written"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_get_cannot_write(plant: Plant, kept: Kept, method: str) -> None:
    """The database itself refuses, on both."""

    def view() -> Any:
        write()
        return "never reached"

    assert ask(plant, method, view).status == 500
    assert kept() == []


def test_a_get_that_only_reads_is_answered(plant: Plant) -> None:
    def view() -> Any:
        return str(database.session.scalar(select(OutboxItem.id)))

    assert ask(plant, "GET", view).content == b"None"


@pytest.mark.parametrize("status", [400, 404, 409, 422, 500])
def test_an_answer_that_refuses_has_changed_nothing(plant: Plant, kept: Kept, status: int) -> None:
    def view() -> Any:
        write()
        return render("errors/error.html", status=status, message="no")

    assert ask(plant, "POST", view).status == status
    assert kept() == []


@pytest.mark.parametrize("error", [Refused(N_("You may not do this.")), RuntimeError("a defect")])
def test_what_is_raised_has_changed_nothing(plant: Plant, kept: Kept, error: Exception) -> None:
    def view() -> Any:
        write()
        raise error

    page = ask(plant, "POST", view)
    assert page.status == (409 if isinstance(error, Refused) else 500)
    assert ("You may not do this." in page.text) == isinstance(error, Refused)
    assert "a defect" not in page.text
    assert kept() == []


def test_a_commit_that_fails_is_an_error_page_and_no_success(plant: Plant, kept: Kept) -> None:
    def view() -> Any:
        write()
        database.session.add(AuditEntry(actor_name="x", action=None, subject="x", detail={}))  # NOT NULL
        return redirect("/all-is-well", 303)

    page = ask(plant, "POST", view)
    assert (page.status, page.location) == (500, None)
    assert page.headers["Content-Security-Policy"]
    assert kept() == []


def test_a_database_that_fails_at_the_commit_itself(plant: Plant, kept: Kept) -> None:
    def view() -> Any:
        write()
        event.listen(database.session(), "before_commit", fail)
        return redirect("/all-is-well", 303)

    def fail(_session: Any) -> None:
        raise OSError("disk full")

    page = ask(plant, "POST", view)
    assert (page.status, page.location) == (500, None)
    assert "disk full" not in page.text
    assert kept() == []


def test_a_short_transaction_inside_a_get_is_kept(plant: Plant, kept: Kept) -> None:
    def view() -> Any:
        database.session.scalar(select(OutboxItem.id))
        with transaction():
            write()
        with pytest.raises(DBAPIError):
            outbox.put("planted", "by the GET itself")
        raise Refused(N_("You may not do this."))

    assert ask(plant, "GET", view).status == 409
    assert kept() == ["written"]


def test_a_short_transaction_that_fails_is_not_kept(app: Flask, kept: Kept, db: scoped_session[Session]) -> None:
    db.commit()
    with pytest.raises(ZeroDivisionError), transaction():  # noqa: PT012
        write()
        1 / 0  # noqa: B018
    assert kept() == []


def test_reading_cannot_write_and_what_was_before_comes_back(
    app: Flask, db: scoped_session[Session], kept: Kept
) -> None:
    db.commit()
    with pytest.raises(DBAPIError), reading():
        write()
    with writing():
        write()
        db.commit()
    assert kept() == ["written"]


def test_a_thread_that_has_written_reads_without_the_write_lock(plant: Plant, db: scoped_session[Session]) -> None:
    """The servers' threads live on: the actor of the next request is loaded in a transaction that reads."""
    planted = plant()
    planted.config["WTF_CSRF_ENABLED"] = False
    planted.add_url_rule("/planted", "planted", lambda: "ok", methods=["GET", "POST"], requires=Permission.SIGNED_IN)
    client = Client(planted)
    client.sign_in_as(make_user())
    db.commit()
    begun: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("BEGIN"):
            begun.append(statement)

    def both() -> list[int]:
        return [client._http.open("/planted", method=method).status_code for method in ("POST", "GET")]

    with planted.app_context():
        event.listen(database.engine, "before_cursor_execute", note)
        if database.engine.dialect.name == "postgresql":
            event.listen(database.engine, "begin", lambda connection: begun.append(state_of(connection)))
    assert Context().run(both) == [200, 200]
    assert begun[0] == begun[-1] == "BEGIN"
    assert len(begun) == 2


def state_of(connection: Any) -> str:
    return "BEGIN" if connection.connection.dbapi_connection.read_only else "BEGIN IMMEDIATE"


def test_sqlite_keeps_what_it_promised(app: Flask, db: scoped_session[Session]) -> None:
    if db.get_bind().dialect.name != "sqlite":
        assert db.scalar(text("SHOW transaction_read_only")) == "off"
        return
    pragmas = {name: db.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
