"""Commands for license keys and files."""

from __future__ import annotations

from pathlib import Path

import click
from cryptography.x509 import Certificate

from dashboard.clock import day_of, today
from dashboard.config import current_settings
from dashboard.errors import NotFound
from dashboard.licenses import files, keys, service
from dashboard.licenses.signatures import UnknownKey
from dashboard.web.commands import EXISTING_FILE, Commands, read_at_most
from dashboard.web.transactions import reading

licenses = Commands("licenses", help="License keys and files.")


@licenses.command("new-key")
@click.option("--if-none", is_flag=True, help="Do nothing if there is a key already.")
def new_key(if_none: bool) -> None:
    """Make a new signing key. Licenses of older keys stay verifiable."""
    folder = current_settings().license_keys
    if if_none and _certificates(folder):
        return
    keys.new_key(folder, current_settings().vendor.name)
    click.echo(f"New signing key in {folder}. Back the folder up: without it no license can be signed.")


@licenses.command("verify")
@click.argument("file", type=EXISTING_FILE)
def verify(file: Path) -> None:
    """Check a license FILE and print what it says; the status is 0 only for one that holds today.

    It must be signed with one of our keys, unchanged, neither revoked nor past its expiry.
    """
    folder = current_settings().license_keys
    certificates = _certificates(folder)
    try:
        facts = files.verify(read_at_most(file, files.MAX_LICENSE), certificates)
    except UnknownKey as error:
        if not certificates:
            raise click.ClickException(f"No certificate is in {folder}: make a key with `licenses new-key`.") from error
        raise
    for name, value in vars(facts).items():
        click.echo(f"{name}: {'' if value is None else value}")
    with reading():
        try:
            revoked_at = service.get_license(facts.serial).revoked_at
        except NotFound:
            revoked_at = None
            click.echo("The signature is ours, but the database does not know this license.", err=True)
    if revoked_at:
        raise click.ClickException(f"This license was revoked on {day_of(revoked_at)}.")
    if facts.expires_on and facts.expires_on < today():
        raise click.ClickException(f"This temporary license ended on {facts.expires_on}.")


def _certificates(folder: Path) -> tuple[Certificate, ...]:
    try:
        return keys.load_certificates(folder)
    except keys.KeyringError as error:
        raise click.ClickException(str(error)) from error
