"""Sessions are the server's: each sign-in has its own, and what changes an account ends them (R1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts import passwords, service
from dashboard.accounts.models import Limit, MailedToken, User, UserSession
from dashboard.accounts.rules import Purpose
from dashboard.accounts.tokens import mint_token
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.errors import InvalidInput
from dashboard.extensions import db as database
from tests.accounts.conftest import PASSWORD, Received
from tests.client import Client, Page

Browsers = Callable[..., Client]
Database = scoped_session[Session]


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Page:
    return client.get("/sign-in?next=/profile").submit("Sign in", email=email, password=password)


def copied(client: Client, to: Client) -> Client:
    """Another browser with the cookies of the first, as a thief has it."""
    with client._http.session_transaction() as source, to._http.session_transaction() as target:
        target.update(source)
    return to


def test_R01_a_copied_cookie_ends_with_the_session(client: Client, new_client: Browsers, anna: User) -> None:
    page = sign_in(client, anna.email)
    thief = copied(client, new_client())
    assert thief.get("/profile").path == "/profile"
    page.submit("Sign out")
    assert thief.get("/profile").path == "/sign-in?next=/profile"


def test_R01_signing_in_anew_ends_the_browsers_former_session(
    client: Client, new_client: Browsers, anna: User, db: Database
) -> None:
    page = sign_in(client, anna.email)
    thief = copied(client, new_client())
    token = page.tree.find(".//input[@name='csrf_token']").get("value")
    [before] = db.scalars(select(UserSession.token_hash))
    client.post("/sign-in", {"email": anna.email, "password": PASSWORD, "csrf_token": token})
    [after] = db.scalars(select(UserSession.token_hash))
    assert after != before
    assert thief.get("/profile").path == "/sign-in?next=/profile"
    assert client.get("/profile").path == "/profile"


@pytest.mark.parametrize("right", ["staff", "translator"])
def test_R01_other_rights_end_all_sessions(app: Flask, client: Client, anna: User, db: Database, right: str) -> None:
    client.sign_in_as(anna)
    whose, email = anna.id, anna.email
    db.commit()
    done = app.test_cli_runner().invoke(args=["staff", "rights", email, f"--{right}"])
    assert done.output == f"{email} is now {right}.\n"
    rights = {"staff": right == "staff", "translator": right == "translator"}
    assert audit.history(f"account:{whose}")[-1].detail == rights
    db.refresh(anna)
    assert {"staff": anna.is_staff, "translator": anna.is_translator} == rights
    assert client.get("/profile").path == "/sign-in?next=/profile"


def test_R01_rights_are_taken_away_too(app: Flask, client: Client, db: Database) -> None:
    mari = service.add_user("mari@lumivara.example", "Mari", PASSWORD, staff=True, translator=True)
    client.sign_in_as(mari)
    assert client.get("/staff/orders").status == 200
    runner = app.test_cli_runner()
    done = runner.invoke(args=["staff", "rights", "mari@lumivara.example", "--no-staff", "--no-translator"])
    assert done.output == "mari@lumivara.example is now neither staff nor translator.\n"
    assert sign_in(client, "mari@lumivara.example").path == "/profile"
    assert client.get("/staff/orders").status == 404
    unknown = runner.invoke(args=["staff", "rights", "nobody@example.com", "--staff"])
    assert (unknown.exit_code, unknown.output) == (
        1,
        "Error: There is no account with the address nobody@example.com.\n",
    )


def test_R01_passwords_are_hashed_with_argon2id(anna: User) -> None:
    assert str(anna.password_hash).startswith("$argon2id$")


def test_R01_a_password_that_is_too_long_is_never_hashed(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []

    class Hasher:
        def hash(self, password: str) -> str:
            hashed.append(password)
            return ""

        def verify(self, _kept: str, password: str) -> bool:
            hashed.append(password)
            return True

    passwords.matches(None, "warms the hash of nobody up")
    monkeypatch.setattr(passwords, "_hasher", Hasher())
    with pytest.raises(InvalidInput):
        passwords.hash_password("x" * 201)
    assert not passwords.matches(anna.password_hash, "x" * 201)
    assert hashed == []
    passwords.hash_password("x" * 200)
    passwords.matches(anna.password_hash, "x" * 200)
    assert len(hashed) == 2


@pytest.mark.parametrize(
    ("purpose", "path", "hours"),
    [
        (Purpose.CONFIRM, "/confirm", 72),
        (Purpose.RESET, "/reset-password", 2),
        (Purpose.CLAIM, "/claim", 14 * 24),
        (Purpose.CHANGE, "/confirm-address", 24),
    ],
)
def test_R01_a_mailed_link_is_kept_as_a_hash_and_ends(
    client: Client, anna: User, purpose: Purpose, path: str, hours: int
) -> None:
    whose, where = anna.id, anna.email
    database.session.commit()
    token = mint_token(whose, purpose, where)
    kept = database.session.query(MailedToken).one()
    assert token not in (kept.token_hash, kept.email, kept.purpose)
    assert timedelta(hours=hours, minutes=-1) < kept.expires_at - utcnow() <= timedelta(hours=hours)
    assert client.get(f"{path}/{token}").status == 200
    database.session.execute(update(MailedToken).values(expires_at=utcnow()))
    assert client.get(f"{path}/{token}").status == 410


def test_R01_a_place_has_no_more_than_fifty_letters_written_an_hour(
    client: Client, anna: User, letters: Callable[[str], list[Received]], db: Database
) -> None:
    """Whatever asks for them: an address alone is no limit to somebody who has a list of addresses."""
    for number in range(50):
        assert client.get("/reset-password").submit("Send the link", email=f"user{number}@example.com").status == 200
    asked = client.get("/reset-password").submit("Send the link", email=anna.email)
    registered = client.get("/register").submit(
        "Create the account", name="Olga", email="olga@example.com", password=PASSWORD
    )
    assert asked.status == registered.status == 429
    assert letters(anna.email) == letters("olga@example.com") == []
    db.execute(update(Limit).values(until=utcnow() - timedelta(seconds=1)))
    assert client.get("/reset-password").submit("Send the link", email=anna.email).status == 200
