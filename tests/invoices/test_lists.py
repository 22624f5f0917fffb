"""The list of invoices: what it holds, how it stands with each, how it is narrowed and saved (R24, R26, R27)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from dashboard.clock import at, today, utcnow
from dashboard.fulfilment import bookkeeping, service, transfers
from dashboard.fulfilment import certificates as decisions
from dashboard.invoices import lists
from dashboard.invoices import service as invoices
from dashboard.invoices.rules import Settlement, settlement
from dashboard.ledger import balances
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from dashboard.tax import certificates
from dashboard.tax.certificates import Claim
from tests.client import Client
from tests.factories import VIEWER, make_key, make_reseller, make_user, owner_of, pay, place

pytestmark = pytest.mark.usefixtures("app")


def established(**facts: Any) -> Reseller:
    return make_reseller(established_by_staff=True, **facts)


def number_of(order: Order) -> str:
    return invoices.find_invoices([order.id])[0].number


def shown(page: Any) -> dict[str, str]:
    """The state that the list shows, by number."""
    rows = page.tree.xpath("//table/tbody/tr")
    return {
        row.xpath("string(td[1]/span)").strip(): " ".join(row.xpath("string(td[@class='c-state'])").split())
        for row in rows
    }


def test_R24_it_holds_what_was_issued_newest_first_and_how_it_stands_with_it(client: Client) -> None:
    reseller = established()
    paid, due, gone = pay(place(reseller)), place(reseller), place(reseller)
    with at(utcnow() - timedelta(days=40)):
        late = place(reseller)
    numbers = [number_of(one) for one in (paid, due, gone, late)]
    service.cancel_order(gone.id, "not wanted", by_staff=True)
    bookkeeping.write_off(reseller.id, late.id, "bankrupt")
    place(make_reseller("Prepaid"))  # a pro-forma is no invoice
    client.sign_in_as(owner_of(reseller))
    states = shown(client.get("/invoices"))
    note = invoices.find_invoices([gone.id])[-1].number
    assert list(states) == [note, *reversed(numbers)]
    assert [states[one] for one in (note, numbers[0], numbers[2], numbers[3])] == [
        "",
        "paid",
        "credited",
        "written off",
    ]
    assert states[numbers[1]].startswith("due ")
    assert f"Credit note to {numbers[2]}" in client.get("/invoices").text


def test_R29_a_supplementary_invoice_has_its_own_state_and_due_day(client: Client) -> None:
    reseller = established(country="US", state="TX")
    claim = Claim(("TX",), "01-339", today() - timedelta(days=100), today() + timedelta(days=100))
    one = certificates.upload(reseller.id, owner_of(reseller), claim, b"%PDF-1.7")
    order = pay(place(reseller))
    with at(utcnow() - timedelta(days=40)):
        decisions.refuse(one.id, "unreadable", by=make_user(staff=True).id)
    client.sign_in_as(owner_of(reseller))
    invoice, supplement = invoices.find_invoices([order.id])
    states = shown(client.get("/invoices"))
    assert states[invoice.number] == "paid"
    assert states[supplement.number].startswith("overdue since ")
    assert f"Supplementary invoice to {invoice.number}" in client.get("/invoices").text


def test_R18_what_is_open_of_one_that_is_paid_in_part_stands_under_its_sum(client: Client) -> None:
    reseller = established()
    pay(place(reseller), Money(100_000, "USD"))
    client.sign_in_as(owner_of(reseller))
    assert "$1,079.10 $79.10 open" in client.get("/invoices").text


def test_R18_an_invoice_whose_transfer_was_taken_back_is_to_be_paid(client: Client) -> None:
    reseller = make_reseller()
    order = pay(place(reseller))
    transfers.undo_transfer(balances.transfers_of(order.id)[0], "returned by the bank")
    client.sign_in_as(owner_of(reseller))
    assert shown(client.get("/invoices")) == {number_of(order): "to be paid"}


def test_R15_a_due_day_is_kept_until_its_evening() -> None:
    facts = {"open_minor": 1, "paid_minor": 0, "written_off_minor": 0, "today": today()}
    assert settlement(**facts, due_on=today()) is Settlement.DUE
    assert settlement(**facts, due_on=today() - timedelta(days=1)) is Settlement.OVERDUE


def test_R26_it_is_the_company_s_own_and_searched_by_number_order_and_po(client: Client) -> None:
    reseller, other = established(), established(name="Other")
    first, second = place(reseller), place(reseller, company="Zephyr")
    first.search_text += " po-4711"
    foreign = place(other)
    client.sign_in_as(owner_of(reseller))
    for search, found in (
        ("", [second, first]), (number_of(first), [first]), (second.id.lower(), [second]), ("PO-4711", [first]),
        ("zephyr", [second]), (number_of(foreign), []), (foreign.id, []),
    ):  # fmt: skip
        assert list(shown(client.get(f"/invoices?q={search}"))) == [number_of(one) for one in found], search
    assert "Nothing fits" in client.get("/invoices?q=nobody").text
    client.sign_in_as(make_user("Mari", staff=True))
    assert list(shown(client.get("/staff/invoices?q=other"))) == [number_of(foreign)]
    assert len(shown(client.get("/staff/invoices"))) == 3


def test_a_period_holds_both_its_days(client: Client) -> None:
    reseller = established()
    days = [today() - timedelta(days=back) for back in (9, 6, 3)]
    made = []
    for day in days:
        with at(utcnow() - (today() - day)):
            made.append(number_of(place(reseller)))
    client.sign_in_as(owner_of(reseller))
    assert list(shown(client.get(f"/invoices?since={days[0]}&until={days[1]}"))) == [made[1], made[0]]
    assert list(shown(client.get(f"/invoices?since={days[1]}"))) == [made[2], made[1]]
    assert len(shown(client.get("/invoices?since=never&until=31.12.2026"))) == 3


def test_its_pages_take_two_statements_and_miss_none(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    reseller = established()
    made = [number_of(place(reseller)) for _ in range(3)]
    client.sign_in_as(owner_of(reseller))
    first = client.get("/invoices")
    second = first.click("Next page →")
    assert max(len(page.statements) for page in (first, second)) <= 2
    assert [*shown(first), *shown(second)] == made[::-1]
    assert list(shown(second.click("← To the beginning"))) == made[:0:-1]
    assert len(shown(client.get("/invoices?before=99999999999999999999"))) == 2


def test_R24_both_files_hold_exactly_what_the_page_shows(client: Client) -> None:
    reseller = established(name="=Romashka")
    order = pay(place(reseller, company="=1+1"), Money(100_000, "USD"))
    place(reseller, [(VIEWER, 30_000)])
    client.sign_in_as(owner_of(reseller))
    page = client.get(f"/invoices?q={order.id}&since={today()}")
    files = [client.get(page.links[name]) for name in ("as CSV", "as XLSX")]
    assert all(len(one.statements) <= 2 for one in (page, *files))
    head, *rows = csv.reader(io.StringIO(files[0].content.decode("utf-8-sig")))
    row = dict(zip(head, rows[0], strict=True))
    assert len(rows) == 1
    assert [row[name] for name in ("Number", "Document", "Order", "End customer", "Net", "Sum", "Payment", "Open")] == [
        number_of(order), "Invoice", order.id, "'=1+1", "1079.10", "1079.10", "To be paid", "79.10",
    ]  # fmt: skip
    (sheet,) = openpyxl.load_workbook(io.BytesIO(files[1].content)).worksheets
    assert [cell.value for cell in sheet[2]][head.index("Sum")] == 1079.1
    client.sign_in_as(make_user("Mari", staff=True))
    saved = client.get("/staff/invoices/export").content.decode()
    assert "'=Romashka" in saved
    assert "32373000.00" in saved  # more cents than 32 bits hold


def test_R27_the_files_are_one_click_away(client: Client, work: Callable[[], int]) -> None:
    make_key()
    reseller = established(country="DE", currency="EUR")
    place(reseller)
    client.sign_in_as(owner_of(reseller))
    assert "being prepared …" in client.get("/invoices").text
    work()
    page = client.get("/invoices")
    assert page.click("PDF").headers["Content-Type"] == "application/pdf"
    assert page.click("XML").headers["Content-Type"].startswith("application/xml")


def test_it_is_reached_beside_the_statements_and_from_the_palette(client: Client) -> None:
    client.sign_in_as(owner_of(make_reseller()))
    for path in ("/orders", "/account"):
        assert "No invoices yet" in client.get(path).click("Invoices").text
    assert client.get("/find?q=invoices").links["Invoices"] == "/invoices"
    client.sign_in_as(make_user("Mari", staff=True))
    assert "No invoices yet" in client.get("/staff/orders").click("Invoices").text
