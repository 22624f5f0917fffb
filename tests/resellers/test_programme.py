"""The programme page: open to all, true to the settings, and a way on for everyone (R31, R33)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session, scoped_session

from dashboard.config import Settings
from dashboard.money import parse_rate
from dashboard.resellers import applications
from dashboard.vendor import DEMO_VENDOR, load_vendor
from tests.client import Client
from tests.factories import make_policy, make_reseller, make_user
from tests.resellers.conftest import APPLICATION

#: What a reseller asks, by the place of the answer on the page.
QUESTIONS = {
    "who", "how", "quotes", "discount", "data", "support", "payment", "delivery", "agreement", "us-tax", "calls",
    "mail",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru"])
def test_R31_every_question_has_an_answer_and_a_place_in_the_contents(
    new_client: Callable[..., Client], language: str
) -> None:
    page = new_client(language=language).get("/programme")
    assert page.status == 200
    sections = {section.get("id"): section for section in page.tree.iterfind(".//main//section")}
    assert set(sections) == QUESTIONS
    assert {link.removeprefix("#") for link in page.links.values() if link.startswith("#")} - {"main"} == QUESTIONS
    for name, section in sections.items():
        assert len("".join(section.itertext())) > 100, name


def test_R31_the_facts_come_from_the_settings(client: Client, settings: Callable[..., Settings]) -> None:
    vendor = replace(
        load_vendor(DEMO_VENDOR), name="Acme", brands=("Anvil", "Rocket"), sales_email="hello@acme.example",
        forum_url="https://ask.acme.example/",
    )  # fmt: skip
    vendor = replace(vendor, accounts={"EUR": vendor.accounts["EUR"]})
    settings(
        vendor=vendor, discount=parse_rate("12.5"), established_after=5, credit_days=45, pro_forma_days=14,
        temporary_days=7,
    )  # fmt: skip
    page = client.get("/programme")
    for fact in (
        "Sell Anvil and Rocket", "Acme", "12.5% off", "You prepay your first 5 orders.", "45 calendar days",
        "valid for 14 days", "It works for 7 days.", "Our accounts are in EUR.", "hello@acme.example",
    ):  # fmt: skip
        assert fact in page.text, fact
    assert page.links["Open the forum"] == "https://ask.acme.example/"
    assert not re.search(r"Lumivara|GroupDocs|\b10\s?%|\b30\b", page.text)


def test_R31_one_order_and_one_day_are_singular(client: Client, settings: Callable[..., Settings]) -> None:
    settings(established_after=1, credit_days=1)
    text = client.get("/programme").text
    assert "You prepay your first 1 order." in text
    assert "1 calendar day after" in text


@pytest.mark.parametrize(("at_once", "words"), [(True, "issued at once"), (False, "issued when the order is paid")])
def test_R31_when_the_license_of_a_credit_order_comes_is_said(
    client: Client, settings: Callable[..., Settings], at_once: bool, words: str
) -> None:
    settings(license_on_credit_at_once=at_once)
    assert words in client.get("/programme").text


def test_R33_support_is_the_forum_and_never_sales(client: Client) -> None:
    page = client.get("/programme")
    support = page.tree.find(".//section[@id='support']")
    assert support is not None
    assert [link.get("href") for link in support.iter("a")] == ["https://forum.lumivara.example/"]
    assert "sales@" not in "".join(support.itertext())


@pytest.mark.parametrize("path", ["/programme", "/policy", "/company", "/company/details", "/company/listing"])
def test_R33_every_page_links_to_the_forum(client: Client, db: scoped_session[Session], path: str) -> None:
    owner = make_user()
    make_reseller(owner=owner)
    client.sign_in_as(owner.id)
    assert "https://forum.lumivara.example/" in client.get(path).links.values()


def way_on(client: Client) -> tuple[str, str]:
    """The one filled button of the page: what it says and where it leads."""
    buttons = client.get("/programme").tree.xpath("//main//a[contains(@class, 'primary')]")
    assert len(buttons) == 1
    return "".join(buttons[0].itertext()), buttons[0].get("href")


def test_R31_everyone_goes_on_from_where_they_are(client: Client, db: scoped_session[Session]) -> None:
    make_policy()
    assert way_on(client) == ("Create an account", "/register?next=/apply")
    client.sign_in_as(make_user(confirmed=False).id)
    assert way_on(client) == ("Confirm your e-mail address", "/confirm")
    person = make_user()
    client.sign_in_as(person.id)
    assert way_on(client) == ("Apply", "/apply")
    applications.submit(person.id, applications.Request(**APPLICATION), "en")
    assert way_on(client) == ("Look at your application", "/application")
    found = applications.find_latest(person.id)
    assert found is not None
    applications.decline(found.id, "Not yet.", by=person.id)
    assert way_on(client) == ("Apply again", "/apply")
    make_reseller(owner=person, active=False)
    assert way_on(client) == ("Complete your company", "/company")
    active = make_user()
    make_reseller(owner=active)
    client.sign_in_as(active.id)
    assert way_on(client) == ("Open the price list", "/prices")
    client.sign_in_as(make_user(staff=True).id)
    assert way_on(client) == ("Look at the applications", "/staff/applications")


@pytest.mark.parametrize("path", ["/apply", "/application"])
def test_R02_the_sales_address_stands_beside_the_form(client: Client, db: scoped_session[Session], path: str) -> None:
    person = make_user()
    client.sign_in_as(person.id)
    if path == "/application":
        applications.submit(person.id, applications.Request(**APPLICATION), "en")
    main = client.get(path).tree.find(".//main")
    assert main is not None
    assert "mailto:sales@lumivara.example" in [link.get("href") for link in main.iter("a")]
