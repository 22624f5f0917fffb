"""Staff edit the catalog: prices from a day on, sale, names, further SKUs; who did what is told on the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, scoped_session

from dashboard.audit import service as audit
from dashboard.catalog import editing
from dashboard.catalog.service import price_list, priced
from dashboard.clock import today
from dashboard.errors import InvalidInput, NotFound, Refused
from dashboard.money import Money
from dashboard.orders import service as orders
from tests.checkout.test_review import to_review
from tests.client import Client, Page
from tests.factories import EDITOR, RETAIL, VIEWER, make_catalog, make_reseller, make_user, place

Database = scoped_session[Session]

SKU = f"/staff/catalog/skus/{VIEWER}"


@pytest.fixture
def staff(db: Database, client: Client) -> Client:
    make_catalog()
    client.sign_in_as(make_user("Sam", staff=True))
    return client


def in_days(days: int) -> date:
    return today() + timedelta(days=days)


def price(on: date, code: str = VIEWER, currency: str = "USD") -> Money | None:
    found = priced([code], currency, on).get(code)
    return found.retail if found else None


def of(page: Page, path: str) -> str:
    """The text of what an XPath finds."""
    return " ".join("".join(one.itertext()) for one in page.tree.xpath(path))


def test_the_list_is_searched_as_the_price_list_and_takes_two_statements(staff: Client) -> None:
    page = staff.get("/staff/catalog")
    assert {VIEWER, EDITOR} <= page.links.keys()
    assert len(page.statements) <= 2
    page = staff.get("/staff/catalog?search=мшуцук")  # the same keys on a Russian keyboard
    assert VIEWER in page.links
    assert EDITOR not in page.links
    page = staff.get("/staff/catalog?product=GroupDocs.Editor-Oem+for+.NET&platform=.NET")
    assert EDITOR in page.links
    assert VIEWER not in page.links


def test_the_list_tells_what_is_sold_from_what_is_not(staff: Client) -> None:
    editing.stop_sale(VIEWER, today())
    assert EDITOR in staff.get("/staff/catalog?sale=sold").links
    page = staff.get("/staff/catalog?sale=unsold")
    assert VIEWER in page.links
    assert EDITOR not in page.links


def test_a_long_list_goes_on_where_its_page_ends(staff: Client) -> None:
    for number in range(60):
        editing.add_sku(new(f"SKU-{number:02}"))
    first = staff.get("/staff/catalog?search=sku")
    assert "SKU-39" in first.links
    assert "SKU-40" not in first.links
    second = first.click("Next page →")
    assert {"SKU-40", "SKU-59"} <= second.links.keys()
    assert "SKU-39" not in second.links
    assert "SKU-00" in second.click("← Previous page").links


def new(code: str, **facts: Any) -> editing.NewSku:
    products, plans = editing.products_and_plans()
    given: dict[str, Any] = {
        "product_id": products[0].id, "plan_id": plans[0].id, "texts": {}, "prices": {"USD": Money(100, "USD")},
        "valid_from": today(), **facts,
    }  # fmt: skip
    return editing.NewSku(code, **given)


def test_a_price_holds_from_its_day_on(staff: Client) -> None:
    page = staff.get(SKU).submit("Set these prices", valid_from=in_days(5).isoformat(), price_usd="1,299.50")
    assert page.status == 200
    assert "coming" in page.text
    assert price(in_days(4)) == Money(RETAIL[VIEWER], "USD")
    assert price(in_days(5)) == Money(129_950, "USD")
    assert price(in_days(5), currency="EUR") == Money(RETAIL[VIEWER], "EUR")  # what was left empty stays


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"price_usd": "5"}, "This day has passed"),
        ({"price_usd": "0"}, "A price is more than nothing."),
        ({"price_usd": "five"}, "Write the amount as a number"),
        ({"price_usd": "1.234"}, "Write the amount as a number"),
        ({}, "Write at least one price."),
        ({"price_usd": "1199"}, "These prices hold on that day already."),
    ],
)
def test_what_is_no_new_price_is_refused(staff: Client, typed: dict[str, str], told: str) -> None:
    day = in_days(-1) if "passed" in told else today()
    page = staff.get(SKU).submit("Set these prices", valid_from=day.isoformat(), **typed)
    assert page.status == 422
    assert told in page.text
    assert [page.tree.xpath(f"//input[@name='{name}']/@value") for name in typed] == [
        [value] for value in typed.values()
    ]
    assert price(today()) == Money(RETAIL[VIEWER], "USD")


def test_no_price_is_set_in_the_past(db: Database) -> None:
    make_catalog()
    for edit in (
        lambda: editing.set_prices(VIEWER, {"USD": Money(1, "USD")}, in_days(-1)),
        lambda: editing.stop_sale(VIEWER, in_days(-1)),
        lambda: editing.add_sku(new("LATE", valid_from=in_days(-1))),
    ):
        with pytest.raises(InvalidInput):
            edit()


def test_R11_orders_keep_their_prices_and_names(staff: Client) -> None:
    reseller = make_reseller()
    order = place(reseller)
    staff.get(SKU).submit("Set these prices", price_usd="2000")
    staff.get(f"{SKU}/texts").submit("Keep the changes", product="GroupDocs.Seer for .NET", scope_ru="1 команда")
    kept = orders.get_order(order.id)
    assert (kept.lines[0].retail_minor, kept.retail_minor) == (RETAIL[VIEWER], RETAIL[VIEWER])
    assert kept.lines[0].product == "GroupDocs.Viewer-Dsb for .NET"
    assert (kept.lines[0].scope_ru, kept.total_minor) == ("1 разработчик", order.total_minor)
    assert {sku.product for sku in price_list("USD", today())} >= {"GroupDocs.Seer for .NET"}
    assert place(reseller).lines[0].product == "GroupDocs.Seer for .NET"


def test_R10_a_review_shows_the_price_that_changed_meanwhile(staff: Client, new_client: Callable[..., Client]) -> None:
    owner = make_user()
    make_reseller(owner=owner)
    buyer = new_client()
    buyer.sign_in_as(owner)
    review = to_review(buyer, VIEWER)
    editing.set_prices(VIEWER, {"USD": Money(200_000, "USD")}, today())
    again = review.submit("Place the order")
    assert again.status == 409
    assert "$1,800.00" in again.text
    assert again.submit("Place the order").path.startswith("/orders/R-")


def test_a_coming_price_is_taken_back_but_not_one_that_holds(staff: Client) -> None:
    editing.set_prices(VIEWER, {"USD": Money(5, "USD")}, in_days(3))
    page = staff.get(SKU).submit("Take back")
    assert "Coming price taken back" in page.text
    assert price(in_days(3)) == Money(RETAIL[VIEWER], "USD")
    with pytest.raises(Refused):
        editing.take_back(VIEWER, "USD", date(2020, 1, 1))
    with pytest.raises(NotFound):
        editing.take_back(VIEWER, "USD", in_days(3))
    assert "Take back" not in staff.get(SKU).buttons


def test_a_sale_is_stopped_and_resumed(staff: Client) -> None:
    editing.set_prices(VIEWER, {"USD": Money(5, "USD")}, in_days(9))
    page = staff.get(SKU).submit("Stop the sale", stop_from=in_days(2).isoformat())
    assert [price(in_days(days)) is None for days in (0, 1, 2, 9)] == [False, False, True, True]
    editing.set_prices(VIEWER, {"USD": Money(RETAIL[VIEWER] + 1, "USD")}, today())
    editing.stop_sale(VIEWER, today())
    page = staff.get(SKU)
    assert "not on sale" in page.text
    assert "Stop the sale" not in page.buttons
    page.submit("Sell it at these prices")  # those of before are there to be looked at
    assert price(today(), currency="EUR") == Money(RETAIL[VIEWER], "EUR")
    assert "Put on sale" in staff.get(SKU).text


def test_a_sale_is_stopped_in_one_currency(staff: Client) -> None:
    staff.get(SKU).submit("Stop the sale", currency="EUR")
    assert price(today(), currency="EUR") is None
    assert price(today()) == Money(RETAIL[VIEWER], "USD")
    with pytest.raises(Refused):
        editing.stop_sale(VIEWER, today(), "EUR")


def test_a_sku_is_added_beside_the_others_of_its_product(staff: Client) -> None:
    editor = next(one for one in editing.products_and_plans()[0] if "Viewer" in one.name)
    page = staff.get("/staff/catalog/new").submit(
        "Add it", code="VIEWER-SITE", product_id=str(editor.id), plan="Site", scope_en="One site",
        scope_ru="Одна площадка", price_usd="4000", price_rub="400 000",
    )  # fmt: skip
    assert page.path == "/staff/catalog/skus/VIEWER-SITE"
    assert [sku.code for sku in price_list("USD", today())] == [VIEWER, "VIEWER-SITE", EDITOR]
    assert price(today(), "VIEWER-SITE", "EUR") is None
    assert price(today(), "VIEWER-SITE", "RUB") == Money(40_000_000, "RUB")


def test_what_a_file_could_not_hold_is_refused_here_too(staff: Client) -> None:
    page = staff.get("/staff/catalog/new").submit(
        "Add it", code="lower case", brand="=Brand", product="Product", platform=".NET", description_en="A",
        description_ru="А", plan="Site", scope_en="One", scope_ru="Одна", price_usd="4000",
    )  # fmt: skip
    assert page.status == 422
    for told in ("SKU must be at most 60 capital letters", "Brand begins with a character that spreadsheets take"):
        assert told in page.text
    page = page.submit("Add it", code=VIEWER, brand="Brand")
    assert f"There is a SKU {VIEWER} already." in page.text
    page = page.submit("Add it", code="OTHER", product="GroupDocs.Editor-Oem for .NET")
    assert "There is a product GroupDocs.Editor-Oem for .NET already." in page.text
    assert len(price_list("USD", today())) == 2


def test_the_names_of_a_product_are_those_of_all_its_skus(staff: Client) -> None:
    editing.add_sku(new("SECOND", product_id=editing.open_sku(VIEWER).product_id))
    page = staff.get(f"{SKU}/texts")
    assert "2 SKUs have this product" in page.text
    page.submit("Keep the changes", description_ru="Показывает всё")
    assert {sku.description_ru for sku in price_list("USD", today()) if sku.code != EDITOR} == {"Показывает всё"}
    page = staff.get(f"{SKU}/texts").submit("Keep the changes")
    assert "Nothing was changed." in page.text
    page = staff.get(f"{SKU}/texts").submit("Keep the changes", product="GroupDocs.Editor-Oem for .NET")
    assert "There is a product GroupDocs.Editor-Oem for .NET already." in page.text


def test_the_history_says_who_did_what(staff: Client) -> None:
    staff.get(SKU).submit("Set these prices", price_usd="1300")
    staff.get(f"{SKU}/texts").submit("Keep the changes", platform=".NET 9")
    page = staff.get(SKU).submit("Stop the sale")
    history = of(page, "//ol[contains(@class, 'timeline')]")
    for told in (
        "Sale stopped",
        "Prices set",
        "$1,199.00 → $1,300.00",
        "Product edited",
        "Platform: .NET → .NET 9",
    ):
        assert told in " ".join(history.split())
    assert history.count("Sam") == 3
    assert [one.actor_name for one in audit.history(f"sku:{VIEWER}")] == ["Sam", "Sam"]


def test_nobody_else_edits_the_catalog(client: Client, db: Database) -> None:
    make_catalog()
    owner = make_user()
    make_reseller(owner=owner)
    client.sign_in_as(owner)
    for path in ("", "/new", f"/skus/{VIEWER}", f"/skus/{VIEWER}/texts", "/upload", f"/uploads/{'0' * 64}"):
        assert client.get(f"/staff/catalog{path}").status == 404
    assert client.post(f"{SKU}/prices", {"price_usd": "1", "valid_from": today().isoformat()}).status == 404
    assert price(today()) == Money(RETAIL[VIEWER], "USD")
