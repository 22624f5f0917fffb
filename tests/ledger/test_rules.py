"""The due day of an order on credit (R14). What a reseller gets if it orders now is in `test_credit.py`."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.ledger.rules import Terms, due_on


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
