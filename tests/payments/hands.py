"""What staff do on the pages of payments in several tests."""

from __future__ import annotations

import io
from collections.abc import Callable

from dashboard.extensions import db
from dashboard.payments.models import BankEntry
from tests.client import Client, Page


def upload(mari: Client, data: bytes, name: str = "statement.xml") -> Page:
    return mari.get("/staff/payments").submit("Look at it", file=(io.BytesIO(data), name))


def bring(mari: Client, work: Callable[[], int], data: bytes) -> Page:
    """Bring a file in, and let the worker book it; the page of the file."""
    page = upload(mari, data).submit("Book it")
    work()
    db.session.expire_all()
    return mari.get(page.path)


def the_entry() -> BankEntry:
    db.session.expire_all()
    return db.session.query(BankEntry).order_by(BankEntry.id.desc()).first()  # type: ignore[return-value]


def open_entry(mari: Client) -> Page:
    return mari.get(f"/staff/payments/entries/{the_entry().id}")
