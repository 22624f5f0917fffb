"""What a buyer orders again: for a customer found by typing, or all of an earlier order (R8, R10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.catalog.models import Price
from dashboard.checkout.models import Draft
from dashboard.clock import today
from dashboard.extensions import db
from dashboard.resellers.models import Reseller
from tests.checkout.pages import CHOICE, begin, draft_of, offers_of
from tests.client import Client
from tests.factories import CUSTOMER, EDITOR, VIEWER, cancel_part, make_reseller, place


@pytest.mark.usefixtures("reseller")
def test_a_customer_of_an_earlier_order_fills_the_form_in(client: Client, reseller: Reseller) -> None:
    place(reseller).placed_at -= timedelta(days=1)
    newest = place(reseller)
    newest.placed_at -= timedelta(hours=1)
    other = place(make_reseller(), company="Their customer")
    second = place(reseller, company="Nordwind Zwei")
    page = begin(client, VIEWER).submit("Find", earlier="GMBH тщкв")  # "nord" on a Russian keyboard
    assert draft_of(page).customer == CUSTOMER  # it was the only one
    page = page.submit("Find", earlier="jan nord")
    assert offers_of(page) == [f"Nordwind Zwei jan@nordwind.example {second.id}", CHOICE % newest.id]
    page = page.submit(next(button for button in page.buttons if second.id in button))
    assert draft_of(page).customer == {**CUSTOMER, "company": "Nordwind Zwei"}
    draft = draft_of(page)
    token = page.tree.xpath("//form[@id='order-form']//input[@name='csrf_token']/@value")[0]
    for action in (f"earlier:{other.id}", "earlier"):
        stolen = client.post(f"/order/{draft.id}", {"csrf_token": token, "action": action, "earlier": "Their"})
        assert stolen.status == (404 if ":" in action else 422)
        assert "Their customer" not in stolen.text


@pytest.mark.usefixtures("reseller")
def test_a_customer_that_is_not_known_is_told_and_what_was_typed_stays(client: Client) -> None:
    page = begin(client, VIEWER).submit("Find", earlier="Sued", note="Thanks")
    assert page.status == 422
    assert "No customer of your orders fits “Sued”. Fill in their details below." in page.text
    assert "Thanks" in page.html
    (origin,) = page.tree.xpath("//input[@name='origin']/@value")
    assert origin.startswith(f"{draft_of(page).revision}.")  # else what is typed from here on would count as overtaken


@pytest.mark.usefixtures("reseller")
def test_after_each_step_the_focus_stands_where_one_goes_on(client: Client, reseller: Reseller) -> None:
    place(reseller)
    page = begin(client, VIEWER)
    for button, fields, following in (
        ("Add", {"sku": EDITOR}, "lines-1-quantity"),
        ("Add", {"sku": VIEWER}, "lines-0-quantity"),
        ("Find", {"earlier": "nordwind"}, "po_number"),
        ("Save the draft", {}, "sku"),
    ):
        answer = page.submit(button, follow=False, **fields)
        assert answer.location == f"{page.path}#{following}"
        assert page.tree.xpath(f"//*[@id='{following}']") or following == "lines-1-quantity"
        page = client.get(page.path)


def test_R08_an_order_is_ordered_again(client: Client, reseller: Reseller) -> None:
    """Lines and customer come along; what was of that order alone (numbers, notes) does not, nor any price (R10)."""
    order = place(reseller, [(EDITOR, 2), (VIEWER, 3)])
    order.po_number, order.note = "PO 1", "Hurry"
    cancel_part(order, 2, 1)
    page = client.get(f"/orders/{order.id}").click("Order again")
    assert db.session.query(Draft).count() == 0  # looking at it keeps nothing
    page = page.submit("Save the draft", lines__0__quantity="4", po_number="PO 2")
    draft = draft_of(page)
    assert draft.lines == [{"sku": VIEWER, "quantity": 4}]
    assert (draft.customer, draft.po_number, draft.note) == (CUSTOMER, "PO 2", "")


def test_R26_only_ones_own_order_is_ordered_again(client: Client, reseller: Reseller) -> None:
    foreign = place(make_reseller("Vasilek"))
    assert client.get(f"/order?again={foreign.id}").status == 404
    assert client.get("/order?again=R-0000-0000").status == 404


@pytest.mark.usefixtures("reseller")
def test_what_is_no_longer_offered_is_told_when_it_is_ordered_again(client: Client, reseller: Reseller) -> None:
    order = place(reseller, [(VIEWER, 1), (EDITOR, 1)])
    db.session.add(Price(sku=EDITOR, currency="USD", valid_from=today(), retail_minor=None))
    page = client.get(f"/order?again={order.id}")
    assert "No longer offered. Please remove this line." in page.text
