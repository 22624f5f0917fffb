"""`flask demo load`: living data for a first look."""

from __future__ import annotations

import click

from dashboard.config import current_settings
from dashboard.demo import loading
from dashboard.demo.accounts import ACCOUNTS
from dashboard.web.commands import Commands

commands = Commands("demo", help="A demo vendor with living data.")


@commands.command("load")
def load() -> None:
    """Load the demo into an empty database, and print whom to sign in as. A filled database is left alone."""
    if not current_settings().demo:
        raise click.ClickException("DEMO is not set: everybody knows the passwords of the demo's accounts.")
    if not loading.is_loaded():
        click.echo("Loading the demo …")
        loading.load()
    click.echo(f"\n{current_settings().vendor.name}: {current_settings().public_url}\n")
    for account in ACCOUNTS:
        click.echo(f"  {account.role:<22}{account.email:<26}{account.password}")
    click.echo("\nCtrl-C stops it. The data are kept; delete the folder of the data to begin anew.\n")
