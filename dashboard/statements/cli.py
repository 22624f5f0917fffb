"""`flask statements run`: the statements of a month, or what they would be (R17)."""

from __future__ import annotations

from collections import Counter

import click

from dashboard.money import Money
from dashboard.statements import service
from dashboard.statements.rules import StatementSnapshot
from dashboard.web.commands import Commands
from dashboard.web.progress import told

statements = Commands("statements", help="Monthly statements.")


@statements.command("run")
@click.option("--month", metavar="YYYY-MM", default="", help="The present month, which is the default.")
@click.option("--rehearse", is_flag=True, help="Show every statement, its interest and its sum; write nothing.")
def run(month: str, rehearse: bool) -> None:
    """Make the statements of the month, once a reseller; the worker draws and mails them.

    Killed half-way, run it again: who has a statement gets no second. --rehearse takes the coming month too.
    """
    first = service.parse_month(month) if month else service.this_month()
    if not rehearse:
        service.require_present(first)
    made = service.rehearse_all(first, told) if rehearse else service.make_all(first, told)
    for one in made:
        click.echo(
            f"{one.number}  {one.buyer['name']}: {one.unpaid} unpaid, overdue {_sum(one, one.overdue_minor)}, "
            f"interest {_sum(one, one.interest_minor)}, total {_sum(one, one.total_minor)}"
        )
    total = Counter[str]()
    for one in made:
        total[one.currency] += one.total_minor
    sums = ", ".join(str(Money(minor, currency)) for currency, minor in sorted(total.items()))
    what = "would be made" if rehearse else "made"
    click.echo(f"{len(made)} statement{'s' * (len(made) != 1)} {what} for {first:%Y-%m}{': ' + sums if sums else ''}.")


def _sum(statement: StatementSnapshot, minor: int) -> Money:
    return Money(minor, statement.currency)
