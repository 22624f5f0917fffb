"""`flask texts`: publish and show what the vendor says in its own words (R5, R31)."""

from __future__ import annotations

from pathlib import Path

import click

from dashboard.prose import service, versions
from dashboard.prose.rules import Kind
from dashboard.web.commands import EXISTING_FILE, Commands
from dashboard.web.transactions import reading, transaction

texts = Commands("texts", help="The reseller policy, the programme page, the license instructions, the reminders.")

KIND = click.Choice([kind.value for kind in Kind])


@texts.command()
@click.argument("kind", type=KIND, metavar="KIND")
@click.argument("english", type=EXISTING_FILE)
@click.argument("russian", type=EXISTING_FILE)
@click.option("--correction", is_flag=True, help="Policy: only the wording changed, nobody has to accept it again.")
@click.option("--note", default="", help="What has changed, for the history.")
def publish(kind: str, english: Path, russian: Path, correction: bool, note: str) -> None:
    """Put a new version of a text in force, from an English and a Russian text file.

    KIND is policy, programme, instructions or reminders.
    """
    words = [path.read_text(encoding="utf-8-sig") for path in (english, russian)]
    with transaction():
        version = service.publish(Kind(kind), *words, correction=correction, note=note[:200])
        click.echo(f"version {version.number} is in force")


@texts.command()
@click.argument("kind", type=KIND, metavar="KIND")
@click.option("--language", type=click.Choice(["en", "ru"]), default="en", help="English unless told otherwise.")
@click.option("--version", "number", type=int, help="Number of a version; 0 is the product's own text.")
def show(kind: str, language: str, number: int | None) -> None:
    """Print a text as it was written: the version in force, or another.

    KIND is policy, programme, instructions or reminders.
    """
    with reading():
        text = Kind(kind)
        version = versions.current(text) if number is None else versions.get_version(text, number)
        click.echo(version.text(language))
