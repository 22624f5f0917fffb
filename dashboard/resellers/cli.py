"""`flask policy publish`: a new version of the reseller policy (R5)."""

from __future__ import annotations

from pathlib import Path

import click

from dashboard.resellers import policies
from dashboard.web.commands import EXISTING_FILE, Commands
from dashboard.web.transactions import transaction

policy = Commands("policy", help="The reseller policy.")


@policy.command()
@click.argument("english", type=EXISTING_FILE)
@click.argument("russian", type=EXISTING_FILE)
@click.option("--correction", is_flag=True, help="Only the wording changed: nobody has to accept it again.")
def publish(english: Path, russian: Path, correction: bool) -> None:
    """Put a new version of the policy in force, from an English and a Russian text file."""
    texts = [path.read_text(encoding="utf-8").strip() for path in (english, russian)]
    if not all(texts):
        raise click.ClickException("both texts must have words in them")
    with transaction():
        version = policies.publish_policy(*texts, asks_acceptance=not correction)
        click.echo(f"version {version.id} is in force")
