"""What a sum of money pays, and in which order (R18): pure."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ledger.rules import Account, OpenItem, distribute
from dashboard.money import Money

DAY = date(2026, 5, 4)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def item(name: str, principal: int, *, due: int | None = None, interest: int = 0, placed: int = 0) -> OpenItem:
    """`due` and `placed` in days from one day on; without `due` it is prepaid."""
    due_on = None if due is None else DAY + timedelta(days=due)
    return OpenItem(name, DAY + timedelta(days=placed), due_on, usd(principal), usd(interest))


def paid(minor: int, items: list[OpenItem], *targets: str) -> list[tuple[str, str, int]]:
    shares = distribute(usd(minor), items, targets=targets)
    return [(share.receivable_id, share.account.value, share.amount.minor) for share in shares]


OLD, NEW = item("old", 500, due=10, interest=7), item("new", 300, due=20, interest=5)
WAITING = item("waiting", 200, placed=5)


def test_R18_without_a_target_the_oldest_due_date_is_paid_first() -> None:
    assert paid(600, [NEW, OLD]) == [("old", "principal", 500), ("new", "principal", 100)]


def test_R18_a_transfer_for_one_order_pays_that_order_first() -> None:
    assert paid(400, [OLD, NEW], "new") == [("new", "principal", 300), ("old", "principal", 100)]


def test_R18_interest_comes_after_all_principal_that_is_owed() -> None:
    assert paid(805, [OLD, NEW])[2:] == [("old", "interest", 5)]
    assert paid(812, [OLD, NEW])[2:] == [("old", "interest", 7), ("new", "interest", 5)]


@pytest.mark.parametrize(("excess", "pays"), [(199, []), (200, [("waiting", "principal", 200)])])
def test_R18_an_excess_pays_a_prepaid_order_only_whole(excess: int, pays: list[tuple[str, str, int]]) -> None:
    assert paid(812 + excess, [WAITING, OLD, NEW])[4:] == pays


def test_R18_a_prepaid_order_that_was_named_may_be_paid_in_part() -> None:
    assert paid(150, [WAITING], "waiting") == [("waiting", "principal", 150)]


def test_R18_a_prepaid_order_that_is_too_large_does_not_keep_a_smaller_one_waiting() -> None:
    assert paid(200, [item("large", 900, placed=1), WAITING]) == [("waiting", "principal", 200)]


def test_R18_several_named_orders_are_paid_by_their_age() -> None:
    assert paid(550, [NEW, OLD, WAITING], "waiting", "old") == [
        ("waiting", "principal", 200),
        ("old", "principal", 350),
    ]


def test_nothing_is_left_of_nothing() -> None:
    assert paid(0, [OLD]) == []


ITEMS = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 1000), st.none() | st.integers(0, 90), st.integers(0, 90)),
    max_size=8,
)


@given(st.integers(0, 10**7), ITEMS, st.sets(st.integers(0, 7)))
def test_R18_no_cent_is_lost_and_nothing_is_paid_beyond_what_is_open(
    minor: int, drawn: list[tuple[int, int, int | None, int]], named: set[int]
) -> None:
    items = [
        item(str(number), principal, due=due, interest=interest, placed=placed)
        for number, (principal, interest, due, placed) in enumerate(drawn)
    ]
    shares = list(distribute(usd(minor), items, targets=[str(one) for one in named]))
    open_ = {(one.id, account): getattr(one, account.value) for one in items for account in list(Account)[:2]}
    assert sum(share.amount.minor for share in shares) <= minor
    assert len({(share.receivable_id, share.account) for share in shares}) == len(shares)
    assert all(usd(0) < share.amount <= open_[share.receivable_id, share.account] for share in shares)
    left = minor - sum(share.amount.minor for share in shares)
    if left:
        given_ = {(share.receivable_id, share.account): share.amount for share in shares}
        for one in items:
            if one.due_on is not None or one.id in {str(number) for number in named}:
                assert given_.get((one.id, Account.PRINCIPAL), usd(0)) == one.principal
