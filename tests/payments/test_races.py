"""What others do while a bank's statement is imported, and two people at one entry: it is booked once (R18)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from dashboard.audit import service as audit
from dashboard.banking.service import read_statement
from dashboard.errors import Refused
from dashboard.extensions import db
from dashboard.fulfilment import bank_entries
from dashboard.ledger import balances
from dashboard.payments import imports
from dashboard.payments.models import BankEntry, Transfer
from dashboard.web.transactions import transaction
from tests.factories import make_reseller, make_user, place
from tests.payments.camt import Payment, camt
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("app")

PRICE = "1079.10"


def bring(*payments: Payment) -> list[int]:
    """Import a file and book nothing of it; the ids of its entries."""
    data = camt(*payments)
    db.session.commit()
    imports.keep(imports.preview(read_statement(data)), data, "file.xml", by=None)
    return [one.id for one in db.session.query(BankEntry).order_by(BankEntry.id)]


def refusals(results: list[Any]) -> int:
    """How many were told that they came too late; anything else that was raised is a defect."""
    assert all(isinstance(one, Refused) for one in results if isinstance(one, Exception)), results
    return sum(isinstance(one, Refused) for one in results)


def deciding(entry_id: int, reseller_id: int, targets: list[str], staff_id: int) -> Callable[[], int]:
    return lambda: bank_entries.decide(entry_id, reseller_id, targets, staff_id=staff_id).id


def test_R18_orders_go_on_while_a_file_is_read_and_matched_and_between_its_batches(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 1)
    first, second = (place(make_reseller(name)) for name in ("Romashka", "Lotos"))
    data = camt(Payment(PRICE, first.reference), Payment(PRICE, second.reference))
    db.session.commit()
    others: list[str] = []

    def write() -> None:
        with app.app_context(), transaction():
            audit.record("test.written", "test:1")

    def watch(items: Sequence[Any], doing: str, /) -> Iterator[Any]:
        for item in items:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(write).result()  # would wait for the import, if that held the write lock
            others.append(doing)
            yield item

    seen = imports.preview(read_statement(data), watch)
    imports.keep(seen, data, "file.xml", by=None, watch=watch)
    assert others == [imports.MATCHING] * 2 + [imports.KEEPING] * 2
    assert db.session.query(BankEntry).count() == 2


def test_R18_two_staff_decide_one_entry_for_different_resellers(app: Flask) -> None:
    orders = [place(make_reseller("Romashka")), place(make_reseller("Lotos"))]
    choices = [(one.reseller_id, [one.id]) for one in orders]
    mari = make_user("Mari", staff=True).id
    (entry_id,) = bring(Payment(PRICE, "no word", name="Somebody"))
    results = at_once(app, [deciding(entry_id, *choice, mari) for choice in choices])
    assert refusals(results) == 1
    assert db.session.query(Transfer).count() == 1
    assert sum(order.paid_on is not None for order in orders) == 1


def test_R18_the_worker_and_the_import_book_one_entry_once(app: Flask) -> None:
    order = place(make_reseller())
    (entry_id,) = bring(Payment(PRICE, order.reference))
    results = at_once(app, [lambda: bank_entries.book_matched(entry_id)] * 4)
    assert results == [True] * 4
    assert db.session.query(Transfer).count() == 1
    assert not balances.credit_on_account(order.reseller_id, "USD")


def test_R18_a_match_is_undone_once(app: Flask) -> None:
    order, mari = place(make_reseller()), make_user("Mari", staff=True).id
    (entry_id,) = bring(Payment(PRICE, order.reference))
    bank_entries.book_matched(entry_id)
    results = at_once(app, [lambda: bank_entries.undo(entry_id, "not theirs", staff_id=mari)] * 3)
    assert refusals(results) == 2
    assert db.session.query(BankEntry).one().state == "waiting"
    assert balances.open_amount(order.id) == order.total
