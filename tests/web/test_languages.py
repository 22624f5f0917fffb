"""Which language is spoken: the choice of now, the account's, the browser's earlier choice, its wish, English (R30)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from dashboard.web.formats import language
from dashboard.web.languages import LANGUAGES
from tests.client import Client, Page
from tests.factories import make_user


def spoken(page: Page) -> str:
    return str(page.tree.get("lang"))


@pytest.mark.parametrize("wish", ["ru", "en", "de"])
@pytest.mark.parametrize("cookie", ["", "ru", "en", "de", "<script>", "ru; en"])
@pytest.mark.parametrize("account", ["", "ru", "en"])
def test_R30_the_order_of_choice(app: Flask, account: str, cookie: str, wish: str) -> None:
    client = Client(app, wish)
    if account:
        client.sign_in_as(make_user(language=account))
    if cookie:
        client._http.set_cookie("language", cookie)
    expected = next((one for one in (account, cookie, wish) if one in LANGUAGES), "en")
    assert spoken(client.get("/programme")) == expected


def test_R30_a_choice_speaks_at_once_and_stays(client: Client, app: Flask) -> None:
    """In the browser for a visitor, in the account for a user."""
    switched = client.get("/programme").submit("RU Русский")
    assert spoken(switched) == "ru"
    assert spoken(client.get("/")) == "ru"
    user = make_user(language="en")
    client.sign_in_as(user)
    assert spoken(client.get("/programme")) == "en"
    assert spoken(client.get("/programme").submit("RU Русский")) == "ru"
    other = Client(app, "en")
    other.sign_in_as(user)
    assert spoken(other.get("/programme")) == "ru"


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en-GB,en;q=0.9,ru;q=0.8", "en"),
        ("uk,ru;q=0.8,en;q=0.2", "ru"),
        ("de-DE,de", "en"),
        ("*", "ru"),
        ("", "en"),
        ("ru;q=0,en;q=0.1", "en"),
        ("x" * 5000, "en"),
        ("ru;q=abc", "en"),
        (";;,,=", "en"),
    ],
)
def test_R30_the_browsers_wish(new_client: Callable[..., Client], app: Flask, wish: str, expected: str) -> None:
    page = new_client(language=wish).get("/programme")
    assert spoken(page) == expected
    assert page.title


def test_commands_and_the_worker_speak_english(app: Flask) -> None:
    assert language() == "en"
