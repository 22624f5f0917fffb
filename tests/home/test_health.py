"""What machines that look after this one are told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.orm import Session, scoped_session

from dashboard import create_app
from dashboard.clock import utcnow
from dashboard.extensions import db as extension
from dashboard.home import health
from dashboard.outbox import service as outbox
from dashboard.outbox.models import OutboxItem
from tests.client import Client
from tests.factories import make_catalog


@pytest.fixture(params=["sqlite", "postgresql"])
def homeless(app: Flask, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    """A client of an application whose database is not there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    lost = {
        "sqlite": f"sqlite:///{tmp_path}/gone/file.sqlite",
        "postgresql": f"postgresql+psycopg://nobody@127.0.0.1:{port}/none",
    }
    planted = create_app(replace(app.config["SETTINGS"], database_url=lost[request.param], testing=False))
    yield Client(planted)
    with planted.app_context():
        extension.engine.dispose()


def wait_in_outbox(db: scoped_session[Session], waited: timedelta, **state: object) -> None:
    outbox.put("mail", f"key {waited} {state}", letter_id=1)
    db.execute(update(OutboxItem).values(not_before=utcnow() - waited, **state))


def test_all_is_well(client: Client) -> None:
    make_catalog()
    for path in ("/healthz", "/readyz"):
        page = client.get(path)
        assert (page.status, page.content) == (200, b"ok\n")
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_being_alive_needs_no_database(client: Client) -> None:
    assert client.get("/healthz").statements == []


def test_without_its_database_it_is_alive_but_not_ready(homeless: Client) -> None:
    assert homeless.get("/healthz").status == 200
    page = homeless.get("/readyz")
    assert (page.status, page.content) == (503, b"database: no answer\n")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = '0000'",
        "DELETE FROM alembic_version",
        "ALTER TABLE alembic_version RENAME TO none",
    ],
)
def test_a_database_of_another_version_is_not_ready(client: Client, db: scoped_session[Session], change: str) -> None:
    db.execute(text(change))
    page = client.get("/readyz")
    assert (page.status, page.content) == (503, b"migrations: the database is not that of this version\n")


def test_a_worker_that_takes_nothing_is_noticed(client: Client, db: scoped_session[Session]) -> None:
    wait_in_outbox(db, health.STUCK_AFTER - timedelta(minutes=1))
    assert client.get("/readyz").status == 200
    wait_in_outbox(db, health.STUCK_AFTER + timedelta(minutes=1))
    page = client.get("/readyz")
    assert (page.status, page.content) == (503, b"worker: what is due is not done\n")


@pytest.mark.parametrize("state", ["done_at", "failed_at"])
def test_what_is_done_or_given_up_waits_no_more(client: Client, db: scoped_session[Session], state: str) -> None:
    wait_in_outbox(db, timedelta(days=1), **{state: utcnow()})
    assert client.get("/readyz").status == 200


def test_R28_a_missing_rate_of_the_vendors_own_country_is_told_and_no_reason_to_stop(
    client: Client, db: scoped_session[Session]
) -> None:
    db.execute(text("DELETE FROM tax_rates"))
    page = client.get("/readyz")
    assert page.status == 200
    assert page.html == (
        "ok\nwarning: there is no tax rate of the vendor's own country: resellers in EE cannot order\n"
    )


def test_what_is_to_be_tried_later_is_not_stuck(client: Client, db: scoped_session[Session]) -> None:
    wait_in_outbox(db, timedelta(days=-1))
    assert client.get("/readyz").status == 200
