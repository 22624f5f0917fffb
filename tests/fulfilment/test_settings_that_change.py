"""Orders outlive the settings that they were placed under: a bank account that is closed breaks no page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from dashboard.clock import today
from dashboard.config import Settings
from dashboard.errors import InvalidInput
from dashboard.extensions import db
from dashboard.fulfilment import pricing
from dashboard.fulfilment import service as fulfilment
from dashboard.invoices import service as invoices
from dashboard.ledger import service as ledger
from dashboard.mail.models import Letter
from dashboard.orders.models import Order
from tests.client import Client
from tests.factories import VIEWER, make_key, make_reseller, make_user, pay, place


@pytest.fixture
def order(app: Flask, settings: Callable[..., Settings]) -> Order:
    """An order in dollars, for which the vendor has closed its account."""
    make_key()
    reseller = make_reseller(owner=make_user(email="owner@romashka.example"))
    found = place(reseller)
    db.session.commit()
    vendor = app.config["SETTINGS"].vendor
    left = {code: account for code, account in vendor.accounts.items() if code != "USD"}
    settings(vendor=replace(vendor, accounts=left))
    return found


def owner(client: Client, order: Order) -> Client:
    client.sign_in_as(order.placed_by)
    return client


def test_R19_pages_show_the_account_that_stands_on_the_paper(client: Client, order: Order) -> None:
    paper = invoices.find_papers(order.id)[0].content
    page = owner(client, order).get(f"/orders/{order.id}")
    assert page.status == 200
    assert paper.bank.holder in page.text
    assert "Our account for USD may have changed. Please write to" in page.text
    client.sign_in_as(make_user(staff=True))
    for path in (f"/staff/orders/{order.id}", f"/staff/orders/{order.id}/payment"):
        assert client.get(path).status == 200


def test_R19_the_first_page_of_whoever_owes_from_before_asks_to_write_first(client: Client, order: Order) -> None:
    ledger.open_debt(order.reseller_id, "OLD-7", order.total, placed_on=today(), due_on=today())
    page = owner(client, order).get("/")
    assert page.status == 200
    assert "Our account for USD may have changed. Please write to" in page.text


def test_R27_papers_and_letters_come_all_the_same(work: Callable[[], int], order: Order) -> None:
    kept = invoices.find_papers(order.id)[0].content.bank
    pay(order)
    work()
    fulfilment.cancel_order(order.id, "returned", by_staff=True)
    work()
    assert {paper.content.bank for paper in invoices.find_papers(order.id)} == {kept}
    assert all(paper.document_digest for paper in invoices.find_papers(order.id))
    assert {"payment_received", "order_cancelled"} <= {one.kind for one in db.session.query(Letter) if one.composed_at}


def test_R4_no_order_is_placed_in_a_currency_without_account(client: Client, order: Order) -> None:
    with pytest.raises(InvalidInput, match="take no orders"):
        pricing.estimate(order.reseller_id, [(VIEWER, 1)])
    page = owner(client, order).get("/prices").submit(f"Order {VIEWER}")
    assert "At present we take no orders in USD" in page.text


def test_readiness_warns_of_it(client: Client, order: Order) -> None:
    page = client.get("/readyz")
    assert page.status == 200
    assert (
        page.html == "ok\nwarning: there are resellers that pay in USD, and the vendor's file has no account for it\n"
    )
