"""`flask translations check`: whether a translator's file can be used (R30)."""

from __future__ import annotations

from pathlib import Path

import click

from dashboard.errors import InvalidInput
from dashboard.translators import po, service
from dashboard.web.commands import Commands

translations = Commands("translations", help="Catalogs of texts.")

PO_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@translations.command()
@click.argument("file", type=PO_FILE)
def check(file: Path) -> None:
    """Check a .po FILE: a line for each fault. The status is 0 for none, 1 for some, 2 for no .po file of ours."""
    try:
        checked = service.check(_content(file))
    except InvalidInput as error:
        click.echo(f"Error: {error.message % error.values}", err=True)
        raise click.exceptions.Exit(2) from error
    for fault in checked.faults:
        click.echo(service.sentence(fault))
    if checked.faults:
        count = "1 fault" if len(checked.faults) == 1 else f"{len(checked.faults)} faults"
        click.echo(f"{count} in {checked.texts} texts ({checked.language}).", err=True)
        raise click.exceptions.Exit(1)
    click.echo(f"No faults in {checked.texts} texts ({checked.language}).")


def _content(file: Path) -> bytes:
    """The file, as far as it is read at all."""
    with file.open("rb") as opened:
        return opened.read(po.LARGEST + 1)
