"""The search over everything: each person finds what they may see, however it is typed, and nobody anything else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dashboard.checkout.rules import Buyer
from dashboard.clock import today
from dashboard.enquiries import service as enquiries
from dashboard.enquiries.rules import Kind
from dashboard.extensions import db
from dashboard.home.numbers import numbers_in
from dashboard.invoices import service as invoices
from dashboard.licenses import service as licenses
from dashboard.orders.models import Order
from dashboard.payments.models import Transfer
from dashboard.quotes import service as quotes
from dashboard.resellers.models import Application, Reseller
from dashboard.tax.models import ExemptionCertificate
from dashboard.typed import search_text
from tests.client import Client, Page
from tests.customers.test_pages import MONEY
from tests.factories import VIEWER, make_key, make_reseller, make_user, owner_of, pay, place


@pytest.fixture
def order(client: Client, work: Callable[[], int]) -> Order:
    """A paid order of Romashka, whose owner is signed in, and the same of Vasilek."""
    make_key()
    make_user("Jan Petersen", email="jan@nordwind.example")
    ours, theirs = make_reseller("Romashka"), make_reseller("Vasilek")
    placed = pay(place(ours))
    pay(place(theirs, email="other@nordwind.example"))
    placed.po_number = "PO-77"
    placed.search_text += " " + search_text("PO-77")
    work()
    client.sign_in_as(owner_of(ours))
    return placed


def hits(page: Page) -> list[str]:
    """Where the results lead."""
    return list(map(str, page.tree.xpath("//ul[@class='hits']//a/@href")))


def groups(page: Page) -> list[str]:
    return [str(title) for title in page.tree.xpath("//section[.//ul[@class='hits']]/header/h2/text()")]


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("prices", "/prices"),
        ("цены", "/prices"),
        ("PRICES", "/prices"),
        ("зкшсуы", "/prices"),  # `prices` on a Russian keyboard
        ("wtys", "/prices"),  # «цены» on an English one
        ("new order", "/order"),
        ("order new", "/order"),
        ("купить", "/order"),
        ("statements", "/statements"),
    ],
)
def test_a_resellers_page_is_found_by_its_name_in_either_language(
    client: Client, order: Order, typed: str, url: str
) -> None:
    assert url in hits(client.get(f"/find?q={typed}"))


def test_R24_a_reseller_finds_orders_customers_prices_and_enquiries(client: Client, order: Order) -> None:
    request = enquiries.Request(Kind.OTHER, "A question about pears", "Do they grow?")
    asked = enquiries.keep_enquiry(
        order.reseller_id, owner_of(db.session.get_one(Reseller, order.reseller_id)), request, submit_key="k"
    )
    number = asked.id
    assert f"/orders/{order.id}" in hits(client.get("/find?q=po-77"))
    page = client.get("/find?q=nordwind")
    assert groups(page) == ["End customers", "Orders"]
    assert "/orders?q=jan@nordwind.example" in hits(page)
    assert groups(client.get("/find?q=.net viewer"))[0] == "Prices"
    assert hits(client.get("/find?q=pears")) == [f"/enquiries/{number}"]
    assert groups(client.get(f"/find?q={VIEWER.lower()}"))[0] in {"Prices", "Orders"}


def test_an_exact_number_leads_straight_to_its_page(client: Client, order: Order) -> None:
    (license_,) = licenses.of_order(order.id)
    paper = invoices.find_papers(order.id)[-1]
    digits = order.id.removeprefix("R-").replace("-", "")
    plain = [order.id, order.id.lower(), digits, f"r {digits[:4]} {digits[4:]}", f"к-{digits[:4]}-{digits[4:]}"]
    for typed in [*plain, order.reference, license_.serial, license_.serial.replace("-", " ").lower(), paper.number]:
        answer = client.get(f"/find?q={typed}", follow=False)
        assert (answer.status, answer.location) == (303, f"/orders/{order.id}"), typed


def test_the_palette_shows_the_number_first_and_leads_nowhere_by_itself(
    new_client: Callable[..., Client], order: Order
) -> None:
    palette = new_client(htmx=True)
    palette.sign_in_as(owner_of(db.session.get_one(Reseller, order.reseller_id)))
    page = palette.get(f"/find?q={order.id}")
    options = page.tree.xpath("//*[@role='listbox']//*[@role='option']")
    assert (page.status, options[0].get("href")) == (200, f"/orders/{order.id}")
    assert all(group.get("aria-labelledby") for group in page.tree.xpath("//*[@role='group']"))
    (listbox,) = palette.get("/find").tree.xpath("//*[@role='listbox']")
    assert "/prices" in listbox.xpath(".//@href")  # the pages, while nothing is typed


def test_R26_nobody_finds_what_is_another_companys(client: Client, order: Order) -> None:
    """By no number and no word: the answer is that of what does not exist."""
    theirs = db.session.query(Order).filter(Order.reseller_id != order.reseller_id).one()
    (license_,) = licenses.of_order(theirs.id)
    paper = invoices.find_papers(theirs.id)[-1]
    for typed in (theirs.id, theirs.reference, license_.serial, paper.number, "other@nordwind", "vasilek"):
        page = client.get(f"/find?q={typed}")
        assert (page.path.startswith("/find"), hits(page)) == (True, []), typed


@pytest.mark.parametrize("language", ["en", "ru"])
def test_R25_a_customer_finds_licenses_and_pages_and_no_word_of_money(
    client: Client, order: Order, language: str
) -> None:
    (license_,) = licenses.of_order(order.id)
    client.sign_in_as(license_.user_id or 0)
    for typed in (license_.product, license_.serial, license_.serial.replace("-", ""), order.id, "Romashka"):
        assert f"/licenses?q={license_.serial}#{license_.serial}" in hits(client.get(f"/find?q={typed}")), typed
    assert hits(client.get("/find?q=apply")) == ["/how-to-apply"]
    for typed in ("prices", "цены", "order", "1079.10", "Vasilek", ""):
        page = client.get(f"/find?q={typed}", headers={"Accept-Language": language})
        assert not {one for one in hits(page) if one.startswith(("/prices", "/order", "/staff", "/statements"))}
        assert not MONEY.search(page.text.replace(typed or "…", "")), typed


def test_staff_find_everything(client: Client, order: Order) -> None:
    client.sign_in_as(make_user("Mari", staff=True))
    reseller_id = order.reseller_id
    cyrillic = make_reseller("Ромашка Софт", owner=make_user("Анна Лебедева", email="anna@soft.example"))
    found = f"/staff/resellers/{cyrillic.id}"
    transfer = db.session.query(Transfer).filter_by(reseller_id=reseller_id).one()
    paid = f"/staff/payments/transfers/{transfer.id}"
    for typed in ("ромашка", "РОМАШКА", "hjvfirf"):
        assert hits(client.get(f"/find?q={typed}"))[0] == found, typed
    for typed in ("лебедева", "anna@soft"):
        assert hits(client.get(f"/find?q={typed}")) == [found], typed
    assert "/staff/orders?q=jan@nordwind.example" in hits(client.get("/find?q=petersen"))
    for typed in ("1079.10", "1 079,10"):
        assert paid in hits(client.get(f"/find?q={typed}")), typed
    assert client.get(f"/find?q={order.id}", follow=False).location == f"/staff/orders/{order.id}"
    assert groups(client.get("/find?q=nordwind")) == ["Orders", "People"]


def test_staff_find_skus_applications_and_certificates(client: Client, order: Order) -> None:
    person = make_user("Petra Neu", email="petra@newco.example")
    application = Application(
        user_id=person.id, company="Newco", description="We resell", activity="reselling", country="DE",
        website="https://newco.example", reasons="demand", language="en",
    )  # fmt: skip
    certificate = ExemptionCertificate(
        reseller_id=order.reseller_id, states=["TX"], number="TX-4711", valid_from=today(), valid_until=today(),
        digest="0" * 64, uploaded_by=person.id,
    )  # fmt: skip
    db.session.add_all([application, certificate])
    db.session.flush()
    applied, certified = f"/staff/applications/{application.id}", f"/staff/certificates/{certificate.id}"
    for typed in ("viewer", "tx-4711", "newco"):
        assert not [one for one in hits(client.get(f"/find?q={typed}")) if one.startswith("/staff")], typed
    client.sign_in_as(make_user("Mari", staff=True))
    assert f"/staff/catalog/skus/{VIEWER}" in hits(client.get("/find?q=viewer small business"))
    assert groups(client.get(f"/find?q={VIEWER}"))[0] in {"Catalog", "Orders"}
    assert hits(client.get("/find?q=4711")) == [certified]
    page = client.get("/find?q=newco")
    assert (hits(page), groups(page)) == ([applied, applied], ["Applications", "People"])
    assert hits(client.get("/find?q=petra neu")) == [applied]
    client.get(applied)
    assert visited(client) == [applied]


def test_a_search_takes_few_statements_however_much_is_found(client: Client, order: Order) -> None:
    """Who asks, the numbers, the words; a reseller's customers and prices and a member's own licenses besides."""
    assert len(client.get("/find?q=nordwind").statements) <= 5
    assert len(client.get("/find?q=2026-99").statements) <= 6
    assert len(client.get("/find").statements) == 1
    client.sign_in_as(make_user(staff=True))
    assert len(client.get("/find?q=2026-99").statements) <= 3


@pytest.mark.parametrize(
    "typed", ["%", "_", "\\", "' OR 1=1", "--", "x" * 500, "а" * 99 + " б", "№", "(", "1" * 40, "🍎🍏"]
)
def test_whatever_is_typed_it_is_only_looked_for(client: Client, order: Order, typed: str) -> None:
    assert client.get("/find", headers={}).status == 200
    assert hits(client.open("GET", "/find?q=" + typed.replace("%", "%25"))) == []


def test_numbers_are_known_in_whatever_form() -> None:
    assert numbers_in("cn 2026 12").papers == ["CN-2026-000012"]
    assert numbers_in("2026-000012").papers == ["2026-000012"]
    assert numbers_in("st202610 7").statements == ["ST-202610-7"]
    assert numbers_in("e-2046-3182").enquiries == ["E-2046-3182"]
    assert numbers_in("у-2046-3182").enquiries == ["E-2046-3182"]  # `e` on a Russian keyboard
    assert numbers_in("pf-r-2046-3182").papers == ["PF-R-2046-3182"]
    assert not numbers_in("two words")
    assert not numbers_in("")


def visited(client: Client) -> list[str]:
    """Where the part of the empty search leads that tells of the latest pages."""
    page = client.get("/find")
    return list(map(str, page.tree.xpath("//section[header/h2='Visited lately']//a/@href")))


def test_where_one_was_last_stands_first_in_the_empty_palette(
    client: Client, order: Order, new_client: Callable[..., Client]
) -> None:
    reseller = db.session.get_one(Reseller, order.reseller_id)
    assert visited(client) == []
    others = [place(reseller).id for _ in range(5)]
    for order_id in (order.id, *others, others[0], others[4]):
        client.get(f"/orders/{order_id}")
    latest = [f"/orders/{order_id}" for order_id in (others[4], others[0], *others[3:0:-1], order.id)]
    assert visited(client) == latest[:5]
    page = client.get("/find", headers={"HX-Current-URL": f"http://localhost{latest[0]}"})
    assert [one for one in hits(page) if one in latest] == latest[1:]  # one is there already
    assert len(page.statements) <= 2
    assert "Nordwind" in page.text
    client.get("/find").submit("Sign out")
    client.sign_in_as(owner_of(reseller))
    assert visited(client) == []


def test_R26_what_may_not_be_seen_any_more_is_not_named(client: Client, order: Order) -> None:
    """The session keeps keys alone: what they are called is looked up with the rights of the moment."""
    client.get(f"/orders/{order.id}")
    assert visited(client) == [f"/orders/{order.id}"]
    order.reseller_id = db.session.query(Reseller.id).filter(Reseller.id != order.reseller_id).scalar()
    db.session.commit()
    assert visited(client) == []
    client.get("/orders/R-0000-0000")
    assert visited(client) == []


def test_staff_find_companies_and_orders_again(client: Client, order: Order) -> None:
    client.sign_in_as(make_user("Mari", staff=True))
    transfer = db.session.query(Transfer).first()
    assert transfer is not None
    paths = [
        f"/staff/orders/{order.id}", f"/staff/resellers/{order.reseller_id}", f"/staff/payments/transfers/{transfer.id}"
    ]  # fmt: skip
    for path in paths:
        assert client.get(path).status == 200
    assert visited(client) == paths[::-1]
    page = client.get("/find", headers={"HX-Current-URL": f"http://localhost{paths[2]}"})
    assert [one for one in hits(page) if one in paths] == paths[1::-1]
    same = f"http://localhost/staff/payments/transfers/{order.reseller_id}"
    assert paths[1] in hits(client.get("/find", headers={"HX-Current-URL": same}))


def test_R25_a_quote_is_found_by_its_company_alone(client: Client, order: Order) -> None:
    reseller = db.session.get_one(Reseller, order.reseller_id)
    quote = quotes.begin(
        Buyer(reseller.id, owner_of(reseller)),
        replace(quotes.blank(reseller.id, "en"), customer={"company": "Kirsch KG", "language": "en"}),
        submit_key="k",
    )
    path = f"/quotes/{quote.id}"
    client.get(path)
    assert visited(client) == [path]
    assert path in hits(client.get("/find?q=kirsch"))
    assert path in hits(client.get(f"/find?q={quote.id}"))
    client.sign_in_as(make_user("Mari", staff=True))
    assert path not in hits(client.get("/find?q=kirsch"))
