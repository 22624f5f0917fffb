"""Every refusal and fault is a page, or a fragment, in the reader's language; none is bare, none tells too much."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask, abort
from sqlalchemy.exc import OperationalError

from dashboard.clock import today
from dashboard.errors import BusinessError, Forbidden, InvalidInput, NotFound, Refused, TooMany
from dashboard.extensions import login_manager
from dashboard.web.access import Permission
from dashboard.web.error_pages import MESSAGES
from tests.client import Client, Page
from tests.factories import make_reseller, make_user, owner_of, place

Plant = Callable[..., Flask]
STATUSES = [*MESSAGES, 406, 415, 418, 502]


def sqlite(code: int) -> sqlite3.OperationalError:
    """What SQLite raises with this result code."""
    error = sqlite3.OperationalError("planted")
    error.sqlite_errorcode = code
    return error


def ask(plant: Plant, view: Callable[[], Any], language: str = "en", *, htmx: bool = False) -> Page:
    planted = plant()
    planted.add_url_rule("/planted", "planted", view, requires=Permission.PUBLIC)
    return Client(planted, language, htmx=htmx).get("/planted")


@pytest.fixture
def refusing(plant: Plant) -> Flask:
    """Answers with the status that its address names."""
    planted = plant()
    planted.add_url_rule("/planted/<int:code>", "planted", abort, requires=Permission.PUBLIC)
    return planted


def is_russian(text: str) -> bool:
    return any("а" <= letter <= "я" for letter in text)


def test_R30_every_status_is_a_page_in_both_languages(refusing: Flask) -> None:
    english, russian = Client(refusing, "en"), Client(refusing, "ru")
    for status in STATUSES:
        pages = {"en": english.get(f"/planted/{status}"), "ru": russian.get(f"/planted/{status}")}
        for language, page in pages.items():
            assert (page.status, page.tree.get("lang")) == (status, language)
            assert page.tree.findall(".//h1")
            assert page.title
        texts = {language: " ".join(page.tree.xpath("//main//text()")) for language, page in pages.items()}
        assert (is_russian(texts["ru"]), is_russian(texts["en"])) == (True, False), status
        if status in MESSAGES:
            assert MESSAGES[status] in texts["en"]
            assert MESSAGES[status] not in texts["ru"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_R30_every_status_is_a_fragment_for_htmx(refusing: Flask, language: str) -> None:
    client = Client(refusing, language, htmx=True)
    for status in STATUSES:
        page = client.get(f"/planted/{status}")
        assert page.status == status
        assert "<html" not in page.html
        assert 'role="alert"' in page.html
        assert is_russian(page.text) == (language == "ru")


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_fault_is_a_page_and_one_line_for_the_operator(
    plant: Plant, language: str, htmx: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def view() -> Any:
        raise RuntimeError("card 4111 of Anna")

    with caplog.at_level(logging.ERROR):
        page = ask(plant, view, language, htmx=htmx)
    assert page.status == 500
    assert "4111" not in page.html
    assert "Nothing was changed" in page.text or language == "ru"
    (line,) = [record for record in caplog.records if record.name == "dashboard.web.error_pages"]
    assert line.getMessage() == "request failed: GET /planted"
    assert line.exc_info


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Refused("This order is cancelled already."), 409),
        (Forbidden("You may not do this."), 403),
        (InvalidInput("The amount must be more than zero."), 422),
        (NotFound(), 404),
        (TooMany("That was too often. Wait a little and try again."), 429),
        (BusinessError("This day has not come yet."), 409),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_R30_a_refusal_brings_its_own_words(plant: Plant, refusal: BusinessError, status: int, htmx: bool) -> None:
    def view() -> Any:
        raise refusal

    english, russian = (ask(plant, view, language, htmx=htmx) for language in ("en", "ru"))
    assert (english.status, russian.status) == (status, status)
    assert refusal.message in english.text
    assert refusal.message not in russian.text
    assert is_russian(russian.text)


def test_the_values_of_a_refusal_are_escaped(plant: Plant) -> None:
    def view() -> Any:
        raise InvalidInput("%(sku)s is not offered. Remove it or choose another.", sku="<img src=x>%s")

    page = ask(plant, view)
    assert "<img src=x>%s is not offered." in page.text
    assert "<img" not in page.html


def test_R26_unknown_addresses_and_foreign_objects_look_alike(plant: Plant) -> None:
    def view() -> Any:
        raise NotFound

    planted = plant()
    planted.add_url_rule("/orders-of/other", "planted", view, requires=Permission.PUBLIC)
    client = Client(planted)
    client.get("/programme")
    foreign, unknown = client.get("/orders-of/other"), client.get("/orders-of/nobody")
    assert foreign.status == unknown.status == 404
    assert foreign.html.replace("/orders-of/other", "") == unknown.html.replace("/orders-of/nobody", "")
    assert dict(foreign.headers).keys() == dict(unknown.headers).keys()


def test_a_wrong_method_names_the_right_ones(client: Client, app: Flask) -> None:
    page = client.post("/programme", {"a": "b"})
    assert page.status == 405
    assert "GET" in page.headers["Allow"]


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("htmx", [False, True])
def test_without_its_database_it_still_answers_with_a_page(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, signed_in: bool, htmx: bool
) -> None:
    """The page of an error must not need what failed: here, who is signed in cannot be looked up."""
    planted = plant()
    client = Client(planted, htmx=htmx)
    client.get("/sign-in")
    if signed_in:
        client.sign_in_as(make_user())

    def away(*_given: Any) -> Any:
        raise OperationalError("SELECT", {}, Exception("the server closed the connection"))

    monkeypatch.setattr(login_manager, "_user_callback", away)
    page = client.get("/orders")
    assert page.status == (503 if signed_in else 401 if htmx else 200)
    assert page.headers["Content-Security-Policy"]
    assert "closed the connection" not in page.html
    if signed_in:
        assert page.headers["Retry-After"] == "30"


@pytest.mark.parametrize(
    ("error", "status", "has_traceback"),
    [
        (psycopg.OperationalError("the server is down\nIs it running?"), 503, False),
        (psycopg.errors.DiskFull("no space left on device"), 503, False),
        (sqlite(sqlite3.SQLITE_FULL), 503, False),
        (sqlite(sqlite3.SQLITE_BUSY), 503, False),
        (sqlite(sqlite3.SQLITE_ERROR), 500, True),
        (sqlite(sqlite3.SQLITE_READONLY), 500, True),
    ],
)
def test_a_database_that_cannot_be_used_is_one_line_and_a_defect_of_ours_is_a_traceback(
    plant: Plant, caplog: pytest.LogCaptureFixture, error: Exception, status: int, has_traceback: bool
) -> None:
    def away() -> Any:
        raise OperationalError("SELECT 1", {}, error)

    page = ask(plant, away)
    assert (page.status, page.headers.get("Retry-After")) == (status, "30" if status == 503 else None)
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert bool(record.exc_info) == has_traceback
    assert len(record.getMessage().splitlines()) == 1


BAD_ADDRESSES = [
    *("/orders/%00", "/orders/R-%00-1/papers/%00", "/orders?q=%00", "/prices?q=%00", "/confirm/%00", "/%00", "/%1b"),
    *("/orders/%ff%fe", "/orders/%ed%a0%80", "/orders?q=%ff", "/orders/" + "x" * 3000, "/orders?q=" + "x" * 3000),
    *("/orders?state=%00&start=%00", "/orders?%00=1", "//x", "/?a=%00", "/orders?q=%25&q=_", "/orders?q=a&q=%00"),
    *("/orders?start=9999-12-31T23:59:59-14:00~x", "/orders?start=0001-01-01T00:00:00%2B14:00~x", "/orders?start=~"),
    *("/static/%00", "/static/..%2f..%2fwsgi.py", "/staff/orders/%00/payment", "/staff/orders?start=0001-01-01T00:00~"),
    *("/staff/mail/99999999999999999999", "/staff/mail?before=9e99", "/staff/mail?before=99999999999999999999"),
    *(
        "/staff/mail?before=-99999999999999999999",
        "/staff/mail?before=0",
        "/staff/resellers?before=-99999999999999999999",
    ),
    *("/staff/reports/resellers?start=2026-01-01~-99999999999999999999", "/staff/statements?reseller=-9e9999"),
]


@pytest.mark.parametrize("role", ["member", "staff"])
def test_bad_addresses_are_no_faults(plant: Plant, role: str) -> None:
    planted = plant()
    planted.config["WTF_CSRF_ENABLED"] = False
    client = Client(planted)
    client.sign_in_as(make_user(staff=True) if role == "staff" else owner_of(make_reseller()))
    for path in BAD_ADDRESSES:
        for method, data in (("GET", None), ("POST", {"a\x00": "\x00"})):
            answer = client.open(method, path, data=data, follow=False)
            answer.response.close()
            assert answer.status < 500, (method, path)


@pytest.mark.parametrize("path", ["/orders/%00", "/programme?a=%00", "/%01", "/programme?%0b=1"])
def test_R30_an_address_with_control_characters_is_refused_in_one_line(plant: Plant, path: str) -> None:
    planted = plant()
    for language in ("en", "ru"):
        page = Client(planted, language).get(path)
        assert (page.status, page.response.mimetype) == (400, "text/plain")
        assert (page.html == MESSAGES[400]) == (language == "en")
        assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_a_hidden_field_that_no_database_takes_is_no_fault(plant: Plant) -> None:
    planted = plant()
    planted.config["WTF_CSRF_ENABLED"] = False
    client = Client(planted)
    client.sign_in_as(make_user(staff=True))
    order = place(make_reseller())
    sent = {"amount": "1", "received_on": today().isoformat(), "text": "x"}
    for key in ("\x00", "", "x" * 500):
        assert client.post(f"/staff/orders/{order.id}/payment", sent | {"submit_key": key}).status == 422
    assert client.post(f"/staff/orders/{order.id}/payment", sent | {"submit_key": "k\x00"}).status == 200


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://localhost/orders/R-1", "/orders/R-1"),
        ("http://localhost/orders?state=open", "/orders?state=open"),
        ("http://localhost/planted/409", None),  # the page itself, loaded anew
        ("http://elsewhere.example/orders", None),
        ("http://localhost//elsewhere.example", None),
        ("http://localhost/\\elsewhere.example", None),
        ("", None),
    ],
)
def test_a_refusal_leads_back_to_the_page_of_ours_that_led_to_it(
    refusing: Flask, came_from: str, back: str | None
) -> None:
    page = Client(refusing, "en").get("/planted/409", headers={"Referer": came_from})
    assert page.links.get("Go back") == back
    assert page.links["Go to the start page"] == "/"
