"""The log: one line for each thing that happened, joined by the request's id, without anybody's data."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts.models import User
from dashboard.extensions import db as extension
from dashboard.home import health
from dashboard.mail.models import Letter
from dashboard.outbox import worker
from dashboard.web.access import Permission
from dashboard.web.logs import LineFormatter, scrub
from dashboard.web.transactions import engine_options
from tests.client import Client
from tests.factories import make_reseller, make_user, place
from tests.smtp import MailServer

Plant = Callable[..., Flask]
Facts = dict[str, str]

FACT = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')
PASSWORD = "correct horse battery"


class Log:
    """What was written so far, as the program writes it."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(LineFormatter())
        self.handler.addFilter(lambda record: record.name != "mail.log")  # the tests' own mail server

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self, **facts: str) -> list[Facts]:
        """All lines that have these facts; every line must be nothing but facts."""
        found = []
        for line in self.text.splitlines():
            assert FACT.sub("", line).strip() == "", line
            parsed = {name: json.loads(value) if value[:1] == '"' else value for name, value in FACT.findall(line)}
            if facts.items() <= parsed.items():
                found.append(parsed)
        return found


@pytest.fixture
def log() -> Iterator[Log]:
    log, root = Log(), logging.getLogger()
    before = root.level
    root.addHandler(log.handler)
    root.setLevel(logging.INFO)
    yield log
    root.removeHandler(log.handler)
    root.setLevel(before)


def test_a_request_is_a_line_with_the_rule_of_its_address(client: Client, log: Log) -> None:
    page = client.get("/orders/R-2046-3187?q=anna@example.com", follow=False)
    [line] = log.lines(logger="dashboard.request")
    assert line["request"] == page.headers["X-Request-Id"]
    assert {name: line[name] for name in ("level", "message", "method", "route", "status")} == {
        "level": "info", "message": "answered", "method": "GET", "route": "/orders/<order_id>", "status": "303",
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["time"])
    assert 0 <= int(line["ms"]) < 60_000
    assert "2046" not in log.text


def test_an_address_that_there_is_not_is_not_written_down(client: Client, log: Log) -> None:
    client.get("/reset-my/secret")
    [line] = log.lines(logger="dashboard.request")
    assert (line["route"], line["status"]) == ("-", "404")
    assert "secret" not in log.text


def test_what_is_asked_all_the_time_is_only_told_when_it_fails(
    client: Client, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/healthz")
    client.get("/readyz")
    client.get("/static/app.css").response.close()
    assert log.text == ""
    monkeypatch.setattr(health, "_newest_migrations", lambda: frozenset({"another"}))
    client.get("/readyz")
    client.get("/static/none.css")
    assert [line["status"] for line in log.lines()] == ["503", "404"]


@pytest.mark.parametrize("given", ["0af7651916cd43dd8448eb211c80319c", "nginx-1.2_3"])
def test_the_proxys_id_is_taken_over(client: Client, log: Log, settings: Callable[..., Any], given: str) -> None:
    settings(behind_proxy=True)
    assert client.get("/", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given
    assert log.lines(request=given)


@pytest.mark.parametrize("given", ["", "short", "a b c d e f g h", "x" * 65, 'anna"@example', "ы" * 9])
def test_an_id_that_cannot_be_one_is_replaced(client: Client, settings: Callable[..., Any], given: str) -> None:
    settings(behind_proxy=True)
    taken = client.get("/", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{16}", taken)


def test_without_a_proxy_nobody_chooses_the_id(client: Client) -> None:
    first, second = (client.get("/", headers={"X-Request-Id": "chosen-by-me"}) for _ in range(2))
    assert len({"chosen-by-me", first.headers["X-Request-Id"], second.headers["X-Request-Id"]}) == 3


def test_a_fault_and_its_answer_bear_the_same_id_and_name_nobody(plant: Plant, log: Log) -> None:
    """A unique constraint that breaks: the database would quote the row."""

    def view(token: str) -> Any:
        row = {"email": "anna@example.com", "email_key": "anna@example.com", "name": "Anna Petrova"}
        for _ in range(2):
            extension.session.execute(insert(User).values(**row, is_staff=False))
        extension.session.flush()

    planted = plant()
    planted.add_url_rule("/planted/<token>", "planted", view, requires=Permission.PUBLIC, methods=["POST"])
    planted.config["WTF_CSRF_ENABLED"] = False
    page = Client(planted).post("/planted/anna-secret")
    assert page.status == 500
    request = page.headers["X-Request-Id"]
    [fault] = log.lines(logger="dashboard.web.error_pages")
    [answer] = log.lines(logger="dashboard.request")
    assert fault["request"] == answer["request"] == request
    assert (fault["level"], answer["status"]) == ("error", "500")
    assert "IntegrityError" in fault["fault"]
    assert "Traceback" in fault["fault"]
    for private in ("anna", "Anna", "Petrova", "secret"):
        assert private not in log.text


def test_the_worker_tells_what_it_did(client: Client, work: Callable[[], int], log: Log) -> None:
    place(make_reseller(owner=make_user()))
    done = work()
    lines = log.lines(logger=worker.__name__, message="effect done")
    assert len(lines) == done > 1
    assert "mail" in {line["kind"] for line in lines}
    assert all(line["outbox"].isdigit() and line["tries"] == "1" for line in lines)


@pytest.fixture
def refusing(smtp: MailServer, settings: Callable[..., Any]) -> Callable[[], None]:
    """From now on letters are handed to a mail server that refuses them and quotes the address."""

    def refuse() -> None:
        settings(smtp_url=smtp.url)
        smtp.refusal = "550 olga@example.com is unknown here"

    return refuse


def test_a_whole_story_leaves_no_address_no_name_and_no_secret_in_the_log(
    client: Client, db: scoped_session[Session], work: Callable[[], int], log: Log, refusing: Callable[[], None]
) -> None:
    tokens = set()

    def link() -> str:
        work()
        text = db.scalars(select(Letter.text).order_by(Letter.id.desc())).first() or ""
        [path] = re.findall(r"http://127\.0\.0\.1:8000(/\S+)", text)[:1]
        tokens.add(path.rpartition("/")[2])
        return str(path)

    page = client.get("/register")
    page.submit("Create the account", name="Olga Sidorova", email="olga@example.com", password=PASSWORD)
    client.get(link()).submit("Confirm and sign in", password=PASSWORD)
    client.sign_out()
    client.get("/reset-password").submit("Send the link", email="olga@example.com")
    reset = client.get(link())
    assert reset.status == 200
    client.get("/sign-in").submit("Sign in", email="olga@example.com", password="wrong one entirely")
    client.post("/sign-in", {"email": "olga@example.com", "password": PASSWORD})  # without its CSRF field
    refusing()
    client.get("/reset-password").submit("Send the link", email="olga@example.com")
    work()
    [failed] = log.lines(message="effect failed", kind="mail")
    assert (failed["level"], "fault" in failed) == ("warning", False)
    assert failed["reason"].startswith("SMTPDataError: (550, ")
    assert len(log.lines(logger="dashboard.request")) > 10
    assert len(tokens) == 2
    for private in ("olga", "Olga", "Sidorova", "example.com", PASSWORD, "wrong one", *tokens):
        assert private not in log.text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("to anna.petrova+x@mail.example.com: 550", "to <address>: 550"),
        ("{'anna@example.com': (550, b'no')}", "{'<address>': (550, b'no')}"),
        ("анна@почта.рф", "<address>"),
        ("smtp://post:password@mail.example:25", "smtp://post:<address>:25"),
        ("POST /reset/" + "aB3_-" * 9 + " [GET]", "POST /reset/<secret> [GET]"),
        ("no\nDETAIL:  Failing row (1, Anna,\n\n Petrova).\n[SQL: I]", "no\nDETAIL: <withheld>\n[SQL: I]"),
        ("taken\nDETAIL:  Key (name)=(Anna) exists.", "taken\nDETAIL: <withheld>\n"),
        ("order R-2046-3187 of /orders/<order_id>", "order R-2046-3187 of /orders/<order_id>"),
    ],
)  # fmt: skip
def test_lines_are_scrubbed(text: str, left: str) -> None:
    assert scrub(text) == left


def test_a_line_stays_one_line() -> None:
    record = logging.makeLogRecord({"msg": 'two\nlines "and" more', "levelname": "INFO", "name": "x", "order": "a=b"})
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        record.exc_info = sys.exc_info()
    line = LineFormatter().format(record)
    assert len(line.splitlines()) == 1
    assert r'message="two\nlines \"and\" more" order="a=b" fault="Traceback' in line


@pytest.mark.parametrize("url", ["sqlite:////x", "postgresql+psycopg://x"])
def test_the_database_quotes_no_values(url: str) -> None:
    assert engine_options(url)["hide_parameters"] is True
