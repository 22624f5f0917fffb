"""The choice of language and colors (R30)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts import service
from dashboard.accounts.models import User
from tests.accounts.conftest import Received
from tests.client import Client, Page


def spoken(page: Page) -> str:
    return str(page.tree.get("lang"))


def test_R30_switching_on_a_form_keeps_page_address_and_what_was_typed(client: Client, app: object) -> None:
    page = client.get("/register?next=/profile")
    assert spoken(page) == "en"
    switched = page.submit("RU Русский", name="Ольга", email="olga@", password="a secret thing")
    assert (switched.status, switched.path, spoken(switched)) == (200, "/register?next=/profile", "ru")
    shown = {name: switched.tree.find(f".//input[@name='{name}']").get("value") for name in ("name", "email")}
    assert shown == {"name": "Ольга", "email": "olga@"}
    assert "error-summary" not in switched.html
    assert "a secret thing" not in switched.html
    assert spoken(client.get("/sign-in")) == "ru"


def test_R30_switching_on_a_form_does_not_do_what_the_form_does(client: Client, anna: User) -> None:
    page = client.get("/sign-in")
    page.submit("RU Русский", email=anna.email, password="correct horse battery")
    assert client.get("/profile").path.startswith("/sign-in")


def test_R30_a_page_without_form_keeps_its_address(client: Client, app: object) -> None:
    client.get("/register").submit("Create the account", name="O", email="o@example.com", password="long enough pw")
    page = client.get("/check-mail?a=b").submit("RU Русский")
    assert (page.path, spoken(page)) == ("/check-mail?a=b", "ru")
    assert "o@example.com" in page.text


def test_R30_an_account_keeps_its_language_in_any_browser(
    client: Client, new_client: Callable[..., Client], anna: User
) -> None:
    client.sign_in_as(anna)
    client.get("/profile").submit("RU Русский")
    other = new_client(language="en")
    other.sign_in_as(anna)
    assert spoken(other.get("/profile")) == "ru"


def test_R30_the_profile_sets_the_language_of_pages_and_letters(
    client: Client, anna: User, db: scoped_session[Session]
) -> None:
    client.sign_in_as(anna)
    page = client.get("/profile").submit("Save", name=" Anna K. ", language="ru")
    assert (page.path, spoken(page)) == ("/profile", "ru")
    user = service.get_user(anna.id)
    assert (user.name, user.language) == ("Anna K.", "ru")


def test_R30_the_head_of_the_profile_switches_the_choice_in_the_form_too(client: Client, anna: User) -> None:
    client.sign_in_as(anna)
    page = client.get("/profile").submit("RU Русский", name="Anna K.")
    assert page.tree.find(".//option[@selected]").get("value") == "ru"
    assert page.tree.find(".//input[@name='name']").get("value") == "Anna K."


@pytest.mark.parametrize(("browser", "expected"), [("ru-RU,ru;q=0.9", "ru"), ("de,en;q=0.5", "en"), ("de", "en")])
def test_R30_a_visitor_is_spoken_to_in_the_browsers_language(
    app: object, new_client: Callable[..., Client], browser: str, expected: str
) -> None:
    assert spoken(new_client(language=browser).get("/sign-in")) == expected


def test_R30_letters_speak_the_language_in_which_the_account_was_made(
    app: object, new_client: Callable[..., Client], letters: Callable[[str], list[Received]]
) -> None:
    page = new_client(language="ru").get("/register")
    button = next(text for text in page.buttons if not text.startswith(("RU", "EN")))
    page.submit(button, name="Ольга", email="olga@example.com", password="long enough pw")
    assert [letter.language for letter in letters("olga@example.com")] == ["ru"]


def test_R30_an_unknown_language_or_theme_is_refused(client: Client, anna: User) -> None:
    token = client.get("/sign-in").tree.find(".//input[@name='csrf_token']").get("value")
    assert client.post("/language", {"csrf_token": token, "language": "tlh"}).status == 400
    assert client.post("/theme", {"csrf_token": token, "theme": "pink"}).status == 400


@pytest.mark.parametrize("path", ["/language", "/theme"])
def test_R30_a_choice_leads_to_no_other_site(client: Client, app: object, path: str) -> None:
    token = client.get("/sign-in").tree.find(".//input[@name='csrf_token']").get("value")
    sent = {"csrf_token": token, "language": "ru", "theme": "dark", "next": "//evil.example/"}
    assert client.post(path, sent, follow=False).location == "/"


def test_a_visitor_keeps_the_colors_in_the_browser(client: Client, app: object) -> None:
    page = client.get("/sign-in?next=/profile")
    assert page.tree.get("data-theme") is None
    dark = page.submit("dark")
    assert (dark.path, dark.tree.get("data-theme")) == ("/sign-in?next=/profile", "dark")
    assert dark.submit("as the device").tree.get("data-theme") is None


def test_an_account_keeps_the_colors_in_any_browser(
    client: Client, new_client: Callable[..., Client], anna: User
) -> None:
    client.sign_in_as(anna)
    client.get("/profile").submit("dark")
    other = new_client()
    other.sign_in_as(anna)
    assert other.get("/profile").tree.get("data-theme") == "dark"
