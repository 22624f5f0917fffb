"""`flask tax load`: bring tax rates in."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dashboard.errors import InvalidInput
from dashboard.tax import service
from dashboard.web.commands import EXISTING_FILE, Commands
from dashboard.web.transactions import transaction

commands = Commands("tax", help="Tax rates.")


@commands.command("load")
@click.argument("file", type=EXISTING_FILE)
def load(file: Path) -> None:
    """Load rates from FILE (CSV: country, state, valid_from, rate_percent, applies), all or nothing."""
    try:
        with transaction():
            count = service.load_rates(file.read_text(encoding="utf-8-sig").splitlines())
    except InvalidInput as error:
        click.echo(f"{file.name}: {error.message % error.values} Nothing was loaded.", err=True)
        sys.exit(1)
    click.echo(f"{count} rates loaded.")
