"""Jobs on a small scale: what else takes thousands of rows is long here from the second on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from dashboard.jobs import jobs, rules
from dashboard.payments import rules as payments
from dashboard.resellers.models import Reseller
from dashboard.statements import rules as statements
from tests.client import Client
from tests.factories import make_reseller, make_user, owner_of
from tests.jobs.hands import run_jobs


@pytest.fixture(autouse=True)
def _everything_is_long(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(payments, "TRANSFERS_AT_ONCE", 1)
    monkeypatch.setattr(statements, "RESELLERS_AT_ONCE", 1)
    monkeypatch.setattr(statements, "INVOICES_AT_ONCE", 1)
    monkeypatch.setattr(jobs, "PAUSE", 0.0)  # each item is told


@pytest.fixture
def work() -> Callable[[], int]:
    """The worker, who has nothing but jobs to do."""
    return run_jobs


@pytest.fixture
def romashka(app: Flask) -> Reseller:
    return make_reseller("Romashka", owner=make_user("Anna"))


@pytest.fixture
def anna(client: Client, romashka: Reseller) -> Client:
    """The browser of the company's owner."""
    client.sign_in_as(owner_of(romashka))
    return client
