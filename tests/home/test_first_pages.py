"""Where each person arrives, and what is to be done there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.clock import today, utcnow
from dashboard.documents import service as documents
from dashboard.enquiries import service as enquiries
from dashboard.enquiries.rules import Kind, Side
from dashboard.enquiries.service import Request
from dashboard.extensions import db
from dashboard.fulfilment import service as fulfilment
from dashboard.invoices import service as invoices
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.models import Receivable
from dashboard.licenses import service as licenses
from dashboard.mail import service as mail
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.rules import first_of_month
from dashboard.outbox import service as outbox
from dashboard.outbox.models import OutboxItem
from dashboard.outbox.worker import work_off
from dashboard.resellers.models import Application, Member
from dashboard.tax.models import ExemptionCertificate
from tests.client import Client
from tests.factories import make_key, make_reseller, make_user, owner_of, pay, place, publish_policy


def test_a_visitor_finds_the_ways_to_go(client: Client) -> None:
    links = client.get("/").links
    assert {"How the programme works", "Create an account", "Sign in"} <= links.keys()


def test_R33_help_is_in_one_place_for_whoever_reads_it(client: Client) -> None:
    """What helps everybody, and what helps only some; it is in every footer and in the palette."""
    everybody = {"How to apply a license", "How to verify a license file", "Technical support: the forum"}
    desk = "to the button that approves or books"
    owner, staff = make_user(), make_user("Sam", email="sam@vendor.example", staff=True)
    make_reseller(owner=owner)
    visitor = client.get("/").click("Help")
    assert everybody | {"Questions and answers"} <= visitor.links.keys()
    assert not {"New enquiry", "My licenses"} & visitor.links.keys()
    client.sign_in_as(make_user("Jan", email="jan@nordwind.example"))
    customer = client.get("/find?q=shortcuts").click("Help")
    assert everybody | {"My licenses"} <= customer.links.keys()
    assert not {"Questions and answers", "New enquiry"} & customer.links.keys()
    assert "Ctrl K" in customer.text
    assert "main button of an order" not in customer.text
    client.sign_in_as(owner)
    reseller = client.get("/help")
    assert everybody | {"Questions and answers", "New enquiry", "Reseller policy"} <= reseller.links.keys()
    assert "main button of an order" in reseller.text
    assert desk not in reseller.text
    client.sign_in_as(staff)
    assert desk in client.get("/help").text


@pytest.mark.parametrize(
    ("missing", "row"),
    [
        ({"listing_url": ""}, "Give the page on which you list our brands"),
        ({"company_completed_at": None}, "Complete your company's details"),
    ],
)
def test_R5_a_reseller_is_told_which_steps_are_missing(client: Client, missing: dict[str, str], row: str) -> None:
    anna = make_user()
    make_reseller(owner=anna, activated_at=None, **missing)
    client.sign_in_as(anna)
    page = client.get("/")
    assert row in page.text
    assert not {"New order", "Prices"} & page.links.keys()


def test_an_active_reseller_without_orders_is_led_to_the_first_one(client: Client) -> None:
    anna = make_user()
    make_reseller(owner=anna)
    client.sign_in_as(anna)
    page = client.get("/")
    assert page.links["Look at the prices"] == "/prices"
    assert "<progress" not in page.html  # a bar of nothing discourages; the words are enough
    assert "Credit begins after 3 more paid orders" in page.text


def test_R14_R15_home_tells_the_terms_of_the_next_order_and_what_brings_credit_back(client: Client) -> None:
    anna = make_user()
    reseller = make_reseller(owner=anna)
    client.sign_in_as(anna)
    for _ in range(3):
        assert "If you order now Prepaid by bank transfer" in client.get("/").text
        pay(place(reseller))
    assert "If you order now On credit: pay by" in client.get("/").text
    order = place(reseller)
    for row in (order, db.session.get_one(Receivable, order.id)):
        row.due_on = today() - timedelta(days=3)
    page = client.get("/")
    assert f"Order {order.id} is 3 days overdue" in page.text
    assert "Credit returns by itself as soon as your transfer of $1,079.10 is confirmed." in page.text
    assert page.links["How to pay"] == f"/orders/{order.id}#pay"


def test_R5_a_new_policy_is_the_first_thing_to_do(client: Client) -> None:
    anna = make_user()
    make_reseller(owner=anna)
    client.sign_in_as(anna)
    publish_policy("Be fairer.", "Будьте честнее.")
    page = client.get("/")
    assert "Accept the new version of the reseller policy" in page.text
    assert "New order" not in page.links


def test_a_prepaid_order_is_listed_with_what_is_still_missing(client: Client) -> None:
    anna = make_user()
    order = place(make_reseller(owner=anna))
    pay(order, Money(7910, "USD"))
    client.sign_in_as(anna)
    assert f"Order {order.id} waits for your transfer" in client.get("/").text
    assert "$1,000.00 · the license for Nordwind GmbH" in client.get("/").text


def test_R24_home_lists_what_to_do_now_with_one_button_each(client: Client) -> None:
    anna = make_user()
    reseller = make_reseller(owner=anna, country="US", state="TX", established_by_staff=True)
    ready, later = place(reseller), place(reseller)
    for row in (ready, db.session.get_one(Receivable, ready.id)):
        row.due_on = today() + timedelta(days=7)
    (license_,) = licenses.of_order(later.id)
    license_.updates_until = today() + timedelta(days=60)
    made = enquiries.keep_enquiry(
        reseller.id, anna.id, Request(Kind.OTHER, "Which plan?", "Please tell us."), submit_key="enquiry"
    )
    enquiries.answer(made.id, Side.VENDOR, make_user(staff=True).id, "This one.", submit_key="answer")
    digest = documents.keep(b"%PDF-", "application/pdf")
    db.session.add(
        ExemptionCertificate(
            reseller_id=reseller.id, states=["TX"], number="TX-1", valid_from=today(), digest=digest,
            valid_until=today() + timedelta(days=30), uploaded_by=anna.id,
        )
    )  # fmt: skip
    client.sign_in_as(anna)
    page = client.get("/")
    rows = page.tree.xpath("//ul[@class='todo']/li")
    told = [" ".join(" ".join(row.itertext()).split()) for row in rows]
    for row, start in zip(
        told,
        (
            f"Order {ready.id} is due in 7 days",
            "Read our answer: Which plan?",
            "Exemption certificate TX-1 ends on",
            "The updates of 1 license end within 60 days",
        ),
        strict=True,
    ):
        assert row.startswith(start)
    assert [len(row.xpath(".//a[contains(@class, 'button')]")) for row in rows] == [1, 1, 1, 1]
    assert [row.xpath("boolean(.//a[contains(@class, 'primary')])") for row in rows] == [True, False, False, False]
    client.get(f"/enquiries/{made.id}")
    assert "We wait for your answer: Which plan?" in client.get("/").text
    assert "4 things" in page.text
    license_.revoked_at = utcnow()
    assert "end within 60 days" not in client.get("/").text
    accountant = make_user("Olga")
    db.session.add(Member(user_id=accountant.id, reseller_id=reseller.id, role="accountant"))
    client.sign_in_as(accountant)
    assert client.get("/").click("Upload the renewed one").path == "/company/certificates/new"


def test_R24_home_leads_to_the_orders_that_are_due_soon_and_not_shown(client: Client) -> None:
    reseller = make_reseller(established_by_staff=True)
    for _ in range(7):
        place(reseller).due_on = today() + timedelta(days=2)
    db.session.commit()
    client.sign_in_as(owner_of(reseller))
    page = client.get("/")
    assert "More orders are due soon" in page.text
    assert len(page.click("Show them").tree.findall(".//main//tbody/tr")) == 7


def test_R24_home_tells_what_is_owed_by_its_age(client: Client) -> None:
    anna = make_user()
    reseller = make_reseller(owner=anna, established_by_staff=True)
    orders_ = [place(reseller) for _ in range(3)]
    for order, days in zip(orders_, (5, -10, -100), strict=True):
        for row in (order, db.session.get_one(Receivable, order.id)):
            row.due_on = today() + timedelta(days=days)
    client.sign_in_as(anna)
    page = client.get("/")
    legend = [" ".join("".join(one.itertext()).split()) for one in page.tree.xpath("//ul[@class='legend']/li")]
    assert legend == ["Not due yet $1,079.10", "1–30 days late $1,079.10", "Over 90 days late $1,079.10"]
    (figures,) = page.tree.xpath("//details[@class='figures']//tbody")
    assert len(figures) == 12
    assert "$3,237.30" in "".join(figures[-1].itertext())


def test_R24_home_costs_the_same_however_much_there_is_to_do(client: Client) -> None:
    anna = make_user()
    reseller = make_reseller(owner=anna)
    place(reseller)
    client.sign_in_as(anna)
    few = len(client.get("/").statements)
    for _ in range(7):
        place(reseller)
    page = client.get("/")
    assert len(page.statements) == few <= 18
    assert page.links["3 more orders to pay"] == "/orders?tab=todo"


def test_staff_find_everything_that_waits_for_a_person(client: Client) -> None:
    client.sign_in_as(make_user("Sofia", staff=True))
    assert "All done. Have a good day!" in client.get("/").text
    order = place(make_reseller())
    fulfilment.ask_temporary(order.id, of=order.reseller_id)
    applicant = make_user("Dan")
    db.session.add(
        Application(
            user_id=applicant.id, company="Newco", description="We resell", activity="mixed", country="DE",
            website="https://newco.example", reasons="demand", language="en",
        )
    )  # fmt: skip
    mail.post("account_confirm", to="lost@example.com", language="en", key="lost")
    db.session.query(Letter).filter_by(key="lost").one().error = "ConnectionRefusedError"
    page = client.get("/")
    for row in (
        "4 things wait for a person.",
        "Romashka asks for a temporary license for Nordwind GmbH",
        "Newco wants to become a reseller",
        "also does other business than reselling",
        "A letter to lost@example.com cannot be delivered",
        "The mail server cannot be reached.",
        "Check the page on which Romashka lists our brands",
    ):
        assert row in page.text, row
    assert "The temporary license is released." in page.submit("Release").text


def test_R18_unpaid_orders_stand_under_the_queue_oldest_first(client: Client) -> None:
    first, second, paid = place(make_reseller()), place(make_reseller("Vasilek")), pay(place(make_reseller("Lutik")))
    first.placed_at -= timedelta(days=2)
    client.sign_in_as(make_user("Sofia", staff=True))
    page = client.get("/")
    assert page.text.index(first.id) < page.text.index(second.id)
    assert paid.id not in page.links


def test_what_was_ordered_is_summed_by_month(app: object) -> None:
    reseller = make_reseller()
    place(reseller)
    old, cancelled = place(reseller), place(reseller)
    old.placed_on = first_of_month(today(), 11)
    fulfilment.cancel_order(cancelled.id, "by mistake", by_staff=True)
    months = orders.sums_by_month(reseller.id, "USD", today())
    assert len(months) == 12
    assert (months[0].net, months[-1].net) == (Money(107910, "USD"), Money(107910, "USD"))
    assert not any(month.net for month in months[1:-1])


def test_letters_are_read_and_sent_again_by_staff(client: Client) -> None:
    client.sign_in_as(make_user("Sofia", staff=True))
    order = place(make_reseller())
    page = client.get("/staff/mail")
    assert "waiting to be sent" in page.text
    page = page.click("Pro-forma")
    assert page.links[order.id] == f"/staff/orders/{order.id}"
    assert "The letter is sent again." in page.submit("Send again").text


def test_R20_staff_see_what_was_given_up_and_have_it_tried_again(client: Client) -> None:
    """Without a key no license is signed; the letters that bring it wait for ever."""
    client.sign_in_as(make_user(staff=True))
    order = pay(place(make_reseller(listing_checked_at=utcnow())))
    db.session.commit()
    work_off()
    assert "cannot be signed" not in client.get("/").text  # it may come right by itself
    signing = db.session.query(OutboxItem).filter_by(kind=licenses.SIGN).one()
    signing.tries, signing.failed_at = outbox.GIVE_UP_AFTER, utcnow()
    (license_,) = licenses.of_order(order.id)
    page = client.get("/")
    assert f"The file of license {license_.serial}, order {order.id}, cannot be signed" in page.text
    assert "1 thing waits for a person." in page.text
    make_key()
    assert "It is tried again now." in page.submit("Try again").text
    work_off()
    assert licenses.of_order(order.id)[0].digest
    assert "cannot be signed" not in client.get("/").text


def test_what_fails_again_and_again_is_shown_before_it_is_given_up(client: Client) -> None:
    client.sign_in_as(make_user(staff=True))
    pay(place(make_reseller()))
    db.session.commit()
    work_off()
    db.session.query(OutboxItem).filter_by(kind=licenses.SIGN).update({"tries": outbox.TELL_AFTER})
    assert "still tried from time to time" in client.get("/").text


def test_the_staffs_pages_are_one_row_in_which_what_belongs_together_is_a_menu(client: Client) -> None:
    client.sign_in_as(make_user(staff=True))
    page = client.get("/staff/statements")
    (bar,) = page.tree.xpath("//header//nav[@class='nav']")
    entries = [" ".join(entry.itertext()).split()[0] for entry in bar.xpath("./ul/li/*")]
    assert entries == ["Home", "Orders", "Money", "Resellers", "Letters", "Administration"]
    money, partners, administration = bar.xpath(".//details")
    assert money.xpath(".//a/@href") == ["/staff/payments", "/staff/invoices", "/staff/statements", "/staff/reports"]
    assert administration.xpath(".//a/@href") == ["/staff/catalog", "/staff/texts", "/translations", "/staff/settings"]
    assert partners.xpath(".//a/@href") == [
        "/staff/applications",
        "/staff/resellers",
        "/staff/enquiries",
        "/staff/certificates",
    ]
    assert bar.xpath(".//details[summary/@aria-current]") == [money]
    assert bar.xpath(".//a[@aria-current='page']/@href") == ["/staff/statements"]


def test_R24_a_resellers_account_stands_in_the_navigation_and_its_statements_belong_to_it(client: Client) -> None:
    anna = make_user()
    make_reseller(owner=anna)
    client.sign_in_as(anna)
    page = client.get("/statements")
    assert page.links["Account"] == "/account"
    assert set(page.tree.xpath("//header//a[@aria-current='page']/@href")) == {"/account"}


def test_R18_staff_see_what_is_still_open_of_an_order_that_is_paid_in_part(client: Client) -> None:
    make_key()
    reseller = make_reseller(established_by_staff=True)
    order = place(reseller)
    pay(order, Money(100_000, "USD"))
    client.sign_in_as(make_user(staff=True))
    (row,) = client.get("/").tree.xpath(f"//tr[.//a[text()='{order.id}']]")
    assert row.xpath("string(td[contains(@class, 'c-figure')])") == "$79.10"


@pytest.mark.parametrize("count", [1, 2])
def test_R19_what_is_owed_from_before_can_be_copied_and_scanned(client: Client, count: int) -> None:
    reseller = make_reseller(currency="RUB", country="RU")
    for number in range(count):
        amount, due_on = Money(239_800 + number, "RUB"), today() + timedelta(days=number)
        ledger.open_debt(reseller.id, f"OLD-{number}", amount, placed_on=today(), due_on=due_on)
    client.sign_in_as(owner_of(reseller))
    bank = invoices.bank_details("RUB")
    for debt in balances.debts_of(reseller.id):
        page = client.get("/")
        page = page if count == 1 else page.click(f"How to pay {debt.number}")
        (panel,) = page.tree.xpath("//*[@id='debts']")
        assert len(panel.xpath(".//img[starts-with(@src, 'data:image/svg')]")) == 1
        facts = [
            str(debt.open.decimal),
            debt.reference,
            bank.number,
            bank.bic,
            bank.correspondent_account,
            bank.tax_number,
        ]
        assert panel.xpath(".//@data-copy") == facts
