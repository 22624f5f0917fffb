"""`flask staff add`."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts import passwords, service
from dashboard.accounts.models import User
from tests.accounts.conftest import PASSWORD


@pytest.fixture
def runner(app: Flask, db: scoped_session[Session]) -> FlaskCliRunner:
    db.commit()
    return app.test_cli_runner()


def test_R01_staff_are_added_with_a_password_from_standard_input(runner: FlaskCliRunner) -> None:
    arguments = ["staff", "add", "Mari@Lumivara.example", "Mari Kask", "--password-stdin", "--language", "ru"]
    done = runner.invoke(args=arguments, input=f"{PASSWORD}\n")
    assert (done.exit_code, done.output) == (0, "Mari@Lumivara.example can sign in now.\n")
    mari = service.find_user("mari@lumivara.example")
    assert mari is not None
    assert (mari.name, mari.is_staff, mari.language) == ("Mari Kask", True, "ru")
    assert mari.confirmed_at is not None
    assert passwords.matches(mari.password_hash, PASSWORD)


def test_R01_staff_are_added_with_a_password_typed_twice(runner: FlaskCliRunner) -> None:
    done = runner.invoke(args=["staff", "add", "mari@lumivara.example", "Mari"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0
    assert PASSWORD not in done.output


def test_R01_a_known_address_or_a_short_password_is_refused(runner: FlaskCliRunner, anna: User) -> None:
    known = runner.invoke(
        args=["staff", "add", "ANNA@romashka.example", "Mari", "--password-stdin"], input=f"{PASSWORD}\n"
    )
    assert known.exit_code == 1
    assert "There is an account with the address ANNA@romashka.example." in known.output
    short = runner.invoke(args=["staff", "add", "mari@lumivara.example", "Mari", "--password-stdin"], input="short\n")
    assert short.exit_code == 1
    assert "at least 10 characters" in short.output
    assert not service.get_user(anna.id).is_staff
    assert service.find_user("mari@lumivara.example") is None
