"""Routes cannot be written without a permission, and what is not one's own does not exist (R26)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Blueprint, Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session, scoped_session
from werkzeug.routing import Rule

import dashboard
from dashboard.accounts.models import UserSession
from dashboard.resellers import actors
from dashboard.web.access import Actor, GuardedRule, Permission
from tests.client import Client
from tests.factories import make_reseller, make_user, owner_of

Plant = Callable[..., Flask]

#: What a route may ask of everybody.
OPEN = {Permission.PUBLIC}


def view(**_values: Any) -> str:
    return "<!doctype html><html lang=en><title>seen</title><p>seen</p></html>"


def plain(app: Flask) -> None:
    app.get("/planted")(view)


def several_methods(app: Flask) -> None:
    app.route("/planted", methods=["GET", "POST"])(view)


def by_rule(app: Flask) -> None:
    app.add_url_rule("/planted", "planted", view)


def on_a_blueprint(app: Flask) -> None:
    blueprint = Blueprint("planted", __name__)
    blueprint.get("/planted")(view)
    app.register_blueprint(blueprint)


def on_a_nested_blueprint(app: Flask) -> None:
    outer, inner = Blueprint("outer", __name__, url_prefix="/outer"), Blueprint("inner", __name__)
    inner.post("/planted")(view)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)


def static_files_of_a_blueprint(app: Flask) -> None:
    app.register_blueprint(Blueprint("planted", __name__, static_folder="files"))


def a_word_instead(app: Flask) -> None:
    app.get("/planted", requires="PUBLIC")(view)


def nothing_instead(app: Flask) -> None:
    app.get("/planted", requires=None)(view)


@pytest.mark.parametrize(
    "add",
    [
        plain,
        several_methods,
        by_rule,
        on_a_blueprint,
        on_a_nested_blueprint,
        static_files_of_a_blueprint,
        a_word_instead,
        nothing_instead,
    ],
)
def test_R26_a_route_without_a_permission_cannot_be_added(plant: Plant, add: Callable[[Flask], None]) -> None:
    with pytest.raises(TypeError, match="declares no permission"):
        add(plant())


def test_R26_the_application_does_not_start_with_such_a_route(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten = Blueprint("forgotten", __name__)
    forgotten.get("/forgotten")(view)
    monkeypatch.setattr(dashboard, "BLUEPRINTS", (*dashboard.BLUEPRINTS, forgotten))
    with pytest.raises(TypeError, match=r"/forgotten .* declares no permission"):
        plant()


def test_a_route_with_a_permission_is_served_on_a_nested_blueprint_too(plant: Plant) -> None:
    planted = plant()
    outer, inner = Blueprint("outer", __name__, url_prefix="/outer"), Blueprint("inner", __name__)
    inner.get("/planted", requires=Permission.PUBLIC)(view)
    outer.register_blueprint(inner)
    planted.register_blueprint(outer)
    assert Client(planted).get("/outer/planted").text == "seen"


def guarded(plant: Plant) -> Flask:
    """An application with a page for staff that can be read and written."""
    planted = plant()
    planted.add_url_rule(
        "/planted/<name>", "planted", view, methods=["GET", "POST"], requires=Permission.CONFIRM_PAYMENTS
    )
    return planted


def test_R26_a_visitor_is_sent_to_sign_in_and_back(plant: Plant) -> None:
    planted = guarded(plant)
    page = Client(planted).get("/planted/b%20c?d=e&f=%C3%A9")
    back = parse_qs(urlsplit(page.path).query)["next"][0]
    assert page.path.startswith("/sign-in?")
    assert "Please sign in first." in page.text
    assert Client(planted).get(back).path == page.path


def test_R26_a_visitors_form_is_not_sent_back_to(plant: Plant) -> None:
    assert Client(guarded(plant)).post("/planted/a", follow=False).location == "/sign-in"


def test_R26_a_visitors_fragment_says_so(plant: Plant) -> None:
    """What htmx sends by itself must not throw away the page on which somebody types."""
    client = Client(guarded(plant), htmx=True)
    page = client.get("/planted/a", follow=False, headers={"Referer": "http://localhost/programme"})
    assert (page.status, page.links) == (401, {"Sign in": "/sign-in?next=/programme"})
    assert "You were signed out." in page.text
    sent = client.open("POST", "/planted/a", data={"a": "b"}, follow=False)
    assert (sent.status, sent.headers["HX-Reswap"]) == (401, "innerHTML")
    assert "You were signed out." in sent.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_R26_without_the_permission_it_does_not_exist(plant: Plant, method: str) -> None:
    client = Client(guarded(plant))
    client.sign_in_as(make_user())
    refused = client.open(method, "/planted/a", data={} if method == "POST" else None)
    unknown = client.open("GET" if method in {"POST", "OPTIONS"} else method, "/no/such/page")
    assert (refused.status, unknown.status) == (404, 404)
    assert refused.text.replace("/planted/a", "") == unknown.text.replace("/no/such/page", "")
    assert "Allow" not in refused.headers


def test_R26_the_404_comes_before_the_check_of_the_form(plant: Plant) -> None:
    """A missing CSRF token would tell that there is something to protect."""
    planted = guarded(plant)
    stranger, staff = Client(planted), Client(planted)
    stranger.sign_in_as(make_user())
    staff.sign_in_as(make_user(staff=True))
    assert stranger.post("/planted/a").status == 404
    assert staff.post("/planted/a").status == 400
    assert staff.get("/planted/a").text == "seen"


def test_an_account_that_is_not_confirmed_has_no_rights_but_to_confirm(plant: Plant) -> None:
    client = Client(guarded(plant))
    client.sign_in_as(make_user(staff=True, confirmed=False))
    assert client.get("/planted/a").path.startswith("/confirm")


def test_a_session_that_has_ended_is_a_visitor(plant: Plant, db: scoped_session[Session]) -> None:
    client = Client(guarded(plant))
    client.sign_in_as(make_user(staff=True))
    db.execute(delete(UserSession))
    assert client.get("/planted/a").path.startswith("/sign-in")


def address_of(rule: Rule) -> str:
    """An address of the rule, with values that belong to nobody."""
    values = {name: 1 if "Integer" in type(converter).__name__ else "x" for name, converter in rule._converters.items()}
    built = rule.build(values, append_unknown=False)
    assert built
    return built[1]


def closed_routes(app: Flask) -> Iterator[tuple[GuardedRule, str]]:
    """All routes that not everybody may call, by method."""
    addresses = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        assert isinstance(rule, GuardedRule)
        for method in sorted(rule.methods or ()):
            serves = addresses.match(address_of(rule), method, return_rule=True)[0]
            if rule.requires not in OPEN and serves is rule:
                yield rule, method


def test_R26_every_route_sends_a_visitor_to_sign_in(app: Flask, client: Client) -> None:
    let_in = [
        f"{method} {rule}"
        for rule, method in closed_routes(app)
        if client.open(method, address_of(rule), follow=False).headers.get("Location", "").split("?")[0] != "/sign-in"
    ]
    assert let_in == []


@pytest.mark.parametrize("role", ["plain", "member", "staff"])
def test_R26_every_route_is_closed_to_who_lacks_its_permission(app: Flask, client: Client, role: str) -> None:
    user_id = owner_of(make_reseller()) if role == "member" else make_user(staff=role == "staff").id
    client.sign_in_as(user_id)
    granted = actors.permissions_of(confirmed=True, staff=role == "staff", role="owner" if role == "member" else None)
    closed = [(rule, method) for rule, method in closed_routes(app) if rule.requires not in granted]
    assert closed
    let_in = [f"{method} {rule}" for rule, method in closed if client.open(method, address_of(rule)).status != 404]
    assert let_in == []


def test_a_visitor_may_only_what_is_public() -> None:
    assert [permission for permission in Permission if Actor().may(permission)] == [Permission.PUBLIC]


def test_every_permission_is_asked_for_and_granted(app: Flask) -> None:
    """One that nobody has closes a page for ever; one that no route asks for protects nothing."""
    asked = {rule.requires for rule in app.url_map.iter_rules() if isinstance(rule, GuardedRule)}
    granted = actors.permissions_of(confirmed=True, staff=True, role="owner")
    assert asked - granted == set()
    assert granted - asked == set()
