"""The account of an end customer, and who can take it over (R21)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts import service
from dashboard.accounts.models import MailedToken, User, UserSession
from dashboard.accounts.rules import Purpose
from dashboard.accounts.tokens import mint_token
from dashboard.clock import utcnow
from tests.accounts.conftest import PASSWORD, Received
from tests.client import Client

JAN = "jan@nordwind.example"
Letters = Callable[[str], list[Received]]
Database = scoped_session[Session]


def minted(user: User, purpose: Purpose, email: str, db: Database) -> str:
    """A secret as a letter's composer gets it, in the worker's own transaction."""
    user_id = user.id
    db.commit()
    return mint_token(user_id, purpose, email)


def claim_path(user: User, db: Database) -> str:
    """The link of the customer's letter."""
    return f"/claim/{minted(user, Purpose.CLAIM, JAN, db)}"


def test_R21_an_account_without_password_is_made_and_claimed_by_the_mailed_link(client: Client, db: Database) -> None:
    jan = service.customer_account(JAN, "Jan", "ru")
    assert (jan.password_hash, jan.language) == (None, "ru")
    assert service.needs_claim(jan)
    page = client.get(claim_path(jan, db))
    assert page.tree.find(".//input[@name='email']").get("value") == JAN
    page.submit("Set the password and go on", password=PASSWORD, follow=False)
    assert client.get("/profile").path == "/profile"
    assert not service.needs_claim(service.get_user(jan.id))
    client.sign_out()
    page = client.get("/sign-in?next=/profile").submit("Sign in", email=JAN, password=PASSWORD)
    assert page.path == "/profile"


def test_R21_a_confirmed_account_is_taken_as_it_is_in_any_case(client: Client, anna: User, db: Database) -> None:
    before = anna.password_hash
    client.sign_in_as(anna)
    found = service.customer_account("ANNA@romashka.example", "Somebody", "ru")
    assert found.id == anna.id
    assert (found.name, found.language, found.password_hash) == ("Anna", "en", before)
    assert not service.needs_claim(found)
    assert client.get("/profile").path == "/profile"


def test_R21_an_unconfirmed_account_loses_password_and_sessions(client: Client, db: Database) -> None:
    squatter = service.add_user(JAN, "Squatter", PASSWORD, confirmed=False)
    client.sign_in_as(squatter)
    assert client.get("/confirm").path == "/confirm"
    assert service.customer_account(JAN.upper(), "Jan", "en").id == squatter.id
    assert client.get("/confirm").path.startswith("/sign-in")
    assert client.get("/sign-in").submit("Sign in", email=JAN, password=PASSWORD).status == 422
    jan = service.get_user(squatter.id)
    assert (jan.name, jan.password_hash, jan.confirmed_at) == ("Jan", None, None)
    assert db.scalar(select(func.count()).select_from(UserSession)) == 0


def test_R21_a_squatters_other_links_are_dead_and_the_owners_are_not(client: Client, db: Database) -> None:
    jan = service.customer_account(JAN, "Jan", "en")
    first = claim_path(jan, db)
    change = minted(jan, Purpose.CHANGE, "squatter@example.com", db)
    confirm = minted(jan, Purpose.CONFIRM, JAN, db)
    service.customer_account(JAN, "Jan", "en")
    assert client.get(f"/confirm-address/{change}").status == 410
    assert client.get(f"/confirm/{confirm}").status == 410
    assert client.get(first).status == 200


def test_R21_a_session_begun_while_the_account_is_taken_over_is_refused(
    client: Client, new_client: Callable[..., Client], db: Database
) -> None:
    """The squatter's confirmation is no way back in, since the account has no password any more."""
    squatter = service.add_user(JAN, "Squatter", PASSWORD, confirmed=False)
    service.customer_account(JAN, "Jan", "en")
    token = minted(squatter, Purpose.CONFIRM, JAN, db)
    page = client.get(f"/confirm/{token}").submit("Confirm and sign in", password=PASSWORD)
    assert page.status == 422
    assert service.needs_claim(service.get_user(squatter.id))


def test_R21_the_claim_link_works_14_days_and_once(client: Client, db: Database) -> None:
    jan = service.customer_account(JAN, "Jan", "en")
    first, second = claim_path(jan, db), claim_path(jan, db)
    left = db.scalars(select(MailedToken.expires_at)).first()
    assert left is not None
    assert timedelta(days=14, minutes=-1) < left - utcnow() <= timedelta(days=14)
    page = client.get(first)
    page.submit("Set the password and go on", password=PASSWORD, follow=False)
    for path in (first, second):
        answer = client.get(path)
        assert answer.status == 410
        assert {"Sign in", "Have a new link sent"} <= set(answer.links)


def test_R21_who_lost_the_claim_link_can_have_another_sent(client: Client, letters: Letters, db: Database) -> None:
    jan = service.customer_account(JAN, "Jan", "en")
    client.get("/reset-password").submit("Send the link", email=JAN)
    [letter] = letters(JAN)
    client.get(letter.path).submit("Set the password", password=PASSWORD, follow=False)
    assert client.get("/profile").path == "/profile"
    assert not service.needs_claim(service.get_user(jan.id))


def test_R21_registering_the_address_does_not_give_the_account_away(
    client: Client, letters: Letters, db: Database
) -> None:
    service.customer_account(JAN, "Jan", "en")
    client.get("/register").submit("Create the account", name="Squatter", email=JAN, password=PASSWORD)
    assert [letter.kind for letter in letters(JAN)] == ["account_exists"]
    assert client.get("/sign-in").submit("Sign in", email=JAN, password=PASSWORD).status == 422
