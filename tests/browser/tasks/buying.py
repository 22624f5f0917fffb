"""What buyers, owners and customers come for: each task is walked step by step, and yields where it matters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from playwright.sync_api import expect

from dashboard.accounts.models import User
from dashboard.checkout.models import Draft
from dashboard.clock import today
from dashboard.extensions import db
from dashboard.licenses.models import License
from dashboard.orders.models import Order
from dashboard.quotes.models import Quote
from dashboard.resellers.models import Invitation
from dashboard.tax.models import ExemptionCertificate
from tests.browser.letters import pdf_text, verified
from tests.browser.people import Person, wait_until
from tests.browser.scene import CONVERSION, CUSTOMER, VIEWER
from tests.browser.tasks.interruptions import Submit
from tests.browser.tasks.stage import Company, Stage

Task = Iterator[Submit]


def _orders(stage: Stage, company: Company) -> int:
    return stage.count(Order, Order.reseller_id == company.id)


def _review_and_place(buyer: Person) -> Task:
    """From the filled order form to the order."""
    t = buyer.t
    buyer.heading(t("Review the order"))
    yield Submit(buyer, t("Place the order"))
    buyer.open("/orders")
    expect(buyer.main.locator("tbody tr")).not_to_have_count(0)


def orders_from_the_price_list(stage: Stage) -> Task:
    """Find a SKU among the prices, type the customer, review, place (R7, R8, R10)."""
    company = stage.company()
    buyer = stage.enter(company.owner)
    t = buyer.t
    buyer.open(f"/prices?search={VIEWER}")
    buyer.press(f"{t.p('button', 'Order')} {VIEWER}")
    typed = {**CUSTOMER, "language": stage.language, "po_number": "PO 77/3", "note": "Thanks & «so»"}
    form = Submit(buyer, t("Review the order"), typed)
    form.fill()
    yield form
    yield from _review_and_place(buyer)
    assert _orders(stage, company) == 1


def orders_again(stage: Stage) -> Task:
    """An order like an earlier one, for other pieces (R8)."""
    company = stage.company()
    before = stage.order(company)
    buyer = stage.enter(company.owner)
    buyer.open(f"/orders/{before}")
    buyer.follow(buyer.t("Order again"))
    form = Submit(buyer, buyer.t("Review the order"), {"lines-0-quantity": "7"})
    form.fill()
    yield form
    yield from _review_and_place(buyer)
    assert _orders(stage, company) == 2


def orders_in_bulk(stage: Stage) -> Task:
    """Rows from a spreadsheet: checked, then placed together."""
    company = stage.company()
    buyer = stage.enter(company.owner)
    t = buyer.t
    rows = f"{VIEWER}\t2\tKroon\tkroon@kroon.example\tNL\n{CONVERSION}\t1\tLinde\tlinde@linde.example\tDE"
    buyer.open("/order/bulk")
    check = Submit(
        buyer, t("Check the rows"), {"rows": f"SKU\tQuantity\tCompany\tE-mail\tCountry\n{rows}"}, again=t("Check again")
    )
    check.person.field("rows").fill(check.typed["rows"])  # pasted: a Tab that is typed leaves the field
    yield check
    if not buyer.button(t.n("Place %(num)s order", "Place %(num)s orders", 2)).count():
        buyer.press(t("Check the rows"))  # after a reload or a double press nothing is kept but what was pasted
    yield Submit(buyer, t.n("Place %(num)s order", "Place %(num)s orders", 2), check.typed)
    assert _orders(stage, company) == 2


def quotes_and_orders(stage: Stage) -> Task:
    """A quote for a customer at one's own price, and the order that it becomes."""
    company = stage.company()
    buyer = stage.enter(company.owner)
    t = buyer.t
    buyer.open("/quotes/new")
    buyer.fill(sku=VIEWER)
    if stage.scripts:
        buyer.pick(VIEWER)
    else:
        buyer.press(t("Add"))
    typed = {"lines-0-quantity": "3", "company": CUSTOMER["company"], "email": CUSTOMER["email"], "country": "CH"}
    form = Submit(buyer, t("Issue the quote"), typed)
    form.fill()
    yield form
    expect(buyer.button(t("Make an order"))).to_be_visible()
    yield Submit(buyer, t("Make an order"))
    buyer.holds(company=CUSTOMER["company"])
    buyer.press(t("Review the order"))
    yield from _review_and_place(buyer)
    assert stage.count(Quote, Quote.reseller_id == company.id) == 1
    assert _orders(stage, company) == 1
    assert stage.count(Draft, Draft.reseller_id == company.id) == 1


def corrects_a_customer(stage: Stage) -> Task:
    """A mistyped address of an issued license: a new file, the old one revoked, once (R21)."""
    company = stage.company(established_by_staff=True)
    order_id = stage.order(company, email="mistyped@nordwind.example")
    issued = License.order_id == order_id
    buyer = stage.enter(company.owner)
    t = buyer.t
    buyer.open(f"/orders/{order_id}")
    wait_until(buyer.page, lambda: stage.count(License, issued, License.digest.is_not(None)) == 1)
    buyer.open(f"/orders/{order_id}")
    buyer.follow(t("Correct the details"))
    right = f"right{stage.number}@nordwind.example"  # an address gets so many letters a day
    form = Submit(buyer, t("Correct"), {"company": "Nordwind & Söhne", "email": right})
    form.fill()
    yield form
    buyer.open(f"/orders/{order_id}")
    buyer.reads(right)
    assert stage.count(License, issued) == 2


def brings_a_certificate(stage: Stage) -> Task:
    """An exemption certificate, with its file (R29)."""
    company = stage.company(currency="USD", country="US", state="TX")
    buyer = stage.enter(company.owner)
    t = buyer.t
    file = stage.folder / "certificate of Texas.pdf"
    file.write_bytes(b"%PDF-1.7 a certificate " + str(stage.number).encode())
    begins, ends = (day.isoformat() for day in (today() - timedelta(days=9), today() + timedelta(days=300)))
    buyer.open("/company/certificates/new")
    typed = {"number": "01-339", "valid_from": begins, "valid_until": ends}
    form = Submit(buyer, t("Upload the certificate"), typed, ("TX",), {"file": file})
    form.fill()
    yield form
    buyer.open("/company/certificates")
    buyer.reads("01-339")
    assert stage.count(ExemptionCertificate, ExemptionCertificate.reseller_id == company.id) == 1


def invites_a_colleague(stage: Stage) -> Task:
    """A link by mail for somebody who shall keep the books; asked for again, a new letter of one invitation (R5)."""
    company = stage.company()
    owner = stage.enter(company.owner)
    t = owner.t
    email = f"zoya.{stage.number}@tasks.example"
    owner.open("/company/team")
    form = Submit(owner, t("Send the invitation"), {"email": email, "role": "accountant"})
    form.fill()
    yield form
    owner.open("/company/team")
    owner.reads(email)
    assert stage.count(Invitation, Invitation.email == email) == 1


def looks_up_what_to_pay(stage: Stage) -> Task:
    """An order's page, how to pay it, its document, what is owed; and a question about it (R19, R24, R32)."""
    company = stage.company()
    order_id = stage.order(company)
    owner = stage.enter(company.owner)
    t = owner.t
    owner.open("/account")
    owner.open("/orders")
    owner.follow(order_id)
    expect(owner.main.locator("#pay [data-copy^=RF]")).to_have_count(1)
    papers = owner.page.locator("#files a[href*='/papers/']:not([href$='/xml'])")
    wait_until(owner.page, lambda: papers.count() == 1)
    content = owner.download(papers.first)
    assert order_id in pdf_text(content, stage.folder)
    owner.open(f"/enquiries/new?kind=other&order={order_id}")
    form = Submit(owner, t("Send the enquiry"), {"subject": "When is it due?", "text": "Two lines,\nof mine."})
    form.fill()
    yield form
    owner.open("/enquiries")
    expect(owner.main.get_by_text("When is it due?")).to_have_count(1)
    owner.open("/statements")


def fetches_a_license(stage: Stage) -> Task:
    """The end customer's side: the file, how it is verified, another name in the profile (R21, R25)."""
    company, customer = stage.company(established_by_staff=True), stage.account("Jan")
    order_id = stage.order(company, email=customer.email)
    person = stage.enter(customer)
    t = person.t
    person.open("/licenses")
    file = person.link(t("Download the license of %(product)s", product="GroupDocs.Viewer for .NET"))
    wait_until(person.page, lambda: file.count() == 1)
    facts = verified(person.download(file), person.fetch("/licenses/certificates.pem"), stage.folder)
    assert facts["Order/ID"] == order_id
    person.follow(t("How to apply it"))
    person.open("/profile")
    form = Submit(person, t("Save"), {"name": "Jan van «Dijk»"})
    form.fill()
    yield form
    with stage.backstage.app.app_context():
        assert db.session.get_one(User, customer.id).name == "Jan van «Dijk»"
        db.session.rollback()
