"""Eight people at once do everything with the same orders, round after round (R10, R12, R18, R27).

`make test` goes a few rounds, `make prove` five hundred (`HYPOTHESIS_PROFILE=thorough`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings as hypothesis_settings
from sqlalchemy import select

from dashboard.banking.service import read_statement
from dashboard.clock import today
from dashboard.errors import BusinessError
from dashboard.extensions import db
from dashboard.fulfilment import bank_entries, pricing, service, transfers
from dashboard.fulfilment.service import OrderRequest
from dashboard.invoices import service as invoices
from dashboard.invoices.rules import PaperKind
from dashboard.ledger import balances
from dashboard.licenses import service as licenses
from dashboard.licenses.rules import LicenseKind
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.payments import imports
from dashboard.payments import service as payments
from dashboard.payments.models import BankEntry, Transfer
from dashboard.web.transactions import begin_request, transaction
from tests.factories import CUSTOMER, VIEWER, make_reseller, owner_of, place
from tests.histories import checks
from tests.histories.books import Books
from tests.payments.camt import Payment, camt
from tests.threads import PATIENCE, Rendezvous, at_once, locks_off

Action = Callable[[], Any]

ROUNDS, THOROUGH_ROUNDS = 20, 500
#: Rounds between two looks at all the books.
SELDOM = 50
PRICE, PRICE_MINOR = "1079.10", 107_910


class Round:
    """A reseller with two unpaid orders and a third on its review page; the bank's file pays both. Eight people."""

    def __init__(self, number: int) -> None:
        begin_request(writes=True)
        reseller = make_reseller(f"Company {number}", established_by_staff=number % 5 == 4)
        self.reseller_id, self.owner, self.number = reseller.id, owner_of(reseller), number
        first, second = place(reseller), place(reseller)
        self.first, self.second = first.id, second.id
        self.data = camt(
            Payment(PRICE, first.reference, reseller.legal_name, bank_id=f"A{number}"),
            Payment(PRICE, second.reference, reseller.legal_name, bank_id=f"B{number}"),
        )
        self.request = OrderRequest(lines=[(VIEWER, 1)], customer=CUSTOMER)
        self.seen = pricing.estimate(reseller.id, self.request.lines).shown()
        db.session.commit()

    def actions(self) -> list[Action]:
        """What the eight do, in an order of chance."""
        people = [self.confirm("a"), self.confirm("b"), self.import_file, self.import_file, self.place, self.place]
        people += [
            [self.cancel(), self.cancel()],
            [self.cancel(), self.confirm("a")],
            [self.import_file, self.confirm("c", self.second)],
            [self.cancel(self.second), self.import_file],
        ][self.number % 4]  # fmt: skip
        Random(self.number).shuffle(people)
        return people

    def confirm(self, form: str, order_id: str = "") -> Action:
        amount, key, order_id = Money(PRICE_MINOR, "USD"), f"{form}{self.number}", order_id or self.first
        return lambda: transfers.confirm_payment(
            order_id, amount, today(), text="", staff_id=None, submit_key=key
        ).id  # fmt: skip

    def cancel(self, order_id: str = "") -> Action:
        return lambda: service.cancel_order(order_id or self.first, "mistake", by_staff=True).id

    def import_file(self) -> int:
        matched = imports.keep(imports.preview(read_statement(self.data)), self.data, "file.xml", by=None).matched
        for entry_id in matched:
            with transaction():
                bank_entries.book_matched(entry_id)
        return len(matched)

    def place(self) -> str:
        return service.place_order(
            self.reseller_id, self.owner, self.request, seen=self.seen, submit_key=f"page{self.number}"
        ).id  # fmt: skip

    def check(self, results: list[Any]) -> None:
        """Whoever came too late was told so in words; every order has what it should have, once."""
        defects = [one for one in results if isinstance(one, Exception) and not isinstance(one, BusinessError)]
        assert defects == []
        with reading_again():
            placed = db.session.scalars(select(Order.id).where(Order.reseller_id == self.reseller_id)).all()
            assert len(placed) <= 3
            for order_id in placed:
                self._check_order(order_id)
            self._check_money()

    def _check_order(self, order_id: str) -> None:
        order = orders.get_order(order_id)
        kinds = [paper.kind for paper in invoices.find_papers(order_id) if paper.kind != PaperKind.PRO_FORMA]
        issued = licenses.of_order(order_id, kind=LicenseKind.PERMANENT)
        assert len(issued) == kinds.count(PaperKind.INVOICE) <= 1
        assert (order.paid_on is not None or order.due_on is not None) == bool(issued)
        was_cancelled = order.cancelled_at is not None
        assert kinds.count(PaperKind.CREDIT_NOTE) == (was_cancelled and len(issued))
        assert [one.revoked_at is not None for one in issued] == [was_cancelled] * len(issued)
        if was_cancelled:
            assert balances.open_amount(order_id) == Money(0, "USD")

    def _check_money(self) -> None:
        received = db.session.scalars(select(Transfer.minor).where(Transfer.reseller_id == self.reseller_id)).all()
        kept = db.session.scalars(select(BankEntry.state).where(BankEntry.reseller_id == self.reseller_id)).all()
        assert len(kept) == 2
        paid = sum(balances.paid_amount(item).minor for item in db.session.scalars(
            select(Order.id).where(Order.reseller_id == self.reseller_id)
        ))  # fmt: skip
        assert sum(received) == paid + balances.credit_on_account(self.reseller_id, "USD").minor


@contextmanager
def reading_again() -> Iterator[None]:
    """What the others have committed."""
    begin_request(writes=False)
    yield
    begin_request(writes=False)


@pytest.fixture
def _no_lock_is_waited_for_long(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that somebody holds for ever is a defect, not a test that never ends. (SQLite gives up by itself.)"""
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=30s")
    db.session.commit()
    db.engine.dispose()


def go(app: Flask, rounds: int) -> None:
    for number in range(rounds):
        one = Round(number)
        one.check(at_once(app, one.actions()))
        if number % SELDOM == SELDOM - 1 or number == rounds - 1:
            checks.check(Books())
            checks.check_every_evening(Books())


@pytest.mark.usefixtures("_no_lock_is_waited_for_long")
def test_R18_R27_eight_people_at_the_same_orders_make_each_thing_once(app: Flask) -> None:
    thorough = hypothesis_settings.get_current_profile_name() == "thorough"
    go(app, THOROUGH_ROUNDS if thorough else ROUNDS)


@pytest.mark.usefixtures("_no_lock_is_waited_for_long")
def test_R18_R27_without_locks_they_do_not(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: nobody locks a row, and SQLite begins without taking the write lock."""
    Rendezvous(3, PATIENCE).before(monkeypatch, payments, "book_transfer")
    with locks_off(monkeypatch), pytest.raises(AssertionError):
        go(app, ROUNDS)
