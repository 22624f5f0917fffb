"""The chain's second half: the customer, credit, a cancelled order, the history (steps 6 to 8)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage

from playwright.sync_api import expect

from tests.browser.letters import attachments_of, html_of, link_in, pdf_text, text_of
from tests.browser.people import Person, wait_until
from tests.browser.scene import CUSTOMER, LINES, VIEWER, Story

CUSTOMER_PASSWORD = "nine slow gold fish"

#: The customer of the later orders.
SECOND = {
    "company": "Kroon & Zonen",
    "name": "",
    "email": "kroon@kroon.example",
    "country": "NL",
    "street": "",
    "city": "",
    "postal_code": "",
}

#: Words of money, and the signs and codes of currencies: none of them is for customers (R25).
MONEY = re.compile(
    r"[$€₽£¥]|\b(?:USD|EUR|RUB)\b|\b(?:pric|discount|invoice|pro-forma|tax\b|paid|payment|amount|retail|VAT\b)"
    r"|\b(?:цен[аыуе]\b|скид|счёт|счет|налог|оплат|сумм|рознич|плат[её]ж|НДС|руб\b)",
    re.IGNORECASE,
)


def customer_fetches_the_license(story: Story) -> None:
    """Step 7: the mailed link, a password, the license with its facts and its file (R21, R25)."""
    customer, t = story.customer, story.customer.t
    [letter] = story.site.smtp.sent_to(CUSTOMER["email"])
    customer.open(link_in(letter, "/claim/"))
    customer.press(t("Set the password and go on"), password=CUSTOMER_PASSWORD)
    customer.open("/")
    customer.heading(t("My licenses"))
    for sku, _quantity in LINES:
        customer.reads(sku)
    customer.reads(story.order_id, "GroupDocs.Viewer for .NET", story.company.name)
    panel = customer.main.locator(".panel").filter(has_text=VIEWER)
    name = t("Download the license of %(product)s", product="GroupDocs.Viewer for .NET")
    content = customer.download(customer.link(name, within=panel))
    facts = story.license(content)
    assert (facts["Kind"], facts["Product/SKU"], facts["Order/ID"]) == ("permanent", VIEWER, story.order_id)
    assert content in [story.reseller.fetch(address) for address in story.files("licenses", 2 * len(LINES))]
    assert not sums_in(content.decode(), story.sums(LINES).all)


def customer_meets_no_price(story: Story) -> None:
    """Step 7: no page and no letter of the customer's knows a price (R25)."""
    customer, t = story.customer, story.customer.t
    customer.open("/licenses")
    customer.follow(t("How to apply it"))
    customer.heading(t("How to apply a license"))
    for address in ("/", "/licenses", "/how-to-apply", "/profile", "/profile/address"):
        customer.open(address)
        _no_money(customer, story)
    papers = story.files("papers", 2)
    for address in ("/prices", "/orders", f"/orders/{story.order_id}", *papers, "/company", "/order", "/nowhere"):
        answer = customer.page.goto(address)
        assert answer is not None
        assert answer.status == 404, address
        _no_money(customer, story)
    for letter in story.site.smtp.sent_to(CUSTOMER["email"]):
        _no_money_in(_all_of(letter), story)
    story.reseller.open(f"/orders/{story.order_id}/customer")
    panels = story.reseller.main.locator(".panel")
    assert MONEY.findall(panels.nth(0).inner_text()) == []
    expect(panels).to_have_count(len(LINES))


def _no_money(customer: Person, story: Story) -> None:
    _no_money_in(customer.page.locator("body").inner_text(), story)
    assert not sums_in(customer.page.content(), story.sums(LINES).all)


def _no_money_in(text: str, story: Story) -> None:
    assert MONEY.findall(text) == [], text
    assert not sums_in(text, story.sums(LINES).all)


def sums_in(text: str, sums: set[Decimal]) -> list[Decimal]:
    """Those of the sums that stand in a text, however their digits are grouped."""
    digits = re.sub(r"(?<=\d)[\s.,'’](?=\d)", "", text)
    return [amount for amount in sums if re.search(rf"(?<!\d){int(amount * 100)}(?!\d)", digits)]


def _all_of(letter: EmailMessage) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in letter.items() if name not in {"Message-ID", "Date"})
    html = re.sub(r"(?s)<style>.*?</style>|<[^>]*>", " ", html_of(letter))
    return "\n".join([headers, text_of(letter), html, *attachments_of(letter)])


def orders_on_credit(story: Story) -> None:
    """Step 6: after three paid orders the fourth is on credit: invoice and license at once, due in 30 days (R14)."""
    owner, t = story.reseller, story.reseller.t
    for first in (True, False):
        order_id = _order_again(story, first=first)
        _confirm(story, order_id)
    story.letter(story.email, t("From now on you order on credit"))
    story.order_id = _order_again(story, first=False)
    due = datetime.now(story.vendor.zone).date() + timedelta(days=30)
    owner.reads(t("on credit, due by %(day)s", day=t.day(due)))
    [paper], [license_] = story.files("papers", 1), story.files("licenses", 1)
    bt, number = story.billing_texts, paper.rpartition("/")[2]
    values = {"number": number, "id": story.order_id, "day": bt.day(due)}
    letter = story.letter(story.billing, bt("Invoice %(number)s for order %(id)s, due by %(day)s", **values))
    assert owner.fetch(paper) in attachments_of(letter).values()
    assert number in pdf_text(owner.fetch(paper), story.folder)
    assert story.license(owner.fetch(license_))["Kind"] == "permanent"


def _order_again(story: Story, *, first: bool) -> str:
    """A small order for the second customer, typed in once and filled in from then on; its ID."""
    owner, t = story.reseller, story.reseller.t
    owner.open("/order?new=1")
    owner.fill(sku=VIEWER)
    owner.press(t("Add"))
    if first:
        owner.fill(**SECOND)
    else:
        owner.fill(earlier=SECOND["company"])
        owner.press(t("Find"))
    owner.holds(email=SECOND["email"], country="NL")
    owner.press(t("Review the order"))
    owner.press(t("Place the order"))
    return owner.path.rpartition("/")[2]


def _confirm(story: Story, order_id: str) -> None:
    story.staff.open(f"/staff/orders/{order_id}/payment")
    story.staff.press(story.staff.t("Confirm the payment"))
    story.staff.reads(story.staff.t("The payment is confirmed. Invoice and license are on their way."))


def cancels_an_order(story: Story) -> None:
    """Step 6: a cancelled order gets its credit note; its license is revoked, and the customer told (R12)."""
    owner, staff, t = story.reseller, story.staff, story.reseller.t
    serial = story.files("licenses", 1)[0].rpartition("/")[2]
    staff.open(f"/staff/orders/{story.order_id}")
    staff.follow(t("Cancel the order"))
    staff.press(t("Cancel the order"))
    staff.reads(t("Please correct the following:"))
    staff.press(t("Cancel the order"), reason="The customer has closed down.")
    staff.reads(t("The order is cancelled."))
    owner.open(f"/orders/{story.order_id}")
    owner.reads(t("Credit note"), "The customer has closed down.")
    [_invoice, credit_note] = story.files("papers", 2)
    letter = story.letter(story.billing, story.billing_texts("Order %(id)s is cancelled", id=story.order_id))
    assert owner.fetch(credit_note) in attachments_of(letter).values()
    told = story.letter(
        SECOND["email"], t.n("Your license for %(product)s was revoked", "", 1, product="GroupDocs.Viewer for .NET")
    )
    assert MONEY.findall(_all_of(told)) == []
    expect(owner.main.locator(f"a[href*='{serial}']")).to_have_count(0)
    revoked = story.site.url + "/licenses/revoked.xml"
    wait_until(owner.page, lambda: serial.encode() in owner.fetch(revoked))


def looks_through_the_history(story: Story) -> None:
    """Step 8: search, filter, open, fetch (R24)."""
    owner, t = story.reseller, story.reseller.t
    owner.open("/")
    owner.open("/orders")
    rows = owner.main.locator("tbody tr")
    expect(rows).to_have_count(4)
    story.find(owner, t("Find"), q=CUSTOMER["company"].split()[0].lower())
    expect(rows).to_have_count(1)
    assert "q=" in owner.page.url
    owner.open("/orders")
    story.find(owner, t("Find"), state="cancelled")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(story.order_id)
    owner.open("/orders")
    story.find(owner, t("Find"), state="paid")
    expect(rows).to_have_count(3)
    export = owner.download(owner.link(t("as CSV"))).decode("utf-8-sig")
    assert export.count(VIEWER) == 0
    assert len(export.strip().splitlines()) == 4
    owner.go(rows.filter(has_text=CUSTOMER["company"]).get_by_role("link").first)
    owner.reads(t.p("order", "paid"), "PO 77/3")
    invoice = owner.download(owner.main.locator("#files a[href*='/papers/']:not([href$='/xml'])").last)
    assert invoice.startswith(b"%PDF")
    license_ = owner.download(owner.main.locator("#files a[href*='/licenses/']").last)
    assert story.license(license_)["Licensee/Name"] == CUSTOMER["company"]
