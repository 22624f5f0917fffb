"""Any history of orders, money, tax and days keeps every figure right (R11-R18, R24, R27, R29).

`make test` lives through a few fixed histories; `make prove` through many new ones (`HYPOTHESIS_PROFILE=thorough`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test

from dashboard.fulfilment import transfers
from dashboard.ledger import service as ledger
from dashboard.ledger.rules import Account, EntryKind
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.payments import imports
from dashboard.statements import interest
from dashboard.statements.rules import Span
from tests.conftest import fresh
from tests.databases import Database
from tests.histories.machine import History
from tests.histories.world import LINES, World

STEPS = 200

IS_THOROUGH = hypothesis_settings.get_current_profile_name() == "thorough"

#: As many new histories as `make prove` is to see, or a few fixed ones.
HISTORIES = 100 if IS_THOROUGH else 3


def settings_of_a_run() -> hypothesis_settings:
    """For some more histories than are to be seen: in a few, nothing can happen in too many of the steps."""
    run = hypothesis_settings(
        max_examples=HISTORIES * 11 // 10,
        stateful_step_count=STEPS * 3 // 2,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    return run if IS_THOROUGH else hypothesis_settings(run, derandomize=True, database=None)


@pytest.fixture
def make_world(application: Flask, database: Database, tmp_path: Path) -> Callable[[], World]:
    counter = itertools.count(1)
    return lambda: World(application, fresh(application, database, tmp_path / str(next(counter))))


def test_R18_any_history_of_two_hundred_steps_adds_up(
    make_world: Callable[[], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    History.lengths.clear()
    if not IS_THOROUGH:
        monkeypatch.setattr(History, "every", 5)
    run_state_machine_as_test(lambda: History(make_world), settings=settings_of_a_run())
    assert len([length for length in History.lengths if length >= STEPS]) >= HISTORIES


def a_cent_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    original = ledger._write

    def write(kind: Any, account: Any, reseller_id: int, amount: Money, *args: Any, **facts: Any) -> Any:
        if (kind, account) == (EntryKind.ALLOCATION, Account.CREDIT):
            amount = amount + Money(1, amount.currency)
        return original(kind, account, reseller_id, amount, *args, **facts)

    monkeypatch.setattr(ledger, "_write", write)


def an_order_is_not_told_that_it_is_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    original = transfers._settle

    def settle(order: Order) -> None:
        original(order)
        order.paid_on = None

    monkeypatch.setattr(transfers, "_settle", settle)


def a_file_is_booked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = itertools.count(1)
    original = imports._facts
    monkeypatch.setattr(
        imports, "_facts", lambda row, file_id: original(row, file_id) | {"identity": f"new {next(numbers)}"}
    )
    monkeypatch.setattr(imports, "_known", lambda _identities: set())


def interest_counts_a_day_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    original = interest.pieces
    monkeypatch.setattr(
        interest, "pieces", lambda moves, span: original(moves, Span(span.after, span.until + timedelta(days=1)))
    )


@pytest.mark.parametrize(
    "plant",
    [
        None, a_cent_is_lost, an_order_is_not_told_that_it_is_paid, a_file_is_booked_again,
        interest_counts_a_day_too_many,
    ],
)  # fmt: skip
def test_a_planted_fault_is_found(
    make_world: Callable[[], World], monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None] | None
) -> None:
    """The same short history without a fault finds nothing."""
    history = History(make_world)
    try:
        if plant:
            plant(monkeypatch)
        with pytest.raises(AssertionError) if plant else nullcontext():
            live_a_little(history)
    finally:
        history.failed = True
        history.teardown()


def live_a_little(history: History) -> None:
    """Two orders on credit, one of them late on a statement, both paid by a file that comes twice."""
    for _ in range(2):
        history.place(whose=1, lines=LINES[0])
        history.look()
    for _ in range(2):
        history.days_pass(days=31)
        history.run_the_months_statements()
        history.look()
    for number in range(2):
        history.money_comes(number, "reference", "full", 0, foreign=0, with_id=1)
    for _ in range(2):
        history.import_a_file("USD", first=0, days=99, order=1, book="all")
        history.look()
    history.look_at_everything()
