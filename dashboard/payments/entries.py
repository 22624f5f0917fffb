"""Find the bank's entries: one, those that wait, those of a file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, true

from dashboard.accounts.models import User
from dashboard.banking.rules import Amount, minor_digits
from dashboard.clock import today
from dashboard.errors import NotFound
from dashboard.extensions import db
from dashboard.payments.imports import Row
from dashboard.payments.models import BankEntry, BankFile, Transfer
from dashboard.payments.rules import Match
from dashboard.resellers.models import Reseller

#: Entries that a page of a list shows.
PAGE = 50
#: Files that the page of imports shows.
FILES = 20

#: What the list of entries can be narrowed to.
STATES = ("waiting", "matched", "booked", "dismissed")


@dataclass(frozen=True)
class Listed:
    """An entry with the name of the reseller whose it is, or may be."""

    entry: BankEntry
    reseller: str


@dataclass(frozen=True)
class FileState:
    """An imported file, and what became of its entries."""

    file: BankFile
    by: str
    counts: dict[str, int]
    later: int  #: of the matched, those that are booked on their value date only

    @property
    def at_work(self) -> int:
        """How many entries are being booked now."""
        return self.counts["matched"] - self.later

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def accounts(self) -> list[AccountState]:
        """The accounts that the file told of."""
        return [_account_state(facts) for facts in self.file.accounts]

    @property
    def account_names(self) -> list[str]:
        """Each account that the file told of once: a bank may part a day into several statements."""
        return list(dict.fromkeys(f"{facts['account']} {facts['currency']}" for facts in self.file.accounts))


@dataclass(frozen=True)
class AccountState:
    """An account in an imported file: the days that it told of, and the balances that the bank stated."""

    account: str
    currency: str
    begins: date | None
    ends: date | None
    opening: Amount | None
    closing: Amount | None


def _account_state(facts: dict[str, str]) -> AccountState:
    currency = facts["currency"]
    begins, ends = (date.fromisoformat(facts[key]) if facts[key] else None for key in ("from", "to"))
    opening, closing = (
        Amount(int(Decimal(facts[key]).scaleb(minor_digits(currency))), currency) if facts[key] else None
        for key in ("opening", "closing")
    )
    return AccountState(facts["account"], currency, begins, ends, opening, closing)


def get_entry(entry_id: int) -> BankEntry:
    """An entry.

    Raises:
        NotFound: if there is none.
    """
    entry = db.session.get(BankEntry, entry_id)
    if entry is None:
        raise NotFound
    return entry


def list_entries(
    state: str, *, file_id: int | None = None, beyond: int | None = None, limit: int = PAGE
) -> list[Listed]:
    """Entries of one state: what waits the oldest first, the others the newest first; in one statement.

    Args:
        file_id: only those of one file.
        beyond: the id of the last entry of the page before.
    """
    query = select(BankEntry, Reseller.name).outerjoin(Reseller, Reseller.id == BankEntry.reseller_id)
    query = query.where(*_wanted(state, beyond)).order_by(_by_age(state)).limit(limit)
    if file_id is not None:
        query = query.where(BankEntry.file_id == file_id)
    return [Listed(entry, name or "") for entry, name in db.session.execute(query)]


def list_and_count(state: str, *, beyond: int | None = None) -> tuple[list[Listed], int]:
    """A page of entries as `list_entries` gives it, and how many entries wait for a person; in one statement."""
    part = select(BankEntry.id).where(*_wanted(state, beyond)).order_by(_by_age(state)).limit(PAGE).subquery()
    waits = select(func.count().label("all")).where(BankEntry.state == "waiting").subquery()
    rows = waits.outerjoin(part, true()).outerjoin(BankEntry, BankEntry.id == part.c.id)
    rows = rows.outerjoin(Reseller, Reseller.id == BankEntry.reseller_id)
    query = select(BankEntry, Reseller.name, waits.c.all).select_from(rows).order_by(_by_age(state))
    found = db.session.execute(query).all()
    return [Listed(row[0], row[1] or "") for row in found if row[0] is not None], found[0][2]


def _wanted(state: str, beyond: int | None) -> list[ColumnElement[bool]]:
    """The entries of a state that come after the one of the id `beyond`."""
    of_state = BankEntry.state == state
    if beyond is None:
        return [of_state]
    return [of_state, BankEntry.id > beyond if state == "waiting" else BankEntry.id < beyond]


def _by_age(state: str) -> ColumnElement[Any]:
    return BankEntry.id.asc() if state == "waiting" else BankEntry.id.desc()


def count_waiting() -> int:
    """How many entries wait for a person."""
    return db.session.scalar(select(func.count()).where(BankEntry.state == "waiting")) or 0


def list_files(only: int | None = None) -> list[FileState]:
    """The files that were imported last, newest first, with what became of their entries; in one statement."""
    is_later = and_(BankEntry.state == "matched", BankEntry.received_on > today())
    counts = [func.count(case((of, 1))) for of in (is_later, *(BankEntry.state == state for state in STATES))]
    query = (
        select(BankFile, User.name, *counts)
        .outerjoin(User, User.id == BankFile.imported_by)
        .outerjoin(BankEntry, BankEntry.file_id == BankFile.id)
        .group_by(BankFile.id, User.name)
        .order_by(BankFile.id.desc())
        .limit(FILES)
    )
    if only is not None:
        query = query.where(BankFile.id == only)
    return [
        FileState(file, by or "", dict(zip(STATES, map(int, numbers), strict=True)), int(later))
        for file, by, later, *numbers in db.session.execute(query)
    ]


def get_file(file_id: int) -> FileState:
    """An imported file.

    Raises:
        NotFound: if there is none.
    """
    found = list_files(file_id)
    if not found:
        raise NotFound
    return found[0]


def names_of(rows: Iterable[Row]) -> dict[int, str]:
    """The names of the resellers that the rows of a preview are about."""
    ids = set[int]()
    for row in rows:
        ids |= {row.decision.reseller_id} if isinstance(row.decision, Match) else set(row.decision.resellers)
    return reseller_names(ids)


def reseller_names(ids: Collection[int]) -> dict[int, str]:
    """Names of resellers by id, in one statement."""
    if not ids:
        return {}
    found = db.session.execute(select(Reseller.id, Reseller.name).where(Reseller.id.in_(sorted(ids))))
    return {one.id: one.name for one in found}


def find_entry_of(transfer_id: int) -> BankEntry | None:
    """The entry that brought a transfer, if it came by a bank's file."""
    query = select(BankEntry).where(BankEntry.transfer_id == transfer_id, BankEntry.minor > 0)
    return db.session.scalar(query.order_by(BankEntry.id))


def matched_of(file_id: int) -> list[int]:
    """Ids of the entries of a file that are matched and can be booked now, in their order."""
    matched = select(BankEntry.id).where(
        BankEntry.file_id == file_id, BankEntry.state == "matched", BankEntry.received_on <= today()
    )
    return list(db.session.scalars(matched.order_by(BankEntry.id)))


def booking_key(entry: BankEntry) -> str:
    """The submit key of the transfer that booking an entry now makes."""
    return f"bank:{entry.id}:{entry.bookings}"


def find_source_of(transfer: Transfer) -> BankEntry | None:
    """The entry that brought a transfer, also after it was undone; None if it was confirmed by hand."""
    found = re.fullmatch(r"bank:(\d+):\d+", transfer.submit_key, re.ASCII)
    return db.session.get(BankEntry, int(found[1])) if found else None
