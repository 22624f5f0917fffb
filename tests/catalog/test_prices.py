"""The price list's page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from dashboard.catalog.files import read_catalog
from dashboard.catalog.loading import load_catalog
from dashboard.clock import today
from dashboard.extensions import db
from dashboard.resellers.models import Member, Reseller
from tests.catalog.samples import DEMO
from tests.client import Client
from tests.factories import VIEWER, make_catalog, make_reseller, make_user, owner_of

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def reseller(client: Client) -> Reseller:
    """An active reseller in dollars; its owner is signed in."""
    reseller = make_reseller()
    client.sign_in_as(owner_of(reseller))
    return reseller


def test_R07_retail_partner_and_saving_in_the_resellers_currency(client: Client, reseller: Reseller) -> None:
    make_catalog()
    reseller.currency, reseller.discount = "EUR", 125_000
    page = client.get("/prices")
    assert page.status == 200
    assert f"{VIEWER} Developer Small Business 1 developer €1,199.00 €1,049.13 €149.87 Order" in page.text
    assert "Your partner discount is 12.5%" in page.text
    assert "$" not in page.text


def test_R07_in_russian(new_client: Callable[..., Client]) -> None:
    make_catalog()
    client = new_client(language="ru")
    reseller = make_reseller(currency="RUB", owner=make_user(language="ru"))
    client.sign_in_as(owner_of(reseller))
    assert "1 разработчик 1\xa0199,00\xa0₽ 1\xa0079,10\xa0₽ 119,90\xa0₽".replace("\xa0", " ") in client.get(
        "/prices"
    ).text.replace("\xa0", " ")


@pytest.mark.parametrize("address", ["/prices", "/prices?search=viewer&brand=GroupDocs"])
def test_R07_all_skus_in_two_statements(client: Client, reseller: Reseller, address: str) -> None:
    load_catalog(read_catalog(DEMO.read_bytes()), today())
    page = client.get(address)
    assert len(page.statements) <= 2
    assert page.html.count('name="sku"') == (340 if address == "/prices" else 20)


def test_R07_only_active_resellers_see_a_price(new_client: Callable[..., Client], app: Flask) -> None:
    make_catalog()
    waiting, suspended = make_reseller(active=False), make_reseller(suspended_at=None)
    suspended.suspended_at = suspended.created_at
    suspended.suspended_reason = "The page is gone."
    for person, status in (
        (owner_of(waiting), 403),
        (owner_of(suspended), 403),
        (make_user().id, 404),
        (make_user(staff=True).id, 404),
    ):
        client = new_client()
        client.sign_in_as(person)
        page = client.get("/prices")
        assert page.status == status
        assert "1,199.00" not in page.html
    assert new_client().get("/prices", follow=False).status == 303


def test_search_and_filters_stand_in_the_address(client: Client, reseller: Reseller) -> None:
    load_catalog(read_catalog(DEMO.read_bytes()), today())
    page = client.get("/prices").submit("Find", search="цщквы oem", brand="Aspose", platform="Java")
    assert page.path.startswith("/prices?search=")
    assert "2 SKUs found" in page.text
    assert "AS-WORDS-JAVA-DOEM" in page.text
    assert "AS-WORDS-NET-DOEM" not in page.text
    assert page.click("Show all 340").html.count('name="sku"') == 340


def test_nothing_found_says_what_to_do(client: Client, reseller: Reseller) -> None:
    make_catalog()
    page = client.get("/prices?search=%3Cscript%3E&plan=None")
    assert page.status == 200
    assert "Nothing fits" in page.text
    assert "<script>" not in page.html.replace("<script src", "")


def test_htmx_gets_the_results_alone(new_client: Callable[..., Client]) -> None:
    make_catalog()
    client = new_client(htmx=True)
    client.sign_in_as(owner_of(make_reseller()))
    page = client.get("/prices?search=viewer")
    assert page.html.lstrip().startswith('<div id="results"')
    assert VIEWER in page.text
    assert "<html" not in page.html
    assert {"HX-Request", "HX-Request-Type"} <= set(page.response.vary)


def test_who_may_not_order_gets_no_buttons(client: Client, reseller: Reseller) -> None:
    make_catalog()
    member = db.session.get(Member, owner_of(reseller))
    assert member is not None
    member.role = "viewer"
    page = client.get("/prices")
    assert "$1,079.10" in page.text
    assert "/order/" not in page.html
    assert [button for button in page.buttons if button.startswith("Order")] == []


def test_a_withdrawn_or_foreign_price_is_not_listed(client: Client, reseller: Reseller) -> None:
    make_catalog()
    reseller.currency = "RUB"
    rows = [row for row in read_catalog(DEMO.read_bytes()) if row.platform == "C++"]
    load_catalog(rows, today())  # withdraws the two SKUs of the test catalog
    page = client.get("/prices")
    assert VIEWER not in page.text
    assert page.html.count('name="sku"') == len(rows) == 25
