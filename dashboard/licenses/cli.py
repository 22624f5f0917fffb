"""Commands for license keys and files."""

from __future__ import annotations

from pathlib import Path

import click
from cryptography.x509 import Certificate

from dashboard.config import current_settings
from dashboard.licenses import files, keys
from dashboard.web.commands import Commands

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
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Check a license FILE against our certificates and print what it says."""
    facts = files.verify(file.read_bytes(), _certificates(current_settings().license_keys))
    for name, value in vars(facts).items():
        click.echo(f"{name}: {'' if value is None else value}")


def _certificates(folder: Path) -> tuple[Certificate, ...]:
    try:
        return keys.load_certificates(folder)
    except keys.KeyringError as error:
        raise click.ClickException(str(error)) from error
