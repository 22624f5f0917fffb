"""The licenses of a company's own orders: found, counted, exported, and the months in which they are to be renewed."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import openpyxl
import pytest
from sqlalchemy import select

from dashboard.checkout.models import Draft
from dashboard.clock import today, utcnow
from dashboard.extensions import db
from dashboard.fulfilment import corrections, license_lists, pricing
from dashboard.fulfilment import service as fulfilment
from dashboard.fulfilment.corrections import Correction
from dashboard.fulfilment.license_lists import STANDINGS
from dashboard.fulfilment.rules import Standing, standing
from dashboard.fulfilment.service import OrderRequest
from dashboard.licenses import service as licenses
from dashboard.licenses.models import License
from dashboard.orders.models import Order, OrderLine
from dashboard.orders.rules import first_of_month
from dashboard.resellers.models import Reseller
from tests.client import Client
from tests.factories import CUSTOMER, EDITOR, VIEWER, make_reseller, make_user, owner_of, pay, place

pytestmark = pytest.mark.usefixtures("app")

DAY = date(2026, 11, 27)


@pytest.fixture
def reseller() -> Reseller:
    return make_reseller(owner=make_user(), established_by_staff=True)


@pytest.fixture
def buyer(client: Client, reseller: Reseller) -> Client:
    client.sign_in_as(owner_of(reseller))
    return client


def licensed(
    reseller: Reseller, lines: list[tuple[str, int]] | None = None, *, ends: int = 300, **customer: str
) -> License:
    """The first license of an order whose updates end in so many days."""
    found = licenses.of_order(place(reseller, lines, **customer).id)
    for one in found:
        one.updates_until = today() + timedelta(days=ends)
    db.session.flush()
    return found[0]


def listed(reseller: Reseller, search: str = "", state: str = "all") -> list[str]:
    page = license_lists.list_licenses(reseller.id, search=search, state=state)
    assert page.counts[state] == len(page.rows)
    assert license_lists.all_licenses(reseller.id, search=search, state=state) == page.rows
    return [row.license.serial for row in page.rows]


def renew(license_: License) -> Order:
    customer = {**CUSTOMER, "email": license_.email}
    request = OrderRequest([(license_.sku, 1)], customer, renews={license_.sku: license_.serial})
    seen = pricing.estimate(license_.reseller_id, request.lines).shown()
    by = db.session.scalars(select(Reseller).where(Reseller.id == license_.reseller_id)).one()
    return fulfilment.place_order(by.id, owner_of(by), request, seen=seen, submit_key=f"renew {license_.serial}")


@pytest.mark.parametrize(
    ("temporary", "revoked", "ends", "state"),
    [
        (False, False, 61, Standing.VALID),
        (False, False, 60, Standing.ENDING),
        (False, False, 0, Standing.ENDING),
        (False, False, -1, Standing.ENDED),
        (False, True, 300, Standing.REVOKED),
        (True, False, None, Standing.TEMPORARY),
        (True, True, None, Standing.REVOKED),
    ],
)
def test_R23_how_a_license_stands(
    reseller: Reseller, temporary: bool, revoked: bool, ends: int | None, state: Standing
) -> None:
    """Rule and list agree."""
    until = None if ends is None else today() + timedelta(days=ends)
    assert standing(temporary=temporary, revoked=revoked, updates_until=until, today=today()) is state
    license_ = licensed(reseller)
    license_.updates_until, license_.revoked_at = until, utcnow() if revoked else None
    if temporary:
        license_.kind, license_.expires_on = "temporary", today()
    db.session.flush()
    assert {name for name in STANDINGS if listed(reseller, state=name)} == {"all", str(state)}


@pytest.mark.parametrize(
    "search", ["ромашка", "РОМАШКА жанна", "hjvfirf", VIEWER.lower(), "мшуцук", "small business", "жанна@x.example"]
)
def test_R24_licenses_are_found_by_their_words_on_either_keyboard(reseller: Reseller, search: str) -> None:
    wanted = licensed(reseller, company="ООО «Ромашка»", name="Жанна", email="жанна@x.example")
    licensed(reseller, [(EDITOR, 1)], company="Лютик", name="Ян", email="jan@y.example").plan = "OEM"
    db.session.flush()
    found = listed(reseller, search)
    assert wanted.serial in found
    assert len(found) == 1 or search == "small business"
    assert listed(reseller, wanted.serial.lower()) == listed(reseller, wanted.order_id) == [wanted.serial]


def test_R26_only_the_licenses_of_the_companys_own_orders_are_seen(buyer: Client, reseller: Reseller) -> None:
    mine, theirs = licensed(reseller, ends=10), licensed(make_reseller("Vasilek", established_by_staff=True), ends=10)
    for path in ("", "/renewals", "/export"):
        text = buyer.get(f"/company-licenses{path}").content.decode()
        assert mine.serial in text
        assert theirs.serial not in text
    assert listed(reseller, theirs.serial) == []
    token = buyer.get("/company-licenses").tree.xpath("//input[@name='csrf_token']/@value")[0]
    stolen = buyer.post("/order/bulk/renewals", {"csrf_token": token, "serial": theirs.serial})
    assert stolen.status == 409
    assert "Nordwind" not in stolen.text


def test_R24_a_license_that_was_renewed_says_so_and_is_not_to_be_renewed(buyer: Client, reseller: Reseller) -> None:
    old = licensed(reseller, ends=10)
    assert [one.serial for one in license_lists.ending_soon(reseller.id, today())] == [old.serial]
    order = renew(old)
    page = buyer.get(f"/company-licenses?q={old.serial}")
    assert f"renewed by {order.id}" in page.text
    assert "Renew" not in page.buttons
    assert license_lists.ending_soon(reseller.id, today()) == []
    fulfilment.cancel_order(order.id, "not wanted", by_staff=True)
    assert [one.serial for one in license_lists.ending_soon(reseller.id, today())] == [old.serial]


def test_R21_R23_what_was_corrected_after_its_renewal_is_not_renewed_twice(reseller: Reseller) -> None:
    old = licensed(reseller, ends=10)
    renew(old)
    db.session.commit()
    corrections.correct(old.order_id, Correction("Nordwind AG", "", CUSTOMER["email"]), by_staff=True)
    assert license_lists.ending_soon(reseller.id, today()) == []


def test_R23_the_months_of_renewals_begin_three_back_and_go_twelve_on(reseller: Reseller) -> None:
    ends = {
        "before": date(2026, 7, 31), "first": date(2026, 8, 1), "now": DAY, "last": date(2027, 10, 31),
        "beyond": date(2027, 11, 1),
    }  # fmt: skip
    made = {}
    for name, end in ends.items():
        made[name] = licensed(reseller)
        made[name].updates_until = end
    revoked = licensed(reseller)
    revoked.updates_until, revoked.revoked_at = DAY, utcnow()
    db.session.flush()
    months = license_lists.renewals(reseller.id, DAY)
    assert [month.first_day for month in months] == [first_of_month(DAY, back) for back in range(3, -12, -1)]
    shown = {month.first_day.isoformat()[:7]: [one.serial for one in month.licenses] for month in months}
    assert {month: serials for month, serials in shown.items() if serials} == {
        "2026-08": [made["first"].serial],
        "2026-11": [made["now"].serial],
        "2027-10": [made["last"].serial],
    }


def test_R24_pages_of_licenses_cost_two_statements_however_many_there_are(
    buyer: Client, reseller: Reseller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(license_lists, "PAGE", 2)
    monkeypatch.setattr(license_lists, "RENEWALS", 1)
    made = [licensed(reseller, ends=ends) for ends in (-20, 10, 100, 200, 200)]
    seen: list[str] = []
    page = buyer.get("/company-licenses")
    while True:
        assert len(page.statements) <= 2
        seen += [one.serial for one in made if one.serial in page.text]
        if "Next page →" not in page.links:
            break
        page = page.click("Next page →")
    assert seen.count(made[0].serial) == 1
    assert sorted(seen) == sorted(one.serial for one in made)
    assert "5 licenses" in page.text
    page, told = buyer.get("/company-licenses/renewals"), ""
    while "Later months →" in page.links:
        assert len(page.statements) <= 2
        told += page.text
        page = page.click("Later months →")
    told += page.text
    assert all(told.count(one.serial) == 1 for one in made)  # a month is never cut
    assert buyer.get("/company-licenses/renewals?from=x").status == 200


def test_R24_both_files_hold_exactly_the_licenses_that_are_shown(buyer: Client, reseller: Reseller) -> None:
    ended = licensed(reseller, ends=-5, company="=1+1")
    licensed(reseller)
    page = buyer.get("/company-licenses?state=ended")
    assert "Updates ended 1" in page.links
    rows = list(csv.reader(io.StringIO(buyer.get(page.links["as CSV"]).content.decode("utf-8-sig"))))
    (sheet,) = openpyxl.load_workbook(io.BytesIO(buyer.get(page.links["as XLSX"]).content)).worksheets
    assert [row[0] for row in rows] == ["Serial number", ended.serial] == [row[0].value for row in sheet.iter_rows()]
    assert rows[1][1] == "Updates ended"
    assert rows[1][rows[0].index("End customer")] == "'=1+1"
    assert not {"Sum", "Price", "Currency"} & set(rows[0])


def test_R33_the_pages_of_licenses_lead_to_the_forum(buyer: Client, reseller: Reseller) -> None:
    license_ = licensed(reseller)
    for path in ("/company-licenses", "/company-licenses/renewals", f"/orders/{license_.order_id}"):
        page = buyer.get(path)
        assert page.links["Technical support: the forum"].startswith("https://")
    assert buyer.get("/orders").links["Your customers' licenses"] == "/company-licenses"


def test_R23_what_is_ticked_becomes_one_order_a_customer_and_all_are_placed_at_once(
    buyer: Client, reseller: Reseller
) -> None:
    alder = {"company": "Alder", "email": "a@alder.example"}
    viewer, editor = licenses.of_order(licensed(reseller, [(VIEWER, 2), (EDITOR, 1)], ends=5, **alder).order_id)
    twin = licensed(reseller, ends=6, **alder)
    other = licensed(reseller, ends=7, company="Birch", street="Line\tbreak 1")
    left = licensed(reseller, ends=8)
    page = buyer.get("/company-licenses/renewals")
    (form,) = page.tree.xpath("//form[@action='/order/bulk/renewals']")
    boxes = form.xpath(".//input[@type='checkbox']/@value")
    assert set(boxes) == {one.serial for one in (viewer, editor, twin, other, left)}
    sent = {"csrf_token": form.xpath("./input/@value")[0], "serial": [one for one in boxes if one != left.serial]}
    review = buyer.post("/order/bulk/renewals", sent)
    assert "3 orders" in review.text  # the same SKU twice for one customer: a line renews one license
    assert db.session.query(Draft).count() == 0
    placed = review.submit("Place 3 orders", twice=True)  # all was ordered lately
    assert "3 orders are placed." in placed.text
    found = db.session.execute(select(Order.customer, OrderLine).join(OrderLine).where(OrderLine.renews != ""))
    renewing = {line.renews: (customer, line.sku, line.quantity) for customer, line in found}
    assert renewing == {
        viewer.serial: ("Alder", VIEWER, 2),
        editor.serial: ("Alder", EDITOR, 1),
        twin.serial: ("Alder", VIEWER, 1),
        other.serial: ("Birch", VIEWER, 1),
    }
    assert [one.serial for one in license_lists.ending_soon(reseller.id, today())] == [left.serial]
    again = buyer.post("/order/bulk/renewals", sent)
    assert again.status == 409
    assert "Tick at least one license that can be renewed." in again.text


def test_R23_all_of_a_month_is_renewed_by_one_button(buyer: Client, reseller: Reseller) -> None:
    day = first_of_month(today(), -2)
    made = [licensed(reseller, ends=(day - today()).days), licensed(reseller, [(EDITOR, 1)], ends=(day - today()).days)]
    licensed(reseller, ends=200, company="Birch")
    review = buyer.get("/company-licenses/renewals").submit("Renew all of this month")
    assert "1 order" in review.text
    assert all(f"renews license {one.serial}" in review.text for one in made)
    assert "Birch" not in review.text


def test_R24_renewals_are_searched_and_the_file_and_the_button_take_what_is_shown(
    buyer: Client, reseller: Reseller
) -> None:
    ends = (first_of_month(today(), -2) - today()).days
    wanted = [licensed(reseller, ends=ends, company="Alder"), licensed(reseller, ends=200, company="Alder")]
    wanted.insert(1, licensed(reseller, [(EDITOR, 1)], ends=ends + 1, company="Alder"))
    licensed(reseller, ends=ends, company="Birch")
    licensed(reseller, ends=400, company="Alder")  # too late for the renewals
    page = buyer.get("/company-licenses/renewals?q=фдвук")  # on the other keyboard
    assert len(page.statements) <= 2
    assert "Alder" in page.text
    assert "Birch" not in page.text
    rows = list(csv.reader(io.StringIO(buyer.get(page.links["as CSV"]).content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [one.serial for one in wanted]
    review = page.submit("Renew all of this month")
    assert "Birch" not in review.text
    assert "Nothing fits" in buyer.get("/company-licenses/renewals?q=nobody").text


@pytest.mark.parametrize(
    ("serial", "changed", "fault"),
    [
        ("no-such-serial", {}, "is renewed already, holds no more, or is not yours"),
        (None, {"email": "other@nordwind.example"}, "is of another product or customer"),
        (None, {"sku": EDITOR}, "is of another product or customer"),
    ],
)
def test_R23_a_row_of_a_bulk_order_renews_only_what_it_can(
    buyer: Client, reseller: Reseller, serial: str | None, changed: dict[str, str], fault: str
) -> None:
    license_ = licensed(reseller)
    row = {"sku": VIEWER, **CUSTOMER, "renews": serial or license_.serial, **changed}
    rows = "\n".join("\t".join(cells) for cells in (row.keys(), row.values()))
    page = buyer.get("/order/bulk").submit("Check the rows", rows=rows)
    assert page.status == 200
    assert fault in page.text


def test_R23_a_license_is_renewed_by_one_row(buyer: Client, reseller: Reseller) -> None:
    license_ = licensed(reseller)
    row = {"sku": VIEWER, **CUSTOMER, "renews": license_.serial}
    rows = "\n".join("\t".join(cells) for cells in (row.keys(), row.values(), row.values()))
    assert "Line 2 renews this license already." in buyer.get("/order/bulk").submit("Check the rows", rows=rows).text


def test_R23_all_that_an_order_gave_is_renewed_from_its_row(buyer: Client, reseller: Reseller) -> None:
    order_id = licensed(reseller, [(VIEWER, 2), (EDITOR, 1)]).order_id
    viewer, editor = licenses.of_order(order_id)
    renew(editor)
    token = buyer.get("/orders").tree.xpath("//input[@name='csrf_token']/@value")[0]
    form = buyer.post(f"/orders/{order_id}/renew", {"csrf_token": token})
    assert f"renews license {viewer.serial}" in form.text
    assert editor.serial not in form.text
    assert db.session.query(Draft).one().lines == [{"sku": VIEWER, "quantity": 2, "renews": viewer.serial}]
    renew(viewer)
    assert buyer.post(f"/orders/{order_id}/renew", {"csrf_token": token}).status == 409
    foreign = licensed(make_reseller("Vasilek", established_by_staff=True)).order_id
    assert buyer.post(f"/orders/{foreign}/renew", {"csrf_token": token}).status == 404


def test_R24_an_order_is_ordered_again_from_its_row(buyer: Client, reseller: Reseller) -> None:
    order = pay(place(reseller, [(EDITOR, 3)]))
    page = buyer.get("/orders")
    (link,) = page.tree.xpath(f"//a[@aria-label='Order {order.id} again']/@href")
    form = buyer.get(link.partition("#")[0])
    assert form.tree.xpath("//input[@name='lines-0-quantity']/@value") == ["3"]
