"""A pro-forma asks for money as long as it is owed, and not a moment longer (R19)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from pypdf import PdfReader

from dashboard.clock import today
from dashboard.documents import service as documents
from dashboard.errors import Refused
from dashboard.extensions import db
from dashboard.fulfilment import service as fulfilment
from dashboard.invoices import jobs, pdf, service
from dashboard.invoices.models import Paper
from dashboard.invoices.rules import PaperKind
from dashboard.orders.models import Order
from tests.client import Client
from tests.factories import make_key, make_reseller, pay, place

Work = Callable[[], int]


@pytest.fixture
def order(work: Work) -> Order:
    """A prepaid order in euros, so that its pro-forma has a QR code; drawn."""
    make_key()
    placed = place(make_reseller(currency="EUR"))
    work()
    return placed


@pytest.fixture
def buyer(client: Client, order: Order) -> Client:
    """A browser of the reseller whose `order` this is."""
    client.sign_in_as(order.placed_by)
    return client


def pro_forma_of(order: Order) -> Paper:
    paper = service.find_paper(order.id, PaperKind.PRO_FORMA)
    assert paper is not None
    db.session.refresh(paper)
    return paper


def fetched(order: Order) -> tuple[str, int]:
    """The words of the pro-forma as it is fetched now, and the number of its pictures."""
    paper = pro_forma_of(order)
    (page,) = PdfReader(io.BytesIO(service.download(order, paper.number).data)).pages
    return " ".join(page.extract_text().split()), len(page.images)


def test_R19_a_pro_forma_says_paid_and_has_no_code_once_it_is_paid(order: Order, work: Work) -> None:
    before, pictures = fetched(order)
    assert ("How to pay" in before, "Paid on" in before, pictures) == (True, False, 1)
    pay(order)
    work()
    after, pictures = fetched(order)
    assert ("How to pay" in after, "Paid on" in after, pictures) == (False, True, 0)
    assert "Valid until" not in after
    for kept in (f"PF-{order.id}", "RF", "Romashka", "Nordwind GmbH"):
        assert kept in before
        assert kept in after


def test_R19_nobody_gets_the_unpaid_pro_forma_while_the_paid_one_is_drawn(
    order: Order, buyer: Client, work: Work
) -> None:
    address = f"/orders/{order.id}/papers/PF-{order.id}"
    assert buyer.get(address).status == 200
    pay(order)
    assert buyer.get(address).status == 409
    page = buyer.get(f"/orders/{order.id}")
    assert "being prepared" in page.text
    assert address not in page.html
    work()
    assert buyer.get(address).status == 200


def test_R19_a_pro_forma_paid_while_it_is_drawn_is_drawn_again(
    order: Order, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transfer is confirmed between the worker's look at the paper and its note of what it drew."""
    paper = pro_forma_of(order)
    service.draw_pro_forma_anew(order.id)
    db.session.commit()
    real = pdf.render_pdf

    def slow(content: pdf.PaperSnapshot) -> bytes:
        drawn = real(content)
        if content.paid_on is None:
            pay(order)
            db.session.commit()
        return drawn

    monkeypatch.setattr(jobs, "render_pdf", slow)
    jobs.draw({"paper_id": paper.id})
    assert pro_forma_of(order).document_digest is None
    work()
    assert "Paid on" in fetched(order)[0]


def test_R27_the_snapshot_of_a_paid_pro_forma_stays_as_it_was_issued(order: Order, work: Work) -> None:
    before = pro_forma_of(order).content
    pay(order)
    work()
    assert pro_forma_of(order).content == before
    assert before.paid_on is None


def test_R27_an_invoice_that_is_paid_stays_the_same_bytes(work: Work) -> None:
    make_key()
    order = place(make_reseller(established_by_staff=True))
    work()
    invoice = service.find_paper(order.id, PaperKind.INVOICE)
    assert invoice is not None
    first = documents.read(str(invoice.document_digest))
    pay(order)
    work()
    assert service.download(order, invoice.number).data == first


@pytest.mark.parametrize("end", ["cancelled", "lapsed"])
def test_R12_R19_a_pro_forma_that_is_not_to_be_paid_any_more_is_not_handed_out(
    end: str, order: Order, buyer: Client
) -> None:
    if end == "cancelled":
        fulfilment.cancel_order(order.id, "changed our mind", by_staff=True)
    else:
        order.valid_until = today() - timedelta(days=1)
    db.session.flush()
    number = pro_forma_of(order).number
    with pytest.raises(Refused):
        service.download(order, number)
    page = buyer.get(f"/orders/{order.id}")
    assert "not to be paid any more" in page.text
    assert f"/papers/{number}" not in page.html
    refused = buyer.get(f"/orders/{order.id}/papers/{number}")
    assert refused.status == 409
    assert "not to be paid any more" in refused.text


def test_R12_R19_a_lapsed_order_that_is_paid_after_all_has_its_pro_forma_again(order: Order, work: Work) -> None:
    order.valid_until = today() - timedelta(days=1)
    pay(order)
    work()
    assert "Paid on" in fetched(order)[0]
