"""`flask demo load`, `flask demo reset`: living data for a first look."""

from __future__ import annotations

import click

from dashboard.config import current_settings
from dashboard.demo import loading
from dashboard.demo.accounts import ACCOUNTS, EVERYBODY
from dashboard.web.commands import Commands

commands = Commands("demo", help="A demo vendor with living data.")


@commands.command("load")
def load() -> None:
    """Load the demo into an empty database, and print whom to sign in as. A filled database is left alone."""
    _require_demo()
    if not loading.is_loaded():
        click.echo("Loading the demo: fourteen months of orders …")
        loading.load()
    _greet()


@commands.command("reset")
def reset() -> None:
    """Delete the demo with all that was done in it, and load it anew. Any other database is left alone."""
    _require_demo()
    click.echo("Loading the demo anew …")
    loading.reset()
    _greet()


def _require_demo() -> None:
    if not current_settings().demo:
        raise click.ClickException("DEMO is not set: everybody knows the passwords of the demo's accounts.")


def _greet() -> None:
    click.echo(f"\n{current_settings().vendor.name}: {current_settings().public_url}\n")
    for account in ACCOUNTS:
        click.echo(f"  {account.role:<22}{account.email:<26}{account.password}")
    click.echo(f"  {'Everybody else':<22}{'':<26}{EVERYBODY}")
    click.echo("\nCtrl-C stops it. The data are kept; `make demo-reset` begins anew.\n")
