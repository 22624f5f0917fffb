"""The chain from a visitor to the customer's license, step by step, as people walk it (steps 1 to 5)."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from babel.numbers import format_decimal
from playwright.sync_api import expect
from stdnum import iso11649

from dashboard.demo.accounts import STAFF
from tests.browser.letters import attachments_of, link_in, pdf_text, text_of
from tests.browser.scene import CATALOG, CONVERSION, CUSTOMER, LINES, PASSWORD, SECOND_PASSWORD, VIEWER, Story
from tests.browser.texts import OTHER

#: Two of the programme's questions, in the vendor's own words.
ASKED = {
    "en": ("Do you join sales calls?", "Why do you want everything in writing?"),
    "ru": ("Участвуете ли вы в звонках с клиентами?", "Почему всё письменно?"),
}


def becomes_an_applicant(story: Story) -> None:
    """Step 1: programme, account, confirmation, application (R1-R3, R31)."""
    visitor, t = story.reseller, story.reseller.t
    visitor.open("/")
    visitor.follow(t("How the programme works"))
    expect(visitor.main.locator("section h2")).to_have_count(12)
    visitor.reads(*ASKED[story.language])
    visitor.follow(t("Create an account"))
    visitor.press(t("Create the account"), name=story.company.person, email=story.email, password="short")
    visitor.reads(t("Please correct the following:"))
    visitor.holds(name=story.company.person, email=story.email)
    visitor.press(t("Create the account"), password=PASSWORD)
    visitor.heading(t("Look into your mail"))
    visitor.open(link_in(story.letter(story.email, t("Confirm your e-mail address")), "/confirm/"))
    visitor.press(t("Confirm and sign in"), password=PASSWORD)
    visitor.heading(t("Apply as a reseller"))

    known = {"company": story.company.name, "website": story.company.site.removeprefix("https://")}
    words = {"description": "We sell software.\nSince 2009.", "reasons": "Our customers ask for it."}
    visitor.fill(**known, **words, **story.company.place)
    visitor.press(t("Send the application"), activity="consulting")
    visitor.reads(t("This programme is not for you, but our licenses are."), story.vendor.sales_email)
    visitor.holds(**known, **words, **story.company.place)
    visitor.press(t("Send the application"), activity="mixed")
    visitor.heading(t("Your application"))
    visitor.reads(t("Your application is with us."), story.company.name, "Since 2009.")


def recovers_the_account(story: Story) -> None:
    """Step 1: a forgotten password and a new address (R1)."""
    person, t = story.reseller, story.reseller.t
    person.sign_out()
    person.open("/sign-in")
    person.follow(t("Forgot the password?"))
    person.press(t("Send the link"), email=story.email)
    person.open(link_in(story.letter(story.email, t("Choose a new password")), "/reset-password/"))
    person.press(t("Set the password"), password=SECOND_PASSWORD)
    person.open("/profile")
    person.follow(t("Change the address"))
    old, story.email = story.email, "owner2@soft.example"
    person.press(t("Send the link"), email=story.email, password=SECOND_PASSWORD)
    story.letter(old, t("Your e-mail address is to be changed"))
    person.open(link_in(story.letter(story.email, t("Confirm your new e-mail address")), "/confirm-address/"))
    person.press(t("Change the address"))
    person.reads(t("Your e-mail address is now %(email)s.", email=story.email))
    person.sign_out()
    person.sign_in(story.email, SECOND_PASSWORD)
    expect(person.open_menu()).to_contain_text(story.email)


def is_approved(story: Story) -> None:
    """Step 2: staff find the application in their queue, set the currency, approve (R4)."""
    staff, t = story.staff, story.staff.t
    staff.sign_in(STAFF.email, STAFF.password)
    staff.open("/")
    row = staff.main.locator("li").filter(has_text=story.company.name)
    staff.follow(t("Decide"), within=row)
    staff.heading(story.company.name)
    staff.reads(t("mixed business"), story.email)
    staff.holds(currency=story.company.currency)
    staff.press(t("Approve"))
    subject = t("%(company)s may become a reseller: three steps are left", company=story.company.name)
    link_in(story.letter(story.email, subject), "/company")


def becomes_active(story: Story) -> None:
    """Step 2: page with the brands, policy, company; then prices open at once (R5-R7)."""
    owner, t = story.reseller, story.reseller.t
    refused = owner.page.goto("/prices")
    assert refused is not None
    assert refused.status == 403
    owner.open("/company")
    owner.follow(t("Give the page"))
    owner.press(t("Save"), listing_url="https://elsewhere.example/brands")
    owner.reads(t("Please correct the following:"))
    owner.press(t("Save"), listing_url=f"{story.company.site}/brands")
    owner.follow(t("Read and accept"))
    owner.press(t("Accept the policy"))
    owner.follow(t("Complete the details"))
    owner.fill(**story.company.details)
    owner.press(t("Save"), billing_email=story.billing, document_language=OTHER[story.language])
    owner.reads(t("All steps are done: partner prices and ordering are open to your company."))
    story.letter(story.email, t("Partner prices are open to %(company)s", company=story.company.name))
    owner.open("/prices")
    [partner] = story.sums([(VIEWER, 1)]).partner
    row = owner.main.locator("tr").filter(has_text=VIEWER)
    expect(row).to_contain_text(" ".join(story.shown(story.prices[VIEWER]).split()))
    expect(row).to_contain_text(" ".join(story.shown(partner).split()))
    owner.reads(t.n("%(num)s SKU", "%(num)s SKUs", len(story.prices)))


def finds_products(story: Story) -> None:
    """Step 3: two of 340 SKUs, found by typing (R7, R8)."""
    owner, t = story.reseller, story.reseller.t
    owner.open("/prices")
    story.find(owner, t("Find"), search="viewer oem .net")
    owner.reads_not(CONVERSION)
    owner.press(f"{t.p('button', 'Order')} {VIEWER}")
    story.find(owner, t("Add"), sku="conversion java small")
    owner.pick(CONVERSION)
    owner.fill(**{"lines-1-quantity": "0"})
    owner.press(t("Review the order"))
    owner.reads(t("Please correct the following:"))
    owner.fill(**{"lines-1-quantity": "3"}, **CUSTOMER, language=story.language, po_number="PO 77/3", note="Thanks")
    if story.scripts:  # the sums follow by themselves
        owner.reads(story.shown(story.sums(LINES).total))
    owner.press(t("Review the order"))
    owner.heading(t("Review the order"))


def places_the_order(story: Story) -> None:
    """Step 3: the review comes back with a changed price; what is done twice makes one order (R10, R11, R28)."""
    owner, t = story.reseller, story.reseller.t
    before = story.sums(LINES)
    sums = [before.partner[1], before.net, before.total, *([before.tax] if before.tax else [])]
    owner.reads(*map(story.shown, sums), CUSTOMER["company"], "PO 77/3", t("Prepaid by bank transfer"))
    if story.company.tax:
        owner.reads(t("Sales tax %(state)s", state="TX"))
    story.prices[CONVERSION] += 70
    story.site.flask("catalog", "load", str(_changed_catalog(story)))
    owner.press(t("Place the order"))
    owner.heading(t("Review the order"))
    row = owner.main.locator("tr").filter(has_text=CONVERSION)
    expect(row.locator(".was")).to_have_text(" ".join(story.shown(before.partner[1]).split()))
    expect(row).to_contain_text(t("changed"))
    now = story.sums(LINES)
    owner.reads(*map(story.shown, (now.partner[1], now.total)))

    review = owner.page.url
    stale = story.second_window(owner)
    stale.open(review)
    owner.hand.press_twice(owner.button(t("Place the order")))
    expect(owner.page).to_have_url(re.compile(r"/orders/[^/]+$"))
    owner.look()
    story.order_id = owner.path.rpartition("/")[2]
    owner.page.reload()
    owner.page.goto(review)
    owner.heading(story.order_id)
    stale.press(t("Place the order"))
    expect(stale.page).to_have_url(re.compile(rf"/orders/{story.order_id}$"))
    stale.page.close()
    owner.open("/orders")
    expect(owner.main.locator("td a[href*='/orders/']")).to_have_text([story.order_id])


def _changed_catalog(story: Story) -> Path:
    """The catalog with the new price of one SKU."""
    with CATALOG.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row[f"price_{story.company.currency.lower()}"] = str(story.prices[row["sku"]])
    path = story.folder / "catalog.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def fetches_the_pro_forma(story: Story) -> None:
    """Step 4: a pro-forma with what a bank needs (R19, R27)."""
    owner = story.reseller
    owner.open(f"/orders/{story.order_id}")
    reference = str(owner.main.locator("#pay [data-copy^=RF]").get_attribute("data-copy"))
    assert iso11649.is_valid(reference)
    [address] = story.files("papers", 1)
    content = owner.download(owner.main.locator(f"#files a[href='{address}']"))
    said = pdf_text(content, story.folder).replace(" ", "")
    bank = story.vendor.accounts[story.company.currency]
    total = story.billing_texts.money(story.sums(LINES).total, story.company.currency)
    for wanted in (reference, bank.number, bank.bic, story.order_id, "".join(total.split())):
        assert wanted in said, f"{wanted} is not on the pro-forma: {said}"
    bt = story.billing_texts
    subject = bt("Pro-forma for order %(id)s: %(sum)s to pay", id=story.order_id, sum=total)
    letter = story.letter(story.billing, subject)
    assert list(attachments_of(letter).values()) == [content]
    assert bt("The pro-forma is attached.") in text_of(letter)


def gets_a_temporary_license(story: Story) -> None:
    """Step 4: asked for by the reseller, released by staff, sent to the reseller alone (R22)."""
    owner, staff, t = story.reseller, story.staff, story.reseller.t
    owner.press(t("Ask for a temporary license"))
    staff.open("/")
    row = staff.main.locator("li").filter(has_text=story.company.name).filter(has_text=story.order_id)
    staff.press(t("Release"), within=row)
    letter = story.letter(story.email, t("Temporary licenses for order %(id)s", id=story.order_id))
    owner.open(f"/orders/{story.order_id}")
    addresses = story.files("licenses", len(LINES))
    contents = [owner.fetch(address) for address in addresses]
    assert set(contents) == set(attachments_of(letter).values())
    for content, (sku, quantity) in zip(contents, LINES, strict=True):
        facts = story.license(content)
        assert (facts["Kind"], facts["Product/SKU"], facts["Quantity"]) == ("temporary", sku, str(quantity))
        assert facts["ExpiresOn"]
    assert story.site.smtp.sent_to(CUSTOMER["email"]) == []


def pays(story: Story) -> None:
    """Step 5: staff confirm the transfer; invoice, licenses and letters are there within seconds (R18-R23, R27)."""
    owner, staff, t = story.reseller, story.staff, story.reseller.t
    total = story.sums(LINES).total
    staff.open(f"/staff/orders/{story.order_id}/payment")
    staff.holds(amount=format_decimal(total, "0.00", locale=staff.t.language))
    staff.press(t("Confirm the payment"), text="Transfer")
    staff.reads(t("The payment is confirmed. Invoice and license are on their way."))

    owner.open(f"/orders/{story.order_id}")
    papers, licenses = story.files("papers", 2), story.files("licenses", 2 * len(LINES))
    number = papers[-1].rpartition("/")[2]
    invoice = owner.fetch(papers[-1])
    bt = story.billing_texts
    letter = story.letter(
        story.billing, bt("Order %(id)s is paid; invoice %(number)s", id=story.order_id, number=number)
    )
    assert invoice in attachments_of(letter).values()
    said = pdf_text(invoice, story.folder)
    for wanted in (
        number,
        story.company.details["legal_name"],
        VIEWER,
        " ".join(bt.money(total, story.company.currency).split()),
    ):
        assert wanted in said, f"{wanted} is not on the invoice: {said}"

    permanent = [content for content in map(owner.fetch, licenses) if story.license(content)["Kind"] == "permanent"]
    subject = t("Licenses of order %(id)s for %(customer)s", id=story.order_id, customer=CUSTOMER["company"])
    assert set(attachments_of(story.letter(story.email, subject)).values()) == set(permanent)
    for content, (sku, quantity) in zip(permanent, LINES, strict=True):
        facts = story.license(content)
        assert (facts["Product/SKU"], facts["Quantity"], facts["Order/ID"]) == (sku, str(quantity), story.order_id)
        assert (facts["Licensee/Name"], facts["Licensee/Email"]) == (CUSTOMER["company"], CUSTOMER["email"])
        assert facts["UpdatesUntil"]
    [told] = story.site.smtp.sent_to(CUSTOMER["email"]) or [story.letter(CUSTOMER["email"], "")]
    assert story.company.name in text_of(told)
    owner.reads(t.p("order", "paid"))
