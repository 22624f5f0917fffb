"""Where a reseller stands on a day, and the entries behind each part of that: their sum is the part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select

from dashboard.extensions import db
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.ledger.rules import Account, EntryKind
from dashboard.money import Money


class Part(StrEnum):
    """What a reseller's standing is made of."""

    NOT_DUE = "not_due"
    OVERDUE = "overdue"
    INTEREST = "interest"
    ON_ACCOUNT = "on_account"
    PREPAID = "prepaid"


@dataclass(frozen=True)
class Standing:
    """Where a reseller stands on the evening of a day, by account."""

    not_due: Money  #: principal of credit orders that is not due yet
    overdue: Money
    interest: Money
    on_account: Money
    prepaid: Money  #: of orders that wait for their transfer: nobody owes it

    @property
    def owed(self) -> Money:
        """Everything that the reseller owes: principal of credit orders, and interest."""
        return self.not_due + self.overdue + self.interest

    @property
    def total(self) -> Money:
        """The sum of all entries; below zero: the reseller has more on account than is open."""
        return self.owed + self.prepaid - self.on_account


@dataclass(frozen=True)
class Extract:
    """The entries of a reseller's account that count on the evening of a day: all, or those behind one part."""

    reseller_id: int
    currency: str
    until: date  #: the last day whose entries count
    due: date  #: the day on which what is due before it is late
    part: Part | None = None

    def standing(self) -> Standing:
        """Where the reseller stands, in one statement."""
        sums: list[Any] = [func.sum(LedgerEntry.minor).filter(self._makes(part)) for part in Part]
        found = zip(Part, db.session.execute(self._counted(select(*sums))).one(), strict=True)
        return Standing(**{part: Money(_sign(part) * int(one or 0), self.currency) for part, one in found})

    def lines(self, *, before: int | None, limit: int) -> list[LedgerEntry]:
        """The entries as a person reads them, the newest first; those with a smaller id than `before`.

        An allocation moves money from the account to an order: the half that tells the order stands for both. A part
        has the entries of what is open in it alone: those of what is paid add up to nothing.
        """
        if self.part is None:  # entries of another currency, too
            mine = LedgerEntry.reseller_id == self.reseller_id, LedgerEntry.day <= self.until
            query = select(LedgerEntry).where(*mine, not_(_OTHER_HALF))
        elif self.part is Part.ON_ACCOUNT:
            query = self._counted(select(LedgerEntry)).where(or_(_ON_ACCOUNT, _IS_ALLOCATION), not_(_OTHER_HALF))
        else:
            query = self._counted(select(LedgerEntry)).where(self._makes(self.part), self._is_open(self.part))
        if before is not None:
            query = query.where(LedgerEntry.id < before)
        return list(db.session.scalars(query.order_by(LedgerEntry.id.desc()).limit(limit)))

    def sum_below(self, id_: int) -> Money:
        """What the balance was before the entry of this id."""
        which = [not_(_IS_ALLOCATION)] if self.part is None else [self._makes(self.part)]
        if self.part not in {None, Part.ON_ACCOUNT}:
            which.append(self._is_open(self.part))
        found = db.session.scalar(
            self._counted(select(func.sum(LedgerEntry.minor))).where(LedgerEntry.id < id_, *which)
        )
        return Money(_sign(self.part) * int(found or 0), self.currency)

    def amount(self, entry: LedgerEntry) -> Money:
        """The sum of an entry, above zero if it adds to what is told."""
        is_half = entry.kind == EntryKind.ALLOCATION  # told by the half that is not the account's
        return Money(entry.minor if is_half else _sign(self.part) * entry.minor, entry.currency)

    def change(self, entry: LedgerEntry) -> Money:
        """What an entry adds to the balance, or takes from it."""
        return self.amount(entry) if self.part or entry.kind != EntryKind.ALLOCATION else Money.zero(entry.currency)

    def _counted(self, query: Select[Any]) -> Select[Any]:
        mine = LedgerEntry.reseller_id == self.reseller_id, LedgerEntry.currency == self.currency
        joined = query.select_from(LedgerEntry).outerjoin(Receivable, Receivable.id == LedgerEntry.receivable_id)
        return joined.where(*mine, LedgerEntry.day <= self.until)

    def _makes(self, part: Part) -> ColumnElement[bool]:
        """Whether an entry counts in a part."""
        principal = LedgerEntry.account == Account.PRINCIPAL
        return {
            Part.NOT_DUE: principal & (Receivable.due_on >= self.due),
            Part.OVERDUE: principal & (Receivable.due_on < self.due),
            Part.INTEREST: LedgerEntry.account == Account.INTEREST,
            Part.ON_ACCOUNT: _ON_ACCOUNT,
            Part.PREPAID: principal & Receivable.due_on.is_(None),
        }[part]

    def _is_open(self, part: Part) -> ColumnElement[bool]:
        """Whether something of its part is open on the receivable of an entry."""
        query = self._counted(select(LedgerEntry.receivable_id)).where(self._makes(part))
        return LedgerEntry.receivable_id.in_(
            query.group_by(LedgerEntry.receivable_id).having(func.sum(LedgerEntry.minor) != 0)
        )


def _sign(part: Part | None) -> int:
    """Money on account is the reseller's, so its entries are negative."""
    return -1 if part is Part.ON_ACCOUNT else 1


_ON_ACCOUNT = LedgerEntry.account == Account.CREDIT
_IS_ALLOCATION = LedgerEntry.kind == EntryKind.ALLOCATION
_OTHER_HALF = and_(_IS_ALLOCATION, _ON_ACCOUNT)
