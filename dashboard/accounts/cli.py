"""`flask staff`: accounts of the vendor's people."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from dashboard.accounts import service
from dashboard.errors import BusinessError
from dashboard.web.languages import LANGUAGES
from dashboard.web.texts import gettext
from dashboard.web.transactions import transaction

staff = AppGroup("staff", help="Accounts of the vendor's people.")


@staff.command("add")
@click.argument("email")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="en", help="Language of pages and letters.")
def add(email: str, name: str, password_stdin: bool, language: str) -> None:
    """Make a staff account for EMAIL, its address taken as confirmed."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        with transaction():
            service.add_user(email, name, password, staff=True, language=language)
    except BusinessError as error:
        with force_locale("en"):
            raise click.ClickException(gettext(error.message, **error.values)) from error
    click.echo(f"{email} can sign in now.")
