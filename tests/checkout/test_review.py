"""The review and the click that places the order (R10, R11, R14)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session, scoped_session

from dashboard.catalog.models import Price
from dashboard.checkout.models import Draft
from dashboard.checkout.rules import Buyer
from dashboard.checkout.service import AlreadyPlaced, get_draft, place_draft
from dashboard.clock import today
from dashboard.extensions import db
from dashboard.fulfilment.pricing import estimate
from dashboard.invoices.models import Paper
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from dashboard.web import formats
from dashboard.web.transactions import transaction
from tests.client import Client, Page
from tests.factories import (
    CUSTOMER,
    EDITOR,
    VIEWER,
    make_catalog,
    make_key,
    make_user,
    owner_of,
    pay,
    place,
    publish_policy,
)

DETAILS = {name: value for name, value in CUSTOMER.items() if value}


def to_review(client: Client, *skus: str, **details: str) -> Page:
    """The review of an order of these SKUs."""
    page = client.get("/order?new=1")
    for sku in skus or (VIEWER,):
        page = page.submit("Add", sku=sku)
    page = page.submit("Review the order", **{**DETAILS, **details})
    assert page.path.endswith("/review"), page.text
    return page


@pytest.mark.usefixtures("reseller")
def test_R08_R09_what_was_reviewed_is_placed(client: Client) -> None:
    page = to_review(client, VIEWER, EDITOR, po_number="PO 4711", note="Thanks")
    for shown in ("Nordwind GmbH", "jan@nordwind.example", "20095 Hamburg", "Germany", "PO 4711", "To pay $1,618.20"):
        assert shown in page.text
    page = page.submit("Place the order")
    [order] = db.session.query(Order)
    assert f"Order {order.id} is placed." in page.text
    assert page.path == f"/orders/{order.id}"
    assert (order.total_minor, order.po_number, order.note) == (161820, "PO 4711", "Thanks")
    assert order.shipping_address == CUSTOMER
    assert order.customer_language == "en"


@pytest.mark.usefixtures("reseller")
def test_R10_back_reload_and_submitting_again_make_one_order(client: Client) -> None:
    review = to_review(client)
    draft = review.path.removesuffix("/review")
    placed = review.submit("Place the order")
    assert review.submit("Place the order").path == placed.path
    for address in (draft, review.path):
        assert client.get(address).path == placed.path
    form = client.get("/order?new=1")
    token = form.tree.xpath("//form[@id='order-form']//input[@name='csrf_token']/@value")[0]
    for action in ("add:" + EDITOR, "update", "review", "discard", "typed", ""):
        assert client.post(draft, {"csrf_token": token, "action": action, "sku": EDITOR}).path == placed.path
    assert db.session.query(Order).count() == 1
    assert db.session.query(Draft).count() == 1


@pytest.mark.usefixtures("reseller")
def test_R10_a_draft_that_was_placed_leads_htmx_to_its_order(
    client: Client, new_client: Callable[..., Client], reseller: Reseller
) -> None:
    review = to_review(client)
    placed = review.submit("Place the order")
    htmx = new_client(htmx=True)
    htmx.sign_in_as(owner_of(reseller))
    answer = htmx.get(review.path.removesuffix("/review") + "?sku=x")
    assert answer.status == 204
    assert answer.headers["HX-Redirect"] == placed.path


def test_R10_two_clicks_at_the_same_moment_make_one_order(app: Flask, client: Client, reseller: Reseller) -> None:
    review = to_review(client)
    draft_id, buyer = review.path.split("/")[2], Buyer(reseller.id, owner_of(reseller))
    seen, reviewed = estimate(reseller.id, [(VIEWER, 1)]).shown(), get_draft(draft_id, buyer).fingerprint
    db.session.commit()

    def click(_number: int) -> str:
        with app.app_context(), transaction():
            try:
                return place_draft(draft_id, buyer, seen=seen, reviewed=reviewed)
            except AlreadyPlaced as placed:
                return placed.order_id

    with ThreadPoolExecutor(4) as clicks:
        orders = set(clicks.map(click, range(4)))
    assert orders == {order.id for order in db.session.query(Order)}
    assert len(orders) == 1
    assert db.session.query(Paper).count() == 1


@pytest.mark.usefixtures("reseller")
def test_R10_a_changed_price_brings_the_review_back_with_the_difference_marked(client: Client) -> None:
    review = to_review(client, VIEWER, EDITOR)
    db.session.add(Price(sku=VIEWER, currency="USD", valid_from=today(), retail_minor=129900))
    again = review.submit("Place the order")
    assert again.status == 409
    assert db.session.query(Order).count() == 0
    assert "Something has changed since you looked." in again.text
    assert "$1,169.10 $1,079.10 changed" in again.text
    assert "To pay changed $1,708.20" in again.text
    assert again.text.count("changed") == 3  # the price, the sum, the notice; neither the other line nor the terms
    placed = again.submit("Place the order")
    [order] = db.session.query(Order)
    assert placed.path == f"/orders/{order.id}"
    assert order.total_minor == 170820


@pytest.mark.parametrize("change", ["terms", "tax", "line"])
def test_R10_other_changes_are_marked_as_well(client: Client, reseller: Reseller, change: str) -> None:
    reseller.country, reseller.state = "US", "TX"
    review = to_review(client)
    if change == "terms":
        reseller.established_by_staff = True
    elif change == "tax":
        reseller.state = "CA"
    else:
        client.get(review.path.removesuffix("/review")).submit("Save the draft", lines__0__quantity="2")
    again = review.submit("Place the order")
    assert again.status == 409
    assert {"terms": "On credit: pay by", "tax": "Sales tax CA changed", "line": "changed 2"}[change] in again.text
    assert "changed" in again.text.replace("has changed", "")
    assert db.session.query(Order).count() == 0


def test_R10_R14_terms_that_change_between_review_and_place_bring_the_review_back(
    client: Client, reseller: Reseller, settings: Callable[..., Any]
) -> None:
    """What they were stands struck out; a shorter time to pay is a change of the terms as well."""
    make_key()
    reseller.established_by_staff = True
    review = to_review(client)
    reseller.on_hold = True
    again = review.submit("Place the order")
    assert again.status == 409
    assert "Prepaid by bank transfer on credit changed" in again.text
    reseller.on_hold = False
    again = again.submit("Place the order")
    assert again.status == 409
    settings(credit_days=14)
    again = again.submit("Place the order")
    assert again.status == 409
    with force_locale("en"):
        assert f"On credit: pay by {formats.date(today() + timedelta(days=14))} changed" in again.text
    assert db.session.query(Order).count() == 0
    assert again.submit("Place the order").path.startswith("/orders/")


@pytest.mark.usefixtures("reseller")
@pytest.mark.parametrize(
    ("field", "typed", "shown"),
    [
        ("email", "else@nordwind.example", "else@nordwind.example"),
        ("po_number", "PO 2", "PO 2"),
        ("company", "", "Jan"),
    ],
)
def test_R10_what_another_window_changed_is_shown_before_it_is_placed(
    client: Client, field: str, typed: str, shown: str
) -> None:
    review = to_review(client)
    client.get(review.path.removesuffix("/review")).submit("Save the draft", **{field: typed})
    again = review.submit("Place the order")
    assert again.status == 409
    assert "The order was edited since you looked at it." in again.text
    assert shown in again.text
    assert db.session.query(Order).count() == 0
    again.submit("Place the order")
    assert db.session.query(Order).count() == 1


def test_R05_R10_a_new_policy_is_accepted_first_and_the_draft_survives(client: Client, reseller: Reseller) -> None:
    review = to_review(client)
    publish_policy("New", "Новая")
    again = review.submit("Place the order")
    assert again.status == 409
    assert "Place the order" not in again.buttons
    assert db.session.query(Order).count() == 0
    policy = again.click("Read and accept the policy")
    assert policy.status == 200
    accepting = [button for button in policy.buttons if "ccept" in button]
    assert len(accepting) == 1
    policy.submit(accepting[0])
    client.get(review.path).submit("Place the order")
    assert db.session.query(Order).count() == 1


@pytest.mark.usefixtures("reseller")
@pytest.mark.parametrize("seen", ["", "{}", "[]", "nonsense", '{"lines":1}'])
def test_R10_a_forged_review_places_nothing(client: Client, seen: str) -> None:
    review = to_review(client)
    token = review.tree.xpath("//form[@id='review-form']//input[@name='csrf_token']/@value")[0]
    assert client.post(review.path, {"csrf_token": token, "seen": seen}).status == 409
    assert db.session.query(Order).count() == 0


@pytest.mark.usefixtures("reseller")
def test_a_sku_that_was_withdrawn_leads_back_to_the_form(client: Client) -> None:
    review = to_review(client, VIEWER, EDITOR)
    db.session.add(Price(sku=EDITOR, currency="USD", valid_from=today(), retail_minor=None))
    for page in (review.submit("Place the order"), client.get(review.path)):
        assert page.path == review.path.removesuffix("/review")
        assert "EDITOR-OEM is not offered." in page.text
    assert db.session.query(Order).count() == 0


@pytest.mark.usefixtures("reseller")
def test_an_unfinished_draft_has_no_review(client: Client) -> None:
    draft = client.get("/order?new=1").submit("Add", sku=VIEWER)
    page = client.get(f"{draft.path}/review")
    assert page.path == draft.path
    assert "Please fill in what is missing first." in page.text


@pytest.mark.usefixtures("reseller")
def test_R30_switching_the_language_places_nothing_and_keeps_the_marks(client: Client) -> None:
    review = to_review(client)
    db.session.add(Price(sku=VIEWER, currency="USD", valid_from=today(), retail_minor=129900))
    russian = review.submit("RU Русский")
    assert russian.status == 200
    assert 'lang="ru"' in russian.html
    assert 'class="badge warn"' in russian.html
    assert db.session.query(Order).count() == 0


def test_R14_R15_the_terms_and_their_reason_are_shown(client: Client, reseller: Reseller) -> None:
    assert "Credit begins after 3 more paid orders; so far 0 of 3 are paid." in to_review(client).text
    make_key()
    for _ in range(3):
        pay(place(reseller))
    review = to_review(client)
    assert "On credit: pay by" in review.text
    assert "The license is issued at once" in review.text
    reseller.on_hold = True
    assert "Credit is on hold for your company." in client.get(review.path).text


@pytest.mark.parametrize(
    ("country", "state", "shown"),
    [
        ("US", "TX", "Sales tax TX 6.25% $67.44 It follows your billing address; no exemption certificate for TX is"),
        ("US", "CA", "Sales tax CA $0.00 Your state does not tax downloaded software."),
        ("DE", "", "VAT $0.00 Reverse charge: your company accounts for the VAT."),
        ("EE", "", "VAT 24% $258.98 The VAT of our country, Estonia."),
        ("AU", "", "Tax $0.00 Export: no tax is added."),
    ],
)
def test_R28_the_tax_and_its_reason_are_shown(
    client: Client, reseller: Reseller, country: str, state: str, shown: str
) -> None:
    reseller.country, reseller.state, reseller.tax_number = country, state, {"DE": "DE136695976"}.get(country, "")
    assert shown in to_review(client).text


def test_R28_a_place_without_a_known_rate_is_told(client: Client, reseller: Reseller) -> None:
    reseller.country, reseller.state = "US", "WA"
    page = client.get("/order?new=1").submit("Add", sku=VIEWER)
    assert "No tax rate is known for US-WA yet." in page.text
    page = page.submit("Review the order", **DETAILS)
    assert page.status == 409
    assert "No tax rate is known for US-WA yet." in page.text
    assert db.session.query(Order).count() == 0


def test_only_members_who_may_order_place(new_client: Callable[..., Client], db: scoped_session[Session]) -> None:
    make_catalog()
    client = new_client()
    client.sign_in_as(make_user())
    assert client.get("/order/x/review").status == 404
    assert client.post("/order/x/review").status == 404
