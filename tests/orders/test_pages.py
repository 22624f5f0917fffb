"""The pages about orders: the list, one order, what the customer sees, cancelling and confirming."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dashboard.accounts.models import User
from dashboard.audit import service as audit
from dashboard.audit.models import AuditEntry
from dashboard.clock import today
from dashboard.errors import Refused
from dashboard.extensions import db
from dashboard.fulfilment import service as fulfilment
from dashboard.ledger import balances
from dashboard.ledger.models import Receivable
from dashboard.ledger.references import printed
from dashboard.licenses import service as licenses
from dashboard.mail.models import Letter
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from tests.client import Client
from tests.factories import EDITOR, VIEWER, make_key, make_reseller, make_user, owner_of, pay, place


@pytest.fixture
def buyer(client: Client) -> Client:
    """A browser in which the owner of the reseller Romashka is signed in."""
    anna = make_user()
    make_reseller(owner=anna)
    client.sign_in_as(anna)
    return client


def order_of(**customer: str) -> Order:
    """An order of the reseller Romashka."""
    return place(db.session.query(Reseller).filter_by(name="Romashka").one(), **customer)


@pytest.fixture
def staff(new_client: Callable[..., Client]) -> Client:
    browser = new_client()
    browser.sign_in_as(make_user("Sofia", staff=True))
    return browser


@pytest.mark.parametrize(
    ("search", "found"),
    [("nordwind", True), ("ИВАНОВ", True), ("виктор иванов", True), (VIEWER.lower(), True), ("sydwind", False)],
)
def test_R24_all_words_of_a_search_are_found_in_any_case(buyer: Client, search: str, found: bool) -> None:
    order = order_of(company="Nordwind GmbH", name="Виктор Иванов")
    page = buyer.get(f"/orders?q={search}")
    assert (order.id in page.links) is found
    assert ("Nothing fits" in page.text) is not found


def test_R24_a_payment_reference_finds_its_order_however_the_bank_prints_it(buyer: Client) -> None:
    order, other = order_of(), order_of()
    page = buyer.get(f"/orders?q=INVOICE {printed(order.reference).lower()} THANKS")
    assert order.id in page.links
    assert other.id not in page.links


def test_R24_the_states_narrow_the_list(buyer: Client) -> None:
    waiting, paid, cancelled = order_of(), pay(order_of()), order_of()
    fulfilment.cancel_order(cancelled.id, "by mistake", by_staff=False)
    shown = {state: buyer.get(f"/orders?state={state}").links for state in ("open", "paid", "cancelled", "overdue")}
    assert [waiting.id in links for links in shown.values()] == [True, False, False, False]
    assert [paid.id in links for links in shown.values()] == [False, True, False, False]
    assert [cancelled.id in links for links in shown.values()] == [False, False, True, False]


def test_R24_an_address_that_means_nothing_narrows_nothing(buyer: Client) -> None:
    order = order_of()
    page = buyer.get("/orders?tab=x&state=x&license=x&since=2026-13-01&until=x&sort=x&start=~&q=")
    assert order.id in page.links
    assert "All 1" in page.links


def test_R24_tabs_keep_the_search_and_say_how_many_it_finds(buyer: Client) -> None:
    waiting, paid = order_of(company="Nordwind GmbH"), pay(order_of(company="Alder", email="a@alder.example"))
    page = buyer.get("/orders?q=nordwind")
    assert {"To do 1", "Waiting 0", "Active 0", "All 1"} <= page.links.keys()
    page = page.click("To do 1")
    assert waiting.id in page.links
    assert "To be paid now" in page.text
    page = buyer.get("/orders?tab=active")
    assert (paid.id in page.links, waiting.id in page.links) == (True, False)
    pay(waiting)
    assert "Nothing is to be done" in buyer.get("/orders?tab=todo").text


def test_R24_the_head_of_the_dates_sorts_both_ways(buyer: Client) -> None:
    order_of()
    page = buyer.get("/orders")
    (head,) = page.tree.xpath("//th[@aria-sort]")
    assert head.get("aria-sort") == "descending"
    page = buyer.get(head.find("a").get("href"))
    assert page.tree.xpath("//th/@aria-sort") == ["ascending"]


def test_R24_a_list_costs_the_same_however_many_orders_and_companies_it_shows(buyer: Client, staff: Client) -> None:
    order_of()
    few = [len(buyer.get("/orders").statements), len(staff.get("/staff/orders").statements)]
    for name in ("Vasilek", "Landysh", "Lutik"):
        place(make_reseller(name))
        order_of()
    many = buyer.get("/orders"), staff.get("/staff/orders")
    assert [len(page.statements) for page in many] == few == [2, 2]
    assert "Landysh" in many[1].text
    assert "Landysh" not in many[0].text


def test_R24_an_order_shows_how_to_pay_it_until_it_is_paid(buyer: Client) -> None:
    order = order_of()
    page = buyer.get(f"/orders/{order.id}")
    assert "waiting for your transfer" in page.text
    assert printed(order.reference) in page.text
    assert "$1,079.10" in page.text
    pay(order)
    page = buyer.get(f"/orders/{order.id}")
    assert "How to pay" not in page.text
    assert "being prepared" in page.text  # the worker has not signed and drawn yet


@pytest.mark.parametrize(("currency", "has_code"), [("EUR", True), ("RUB", True), ("USD", False)])
def test_R19_a_banking_app_reads_how_to_pay_from_the_page(client: Client, currency: str, has_code: bool) -> None:
    reseller = make_reseller(currency=currency)
    order = place(reseller)
    client.sign_in_as(owner_of(reseller))
    code = "//*[@id='pay']//img[@alt='QR code with these bank details']"
    assert bool(client.get(f"/orders/{order.id}").tree.xpath(code)) is has_code
    pay(order)
    assert "QR code" not in client.get(f"/orders/{order.id}").html


def test_R18_an_order_that_is_paid_in_part_asks_for_the_rest(buyer: Client) -> None:
    order = order_of()
    pay(order, balances.open_amount(order.id).share(500_000))
    assert "$539.55 of $1,079.10 have come in" in buyer.get(f"/orders/{order.id}").text


def test_the_files_appear_by_themselves(buyer: Client, work: Callable[[], int]) -> None:
    make_key()
    order = pay(order_of())
    page = buyer.get(f"/orders/{order.id}")
    (files,) = page.tree.xpath("//*[@id='files']")
    assert files.get("data-hx-get") == f"/orders/{order.id}"
    work()
    fragment = buyer.open("GET", f"/orders/{order.id}", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    (files,) = fragment.tree.xpath("//*[@id='files']")
    assert files.get("data-hx-get") is None
    assert fragment.text.count("PDF") >= 2  # pro-forma, invoice
    assert "Download" in fragment.text  # license


def test_R27_papers_and_licenses_are_fetched_from_the_page(buyer: Client, work: Callable[[], int]) -> None:
    make_key()
    order = pay(order_of())
    work()
    page = buyer.get(f"/orders/{order.id}")
    files = [buyer.get(url) for url in page.links.values() if "/papers/" in url or "/licenses/" in url]
    assert [file.content[:5] for file in files].count(b"%PDF-") >= 1
    assert any(b"<Serial>" in file.content for file in files)
    assert {file.status for file in files} == {200}


def test_R26_another_companys_order_is_not_there(buyer: Client) -> None:
    order = pay(place(make_reseller("Vasilek")))
    serial = licenses.of_order(order.id)[0].serial
    for path in ("", "/customer", "/cancel", f"/papers/PF-{order.id}", f"/licenses/{serial}"):
        page = buyer.get(f"/orders/{order.id}{path}")
        assert page.status == 404, path
        assert page.text == buyer.get("/orders/R-0000-0000").text


def test_R25_R26_what_the_customer_sees_is_this_orders_license_without_a_sum(buyer: Client) -> None:
    order, other = pay(order_of()), pay(order_of())
    text = buyer.get(f"/orders/{order.id}/customer").text
    assert licenses.of_order(order.id)[0].serial in text
    assert licenses.of_order(other.id)[0].serial not in text
    assert not any(sum_ in text for sum_ in ("$", "1,079.10", "1079", "discount"))


def test_R25_the_customer_sees_nothing_before_the_permanent_license(buyer: Client) -> None:
    order = order_of()
    fulfilment.ask_temporary(order.id, of=order.reseller_id)
    fulfilment.release_temporary(order.id)
    assert "Nothing yet" in buyer.get(f"/orders/{order.id}/customer").text


def test_R22_a_temporary_license_is_asked_for_and_released_by_buttons(buyer: Client, staff: Client) -> None:
    order = order_of()
    page = buyer.get(f"/orders/{order.id}").submit("Ask for a temporary license")
    assert "Ask for a temporary license" not in page.buttons
    assert "You have asked for a temporary license" in page.text
    page = staff.get(f"/staff/orders/{order.id}").submit("Release the temporary license")
    assert "The temporary license is released." in page.text
    assert "Release the temporary license" not in page.buttons


def test_R22_a_temporary_license_is_declined_with_a_reason_that_who_asked_reads(
    buyer: Client, staff: Client, work: Callable[[], int]
) -> None:
    order = order_of()
    buyer.get(f"/orders/{order.id}").submit("Ask for a temporary license")
    desk = staff.get("/")
    page = staff.get(desk.tree.xpath(f"string(//a[@data-item='temporary-{order.id}']/@href)"))
    assert page.tree.xpath("//*[@data-key]/@data-key") == ["a", "d"]
    assert page.submit("Decline the temporary license", reason="").status == 422
    page = page.submit("Decline the temporary license", reason="The trial mode is enough.")
    assert "Temporary license declined" in page.text
    assert "The trial mode is enough." in page.text
    assert "asks for a temporary license" not in staff.get("/").text
    assert staff.get(f"/staff/orders/{order.id}/temporary-license").status == 409
    work()
    letter = db.session.query(Letter).filter_by(kind="temporary_declined").one()
    asked_by = db.session.query(AuditEntry).filter_by(action="temporary_license.asked").one().actor_id
    assert letter.recipient == db.session.get_one(User, asked_by).email
    assert "The trial mode is enough." in letter.text
    assert "cannot be asked for again" in " ".join(letter.text.split())
    assert "as soon as your transfer is confirmed" in " ".join(letter.text.split())
    shown = buyer.get(f"/orders/{order.id}")
    assert "We have declined the temporary license: The trial mode is enough." in shown.text
    assert "Ask for a temporary license" not in shown.buttons
    with pytest.raises(Refused):
        fulfilment.ask_temporary(order.id, of=order.reseller_id)


def test_R12_cancelling_says_first_what_follows(buyer: Client) -> None:
    order = order_of()
    page = buyer.get(f"/orders/{order.id}").click("Cancel the order")
    assert "pro-forma lapses" in page.text
    page = page.submit("Cancel the order", reason="")
    assert page.status == 422
    page = page.submit("Cancel the order", reason="The customer changed its mind")
    assert "The customer changed its mind" in page.text
    assert "Cancel the order" not in page.links
    assert buyer.get(f"/orders/{order.id}/cancel").status == 409


def test_R12_staff_see_what_becomes_of_invoice_license_and_money(staff: Client) -> None:
    order = pay(place(make_reseller()))
    text = staff.get(f"/staff/orders/{order.id}/cancel").text
    for word in (
        f"Invoice {order.invoice_number} gets a credit note",
        "The licenses are revoked",
        "$1,079.10 that came in",
    ):
        assert word in text


def test_R18_staff_confirm_what_is_expected_or_what_really_came(staff: Client) -> None:
    order = place(make_reseller(currency="EUR"))
    page = staff.get(f"/staff/orders/{order.id}").click("Confirm payment")
    (amount,) = page.tree.xpath("//input[@name='amount']/@value")
    assert amount == "1079.10"
    page = page.submit("Confirm the payment", amount="1 000,00")
    assert "not paid in full" in page.text
    page = page.click("Confirm payment").submit("Confirm the payment")
    assert "The payment is confirmed." in page.text
    assert staff.get(f"/staff/orders/{order.id}/payment").status == 409


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("amount", "much", "Write the amount as a number"),
        ("amount", "0", "more than zero"),
        ("received_on", "soon", "Write a day"),
        ("received_on", "9999-01-01", "This day has not come yet."),
    ],
)
def test_R18_what_cannot_be_is_refused_beside_its_field(staff: Client, field: str, typed: str, said: str) -> None:
    order = place(make_reseller())
    page = staff.get(f"/staff/orders/{order.id}/payment").submit("Confirm the payment", **{field: typed})
    assert page.status == 422
    (error,) = page.tree.xpath(f"//*[@id='{field}-error']")
    assert said in "".join(error.itertext())
    assert balances.paid_amount(order.id).minor == 0


def test_R14_an_order_on_credit_tells_its_due_date_and_when_it_is_late(buyer: Client) -> None:
    for _ in range(3):
        pay(order_of())
    order = order_of()
    assert "due by" in buyer.get(f"/orders/{order.id}").text
    order.due_on = today() - timedelta(days=1)
    assert "overdue since" in buyer.get(f"/orders/{order.id}").text


def test_R15_an_order_tells_why_it_is_prepaid(buyer: Client) -> None:
    first, second, third = order_of(), order_of(), order_of()
    assert "after 3 paid orders you may pay later" in buyer.get(f"/orders/{first.id}").text
    for order in (first, second, third):
        pay(order)
    late = order_of()
    for row in (late, db.session.get_one(Receivable, late.id)):
        row.due_on = today() - timedelta(days=1)
    assert "because another order was overdue" in buyer.get(f"/orders/{order_of().id}").text


def test_R24_a_reseller_reads_who_of_its_company_acted_and_of_us_only_that_we_did(buyer: Client, staff: Client) -> None:
    order = order_of()
    with audit.done_by(None, "Sofia Clerk"):
        pay(order)
    (told, seen) = buyer.get(f"/orders/{order.id}").text, staff.get(f"/staff/orders/{order.id}").text
    assert "Order placed" in told
    assert "· Anna" in told
    assert "Sofia Clerk" in seen
    assert "Sofia Clerk" not in told
    assert "· by us" in told


def test_every_entry_of_an_orders_history_has_its_words(buyer: Client) -> None:
    order = order_of()
    fulfilment.ask_temporary(order.id, of=order.reseller_id)
    fulfilment.release_temporary(order.id)
    pay(order)
    fulfilment.cancel_order(order.id, "by mistake", by_staff=True)
    db.session.commit()
    actions = {entry.action for entry in audit.history(f"order:{order.id}")}
    page = buyer.get(f"/orders/{order.id}")
    rows = page.tree.xpath("//ol[contains(@class, 'timeline')]/li/b")
    told = {"".join(row.itertext()).partition(":")[0] for row in rows} - {"Letter"}
    issued = {"1 temporary license issued", "1 license file issued"}
    assert issued <= told
    assert len(told - issued) == len(actions), (told, actions)


def test_two_lines_stand_with_their_own_prices(buyer: Client) -> None:
    order = place(db.session.query(Reseller).one(), [(VIEWER, 2), (EDITOR, 1)])
    text = buyer.get(f"/orders/{order.id}").text
    for figure in ("$1,199.00", "$1,079.10", "$2,158.20", "$599.00", "$539.10", "$2,697.30"):
        assert figure in text
