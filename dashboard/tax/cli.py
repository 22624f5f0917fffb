"""`flask tax load`: bring tax rates in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from dashboard.tax import service
from dashboard.tax.files import MAX_BYTES, read_rates
from dashboard.web.commands import EXISTING_FILE, Commands, naming_lines_of, read_at_most
from dashboard.web.transactions import transaction

commands = Commands("tax", help="Tax rates.")


@commands.command("load")
@click.argument("file", type=EXISTING_FILE)
@click.option(
    "--valid-from",
    "--from",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="First day on which a table by ZIP code holds, such as 2027-01-31.",
)
def load(file: Path, valid_from: datetime | None) -> None:
    """Load rates from FILE (CSV, UTF-8), beside those of earlier days; a rate of the same place and day is replaced.

    \b
    Its first line tells which kind of file it is:
    - countries and states: country, state, valid_from, rate_percent, applies
    - states of the US: state, valid_from, state_rate_percent, taxes_downloaded_software
    - ZIP codes (with --valid-from): State, ZipCode, EstimatedCombinedRate and the usual further columns

    All or nothing: a file with a bad line changes nothing, and every bad line is named with column and reason.
    """
    with naming_lines_of(file):
        rates = read_rates(read_at_most(file, MAX_BYTES), valid_from=valid_from.date() if valid_from else None)
    with transaction():
        service.load_rates(rates)
    click.echo(f"{rates.count} rates loaded.")
