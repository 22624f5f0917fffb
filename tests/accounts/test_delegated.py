"""Signing in with the vendor's own identity provider (R1)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, select

from dashboard.accounts import second_factor, service
from dashboard.accounts.models import Identity, SecondFactor, User
from dashboard.config import Provider, Settings
from dashboard.extensions import db
from tests.accounts.conftest import PASSWORD
from tests.accounts.provider import CLIENT_ID, CLIENT_SECRET, OTHER_KEY, IdentityProvider, running_provider
from tests.client import Client, Page
from tests.factories import make_user
from tests.smtp import free_port

EMAIL = "jan@nordwind.example"


@pytest.fixture
def provider(settings: Callable[..., Settings]) -> Iterator[IdentityProvider]:
    with running_provider() as running:
        settings(provider=Provider(running.issuer, CLIENT_ID, CLIENT_SECRET))
        yield running


def leave(client: Client, path: str = "/sign-in?next=/profile") -> str:
    """From the sign-in page to the provider; its address."""
    (link,) = (url for text, url in client.get(path).links.items() if text.startswith("Sign in with your"))
    return client.get(link, follow=False).location or ""


def come_back(client: Client, provider: IdentityProvider) -> Page:
    """There and back again."""
    back = provider.visited(leave(client))
    return client.get(back.partition("8000")[2])


def users() -> int:
    return db.session.scalar(select(func.count(User.id))) or 0


def test_R01_without_a_provider_there_is_no_way_to_one(client: Client) -> None:
    assert "Sign in with your" not in client.get("/sign-in").text
    assert client.get("/sign-in/provider").status == client.get("/sign-in/provider/back").status == 404


def test_R01_the_first_sign_in_makes_a_confirmed_account_without_password(
    client: Client, provider: IdentityProvider
) -> None:
    assert come_back(client, provider).path == "/profile"
    user = service.find_user(EMAIL)
    assert user is not None
    assert (user.name, user.language, user.password_hash) == ("Jan Petersen", "en", None)
    assert user.confirmed_at is not None


def test_R01_an_account_is_known_again_whatever_its_address_is_now(client: Client, provider: IdentityProvider) -> None:
    come_back(client, provider)
    client.sign_out()
    provider.claims |= {"email": "jan.petersen@nordwind.example", "email_verified": False}
    assert come_back(client, provider).path == "/profile"
    assert users() == 1


def test_R01_a_confirmed_account_of_the_address_is_the_same_persons(client: Client, provider: IdentityProvider) -> None:
    user = service.add_user(EMAIL.upper(), "Jan", PASSWORD)
    assert come_back(client, provider).path == "/profile"
    assert users() == 1
    assert user.password_hash is not None  # the password goes on working
    assert db.session.scalars(select(Identity.user_id)).all() == [user.id]


def test_R21_an_account_that_nobody_had_confirmed_loses_its_password(
    client: Client, provider: IdentityProvider
) -> None:
    """Somebody else may have made it in the hope of what its owner would find there."""
    service.register("Mallory", EMAIL, PASSWORD, "ru", "192.0.2.1")
    come_back(client, provider)
    user = service.find_user(EMAIL)
    assert user is not None
    assert (user.name, user.password_hash) == ("Jan Petersen", None)


def test_R01_an_address_that_got_another_owner_there_opens_no_account_of_the_first(
    client: Client, provider: IdentityProvider
) -> None:
    come_back(client, provider)
    client.sign_out()
    provider.claims |= {"sub": "another"}
    page = come_back(client, provider)
    assert page.path == "/sign-in?next=/profile"
    assert "Another account there already signs in here with this address. Please write to" in page.text
    assert db.session.scalars(select(Identity.subject)).all() != ["another"]
    assert db.session.scalar(select(func.count()).select_from(Identity)) == 1


def test_R01_ways_that_were_not_gone_to_their_end_do_not_fill_the_cookie(
    client: Client, provider: IdentityProvider
) -> None:
    for _ in range(20):
        leave(client)
    (cookie,) = [one for one in client._http._cookies.values() if one.key == "session"]
    assert len(cookie.value) < 2000
    assert come_back(client, provider).path == "/profile"


@pytest.mark.parametrize(
    "claims",
    [{"email_verified": False}, {"email_verified": None}, {"email": None}, {"email": "jan"}, {"email": "a@b.c\n.d"}],
)
def test_R01_an_address_that_the_provider_has_not_confirmed_opens_nothing(
    client: Client, provider: IdentityProvider, claims: dict[str, Any]
) -> None:
    make_user(email=EMAIL)
    provider.claims |= claims
    page = come_back(client, provider)
    assert page.path == "/sign-in?next=/profile"
    assert "Your e-mail address is not confirmed there yet." in page.text
    assert db.session.scalars(select(Identity)).all() == []


@pytest.mark.parametrize(
    "extra",
    [
        {"iss": "https://evil.example"}, {"aud": "another"}, {"nonce": "an older one"}, {"nonce": None}, {"sub": None},
        {"exp": int(time.time()) - 3600}, {"aud": ["another"]}, {"iat": int(time.time()) + 3600},
    ],
    ids=["issuer", "audience", "nonce", "no nonce", "no subject", "expired", "audiences", "made later"],
)  # fmt: skip
def test_R01_a_token_that_is_not_for_us_and_now_opens_nothing(
    client: Client, provider: IdentityProvider, extra: dict[str, Any]
) -> None:
    provider.extra = extra
    assert_refused(come_back(client, provider))


def test_R01_a_token_of_another_key_opens_nothing(client: Client, provider: IdentityProvider) -> None:
    provider.key = OTHER_KEY
    assert_refused(come_back(client, provider))


def test_R01_an_answer_without_a_token_opens_nothing(client: Client, provider: IdentityProvider) -> None:
    provider.without_token = True
    assert_refused(come_back(client, provider))


def assert_refused(page: Page) -> None:
    assert page.path.startswith("/sign-in")
    assert "Signing in did not work this time." in page.text
    assert users() == 0


def test_R01_an_address_that_this_browser_was_not_sent_for_opens_nothing(
    client: Client, new_client: Callable[..., Client], provider: IdentityProvider
) -> None:
    """Somebody else's code must not sign a victim into the attacker's account."""
    back = provider.visited(leave(new_client())).partition("8000")[2]
    assert_refused(client.get(back))
    assert_refused(client.get("/sign-in/provider/back"))
    assert_refused(client.get("/sign-in/provider/back?error=access_denied&error_description=%3Cb%3E"))


def test_R01_a_code_is_used_once(client: Client, provider: IdentityProvider) -> None:
    back = provider.visited(leave(client)).partition("8000")[2]
    assert client.get(back).path == "/profile"
    client.sign_out()
    assert client.get(back).path.startswith("/sign-in")


def test_R01_a_second_factor_is_still_asked_for(client: Client, provider: IdentityProvider) -> None:
    user = make_user(email=EMAIL)
    sealed = second_factor.seal(second_factor.AT_REST, pyotp.random_base32())
    db.session.add(SecondFactor(user_id=user.id, sealed_key=sealed, last_step=0))
    assert come_back(client, provider).path.startswith("/sign-in/code")


def test_R01_a_provider_that_is_away_is_said_and_the_password_still_works(
    client: Client, settings: Callable[..., Settings], caplog: pytest.LogCaptureFixture
) -> None:
    user = service.add_user(EMAIL, "Jan", PASSWORD)
    settings(provider=Provider(f"http://127.0.0.1:{free_port()}", CLIENT_ID, CLIENT_SECRET))
    page = client.get("/sign-in/provider")
    assert "Signing in did not work this time. Please try again in a few minutes." in page.text
    assert "ConnectionError" in caplog.text
    assert CLIENT_SECRET not in caplog.text
    assert page.submit("Sign in", email=user.email, password=PASSWORD).path == "/programme"
