"""Staff need two-step sign-in where the world can reach us: until it is set up, nothing else opens (R1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts import second_factor, service
from dashboard.accounts.models import RecoveryCode, SecondFactor, User
from dashboard.accounts.sealing import seal, unseal
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.web.access import GuardedRule, Permission
from tests.accounts.conftest import PASSWORD, Received
from tests.client import Client

Change = Callable[..., object]
Database = scoped_session[Session]

#: All that staff may ask for before they have set it up.
OPEN = {Permission.PUBLIC, Permission.SIGNED_IN, Permission.HAVE_SECOND_FACTOR}


@pytest.fixture
def mari(db: Database) -> User:
    """Staff without a second factor, who are an end customer, too."""
    user = service.add_user("mari@lumivara.example", "Mari", PASSWORD, staff=True)
    db.commit()
    return user


@pytest.fixture
def production(settings: Change) -> None:
    settings(public_url="https://partners.example.com")


def guarded_addresses(app: Flask) -> Iterator[tuple[str, str]]:
    """Method and an address of every route that is closed to staff without a second factor."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        assert isinstance(rule, GuardedRule)
        if rule.requires not in OPEN:
            path = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, 1) | (rule.defaults or {}))
            yield from ((method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"})


def set_up(client: Client) -> None:
    page = client.get("/profile/two-step/set-up")
    key = str(page.tree.find(".//button[@data-copy]").get("data-copy"))
    page.submit("Switch on", code=pyotp.TOTP(key).at(utcnow()), password=PASSWORD)


def test_R01_staff_without_it_come_to_its_page_whatever_they_ask_for(
    client: Client, app: Flask, mari: User, production: None
) -> None:
    client.sign_in_as(mari)
    addresses = list(guarded_addresses(app))
    assert len(addresses) > 50
    for method, path in [*addresses, ("GET", "/")]:
        answer = client.open(method, path, follow=False)
        assert (answer.status, answer.location) == (303, "/profile/two-step/set-up"), (method, path)


def test_R01_once_it_is_set_up_everything_opens(client: Client, mari: User, production: None) -> None:
    page = client.get("/sign-in?next=/staff/orders").submit("Sign in", email=mari.email, password=PASSWORD)
    assert page.path == "/profile/two-step/set-up"
    assert "Accounts of staff need it." in page.text
    assert not {"Profile", "Orders", "Letters"} & page.links.keys()
    set_up(client)
    assert client.get("/staff/orders").status == 200
    assert "Letters" in client.get("/").links


def test_R01_staff_who_switch_it_off_set_it_up_anew(client: Client, mari: User, production: None) -> None:
    client.sign_in_as(mari)
    set_up(client)
    codes = client.get("/profile/two-step/codes").tree.find(".//pre/code").text.split()
    client.get("/profile/two-step/off").submit("Switch off", password=PASSWORD, code=codes[0])
    assert client.get("/staff/orders").path == "/profile/two-step/set-up"


@pytest.mark.parametrize(
    "changes", [{"public_url": "https://demo.example.com", "demo": True}, {"public_url": "http://127.0.0.1:8000"}]
)
def test_R01_in_the_demo_and_on_this_machine_it_is_voluntary(
    client: Client, mari: User, settings: Change, changes: dict[str, object]
) -> None:
    settings(**changes)
    client.sign_in_as(mari)
    assert client.get("/staff/orders").status == 200
    assert "Set up two-step sign-in" in client.get("/profile").links


def test_R01_others_may_do_without_it(client: Client, anna: User, production: None) -> None:
    client.sign_in_as(anna)
    assert client.get("/profile").status == 200


@pytest.fixture
def runner(app: Flask, db: Database) -> FlaskCliRunner:
    db.commit()
    return app.test_cli_runner()


def test_R01_the_operator_helps_whoever_lost_the_phone(
    client: Client, runner: FlaskCliRunner, mari: User, letters: Callable[[str], list[Received]], db: Database
) -> None:
    client.sign_in_as(mari)
    set_up(client)
    done = runner.invoke(args=["staff", "reset-second-factor", "MARI@lumivara.example"])
    assert done.exit_code == 0
    assert "with the password alone" in done.output
    assert db.query(SecondFactor).count() == db.query(RecoveryCode).count() == 0
    assert client.get("/profile").path == "/sign-in?next=/profile"
    assert audit.history(f"account:{mari.id}")[-1].action == "account.second_factor_reset"
    assert letters(mari.email)[-1].kind == "account_second_factor_off"


@pytest.mark.parametrize("email", ["mari@lumivara.example", "nobody@example.com"])
def test_R01_where_there_is_none_the_operator_is_told(runner: FlaskCliRunner, mari: User, email: str) -> None:
    done = runner.invoke(args=["staff", "reset-second-factor", email])
    assert (done.exit_code, done.output) == (1, f"Error: No account with the address {email} has two-step sign-in.\n")


def test_R01_a_new_secret_key_leaves_recovery_codes_and_can_be_carried_over(
    client: Client, runner: FlaskCliRunner, mari: User, settings: Change, db: Database
) -> None:
    client.sign_in_as(mari)
    set_up(client)
    codes = client.get("/profile/two-step/codes").tree.find(".//pre/code").text.split()
    sealed = db.query(SecondFactor.sealed_key).scalar()
    db.commit()
    settings(secret_key="another key for tests")
    assert unseal(second_factor.AT_REST, sealed) is None
    client.sign_out()
    page = client.get("/sign-in").submit("Sign in", email=mari.email, password=PASSWORD)
    assert page.submit("Go on", code="123456").status == 422
    assert page.submit("Go on", code=codes[0]).path == "/"
    done = runner.invoke(args=["staff", "reseal-second-factors"], input="a key for tests\n")
    assert "have: 1." in done.output
    assert "a key for tests" not in done.output
    assert unseal(second_factor.AT_REST, db.query(SecondFactor.sealed_key).scalar())
    db.commit()
    again = runner.invoke(args=["staff", "reseal-second-factors"], input="a key for tests\n")
    assert again.output.endswith("Error: This key has sealed nobody's two-step sign-in.\n")


def test_what_is_sealed_opens_for_its_purpose_alone(app: Flask) -> None:
    sealed = seal("one purpose", "a secret")
    assert unseal("one purpose", sealed) == "a secret"
    assert "a secret" not in sealed
    assert unseal("another purpose", sealed) is None
    assert unseal("one purpose", sealed[:-2] + "xx") is None
    assert unseal("one purpose", "") is None
