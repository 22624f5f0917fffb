"""A buyer who orders much: few pages, few keys, no mouse; what is offered while one types is worked by arrows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dashboard.demo.accounts import RESELLER
from tests.browser.people import Person

#: What a repeat order may cost.
PAGES, KEYS = 3, 25


class Fingers:
    """Presses keys and counts them; a chord of two keys counts as two."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.count += len(key.split("+"))
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.count += len(text)
        self.page.keyboard.type(text)


@pytest.fixture
def buyer(new_page: Callable[..., Page], language: str) -> Person:
    buyer = Person(new_page(), language)
    buyer.sign_in(RESELLER.email, RESELLER.password)
    return buyer


def test_R08_a_repeat_order_takes_three_pages_and_25_keys(buyer: Person) -> None:
    """From the page of an order to the next one like it, for one piece more: order, form, review."""
    buyer.open("/orders?state=paid")
    buyer.go(buyer.main.locator("tbody a").first)
    before, fingers, pages = buyer.path, Fingers(buyer.page), [buyer.path]
    buyer.page.on("load", lambda page: pages.append(page.url))
    fingers.press("Tab", "Enter")  # past the page's head
    again = buyer.link(buyer.t("Order again"))
    while not again.evaluate("element => element === document.activeElement"):
        fingers.press("Tab")
    fingers.press("Enter")
    quantity = buyer.main.locator("#lines-0-quantity")
    expect(quantity).to_be_focused()
    fingers.type("7")
    expect(quantity).to_have_value("7")
    fingers.press("Control+Enter")
    buyer.heading(buyer.t("Review the order"))
    fingers.press("Control+Enter")
    buyer.page.wait_for_url(lambda address: "/orders/R-" in address and before not in address)
    assert len(pages) - 1 <= PAGES
    assert fingers.count <= KEYS, fingers.count
    buyer.open("/orders")
    assert buyer.main.locator("tbody a").first.get_attribute("href") != before


@pytest.mark.parametrize("language", ["ru"])
def test_R08_products_and_customers_are_picked_by_typing(buyer: Person) -> None:
    """By the keyboard alone, on the wrong layout too; the list follows the field, and Escape closes it."""
    buyer.open("/order?new=1")
    product, keys = buyer.main.locator("#sku"), buyer.page.keyboard
    product.focus()
    keys.type("мшуцук туе")
    options = buyer.main.locator("#matches-list [role=option]")
    expect(options.first).to_have_attribute("aria-selected", "true")
    keys.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "false")
    chosen = options.nth(1)
    expect(product).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "")
    sku = (chosen.get_attribute("value") or "").removeprefix("add:")
    keys.press("Escape")
    expect(options.first).to_be_hidden()
    expect(product).to_have_attribute("aria-expanded", "false")
    expect(product).to_have_value("мшуцук туе")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Enter")
    quantity = buyer.main.locator("#lines-0-quantity")
    expect(quantity).to_be_focused()
    buyer.reads(sku)
    keys.type("2")
    keys.press("Enter")
    expect(product).to_be_focused()
    expect(quantity).to_have_value("2")
    customer = buyer.main.locator("#earlier")
    customer.focus()
    keys.type("nt[yjghjtrn")  # «технопроект» on an English keyboard
    expect(buyer.main.locator("#customers-list [role=option]").first).to_have_attribute("aria-selected", "true")
    keys.press("Enter")
    expect(buyer.main.locator("#company")).to_have_value("Технопроект")
    expect(buyer.main.locator("#po_number")).to_be_focused()
    keys.press("Control+Enter")
    buyer.heading(buyer.t("Review the order"))
    buyer.reads(sku, "Технопроект")


@pytest.mark.parametrize("language", ["en"])
def test_R25_a_quote_is_made_fetched_and_ordered(buyer: Person) -> None:
    """Products and customer by typing, one's own prices over all lines, the PDF of one's own company, the order."""
    buyer.open("/quotes/new")
    product, keys = buyer.main.locator("#sku"), buyer.page.keyboard
    product.focus()
    keys.type("viewer net")
    expect(buyer.main.locator("#matches-list [role=option]").first).to_have_attribute("aria-selected", "true")
    keys.press("Enter")
    quantity = buyer.main.locator("#lines-0-quantity")
    expect(quantity).to_be_focused()
    keys.type("7")
    keys.press("Tab")
    expect(buyer.main.locator("#sums")).to_contain_text(buyer.t("Your margin"))
    buyer.fill(markup="10")
    keys.press("Tab")
    keys.press("Enter")
    expect(quantity).to_have_value("7")
    buyer.main.locator("#earlier").focus()
    keys.type("технопроект")
    expect(buyer.main.locator("#customers-list [role=option]").first).to_have_attribute("aria-selected", "true")
    keys.press("Enter")
    expect(buyer.main.locator("#company")).to_have_value("Технопроект")
    total = buyer.main.locator("#sums .total dd").inner_text()
    keys.press("Control+Enter")
    download = buyer.link(buyer.t("Download the PDF"))
    expect(download).to_be_visible(timeout=20_000)  # the worker draws it, and the page asks by itself
    buyer.reads("Технопроект", total)
    assert buyer.download(download).startswith(b"%PDF-")
    buyer.press(buyer.t("Make an order"))
    expect(quantity).to_have_value("7")
    expect(buyer.main.locator("#company")).to_have_value("Технопроект")
    keys.press("Control+Enter")
    buyer.heading(buyer.t("Review the order"))
