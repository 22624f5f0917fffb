"""Placing an order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.catalog.models import Price
from dashboard.clock import today
from dashboard.errors import Forbidden, InvalidInput, Refused
from dashboard.extensions import db
from dashboard.fulfilment import pricing, service
from dashboard.fulfilment.estimates import EstimateChanged
from dashboard.fulfilment.service import OrderRequest
from dashboard.invoices import service as invoices
from dashboard.invoices.rules import PaperKind
from dashboard.ledger import balances
from dashboard.ledger.models import Receivable
from dashboard.licenses import service as licenses
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from tests.client import Client
from tests.factories import (
    CUSTOMER,
    EDITOR,
    VIEWER,
    make_catalog,
    make_reseller,
    make_user,
    owner_of,
    pay,
    place,
    publish_policy,
)

pytestmark = pytest.mark.usefixtures("app")


def place_as_seen(reseller: Reseller, seen: str, key: str = "k") -> Order:
    request = OrderRequest(lines=[(VIEWER, 1)], customer=CUSTOMER)
    return service.place_order(reseller.id, owner_of(reseller), request, seen=seen, submit_key=key)


def test_R08_addresses_are_kept_as_they_were() -> None:
    reseller = make_reseller()
    order = place(reseller)
    reseller.street = "Elsewhere 9"
    db.session.flush()
    assert order.billing_address["street"] == "Main street 1"
    assert order.shipping_address == CUSTOMER
    assert order.customer_language == "en"


def test_R09_the_id_is_short_and_not_sequential() -> None:
    reseller = make_reseller()
    ids = [place(reseller).id for _ in range(3)]
    numbers = sorted(int(one.replace("R-", "").replace("-", "")) for one in ids)
    assert all(len(one) == 11 for one in ids)
    assert numbers[1] - numbers[0] > 1
    assert numbers[2] - numbers[1] > 1


def test_R10_the_same_submission_makes_one_order() -> None:
    reseller = make_reseller()
    first = place(reseller, submit_key="once")
    again = place(reseller, submit_key="once")
    assert first.id == again.id
    assert db.session.query(Order).count() == 1
    assert len(invoices.find_papers(first.id)) == 1


@pytest.mark.parametrize("change", ["price", "tax", "terms", "policy"])
def test_R10_what_changed_since_the_review_places_nothing(change: str) -> None:
    reseller = make_reseller(country="US", state="TX")
    make_catalog()
    seen = pricing.estimate(reseller.id, [(VIEWER, 1)]).shown()
    if change == "price":
        db.session.add(Price(sku=VIEWER, currency="USD", valid_from=today(), retail_minor=129900))
    elif change == "tax":
        reseller.state = "CA"
    elif change == "terms":
        reseller.established_by_staff = True
    else:
        publish_policy("New", "Новая")
    db.session.flush()
    with pytest.raises(EstimateChanged) as refusal:
        place_as_seen(reseller, seen)
    assert change in {difference.what for difference in refusal.value.changes}
    assert db.session.query(Order).count() == 0


@pytest.mark.parametrize("seen", ["", "nonsense", "{}", "[]", '{"lines": 3}', "null"])
def test_R10_an_unreadable_review_places_nothing(seen: str) -> None:
    reseller = make_reseller()
    make_catalog()
    with pytest.raises(EstimateChanged):
        place_as_seen(reseller, seen)
    assert db.session.query(Order).count() == 0


def test_R05_a_new_policy_must_be_accepted_first() -> None:
    reseller = make_reseller()
    make_catalog()
    publish_policy("New", "Новая")
    db.session.flush()
    seen = pricing.estimate(reseller.id, [(VIEWER, 1)]).shown()
    with pytest.raises(Refused, match="policy"):
        place_as_seen(reseller, seen)


def test_R05_only_an_active_reseller_orders() -> None:
    make_catalog()
    reseller = make_reseller()
    seen = pricing.estimate(reseller.id, [(VIEWER, 1)]).shown()
    reseller.activated_at = None
    with pytest.raises(Forbidden):
        place_as_seen(reseller, seen)


def test_R11_unit_price_is_rounded_then_multiplied() -> None:
    reseller = make_reseller(discount=125_000)
    order = place(reseller, [(VIEWER, 3)])
    assert order.lines[0].partner_minor == 104_913
    assert order.net_minor == 314_739


def test_R11_a_later_price_changes_no_order() -> None:
    order = place(make_reseller())
    db.session.add(Price(sku=VIEWER, currency="USD", valid_from=today(), retail_minor=1))
    db.session.flush()
    assert (order.lines[0].retail_minor, order.total_minor) == (119_900, 107_910)


def test_R28_tax_follows_the_reseller_never_the_customer() -> None:
    texan = place(make_reseller(country="US", state="TX"), [(VIEWER, 1), (EDITOR, 2)], country="DE")
    assert (texan.net_minor, texan.tax_minor) == (215_730, 13_483)  # 6.25 % of 2,157.30, once on the sum
    assert place(make_reseller(country="US", state="CA"), country="US", state="TX").tax_kind == "not_taxable"
    assert place(make_reseller(country="DE", tax_number="DE136695976")).tax_kind == "reverse_charge"
    for number in ("", "DE136695977", "FR40303265045"):
        unsure = place(make_reseller(country="DE", tax_number=number))
        assert (unsure.tax_kind, unsure.tax_place, unsure.tax_minor) == ("vat", "EE", 25_898), number
    assert place(make_reseller(country="RU")).tax_kind == "export"
    assert place(make_reseller(country="EE")).tax_minor == 25_898  # 24 % of 1,079.10


def test_R14_a_new_reseller_pays_first_and_gets_a_pro_forma() -> None:
    order = place(make_reseller())
    papers = invoices.find_papers(order.id)
    assert order.terms == "prepaid"
    assert [paper.kind for paper in papers] == [PaperKind.PRO_FORMA]
    assert order.valid_until == today() + timedelta(days=30)
    assert order.due_on is None
    assert licenses.of_order(order.id) == []
    assert balances.open_amount(order.id) == Money(107_910, "USD")


def test_R14_R27_the_fourth_order_is_on_credit_with_invoice_and_license_at_once() -> None:
    reseller = make_reseller()
    for _ in range(3):
        pay(place(reseller))
    order = place(reseller)
    assert order.terms == "net30"
    assert order.due_on == today() + timedelta(days=30)
    assert order.license_state == "issued"
    assert [paper.kind for paper in invoices.find_papers(order.id)] == [PaperKind.INVOICE]
    assert order.invoice_number.endswith("-000004")


def test_R14_a_cancelled_order_does_not_count() -> None:
    reseller = make_reseller()
    orders = [pay(place(reseller)) for _ in range(3)]
    service.cancel_order(orders[0].id, "returned", by_staff=True)
    assert place(reseller).terms == "prepaid"


def test_R15_an_overdue_order_takes_credit_away_and_paying_brings_it_back() -> None:
    reseller = make_reseller(established_by_staff=True)
    late = place(reseller)
    late.due_on = today() - timedelta(days=1)
    receivable = db.session.get_one(Receivable, late.id)
    receivable.due_on = late.due_on
    db.session.flush()
    assert place(reseller).terms == "prepaid"
    pay(late)
    assert place(reseller).terms == "net30"


def test_R10_an_order_that_costs_nothing_is_refused_with_a_message(client: Client) -> None:
    """No transfer could pay it."""
    anna = make_user()
    reseller = make_reseller(owner=anna, discount=1_000_000)
    with pytest.raises(InvalidInput, match="costs nothing"):
        place(reseller)
    client.sign_in_as(anna)
    page = client.get("/prices").submit(f"Order {VIEWER}")
    assert "An order that costs nothing cannot be placed here. Please write to" in page.text
