"""`flask resellers load`: bring in the resellers that a vendor has already."""

from __future__ import annotations

from pathlib import Path

import click

from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.fulfilment.opening import compare_resellers, load_resellers
from dashboard.resellers.files import COMPANY, DEBT, MAX_BYTES, MEMBER, NEEDED, read_resellers
from dashboard.web.commands import EXISTING_FILE, Commands, naming_lines_of, read_at_most
from dashboard.web.progress import told
from dashboard.web.transactions import transaction

commands = Commands("resellers", help="Resellers that you have already.")

HELP = f"""Bring in the companies of FILE (CSV, UTF-8), with members, discount, standing and open debts.

What changes is told first: + is new, ~ changed, = left alone. All or nothing: a file with a bad line changes nothing,
and every bad line is named with column and reason. The same file again changes nothing.

The first line names the columns, in any order, parted by commas or semicolons. Every company needs
{", ".join(NEEDED)}. More may be said of it: {", ".join(COMPANY)}.

Each line may add a member ({", ".join(MEMBER)}) and an open debt ({", ".join(DEBT)}); further lines of a company repeat
its key. An example is dashboard/demo/data/resellers.csv; docs/operations.md tells what each column means.
"""


@commands.command("load", help=HELP, short_help="Bring in companies, members, standing and open debts.")
@click.argument("file", type=EXISTING_FILE)
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
def load(file: Path, dry_run: bool) -> None:
    with naming_lines_of(file):
        currencies = list(current_settings().vendor.accounts)
        rows = read_resellers(read_at_most(file, MAX_BYTES), currencies=currencies, today=today())
        with transaction():
            changes = compare_resellers(rows, told)
    for line in changes.lines:
        click.echo(line)
    touched = len(changes.touched - changes.new)
    click.echo(f"{len(changes.new)} new, {touched} changed, {len(rows) - len(changes.touched)} unchanged.")
    if dry_run:
        click.echo("Nothing was loaded (dry run).")
        return
    with naming_lines_of(file), transaction():
        load_resellers(rows, told)
    click.echo("Loaded.")
