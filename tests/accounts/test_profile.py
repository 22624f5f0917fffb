"""The profile: time zone, letters that one can do without, signed-in devices (R1, R14, R30)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts import holders
from dashboard.accounts.models import User, UserSession
from dashboard.accounts.rules import browser_of
from dashboard.accounts.sessions import NOTED_EVERY
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from tests.client import Client, Page
from tests.factories import make_reseller, make_user, place

Database = scoped_session[Session]
Browsers = Callable[..., Client]

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"


@pytest.mark.parametrize(
    ("user_agent", "names"),
    [
        (FIREFOX, ("Firefox", "Windows")),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", ("Edge", "Windows")),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0 YaBrowser/24.12 Safari/537.36", ("Yandex Browser", "Linux")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1", ("Safari", "iPhone")),
        ("Mozilla/5.0 (Linux; Android 10; K) Chrome/131.0.0.0 Mobile Safari/537.36", ("Chrome", "Android")),
        ("curl/8.9.1", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_browser_is_known_by_its_name_and_its_system(user_agent: str, names: tuple[str, str]) -> None:
    assert browser_of(user_agent) == names


def test_times_are_shown_in_the_zone_that_one_chose_and_days_stay_the_vendors(client: Client, db: Database) -> None:
    owner = make_user("Olga")
    reseller = make_reseller(owner=owner)
    order = place(reseller)
    client.sign_in_as(owner.id)
    before = client.get(f"/orders/{order.id}")
    client.get("/profile").submit("Save", time_zone="Pacific/Kiritimati")  # hardly any clock is further ahead
    after = client.get(f"/orders/{order.id}")
    assert f"Placed on {order.placed_on:%B} {order.placed_on.day}, {order.placed_on.year}" in before.text
    assert f"Placed on {order.placed_on:%B} {order.placed_on.day}, {order.placed_on.year}" in after.text
    assert placed_at(before) != placed_at(after)
    assert db.get_one(User, owner.id).time_zone == "Pacific/Kiritimati"


def placed_at(page: Page) -> str:
    """What the order's history says of when it was placed."""
    return page.text.partition("Order placed")[2][:40]


def test_zones_are_named_by_their_cities_in_both_languages(client: Client, db: Database) -> None:
    user = make_user()
    client.sign_in_as(user.id)
    assert "Moscow (+3)" in client.get("/profile").text
    db.get_one(User, user.id).language = "ru"
    page = client.get("/profile")
    assert "Москва (+3)" in page.text
    assert "как у Lumivara: Ташкент" in page.text


def test_letters_are_offered_to_whom_they_are_sent(client: Client, db: Database, new_client: Browsers) -> None:
    customer, owner, staff = make_user(), make_user(), make_user(staff=True)
    make_reseller(owner=owner)
    offered = {}
    for user in (customer, owner, staff):
        browser = new_client()
        browser.sign_in_as(user.id)
        offered[user.id] = set(browser.get("/profile").tree.xpath("//input[@type='checkbox']/@name"))
    assert offered == {
        customer.id: set(),
        owner.id: {"copies_of_orders", "copies_of_reminders"},
        staff.id: {"wants_digest"},
    }


def test_staff_can_do_without_the_digest(client: Client, db: Database) -> None:
    staff = make_user(staff=True)
    client.sign_in_as(staff.id)
    assert holders.readers_of_digest() == [staff]
    client.get("/profile").submit("Save", wants_digest=False)
    db.expire_all()
    assert holders.readers_of_digest() == []


def test_R01_each_signed_in_device_can_be_signed_out(client: Client, new_client: Browsers, db: Database) -> None:
    user = make_user()
    browsers = [client, new_client(), new_client()]
    for browser in browsers:
        browser.sign_in_as(user.id)
    page = client.get("/profile")
    assert page.text.count("this device") == 1
    assert len(page.tree.findall(".//input[@name='device']")) == 2  # this one is signed out in the page's head
    row = page.tree.find(".//input[@name='device']")
    token = page.tree.find(".//input[@name='csrf_token']").get("value")
    page = client.post("/profile/devices", {"csrf_token": token, "device": row.get("value")})
    assert "1 device is signed out." in page.text
    assert [browser.get("/profile").path for browser in browsers].count("/profile") == 2
    page = client.get("/profile").submit("Sign out all others")
    assert [browser.get("/profile").path == "/profile" for browser in browsers] == [True, False, False]
    assert [entry.detail for entry in audit.history(f"account:{user.id}")] == [{"count": 1}, {"count": 1}]


def test_R26_another_accounts_device_is_not_signed_out(client: Client, new_client: Browsers, db: Database) -> None:
    user, stranger, other = make_user(), make_user(), new_client()
    client.sign_in_as(user.id)
    other.sign_in_as(stranger.id)
    [handle] = [one.handle for one in db.query(UserSession).filter_by(user_id=stranger.id)]
    token = client.get("/profile").tree.find(".//input[@name='csrf_token']").get("value")
    page = client.post("/profile/devices", {"csrf_token": token, "device": handle})
    assert "It was signed out already." in page.text
    assert other.get("/profile").path == "/profile"


def test_when_a_device_was_last_used_is_noted_once_an_hour(client: Client, db: Database) -> None:
    user = make_user()
    client.sign_in_as(user.id)
    [session] = db.query(UserSession)
    session.seen_at = long_ago = utcnow() - NOTED_EVERY - timedelta(minutes=1)
    client.get("/profile")
    db.expire_all()
    assert session.seen_at > long_ago
    session.seen_at = recently = utcnow() - timedelta(minutes=1)
    client.get("/profile")
    db.expire_all()
    assert session.seen_at == recently
