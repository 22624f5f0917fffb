"""Interest on what is overdue (R16)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from dashboard.extensions import db
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.models import Receivable
from dashboard.ledger.references import new_order_id
from dashboard.ledger.rules import Account, Terms
from dashboard.money import Money
from dashboard.resellers.models import Reseller
from dashboard.statements import interest as books
from dashboard.statements.rules import Movement, Piece, Span, interest, pieces
from tests.factories import make_reseller

PLACED = date(2026, 1, 10)
DUE = date(2026, 2, 9)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def late(days: int) -> date:
    return DUE + timedelta(days=days)


@pytest.mark.parametrize(
    ("base", "rate", "days", "expected"),
    [(100_000, 120_000, 45, 1_479), (449_550, 100_000, 17, 2_094), (100_000, 100_000, 0, 0), (1, 100_000, 1, 0)],
)
def test_R16_simple_interest_is_rounded_once(base: int, rate: int, days: int, expected: int) -> None:
    assert interest([Piece(usd(base), days)], rate) == expected


def test_R16_it_runs_from_the_day_after_the_due_date_to_the_day_of_the_money() -> None:
    movements = [Movement(PLACED, usd(1000)), Movement(late(10), usd(-400)), Movement(late(30), usd(-600))]
    assert list(pieces(movements, Span(DUE, late(30)))) == [Piece(usd(1000), 10), Piece(usd(600), 20)]
    assert list(pieces(movements, Span(DUE, DUE))) == []
    assert list(pieces(movements, Span(late(30), late(60)))) == []


def test_R16_a_leap_day_counts_and_the_year_has_365_days() -> None:
    (piece,) = pieces([Movement(date(2028, 1, 1), usd(36_500))], Span(date(2028, 2, 28), date(2028, 3, 1)))
    assert piece.days == 2
    assert interest([Piece(usd(36_500), 366)], 100_000) == 3_660


@given(
    st.lists(st.tuples(st.integers(1, 80), st.integers(1, 10**6)), max_size=6),
    st.lists(st.integers(1, 99), max_size=5),
)
def test_R16_spans_that_meet_bear_as_many_days_as_one(paid: list[tuple[int, int]], cuts: list[int]) -> None:
    total = sum(amount for _, amount in paid) + 1
    movements = [Movement(PLACED, usd(total)), *(Movement(late(day), usd(-amount)) for day, amount in paid)]

    def weight(after: int, until: int) -> int:
        return sum(one.base.minor * one.days for one in pieces(movements, Span(late(after), late(until))))

    ends = sorted({0, 100, *cuts})
    assert sum(weight(a, b) for a, b in pairwise(ends)) == weight(0, 100)


@pytest.fixture
def owed(app: Flask, settings: Callable[..., Any]) -> str:
    """1,000.00 at 12 %, due on `DUE`."""
    settings(interest_rate=120_000)
    reseller = make_reseller()
    order_id = new_order_id()
    ledger.open_receivable(order_id, reseller.id, usd(100_000), Terms.NET30, PLACED)
    return order_id


def reseller_of(order_id: str) -> Reseller:
    return db.session.get_one(Reseller, db.session.get_one(Receivable, order_id).reseller_id)


def pay(order_id: str, minor: int, day: date, transfer_id: int = 1) -> None:
    ledger.receive(reseller_of(order_id).id, usd(minor), day, transfer_id)
    ledger.allocate(order_id, usd(minor), day)


def test_R16_it_is_booked_once_however_often_it_is_asked_for(owed: str) -> None:
    assert [books.book(owed, late(45), late(45)) for _ in range(2)] == [usd(1_479), usd(0)]
    assert balances.open_interest(owed) == usd(1_479)


def test_R16_each_booking_is_rounded_by_itself_and_begins_where_the_last_one_ended(owed: str) -> None:
    assert books.book(owed, late(20), late(20)) == usd(658)  # 657.53
    assert books.book(owed, late(45), late(45)) == usd(822)  # 821.92


@pytest.mark.usefixtures("app")
def test_R16_the_rate_is_that_of_the_order(owed: str, settings: Callable[..., Any]) -> None:
    settings(interest_rate=500_000)
    assert books.book(owed, late(45), late(45)) == usd(1_479)


def test_R16_money_that_came_earlier_than_was_known_brings_a_counter_entry(owed: str) -> None:
    books.book(owed, late(45), late(45))
    pay(owed, 100_000, late(30))
    assert books.book(owed, late(30), late(50)) == usd(986 - 1_479)
    assert balances.open_interest(owed) == usd(986)
    assert [one.minor for one in books.entries_of(owed)] == [1_479, 986 - 1_479]


def test_R16_in_whatever_order_the_money_is_found_the_interest_is_the_same(owed: str) -> None:
    books.book(owed, late(45), late(45))
    pay(owed, 60_000, late(40), 1)
    books.correct(owed, late(50))
    pay(owed, 40_000, late(10), 2)
    books.book(owed, late(40), late(60))
    expected = interest([Piece(usd(100_000), 10), Piece(usd(60_000), 30)], 120_000)
    assert balances.open_interest(owed) == usd(expected)


def test_R16_interest_that_was_paid_and_turns_out_too_much_comes_back_on_account(owed: str) -> None:
    books.book(owed, late(45), late(45))
    reseller = reseller_of(owed)
    ledger.receive(reseller.id, usd(1_479), late(46), 5)
    ledger.allocate(owed, usd(1_479), late(46), Account.INTEREST)
    pay(owed, 100_000, late(30))
    books.correct(owed, late(50))
    assert balances.open_interest(owed) == usd(0)
    assert balances.credit_on_account(reseller.id, "USD") == usd(1_479 - 986)


def test_R16_interest_that_was_waived_stays_waived(owed: str) -> None:
    books.book(owed, late(45), late(45))
    assert ledger.waive_interest(owed, late(46), "our bank was closed") == usd(1_479)
    pay(owed, 100_000, late(30))
    books.correct(owed, late(50))
    assert balances.open_interest(owed) == usd(0)
    assert balances.credit_on_account(reseller_of(owed).id, "USD") == usd(0)


def test_R15_interest_alone_takes_no_credit_away(owed: str) -> None:
    books.book(owed, late(45), late(45))
    pay(owed, 100_000, late(45))
    reseller = reseller_of(owed)
    assert balances.interest_owed(reseller) == usd(1_479)
    assert balances.overdue(reseller, late(60)) == usd(0)


def test_R16_a_cancelled_order_bears_none(owed: str) -> None:
    books.book(owed, late(45), late(45))
    ledger.cancel(owed, late(46), invoiced=True)
    assert books.book(owed, late(90), late(90)) == usd(0)
    assert balances.open_interest(owed) == usd(0)
