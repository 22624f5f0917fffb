"""The generated part of the demo's orders: pure, believable, and the same for the same day."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random, SystemRandom

import pytest

from dashboard import chance
from dashboard.catalog.files import read_catalog
from dashboard.demo.companies import RESELLERS
from dashboard.demo.history import Rhythm
from dashboard.demo.people import CUSTOMERS
from dashboard.demo.rhythm import tell, workday
from dashboard.demo.stories import DATA
from dashboard.ledger.references import is_order_id, new_order_id
from dashboard.licenses.rules import is_serial, new_serial

FRIDAY = date(2026, 11, 27)
RHYTHM = Rhythm(300, 425, ("a", "b", "c", "d"), patience=(10, 29), late=20)


def test_the_same_day_has_the_same_orders() -> None:
    assert tell(RHYTHM, FRIDAY, Random("seed")) == tell(RHYTHM, FRIDAY, Random("seed"))
    assert tell(RHYTHM, FRIDAY, Random("seed")) != tell(RHYTHM, FRIDAY, Random("another"))


def test_orders_become_more_and_keep_to_the_week() -> None:
    orders = tell(RHYTHM, FRIDAY, Random(1))
    assert sum(order.days_ago < 212 for order in orders) > sum(order.days_ago >= 212 for order in orders)
    week = Counter((FRIDAY - timedelta(days=order.days_ago)).weekday() for order in orders)
    assert week[5] + week[6] < len(orders) / 20
    assert min(order.days_ago for order in orders) >= 1


def test_what_was_bought_is_renewed_a_year_later() -> None:
    orders = tell(RHYTHM, FRIDAY, Random(1))
    bought = [order for order in orders if order.days_ago > 366]
    renewed = [
        (one.customer, one.lines, ago) in {(later.customer, later.lines, later.days_ago) for later in orders}
        for one in bought
        for ago in range(one.days_ago - 366, one.days_ago - 355)
    ]
    assert len(bought) / 2 < sum(renewed) < len(bought)


def test_customers_come_again_and_pay_in_their_time() -> None:
    orders = tell(RHYTHM, FRIDAY, Random(1))
    assert Counter(order.customer for order in orders).most_common(1)[0][0] == "a"
    patience = [order.paid_after or 0 for order in orders]
    assert 10 <= min(patience) <= max(patience) <= 44
    assert 0.1 < sum(days > 30 for days in patience) / len(orders) < 0.3


@pytest.mark.parametrize(("days_ago", "day"), [(1, 26), (5, 20), (6, 20), (7, 20), (8, 19)])
def test_a_weekend_is_spent_elsewhere(days_ago: int, day: int) -> None:
    assert workday(FRIDAY, days_ago) == date(2026, 11, day)


def test_every_order_is_for_a_customer_and_for_what_the_catalog_has() -> None:
    skus = {row.code for row in read_catalog((DATA / "catalog.csv").read_bytes())}
    for reseller in RESELLERS:
        told = tell(reseller.rhythm, FRIDAY, Random(1)) if reseller.rhythm else []
        for order in [*told, *reseller.orders]:
            assert order.customer in CUSTOMERS
            assert {code for code, _ in order.lines} <= skus


def test_chance_is_told_only_where_it_is_seeded() -> None:
    assert isinstance(chance.source(), SystemRandom)
    told = []
    for _ in range(2):
        with chance.seeded("x"):
            told.append((new_order_id(), new_serial(chance.source())))
        assert isinstance(chance.source(), SystemRandom)
    assert told[0] == told[1]
    assert is_order_id(told[0][0])
    assert is_serial(told[0][1])
    assert new_order_id() != told[0][0]
