"""Any history of orders, money, tax and days keeps every figure right (R11-R18, R24, R27, R29).

`make test` lives through a few fixed histories; `make prove` through many new ones (`HYPOTHESIS_PROFILE=thorough`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import fresh
from tests.databases import Database
from tests.histories.machine import History
from tests.histories.world import World

STEPS = 200


def settings_of_a_run() -> hypothesis_settings:
    """A few fixed histories, or as many new ones as the profile says."""
    thorough = hypothesis_settings.get_current_profile_name() == "thorough"
    run = hypothesis_settings(
        stateful_step_count=STEPS * 13 // 10,  # in some nothing can happen
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    return run if thorough else hypothesis_settings(run, max_examples=3, derandomize=True, database=None)


@pytest.fixture
def make_world(application: Flask, database: Database, tmp_path: Path) -> Callable[[], World]:
    counter = itertools.count(1)
    return lambda: World(application, fresh(application, database, tmp_path / str(next(counter))))


def test_R18_any_history_of_two_hundred_steps_adds_up(make_world: Callable[[], World]) -> None:
    History.lengths.clear()
    run_state_machine_as_test(lambda: History(make_world), settings=settings_of_a_run())
    assert min(History.lengths) >= STEPS
