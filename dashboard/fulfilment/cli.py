"""`flask payments import`: book a bank's statement file (R18). `flask resellers load`: bring in the resellers that a
vendor has already.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from dashboard.banking.mappings import CsvMapping, NeedsMapping
from dashboard.banking.service import read_statement
from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.fulfilment import bank_entries
from dashboard.fulfilment.opening import compare_resellers, load_resellers
from dashboard.payments import imports, uploads
from dashboard.payments.entries import names_of
from dashboard.payments.imports import Preview, Row
from dashboard.payments.rules import Match
from dashboard.resellers.files import COMPANY, DEBT, MAX_BYTES, MEMBER, NEEDED, read_resellers
from dashboard.web.commands import EXISTING_FILE, Commands, naming_lines_of, read_at_most
from dashboard.web.progress import told
from dashboard.web.transactions import reading, transaction

resellers = Commands("resellers", help="Resellers that you have already.")
payments = Commands("payments", help="Transfers, as the bank's statement files tell of them.")


@payments.command("import")
@click.argument("file", type=EXISTING_FILE)
@click.option("--dry-run", is_flag=True, help="Show what would be booked, what not, and why; write nothing.")
@click.option("--accept-imbalance", metavar="REASON", default="", help="Book a file that does not add up, for REASON.")
@click.option("--mapping", metavar="NAME", default="", help="What the columns of a table (CSV) mean, as saved before.")
def import_(file: Path, dry_run: bool, accept_imbalance: str, mapping: str) -> None:
    """Import FILE (camt.053, MT940, 1C ClientBankExchange, CSV): match each transfer, book what is certain.

    Importing a file twice, or one that overlaps, books nothing twice. The status is 1 if the file is refused.
    """
    data = file.read_bytes()
    try:
        seen = imports.preview(read_statement(data, _mapping(mapping)), told)
        _show(seen)
        if dry_run:
            click.echo("Nothing was written.")
            return
        name = os.fsencode(file.name).decode("utf-8", "replace")  # from another system, it may be written otherwise
        kept = imports.keep(seen, data, name, by=None, accepted_reason=accept_imbalance, watch=told)
        entry_ids = kept.matched
    except NeedsMapping as error:
        raise click.ClickException(
            f"{file.name}: a table needs --mapping NAME; upload one in the staff's pages to make a mapping"
        ) from error
    booked = bank_entries.book_all(entry_ids, told)
    click.echo(f"{booked} booked, {len(seen.waiting) + len(entry_ids) - booked} wait for a person.")


def _mapping(name: str) -> CsvMapping | None:
    """The mapping of that name, if one is given."""
    if not name:
        return None
    with reading():
        mapping, known = uploads.find_mapping(name), uploads.mapping_names()
    if mapping is None:
        raise click.ClickException(f"There is no mapping {name!r}, only: {', '.join(known) or 'none'}.")
    return mapping


def _show(seen: Preview) -> None:
    for statement in seen.file.statements:
        foreign = "  NOT AN ACCOUNT OF THE VENDOR: never booked" if statement in seen.foreign else ""
        click.echo(f"{seen.file.format} {statement.account} {statement.currency}{foreign}")
        if statement.opening and statement.closing:
            click.echo(f"  opening {statement.opening.decimal}, closing {statement.closing.decimal}")
    for problem in (*seen.file.faults, *seen.file.notices):
        click.echo(f"  ! {problem}")
    with reading():
        names = names_of(seen.rows)
    for row in seen.rows:
        click.echo(f"  {_line(row, names)}")
    known = len(seen.rows) - len(seen.new)
    click.echo(f"{len(seen.matched)} to book, {len(seen.waiting)} for a person, {known} known already.")
    if seen.later:
        click.echo(f"{len(seen.later)} of them on their value date, which has not come yet.")
    if seen.announced:
        click.echo(f"{seen.announced} not booked by the bank yet (pending): nothing is done with them.")
    if seen.left_out:
        click.echo(f"{seen.left_out} went out or are empty: left out.")
    if seen.needs_acceptance:
        click.echo("It does not add up or books nothing: it is booked only with --accept-imbalance REASON.")


def _line(row: Row, names: dict[int, str]) -> str:
    incoming, decision = row.line.incoming, row.decision
    what = f"{incoming.received_on} {row.line.part.amount} {incoming.payer_name or '?'}"
    if row.known:
        return f"known    {what}"
    if isinstance(decision, Match):
        targets = " ".join(decision.targets or decision.within) or "what is owed, oldest first"
        return f"book     {what} → {names[decision.reseller_id]}: {targets} ({decision.reason})"
    perhaps = ", ".join(names[id_] for id_ in decision.resellers)
    return f"waiting  {what} ({decision.hurdle}{f'; perhaps of {perhaps}' if perhaps else ''})"


LOAD_HELP = f"""Bring in the companies of FILE (CSV, UTF-8), with members, discount, standing and open debts.

What changes is told first: + is new, ~ changed, = left alone. All or nothing: a file with a bad line changes nothing,
and every bad line is named with column and reason. The same file again changes nothing.

The first line names the columns, in any order, parted by commas or semicolons. Every company needs
{", ".join(NEEDED)}. More may be said of it: {", ".join(COMPANY)}.

Each line may add a member ({", ".join(MEMBER)}) and an open debt ({", ".join(DEBT)}); further lines of a company repeat
its key. An example is dashboard/demo/data/resellers.csv; docs/operations.md tells what each column means.
"""


@resellers.command("load", help=LOAD_HELP, short_help="Bring in companies, members, standing and open debts.")
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
