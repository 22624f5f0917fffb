"""What staff see and decide about resellers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.audit import service as audit
from dashboard.clock import today, utcnow
from dashboard.errors import InvalidInput, Refused
from dashboard.ledger.models import Receivable
from dashboard.ledger.rules import Terms
from dashboard.mail.models import Letter
from dashboard.money import parse_rate
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.resellers import service
from dashboard.resellers.models import Reseller
from dashboard.resellers.rules import Place
from dashboard.statements.service import make_statement, this_month
from tests.client import Client
from tests.factories import make_reseller, pay, place

Database = scoped_session[Session]


def fresh(db: Database, reseller: Reseller) -> Reseller:
    db.commit()
    db.refresh(reseller)
    return reseller


def actions(reseller: Reseller) -> list[Any]:
    return [entry.action for entry in audit.history(f"reseller:{reseller.id}")]


def test_R05_pages_to_check_are_a_queue(staff: Client, db: Database) -> None:
    make_reseller("Checked", listing_checked_at=utcnow())
    make_reseller("Unchecked")
    make_reseller("Beginner", active=False)
    page = staff.get("/staff/resellers?only=check")
    assert "Unchecked" in page.links
    assert "Checked" not in page.links
    assert "Beginner" not in page.links
    assert service.list_resellers().to_check == 1
    assert service.list_resellers(only="suspended") == ([], 1, {})
    page.click("Unchecked").submit("The brands are there")
    assert service.list_resellers().to_check == 0


def test_resellers_are_found_by_name(staff: Client, db: Database) -> None:
    make_reseller("Ромашка")
    make_reseller("Hundred % Ltd")
    assert set(staff.get("/staff/resellers?q=%25").links) & {"Ромашка", "Hundred % Ltd"} == {"Hundred % Ltd"}
    make_reseller("Groß & Weiß GmbH")
    assert "Groß & Weiß GmbH" in staff.get("/staff/resellers?q=Groß").links
    for text in ("машк", "РОМАШ", "hjvfirf"):  # in any case, on the other keyboard
        assert "Ромашка" in staff.get(f"/staff/resellers?q={text}").links
    assert "No resellers here" in staff.get("/staff/resellers?q=nobody").text


def test_the_tabs_of_resellers_keep_what_is_searched_for(staff: Client, db: Database) -> None:
    make_reseller("Romashka")
    make_reseller("Romashka Soft", listing_checked_at=utcnow())
    make_reseller("Vasilek")
    page = staff.get("/staff/resellers?q=romashka")
    assert "Page to check 1" in page.text
    page = staff.get(page.tree.xpath("string(//nav[@class='tabs']//a[contains(@href, 'only=check')]/@href)"))
    assert set(page.links) & {"Romashka", "Romashka Soft", "Vasilek"} == {"Romashka"}
    assert "Vasilek" not in staff.get(page.tree.xpath("string(//nav[@class='tabs']//a[1]/@href)")).links


def test_R24_the_list_of_resellers_says_what_each_owes(staff: Client, db: Database) -> None:
    """Principal of credit orders and interest, as on the account that the sum leads to; no unpaid prepaid order."""
    debtor, prepaying = make_reseller("Romashka", established_by_staff=True), make_reseller("Vasilek", currency="EUR")
    late = place(debtor)
    for row in (late, db.get_one(Receivable, late.id)):
        row.due_on = row.placed_on = today() - timedelta(days=30)
    pay(place(debtor))
    place(prepaying)
    page = staff.get("/staff/resellers")
    (link,) = page.tree.xpath("//td[contains(@class, 'c-figure')]/a")
    assert (link.text, link.get("href")) == ("$1,079.10", f"/staff/resellers/{debtor.id}/account")
    assert "Owed together $1,079.10" in staff.get(link.get("href")).text
    assert len(page.statements) == 2


def test_a_resellers_page_leads_to_its_orders_account_and_statements(staff: Client, db: Database) -> None:
    ours, theirs = (make_reseller(name, established_by_staff=True) for name in ("Romashka", "Romashka South"))
    orders_ = [place(ours).id, place(theirs).id]
    made = [make_statement(reseller.id, this_month()) for reseller in (ours, theirs)]
    statements = [one.number for one in made if one]
    shown = staff.get(f"/staff/resellers/{ours.id}")
    page = shown.click("Orders")
    assert (orders_[0] in page.links, orders_[1] in page.links) == (True, False)
    assert "Romashka" in page.tree.xpath("string(//div[@class='head-text'])")
    page = shown.click("Monthly statements")
    assert (statements[0] in page.links, statements[1] in page.links) == (True, False)
    assert "Romashka" in page.text
    assert statements[1] in page.click("Statements of all resellers").links
    assert shown.click("Account").status == 200


def test_the_list_of_resellers_has_pages(staff: Client, db: Database) -> None:
    for number in range(service.PAGE + 1):
        make_reseller(f"Company {number}")
    first = staff.get("/staff/resellers?q=company")
    assert "Company 0" not in first.links
    assert "← To the beginning" not in first.links
    second = first.click("Next page →")
    assert "Company 0" in second.links
    assert second.click("← To the beginning").links == first.links


def test_R06_a_new_reseller_has_the_discount_of_the_settings_until_staff_set_another(
    staff: Client, db: Database
) -> None:
    reseller = make_reseller()
    page = staff.get(f"/staff/resellers/{reseller.id}").click("Change the discount")
    assert page.tree.xpath("//input[@name='percent']/@value") == ["10"]
    page.submit("Change the discount", percent="12,5 %")
    assert fresh(db, reseller).discount == parse_rate("12.5")
    assert "12.5%" in staff.get(f"/staff/resellers/{reseller.id}").text
    assert actions(reseller) == ["reseller.discount_set"]


@pytest.mark.parametrize("percent", ["", "much", "-1", "100", "1e9", "nan"])
def test_R06_a_discount_that_is_none_is_refused(staff: Client, db: Database, percent: str) -> None:
    reseller = make_reseller()
    page = staff.get(f"/staff/resellers/{reseller.id}/discount").submit("Change the discount", percent=percent)
    assert page.status == 422
    assert fresh(db, reseller).discount == parse_rate("10")


def test_R06_a_new_discount_leaves_placed_orders_alone(db: Database) -> None:
    order = place(make_reseller())
    before = order.total_minor
    service.set_discount(order.reseller_id, parse_rate("50"))
    db.flush()
    assert db.get_one(Order, order.id).total_minor == before


def test_R14_staff_mark_a_reseller_as_established(staff: Client, db: Database) -> None:
    reseller = make_reseller()
    assert orders.credit_of(reseller, today()).terms is Terms.PREPAID
    form = staff.get(f"/staff/resellers/{reseller.id}").click("Mark as established")
    assert form.submit("Mark as established").status == 422
    form.submit("Mark as established", reason="A partner since 2015")
    assert orders.credit_of(fresh(db, reseller), today()).terms is Terms.NET30
    assert db.scalars(select(Letter.kind)).all() == ["reseller_established"]
    assert audit.history(f"reseller:{reseller.id}")[-1].detail["reason"] == "A partner since 2015"
    with pytest.raises(Refused):
        service.mark_established(reseller.id, "twice")


def test_R15_on_hold_takes_credit_away_and_gives_it_back(staff: Client, db: Database) -> None:
    reseller = make_reseller(established_by_staff=True, established_at=utcnow())
    staff.get(f"/staff/resellers/{reseller.id}/hold").submit("Take credit away", reason="Two letters came back")
    assert orders.credit_of(fresh(db, reseller), today()).terms is Terms.PREPAID
    staff.get(f"/staff/resellers/{reseller.id}").submit("Give credit back")
    assert orders.credit_of(fresh(db, reseller), today()).terms is Terms.NET30
    assert actions(reseller) == ["reseller.put_on_hold", "reseller.hold_ended"]
    with pytest.raises(Refused):
        service.set_hold(reseller.id, False)


def test_R08_staff_change_the_country_and_what_no_longer_fits_is_asked_again(staff: Client, db: Database) -> None:
    reseller = make_reseller(country="DE", tax_number="DE136695976")
    form = staff.get(f"/staff/resellers/{reseller.id}").click("Change site and country")
    assert form.submit("Change site and country", country="US").status == 422  # which state?
    form.submit("Change site and country", country="US", state="TX")
    moved = fresh(db, reseller)
    assert (moved.country, moved.state, moved.tax_number, moved.is_active) == ("US", "TX", "", False)
    assert moved.street == "Main street 1"


def test_R08_a_move_that_fits_changes_nothing_else(db: Database) -> None:
    reseller = make_reseller(country="AU", tax_number="51 824 753 556")
    service.move(reseller.id, Place("https://romashka.example", "NZ", ""))
    assert reseller.is_active
    assert reseller.tax_number == "51 824 753 556"
    service.move(reseller.id, Place("https://elsewhere.example", "NZ", ""))
    assert (reseller.listing_url, reseller.is_active) == ("", False)


def test_R04_the_currency_changes_only_while_nothing_is_open(staff: Client, db: Database) -> None:
    reseller = make_reseller()
    order = place(reseller)
    form = staff.get(f"/staff/resellers/{reseller.id}/currency")
    refused = form.submit("Change the currency", currency="EUR")
    assert refused.status == 409
    assert fresh(db, reseller).currency == "USD"
    pay(order)
    form.submit("Change the currency", currency="EUR")
    assert fresh(db, reseller).currency == "EUR"
    with pytest.raises(InvalidInput):
        service.set_currency(reseller.id, "GBP")


def test_an_unknown_reseller_does_not_exist(staff: Client) -> None:
    for path in ("", "/suspend", "/discount", "/place", "/currency", "/established", "/hold"):
        assert staff.get(f"/staff/resellers/77{path}").status == 404
