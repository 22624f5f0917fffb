"""What is open, paid, late and on account: sums of entries that are never changed (R14, R15, R18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from dashboard.errors import Refused
from dashboard.extensions import db
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.ledger.references import new_order_id, order_reference
from dashboard.ledger.rules import Reason, Terms
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.resellers.models import Reseller
from tests.factories import make_reseller

pytestmark = pytest.mark.usefixtures("app")

DAY = date(2026, 5, 4)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@pytest.fixture
def reseller(app: Flask) -> Reseller:
    return make_reseller()


def owe(reseller: Reseller, minor: int, terms: Terms = Terms.NET30, on: date = DAY) -> str:
    order_id = new_order_id()
    ledger.open_receivable(order_id, reseller.id, Money(minor, reseller.currency), terms, on)
    return order_id


def receive(reseller: Reseller, minor: int, transfer_id: int = 1) -> None:
    ledger.receive(reseller.id, Money(minor, reseller.currency), DAY, transfer_id)


def pay(reseller: Reseller, order_id: str, minor: int) -> None:
    receive(reseller, minor)
    ledger.allocate(order_id, Money(minor, reseller.currency), DAY)


def test_R19_an_order_is_owed_under_its_own_reference(reseller: Reseller) -> None:
    order_id = owe(reseller, 5000)
    receivable = db.session.get_one(Receivable, order_id)
    assert receivable.reference == order_reference(order_id)
    assert (balances.open_amount(order_id), balances.paid_amount(order_id)) == (usd(5000), usd(0))
    assert receivable.due_on == DAY + timedelta(days=30)


def test_R15_a_prepaid_order_has_no_due_date_and_is_never_late(reseller: Reseller) -> None:
    order_id = owe(reseller, 5000, Terms.PREPAID)
    assert db.session.get_one(Receivable, order_id).due_on is None
    assert balances.overdue(reseller, DAY + timedelta(days=5000)) == usd(0)


def test_R14_the_days_of_credit_are_a_setting(reseller: Reseller, settings: Callable[..., Any]) -> None:
    settings(credit_days=45)
    assert db.session.get_one(Receivable, owe(reseller, 1)).due_on == DAY + timedelta(days=45)


def test_R18_a_transfer_is_on_account_until_it_is_allocated(reseller: Reseller) -> None:
    order_id = owe(reseller, 5000)
    receive(reseller, 7000)
    assert (balances.open_amount(order_id), balances.credit_on_account(reseller.id, "USD")) == (usd(5000), usd(7000))
    ledger.allocate(order_id, usd(5000), DAY)
    assert (balances.open_amount(order_id), balances.credit_on_account(reseller.id, "USD")) == (usd(0), usd(2000))
    assert balances.paid_amount(order_id) == usd(5000)


@pytest.mark.parametrize(("received", "wanted"), [(7000, 5001), (4999, 5000), (0, 1)])
def test_R18_no_more_is_allocated_than_is_open_and_on_account(reseller: Reseller, received: int, wanted: int) -> None:
    order_id = owe(reseller, 5000)
    if received:
        receive(reseller, received)
    with pytest.raises(Refused):
        ledger.allocate(order_id, usd(wanted), DAY)
    assert balances.open_amount(order_id) == usd(5000)


def test_R26_the_money_of_one_reseller_pays_no_order_of_another(reseller: Reseller) -> None:
    other = make_reseller("Lotos")
    order_id = owe(other, 5000)
    receive(reseller, 7000)
    with pytest.raises(Refused):
        ledger.allocate(order_id, usd(5000), DAY)
    assert balances.credit_on_account(other.id, "USD") == usd(0)


def test_R18_money_of_another_currency_pays_nothing(reseller: Reseller) -> None:
    order_id = owe(reseller, 5000)
    ledger.receive(reseller.id, Money(7000, "EUR"), DAY, 1)
    with pytest.raises(Refused):
        ledger.allocate(order_id, usd(5000), DAY)
    assert balances.credit_on_account(reseller.id, "EUR") == Money(7000, "EUR")


@pytest.mark.parametrize(("days", "late"), [(29, 0), (30, 0), (31, 5000), (400, 5000)])
def test_R15_principal_is_late_from_the_day_after_its_due_date(reseller: Reseller, days: int, late: int) -> None:
    owe(reseller, 5000)
    on = DAY + timedelta(days=days)
    assert balances.overdue(reseller, on) == usd(late)
    assert balances.not_due_yet(reseller, on) == usd(5000 - late)


def test_R15_only_what_is_still_open_is_late(reseller: Reseller) -> None:
    order_id, on = owe(reseller, 5000), DAY + timedelta(days=31)
    pay(reseller, order_id, 1500)
    assert balances.overdue(reseller, on) == usd(3500)
    assert orders.credit_of(reseller, on).terms is Terms.PREPAID
    pay(reseller, order_id, 3500)
    assert balances.overdue(reseller, on) == usd(0)


def test_R15_a_cancelled_order_is_not_late(reseller: Reseller) -> None:
    order_id = owe(reseller, 5000)
    ledger.cancel(order_id, DAY, invoiced=True)
    assert balances.overdue(reseller, DAY + timedelta(days=31)) == usd(0)


@pytest.mark.parametrize("invoiced", [True, False])
@pytest.mark.parametrize("paid", [0, 2000, 5000])
def test_R12_cancelling_brings_the_money_back_on_account(reseller: Reseller, paid: int, invoiced: bool) -> None:
    order_id = owe(reseller, 5000)
    if paid:
        pay(reseller, order_id, paid)
    ledger.cancel(order_id, DAY, invoiced=invoiced)
    assert balances.open_amount(order_id) == usd(0)
    assert balances.paid_amount(order_id) == usd(0)
    assert balances.credit_on_account(reseller.id, "USD") == usd(paid)
    kinds = [one.kind for one in db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id))]
    assert kinds[-1] == ("credit_note" if invoiced else "cancellation")


def test_R14_orders_paid_in_full_and_not_cancelled_count(reseller: Reseller) -> None:
    full, part, open_, cancelled = (owe(reseller, 5000, Terms.PREPAID) for _ in range(4))
    pay(reseller, full, 5000)
    pay(reseller, part, 4999)
    pay(reseller, cancelled, 5000)
    ledger.cancel(cancelled, DAY, invoiced=True)
    assert balances.paid_orders(reseller.id) == 1
    assert balances.open_amounts([full, part, open_, cancelled]) == {
        full: usd(0), part: usd(1), open_: usd(5000), cancelled: usd(0),
    }  # fmt: skip


def test_R14_R15_terms_come_from_the_entries(reseller: Reseller) -> None:
    def reason(days: int = 0) -> Reason:
        return orders.credit_of(reseller, DAY + timedelta(days=days)).reason

    assert reason() is Reason.NEW
    for _ in range(3):
        pay(reseller, owe(reseller, 5000, Terms.PREPAID), 5000)
    assert reason() is Reason.ESTABLISHED
    late = owe(reseller, 5000)
    assert (reason(30), reason(31)) == (Reason.ESTABLISHED, Reason.OVERDUE)
    pay(reseller, late, 5000)
    assert reason(31) is Reason.ESTABLISHED
    reseller.on_hold = True
    assert reason() is Reason.ON_HOLD


def test_R04_a_reseller_is_settled_when_nothing_is_open_and_nothing_on_account(reseller: Reseller) -> None:
    assert balances.is_settled(reseller.id)
    order_id = owe(reseller, 5000)
    assert not balances.is_settled(reseller.id)
    pay(reseller, order_id, 5000)
    assert balances.is_settled(reseller.id)
    receive(reseller, 1)
    assert not balances.is_settled(reseller.id)


def test_an_order_id_is_owed_once(reseller: Reseller) -> None:
    order_id = owe(reseller, 5000)
    db.session.commit()
    with pytest.raises(IntegrityError):
        ledger.open_receivable(order_id, reseller.id, usd(1), Terms.PREPAID, DAY)


@pytest.mark.parametrize("change", ["minor", "receivable_id", "note"])
def test_an_entry_is_never_changed(reseller: Reseller, change: str) -> None:
    owe(reseller, 5000)
    entry = db.session.scalars(select(LedgerEntry)).one()
    setattr(entry, change, 1 if change == "minor" else None if change == "receivable_id" else "x")
    with pytest.raises(RuntimeError, match="never changes"):
        db.session.flush()


def test_an_entry_is_never_deleted(reseller: Reseller) -> None:
    owe(reseller, 5000)
    db.session.delete(db.session.scalars(select(LedgerEntry)).one())
    with pytest.raises(RuntimeError, match="never changes"):
        db.session.flush()


def test_R15_a_debt_from_before_is_owed_like_a_credit_order(reseller: Reseller) -> None:
    debt = ledger.open_debt(reseller.id, "2026-17", usd(5000), placed_on=DAY, due_on=DAY + timedelta(days=10))
    assert debt.reference == order_reference(debt.id)
    assert [balances.overdue(reseller, DAY + timedelta(days=days)) for days in (10, 11)] == [usd(0), usd(5000)]
    assert not balances.is_settled(reseller.id)
    pay(reseller, debt.id, 2000)
    [owed] = balances.debts_of(reseller.id)
    assert (owed.number, owed.amount, owed.open, owed.placed_on) == ("2026-17", usd(5000), usd(3000), DAY)
    pay(reseller, debt.id, 3000)
    assert balances.is_settled(reseller.id)
    assert balances.paid_orders(reseller.id) == 1


def test_a_debt_is_booked_once_by_its_number(reseller: Reseller) -> None:
    ledger.open_debt(reseller.id, "17", usd(1), placed_on=DAY, due_on=DAY)
    ledger.open_debt(make_reseller("Lotos").id, "17", usd(1), placed_on=DAY, due_on=DAY)
    owe(reseller, 5000)
    assert len(balances.debts_of(reseller.id)) == 1
    with pytest.raises(IntegrityError):
        ledger.open_debt(reseller.id, "17", usd(1), placed_on=DAY, due_on=DAY)


class Books:
    """The same history kept by hand: what the ledger must say after each step."""

    def __init__(self) -> None:
        self.total: dict[str, int] = {}
        self.paid: dict[str, int] = {}
        self.due: dict[str, date | None] = {}
        self.cancelled: set[str] = set()
        self.received = 0

    def open(self, order_id: str) -> int:
        return 0 if order_id in self.cancelled else self.total[order_id] - self.paid[order_id]

    @property
    def on_account(self) -> int:
        return self.received - sum(self.paid.values())


AMOUNT = st.integers(1, 10**9)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), AMOUNT, st.booleans()),
        st.tuples(st.just("transfer"), AMOUNT, st.none()),
        st.tuples(st.just("allocate"), AMOUNT, st.integers(0, 9)),
        st.tuples(st.just("allocate all"), st.just(0), st.integers(0, 9)),
        st.tuples(st.just("cancel"), st.just(0), st.integers(0, 9)),
    ),
    max_size=14,
)


def take_step(reseller: Reseller, books: Books, step: tuple[str, int, Any]) -> None:
    what, minor, which = step
    if what == "order":
        order_id = owe(reseller, minor, Terms.NET30 if which else Terms.PREPAID)
        books.total[order_id], books.paid[order_id] = minor, 0
        books.due[order_id] = DAY + timedelta(days=30) if which else None
    elif what == "transfer":
        receive(reseller, minor)
        books.received += minor
    elif books.total:
        order_id = list(books.total)[which % len(books.total)]
        if what == "cancel":
            if order_id not in books.cancelled:
                ledger.cancel(order_id, DAY, invoiced=bool(minor % 2))
                books.cancelled.add(order_id)
                books.paid[order_id] = 0
            return
        possible = min(books.open(order_id), books.on_account)
        amount = possible if what == "allocate all" else minor
        if 0 < amount <= possible:
            ledger.allocate(order_id, usd(amount), DAY)
            books.paid[order_id] += amount
        elif amount:
            with pytest.raises(Refused):
                ledger.allocate(order_id, usd(amount), DAY)


def check_books(reseller: Reseller, books: Books) -> None:
    late = DAY + timedelta(days=31)
    for order_id in books.total:
        assert balances.open_amount(order_id) == usd(books.open(order_id))
        assert balances.paid_amount(order_id) == usd(books.paid[order_id])
    assert balances.credit_on_account(reseller.id, "USD") == usd(books.on_account) >= usd(0)
    assert balances.overdue(reseller, late) == usd(sum(books.open(one) for one, due in books.due.items() if due))
    whole = {one for one in books.total if not books.open(one)} - books.cancelled
    assert balances.paid_orders(reseller.id) == len(whole)
    owed = sum(books.open(order_id) for order_id in books.total)
    total = db.session.scalar(select(func.coalesce(func.sum(LedgerEntry.minor), 0)))
    assert int(total or 0) == owed - books.on_account
    assert balances.is_settled(reseller.id) == (owed == 0 and books.on_account == 0)


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_R14_R15_R18_any_history_keeps_its_sums(reseller: Reseller, steps: list[tuple[str, int, Any]]) -> None:
    history, books = db.session.begin_nested(), Books()
    for step in steps:
        take_step(reseller, books, step)
    check_books(reseller, books)
    history.rollback()
