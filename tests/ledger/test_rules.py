"""The terms of a new order, situation by situation (R14, R15)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ledger.rules import Terms, TermsReason, due_on, terms_for
from dashboard.money import Money

NEW, FIRM, STAFF = TermsReason.NEW, TermsReason.ESTABLISHED, TermsReason.ESTABLISHED_BY_STAFF
LATE, HOLD = TermsReason.OVERDUE, TermsReason.ON_HOLD


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        # A new reseller pays first, whatever else is so.
        ((0, 3, False, 0, False), NEW),
        ((1, 3, False, 0, False), NEW),
        ((2, 3, False, 0, False), NEW),
        ((0, 3, False, 1, False), NEW),
        ((2, 3, False, 999_99, False), NEW),
        ((0, 1, False, 0, False), NEW),
        # From the third paid order on there is credit.
        ((3, 3, False, 0, False), FIRM),
        ((4, 3, False, 0, False), FIRM),
        ((1000, 3, False, 0, False), FIRM),
        ((1, 1, False, 0, False), FIRM),
        ((5, 5, False, 0, False), FIRM),
        ((4, 5, False, 0, False), NEW),
        # A vendor may ask for no paid order at all.
        ((0, 0, False, 0, False), FIRM),
        # Staff make a reseller established that was so before this program.
        ((0, 3, True, 0, False), STAFF),
        ((2, 3, True, 0, False), STAFF),
        ((3, 3, True, 0, False), FIRM),
        ((9, 3, True, 0, False), FIRM),
        # One cent that is late takes credit away, from everybody.
        ((3, 3, False, 1, False), LATE),
        ((50, 3, False, 1_000_000_00, False), LATE),
        ((0, 3, True, 1, False), LATE),
        ((3, 3, True, 1, False), LATE),
        # Staff's hold goes before all else.
        ((0, 3, False, 0, True), HOLD),
        ((3, 3, False, 0, True), HOLD),
        ((0, 3, True, 0, True), HOLD),
        ((3, 3, False, 1, True), HOLD),
        ((2, 3, False, 1, True), HOLD),
        ((50, 3, True, 1, True), HOLD),
    ],
)
def test_R14_R15_terms_of_a_new_order(facts: tuple[int, int, bool, int, bool], reason: TermsReason) -> None:
    """The facts: paid orders, how many are needed, marked by staff, cents that are late, on hold."""
    paid_orders, needed, by_staff, overdue, on_hold = facts
    decision = terms_for(
        paid_orders=paid_orders, needed=needed, by_staff=by_staff, overdue=Money(overdue, "EUR"), on_hold=on_hold
    )
    assert decision.reason is reason
    assert decision.terms is (Terms.NET30 if reason in {FIRM, STAFF} else Terms.PREPAID)
    assert (decision.paid_orders, decision.needed) == (paid_orders, needed)


@given(st.integers(0, 10), st.integers(0, 5), st.booleans(), st.integers(0, 100), st.booleans())
def test_R14_R15_credit_is_for_the_established_that_owe_nothing_late(
    paid_orders: int, needed: int, by_staff: bool, overdue: int, on_hold: bool
) -> None:
    decision = terms_for(
        paid_orders=paid_orders, needed=needed, by_staff=by_staff, overdue=Money(overdue, "RUB"), on_hold=on_hold
    )
    deserved = (by_staff or paid_orders >= needed) and not overdue and not on_hold
    assert (decision.terms is Terms.NET30) == deserved


@pytest.mark.parametrize(
    ("placed_on", "days", "due"),
    [
        (date(2026, 1, 1), 30, date(2026, 1, 31)),
        (date(2026, 1, 31), 30, date(2026, 3, 2)),
        (date(2028, 1, 31), 30, date(2028, 3, 1)),
        (date(2026, 12, 15), 30, date(2027, 1, 14)),
        (date(2026, 5, 1), 0, date(2026, 5, 1)),
        (date(2026, 5, 1), 45, date(2026, 6, 15)),
    ],
)
def test_R14_credit_is_due_in_calendar_days(placed_on: date, days: int, due: date) -> None:
    assert due_on(Terms.NET30, placed_on, days) == due
    assert due_on(Terms.PREPAID, placed_on, days) is None
