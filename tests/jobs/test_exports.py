"""Files that are too long to be waited for: the same file, made by the worker (R24, R25, R26)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest

from dashboard.clock import utcnow
from dashboard.extensions import db
from dashboard.jobs import asking, rules
from dashboard.jobs.models import Job, JobFile
from dashboard.resellers.models import Member, Reseller
from dashboard.statements import rules as statements
from dashboard.statements import service
from tests.client import Client, Page
from tests.factories import make_key, make_reseller, make_user, owner_of, pay, place
from tests.jobs.hands import the_job, work_now

Work = Callable[[], int]


def ask(client: Client, work: Work, address: str) -> Page:
    """Have a long file made; the page of its job, at its end."""
    page = client.get(address).submit("Make the file")
    work()
    return client.get(page.path)


@pytest.mark.parametrize("address", ["/orders/export?tab=all&sort=oldest", "/company-licenses/export?q=nordwind"])
def test_R24_a_file_that_is_made_as_a_job_is_the_file_that_is_sent_at_once(
    anna: Client, romashka: Reseller, work: Work, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key()
    for company in ('=HYPERLINK("x")', "Second"):
        pay(place(romashka, company=company))
    page = ask(anna, work, address)
    made = page.click("Download")
    monkeypatch.setattr(rules, "ROWS_AT_ONCE", 2)
    at_once = anna.get(address)
    assert (made.content, made.headers["Content-Disposition"]) == (
        at_once.content, at_once.headers["Content-Disposition"],
    )  # fmt: skip
    assert made.headers["Content-Type"] == at_once.headers["Content-Type"]
    assert len(list(csv.reader(io.StringIO(made.html)))) == 3


def test_R24_a_spreadsheet_takes_no_cell_of_it_for_a_formula(anna: Client, romashka: Reseller, work: Work) -> None:
    place(romashka, company="=1+1")
    place(romashka, company="Second")
    made = ask(anna, work, "/orders/export?format=xlsx").click("Download")
    (sheet,) = openpyxl.load_workbook(io.BytesIO(made.content)).worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert "=1+1" in [cell.value for cell in cells]
    assert "f" not in {cell.data_type for cell in cells}


def test_who_asks_for_too_many_files_in_a_day_is_asked_to_come_back(
    anna: Client, romashka: Reseller, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is kept for days, and others wait for the same worker."""
    monkeypatch.setattr(asking, "DAILY", 2)
    for _ in range(2):
        place(romashka)
    for _ in range(2):
        ask(anna, work, "/orders/export")
    first = anna.get("/orders/export")
    assert first.submit("Make the file").status == 429
    assert db.session.query(Job).count() == 2
    page = first.submit("Make the file")
    assert "You have had very many files made today." in page.text
    db.session.query(Job).update({Job.asked_at: utcnow() - timedelta(days=1, minutes=1)})
    assert "Download" in ask(anna, work, "/orders/export").text


def test_R30_the_file_speaks_the_language_in_which_it_was_asked_for(
    anna: Client, romashka: Reseller, work: Work
) -> None:
    for _ in range(2):
        place(romashka)
    anna.get("/orders").submit("RU Русский")
    anna.get("/orders/export").submit("Подготовить файл")
    work()
    assert "Заказ" in db.session.query(JobFile).one().content.decode()


def test_what_is_short_is_sent_at_once(anna: Client, romashka: Reseller) -> None:
    place(romashka)
    assert anna.get("/orders/export").headers["Content-Type"].startswith("text/csv")
    assert db.session.query(Job).count() == 0


def test_a_double_click_starts_one_job(anna: Client, romashka: Reseller, work: Work) -> None:
    for _ in range(2):
        place(romashka)
    page = anna.get("/orders/export")
    first, second = page.submit("Make the file"), page.submit("Make the file")
    assert first.path == second.path
    work()
    assert page.submit("Make the file").path == first.path
    assert db.session.query(Job).count() == 1
    assert anna.get("/orders/export").submit("Make the file").path != first.path  # asked for anew


@pytest.mark.parametrize("who", ["stranger", "colleague", "staff"])
def test_R26_the_job_of_somebody_else_does_not_exist(
    anna: Client, romashka: Reseller, work: Work, new_client: Callable[..., Client], who: str
) -> None:
    for _ in range(2):
        place(romashka)
    page = ask(anna, work, "/orders/export")
    other = make_user(staff=who == "staff")
    if who == "stranger":
        make_reseller("Vasilek", owner=other)
    elif who == "colleague":
        db.session.add(Member(user_id=other.id, reseller_id=romashka.id, role="owner"))
    browser = new_client()
    browser.sign_in_as(other)
    assert {browser.get(page.path + more).status for more in ("", "/file")} == {404}
    assert "File of your orders" not in browser.get("/jobs").text
    assert "File of your orders" in anna.get("/jobs").text


def test_R26_who_was_taken_out_of_the_company_meanwhile_gets_no_file(
    anna: Client, romashka: Reseller, work: Work
) -> None:
    for _ in range(2):
        place(romashka)
    page = anna.get("/orders/export").submit("Make the file")
    db.session.query(Member).delete()
    work()
    assert (the_job().state, db.session.query(JobFile).count()) == ("failed", 0)
    assert anna.get(page.path).status == 404


def test_R26_a_file_that_was_made_before_is_closed_to_who_has_left_even_for_another_company(
    anna: Client, romashka: Reseller, work: Work
) -> None:
    for _ in range(2):
        place(romashka)
    page, user_id = ask(anna, work, "/orders/export"), owner_of(romashka)
    db.session.query(Member).delete()
    other = make_reseller("Vasilek", owner=make_user())
    db.session.add(Member(user_id=user_id, reseller_id=other.id, role="owner"))
    assert {anna.get(page.path + more).status for more in ("", "/file")} == {404}
    assert "File of your orders" not in anna.get("/jobs").text


def test_staff_see_each_others_files_and_nobody_else_does(
    client: Client, romashka: Reseller, work: Work, new_client: Callable[..., Client]
) -> None:
    for _ in range(2):
        place(romashka)
    client.sign_in_as(make_user("Mari", staff=True))
    page = ask(client, work, "/staff/orders/export")
    colleague, member = new_client(), new_client()
    colleague.sign_in_as(make_user("Toomas", staff=True))
    member.sign_in_as(owner_of(romashka))
    assert (colleague.get(page.path).status, member.get(page.path).status) == (200, 404)


def test_R17_the_invoices_of_a_long_statement_are_packed_in_the_background(
    anna: Client, romashka: Reseller, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    romashka.established_by_staff = True
    orders = [place(romashka) for _ in range(2)]
    work_now()
    statement = service.make_statement(romashka.id, service.this_month())
    assert statement is not None
    address = f"/statements/{statement.number}/invoices"
    made = ask(anna, work, address).click("Download")
    monkeypatch.setattr(statements, "INVOICES_AT_ONCE", 2)
    packed = [zipfile.ZipFile(io.BytesIO(one.content)) for one in (made, anna.get(address))]
    assert packed[0].namelist() == packed[1].namelist()
    assert len(packed[0].namelist()) == len(orders)
    assert {one.read(one.namelist()[0])[:5] for one in packed} == {b"%PDF-"}


def test_a_report_and_the_quotes_can_be_long_too(client: Client, romashka: Reseller, work: Work) -> None:
    client.sign_in_as(make_user("Mari", staff=True))
    page = ask(client, work, "/staff/reports/sales/export?currency=USD")
    assert "The file sales-USD-" in page.text
    assert page.click("Download").html.startswith("\ufeffMonth,Currency")


def test_R30_switching_the_language_on_the_offer_begins_nothing(anna: Client, romashka: Reseller) -> None:
    for _ in range(2):
        place(romashka)
    page = anna.get("/orders/export")
    token = page.tree.xpath("//main//input[@name='csrf_token']/@value")[0]
    key = page.tree.xpath("//main//input[@name='key']/@value")[0]
    again = anna.post("/orders/export", {"csrf_token": token, "key": key, "_language": "ru"})
    assert again.tree.xpath("//main//input[@name='key']/@value") == [key]
    assert db.session.query(Job).count() == 0
