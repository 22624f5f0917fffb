"""Commands for license keys and files."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from dashboard.config import current_settings
from dashboard.errors import InvalidInput
from dashboard.licenses import files, keys

licenses = AppGroup("licenses", help="License keys and files.")


@licenses.command("new-key")
@click.option("--if-none", is_flag=True, help="Do nothing if there is a key already.")
def new_key(if_none: bool) -> None:
    """Make a new signing key. Licenses of older keys stay verifiable."""
    folder = current_settings().license_keys
    if if_none and keys.load_certificates(folder):
        return
    keys.new_key(folder, current_settings().vendor.name)
    click.echo(f"New signing key in {folder}. Back the folder up: without it no license can be signed.")


@licenses.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Check a license FILE against our certificates and print what it says."""
    try:
        facts = files.verify(file.read_bytes(), keys.load_certificates(current_settings().license_keys))
    except InvalidInput as error:
        click.echo(error.message % error.values, err=True)
        sys.exit(1)
    for name, value in vars(facts).items():
        click.echo(f"{name}: {'' if value is None else value}")
