"""The main pages of the running demo, for who takes their pictures or measures them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from dashboard.demo.accounts import CUSTOMER, RESELLER, STAFF, TRANSLATOR, DemoAccount
from tests.browser.chromium import ARGUMENTS
from tests.programs import program
from tests.site import Site, prepare, running_site

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = ("ru", "en")


@dataclass(frozen=True)
class MainPage:
    """A page, and who looks at it.

    Args:
        address: where it stands, or the list in which it is looked for.
        first: how the address begins whose first link on that page is followed.
        below: what is added to the address of that link.
    """

    name: str
    who: DemoAccount | None
    address: str
    first: str = ""
    below: str = ""


PAGES = (
    MainPage("visitor", None, "/"),
    MainPage("programme", None, "/programme"),
    MainPage("sign-in", None, "/sign-in"),
    MainPage("register", None, "/register"),
    MainPage("how-to-apply", None, "/how-to-apply"),
    MainPage("not-found", None, "/no-such-page"),
    MainPage("home", RESELLER, "/"),
    MainPage("prices", RESELLER, "/prices"),
    MainPage("order-form", RESELLER, "/order?new=1"),
    MainPage("bulk-order", RESELLER, "/order/bulk"),
    MainPage("orders", RESELLER, "/orders"),
    MainPage("order", RESELLER, "/orders", "/orders/R"),
    MainPage("order-to-pay", RESELLER, "/orders?state=open", "/orders/R"),
    MainPage("customer-view", RESELLER, "/orders", "/orders/R", "/customer"),
    MainPage("quotes", RESELLER, "/quotes"),
    MainPage("quote", RESELLER, "/quotes", "/quotes/Q"),
    MainPage("invoices", RESELLER, "/invoices"),
    MainPage("statements", RESELLER, "/statements"),
    MainPage("statement", RESELLER, "/statements", "/statements/ST"),
    MainPage("licenses-sold", RESELLER, "/company-licenses"),
    MainPage("renewals", RESELLER, "/company-licenses/renewals"),
    MainPage("enquiries", RESELLER, "/enquiries"),
    MainPage("enquiry", RESELLER, "/enquiries", "/enquiries/E"),
    MainPage("company", RESELLER, "/company"),
    MainPage("details", RESELLER, "/company/details"),
    MainPage("certificates", RESELLER, "/company/certificates"),
    MainPage("team", RESELLER, "/company/team"),
    MainPage("account", RESELLER, "/account"),
    MainPage("policy", RESELLER, "/policy"),
    MainPage("find", RESELLER, "/find?q=viewer"),
    MainPage("help", RESELLER, "/help"),
    MainPage("profile", RESELLER, "/profile"),
    MainPage("licenses", CUSTOMER, "/licenses"),
    MainPage("apply", CUSTOMER, "/apply"),
    MainPage("desk", STAFF, "/"),
    MainPage("staff-orders", STAFF, "/staff/orders"),
    MainPage("staff-order", STAFF, "/staff/orders", "/staff/orders/R"),
    MainPage("payments", STAFF, "/staff/payments"),
    MainPage("transfers", STAFF, "/staff/payments/waiting"),
    MainPage("resellers", STAFF, "/staff/resellers"),
    MainPage("reseller", STAFF, "/staff/resellers", "/staff/resellers/"),
    MainPage("applications", STAFF, "/staff/applications"),
    MainPage("application", STAFF, "/staff/applications", "/staff/applications/"),
    MainPage("staff-certificates", STAFF, "/staff/certificates"),
    MainPage("staff-enquiries", STAFF, "/staff/enquiries"),
    MainPage("staff-statements", STAFF, "/staff/statements"),
    MainPage("rehearsal", STAFF, "/staff/statements/rehearsal"),
    MainPage("catalog", STAFF, "/staff/catalog"),
    MainPage("sku", STAFF, "/staff/catalog", "/staff/catalog/skus/"),
    MainPage("mail", STAFF, "/staff/mail"),
    MainPage("texts", STAFF, "/staff/texts"),
    MainPage("text-edit", STAFF, "/staff/texts/policy/edit"),
    MainPage("reports", STAFF, "/staff/reports"),
    MainPage("report-sales", STAFF, "/staff/reports/sales"),
    MainPage("report-resellers", STAFF, "/staff/reports/resellers"),
    MainPage("report-ageing", STAFF, "/staff/reports/ageing"),
    MainPage("report-interest", STAFF, "/staff/reports/interest"),
    MainPage("translator", TRANSLATOR, "/"),
)  # fmt: skip


@contextmanager
def demo() -> Iterator[Site]:
    """The demo running on data of its own, until it is left."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder) / "prepared")
        with running_site(Path(folder) / "prepared", Path(folder) / "running") as site:
            yield site


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


def signed_in(browser: Browser, site: str, who: DemoAccount | None, language: Language) -> StorageState:
    """The cookies of somebody who has signed in and reads this language."""
    with browser.new_context(base_url=site, locale=language) as context:
        page = context.new_page()
        if who:
            page.goto("/sign-in")
            page.fill("main [name=email]", who.email)
            page.fill("main [name=password]", who.password)
            page.click("main form .button.primary")
            page.locator("details.account").wait_for()
            if page.locator("html").get_attribute("lang") != language:
                page.click(f".languages [lang={language}]")
                page.locator(f"html[lang={language}]").wait_for()
        return context.storage_state()


def address_of(page: Page, place: MainPage) -> str:
    """Where a page stands for who is signed in at `page`.

    Raises:
        LookupError: if the list has no such link.
    """
    if not place.first:
        return place.address
    page.goto(place.address)
    link = page.locator(f"main a[href^='{place.first}']:not([href*='export'])").first
    found = link.get_attribute("href") if link.count() else None
    if found is None:
        raise LookupError(f"{place.address} has no link to {place.first}")
    return found.partition("#")[0] + place.below
