"""Many orders at once: every row is checked, all or none are placed, exactly once (R8, R10, R11)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session, scoped_session

from dashboard import clock
from dashboard.catalog.models import Price
from dashboard.catalog.service import price_list
from dashboard.checkout import bulk
from dashboard.checkout.forms import judge
from dashboard.checkout.pastes import MAX_ROWS
from dashboard.checkout.rules import Buyer
from dashboard.clock import today
from dashboard.extensions import db
from dashboard.fulfilment.pricing import estimates
from dashboard.money import Money
from dashboard.orders.models import Order, OrderLine
from dashboard.resellers.models import Member, Reseller
from tests.checkout.pages import send_typed
from tests.client import Client, Page, counted_statements
from tests.factories import (
    CUSTOMER,
    EDITOR,
    VIEWER,
    make_catalog,
    make_reseller,
    make_user,
    owner_of,
    place,
    publish_policy,
)

HEAD = "SKU\tQty\tCompany\tContact\tE-mail\tCountry\tPO"


def paste(*rows: str, head: str = HEAD) -> str:
    return "\n".join([head, *rows])


SOUTH = f"{VIEWER}\t3\tSued AG\tEva\teva@sued.example\tGermany\tPO 7"


def check(client: Client, text: str) -> Page:
    return client.get("/order/bulk").submit("Check the rows", rows=text)


def placed() -> list[Order]:
    db.session.rollback()
    return list(db.session.query(Order).order_by(Order.customer, Order.po_number))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_example_is_a_sheet_that_can_be_ordered_as_it_stands(
    new_client: Callable[..., Client], db: scoped_session[Session], language: str
) -> None:
    make_catalog()
    owner = make_user(language=language)
    make_reseller(owner=owner)
    db.commit()
    client = new_client(language=language)
    client.sign_in_as(owner)
    page = client.get("/order/bulk").click("An example to begin with" if language == "en" else "Пример для начала")
    (example,) = page.tree.xpath("//details//button/@data-copy")
    head, *rows = [line.split("\t") for line in str(example).splitlines()]
    assert [row[0] for row in rows] == [VIEWER, EDITOR]
    assert [len(row) for row in rows] == [len(head)] * 2
    checked = page.submit(page.tree.xpath("string(//button[@value='check'])"), rows=str(example))
    assert checked.status == 200
    assert f"2 × {EDITOR}" in checked.text
    assert "data-copy" not in checked.html


def lines_of(order: Order) -> list[tuple[str, int]]:
    lines = db.session.query(OrderLine).filter_by(order_id=order.id).order_by(OrderLine.position)
    return [(line.sku, line.quantity) for line in lines]


@pytest.mark.usefixtures("reseller")
def test_R08_rows_become_one_order_a_customer_and_number(client: Client) -> None:
    page = check(
        client,
        paste(
            SOUTH,
            f"{EDITOR}\t1\tSued AG\tEva\tEVA@sued.example\tDE\tPO 7",
            f"{EDITOR}\t2\tNord OÜ\t\tinfo@nord.example\tэстония\t",
            f"{EDITOR}\t5\tSued AG\tEva\teva@sued.example\tDE\tPO 8",
        ),
    )
    assert page.status == 200
    assert placed() == []
    page = page.submit("Place 3 orders", twice=True)
    assert page.path == "/orders"
    assert "3 orders are placed." in page.text
    north, seven, eight = placed()
    assert [lines_of(order) for order in (north, seven, eight)] == [
        [(EDITOR, 2)], [(VIEWER, 3), (EDITOR, 1)], [(EDITOR, 5)],
    ]  # fmt: skip
    assert (north.shipping_address["country"], north.customer_language) == ("EE", "en")
    assert (seven.po_number, eight.po_number, seven.customer_email) == ("PO 7", "PO 8", "eva@sued.example")


def test_R11_the_review_adds_up_what_the_orders_will_be(client: Client, reseller: Reseller) -> None:
    reseller.discount = 125_000
    page = check(client, paste(SOUTH, f"{VIEWER}\t1\tNord\t\tinfo@nord.example\tEE\t"))
    assert "3 × VIEWER-DSB $3,147.39 $0.00 $3,147.39" in page.text
    assert "To pay in all $4,196.52" in page.text
    page.submit("Place 2 orders")
    assert [order.total for order in placed()] == [Money(104_913, "USD"), Money(314_739, "USD")]


@pytest.mark.usefixtures("reseller")
def test_every_cell_that_is_wrong_says_why_and_nothing_is_placed(client: Client) -> None:
    page = check(
        client,
        paste(
            SOUTH,
            "NO-SUCH\tmany\t\t\tnobody\tAtlantis\t",
            f"\t\tNord\t\tinfo@nord.example\tEE\t{'9' * 61}",
            f"{VIEWER}\t1\tSued GmbH\tEva\teva@sued.example\tAT\t",
        ),
    )
    assert page.status == 200
    assert "3 rows cannot be ordered as they stand." in page.text
    told = [
        " ".join("".join(one.itertext()).split()) for one in page.tree.xpath("//tr[@class='bad']//*[@class='error']")
    ]
    assert told == [
        "No single product that we offer is meant by this.",
        "Write a whole number from 1 to 9999.",
        "Fill in the company or the contact person.",
        "Write an e-mail address, for example name@example.com.",
        "There is no such country.",
        "The SKU is missing.",
        "Write a whole number from 1 to 9999.",
        "Write at most 60 characters.",
        "Line 2 says otherwise of the same e-mail address.",
        "Line 2 says otherwise of the same e-mail address.",
    ]
    assert not any(button.startswith("Place") for button in page.buttons)
    assert SOUTH in page.html.replace("&#9;", "\t")  # what was pasted stays, to be corrected


@pytest.mark.usefixtures("reseller")
def test_a_mail_is_pasted_and_known_customers_need_no_more_than_an_address(client: Client, reseller: Reseller) -> None:
    with clock.at(clock.utcnow() - timedelta(days=60)):
        place(reseller)
    page = check(client, "> 2 x viewer-dsb for jan@NORDWIND.example\n> Nordwind GmbH, увшещк-щуь, 3 шт.")
    page = page.submit("Place 1 order")
    order = next(one for one in placed() if one.placed_on == today())
    assert lines_of(order) == [(VIEWER, 2), (EDITOR, 3)]
    assert order.shipping_address == CUSTOMER


def test_R26_other_companies_customers_are_not_known(client: Client, reseller: Reseller) -> None:
    place(make_reseller("Vasilek"))
    page = check(client, f"{VIEWER} jan@nordwind.example")
    assert page.status == 200
    assert "Nordwind" not in page.text.replace("jan@nordwind", "")


@pytest.mark.usefixtures("reseller")
def test_R10_the_same_click_again_makes_nothing_more(client: Client) -> None:
    page = check(client, paste(SOUTH, f"{VIEWER}\t1\tNord\t\tinfo@nord.example\tEE\t"))
    for _ in range(3):
        again = page.submit("Place 2 orders")
        assert again.path == "/orders"
    assert len(placed()) == 2


@pytest.mark.usefixtures("reseller")
def test_R10_what_has_changed_since_the_review_is_marked_and_nothing_is_placed(client: Client) -> None:
    page = check(client, paste(SOUTH, f"{EDITOR}\t1\tNord\t\tinfo@nord.example\tEE\t"))
    price = db.session.get(Price, (VIEWER, "USD", date(2020, 1, 1)))
    assert price is not None
    price.retail_minor = 100_000
    page = page.submit("Place 2 orders")
    assert page.status == 409
    assert placed() == []
    assert "Something has changed since you looked." in page.text
    assert "Sued AG changed eva@sued.example" in page.text
    assert "Nord changed" not in page.text
    page.submit("Place 2 orders")
    assert [order.net_minor for order in placed()] == [53_910, 270_000]


@pytest.mark.usefixtures("reseller")
def test_R10_rows_that_were_edited_after_the_review_are_reviewed_again(client: Client) -> None:
    page = check(client, paste(SOUTH))
    page = page.submit("Place 1 order", rows=paste(SOUTH.replace("Sued", "Nord")))
    assert placed() == []
    page.submit("Place 1 order")
    assert [order.customer for order in placed()] == ["Nord AG"]


@pytest.mark.usefixtures("reseller")
def test_R05_a_new_policy_is_accepted_first_and_all_or_nothing_holds(client: Client) -> None:
    page = check(client, paste(SOUTH))
    publish_policy("Be kind.", "Будьте добры.")
    page = page.submit("Place 1 order")
    assert page.status == 409
    assert placed() == []


def test_what_was_ordered_lately_or_stands_twice_is_pointed_out(client: Client, reseller: Reseller) -> None:
    with clock.at(clock.utcnow() - timedelta(days=31)):
        place(reseller, [(EDITOR, 1)])
    order = place(reseller)
    page = check(client, f"{VIEWER} jan@nordwind.example\n{EDITOR} jan@nordwind.example\n{EDITOR} jan@nordwind.example")
    assert page.status == 200
    assert "2 rows look like repetitions" in page.text
    assert page.text.count("Ordered for this customer lately") == 1
    assert f"Ordered for this customer lately: order {order.id}." in page.text
    assert "The same customer and SKU stand on line 2." in page.text
    page = page.submit("Place 1 order")
    assert len(placed()) == 2  # it is still to be said that this is meant
    page.submit("Place 1 order", twice=True)
    assert len(placed()) == 3


@pytest.mark.usefixtures("reseller")
def test_a_workbook_is_uploaded_and_its_rows_can_be_corrected_on_the_page(client: Client) -> None:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (HEAD.split("\t"), SOUTH.replace("\t3\t", "\tmany\t").split("\t")):
        book.worksheets[0].append(row)
    book.save(file)
    file.seek(0)
    page = client.get("/order/bulk").submit("Check the rows", file=(file, "orders.xlsx"))
    assert page.status == 200
    assert "Write a whole number from 1 to 9999." in page.text
    page.submit("Check again", rows=paste(SOUTH)).submit("Place 1 order")
    assert [lines_of(order) for order in placed()] == [[(VIEWER, 3)]]


@pytest.mark.usefixtures("reseller")
@pytest.mark.parametrize("text", ["", "  \n ", "\n".join([f"{VIEWER} a@b.example"] * (MAX_ROWS + 1)), HEAD])
def test_nothing_or_too_much_is_told(client: Client, text: str) -> None:
    page = check(client, text)
    assert page.status == (200 if VIEWER in text or "SKU" in text else 422)  # what was pasted is kept
    assert page.tree.xpath("//*[contains(@class, 'error-summary')]")


def test_only_buyers_of_active_resellers(new_client: Callable[..., Client]) -> None:
    make_catalog()
    for person, status in ((owner_of(make_reseller(active=False)), 403), (make_user(), 404)):
        client = new_client()
        client.sign_in_as(person)
        assert client.get("/order/bulk").status == status


def test_it_speaks_russian_and_switching_keeps_the_rows(new_client: Callable[..., Client]) -> None:
    make_catalog()
    client = new_client(language="ru")
    client.sign_in_as(owner_of(make_reseller(owner=make_user(language="ru"))))
    page = client.get("/order/bulk").submit("Проверить строки", rows="Артикул;Кол-во;Эл. почта\nнет такого;0;кто-то")
    assert "Введите целое число от 1 до 9999." in page.text
    page = page.submit("EN English")
    assert "Write a whole number from 1 to 9999." in page.text
    assert "нет такого;0;кто-то" in page.html


def two_hundred() -> str:
    rows = (f"{VIEWER}\t{n % 9 + 1}\tCustomer {n}\tAnna\tanna{n}@customer{n}.example\tDE\tPO {n}" for n in range(200))
    return paste(*rows)


def test_200_rows_are_checked_and_reckoned_in_few_statements(reseller: Reseller) -> None:
    buyer = Buyer(reseller.id, owner_of(reseller))
    with counted_statements() as statements:
        checked = bulk.check(two_hundred(), buyer, price_list("USD", today()), judge)
        priced = estimates(reseller.id, [one.lines for one in checked.requests])
    assert len(priced) == 200
    assert len(statements) < 25


def test_R10_200_orders_are_placed_at_once(client: Client, reseller: Reseller) -> None:
    page = check(client, two_hundred())
    page.submit("Place 200 orders", follow=False)
    assert len(placed()) == 200


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([VIEWER, EDITOR]), st.integers(1, 50), st.sampled_from("abc"), st.sampled_from(["", "1"])
        ),
        min_size=1,
        max_size=12,
    )
)
def test_R08_R11_no_piece_is_lost_or_added(reseller: Reseller, rows: list[tuple[str, int, str, str]]) -> None:
    """Whatever is pasted: the orders hold each customer's pieces, and their sums are those of the rows."""
    text = paste(*(f"{sku}\t{count}\tC {who}\t\t{who}@c.example\tDE\t{po}" for sku, count, who, po in rows))
    checked = bulk.check(text, Buyer(reseller.id, owner_of(reseller)), price_list("USD", today()), judge)
    held = {
        (request.customer["email"][0], request.po_number, sku): quantity
        for request in checked.requests
        for sku, quantity in request.lines
    }
    wanted: dict[tuple[str, str, str], int] = {}
    for sku, count, who, po in rows:
        wanted[who, po, sku] = wanted.get((who, po, sku), 0) + count
    assert held == wanted
    priced = estimates(reseller.id, [one.lines for one in checked.requests])
    partner = {VIEWER: Money(107_910, "USD"), EDITOR: Money(53_910, "USD")}
    assert sum((one.total for one in priced), Money.zero("USD")) == sum(
        (partner[sku] * count for sku, count, _, _ in rows), Money.zero("USD")
    )


class TestKeptRows:
    """A closed tab, another device or an ended session loses nothing of a bulk order."""

    @pytest.fixture
    def typing(self, new_client: Callable[..., Client], reseller: Reseller) -> Client:
        """The owner's browser, in which htmx sends what changed."""
        typing = new_client(htmx=True)
        typing.sign_in_as(owner_of(reseller))
        return typing

    def typed(self, typing: Client, page: Page, rows: str) -> Page:
        return send_typed(typing, page, "bulk-form", "/order/bulk", rows=rows)

    def rows_of(self, client: Client) -> str:
        return str(client.get("/order/bulk").tree.xpath("string(//textarea[@name='rows'])")).strip()

    @pytest.mark.usefixtures("reseller")
    def test_checked_rows_come_back_as_they_were_checked(
        self, client: Client, new_client: Callable[..., Client], reseller: Reseller
    ) -> None:
        check(client, paste(SOUTH))
        device = new_client()
        device.sign_in_as(owner_of(reseller))
        page = device.get("/order/bulk")
        assert "These are the rows that you worked on last." in page.text
        assert page.submit("Place 1 order").path == "/orders"
        assert self.rows_of(client) == ""
        assert placed()[0].customer == "Sued AG"

    @pytest.mark.usefixtures("reseller")
    def test_wrong_rows_are_kept_and_shown_with_their_faults(self, client: Client) -> None:
        assert check(client, paste(f"NOTHING{SOUTH}")).status == 200
        page = client.get("/order/bulk")
        assert page.status == 200
        assert "No single product that we offer is meant by this." in page.text

    def test_a_change_is_kept_without_a_button(self, client: Client, typing: Client) -> None:
        page = client.get("/order/bulk")
        for rows in ("half a", "half a row"):
            part = self.typed(typing, page, rows)
            assert part.html.startswith('<p class="muted" id="kept"')
            assert "Kept on " in part.text
        assert self.rows_of(client) == "half a row"

    def test_an_overtaken_page_undoes_nothing(self, client: Client, typing: Client) -> None:
        page = client.get("/order/bulk")
        page.submit("Check the rows", rows=paste(SOUTH))
        assert "changed in another window" in self.typed(typing, page, "late").text
        assert self.rows_of(client) == paste(SOUTH)
        client.get("/order/bulk").submit("Place 1 order")
        self.typed(typing, page, "later")
        assert self.rows_of(client) == ""
        assert len(placed()) == 1

    @pytest.mark.usefixtures("reseller")
    def test_a_change_after_a_refusal_is_kept(self, client: Client, typing: Client) -> None:
        page = check(client, paste(SOUTH))
        publish_policy("Be kind.", "Будьте добры.")
        refused = page.submit("Place 1 order")
        assert refused.status == 409
        assert "Kept on " in self.typed(typing, refused, "half a row").text
        assert self.rows_of(client) == "half a row"

    @pytest.mark.usefixtures("reseller")
    def test_rows_are_discarded(self, client: Client) -> None:
        assert check(client, paste(SOUTH)).submit("Discard the rows").path == "/order/bulk"
        assert self.rows_of(client) == ""

    @pytest.mark.usefixtures("reseller")
    def test_R26_nobody_else_has_the_rows(self, client: Client, reseller: Reseller) -> None:
        page = check(client, paste(SOUTH))
        key = page.tree.xpath("string(//input[@name='key']/@value)")
        colleague = make_user("Boris")
        db.session.add(Member(user_id=colleague.id, reseller_id=reseller.id, role="buyer"))
        client.sign_in_as(colleague)
        own = client.get("/order/bulk")
        assert self.rows_of(client) == ""
        token = own.tree.xpath("string(//form[@id='bulk-form']//input[@name='csrf_token']/@value)")
        for action in ("check", "typed", "discard", "place"):
            sent = {"csrf_token": token, "key": key, "rows": paste(SOUTH), "action": action}
            assert client.post("/order/bulk", sent).status == 404
