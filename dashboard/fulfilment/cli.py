"""`flask payments import`: book a bank's statement file (R18)."""

from __future__ import annotations

from pathlib import Path

import click

from dashboard.banking.mappings import NeedsMapping
from dashboard.banking.service import read_statement
from dashboard.fulfilment import bank_entries
from dashboard.payments import imports
from dashboard.payments.imports import Preview, Row
from dashboard.payments.rules import Match
from dashboard.web.commands import Commands
from dashboard.web.transactions import transaction

payments = Commands("payments", help="Transfers, as the bank's statement files tell of them.")


@payments.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would be booked, what not, and why; write nothing.")
@click.option("--accept-imbalance", metavar="REASON", default="", help="Book a file that does not add up, for REASON.")
def import_(file: Path, dry_run: bool, accept_imbalance: str) -> None:
    """Import FILE (camt.053, MT940, 1C ClientBankExchange): match each transfer, book what is certain.

    Importing a file twice, or one that overlaps, books nothing twice. The status is 1 if the file is refused.
    """
    data = file.read_bytes()
    try:
        seen = imports.preview(read_statement(data))
        _show(seen)
        if dry_run:
            click.echo("Nothing was written.")
            return
        entry_ids = imports.keep(seen, data, file.name, by=None, accepted_reason=accept_imbalance)
    except NeedsMapping as error:
        raise click.ClickException(
            f"{file.name}: a table needs a column mapping; upload it in the staff pages"
        ) from error
    booked = 0
    with click.progressbar(entry_ids, label="Booking", show_pos=True) as progress:
        for entry_id in progress:
            with transaction():
                booked += bank_entries.book_matched(entry_id)
    click.echo(f"{booked} booked, {len(seen.waiting) + len(entry_ids) - booked} wait for a person.")


def _show(seen: Preview) -> None:
    for statement in seen.file.statements:
        foreign = "  NOT AN ACCOUNT OF THE VENDOR: never booked" if statement in seen.foreign else ""
        click.echo(f"{seen.file.format} {statement.account} {statement.currency}{foreign}")
        if statement.opening and statement.closing:
            click.echo(f"  opening {statement.opening.decimal}, closing {statement.closing.decimal}")
    for problem in (*seen.file.faults, *seen.file.notices):
        click.echo(f"  ! {problem}")
    for row in seen.rows:
        click.echo(f"  {_line(row)}")
    known = len(seen.rows) - len(seen.new)
    click.echo(f"{len(seen.matched)} to book, {len(seen.waiting)} for a person, {known} known already.")
    if seen.needs_acceptance:
        click.echo("It does not add up or books nothing: it is booked only with --accept-imbalance REASON.")


def _line(row: Row) -> str:
    incoming, decision = row.line.incoming, row.decision
    what = f"{incoming.received_on} {row.line.part.amount} {incoming.payer_name or '?'}"
    if row.known:
        return f"known    {what}"
    if isinstance(decision, Match):
        return f"book     {what} → reseller {decision.reseller_id} {' '.join(decision.targets)} ({decision.reason})"
    return f"waiting  {what} ({decision.hurdle})"
