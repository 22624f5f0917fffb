"""The customer's side: licenses, files and letters, and nothing of money anywhere (R25)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest

from dashboard.accounts import service as accounts
from dashboard.clock import today
from dashboard.customers import views
from dashboard.extensions import db
from dashboard.fulfilment import service as fulfilment
from dashboard.licenses import service as licenses
from dashboard.mail.models import Letter
from dashboard.orders.models import Order
from dashboard.web import parts
from tests.client import Client, Page
from tests.factories import EDITOR, VIEWER, make_key, make_reseller, make_user, pay, place

#: What speaks of money: signs and codes of currencies, the sums of the test's order, words of both languages.
#: Digits within a word are a sum only if no letter touches them: serials and names of keys are drawn at random.
MONEY = re.compile(
    r"[$€₽]|\b(USD|EUR|RUB|VAT)\b|(?<![0-9a-z+/=-])1[^0-9a-z+/=-]?(079|199)(?![0-9a-z+/=-])|119\.90"
    r"|price(?!-)|discount|invoice|payment|paid|pro-forma|tax|цен[аыу]|скидк|счёт|оплат|налог|НДС",
    re.IGNORECASE,
)


@pytest.fixture
def order(client: Client) -> Order:
    """A paid order whose files are made, for a customer who has an account and is signed in."""
    make_key()
    jan = make_user("Jan Petersen", email="jan@nordwind.example")
    paid = pay(place(make_reseller()))
    client.sign_in_as(jan)
    return paid


def test_R25_the_customer_sees_the_license_and_who_sold_it(
    client: Client, order: Order, work: Callable[[], int]
) -> None:
    work()
    (license_,) = licenses.of_order(order.id)
    text = client.get("/licenses").text
    for fact in (order.id, VIEWER, license_.product, license_.plan, license_.serial, "Nordwind GmbH", "Romashka"):
        assert fact in text


def test_R25_many_licenses_are_listed_on_top_and_every_link_to_one_lands_on_it(
    client: Client, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not client.get("/licenses").tree.xpath("//input[@id='q']")
    other = pay(place(make_reseller("Softline"), [(EDITOR, 1)]))
    monkeypatch.setattr(views, "LISTED_FROM", 1)
    page = client.get("/licenses")
    rows = page.tree.xpath("//section[@id='glance']//tbody/tr")
    targets = [str(row.xpath("string(.//a/@href)")) for row in rows]
    owned = [*licenses.of_order(other.id), *licenses.of_order(order.id)]
    assert targets == [f"#{one.serial}" for one in owned]
    assert page.tree.xpath("//section[@id]/@id")[1:] == [one.serial for one in owned]
    assert "updates until" in rows[0].xpath("string()")
    assert not MONEY.search(page.text)


def test_R25_many_licenses_are_searched_and_shown_page_by_page(
    client: Client, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = pay(place(make_reseller("Softline"), [(EDITOR, 1)]))
    monkeypatch.setattr(parts, "PER_PART", 1)

    def shown(page: Page) -> list[str]:
        return [str(serial) for serial in page.tree.xpath("//section[@id]/@id")]

    old, new = (licenses.of_order(one.id)[0].serial for one in (order, other))
    first = client.get("/licenses")
    assert shown(first) == [new]
    second = first.click("Next page →")
    assert shown(second) == [old]
    assert shown(second.click("← To the beginning")) == [new]
    for typed in ("romashka", order.id, old.replace("-", "").lower()):
        found = client.get(f"/licenses?q={typed}")
        assert (shown(found), "Next page" in found.text) == ([old], False)
        assert found.tree.xpath("string(//*[@id='results']/*[@role='status'])") == "1 license"
    assert shown(client.get("/licenses?q=--")) == []  # no number without its dashes
    nothing = client.get("/licenses?q=nothing")
    assert shown(nothing) == []
    assert shown(nothing.click("Show all licenses")) == [new]


def test_R21_a_customer_finds_the_license_file_in_one_click(
    client: Client, order: Order, work: Callable[[], int]
) -> None:
    """From the first page, which is where signing in leads."""
    work()
    page, clicks = client.get("/"), 0
    file, clicks = page.click("Download the license file"), clicks + 1
    (license_,) = licenses.of_order(order.id)
    assert (clicks, file.headers["Content-Disposition"].startswith("attachment")) == (1, True)
    assert license_.serial.encode() in file.content


@pytest.mark.parametrize("language", ["en", "ru"])
def test_R25_no_page_file_header_or_error_of_the_customer_speaks_of_money(
    client: Client, order: Order, work: Callable[[], int], language: str
) -> None:
    accounts.keep_language(licenses.of_order(order.id)[0].user_id or 0, language)
    work()
    (license_,) = licenses.of_order(order.id)
    pages = [client.get(path) for path in ("/licenses", f"/licenses/{license_.serial}/file", "/how-to-apply")]
    assert [page.status for page in pages] == [200, 200, 200]
    fulfilment.cancel_order(order.id, "price too high", by_staff=True)
    pages += [client.get("/licenses"), client.get(f"/licenses/{license_.serial}/file")]
    assert [page.status for page in pages[-2:]] == [200, 409]
    for page in pages:
        readable = page.text if page.response.mimetype == "text/html" else page.html.partition("Signature")[0]
        headers = [one for one in page.response.headers if one[0] != "Set-Cookie"]  # signed: letters by chance
        told = f"{readable} {headers}".replace(order.id, "")
        assert not MONEY.search(told), (page.path, MONEY.search(told))


def test_the_pattern_of_money_finds_it() -> None:
    for planted in ("$1,079.10", "1 199,00 €", "Invoice 2026-000001", "your discount", "к оплате", "unpaid"):
        assert MONEY.search(planted), planted


def test_R23_a_license_says_in_words_what_it_is_good_for_and_when_its_updates_have_ended(
    client: Client, order: Order, work: Callable[[], int]
) -> None:
    work()
    (license_,) = licenses.of_order(order.id)
    assert "updates until" in client.get("/licenses").text
    license_.updates_until = today() - timedelta(days=1)
    text = client.get("/licenses").text
    assert "updates ended on" in text
    assert "Newer versions need a renewal: ask Romashka" in text


def test_R20_how_to_apply_begins_with_what_concerns_the_license(client: Client) -> None:
    headings = client.get("/how-to-apply").tree.xpath("//main//h2/text()")
    wanted = headings[2]
    begun = client.get("/how-to-apply?of=" + quote(wanted) + "&of=").tree.xpath("//main//h2/text()")
    assert begun == [headings[0], wanted, headings[1], *headings[3:]]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_R25_letters_to_the_customer_hold_no_word_of_money(work: Callable[[], int], language: str) -> None:
    make_key()
    order = pay(place(make_reseller(), language=language))
    work()
    fulfilment.cancel_order(order.id, "price too high", by_staff=True)
    work()
    letters = db.session.query(Letter).filter(Letter.recipient == order.customer_email).all()
    assert {letter.kind for letter in letters} == {"customer_license", "customer_revoked"}
    for letter in letters:
        assert "Romashka" in letter.text
        told = re.sub(r"/claim/\S+", "", f"{letter.subject} {letter.text}").replace(order.id, "")
        assert not MONEY.search(told), MONEY.search(told)
        assert not re.search("[$€₽]|1,079|1.079,", letter.html)


def test_R21_the_letter_says_what_to_do_if_it_is_not_yours(work: Callable[[], int]) -> None:
    make_key()
    pay(place(make_reseller()))
    work()
    (letter,) = db.session.query(Letter).filter_by(kind="customer_license")
    assert "This is not yours?" in letter.text
    assert re.search(r"/claim/\S+", letter.text)


def test_R26_another_customers_license_is_not_there(client: Client, order: Order, work: Callable[[], int]) -> None:
    work()
    stranger = make_user("Eve")
    (license_,) = licenses.of_order(order.id)
    client.sign_in_as(stranger)
    assert client.get(f"/licenses/{license_.serial}/file").status == 404
    text = client.get("/licenses").text
    assert license_.serial not in text
    assert "No licenses yet" in text


def test_R12_a_revoked_license_is_marked_and_its_download_closed(
    client: Client, order: Order, work: Callable[[], int]
) -> None:
    work()
    assert "Download the license file" in client.get("/licenses").links
    fulfilment.cancel_order(order.id, "by mistake", by_staff=True)
    page = client.get("/licenses")
    assert "This license was revoked." in page.text
    assert "Download the license file" not in page.links


PLATFORMS = {"net": ".NET", "java": "Java", "python-via-net": "Python via .NET", "nodejs-via-java": "Node.js via Java",
             "cpp": "C++"}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru"])
def test_R20_how_to_apply_has_code_for_every_platform_and_the_signature(
    new_client: Callable[..., Client], language: str
) -> None:
    page = new_client(language=language).get("/how-to-apply")
    for anchor, platform in PLATFORMS.items():
        (section,) = page.tree.xpath(f"//section[@id='{anchor}']")
        assert section.findtext(".//h2") == platform
        assert "product.lic" in (section.findtext(".//code") or ""), platform
    assert "xmlsec1 --verify" in page.text


def test_R21_only_a_download_counts_as_one(client: Client, order: Order, work: Callable[[], int]) -> None:
    work()
    [license_] = licenses.of_order(order.id)
    path = f"/licenses/{license_.serial}/file"
    for method, counted in (("HEAD", False), ("GET", True)):
        assert client.open(method, path).status == 200
        db.session.refresh(license_)
        assert bool(license_.downloaded_at) is counted
