"""Staff look at the pages of a company or a customer: read-only, with a banner, audited, for an hour at most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from werkzeug.routing import Rule

from dashboard.accounts.looking import LONGEST, OVER
from dashboard.audit import service as audit
from dashboard.enquiries import service as enquiries
from dashboard.enquiries.rules import Kind, Side
from dashboard.extensions import db
from dashboard.licenses import service as licenses
from dashboard.orders.models import Order
from dashboard.outbox.models import OutboxItem
from dashboard.resellers import actors
from dashboard.resellers.models import Reseller
from dashboard.web.access import GuardedRule, Permission
from tests.client import Client, Page
from tests.factories import make_key, make_reseller, make_user, owner_of, pay, place
from tests.web.test_access import address_of


@pytest.fixture
def order(client: Client, work: Callable[[], int]) -> Order:
    """A paid order of Romashka for a customer with an account; Mari of staff is signed in."""
    make_key()
    make_user("Jan Petersen", email="jan@nordwind.example")
    paid = pay(place(make_reseller()))
    work()
    client.sign_in_as(make_user("Mari", email="mari@lumivara.example", staff=True))
    return paid


def as_company(client: Client, order: Order) -> Page:
    return client.get(f"/staff/resellers/{order.reseller_id}").submit("See its pages")


def as_customer(client: Client, order: Order) -> Page:
    return client.get(f"/staff/orders/{order.id}").submit("See the customer's page")


def trail(subject: str) -> list[tuple[str, str]]:
    db.session.expire_all()
    return [(one.action, one.actor_name) for one in audit.history(subject) if one.action.startswith("view.")]


def test_staff_see_a_company_as_its_member_and_come_back(client: Client, order: Order) -> None:
    page = as_company(client, order)
    assert "You see what Romashka sees" in page.text
    assert order.id in client.get("/orders").text
    assert client.get("/prices").status == 200
    for path in ("/", "/orders", f"/orders/{order.id}", "/account", "/find?q=romashka", "/no-such-page"):
        assert "Nothing can be changed." in client.get(path).text, path
    for path in ("/staff/orders", "/order", "/profile", "/licenses"):
        assert client.get(path).status == 404, path
    back = client.get("/").submit("Back to my own pages")
    assert back.path == f"/staff/resellers/{order.reseller_id}"
    assert "You see what" not in back.text
    subject = f"reseller:{order.reseller_id}"
    assert trail(subject) == [("view.began", "Mari"), ("view.ended", "Mari")]


def test_R25_staff_see_a_customer_as_the_customer_does(client: Client, order: Order) -> None:
    (license_,) = licenses.of_order(order.id)
    page = as_customer(client, order)
    assert page.path == "/licenses"
    assert "You see what the customer Jan Petersen sees" in page.text
    assert license_.serial in page.text
    for path in ("/orders", "/prices", "/staff/orders", f"/orders/{order.id}"):
        assert client.get(path).status == 404, path
    client.get("/").submit("Back to my own pages")
    assert trail(f"account:{license_.user_id}") == [("view.began", "Mari"), ("view.ended", "Mari")]


@pytest.mark.parametrize("whose", ["company", "customer"])
def test_every_route_that_changes_something_is_refused(app: Flask, client: Client, order: Order, whose: str) -> None:
    (as_company if whose == "company" else as_customer)(client, order)
    token = client.get("/").tree.xpath("string(//input[@name='csrf_token']/@value)")
    asked, let_in = 0, []
    for rule in app.url_map.iter_rules():
        assert isinstance(rule, GuardedRule)
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            if not rule.ends_view:
                asked += 1
                status = client.open(method, address_of(rule), data={"csrf_token": token}).status
                let_in += [f"{method} {rule}"] * (status != 403)
    assert asked > 60
    assert let_in == []
    assert "Nothing can be changed" in client.get("/").text  # it still goes on


def test_only_two_routes_end_a_view(app: Flask) -> None:
    ending: list[Rule] = [rule for rule in app.url_map.iter_rules() if isinstance(rule, GuardedRule) and rule.ends_view]
    assert sorted(rule.rule for rule in ending) == ["/sign-out", "/view/end"]


def test_who_is_looked_at_has_rights_to_read_alone() -> None:
    """None of those that a route asks for that changes something for oneself."""
    changing = {
        Permission.EDIT_OWN_COMPANY, Permission.ACCEPT_POLICY, Permission.PLACE_ORDERS, Permission.WRITE_ENQUIRIES,
        Permission.CONFIRMED, Permission.HAVE_SECOND_FACTOR, *actors.STAFF,
    }  # fmt: skip
    assert changing.isdisjoint(actors.MEMBER_LOOKED_AT | actors.CUSTOMER_LOOKED_AT)


def test_R21_a_look_is_no_download_by_the_customer(client: Client, order: Order) -> None:
    (license_,) = licenses.of_order(order.id)
    as_customer(client, order)
    refused = client.get(f"/licenses/{license_.serial}/file")
    assert (refused.status, "end the view first" in refused.text) == (403, True)
    db.session.expire_all()
    assert licenses.of_order(order.id)[0].downloaded_at is None
    licenses.downloaded(license_.id)
    assert client.get(f"/licenses/{license_.serial}/file").status == 200  # nothing is recorded any more


def test_R32_a_look_has_read_no_answer(client: Client, order: Order) -> None:
    owner = owner_of(db.session.get_one(Reseller, order.reseller_id))
    asked = enquiries.keep_enquiry(order.reseller_id, owner, enquiries.Request(Kind.OTHER, "Q", "?"), submit_key="k")
    enquiries.answer(asked.id, Side.VENDOR, owner, "A", submit_key="k2")
    number = asked.id
    as_company(client, order)
    assert client.get(f"/enquiries/{number}").status == 200
    db.session.expire_all()
    assert enquiries.get_enquiry(number).unread


def pass_by(client: Client, time: timedelta) -> None:
    """Let so much of the view's hour pass, for the browser and for the worker."""
    with client._http.session_transaction() as kept:
        kept["view"] = {**kept["view"], "until": (datetime.fromisoformat(kept["view"]["until"]) - time).isoformat()}
    effect = db.session.query(OutboxItem).filter_by(kind=OVER).one()
    effect.not_before -= time
    db.session.commit()


def test_a_view_is_over_after_an_hour_by_itself(client: Client, order: Order, work: Callable[[], int]) -> None:
    as_company(client, order)
    subject = f"reseller:{order.reseller_id}"
    pass_by(client, LONGEST - timedelta(minutes=5))
    work()
    assert "You see what" in client.get("/").text
    assert trail(subject) == [("view.began", "Mari")]
    pass_by(client, timedelta(minutes=6))
    assert client.get("/staff/orders").status == 200
    work()
    assert trail(subject) == [("view.began", "Mari"), ("view.ended", "Mari")]


def test_a_view_that_was_ended_is_noted_once(client: Client, order: Order, work: Callable[[], int]) -> None:
    as_company(client, order)
    client.get("/").submit("Back to my own pages")
    db.session.query(OutboxItem).filter_by(kind=OVER).one().not_before -= 2 * LONGEST
    work()
    assert len(trail(f"reseller:{order.reseller_id}")) == 2


def test_signing_out_ends_a_view(client: Client, order: Order) -> None:
    as_company(client, order)
    assert client.get("/").submit("Sign out").path == "/sign-in"
    assert trail(f"reseller:{order.reseller_id}") == [("view.began", "Mari"), ("view.ended", "Mari")]
    client.sign_in_as(make_user("Sofia", staff=True))
    assert "You see what" not in client.get("/").text


def test_only_staff_look(client: Client, order: Order) -> None:
    """And nobody at what is not there."""
    token = client.get("/").tree.xpath("string(//input[@name='csrf_token']/@value)")
    for data in ({}, {"reseller": "999999"}, {"account": "999999"}, {"reseller": "x"}, {"account": "-1"}):
        assert client.post("/staff/view", {"csrf_token": token, **data}).status == 404, data
    client.sign_in_as(owner_of(db.session.get_one(Reseller, order.reseller_id)))
    assert client.post("/staff/view", {"reseller": str(order.reseller_id)}).status == 404
