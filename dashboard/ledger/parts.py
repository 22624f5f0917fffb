"""Read from the entries on which days something was open or free: money pays neither before it is there nor before
there is something to pay (R16).
"""

from __future__ import annotations

from datetime import date
from itertools import accumulate

from sqlalchemy import ColumnElement, func, select

from dashboard.extensions import db
from dashboard.ledger.models import LedgerEntry
from dashboard.ledger.rules import Account, Part, lasting


def open_parts(receivable_id: str, account: Account) -> list[Part]:
    """What is open in one of the two sums of a receivable, by the days from which it is owed for good."""
    return lasting(_days(LedgerEntry.receivable_id == receivable_id, LedgerEntry.account == account))


def paid_off_on(receivable_id: str) -> date:
    """The day from whose evening on nothing is open on a receivable."""
    days = sorted(_days(LedgerEntry.receivable_id == receivable_id, LedgerEntry.account == Account.PRINCIPAL))
    evenings = list(accumulate(minor for _, minor in days))
    return days[max((number + 1 for number, open_ in enumerate(evenings) if open_), default=0)][0]


def free_credit(reseller_id: int, currency: str) -> list[tuple[int | None, Part]]:
    """Credit on account, the first to come first, each part with the day from which it pays nothing else."""
    on_account = (
        LedgerEntry.account == Account.CREDIT, LedgerEntry.reseller_id == reseller_id, LedgerEntry.currency == currency,
    )  # fmt: skip
    unspent = select(LedgerEntry.transfer_id).where(*on_account).group_by(LedgerEntry.transfer_id)
    query = (
        select(LedgerEntry.transfer_id, LedgerEntry.day, func.sum(LedgerEntry.minor))
        .where(*on_account, LedgerEntry.transfer_id.in_(unspent.having(func.sum(LedgerEntry.minor) != 0)))
        .group_by(LedgerEntry.transfer_id, LedgerEntry.day)
        .order_by(LedgerEntry.day, LedgerEntry.transfer_id)
    )
    of_transfer: dict[int | None, list[Part]] = {}
    for transfer_id, day, minor in db.session.execute(query):
        of_transfer.setdefault(transfer_id, []).append((day, -int(minor)))
    return [(transfer_id, part) for transfer_id, days in of_transfer.items() for part in lasting(days)]


def _days(*which: ColumnElement[bool]) -> list[Part]:
    query = select(LedgerEntry.day, func.sum(LedgerEntry.minor)).where(*which).group_by(LedgerEntry.day)
    return [(day, int(minor)) for day, minor in db.session.execute(query)]
