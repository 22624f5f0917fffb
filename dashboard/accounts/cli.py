"""`flask staff`: accounts of the vendor's people."""

from __future__ import annotations

import sys

import click
from email_validator import EmailNotValidError, validate_email

from dashboard.accounts import second_factor, service
from dashboard.web.commands import Commands
from dashboard.web.languages import LANGUAGES
from dashboard.web.transactions import transaction

staff = Commands("staff", help="Accounts of the vendor's people, and what the operator does for an account.")

#: Longest name of an account, in characters.
LONGEST_NAME = 200


def _checked(_context: click.Context, _parameter: click.Parameter, email: str) -> str:
    try:
        validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise click.BadParameter(str(error)) from error
    return email


def _one_line(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise click.BadParameter(f"It must be one line of 1 to {LONGEST_NAME} characters.")
    return name


@staff.command("add")
@click.argument("email", callback=_checked)
@click.argument("name", callback=_one_line)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="en", help="Language of pages and letters.")
def add(email: str, name: str, password_stdin: bool, language: str) -> None:
    """Make a staff account for EMAIL, its address taken as confirmed."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with transaction():
        service.add_user(email, name, password, staff=True, language=language)
    click.echo(f"{email} can sign in now.")


@staff.command("rights")
@click.argument("email", callback=_checked)
@click.option("--staff/--no-staff", "is_staff", default=None, help="Whether it is one of the vendor's people.")
@click.option("--translator/--no-translator", "is_translator", default=None, help="Whether it may edit the catalogs.")
def rights(email: str, is_staff: bool | None, is_translator: bool | None) -> None:
    """Change what the account EMAIL may do, and sign it out everywhere; without options, everything stays as it is."""
    with transaction():
        user = service.set_rights(email, staff=is_staff, translator=is_translator)
        told = [name for name, has in (("staff", user.is_staff), ("translator", user.is_translator)) if has]
    click.echo(f"{email} is now {' and '.join(told) or 'neither staff nor translator'}.")


@staff.command("reset-second-factor")
@click.argument("email", callback=_checked)
def reset_second_factor(email: str) -> None:
    """Switch two-step sign-in off for the account EMAIL, whose owner has lost phone and recovery codes.

    Make sure that it is the owner who asks. All browsers are signed out, and the owner is told by mail.
    """
    with transaction():
        second_factor.reset(email)
    click.echo(f"{email} can sign in with the password alone now.")


@staff.command("reseal-second-factors")
def reseal_second_factors() -> None:
    """Carry two-step sign-in over to a new SECRET_KEY; asks for the old one."""
    old = click.prompt("The old SECRET_KEY", hide_input=True)
    with transaction():
        count = second_factor.reseal(old)
    click.echo(f"Accounts that can go on with the app that they have: {count}.")
