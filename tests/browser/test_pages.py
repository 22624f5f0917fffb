"""What holds on all pages: the language can be switched everywhere, a narrow phone shows them whole (R30), and the
keyboard's focus stays where somebody left it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from playwright.sync_api import Page, expect

from dashboard.demo.accounts import CUSTOMER, RESELLER, STAFF, DemoAccount
from tests.browser.people import Person

#: A narrow phone, in CSS pixels.
NARROW = {"width": 360, "height": 740}

VISITOR_PAGES = ("/", "/programme", "/policy", "/register", "/sign-in", "/reset-password", "/how-to-apply")
CUSTOMER_PAGES = (
    *("/licenses", "/profile", "/profile/address", "/profile/password", "/profile/two-step/set-up"),
    *("/apply", "/no-such-page"),
)
RESELLER_PAGES = (
    *("/", "/prices", "/order?new=1", "/orders", "/orders?state=overdue", "/orders?q=nothing"),
    *("/company", "/company/listing", "/company/details", "/policy", "/licenses"),
)
STAFF_PAGES = ("/", "/staff/orders", "/staff/applications", "/staff/resellers", "/staff/mail")

#: What is typed on pages with a form, before the language is switched. A password is not written into a page.
TYPED = {
    "/register": {"name": "Vera Novák", "email": "vera@new.example"},
    "/sign-in": {"email": "half@typed"},
    "/reset-password": {"email": "half@typed"},
}
APPLICATION = {
    "company": "Кедр & Söhne", "website": "not yet", "country": "US", "state": "TX", "activity": "mixed",
    "description": "Two lines,\nhalf typed", "reasons": "", "first_customer": "«Луч»",
}  # fmt: skip
ORDER = {
    "sku": "half a sku", "company": "Sun & Moon", "name": "Zoë", "email": "zoe@", "street": "", "country": "FR",
    "language": "ru", "po_number": "PO <1>", "note": "First line\nsecond",
}  # fmt: skip
DETAILS = {"legal_name": "ООО «Ромашка» & Co", "street": "", "city": "Тула", "tax_number": "12", "billing_email": "at@"}


def signed_in(new_page: Callable[..., Page], language: str, account: DemoAccount, **options: object) -> Person:
    person = Person(new_page(**options), language)
    person.sign_in(account.email, account.password)
    return person


def keeps_what_was_typed(person: Person, address: str, typed: dict[str, str]) -> None:
    """Type, switch there and back: each time the same address, another language, and the same in the fields."""
    person.open(address)
    person.fill(**typed)
    for _ in range(2):
        url, heading = person.page.url, person.page.locator("h1").inner_text()
        person.switch_language()
        assert person.page.url == url
        expect(person.page.locator("h1")).not_to_have_text(heading)
        person.holds(**typed)
        expect(person.main.locator(".error-summary")).to_have_count(0)


def test_R30_switching_the_language_keeps_the_page_and_what_was_typed(
    new_page: Callable[..., Page], page: Page, language: str
) -> None:
    visitor = Person(page, language)
    for address, typed in TYPED.items():
        keeps_what_was_typed(visitor, address, typed)
    keeps_what_was_typed(signed_in(new_page, language, CUSTOMER), "/apply", APPLICATION)
    reseller = signed_in(new_page, language, RESELLER)
    keeps_what_was_typed(reseller, "/company/details", DETAILS)
    keeps_what_was_typed(reseller, "/order?new=1", ORDER)


def test_R30_switching_the_language_keeps_the_address_of_a_page_without_a_form(
    new_page: Callable[..., Page], page: Page, language: str
) -> None:
    visitor = Person(page, language)
    visitor.open("/programme?from=letter")
    visitor.switch_language()
    assert visitor.page.url.endswith("/programme?from=letter")
    reseller = signed_in(new_page, language, RESELLER)
    reseller.open("/prices?platform=Java")
    reseller.fill(search="viewer")
    reseller.page.wait_for_url(re.compile("search=viewer"))
    url = reseller.page.url
    reseller.switch_language()
    assert reseller.page.url == url
    reseller.holds(search="viewer", platform="Java")
    reseller.page.goto("/no-such-page")
    reseller.switch_language()
    reseller.heading(reseller.t("Page not found"))
    assert reseller.path == "/no-such-page"


def test_R30_a_language_chosen_by_a_visitor_stays(page: Page, language: str) -> None:
    visitor = Person(page, language)
    visitor.open("/")
    visitor.switch_language()
    for address in VISITOR_PAGES:
        visitor.open(address)


def fits(person: Person, addresses: Iterable[str]) -> None:
    """Open pages; `look` finds one that is too wide for the screen."""
    for address in addresses:
        person.open(address)


def first_of(person: Person, address: str, path: str) -> str:
    """The address of the first thing in a list."""
    person.open(address)
    return str(person.main.locator(f"a[href^='{path}']:not([href*='export'])").first.get_attribute("href"))


def test_pages_fit_a_narrow_phone(new_page: Callable[..., Page], language: str) -> None:
    fits(Person(new_page(viewport=NARROW), language), VISITOR_PAGES)
    fits(signed_in(new_page, language, CUSTOMER, viewport=NARROW), CUSTOMER_PAGES)
    reseller = signed_in(new_page, language, RESELLER, viewport=NARROW)
    fits(reseller, RESELLER_PAGES)
    order = first_of(reseller, "/orders?state=open", "/orders/R")
    fits(reseller, (order, f"{order}/customer"))
    staff = signed_in(new_page, language, STAFF, viewport=NARROW)
    fits(staff, STAFF_PAGES)
    fits(staff, (f"/staff{order}", f"/staff{order}/payment", f"/staff{order}/cancel"))
    lists = (
        ("/staff/applications", "/staff/applications/"),
        ("/staff/resellers", "/staff/resellers/"),
        ("/staff/mail", "/staff/mail/"),
    )
    for address, path in lists:
        fits(staff, [first_of(staff, address, path)])


def test_a_phone_shows_a_filter_that_is_set_and_the_others_on_demand(
    new_page: Callable[..., Page], language: str
) -> None:
    reseller = signed_in(new_page, language, RESELLER, viewport=NARROW)
    reseller.open("/orders?state=paid")
    payment, license_, more = (reseller.main.locator(name) for name in ("#state", "#license", ".filters .more input"))
    expect(payment).to_be_visible()
    expect(license_).to_be_hidden()
    more.check()
    expect(license_).to_be_visible()


def test_the_first_stop_of_every_page_leads_past_its_head(new_page: Callable[..., Page], language: str) -> None:
    """From there the next stop lies in the content."""
    reseller = signed_in(new_page, language, RESELLER)
    for person, addresses in ((Person(new_page(), language), VISITOR_PAGES), (reseller, RESELLER_PAGES)):
        for address in addresses:
            person.open(address)
            if person.page.locator("[autofocus]").count():
                continue  # it begins in its field
            person.page.keyboard.press("Tab")
            expect(person.page.locator(".skip")).to_be_focused()
            expect(person.page.locator(".skip")).to_be_in_viewport(ratio=1)
            person.page.keyboard.press("Enter")
            person.page.keyboard.press("Tab")
            expect(person.page.locator("main :focus, footer :focus")).to_have_count(1)


def test_focus_in_what_is_replaced_goes_to_what_comes_and_else_stays(
    new_page: Callable[..., Page], language: str
) -> None:
    reseller = signed_in(new_page, language, RESELLER)
    reseller.open("/prices")
    results = reseller.main.locator("#results")
    for focused, expected in ((results.locator("button").first, results), (reseller.field("brand"), None)):
        reseller.page.reload()
        focused.focus()
        _search_behind_the_back(reseller, "viewer")
        expect(expected or focused).to_be_focused()
    reseller.page.reload()
    _search_behind_the_back(reseller, "viewer")
    expect(reseller.page.locator("body")).to_be_focused()
    shown = results.locator("tbody").count()
    reseller.fill(search="viewer java")
    expect(results.locator("tbody")).not_to_have_count(shown)
    expect(reseller.field("search")).to_be_focused()


def _search_behind_the_back(person: Person, text: str) -> None:
    """Narrow the price list without touching the focus, as a part of a page does that asks for itself."""
    with person.page.expect_response(re.compile("search=")):
        person.page.evaluate(
            """(text) => {
              const field = document.querySelector("#search");
              field.value = text;
              field.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            text,
        )
    expect(person.main.locator("#results tbody")).not_to_have_count(0)
    expect(person.main.locator("#results .found [role=status] a")).to_have_count(1)
