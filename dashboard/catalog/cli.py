"""`flask catalog load`: bring a catalog file in."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from dashboard.catalog.files import InvalidCatalog, read_catalog
from dashboard.catalog.service import CatalogChanges, compare_catalog, load_catalog
from dashboard.clock import today
from dashboard.web.commands import Commands
from dashboard.web.transactions import reading, transaction

commands = Commands("catalog", help="Products, plans and prices.")


@commands.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@click.option(
    "--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="First day of the prices (default: today)."
)
def load(file: Path, dry_run: bool, valid_from: datetime | None) -> None:
    """Make FILE (CSV, UTF-8) the catalog. SKUs that it does not name are withdrawn.

    All or nothing: a file with a bad line changes nothing, and every bad line is named.
    """
    day = valid_from.date() if valid_from else today()
    try:
        rows = read_catalog(file.read_bytes())
    except InvalidCatalog as error:
        for problem in error.problems:
            click.echo(f"{file.name}, line {problem.line}: {problem}", err=True)
        click.echo(f"Nothing was loaded: {len(error.problems)} problems.", err=True)
        sys.exit(1)
    if dry_run:
        with reading():
            _tell(compare_catalog(rows, day))
        click.echo(f"Nothing was loaded (dry run for {day}).")
    else:
        with transaction():
            _tell(load_catalog(rows, day))
        click.echo(f"Loaded; prices hold from {day}.")


def _tell(changes: CatalogChanges) -> None:
    for code in changes.new:
        click.echo(f"+ {code}")
    for change in changes.changed:
        click.echo(f"~ {change.code} {change.what}: {change.before} -> {change.after}")
    for code in changes.withdrawn:
        click.echo(f"- {code}")
    click.echo(
        f"{len(changes.new)} new, {len(changes.changed_skus)} changed, {len(changes.withdrawn)} withdrawn, "
        f"{changes.unchanged} unchanged."
    )
