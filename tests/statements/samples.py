"""What tests of statements begin with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from dashboard import clock
from dashboard.extensions import db as database
from dashboard.ledger import service as ledger
from dashboard.ledger.rules import Terms
from dashboard.money import Money
from dashboard.resellers.models import Reseller

DECEMBER = date(2026, 12, 1)
FIRST = datetime(2026, 12, 1, 12, tzinfo=UTC)


def owes(reseller: Reseller, minor: int, late: int = -10, *, prepaid: bool = False) -> str:
    """An order without lines, as the ledger knows it: due so many days ago."""
    id_ = ledger.free_order_id()
    due = clock.today() - timedelta(days=late)
    ledger.open_receivable(
        id_, reseller.id, Money(minor, reseller.currency), Terms.PREPAID if prepaid else Terms.NET30,
        due - timedelta(days=30),
    )  # fmt: skip
    return id_


def count(model: type[Any], *which: Any) -> int:
    found = database.session.scalar(select(func.count()).select_from(model).where(*which)) or 0
    database.session.rollback()
    return found
