"""For what an entry is: matched for certain, or left to a person (R12, R18)."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.money import Money
from dashboard.payments.rules import (
    Hurdle,
    Match,
    Named,
    NameKind,
    Payable,
    Payer,
    Reason,
    State,
    Waiting,
    decide,
    sums_to,
)

TOLERANCE = 20


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def named(*ids: str, kind: NameKind = NameKind.REFERENCE, reseller: int = 1, **facts: Any) -> Named:
    return Named(kind, reseller, facts.pop("currency", "USD"), ids, usd(facts.pop("open_", 1000)), **facts)


def payer(*amounts: int, reseller: int = 1, currency: str = "USD", by_account: bool = False) -> Payer:
    payables = tuple(Payable(f"o{number}", usd(minor)) for number, minor in enumerate(amounts))
    return Payer(reseller, currency, payables, by_account)


def decided(minor: int, names: list[Named], sender: Payer | None = None) -> Match | Waiting:
    return decide(usd(minor), names, sender, TOLERANCE)


@pytest.mark.parametrize("minor", [1, 1000, 99_999])
def test_R18_a_reference_is_certain_whatever_the_amount_and_whoever_paid(minor: int) -> None:
    match = Match(1, Reason.REFERENCE, ("a",))
    assert decided(minor, [named("a")]) == match
    assert decided(minor, [named("a")], payer(5, reseller=2)) == match


def test_R18_one_transfer_may_name_many_orders_of_one_reseller() -> None:
    assert decided(5, [named("a"), named("b")]) == Match(1, Reason.REFERENCE, ("a", "b"))
    assert decided(5, [named("a"), named("b", reseller=2)]) == Waiting(Hurdle.SEVERAL_RESELLERS, (1, 2))


@pytest.mark.parametrize(("minor", "beyond"), [(1990, -10), (2000, 0), (2500, 500)])
def test_R18_a_match_tells_what_came_beyond_what_is_open_of_the_named_orders(minor: int, beyond: int) -> None:
    match = decided(minor, [named("a"), named("b"), named("c", state=State.PAID, open_=0)])
    assert isinstance(match, Match)
    assert match.beyond == usd(beyond)


def test_R18_a_statement_is_paid_with_what_is_owed_unless_orders_are_named_too() -> None:
    statement = named("a", "b", is_bundle=True)
    assert decided(5, [statement]) == Match(1, Reason.REFERENCE, (), ("a", "b"))
    assert decided(5, [statement, named("b")]) == Match(1, Reason.REFERENCE, ("b",))


def test_R18_what_is_paid_already_leaves_the_money_to_what_is_owed() -> None:
    assert decided(5, [named("a", state=State.PAID, open_=0)]) == Match(1, Reason.REFERENCE)


@pytest.mark.parametrize(
    ("facts", "hurdle"),
    [
        ({"state": State.LAPSED}, Hurdle.LAPSED),
        ({"state": State.CANCELLED}, Hurdle.CANCELLED),
        ({"currency": "EUR"}, Hurdle.CURRENCY),
    ],
)
def test_R12_R18_a_person_decides_about_lapsed_and_cancelled_orders_and_other_currencies(
    facts: dict[str, Any], hurdle: Hurdle
) -> None:
    assert decided(1000, [named("a", **facts)]) == Waiting(hurdle, (1,))


@pytest.mark.parametrize(
    ("minor", "sender", "certain"),
    [
        (1000, None, True),
        (980, None, True),  # the banks took some
        (979, None, False),
        (1001, None, False),
        (1, payer(reseller=1), True),
        (1000, payer(reseller=2), False),
    ],
)
def test_R18_a_number_that_others_use_too_needs_its_payer_or_its_amount(
    minor: int, sender: Payer | None, certain: bool
) -> None:
    weak = named("a", kind=NameKind.WEAK)
    expected = Match(1, Reason.NUMBER, ("a",)) if certain else Waiting(Hurdle.OTHER_AMOUNT, (1,))
    assert decided(minor, [weak], sender) == expected


def test_R18_a_known_account_and_the_exact_amount_of_one_order() -> None:
    assert decided(300, [], payer(100, 200, 300, by_account=True)) == Match(1, Reason.ACCOUNT, ("o2",))
    assert decided(300, [], payer(100, 200, 300)) == Waiting(Hurdle.SEVERAL_SUMS, (1,))
    assert decided(300, [], payer(300, 300, by_account=True)) == Waiting(Hurdle.SEVERAL_SUMS, (1,))


def test_R18_a_payer_and_the_only_sum_of_its_open_orders() -> None:
    assert decided(300, [], payer(100, 200, 500)) == Match(1, Reason.SUM, ("o0", "o1"))
    assert decided(700, [], payer(100, 200, 500)) == Match(1, Reason.SUM, ("o1", "o2"))
    assert decided(301, [], payer(100, 200, 500)) == Waiting(Hurdle.NO_SUM, (1,))


def test_R18_nothing_is_booked_for_an_unknown_payer_or_in_another_currency() -> None:
    assert decided(300, []) == Waiting(Hurdle.UNKNOWN_PAYER)
    assert decided(300, [], payer(300, currency="EUR")) == Waiting(Hurdle.CURRENCY, (1,))


@given(st.lists(st.integers(1, 40), max_size=9), st.integers(1, 150))
def test_R18_the_sums_are_all_there_are(amounts: list[int], minor: int) -> None:
    payables = payer(*amounts).payables
    by_hand = [
        tuple(sorted(one.receivable_id for one in chosen))
        for size in range(1, len(payables) + 1)
        for chosen in combinations(payables, size)
        if sum(one.open.minor for one in chosen) == minor
    ]
    found = [tuple(sorted(ids)) for ids in sums_to(usd(minor), payables, most=1000)]
    assert sorted(found) == sorted(by_hand)
    assert len(sums_to(usd(minor), payables)) == min(len(by_hand), 2)


def test_R18_too_many_choices_are_no_certainty() -> None:
    assert sums_to(usd(1 << 17), payer(*(1 << bit for bit in range(18))).payables) == []
