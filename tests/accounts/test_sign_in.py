"""Signing in and out (R1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts import passwords, service
from dashboard.accounts.models import Limit, User, UserSession
from dashboard.clock import utcnow
from dashboard.extensions import db as database
from dashboard.web.transactions import transaction
from tests.accounts.conftest import PASSWORD
from tests.client import Client, Page


def sign_in(client: Client, email: str, password: str = PASSWORD, path: str = "/sign-in?next=/profile") -> Page:
    return client.get(path).submit("Sign in", email=email, password=password)


def test_R01_one_signs_in_with_the_address_in_any_case(client: Client, anna: User) -> None:
    assert sign_in(client, " aNNa@romashka.EXAMPLE ").path == "/profile"


def test_R01_who_is_sent_to_sign_in_comes_back(client: Client, anna: User) -> None:
    page = client.get("/profile/password")
    assert page.path == "/sign-in?next=/profile/password"
    assert page.submit("Sign in", email=anna.email, password=PASSWORD).path == "/profile/password"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/%5Cevil.example/"])
def test_R01_signing_in_leads_to_no_other_site(client: Client, anna: User, elsewhere: str) -> None:
    page = client.get(f"/sign-in?next={elsewhere}")
    assert page.submit("Sign in", email=anna.email, password=PASSWORD, follow=False).location == "/"
    assert client.get(f"/sign-in?next={elsewhere}", follow=False).location == "/"


def test_R01_a_wrong_password_and_an_unknown_address_look_alike(client: Client, anna: User) -> None:
    wrong, unknown = sign_in(client, anna.email, "not the password"), sign_in(client, "anna@romashka.com")
    assert wrong.status == unknown.status == 422
    assert wrong.text == unknown.text
    assert "The e-mail address or the password is not right." in wrong.text
    assert "not the password" not in wrong.html


def test_R01_an_unknown_address_costs_as_many_hashes(
    client: Client, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    real = type(passwords._hasher).verify
    monkeypatch.setattr(
        type(passwords._hasher), "verify", lambda self, kept, typed: verified.append(kept) or real(self, kept, typed)
    )
    for email in (anna.email, "nobody@example.com"):
        sign_in(client, email, "not the password")
    assert len(verified) == 2


def test_R01_an_account_without_password_cannot_be_signed_in(
    client: Client, app: object, db: scoped_session[Session]
) -> None:
    service.customer_account("jan@nordwind.example", "Jan", "en")
    assert sign_in(client, "jan@nordwind.example", "").status == 422
    assert sign_in(client, "jan@nordwind.example", "None").status == 422
    assert db.scalar(select(func.count()).select_from(UserSession)) == 0


def test_R01_signing_out_ends_the_session_on_the_server(
    client: Client, new_client: Callable[..., Client], anna: User, db: scoped_session[Session]
) -> None:
    page, other = sign_in(client, anna.email), new_client()
    sign_in(other, anna.email)
    assert page.submit("Sign out").path == "/sign-in"
    assert client.get("/profile").path == "/sign-in?next=/profile"
    assert other.get("/profile").path == "/profile"
    assert db.scalar(select(func.count()).select_from(UserSession)) == 1


def test_R01_a_session_ends_after_its_time(client: Client, anna: User, db: scoped_session[Session]) -> None:
    sign_in(client, anna.email)
    db.execute(update(UserSession).values(expires_at=utcnow()))
    assert client.get("/profile").path == "/sign-in?next=/profile"


def test_R01_after_ten_wrong_passwords_an_account_rests_for_15_minutes(
    client: Client, anna: User, db: scoped_session[Session]
) -> None:
    for _ in range(10):
        assert sign_in(client, anna.email, "not the password").status == 422
    page = sign_in(client, anna.email)
    assert page.status == 429
    assert "Please try again in 15 min." in page.text
    db.execute(update(Limit).values(until=utcnow() - timedelta(seconds=1)))
    assert sign_in(client, anna.email).path == "/profile"


def test_R01_an_unknown_address_rests_like_a_known_one(client: Client, app: object) -> None:
    statuses = [sign_in(client, "nobody@example.com", "not the password").status for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_R01_a_right_password_begins_the_count_anew(client: Client, anna: User) -> None:
    for _ in range(3):
        for _ in range(9):
            sign_in(client, anna.email, "not the password")
        assert sign_in(client, anna.email).path == "/profile"
        client.sign_out()


def test_R01_a_place_rests_after_fifty_wrong_passwords(client: Client, anna: User) -> None:
    for number in range(50):
        assert sign_in(client, f"user{number}@example.com", "not the password").status == 422
    assert sign_in(client, anna.email).status == 429


def test_R01_right_passwords_do_not_use_up_a_place(client: Client, anna: User, db: scoped_session[Session]) -> None:
    for _ in range(3):
        sign_in(client, anna.email)
        client.sign_out()
    assert list(db.scalars(select(Limit.count))) == [0]


def test_R01_nobody_waits_for_the_database_while_a_password_is_checked(
    client: Client, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write in the middle of the check; with the lock held it would fail, if only after its timeout."""
    real = passwords.matches

    def busy(kept: str | None, typed: str) -> bool:
        with transaction():
            database.session.execute(update(User).values(name="Written meanwhile"))
        return real(kept, typed)

    monkeypatch.setattr(passwords, "matches", busy)
    assert "Written meanwhile" in sign_in(client, anna.email).text


def test_R01_a_password_changed_during_the_check_is_no_longer_right(
    client: Client, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = passwords.matches

    def overtaken(kept: str | None, typed: str) -> bool:
        with transaction():
            database.session.execute(update(User).values(password_hash=None))
        return real(kept, typed)

    monkeypatch.setattr(passwords, "matches", overtaken)
    assert sign_in(client, anna.email).status == 422


def test_R01_a_visitors_session_does_not_live_on(client: Client, anna: User) -> None:
    """Signing in gives a new session, so that nobody can have planted the old one."""

    def form_token(page: Page) -> Any:
        return page.tree.find(".//input[@name='csrf_token']").get("value")

    before = client.get("/sign-in")
    client.get("/sign-in").submit("Sign in", email=anna.email, password=PASSWORD, follow=False)
    assert client.post("/sign-out", {"csrf_token": form_token(before)}).status == 400


def test_the_demo_shows_whom_one_can_sign_in_as(client: Client, app: object, settings: Callable[..., object]) -> None:
    assert "mari@lumivara.example" not in client.get("/sign-in").text
    settings(demo=True)
    service.add_user("mari@lumivara.example", "Mari Kask", "demo-mari-2026", staff=True)
    page = client.get("/sign-in?next=/profile")
    assert "mari@lumivara.example" in page.text
    assert page.submit("Sign in as Mari Kask").path == "/profile"
