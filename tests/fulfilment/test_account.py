"""A reseller's account: every entry, the balance of any day, and what staff put right (R12, R16, R18)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest

from dashboard.clock import today
from dashboard.extensions import db
from dashboard.fulfilment import service, transfers
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.extracts import Extract
from dashboard.ledger.models import Receivable
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from dashboard.statements import interest
from tests.client import Client, Page
from tests.factories import make_key, make_reseller, make_user, owner_of, pay, place

pytestmark = pytest.mark.usefixtures("app")

PRICE = 107_910


@pytest.fixture
def mari(client: Client) -> Client:
    """The browser of a member of staff."""
    client.sign_in_as(make_user("Mari", staff=True))
    return client


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def overdue_order(reseller: Reseller, *, days: int = 30) -> Order:
    """A credit order that is late by some days, with interest booked until today."""
    order = place(reseller)
    order.due_on = today() - timedelta(days=days)
    order.placed_on = order.due_on - timedelta(days=30)
    db.session.query(Receivable).filter_by(id=order.id).update({"due_on": order.due_on, "placed_on": order.placed_on})
    _write_back(order, order.placed_on)
    interest.book(order.id, today(), today())
    return order


def _write_back(order: Order, day: date) -> None:
    """Let the order's first entry be of an earlier day."""
    db.session.execute(
        balances.LedgerEntry.__table__.update().where(balances.LedgerEntry.receivable_id == order.id).values(day=day)  # type: ignore[attr-defined]
    )
    db.session.expire_all()


def test_R24_a_reseller_sees_each_entry_in_words_with_the_running_balance(client: Client) -> None:
    reseller = make_reseller()
    pay(place(reseller))
    second = place(reseller)
    client.sign_in_as(owner_of(reseller))
    page = client.get("/account")
    assert page.text.index(f"Order {second.id}") < page.text.index("Transfer received")
    assert "Prepaid orders $1,079.10" in page.text
    assert page.text.count("Paid from the account") == 1


def test_R24_the_balance_that_is_shown_is_the_sum_of_all_entries(client: Client) -> None:
    reseller = make_reseller(established_by_staff=True)
    pay(place(reseller), usd(50_000))
    client.sign_in_as(owner_of(reseller))
    rows = client.get("/account").tree.findall(".//table[caption='Entries']/tbody/tr")
    assert rows[0].findall("td")[-1].text == "$579.10"
    assert Extract(reseller.id, "USD", until=today(), due=today()).standing().total == usd(57_910)


def test_each_sum_of_the_balance_opens_the_entries_behind_it(mari: Client, settings: Callable[..., object]) -> None:
    """Those of what is paid in full add up to nothing and are left out."""
    settings(interest_rate=80_000)
    reseller = make_reseller(established_by_staff=True)
    paid, due, late = place(reseller), place(reseller), overdue_order(reseller)
    reseller.on_hold = True
    waiting = place(reseller)
    for order, minor in ((paid, PRICE), (due, 7_910)):
        ledger.receive(reseller.id, usd(minor), today(), 1)
        ledger.allocate(order.id, usd(minor), today())
    assert_opens(mari, reseller, "Owed, not due yet", 100_000, of={due.id}, told=["Order", "Paid from the account"])
    assert_opens(mari, reseller, "Overdue", PRICE, of={late.id}, told=["Order"])
    assert_opens(mari, reseller, "Interest", 710, of={late.id}, told=["Interest for late payment"])
    assert_opens(mari, reseller, "Prepaid orders", PRICE, of={waiting.id}, told=["Order"])
    assert mari.get(f"/staff/resellers/{reseller.id}/account?part=nonsense").status == 200


def test_money_on_account_opens_what_came_in_and_what_it_has_paid(mari: Client) -> None:
    reseller = make_reseller(established_by_staff=True)
    order = place(reseller)
    ledger.receive(reseller.id, usd(200_000), today(), 1)
    ledger.allocate(order.id, usd(PRICE), today())
    ledger.refund(reseller.id, usd(50_000), today(), "asked for it")
    kinds = ["Paid back", "Paid from the account", "Transfer received"]
    assert_opens(mari, reseller, "On account", 200_000 - PRICE - 50_000, of={order.id}, told=kinds)


def assert_opens(mari: Client, reseller: Reseller, name: str, minor: int, *, of: set[str], told: list[str]) -> None:
    account = mari.get(f"/staff/resellers/{reseller.id}/account")
    (link,) = account.tree.xpath(f"//dt[.='{name}']/following-sibling::dd//a/@href")
    page = mari.get(link)
    (entries,) = page.tree.xpath("//table[caption='Entries']/tbody")
    words = " ".join("".join(entries.itertext()).split())
    assert f"These entries add up to {usd_words(minor)}." in page.text
    assert entries.xpath("string(tr[1]/td[last()])").strip() == usd_words(minor)  # the running balance
    assert set(re.findall(r"R-\d{4}-\d{4}", words)) == of
    assert all(kind in words for kind in told)


def usd_words(minor: int) -> str:
    return f"${minor / 100:,.2f}"


def test_the_account_of_any_past_day_counts_entries_of_that_day_and_before_it(mari: Client) -> None:
    reseller = make_reseller(established_by_staff=True)
    order = place(reseller)
    _write_back(order, today() - timedelta(days=10))
    transfers.confirm_transfer(
        reseller.id, usd(PRICE), today() - timedelta(days=3), targets=[order.id], text="", staff_id=None, submit_key="a"
    )
    path = f"/staff/resellers/{reseller.id}/account"
    assert "Owed together $0.00" in mari.get(path).text
    before = mari.get(f"{path}?on={today() - timedelta(days=4)}")
    assert "Owed together $1,079.10" in before.text
    assert "Transfer received" not in before.text
    assert "Owed together $0.00" in mari.get(f"{path}?on=nonsense").text


def test_R16_interest_opens_its_formula(mari: Client, settings: Callable[..., object]) -> None:
    settings(interest_rate=80_000)
    reseller = make_reseller(established_by_staff=True)
    overdue_order(reseller, days=30)
    page = mari.get(f"/staff/resellers/{reseller.id}/account")
    assert "$1,079.10 × 30 days × 8% ÷ 365" in page.text


def test_R16_staff_waive_interest_with_a_reason(mari: Client, settings: Callable[..., object]) -> None:
    settings(interest_rate=80_000)
    reseller = make_reseller(established_by_staff=True)
    order = overdue_order(reseller)
    page = mari.get(f"/staff/resellers/{reseller.id}/account").click("Waive the interest")
    assert page.submit("Waive the interest").status == 422
    done = page.submit("Waive the interest", reason="A misunderstanding")
    assert "A misunderstanding" in done.text
    assert not balances.open_interest(order.id)
    assert page.submit("Waive the interest", reason="again").status == 422


def test_R14_what_is_written_off_is_owed_no_more_and_counts_as_unpaid(mari: Client) -> None:
    reseller = make_reseller(established_by_staff=True)
    order = overdue_order(reseller)
    page = mari.get(f"/staff/resellers/{reseller.id}/account").click("Write off")
    page.submit("Write off what is open", reason="Bankrupt")
    db.session.expire_all()
    assert not balances.overdue(reseller, today())
    assert balances.paid_orders(reseller.id) == 0
    assert "written off" in mari.get(f"/staff/orders/{order.id}").text


def test_R12_a_prepaid_order_is_cancelled_and_not_written_off(mari: Client) -> None:
    order = place(make_reseller())
    page = mari.get(f"/staff/resellers/{order.reseller_id}/account/{order.id}/write-off")
    refused = page.submit("Write off what is open", reason="x")
    assert (refused.status, order.paid_on) == (422, None)


def test_R12_a_refund_is_noted_once_however_often_it_is_sent(mari: Client) -> None:
    reseller = make_reseller()
    order = pay(place(reseller))
    service.cancel_order(order.id, "mistake", by_staff=True)
    page = mari.get(f"/staff/resellers/{reseller.id}/account").click("Note a refund")
    page.submit("Note a refund", amount="500.00", reason="They asked for it")
    again = page.submit("Note a refund", amount="500.00", reason="They asked for it")
    assert again.status == 422
    assert "meanwhile" in again.text
    assert balances.credit_on_account(reseller.id, "USD") == usd(PRICE - 50_000)


@pytest.mark.parametrize("amount", ["0", "5000", "much"])
def test_R12_an_impossible_refund_is_refused(mari: Client, amount: str) -> None:
    reseller = make_reseller()
    service.cancel_order(pay(place(reseller)).id, "mistake", by_staff=True)
    page = mari.get(f"/staff/resellers/{reseller.id}/account/refund")
    assert page.submit("Note a refund", amount=amount, reason="x").status == 422
    assert balances.credit_on_account(reseller.id, "USD") == usd(PRICE)


def test_R26_another_resellers_order_is_not_corrected_here(mari: Client) -> None:
    order, other = place(make_reseller()), make_reseller("Lotos")
    assert mari.get(f"/staff/resellers/{other.id}/account/{order.id}/waive-interest").status == 404


def letters_text(work: Callable[[], int], kind: str) -> str:
    make_key()
    work()
    return db.session.query(Letter).filter_by(kind=kind).one().text


def debt(reseller: Reseller, minor: int) -> Receivable:
    day = today() - timedelta(days=60)
    return ledger.open_debt(reseller.id, "OLD-17", usd(minor), placed_on=day, due_on=day + timedelta(days=30))


@pytest.mark.parametrize(
    ("minor", "says"), [(PRICE, "OLD-17, which you owed from before, is paid in full"), (PRICE + 5_000, "$50.00")]
)
def test_R18_a_letter_names_the_earlier_debt_that_money_has_paid(
    work: Callable[[], int], settings: Callable[..., object], minor: int, says: str
) -> None:
    settings(bank_fee_tolerance=0)
    reseller = make_reseller()
    debt(reseller, minor)
    transfers.confirm_transfer(reseller.id, usd(PRICE), today(), text="", staff_id=None, submit_key="a")
    text = letters_text(work, "payment_received")
    assert "OLD-17" in text
    assert says in text


def test_R18_a_letter_names_the_earlier_debt_that_is_open_again(work: Callable[[], int]) -> None:
    reseller = make_reseller()
    debt(reseller, PRICE)
    done = transfers.confirm_transfer(reseller.id, usd(PRICE), today(), text="", staff_id=None, submit_key="a")
    transfers.undo_transfer(done.id, "wrong")
    assert "OLD-17" in letters_text(work, "payment_undone")


def test_R20_an_order_shows_the_letter_about_the_transfer_that_paid_it_and_others(
    work: Callable[[], int], client: Client
) -> None:
    reseller = make_reseller()
    first, second = place(reseller), place(reseller)
    transfers.confirm_transfer(
        reseller.id, usd(2 * PRICE), today(), targets=[first.id, second.id], text="", staff_id=None, submit_key="a"
    )
    make_key()
    work()
    client.sign_in_as(owner_of(reseller))
    assert "Letter: Payment received" in client.get(f"/orders/{second.id}").text


def saved(page: Page) -> list[dict[str, str]]:
    """The rows of a CSV file, by the heads of their columns."""
    return list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))


def test_R24_the_entries_are_saved_with_the_invoice_beside_the_order(client: Client) -> None:
    reseller = make_reseller(established_by_staff=True)
    order = pay(place(reseller), usd(50_000))
    ledger.open_debt(reseller.id, "=OLD-7", usd(20_000), placed_on=today(), due_on=today())
    client.sign_in_as(owner_of(reseller))
    page = client.get("/account")
    assert f"invoice {order.invoice_number}" in page.text
    rows, xlsx = saved(page.click("as CSV")), page.click("as XLSX")
    assert [(row["Entry"], row["Order"], row["Invoice"], row["Sum"]) for row in rows] == [
        ("Owed from before", "", "'=OLD-7", "200.00"),
        ("Paid from the account", order.id, order.invoice_number, "-500.00"),
        ("Transfer received", "", "", "-500.00"),
        ("Order", order.id, order.invoice_number, "1079.10"),
    ]
    assert (
        sum(Decimal(row["Change of the balance"]) for row in rows) == Decimal(rows[0]["Balance"]) == Decimal("779.10")
    )
    (sheet,) = openpyxl.load_workbook(io.BytesIO(xlsx.content)).worksheets
    assert sheet.cell(2, 5).value is None
    assert sheet.cell(2, 4).value == "=OLD-7"
    assert sheet.cell(2, 4).data_type == "s"


def test_R24_the_file_holds_the_entries_behind_a_part_on_its_day(client: Client, mari: Client) -> None:
    reseller = make_reseller(established_by_staff=True)
    late = overdue_order(reseller)
    pay(place(reseller))
    page = mari.get(f"/staff/resellers/{reseller.id}/account?part=overdue&on={today()}")
    rows = saved(page.click("as CSV"))
    assert [(row["Entry"], row["Order"], row["Balance"]) for row in rows] == [("Order", late.id, "1079.10")]
    assert mari.get("/staff/resellers/999999/account/export").status == 404
    client.sign_in_as(owner_of(make_reseller("Other")))
    assert saved(client.get(f"/account/export?id_={reseller.id}&part=nonsense&on=never")) == []
    assert client.get(f"/staff/resellers/{reseller.id}/account/export").status == 404
