"""A renewal is a new order whose line names the license that it renews; its updates go on where they end (R23)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from dashboard import clock
from dashboard.catalog.models import Price
from dashboard.checkout.models import Draft
from dashboard.errors import InvalidInput, NotFound, Refused
from dashboard.extensions import db
from dashboard.fulfilment import corrections, pricing, renewals
from dashboard.fulfilment import service as fulfilment
from dashboard.fulfilment.corrections import Correction
from dashboard.fulfilment.service import OrderRequest
from dashboard.licenses import service as licenses
from dashboard.licenses.models import License
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from tests.checkout.pages import send_typed
from tests.client import Client
from tests.factories import CUSTOMER, EDITOR, VIEWER, make_key, make_reseller, make_user, owner_of, pay, place

FIRST, EARLY, LATE = (
    datetime(2026, 3, 1, 9, tzinfo=UTC),
    datetime(2027, 1, 10, 9, tzinfo=UTC),
    datetime(2027, 8, 5, 9, tzinfo=UTC),
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def reseller() -> Reseller:
    return make_reseller(owner=make_user())


def licensed(reseller: Reseller) -> License:
    """A license of two pieces, issued on 1 March 2026."""
    with clock.at(FIRST):
        order = pay(place(reseller, [(VIEWER, 2)]))
    (license_,) = licenses.of_order(order.id)
    assert license_.updates_until == date(2027, 3, 1)
    return license_


def renew(reseller: Reseller, serial: str, *, sku: str = VIEWER, submit_key: str = "renewal", **customer: str) -> Order:
    request = OrderRequest([(sku, 2)], {**CUSTOMER, **customer}, renews={sku: serial})
    seen = pricing.estimate(reseller.id, request.lines).shown()
    return fulfilment.place_order(reseller.id, owner_of(reseller), request, seen=seen, submit_key=submit_key)


@pytest.mark.parametrize(("when", "end"), [(EARLY, date(2028, 3, 1)), (LATE, date(2028, 8, 5))])
def test_R23_updates_run_a_year_from_the_later_of_issue_and_old_end(
    reseller: Reseller, when: datetime, end: date
) -> None:
    old = licensed(reseller)
    with clock.at(when):
        (new,) = licenses.of_order(pay(renew(reseller, old.serial)).id)
    assert (new.updates_until, new.issued_on, new.renews) == (end, when.date(), old.serial)
    assert old.revoked_at is None
    assert old.updates_until == date(2027, 3, 1)


def test_R23_the_old_end_of_a_corrected_license_counts_and_that_of_a_cancelled_one_does_not(reseller: Reseller) -> None:
    corrected, cancelled = licensed(reseller), licensed(reseller)
    with clock.at(EARLY):
        orders = [renew(reseller, one.serial, submit_key=one.serial) for one in (corrected, cancelled)]
        db.session.commit()
        corrections.correct(corrected.order_id, Correction("Nordwind AG", "", CUSTOMER["email"]), by_staff=True)
        fulfilment.cancel_order(cancelled.order_id, "returned", by_staff=True)
        paid = [order if order.paid_on else pay(order) for order in orders]  # the cancelled one's money pays a renewal
        ends = [licenses.of_order(order.id)[0].updates_until for order in paid]
    assert ends == [date(2028, 3, 1), date(2028, 1, 10)]


def test_R23_only_ones_own_license_of_the_same_product_and_customer_is_renewed(reseller: Reseller) -> None:
    old, foreign = licensed(reseller), licensed(make_reseller("Vasilek"))
    for serial, facts in (
        (foreign.serial, {}),
        ("no-such-serial", {}),
        (old.serial, {"email": "other@nordwind.example"}),
        (old.serial, {"sku": EDITOR}),
    ):
        with pytest.raises(InvalidInput, match="cannot renew license"):
            renew(reseller, serial, **facts)
    renew(reseller, old.serial, email=CUSTOMER["email"].upper())
    with pytest.raises(InvalidInput, match="renewed already"):
        renew(reseller, old.serial, submit_key="again")


def test_R23_what_is_renewed_revoked_or_anothers_begins_no_renewal(reseller: Reseller) -> None:
    old = licensed(reseller)
    with pytest.raises(NotFound):
        renewals.renewable(old.serial, of=reseller.id + 1)
    first = renew(reseller, old.serial)
    with pytest.raises(Refused, match="renewed by order") as refused:
        renewals.renewable(old.serial, of=reseller.id)
    assert refused.value.values["id"] == first.id
    fulfilment.cancel_order(first.id, "not now", by_staff=True)
    assert renewals.renewable(old.serial, of=reseller.id) is old
    fulfilment.cancel_order(old.order_id, "returned", by_staff=True)
    with pytest.raises(Refused, match="holds no more"):
        renewals.renewable(old.serial, of=reseller.id)


def test_R23_renew_begins_an_order_that_says_so_everywhere(
    client: Client, work: Callable[[], int], reseller: Reseller
) -> None:
    make_key()
    old = licensed(reseller)
    serial = old.serial
    work()
    client.sign_in_as(owner_of(reseller))
    form = client.get(f"/orders/{old.order_id}").submit("Renew")
    assert form.path.startswith("/order/")
    words = f"renews license {serial}"
    assert words in form.text
    assert form.tree.xpath("//input[@name='company']/@value") == [CUSTOMER["company"]]
    assert form.tree.xpath("//input[@name='lines-0-quantity']/@value") == ["2"]
    review = form.submit("Review the order")
    assert words in review.text
    placed = review.submit("Place the order")
    assert words in placed.text
    order = db.session.get_one(Order, placed.path.removeprefix("/orders/"))
    pay(order)
    work()
    assert f"Renews {serial}" in client.get(f"{placed.path}/customer").text
    page = client.get(f"/orders/{old.order_id}")
    assert "Renew" not in page.buttons
    token = page.tree.xpath("//input[@name='csrf_token']/@value")[0]
    stale = client.post(f"/orders/{old.order_id}/licenses/{serial}/renew", {"csrf_token": token})
    assert stale.status == 409


def test_R5_a_suspended_reseller_begins_no_renewal(client: Client, reseller: Reseller) -> None:
    order_id = licensed(reseller).order_id
    client.sign_in_as(owner_of(reseller))
    page = client.get(f"/orders/{order_id}")
    reseller.suspended_at, reseller.suspended_reason = clock.utcnow(), "The page is gone."
    assert page.submit("Renew").status == 403
    assert db.session.query(Draft).count() == 0
    assert "Renew" not in client.get(f"/orders/{order_id}").buttons


def test_rows_to_renew_that_cannot_be_ordered_can_be_corrected_and_are_kept(
    client: Client, new_client: Callable[..., Client], reseller: Reseller
) -> None:
    """The page knows from where its rows were begun, though the list of renewals does not tell it."""
    old = licensed(reseller)
    db.session.query(Price).update({Price.retail_minor: None})
    db.session.commit()
    client.sign_in_as(owner_of(reseller))
    token = client.get("/company-licenses").tree.xpath("string(//input[@name='csrf_token']/@value)")
    page = client.post("/order/bulk/renewals", {"csrf_token": token, "serial": old.serial})
    assert page.status == 422
    typing = new_client(htmx=True)
    typing.sign_in_as(owner_of(reseller))
    assert "Kept on " in send_typed(typing, page, "bulk-form", "/order/bulk", rows="half a row").text
