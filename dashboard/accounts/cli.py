"""`flask staff`: accounts of the vendor's people."""

from __future__ import annotations

import sys

import click
from email_validator import EmailNotValidError, validate_email

from dashboard.accounts import service
from dashboard.web.commands import Commands
from dashboard.web.languages import LANGUAGES
from dashboard.web.transactions import transaction

staff = Commands("staff", help="Accounts of the vendor's people.")

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
