"""A quote from its first line to the order that it becomes (R10, R11, R25, R26)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta

import openpyxl
import pytest

from dashboard.catalog.models import Price, Sku
from dashboard.checkout.models import Draft
from dashboard.clock import begin_of, today, utcnow
from dashboard.documents import service as documents
from dashboard.extensions import db
from dashboard.mail.models import Letter
from dashboard.orders.models import Order
from dashboard.outbox.models import OutboxItem
from dashboard.outbox.service import put_again
from dashboard.pictures import logo_of
from dashboard.quotes import lists, service
from dashboard.quotes.models import Quote
from dashboard.quotes.pdf import render_pdf
from dashboard.resellers import logos
from dashboard.resellers.models import Member, Reseller
from tests.client import Client
from tests.factories import EDITOR, VIEWER, make_reseller, make_user, owner_of, place
from tests.quotes.pages import DETAILS, begin, issued, quote_of, token_of
from tests.quotes.samples import a_logo


@pytest.mark.usefixtures("reseller")
def test_a_line_begins_with_the_retail_price_and_the_draft_is_kept(client: Client) -> None:
    page = begin(client, VIEWER, EDITOR, VIEWER)
    assert page.path.endswith("/edit")
    assert quote_of(page).lines == [
        {"sku": VIEWER, "quantity": 2, "unit_minor": 119900},
        {"sku": EDITOR, "quantity": 1, "unit_minor": 59900},
    ]
    page = page.submit(f"Remove {EDITOR}", lines__0__unit="1 300,50", reference="KP-17")
    quote = quote_of(page)
    assert quote.lines == [{"sku": VIEWER, "quantity": 2, "unit_minor": 130050}]
    assert (quote.reference, quote.total.minor) == ("KP-17", 260100)


@pytest.mark.usefixtures("reseller")
def test_R11_a_percentage_over_all_lines_sets_their_prices(client: Client) -> None:
    page = begin(client, VIEWER, EDITOR).submit("Set all prices", markup="-12,5 %", lines__0__unit="what?")
    assert [line["unit_minor"] for line in quote_of(page).lines] == [104913, 52413]
    page = page.submit("Set all prices", markup="a lot")
    assert page.status == 422
    assert "Write a percentage from -100 to 1000." in page.text


@pytest.mark.usefixtures("reseller")
def test_R11_the_server_says_sums_and_margin_while_one_types(client: Client, new_client: Callable[..., Client]) -> None:
    page = begin(client)
    page = page.submit("Save the draft", lines__0__quantity="3", lines__0__unit="1250", tax_label="VAT", tax_rate="19")
    assert "Net $3,750.00 VAT 19% $712.50 Total $4,462.50" in page.text
    assert "Partner prices today $3,237.30 Your margin $512.70 13.7% of the net sum" in page.text


@pytest.mark.usefixtures("reseller")
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"lines__0__quantity": "0"}, "Write a whole number from 1 to 9999."),
        ({"lines__0__unit": "a lot"}, "Write the amount as a number"),
        ({"lines__0__unit": "1000000000"}, "Write the amount as a number"),
        ({"tax_rate": "101"}, "Write a percentage from 0 to 100."),
        ({"tax_rate": "19", "tax_label": ""}, "Say what the tax is called"),
        ({"company": "", "name": ""}, "Fill in the company or the contact person."),
        ({"terms": "株"}, "Our documents cannot show 株 here."),
        ({"valid_until": "2020-01-01"}, "This day has passed. Choose a later one."),
        ({"valid_until": "soon"}, "Write a day"),
        ({"email": "nobody"}, "Write an e-mail address"),
    ],
)
def test_what_cannot_stand_on_a_quote_is_refused(client: Client, fields: dict[str, str], message: str) -> None:
    page = begin(client).submit("Issue the quote", **{**DETAILS, **fields})
    assert page.status == 422
    assert message in page.text
    assert quote_of(page).issued_at is None


@pytest.mark.usefixtures("reseller")
def test_an_empty_quote_is_not_issued(client: Client) -> None:
    page = client.get("/quotes/new").submit("Issue the quote", **DETAILS)
    assert page.status == 422
    assert "Add at least one product." in page.text
    assert db.session.query(Quote).count() == 0


@pytest.mark.usefixtures("reseller")
def test_a_button_pressed_twice_makes_one_quote(client: Client) -> None:
    page = client.get("/quotes/new")
    first, second = page.submit("Add", sku=VIEWER), page.submit("Add", sku=VIEWER)
    assert first.path == second.path
    ready = first.submit("Issue the quote", **DETAILS), first.submit("Issue the quote", **DETAILS)
    assert ready[0].path.rstrip("?") == ready[1].path.rstrip("?")
    assert page.submit("Add", sku=VIEWER).path == ready[0].path  # back button, and once more
    assert db.session.query(Quote).count() == 1
    assert db.session.query(OutboxItem).filter_by(kind=service.RENDER).count() == 1


@pytest.mark.usefixtures("reseller")
def test_an_issued_quote_is_drawn_once_and_stays_the_same_bytes(client: Client, work: Callable[[], int]) -> None:
    page = issued(client)
    assert "being prepared" in page.text
    assert client.get(f"{page.path}/pdf").status == 409
    work()
    paper = client.get(page.path).click("Download the PDF")
    quote = quote_of(page)
    assert paper.content.startswith(b"%PDF-")
    assert paper.headers["Content-Disposition"] == f"attachment; filename={quote.id}.pdf"
    db.session.query(Price).update({"retail_minor": 1})
    put_again(service.RENDER, f"{service.RENDER}:{quote.id}", quote_id=quote.id, reseller_id=quote.reseller_id)
    work()
    assert client.get(f"{page.path}/pdf").content == paper.content
    assert "$3,750.00" in client.get(page.path).text


def test_R25_neither_the_paper_nor_what_it_is_drawn_from_holds_a_partner_price(
    client: Client, reseller: Reseller, work: Callable[[], int]
) -> None:
    page = issued(client)
    work()
    kept = str(quote_of(page).snapshot)
    for secret in ("107910", "1,079.10", "119900", "margin", "Lumivara", "RF"):
        assert secret not in kept
    assert "Your margin" in page.text


def test_R25_nothing_of_a_quote_is_mailed_or_shown_to_its_customer(
    client: Client, reseller: Reseller, work: Callable[[], int], new_client: Callable[..., Client]
) -> None:
    page = issued(client)
    customer = make_user("Jan", email="jan@nordwind.example")
    work()
    assert db.session.query(Letter).count() == 0
    number = quote_of(page).id
    visitor = new_client()
    assert "/sign-in" in visitor.get(f"/quotes/{number}/pdf").path
    visitor.sign_in_as(customer)
    for path in (f"/quotes/{number}", f"/quotes/{number}/pdf", f"/quotes/{number}/edit", "/quotes", "/quotes/export"):
        assert visitor.get(path).status == 404
    assert number not in visitor.get("/licenses").html


def test_R26_another_companys_quote_is_not_there(client: Client, reseller: Reseller, work: Callable[[], int]) -> None:
    page = issued(client)
    work()
    number = quote_of(page).id
    client.sign_in_as(owner_of(make_reseller("Vasilek")))
    for path in ("", "/pdf", "/edit"):
        assert client.get(f"/quotes/{number}{path}").status == 404
    assert number not in client.get("/quotes").html
    assert number not in client.get("/quotes/export").html


@pytest.mark.parametrize("role", ["accountant", "viewer"])
def test_who_may_not_order_reads_quotes_and_makes_none(client: Client, reseller: Reseller, role: str) -> None:
    page = issued(client)
    draft = begin(client)
    reader = make_user(role)
    db.session.add(Member(user_id=reader.id, reseller_id=reseller.id, role=role))
    client.sign_in_as(reader)
    assert client.get(page.path).status == client.get("/quotes").status == 200
    assert not {"Make an order", "Make a new version", "Copy it into a new quote"} & set(client.get(page.path).buttons)
    assert "New quote" not in client.get("/quotes").links
    for path in ("/quotes/new", draft.path):
        assert client.get(path).status == 404
    assert client.get(draft.path.removesuffix("/edit")).status == 200


def test_R10_a_quote_becomes_an_order_in_one_step_at_todays_partner_prices(client: Client, reseller: Reseller) -> None:
    page = issued(client, reference="KP-17")
    db.session.query(Price).filter_by(sku=VIEWER).update({"retail_minor": 200_000})
    form = page.submit("Make an order")
    again = client.get(page.path).submit("Make an order")
    assert form.path == again.path
    assert form.path.startswith("/order/")
    draft = db.session.query(Draft).one()
    assert (draft.lines, draft.po_number) == ([{"sku": VIEWER, "quantity": 3}], "KP-17")
    assert draft.customer["email"] == DETAILS["email"]
    placed = form.submit("Review the order").submit("Place the order")
    order = db.session.query(Order).one()
    assert (placed.path, order.net_minor) == (f"/orders/{order.id}", 540_000)
    page = client.get(page.path)
    assert "ordered" in page.text
    assert page.links[f"Open order {order.id}"] == placed.path
    assert quote_of(page).total_minor == 375_000  # as it was agreed
    assert client.post(f"{page.path}/order", {"csrf_token": token_of(page)}).path == placed.path
    assert "Make a new version" not in page.buttons


def test_a_colleague_orders_from_a_quote_with_a_draft_of_its_own(client: Client, reseller: Reseller) -> None:
    page = issued(client)
    page.submit("Make an order")
    colleague = make_user("Boris")
    db.session.add(Member(user_id=colleague.id, reseller_id=reseller.id, role="buyer"))
    client.sign_in_as(colleague)
    form = client.get(page.path).submit("Make an order")
    assert form.status == 200
    assert db.session.query(Draft).count() == 2
    form.submit("Discard the draft")
    assert client.get(page.path).submit("Make an order").status == 200


@pytest.mark.usefixtures("reseller")
def test_a_changed_quote_is_a_new_version_that_takes_the_place_of_the_old_one(client: Client) -> None:
    page = issued(client, terms="In 10 days.")
    form = page.submit("Make a new version")
    assert form.path == client.get(page.path).submit("Make a new version").path == f"{page.path}-2/edit"
    assert "A new version is in the making." in client.get(page.path).text
    newer = form.submit("Issue the quote", lines__0__unit="1300")
    assert quote_of(newer).content.number == f"{quote_of(page).id}-2"
    assert (quote_of(newer).terms, quote_of(newer).total_minor) == ("In 10 days.", 390_000)
    page = client.get(page.path)
    assert "withdrawn" in page.text
    assert "A newer version has taken its place." in page.text
    assert quote_of(page).total_minor == 375_000
    assert "Make an order" not in page.buttons
    assert client.post(f"{page.path}/order", {"csrf_token": token_of(page)}).status == 409


@pytest.mark.usefixtures("reseller")
def test_a_discarded_new_version_leaves_the_old_one(client: Client) -> None:
    page = issued(client)
    assert page.submit("Make a new version").submit("Discard the draft").path == "/quotes"
    assert "Make an order" in client.get(page.path).buttons
    assert db.session.query(Quote).count() == 1


@pytest.mark.usefixtures("reseller")
def test_a_copy_is_a_quote_of_its_own(client: Client) -> None:
    page = issued(client)
    form = page.submit("Copy it into a new quote")
    assert form.path == page.submit("Copy it into a new quote").path
    assert quote_of(form).number != quote_of(page).number
    assert quote_of(form).lines == quote_of(page).lines
    assert quote_of(form).valid_until == today() + timedelta(days=30)
    assert "Make an order" in client.get(page.path).buttons


@pytest.mark.usefixtures("reseller")
def test_a_quote_is_withdrawn_and_its_paper_stays(client: Client, work: Callable[[], int]) -> None:
    page = issued(client)
    work()
    page = client.get(page.path).submit("Withdraw the quote")
    assert "The quote is withdrawn." in page.text
    assert "Download the PDF" in page.links
    assert not {"Make an order", "Make a new version"} & set(page.buttons)


@pytest.mark.usefixtures("reseller")
def test_an_expired_quote_says_so_and_can_still_be_ordered(client: Client) -> None:
    page = issued(client)
    quote_of(page).valid_until = today() - timedelta(days=1)
    db.session.commit()
    page = client.get(page.path)
    assert "Its last day has passed." in page.text
    assert page.submit("Make an order").path.startswith("/order/")
    assert quote_of(page).id in client.get("/quotes?state=expired").text
    assert quote_of(page).id not in client.get("/quotes?state=issued").text


@pytest.mark.usefixtures("reseller")
def test_a_product_that_is_no_longer_offered_is_named(client: Client) -> None:
    page, draft = issued(client), begin(client)
    db.session.query(Price).filter_by(sku=VIEWER).delete()
    db.session.query(Sku).filter_by(code=VIEWER).update({"position": 9})
    assert "your margin cannot be said" in client.get(page.path).text
    draft = client.get(draft.path)
    assert "No longer offered. Please remove this line." in draft.text
    draft = draft.submit("Issue the quote", **DETAILS)
    assert draft.status == 422
    assert f"{VIEWER} is not offered." in draft.text


def test_saved_customers_are_found_as_in_the_order_form(client: Client, reseller: Reseller) -> None:
    place(reseller)
    page = begin(client).submit("Find", earlier="nordw")
    assert quote_of(page).customer["street"] == "Hafenstraße 1"
    assert page.submit("Find", earlier="nobody").status == 422


@pytest.mark.usefixtures("reseller")
def test_tax_and_terms_of_the_latest_quote_are_proposed(client: Client) -> None:
    issued(client, tax_label="VAT", tax_rate="19", terms="In 10 days.")
    page = client.get("/quotes/new")
    assert page.tree.xpath("string(//textarea[@name='terms'])").strip() == "In 10 days."
    assert page.tree.xpath("string(//input[@name='tax_rate']/@value)") == "19"


def test_quotes_are_listed_in_two_statements_page_by_page(client: Client, reseller: Reseller) -> None:
    made = issued(client, reference="KP-17")
    of = service.Buyer(reseller.id, owner_of(reseller))
    for number in range(lists.PAGE):
        service.begin(of, service.blank(reseller.id, "en"), submit_key=f"more{number}")
    first = client.get("/quotes")
    assert len(first.statements) <= 2
    tabs = {"All": lists.PAGE + 1, "Drafts": lists.PAGE, "Issued": 1, "Ordered": 0, "Expired": 0, "Withdrawn": 0}
    assert {f"{name} {count}" for name, count in tabs.items()} <= first.links.keys()
    assert f"{lists.PAGE + 1} quotes" in first.text
    assert "1 quote" in client.get("/quotes?q=kp-17").text
    second = first.click("Next page →")
    numbers = [page.tree.xpath("//td[contains(@class,'c-title')]/a/text()") for page in (first, second)]
    assert [len(part) for part in numbers] == [lists.PAGE, 1]
    assert len({*numbers[0], *numbers[1]}) == lists.PAGE + 1
    for search in ("kp-17", "NORDWIND", "тщквцштв", "jan@", quote_of(made).id, f"{VIEWER.lower()} nordwind"):
        found = client.get(f"/quotes?q={search}").tree.xpath("//td[contains(@class,'c-title')]/a/text()")
        assert found == [quote_of(made).id]
    assert "Nothing fits" in client.get("/quotes?q=nobody").text


@pytest.mark.usefixtures("reseller")
def test_an_export_runs_nothing_in_a_spreadsheet(client: Client) -> None:
    issued(client, company="=1+1", reference="@SUM(A1)")
    file = client.get("/quotes/export").content.decode("utf-8-sig")
    assert "'=1+1,'@SUM(A1),issued," in file
    assert "USD,3750.00," in file
    sheet = openpyxl.load_workbook(io.BytesIO(client.get("/quotes").click("as XLSX").content)).active
    assert [cell.value for cell in sheet[2]][3:5] == ["=1+1", "@SUM(A1)"]
    assert {cell.data_type for cell in sheet[2][3:5]} == {"s"}


@pytest.mark.usefixtures("reseller")
def test_R30_an_export_speaks_the_readers_language_and_tells_days_of_the_vendors_zone(client: Client) -> None:
    quote = quote_of(issued(client))
    quote.created_at = begin_of(date(2026, 11, 6)) + timedelta(minutes=30)
    db.session.commit()
    client.get("/quotes").submit("RU Русский")
    file = client.get("/quotes/export").content.decode("utf-8-sig")
    assert f"{quote.id},2026-11-06," in file
    assert ",выставлено," in file


def test_R05_a_company_that_is_not_active_makes_no_quotes(client: Client) -> None:
    client.sign_in_as(owner_of(make_reseller(active=False)))
    assert client.get("/quotes/new").status == 403
    assert "New quote" not in client.get("/quotes").links


def test_R05_a_suspended_company_reads_its_quotes_without_partner_prices(client: Client, reseller: Reseller) -> None:
    page = issued(client)
    reseller.suspended_at = utcnow()
    page = client.get(page.path)
    assert "$3,750.00" in page.text
    for words in ("you pay", "Your margin", "no longer offered"):
        assert words not in page.text
    assert not {"Make an order", "Make a new version"} & set(page.buttons)


def test_an_issued_quote_keeps_the_logo_that_it_had(
    client: Client, reseller: Reseller, work: Callable[[], int]
) -> None:
    logos.upload(reseller.id, a_logo())
    page = issued(client)
    logos.upload(reseller.id, a_logo(90, 90))
    work()
    quote = quote_of(page)
    logo = service.logo_of(quote.content)
    assert logo == logo_of(a_logo())
    assert documents.read(quote.document_digest or "") == render_pdf(quote.content, logo)


def test_an_order_and_its_quote_lead_to_each_other(client: Client, reseller: Reseller) -> None:
    page = issued(client)
    placed = page.submit("Make an order").submit("Review the order").submit("Place the order")
    number, order_id = quote_of(page).id, placed.path.split("/")[2]
    links = placed.tree.xpath("//main//a[normalize-space()=$text]/@href", text=f"From quote {number}")
    assert links == [page.path] * 2  # beside the products and in the timeline
    assert client.get(page.path).links[order_id] == placed.path
    again = placed.click("Order again").submit("Review the order").submit("Place the order")
    assert number not in again.text  # it does not come from the quote
    client.sign_in_as(make_user("Vera", staff=True))
    assert f"From quote {number}" not in client.get(f"/staff/orders/{order_id}").text


def test_a_quote_that_two_members_ordered_names_both_orders(client: Client, reseller: Reseller) -> None:
    page = issued(client)
    mine = page.submit("Make an order")
    colleague = make_user("Boris")
    db.session.add(Member(user_id=colleague.id, reseller_id=reseller.id, role="buyer"))
    client.sign_in_as(colleague)
    theirs = client.get(page.path).submit("Make an order")
    first = theirs.submit("Review the order").submit("Place the order")
    client.sign_in_as(owner_of(reseller))
    second = client.get(mine.path).submit("Review the order").submit("Place the order")
    links = client.get(page.path).links
    assert [links[one.path.split("/")[2]] for one in (first, second)] == [first.path, second.path]
