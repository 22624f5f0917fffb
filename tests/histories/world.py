"""A vendor, three resellers and their bank, in which time goes and things happen one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TypeVar

from flask import Flask
from sqlalchemy import func, select

from dashboard import chance, clock
from dashboard.banking.service import read_statement
from dashboard.catalog.models import Price, Sku
from dashboard.errors import BusinessError
from dashboard.extensions import db
from dashboard.ledger.models import LedgerEntry
from dashboard.payments import imports
from dashboard.web.transactions import begin_request, reading, transaction
from tests.factories import EDITOR, VIEWER, make_catalog, make_reseller, make_user, owner_of
from tests.histories.books import Books
from tests.payments.camt import Payment, camt

T = TypeVar("T")

BEGIN = datetime(2026, 10, 5, 9, tzinfo=UTC)

#: A SKU so cheap that what banks may keep of a transfer is more than its price.
MITE = "MITE-DSB"

LINES: tuple[list[tuple[str, int]], ...] = (
    [(VIEWER, 1)], [(EDITOR, 1)], [(MITE, 1)], [(VIEWER, 3), (MITE, 2)], [(EDITOR, 2), (VIEWER, 1)],
)  # fmt: skip

CURRENCIES = ("USD", "EUR")

NEWEST = select(func.max(LedgerEntry.id))


class Nothing(Exception):
    """There is nothing that this step could be done with."""


@dataclass
class Shown:
    """What was shown of a reseller on an evening, and the last entry that was known then."""

    reseller: int
    currency: str
    day: date
    last_entry: int
    figures: tuple[int, ...]


@dataclass
class Account:
    """The vendor's account at the bank: whatever came in, and what of it a file has told."""

    currency: str
    entries: list[Payment] = field(default_factory=list)
    told: set[int] = field(default_factory=set)

    def days(self) -> list[date]:
        """Days on which it moved, the newest first."""
        return sorted({one.day for one in self.entries if one.day}, reverse=True)

    def file(self, days: Iterable[date], order: Random) -> bytes:
        """The statement of some whole days, as banks deliver them, its entries in any order."""
        wanted = set(days)
        numbers = [number for number, one in enumerate(self.entries) if one.day in wanted]
        self.told |= set(numbers)
        order.shuffle(numbers)
        return camt(*(self.entries[number] for number in numbers), currency=self.currency)


class World:
    """What happens is done by the program's services, each in a transaction of its own, as requests do it.

    What was placed (by order), confirmed (by the form's key) and refunded (by reseller) is kept by hand, in minor
    units.
    """

    def __init__(self, app: Flask, fresh: AbstractContextManager[None]) -> None:
        self.app, self.now, self.steps, self.refused = app, BEGIN, 0, 0
        with ExitStack() as stack:
            stack.enter_context(fresh)
            stack.enter_context(chance.seeded("a history"))  # the same steps give the same order IDs
            with clock.at(self.now):
                self._people()
            self._stack = stack.pop_all()
        self.accounts = {currency: Account(currency) for currency in CURRENCIES}
        self.submit_keys: list[tuple[int, str, list[tuple[str, int]], str]] = []
        self.shown: list[Shown] = []
        self.placed: dict[str, int] = {}
        self.by_hand: dict[str, int] = {}
        self.refunded: dict[int, int] = dict.fromkeys(self.resellers, 0)
        self.books = Books()

    def _people(self) -> None:
        make_catalog()
        product = db.session.get_one(Sku, VIEWER)
        db.session.add(Sku(code=MITE, product_id=product.product_id, plan_id=product.plan_id, position=9))
        db.session.flush()
        for currency in CURRENCIES:
            db.session.add(Price(sku=MITE, currency=currency, valid_from=date(2020, 1, 1), retail_minor=1_333))
        self.staff = make_user("Mari", staff=True).id
        made = [
            make_reseller("Romashka"),
            make_reseller("Lotos", country="US", state="TX", discount=125_000, established_by_staff=True),
            make_reseller("Vasilek", country="EE", currency="EUR", established_by_staff=True),
        ]
        self.resellers = [one.id for one in made]
        self.owners = {one.id: owner_of(one) for one in made}
        self.names = {one.id: one.legal_name for one in made}
        self.currency = {one.id: one.currency for one in made}
        db.session.commit()
        begin_request(writes=False)

    def end(self) -> None:
        self._stack.close()

    @property
    def today(self) -> date:
        with clock.at(self.now):
            return clock.today()

    def do(self, action: Callable[[], T]) -> T | None:
        """Carry it out and commit; refused for a reason of business, it has changed nothing."""
        try:
            with clock.at(self.now), transaction():
                before = db.session.scalar(NEWEST)
                return action()
        except BusinessError:
            self.refused += 1
            assert self.look(lambda: db.session.scalar(NEWEST)) == before, "what was refused has left entries"
            return None

    def look(self, reader: Callable[[], T]) -> T:
        """Read something as it is now."""
        with clock.at(self.now), reading():
            return reader()

    def bring(self, currency: str, payment: Payment) -> None:
        """Money moves on the vendor's account today."""
        account = self.accounts[currency]
        number = len(account.entries)
        bank_id = f"B{number}" if payment.bank_id else ""
        account.entries.append(replace(payment, currency=currency, day=self.today, bank_id=bank_id))

    def keep(self, data: bytes) -> Sequence[int]:
        """Import a file; the entries that can be booked now."""
        with clock.at(self.now):
            return imports.keep(imports.preview(read_statement(data)), data, "file.xml", by=None).matched

    def advance(self, by: timedelta) -> None:
        self.now += by


def pick(choices: Sequence[T], number: int) -> T:
    """One of them.

    Raises:
        Nothing: if there is none.
    """
    if not choices:
        raise Nothing
    return choices[number % len(choices)]


def major(minor: int) -> str:
    """An amount as a bank writes it."""
    return f"{minor // 100}.{minor % 100:02}"


def check_outside(world: World) -> None:
    """What people and the bank have done is in the books, to the cent, and nothing else is."""
    books = world.books
    assert {id_: books.on(id_, "principal", "order") for id_ in books.orders} == world.placed
    told = [one.entries[number] for one in world.accounts.values() for number in one.told]
    assert len(books.bank_entries) == len(told), "an entry was kept twice, or not at all"
    assert sum(one.minor for one in books.bank_entries) == sum(minor_of(one.amount) for one in told)
    by_hand = {one.submit_key: one.minor for one in books.transfers.values() if one.submit_key.startswith("hand")}
    assert by_hand == world.by_hand
    assert len(books.transfers) == len(by_hand) + sum(one.bookings for one in books.bank_entries)
    for reseller_id, minor in world.refunded.items():
        noted = [one.minor for one in books.entries if one.kind == "refund" and one.reseller == reseller_id]
        assert sum(noted) == minor


def minor_of(amount: str) -> int:
    """The other way round."""
    return int(amount.replace(".", ""))
