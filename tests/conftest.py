"""What every test can ask for: the application on a fresh database, a client, a mail server.

`--db=postgresql` runs the same tests on a real PostgreSQL, started once for all processes of the run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from flask_sqlalchemy.session import Session
from hypothesis import settings as hypothesis_settings
from sqlalchemy.orm import scoped_session

from dashboard import create_app
from dashboard.config import Settings
from dashboard.extensions import db as database_extension
from dashboard.outbox.worker import work_off
from dashboard.vendor import DEMO_VENDOR, load_vendor
from dashboard.web.transactions import begin_request
from tests.client import Client
from tests.databases import Database, PostgresDatabase, SqliteDatabase
from tests.postgres import PostgresServer
from tests.smtp import MailServer, running_mail_server

# A machine with much to do is no fault of what is tested. What `thorough` means to the longest tests, they say.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.register_profile("thorough", deadline=None, max_examples=100)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "patient"))

#: Where clocks are never changed: at any hour, so many days ago is that day. Other zones are for tests of the calendar.
STEADY_ZONE = "Asia/Tashkent"

#: Characters, or bytes, of what a test is given that may be part of its name.
LONGEST_ID = 60

SERVER = pytest.StashKey[PostgresServer]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=["sqlite", "postgresql"], default="sqlite", help="database of the tests")


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL in the controlling process; pytest-xdist's workers get its folder."""
    if config.getoption("--db") == "postgresql" and not hasattr(config, "workerinput"):
        config.stash[SERVER] = PostgresServer.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash:
        config.stash[SERVER].stop()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    if SERVER in node.config.stash:
        node.workerinput["postgres_folder"] = str(node.config.stash[SERVER].folder)


def pytest_report_header(config: pytest.Config) -> str:
    left_out = "; tests that ask for no database run with SQLite alone" * (config.getoption("--db") != "sqlite")
    return f"database: {config.getoption('--db')}{left_out}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Everything below tests/browser needs a browser. A test that no fixture gives a database would only repeat on
    PostgreSQL what it did on SQLite: nothing else tells a test which of them it is on.
    """
    for item in items:
        if "browser" in item.path.relative_to(config.rootpath).parts[:-1]:
            item.add_marker(pytest.mark.browser)
    if config.getoption("--db") != "sqlite":
        repeated = [item for item in items if "database" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=repeated)
        items[:] = [item for item in items if item not in set(repeated)]


def pytest_make_parametrize_id(val: object) -> str | None:
    """A test is called by no more than the beginning of what it is given: names go from process to process with all
    that is said of a test, and some of these are files of many megabytes.
    """
    if isinstance(val, bytes) and len(val) > LONGEST_ID:
        return f"{len(val)} bytes"
    return f"{val[:LONGEST_ID]!a} and so on" if isinstance(val, str) and len(val) > LONGEST_ID else None


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The database of this process, still empty."""
    config = request.config
    if config.getoption("--db") == "sqlite":
        return SqliteDatabase(tmp_path_factory.mktemp("sqlite"))
    worker: dict[str, str] = getattr(config, "workerinput", {})
    server = PostgresServer(Path(worker["postgres_folder"])) if worker else config.stash[SERVER]
    return PostgresDatabase(server, f"test_{worker.get('workerid', 'main')}")


@pytest.fixture(scope="session")
def application(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, made once a process: only its database and settings are new for each test."""
    settings = Settings(
        secret_key="a key for tests",
        database_url=database.url,
        data_dir=tmp_path_factory.mktemp("data"),
        vendor=replace(load_vendor(DEMO_VENDOR), time_zone=STEADY_ZONE),
        testing=True,
    )
    application = create_app(settings)
    with application.app_context():
        flask_migrate.upgrade()
        disconnect()
    database.freeze()
    return application


@pytest.fixture
def app(application: Flask, database: Database, tmp_path: Path) -> Iterator[Flask]:
    """The application on a freshly migrated database, with an application context in which the test may write.

    The test's session keeps SQLite's write lock from its first statement to its commit. `client` and `work` commit
    it; a test that calls something with a transaction of its own commits before.
    """
    with fresh(application, database, tmp_path / "data"):
        yield application


@pytest.fixture
def db(app: Flask) -> scoped_session[Session]:
    """The session of the test; `db.commit()` shows its changes to requests and to the worker."""
    return database_extension.session


@pytest.fixture
def client(app: Flask) -> Client:
    """A visitor's browser that prefers English."""
    return Client(app)


@pytest.fixture
def new_client(app: Flask) -> Callable[..., Client]:
    """More browsers: `new_client(language="ru")`."""

    def make(**options: Any) -> Client:
        return Client(app, **options)

    return make


@pytest.fixture
def settings(app: Flask) -> Callable[..., Settings]:
    """Change settings for this test: `settings(credit_days=10)`."""

    def change(**changes: Any) -> Settings:
        changed: Settings = replace(app.config["SETTINGS"], **changes)
        app.config["SETTINGS"] = changed
        return changed

    return change


@pytest.fixture
def work(db: scoped_session[Session]) -> Callable[[], int]:
    """Commit, then do everything that the outbox holds, as the worker would; how many effects that were."""

    def commit_and_work() -> int:
        db.commit()
        return work_off()

    return commit_and_work


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """A real mail server; `settings(smtp_url=smtp.url)` makes the application use it."""
    with running_mail_server() as server:
        yield server


@contextmanager
def fresh(application: Flask, database: Database, data_dir: Path) -> Iterator[None]:
    """A freshly migrated database and an empty folder for the application, in a context in which one may write."""
    database.reset()
    settings: Settings = application.config["SETTINGS"]
    data_dir.mkdir()
    application.config["SETTINGS"] = replace(settings, data_dir=data_dir, license_keys=data_dir / "license-keys")
    with application.app_context():
        begin_request(writes=True)
        yield
        begin_request(writes=False)
        disconnect()
    application.config["SETTINGS"] = settings


def disconnect() -> None:
    """Close every connection of the application to its database, so that it can be replaced."""
    database_extension.session.remove()
    for engine in database_extension.engines.values():
        engine.dispose()
