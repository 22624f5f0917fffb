"""A supplementary invoice is called by its number wherever somebody pays it (R18, R19, R29)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.clock import at, today, utcnow
from dashboard.fulfilment import certificates as decisions
from dashboard.fulfilment import part_cancellations, service, transfers
from dashboard.invoices import service as invoices
from dashboard.invoices.models import Paper
from dashboard.invoices.rules import PaperKind
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.payments.matching import Incoming, match_all
from dashboard.payments.rules import Match
from dashboard.resellers.models import Reseller
from dashboard.statements import reminders
from dashboard.statements import service as statements
from dashboard.tax import certificates
from dashboard.tax.certificates import Claim
from tests.client import Client
from tests.factories import VIEWER, make_key, make_reseller, make_user, owner_of, pay, place

Db = scoped_session[Session]


def billed(reseller: Reseller, pieces: int = 1) -> tuple[Order, Paper, str]:
    """A paid order whose certificate was refused, its supplementary invoice, and the receivable of that."""
    claim = Claim(("TX",), "01-339", today() - timedelta(days=100), today() + timedelta(days=100))
    one = certificates.upload(reseller.id, owner_of(reseller), claim, b"%PDF-1.7")
    order = pay(place(reseller, [(VIEWER, pieces)]))
    decisions.refuse(one.id, "unreadable", by=make_user(staff=True).id)
    [supplement] = [paper for paper in invoices.find_papers(order.id) if paper.kind == PaperKind.SUPPLEMENT]
    return order, supplement, balances.supplements_of(order.id)[0].id


def texan() -> Reseller:
    return make_reseller(country="US", state="TX", established_by_staff=True)


def test_R18_its_number_in_the_text_is_enough(db: Db) -> None:
    _order, supplement, receivable_id = billed(texan())
    entry = Incoming(supplement.total_minor, "USD", today(), "Somebody", "", "", f"Invoice {supplement.number}")
    [match] = match_all([entry], tolerance=0)
    assert isinstance(match, Match)
    assert list(match.targets) == [receivable_id]


def test_R18_the_payment_letter_names_it(db: Db, work: Callable[[], int]) -> None:
    make_key()
    reseller = texan()
    order, supplement, receivable_id = billed(reseller)
    for number, cents in enumerate((1000, supplement.total_minor - 1000)):
        transfers.confirm_transfer(
            reseller.id, Money(cents, "USD"), today(), targets=[receivable_id], text="", staff_id=None,
            submit_key=f"tax{number}",
        )  # fmt: skip
    work()
    letters = db.scalars(select(Letter).where(Letter.kind == "payment_received").order_by(Letter.id)).all()
    part, rest = (" ".join(one.text.split()) for one in letters[-2:])
    assert f"supplementary invoice {supplement.number} for order {order.id} $57.44 is still missing" in part
    assert f"Supplementary invoice {supplement.number} for order {order.id} is paid in full." in rest
    for text in (part, rest):
        assert receivable_id not in text
        assert "from before" not in text


def test_R19_home_statement_and_reminder_name_it(client: Client, db: Db) -> None:
    reseller = texan()
    with at(utcnow() - timedelta(days=60)):
        _order, supplement, receivable_id = billed(reseller)
    client.sign_in_as(owner_of(reseller))
    page = client.get("/")
    assert f"Pay supplementary invoice {supplement.number} by" in page.text
    assert "$67.44" in page.text
    content = statements.rehearse(reseller.id, statements.this_month())
    assert content is not None
    assert [row.number for row in content.rows] == [supplement.number]
    assert [one.name for one in reminders.listed([receivable_id])] == [supplement.number]
    assert [item.name for item in balances.open_items(reseller.id, "USD")] == [supplement.number]


def test_R27_a_debt_from_before_may_have_the_number_that_an_invoice_gets(db: Db) -> None:
    """Another program numbered the debt: its numbers may be anything."""
    reseller = texan()
    number = f"{today():%Y}-000002"
    ledger.open_debt(reseller.id, number, Money(100, "USD"), placed_on=today(), due_on=today())
    _order, supplement, _receivable_id = billed(reseller)
    assert supplement.number == number


def test_R12_R29_its_tax_sinks_with_the_order_and_is_gone_with_it(db: Db) -> None:
    reseller = texan()
    order, supplement, receivable_id = billed(reseller, pieces=3)
    assert supplement.total_minor == 20_233
    seen = part_cancellations.shown(order)
    service.cancel_part(order.id, {1: 1}, "too many", seen=seen)
    still_open = balances.open_amount(receivable_id).minor
    assert still_open + balances.paid_amount(receivable_id).minor == 13_489
    notes = [paper for paper in invoices.find_papers(order.id) if paper.kind == PaperKind.CREDIT_NOTE]
    assert [note.total_minor for note in notes] == [-107_910, -6_744]
    service.cancel_order(order.id, "the rest too", by_staff=True)
    assert sum(paper.total_minor for paper in invoices.find_papers(order.id)) == 0
    assert balances.open_amount(receivable_id).minor == 0


@pytest.mark.parametrize("part_first", [True, False])
def test_R29_tax_credited_before_or_after_a_part_comes_to_the_same(db: Db, part_first: bool) -> None:
    reseller = texan()
    order = place(reseller, [(VIEWER, 3)])
    claim = Claim(("TX",), "01-339", today() - timedelta(days=100), today() + timedelta(days=100))
    one = certificates.upload(reseller.id, owner_of(reseller), claim, b"%PDF-1.7")
    steps: list[Callable[[], object]] = [
        lambda: service.cancel_part(order.id, {1: 1}, "too many", seen="3"),
        lambda: decisions.verify(one.id, by=make_user(staff=True).id),
    ]
    for step in steps if part_first else reversed(steps):
        step()
    charged = sum(paper.total_minor for paper in invoices.find_papers(order.id))
    assert charged == balances.open_amount(order.id).minor == 2 * 107_910
    service.cancel_order(order.id, "all of it", by_staff=True)
    assert sum(paper.total_minor for paper in invoices.find_papers(order.id)) == 0


@pytest.mark.parametrize("on_credit", [False, True])
def test_R19_its_order_s_page_says_how_to_pay_what_is_open_of_it(client: Client, on_credit: bool) -> None:
    reseller = texan()
    order, supplement, receivable_id = billed(reseller)
    receivable = balances.supplements_of(order.id)[0]
    if on_credit:  # the order itself is open, too: its transfer was taken back
        transfers.undo_transfer(balances.transfers_of(order.id)[0], "returned by the bank")
    pay_part = {"targets": [receivable_id], "text": "", "staff_id": None, "submit_key": "part"}
    transfers.confirm_transfer(reseller.id, Money(1000, "USD"), today(), **pay_part)  # type: ignore[arg-type]
    client.sign_in_as(owner_of(reseller))
    home = client.get("/")
    assert f"/orders/{order.id}#pay" in [link.get("href") for link in home.tree.iter("a")]
    page = client.get(f"/orders/{order.id}")
    assert len(page.tree.xpath("//*[@id='pay']")) == 1
    panels = page.tree.xpath("//section[starts-with(@id, 'pay')]")
    assert len(panels) == (2 if on_credit else 1)
    copied = panels[-1].xpath(".//@data-copy")
    assert copied[:2] == ["57.44", receivable.reference]
    assert len(copied) > 2  # the bank details, too
    said = " ".join(" ".join(panels[-1].itertext()).split())
    assert f"How to pay supplementary invoice {supplement.number}" in said
    assert "$10.00 of $67.44 have come in." in said
