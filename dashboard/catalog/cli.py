"""`flask catalog load`: bring a catalog file in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from dashboard.catalog.files import MAX_BYTES, read_catalog
from dashboard.catalog.loading import CatalogChanges, compare_catalog, load_catalog
from dashboard.clock import today
from dashboard.web.commands import EXISTING_FILE, Commands, naming_lines_of, read_at_most
from dashboard.web.progress import told
from dashboard.web.transactions import reading, transaction

commands = Commands("catalog", help="Products, plans and prices.")


@commands.command("load")
@click.argument("file", type=EXISTING_FILE)
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@click.option(
    "--valid-from",
    "--from",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="First day on which the prices hold, such as 2027-01-31 (default: today).",
)
def load(file: Path, dry_run: bool, valid_from: datetime | None) -> None:
    """Make FILE (CSV, UTF-8) the catalog. SKUs that it does not name are withdrawn.

    What changes is told first: + a new SKU, ~ a changed one with before and after, - a withdrawn one. Prices and
    withdrawals count from the given day on, names and texts at once.

    The first line names the columns: sku, brand, product, platform, plan, scope_en, scope_ru, description_en,
    description_ru, and of price_usd, price_eur, price_rub those that you sell in. Commas or semicolons part them. An
    example is dashboard/demo/data/catalog.csv.

    All or nothing: a file with a bad line changes nothing, and every bad line is named with its reason.
    """
    day = valid_from.date() if valid_from else today()
    with naming_lines_of(file):
        rows = read_catalog(read_at_most(file, MAX_BYTES), told)
    with reading():
        _tell(compare_catalog(rows, day))
    if dry_run:
        click.echo(f"Nothing was loaded (dry run for {day}).")
        return
    with transaction():
        load_catalog(rows, day, told)
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
