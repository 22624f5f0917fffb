"""A statement asks for money as long as something of it is open, and not a moment longer (R19)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session, scoped_session

from dashboard import clock
from dashboard.documents import service as documents
from dashboard.fulfilment import bookkeeping, transfers
from dashboard.ledger import balances
from dashboard.statements import jobs, service
from dashboard.statements.models import Statement
from tests.factories import make_key, make_reseller, place

ASKS, PAID = "How to pay", "Paid on"


@pytest.fixture
def drawn(db: scoped_session[Session], work: Callable[[], int]) -> Callable[[], tuple[bool, bool, int]]:
    """Whether the statement asks, whether it says paid, and the number of its pictures, when all is drawn."""

    def look() -> tuple[bool, bool, int]:
        work()
        digest = db.query(Statement).one().document_digest
        assert digest is not None
        (page,) = PdfReader(io.BytesIO(documents.read(digest))).pages
        text = " ".join(page.extract_text().split())
        return ASKS in text, PAID in text, len(page.images)

    return look


def pay(order_id: str, reseller_id: int) -> int:
    """A transfer of all that is open on an order; its id."""
    amount = balances.open_amount(order_id)
    return transfers.confirm_transfer(
        reseller_id, amount, clock.today(), targets=[order_id], text="", staff_id=None, submit_key=order_id
    ).id


def test_R19_a_statement_of_which_nothing_is_open_says_paid(drawn: Callable[[], tuple[bool, bool, int]]) -> None:
    """Open again, because the transfer was booked wrongly, it asks for the money again; written off, it does not."""
    make_key()
    reseller = make_reseller(established_by_staff=True, currency="EUR")
    first, second = [place(reseller).id for _ in range(2)]
    service.make_statement(reseller.id, service.this_month())
    asks, paid = (True, False, 1), (False, True, 0)
    assert drawn() == asks
    pay(first, reseller.id)
    assert drawn() == asks
    last = pay(second, reseller.id)
    assert drawn() == paid
    transfers.undo_transfer(last, "Wrong sender")
    assert drawn() == asks
    bookkeeping.write_off(reseller.id, second, "It is insolvent")
    assert drawn() == paid


def test_R19_nobody_gets_the_unpaid_statement_while_the_paid_one_is_drawn(
    db: scoped_session[Session], drawn: Callable[[], tuple[bool, bool, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key()
    reseller = make_reseller(established_by_staff=True, currency="EUR")
    order = place(reseller).id
    reseller_id, statement = reseller.id, service.make_statement(reseller.id, service.this_month())
    assert statement is not None
    original = jobs.render_pdf

    def paid_meanwhile(*args: object) -> bytes:
        monkeypatch.setattr(jobs, "render_pdf", original)
        with clock.at(clock.utcnow()), jobs.transaction():
            pay(order, reseller_id)
        return original(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "render_pdf", paid_meanwhile)
    assert drawn() == (False, True, 0)


def test_R19_a_paid_statement_that_is_looked_at_again_stays_paid_since_the_first_day(
    db: scoped_session[Session],
) -> None:
    """A transfer that was undone paid a part of it that is not owed any more: nothing of the statement is open."""
    make_key()
    reseller = make_reseller(established_by_staff=True, currency="EUR")
    order = place(reseller)
    statement = service.make_statement(reseller.id, service.this_month())
    assert statement is not None
    pay(order.id, reseller.id)
    paid_on = clock.today()
    service.look_again(reseller.id, paid_on + timedelta(days=2), reopened=[order.id])
    assert statement.paid_on == paid_on
