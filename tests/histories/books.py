"""All that the program has written down, read as plain rows, and summed up without its help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select

from dashboard.extensions import db
from dashboard.invoices.models import Paper
from dashboard.invoices.rules import PaperKind, PaperSnapshot
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.licenses.models import License
from dashboard.orders.models import Order
from dashboard.payments.models import BankEntry, Transfer
from dashboard.resellers.models import Reseller
from dashboard.statements.models import InterestEntry, Statement
from dashboard.web.transactions import reading


class Entry(NamedTuple):
    """A row of the ledger."""

    id: int
    reseller: int
    account: str
    receivable: str | None
    kind: str
    minor: int
    currency: str
    day: date
    transfer: int | None


_ENTRY = (
    LedgerEntry.id, LedgerEntry.reseller_id, LedgerEntry.account, LedgerEntry.receivable_id, LedgerEntry.kind,
    LedgerEntry.minor, LedgerEntry.currency, LedgerEntry.day, LedgerEntry.transfer_id,
)  # fmt: skip


class Books:
    """Everything that was written, as it stands; what is only ever added to is read once.

    `entries` are rows; everything else is the program's own rows, detached, without what hangs on them, in the order
    in which it came.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.papers: dict[str, list[tuple[Any, PaperSnapshot]]] = defaultdict(list)  #: by order
        self._newest_paper = 0
        self.refresh()

    def refresh(self) -> None:
        """Read what is new, and what may have changed."""
        with reading():
            db.session.expire_on_commit = False
            self._read_entries()
            self._read_papers()
            first = {one.receivable: one.id for one in reversed(self.entries) if one.receivable}
            receivables, orders = _rows(Receivable, Receivable.id), _rows(Order, Order.id)
            self.receivables = {one.id: one for one in sorted(receivables, key=lambda one: first[one.id])}
            self.orders = {one.id: one for one in sorted(orders, key=lambda one: first[one.id])}
            self.transfers = {one.id: one for one in _rows(Transfer, Transfer.id)}
            self.bank_entries = _rows(BankEntry, BankEntry.id)
            self.licenses = _rows(License, License.id)
            self.interest = _rows(InterestEntry, InterestEntry.id)
            self.resellers = {one.id: one for one in _rows(Reseller, Reseller.id)}
            self.statements = db.session.scalar(select(func.count(Statement.id))) or 0
            db.session.expunge_all()
        self.sums = _grouped(self.entries, lambda one: (one.receivable, one.account, one.kind))
        self.open_sums = _grouped(self.entries, lambda one: (one.receivable, one.account))
        self.free = _grouped((one for one in self.entries if one.account == "credit"), lambda one: one.transfer)

    def _read_entries(self) -> None:
        last = self.entries[-1].id if self.entries else 0
        new = db.session.execute(select(*_ENTRY).where(LedgerEntry.id > last).order_by(LedgerEntry.id))
        self.entries += [Entry(*row) for row in new]

    def _read_papers(self) -> None:
        query = select(Paper).where(Paper.id > self._newest_paper).order_by(Paper.id)
        for paper in db.session.scalars(query):
            self.papers[paper.order_id].append((paper, paper.content))
            self._newest_paper = paper.id

    def on(self, receivable_id: str | None, account: str, *kinds: str) -> int:
        """The sum of the entries of some kinds on a receivable; of all kinds if none is named."""
        if not kinds:
            return self.open_sums.get((receivable_id, account), 0)
        return sum(self.sums.get((receivable_id, account, kind), 0) for kind in kinds)

    def charges(self, order_id: str, *but: PaperKind) -> int:
        """What an order's invoices, supplementary invoices and credit notes charge together."""
        left_out = {PaperKind.PRO_FORMA, *but}
        return sum(content.total_minor for _, content in self.papers[order_id] if content.kind not in left_out)

    def open_orders(self, reseller_id: int | None = None) -> list[Any]:
        """Orders that are neither paid nor cancelled, the oldest first."""
        return [
            one for one in self.orders.values()
            if one.paid_on is None and one.cancelled_at is None and reseller_id in (None, one.reseller_id)
        ]  # fmt: skip

    def standing(self, reseller_id: int, currency: str, until: date, *, up_to: int | None = None) -> tuple[int, ...]:
        """Not due, overdue, interest, on account, prepaid on the evening of a day, from the entries alone.

        Args:
            up_to: the last entry that was known.
        """
        not_due = overdue = interest = credit = prepaid = 0
        for one in self.entries:
            if one.reseller != reseller_id or one.currency != currency or one.day > until:
                continue
            if up_to is not None and one.id > up_to:
                break
            if one.account == "credit":
                credit -= one.minor
            elif one.account == "interest":
                interest += one.minor
            elif (due := self.receivables[one.receivable or ""].due_on) is None:
                prepaid += one.minor
            elif due < until:
                overdue += one.minor
            else:
                not_due += one.minor
        return not_due, overdue, interest, credit, prepaid


def _rows(model: type[Any], *order: Any) -> list[Any]:
    return list(db.session.scalars(select(model).order_by(*order)))


def _grouped(entries: Iterable[Entry], by: Callable[[Entry], Any]) -> dict[Any, int]:
    sums: dict[Any, int] = defaultdict(int)
    for one in entries:
        sums[by(one)] += one.minor
    return sums


def days_of(entries: Iterable[Entry], by: Callable[[Entry], Any]) -> Iterator[tuple[Any, date, int]]:
    """For each key, each day on which it moved, and its sum on that evening."""
    grouped: dict[Any, list[Entry]] = defaultdict(list)
    for one in entries:
        grouped[by(one)].append(one)
    for key, own in grouped.items():
        total = 0
        own.sort(key=lambda one: one.day)
        for number, one in enumerate(own):
            total += one.minor
            if number + 1 == len(own) or own[number + 1].day > one.day:
                yield key, one.day, total
