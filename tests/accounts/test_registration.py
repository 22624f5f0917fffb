"""Making an account and confirming its address (R1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts import service
from dashboard.accounts.models import MailedToken, User
from dashboard.clock import utcnow
from dashboard.mail.models import Letter
from dashboard.outbox.models import OutboxItem
from tests.accounts.conftest import PASSWORD, Received
from tests.client import Client, Page

Letters = Callable[[str], list[Received]]


def register(client: Client, email: str = "olga@example.com", path: str = "/register") -> Page:
    return client.get(path).submit("Create the account", name="Olga", email=email, password=PASSWORD)


def test_R01_an_account_is_made_confirmed_by_the_mailed_link_and_signed_in(client: Client, letters: Letters) -> None:
    page = register(client, "Olga@Example.com")
    assert "Olga@example.com" in page.text
    [letter] = letters("Olga@example.com")
    answer = client.get(letter.path).submit("Confirm and sign in", password=PASSWORD, follow=False)
    assert (answer.status, answer.location) == (303, "/")
    assert "Olga@example.com" in client.get("/profile").text


def test_R01_after_confirming_one_comes_to_where_one_wanted_to_go(client: Client, letters: Letters) -> None:
    page = client.get("/sign-in?next=/profile").click("Create an account")
    page.submit("Create the account", name="Olga", email="olga@example.com", password=PASSWORD)
    [letter] = letters("olga@example.com")
    assert client.get(letter.path).submit("Confirm and sign in", password=PASSWORD).path == "/profile"


def test_R01_registering_a_known_address_looks_alike_and_tells_its_owner(
    client: Client, anna: User, letters: Letters, db: scoped_session[Session]
) -> None:
    known = register(client, "anna@romashka.EXAMPLE")
    unknown = register(client, "boris@romashka.example")
    assert known.text.replace("anna", "boris") == unknown.text
    assert known.status == unknown.status
    [letter] = letters(anna.email)
    assert letter.kind == "account_exists"
    assert letter.path == "/sign-in"
    assert db.get_one(User, anna.id).name == "Anna"


def test_R01_opening_the_link_changes_nothing(client: Client, letters: Letters, db: scoped_session[Session]) -> None:
    register(client)
    [letter] = letters("olga@example.com")
    for _ in range(2):
        assert client.get(letter.path).status == 200
    assert db.scalars(select(User.confirmed_at)).one() is None


def test_R01_the_link_works_once(client: Client, letters: Letters) -> None:
    register(client)
    [letter] = letters("olga@example.com")
    page = client.get(letter.path)
    page.submit("Confirm and sign in", password=PASSWORD, follow=False)
    client.sign_out()
    assert client.get(letter.path).status == 410


def test_R01_the_link_ends_after_three_days(client: Client, letters: Letters, db: scoped_session[Session]) -> None:
    register(client)
    [letter] = letters("olga@example.com")
    [left] = db.scalars(select(MailedToken.expires_at))
    assert timedelta(days=3, minutes=-1) < left - utcnow() <= timedelta(days=3)
    page = client.get(letter.path)
    db.execute(update(MailedToken).values(expires_at=utcnow()))
    assert page.submit("Confirm and sign in", password=PASSWORD).status == 410
    assert db.scalars(select(User.confirmed_at)).one() is None


@pytest.mark.parametrize("page", ["reset-password", "claim", "confirm-address"])
def test_R01_a_link_opens_no_page_but_its_own(client: Client, letters: Letters, page: str) -> None:
    register(client)
    [letter] = letters("olga@example.com")
    assert client.get(letter.path.replace("confirm", page)).status == 410


def test_R01_the_link_alone_confirms_nothing(client: Client, letters: Letters, db: scoped_session[Session]) -> None:
    """Else the owner of an address could be led to confirm an account that somebody else has the password of."""
    register(client)
    [letter] = letters("olga@example.com")
    client.sign_out()
    page = client.get(letter.path).submit("Confirm and sign in", password="what was it again")
    assert page.status == 422
    assert "The password is not right." in page.text
    assert db.scalars(select(User.confirmed_at)).one() is None
    assert client.get(letter.path).status == 200


def test_R01_signed_in_the_link_asks_for_one_click(client: Client, letters: Letters) -> None:
    register(client)
    client.get("/sign-in").submit("Sign in", email="olga@example.com", password=PASSWORD)
    [letter] = letters("olga@example.com")
    client.get(letter.path).submit("Confirm the address", follow=False)
    assert client.get("/profile").status == 200


def test_R01_an_unconfirmed_account_sees_only_what_asks_it_to_confirm(
    client: Client, letters: Letters, db: scoped_session[Session]
) -> None:
    register(client)
    page = client.get("/sign-in?next=/profile").submit("Sign in", email="olga@example.com", password=PASSWORD)
    assert page.path == "/confirm"
    for path in ("/", "/profile", "/sign-in"):
        assert client.get(path).path == "/confirm"
    again = page.submit("Send again")
    assert "A new letter is on its way to olga@example.com." in again.text
    assert [letter.kind for letter in letters("olga@example.com")] == ["account_confirm"] * 2
    db.execute(update(User).values(confirmed_at=utcnow()))
    assert client.get("/profile").path == "/profile"


def test_R01_an_address_gets_five_letters_an_hour(client: Client, letters: Letters) -> None:
    for _ in range(5):
        assert register(client).status == 200
    page = register(client)
    assert page.status == 429
    assert "Please try again in 60 min." in page.text
    assert len(letters("olga@example.com")) == 5


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Your name: Fill in this field."),
        ("email", "olga", "E-mail address: Write an e-mail address, for example name@example.com."),
        ("password", "short", "Password: Choose a password of at least 10 characters."),
    ],
)
def test_R01_what_is_wrong_is_said_and_what_was_typed_stays(
    client: Client, field: str, value: str, message: str
) -> None:
    typed = {"name": "Olga", "email": "olga@example.com", "password": PASSWORD, field: value}
    page = client.get("/register").submit("Create the account", **typed)
    assert page.status == 422
    assert message in page.text
    assert PASSWORD not in page.html
    shown = {name: page.tree.find(f".//input[@name='{name}']").get("value") or "" for name in ("name", "email")}
    assert shown == {name: typed[name] for name in shown}


def test_R01_no_row_but_the_letter_holds_the_secret(
    client: Client, letters: Letters, db: scoped_session[Session]
) -> None:
    register(client)
    [letter] = letters("olga@example.com")
    secret = letter.path.rsplit("/", 1)[1]
    kept = [*db.scalars(select(Letter.payload)), *db.scalars(select(OutboxItem.payload))]
    assert kept
    assert secret not in repr(kept)
    assert secret not in db.scalars(select(MailedToken.token_hash)).one()


def test_R01_a_letter_that_left_keeps_no_secret(
    client: Client, smtp: object, settings: Callable[..., object], work: Callable[[], int], db: scoped_session[Session]
) -> None:
    settings(smtp_url=smtp.url)
    register(client)
    work()
    [message] = smtp.sent_to("olga@example.com")
    assert "/confirm/" in message.get_body(("plain",)).get_content()
    [letter] = db.scalars(select(Letter))
    assert (letter.state, letter.text, letter.html) == ("sent", "", "")


def test_a_user_who_does_not_exist_is_found_by_nobody(app: object) -> None:
    assert service.find_user("nobody@example.com") is None
