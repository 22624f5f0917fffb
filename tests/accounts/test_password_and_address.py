"""A forgotten or changed password, another address (R1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts import service
from dashboard.accounts.models import MailedToken, User
from dashboard.clock import utcnow
from dashboard.outbox.models import OutboxItem
from tests.accounts.conftest import PASSWORD, Received
from tests.client import Client, Page

Letters = Callable[[str], list[Received]]
NEW = "another good password"


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Page:
    return client.get("/sign-in?next=/profile").submit("Sign in", email=email, password=password)


def ask_reset(client: Client, email: str) -> Page:
    return client.get("/reset-password").submit("Send the link", email=email)


def ask_address(client: Client, email: str = "anna@new.example", password: str = PASSWORD) -> Page:
    return client.get("/profile/address").submit("Send the link", email=email, password=password)


def test_R01_a_forgotten_password_is_replaced_by_the_mailed_link(
    client: Client, new_client: Callable[..., Client], anna: User, letters: Letters
) -> None:
    stolen = new_client()
    sign_in(stolen, anna.email)
    ask_reset(client, anna.email.upper())
    [letter] = letters(anna.email)
    answer = client.get(letter.path).submit("Set the password", password=NEW, follow=False)
    assert (answer.status, answer.location) == (303, "/")
    assert client.get("/profile").path == "/profile"
    assert stolen.get("/profile").path.startswith("/sign-in")
    assert sign_in(new_client(), anna.email).status == 422
    assert sign_in(new_client(), anna.email, NEW).path == "/profile"


def test_R01_asking_for_an_unknown_address_looks_alike(client: Client, anna: User, letters: Letters) -> None:
    known, unknown = ask_reset(client, anna.email), ask_reset(client, "nobody@example.com")
    assert known.text.replace("Anna@romashka.example", "nobody@example.com") == unknown.text
    assert len(known.statements) == len(unknown.statements)
    assert len(letters(anna.email)) == 1
    assert letters("nobody@example.com") == []


def test_R01_opening_the_reset_link_changes_nothing_and_it_works_once(
    client: Client, new_client: Callable[..., Client], anna: User, letters: Letters
) -> None:
    ask_reset(client, anna.email)
    [letter] = letters(anna.email)
    first, second = client.get(letter.path), new_client().get(letter.path)
    first.submit("Set the password", password=NEW, follow=False)
    again = second.submit("Set the password", password="a third good password")
    assert again.status == 410
    assert "Have a new link sent" in again.text


def test_R01_the_reset_link_ends_after_two_hours(
    client: Client, anna: User, letters: Letters, db: scoped_session[Session]
) -> None:
    ask_reset(client, anna.email)
    [letter] = letters(anna.email)
    [left] = db.scalars(select(MailedToken.expires_at))
    assert timedelta(hours=2, minutes=-1) < left - utcnow() <= timedelta(hours=2)
    db.execute(update(MailedToken).values(expires_at=utcnow()))
    assert client.get(letter.path).status == 410


def test_R01_a_reset_also_confirms_the_address_and_ends_the_wait(
    client: Client, letters: Letters, db: scoped_session[Session]
) -> None:
    service.add_user("olga@example.com", "Olga", PASSWORD, confirmed=False)
    for _ in range(11):
        sign_in(client, "olga@example.com", "not the password")
    ask_reset(client, "olga@example.com")
    [letter] = letters("olga@example.com")
    client.get(letter.path).submit("Set the password", password=NEW, follow=False)
    client.sign_out()
    assert sign_in(client, "olga@example.com", NEW).path == "/profile"


def test_R01_a_short_new_password_is_refused_beside_its_field(client: Client, anna: User, letters: Letters) -> None:
    ask_reset(client, anna.email)
    [letter] = letters(anna.email)
    page = client.get(letter.path).submit("Set the password", password="short")
    assert page.status == 422
    assert "New password: Choose a password of at least 10 characters." in page.text
    page.submit("Set the password", password=NEW, follow=False)
    assert client.get("/profile").path == "/profile"


def test_R01_an_address_gets_five_reset_letters_an_hour(client: Client, anna: User, letters: Letters) -> None:
    for email in (anna.email, "nobody@example.com"):
        assert [ask_reset(client, email).status for _ in range(6)] == [200] * 5 + [429]
    assert len(letters(anna.email)) == 5


def test_R01_a_changed_password_signs_out_all_other_browsers(
    client: Client, new_client: Callable[..., Client], anna: User, letters: Letters
) -> None:
    other = new_client()
    sign_in(client, anna.email)
    sign_in(other, anna.email)
    ask_reset(other, anna.email)
    [reset] = letters(anna.email)
    page = client.get("/profile").click("Change the password")
    done = page.submit("Change the password", present=PASSWORD, password=NEW)
    assert done.path == "/profile"
    assert "Your password is changed." in done.text
    assert other.get("/profile").path.startswith("/sign-in")
    assert other.get(reset.path).status == 410
    assert sign_in(other, anna.email, NEW).path == "/profile"
    assert letters(anna.email)[-1].kind == "account_password_changed"


def test_R01_a_password_is_changed_only_by_who_knows_it(client: Client, anna: User) -> None:
    client.sign_in_as(anna)
    page = client.get("/profile/password").submit("Change the password", present="a wrong password", password=NEW)
    assert page.status == 422
    assert "Present password: The password is not right." in page.text
    client.sign_out()
    assert sign_in(client, anna.email).path == "/profile"


def test_R01_the_address_changes_by_a_link_to_the_new_and_a_notice_to_the_old(
    client: Client, new_client: Callable[..., Client], anna: User, letters: Letters
) -> None:
    other = new_client()
    sign_in(client, anna.email)
    sign_in(other, anna.email)
    assert ask_address(client).status == 200
    [notice], [letter] = letters("Anna@Romashka.example"), letters("anna@new.example")
    assert "anna@new.example" in notice.text
    assert "/confirm-address/" not in notice.text
    assert "Anna@Romashka.example" in client.get("/profile").text
    client.get(letter.path).submit("Change the address", follow=False)
    assert "anna@new.example" in client.get("/profile").text
    assert other.get("/profile").path.startswith("/sign-in")
    assert sign_in(other, "Anna@romashka.example").status == 422
    assert sign_in(other, "anna@new.example").path == "/profile"
    assert client.get(letter.path).status == 410


def test_R01_the_new_address_link_signs_nobody_else_in(
    client: Client, new_client: Callable[..., Client], anna: User, letters: Letters
) -> None:
    client.sign_in_as(anna)
    ask_address(client)
    [letter] = letters("anna@new.example")
    elsewhere = new_client()
    elsewhere.get(letter.path).submit("Change the address", password=PASSWORD, follow=False)
    assert elsewhere.get("/profile").path.startswith("/sign-in")
    assert sign_in(elsewhere, "anna@new.example").path == "/profile"


def test_R21_an_address_cannot_be_caught_by_having_its_owner_open_the_link(
    client: Client, new_client: Callable[..., Client], anna: User, letters: Letters
) -> None:
    client.sign_in_as(anna)
    ask_address(client, "victim@nordwind.example")
    [letter] = letters("victim@nordwind.example")
    victim = new_client()
    page = victim.get(letter.path).submit("Change the address", password="a password of the victim's")
    assert page.status == 422
    assert "Password: The password is not right." in page.text
    assert "Anna@Romashka.example" in client.get("/profile").text


def test_R01_a_letter_written_late_gives_nothing_to_the_old_address(
    client: Client, new_client: Callable[..., Client], anna: User, letters: Letters, db: scoped_session[Session]
) -> None:
    client.sign_in_as(anna)
    ask_address(client)
    [letter] = letters("anna@new.example")
    service.post_reset_letter(anna.email, "asked before, written after the change")
    waiting = db.query(OutboxItem).filter_by(done_at=None).one()
    waiting.not_before = utcnow() + timedelta(hours=1)
    client.get(letter.path).submit("Change the address", follow=False)
    waiting.not_before = utcnow()
    late = letters("Anna@Romashka.example")[-1]
    assert late.kind == "account_reset"
    assert new_client().get(late.path).status == 410


def test_R01_another_password_stops_a_change_of_address(client: Client, anna: User, letters: Letters) -> None:
    client.sign_in_as(anna)
    ask_address(client)
    [letter] = letters("anna@new.example")
    client.get("/profile/password").submit("Change the password", present=PASSWORD, password=NEW)
    assert client.get(letter.path).status == 410


def test_R01_an_address_changes_only_by_who_knows_the_password(client: Client, anna: User, letters: Letters) -> None:
    client.sign_in_as(anna)
    page = ask_address(client, password="a wrong password")
    assert page.status == 422
    assert "Password: The password is not right." in page.text
    assert page.tree.find(".//input[@name='email']").get("value") == "anna@new.example"
    assert letters("anna@new.example") == []


def test_R01_a_change_to_the_address_of_another_account_tells_only_that_one(
    client: Client, anna: User, letters: Letters
) -> None:
    service.add_user("boris@example.com", "Boris", PASSWORD)
    client.sign_in_as(anna)
    taken, free = ask_address(client, "boris@example.com"), ask_address(client, "free@example.com")
    assert taken.text.replace("boris", "free") == free.text
    assert [letter.kind for letter in letters("boris@example.com")] == ["account_exists"]


def test_R01_an_address_taken_meanwhile_is_refused(client: Client, anna: User, letters: Letters) -> None:
    client.sign_in_as(anna)
    ask_address(client)
    [letter] = letters("anna@new.example")
    service.add_user("ANNA@new.example", "Another Anna", PASSWORD)
    page = client.get(letter.path).submit("Change the address")
    assert page.status == 409
    assert "There is another account with the address anna@new.example." in page.text
    assert client.get("/profile").path == "/profile"


def test_R01_only_the_case_of_an_address_can_be_changed_too(client: Client, anna: User, letters: Letters) -> None:
    client.sign_in_as(anna)
    ask_address(client, "anna@romashka.example")
    [letter] = letters("anna@romashka.example")
    client.get(letter.path).submit("Change the address", follow=False)
    assert "anna@romashka.example" in client.get("/profile").text


@pytest.mark.parametrize("path", ["/profile", "/profile/address", "/profile/password"])
def test_R01_the_profile_is_for_those_who_are_signed_in(client: Client, app: object, path: str) -> None:
    assert client.get(path).path == f"/sign-in?next={path}"
