"""The order form: lines, the customer, drafts (R8-R10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, scoped_session

from dashboard.catalog.models import Price
from dashboard.checkout.models import Draft
from dashboard.clock import today
from dashboard.extensions import db
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from tests.checkout.pages import CHOICE, begin, draft_of, offers_of, send_typed
from tests.client import Client, Page
from tests.factories import (
    CUSTOMER,
    EDITOR,
    VIEWER,
    make_catalog,
    make_reseller,
    make_user,
    owner_of,
    place,
)

DETAILS = {name: value for name, value in CUSTOMER.items() if value}


@pytest.mark.usefixtures("reseller")
def test_R08_lines_and_customer_are_entered_on_one_page_without_scripts(client: Client) -> None:
    page = begin(client, VIEWER, EDITOR)
    assert page.path.startswith("/order/")
    page = page.submit("Save the draft", lines__0__quantity="3", po_number="PO 4711", note="Thanks", **DETAILS)
    assert page.status == 200
    draft = draft_of(page)
    assert draft.lines == [{"sku": VIEWER, "quantity": 3}, {"sku": EDITOR, "quantity": 1}]
    assert draft.customer == CUSTOMER
    assert (draft.po_number, draft.note) == ("PO 4711", "Thanks")


@pytest.mark.usefixtures("reseller")
def test_R11_the_sum_is_made_of_rounded_unit_prices(client: Client, reseller: Reseller) -> None:
    reseller.discount = 125_000
    page = begin(client, VIEWER).submit("Save the draft", lines__0__quantity="3")
    assert "3 × VIEWER-DSB $3,147.39" in page.text
    assert "To pay $3,147.39" in page.text
    assert "Partner discount 12.5% -$449.61" in page.text


@pytest.mark.usefixtures("reseller")
def test_the_same_sku_twice_merges_and_a_line_is_removed(client: Client) -> None:
    page = begin(client, VIEWER, EDITOR, VIEWER)
    assert draft_of(page).lines == [{"sku": VIEWER, "quantity": 2}, {"sku": EDITOR, "quantity": 1}]
    page = page.submit(f"Remove {VIEWER}", company="Kept")
    draft = draft_of(page)
    assert draft.lines == [{"sku": EDITOR, "quantity": 1}]
    assert draft.customer["company"] == "Kept"


@pytest.mark.usefixtures("reseller")
def test_a_line_with_a_wrong_quantity_can_be_removed(client: Client) -> None:
    page = begin(client, VIEWER, EDITOR).submit(f"Remove {VIEWER}", lines__0__quantity="a lot")
    assert page.status == 200
    assert draft_of(page).lines == [{"sku": EDITOR, "quantity": 1}]


@pytest.mark.usefixtures("reseller")
@pytest.mark.parametrize("quantity", ["0", "-1", "10000", "1.5", "many", ""])
def test_a_wrong_quantity_is_told_beside_the_field_and_everything_typed_stays(client: Client, quantity: str) -> None:
    page = begin(client, VIEWER)
    kept = draft_of(page).lines
    page = page.submit("Save the draft", lines__0__quantity=quantity, company="Nordwind")
    assert page.status == 422
    assert page.text.count("Write a whole number from 1 to 9999.") == 2  # beside the field and on top
    assert "Correct the quantities to see the sum." in page.text
    assert 'value="Nordwind"' in page.html
    assert draft_of(page).lines == kept


@pytest.mark.usefixtures("reseller")
def test_a_product_is_found_by_typing_without_scripts(client: Client) -> None:
    page = begin(client).submit("Add", sku="groupdocs", company="Nordwind")
    assert page.status == 200
    assert [sku in offer for offer, sku in zip(offers_of(page), (VIEWER, EDITOR), strict=True)] == [True, True]
    page = page.submit(next(button for button in page.buttons if EDITOR in button))
    assert draft_of(page).lines == [{"sku": EDITOR, "quantity": 1}]
    assert draft_of(page).customer["company"] == "Nordwind"


@pytest.mark.usefixtures("reseller")
def test_a_code_is_taken_in_any_case_and_keyboard_layout(client: Client) -> None:
    page = begin(client, "viewer-dsb", "увшещк-щуь")
    assert [line["sku"] for line in draft_of(page).lines] == [VIEWER, EDITOR]


@pytest.mark.usefixtures("reseller")
def test_what_fits_nothing_is_told(client: Client) -> None:
    page = begin(client).submit("Add", sku="<b>quill")
    assert page.status == 422
    assert "Nothing that we offer fits “<b>quill”." in page.text


@pytest.mark.usefixtures("reseller")
def test_what_is_missing_is_told_beside_each_field(client: Client) -> None:
    page = begin(client).submit("Review the order", company="", email="not an address", country="")
    assert page.status == 422
    for message in (
        "Add a product: Add at least one product.",
        "Company: Fill in the company or the contact person.",
        "E-mail address: Write an e-mail address, for example name@example.com.",
        "Country: Fill in this field.",
    ):
        assert message in page.text
    assert 'value="not an address"' in page.html


@pytest.mark.usefixtures("reseller")
@pytest.mark.parametrize(
    ("field", "label"),
    [("company", "Company"), ("name", "Contact person"), ("po_number", "Your purchase order number")],
)
def test_R27_what_no_paper_can_show_is_told_before_the_order_is_placed(client: Client, field: str, label: str) -> None:
    page = begin(client, VIEWER).submit("Review the order", **{**DETAILS, field: "Sakura 桜"})
    assert page.status == 422
    assert f"{label}: Our documents cannot show 桜 here. Please use Latin or Cyrillic letters." in page.text
    assert page.submit("Save the draft").status == 200


@pytest.mark.usefixtures("reseller")
def test_the_customers_address_is_normalized(client: Client) -> None:
    page = begin(client, VIEWER).submit(
        "Review the order", company=" Nordwind ", email=" Jan@NORDWIND.example ", country="DE"
    )
    assert page.path.endswith("/review")
    assert draft_of(page).customer["email"] == "Jan@nordwind.example"
    assert draft_of(page).customer["company"] == "Nordwind"


@pytest.mark.usefixtures("reseller")
def test_R30_switching_the_language_keeps_what_was_typed_and_saves_nothing(client: Client) -> None:
    page = begin(client, VIEWER)
    page = page.submit("RU Русский", company="Nordwind", lines__0__quantity="wrong", sku="edi")
    assert page.status == 200
    assert 'lang="ru"' in page.html
    for typed in ("Nordwind", "wrong", "edi"):
        assert f'value="{typed}"' in page.html
    assert draft_of(page).customer.get("company", "") == ""


@pytest.mark.usefixtures("reseller")
def test_R10_a_draft_holds_no_price(client: Client) -> None:
    draft = draft_of(begin(client, VIEWER).submit("Save the draft", **DETAILS))
    columns = {column.name for column in Draft.__table__.columns}
    assert not {name for name in columns if "price" in name or "minor" in name or "total" in name}
    assert [set(line) for line in draft.lines] == [{"sku", "quantity"}]


@pytest.mark.usefixtures("reseller")
def test_the_newest_draft_is_gone_on_with_and_get_writes_nothing(client: Client) -> None:
    page = client.get("/order")
    assert page.path == "/order"
    assert db.session.query(Draft).count() == 0
    first = begin(client, VIEWER)
    assert client.get("/order").path == first.path
    second = begin(client, EDITOR)
    draft_of(first).updated_at = draft_of(first).updated_at.replace(year=2020)
    assert client.get("/order").path == second.path
    assert client.get("/order?new=1").path == "/order?new=1"


@pytest.mark.usefixtures("reseller")
def test_a_new_order_sent_twice_is_one_draft(client: Client) -> None:
    page = client.get("/order?new=1")
    page.submit("Add", sku=VIEWER)
    again = page.submit("Add", sku=VIEWER)
    assert db.session.query(Draft).count() == 1
    assert draft_of(again).lines == [{"sku": VIEWER, "quantity": 1}]


@pytest.mark.usefixtures("reseller")
@pytest.mark.parametrize("draft_id", ["x" * 41, "a/b", "../prices"])
def test_a_draft_under_an_id_of_somebody_s_own_is_not_made(client: Client, draft_id: str) -> None:
    page = client.get("/order?new=1")
    token = page.tree.xpath("//form[@id='order-form']//input[@name='csrf_token']/@value")[0]
    sent = {"csrf_token": token, "draft": draft_id, "action": "update", "country": "", "language": "en"}
    assert client.post("/order", sent).status == 404
    assert db.session.query(Draft).count() == 0


@pytest.mark.usefixtures("reseller")
def test_a_draft_is_discarded(client: Client) -> None:
    page = begin(client, VIEWER)
    (asked,) = page.tree.xpath("//button[@type='submit'][normalize-space()='Discard the draft']")
    assert asked.xpath("ancestor::dialog[@popover]/ancestor::form"), "nothing is discarded before a question"
    page = page.submit("Discard the draft")
    assert "The draft was discarded." in page.text
    assert db.session.query(Draft).count() == 0


@pytest.mark.usefixtures("reseller")
def test_a_draft_that_was_left_is_found_again_from_the_others(client: Client) -> None:
    left = begin(client, VIEWER).submit("Save the draft", lines__0__quantity="3", company="Nordwind")
    assert "Other drafts" not in left.text
    page = begin(client, EDITOR)
    assert "Other drafts (1)" in page.text
    row = " ".join(page.tree.xpath("string(//ul[@class='drafts']/li)").split())
    assert row.startswith("Nordwind 3 × GroupDocs.Viewer-Dsb for .NET")
    assert client.get(page.links["Nordwind"]).path == left.path
    assert "No customer yet" in client.get(left.path).text


@pytest.mark.usefixtures("reseller")
def test_another_draft_is_thrown_away_and_the_open_one_stays(client: Client) -> None:
    left = begin(client, VIEWER).submit("Save the draft", company="Nordwind")
    page = begin(client, EDITOR)
    (form,) = page.tree.xpath("//ul[@class='drafts']//form")
    sent = {str(field.get("name")): str(field.get("value")) for field in form.xpath(".//input")}
    after = client.post(form.get("action"), sent)
    assert after.path == page.path
    assert "Other drafts" not in after.text
    assert client.get(left.path).status == 404
    assert draft_of(after).lines == [{"sku": EDITOR, "quantity": 1}]


@pytest.mark.usefixtures("reseller")
def test_the_price_list_adds_to_the_draft(client: Client) -> None:
    page = client.get("/prices").submit(f"Order {VIEWER}")
    assert "GroupDocs.Viewer-Dsb for .NET, Developer Small Business is in your order." in page.text
    page.submit("Save the draft", **DETAILS)
    page = client.get("/prices").submit(f"Order {EDITOR}")
    draft = draft_of(page)
    assert [line["sku"] for line in draft.lines] == [VIEWER, EDITOR]
    assert draft.customer == CUSTOMER
    assert client.get("/prices").submit(f"Order {EDITOR}").path == page.path
    assert draft_of(page).lines[1] == {"sku": EDITOR, "quantity": 2}


@pytest.mark.usefixtures("reseller")
def test_the_price_list_adds_nothing_that_was_withdrawn_meanwhile(client: Client) -> None:
    page = client.get("/prices")
    db.session.add(Price(sku=EDITOR, currency="USD", valid_from=today(), retail_minor=None))
    answer = page.submit(f"Order {EDITOR}")
    assert answer.status == 422
    assert "Nothing that we offer fits “EDITOR-OEM”." in answer.text
    assert db.session.query(Draft).count() == 0


@pytest.mark.usefixtures("reseller")
def test_a_withdrawn_sku_is_marked_and_keeps_nobody_from_the_rest(client: Client) -> None:
    page = begin(client, VIEWER, EDITOR)
    db.session.add(Price(sku=EDITOR, currency="USD", valid_from=today(), retail_minor=None))
    page = client.get(page.path)
    assert "No longer offered. Please remove this line." in page.text
    assert "EDITOR-OEM is not offered. Remove it or choose another." in page.text
    assert "To pay $1,079.10" in page.submit(f"Remove {EDITOR}").text


def test_R26_a_draft_is_its_members_own(new_client: Callable[..., Client], db: scoped_session[Session]) -> None:
    make_catalog()
    reseller = make_reseller()
    owner, stranger = new_client(), new_client()
    owner.sign_in_as(owner_of(reseller))
    stranger.sign_in_as(owner_of(make_reseller()))
    page = begin(owner, VIEWER)
    for address in (page.path, f"{page.path}/review", "/order/no-such-draft"):
        assert stranger.get(address).status == 404
    form = begin(stranger)
    token = form.tree.xpath("//form[@id='order-form']//input[@name='csrf_token']/@value")[0]
    for action in ("update", "typed", "discard"):
        foreign = {"csrf_token": token, "draft": page.path.split("/")[2], "action": action, "note": "mine"}
        assert stranger.post("/order", foreign).status == 404
    assert draft_of(page).note == ""


def test_only_buyers_of_active_resellers_order(new_client: Callable[..., Client], db: scoped_session[Session]) -> None:
    make_catalog()
    for person, status in (
        (owner_of(make_reseller(active=False)), 403),
        (make_user(), 404),
        (make_user(staff=True), 404),
    ):
        client = new_client()
        client.sign_in_as(person)
        assert client.get("/order").status == status
    assert db.query(Order).count() == 0


class TestWithScripts:
    """What htmx asks for: results while typing, sums and a saved draft after each change."""

    @pytest.fixture
    def page(self, client: Client, reseller: Reseller) -> Page:
        return begin(client, VIEWER)

    @pytest.fixture
    def htmx(self, new_client: Callable[..., Client], reseller: Reseller, page: Page) -> Client:
        htmx = new_client(htmx=True)
        htmx.sign_in_as(owner_of(reseller))
        return htmx

    def typed(self, htmx: Client, page: Page, **fields: str) -> Page:
        return send_typed(htmx, page, "order-form", page.path, **fields)

    def test_results_while_typing(self, htmx: Client, page: Page) -> None:
        for address in ("/order?new=1&sku=edit", f"{page.path}?sku=увше"):
            found = htmx.get(address)
            assert found.html.startswith('<div id="matches"')
            assert "1 SKU fits" in found.text
            (offer,) = found.tree.xpath("//*[@role='listbox' and @id='matches-list']/*[@role='option']")
            assert offer.get("value") == "add:EDITOR-OEM"
            assert "EDITOR-OEM" in found.text
            assert "VIEWER-DSB" not in found.text
        assert "Nothing that we offer fits “zzz”." in htmx.get("/order?new=1&sku=zzz").text

    def test_R26_customers_while_typing_are_the_companys_own(self, htmx: Client, reseller: Reseller) -> None:
        place(make_reseller("Vasilek"), company="Nordwind Nord")
        order = place(reseller)
        found = htmx.get("/order?new=1&earlier=NORD")
        assert found.text == f"1 customer fits {CHOICE % order.id}"

    def test_a_change_brings_the_sums_and_is_kept(self, htmx: Client, page: Page) -> None:
        answer = self.typed(htmx, page, **{"lines-0-quantity": "2", "company": "Nordwind"})
        assert answer.status == 200
        assert answer.html.startswith('<div id="sums"')
        assert "To pay $2,158.20" in answer.text
        draft = draft_of(page)
        assert draft.lines == [{"sku": VIEWER, "quantity": 2}]
        assert draft.customer["company"] == "Nordwind"

    def test_a_wrong_quantity_brings_no_sum(self, htmx: Client, page: Page) -> None:
        answer = self.typed(htmx, page, **{"lines-0-quantity": "x"})
        assert answer.status == 422
        assert "Correct the quantities to see the sum." in answer.text
        assert "$" not in answer.text

    def test_what_arrives_after_the_next_button_changes_nothing(self, htmx: Client, page: Page) -> None:
        page.submit("Add", sku=EDITOR)
        self.typed(htmx, page, **{"lines-0-quantity": "7"})
        assert draft_of(page).lines == [{"sku": VIEWER, "quantity": 1}, {"sku": EDITOR, "quantity": 1}]

    def test_a_page_shown_again_is_up_to_date(self, htmx: Client, page: Page) -> None:
        shown_again = page.submit("Add", sku="groupdocs")
        self.typed(htmx, shown_again, **{"lines-0-quantity": "7"})
        assert draft_of(page).lines == [{"sku": VIEWER, "quantity": 7}]
