"""Faults that the walkers must find: pages of an application that has them, beside the product's own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template_string, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select, update

from dashboard.errors import NotFound
from dashboard.extensions import csrf, db
from dashboard.orders import service as orders
from dashboard.orders.models import Order, OrderLine
from dashboard.web.access import Permission, actor
from tests.app_wide.world import Role, World

bp = Blueprint("planted", __name__, url_prefix="/planted")

#: Enough people to meet every fault.
ROLES = (Role.VISITOR, Role.CUSTOMER, Role.OWNER, Role.VIEWER)

#: Everything right, for what is wrong to be put in.
PAGE = """{{% extends "base.html" %}}{{% block title %}}{{{{ language }}}}{{% endblock %}}
{{% block content %}}<h1>Образчик</h1>{}{{% endblock %}}"""

#: What is wrong on a page, by its address, and how the walkers say it.
MARKUP = {
    "right": ("", ""),
    "stray": ("</em>", "invalid: unexpected-end-tag"),
    "double": ('<p id="a"></p><p id="a"></p>', "id 'a' stands 2 times"),
    "heading": ("<h1>на</h1>", "2 h1"),
    "no-token": ('<form method="post" action="/theme"></form>', "the form to '/theme' has no csrf_token"),
    "no-label": ('<input name="q">', "the field 'q' has no label"),
    "nameless": ('<a href="/"></a>', "a nameless <a>"),
    "no-alt": ('<img src="data:,">', "without alt"),
    "no-target": ('<label for="b">на</label>', "for names 'b', which is not there"),
    "no-place": ('<a href="#c">на</a>', "a link leads to #c, which is not there"),
    "no-html": ('<p hx-get="/"></p>', "hx-get is no attribute of HTML"),
}
ENGLISH = {
    "known": ("<p>Sign out</p>", "Sign out"),
    "filled": ("<p>Sales: me@x.example</p>", "Sales: %(email)s"),
    "attribute": ('<p title="Sign out">на</p>', "Sign out"),
    "literal": ("<p>Never translated</p>", "Never"),
    "marked": ('<p lang="en">Never translated</p>', ""),
}
LINKS = {
    "to-nothing": ('<a href="/no-such-page">на</a>', "/no-such-page"),
    "to-a-refusal": ('<a href="/orders/R-0000-0000">на</a>', "/orders/R-0000-0000"),
    "to-no-place": ('<a href="/planted/right#nowhere">на</a>', "#nowhere"),
    "to-no-search": ('<form action="/no-such-search"><button>на</button></form>', "/no-such-search"),
    "to-no-action": ('<form method="post" action="/no-such-action"></form>', "/no-such-action"),
    "to-staffs-action": ('<form method="post" action="/staff/resellers/1/reactivate"></form>', "/reactivate"),
}


def _page(content: str) -> str:
    return render_template_string(PAGE.format(content))


for _name, (_content, _fault) in {**MARKUP, **ENGLISH, **LINKS}.items():
    bp.add_url_rule(
        f"/{_name}", _name.replace("-", "_"), lambda content=_content: _page(content), requires=Permission.PUBLIC
    )


@bp.get("/lang", requires=Permission.PUBLIC)
def lang() -> ResponseReturnValue:
    return _page("").replace("<html lang=", "<html lang=x data-lang=")


@bp.get("/crash", requires=Permission.PUBLIC)
def crash() -> ResponseReturnValue:
    raise ZeroDivisionError


@bp.route("/unguarded", methods=["POST"], requires=Permission.SIGNED_IN)
@csrf.exempt  # type: ignore[untyped-decorator]
def unguarded() -> ResponseReturnValue:
    return _page("")


@bp.get("/granted", requires=Permission.PLACE_ORDERS)
def granted() -> ResponseReturnValue:
    """Open to everybody, by a hole in the guard (`add_faults`)."""
    return _page("")


@bp.get("/refused", requires=Permission.VIEW_OWN_COMPANY)
def refused() -> ResponseReturnValue:
    raise NotFound


@bp.get("/orders/<order_id>", requires=Permission.VIEW_OWN_ORDERS)
def tells(order_id: str) -> ResponseReturnValue:
    """Tells whether another company has such an order (R26)."""
    if orders.get_order(order_id).reseller_id != actor.reseller:
        abort(403)
    return _page("")


@bp.get("/drafts/<order_id>", requires=Permission.VIEW_OWN_ORDERS)
def shows(order_id: str) -> ResponseReturnValue:
    """Shows another company's order."""
    return _page(orders.get_order(order_id).id)


@bp.get("/kept", requires=Permission.SIGNED_IN)
def kept() -> ResponseReturnValue:
    return Response(_page(""), headers={"Cache-Control": "public"})


#: A field in a form that is sent to its own page.
FORM = """<form method="post"><input type="hidden" name="csrf_token" value="{{{{ csrf_token() }}}}">
<label for="a">на</label><input type="text" id="a" name="a" value="{}"></form>"""


@bp.route("/forgetful", methods=["GET", "POST"], requires=Permission.VIEW_OWN_ORDERS)
def forgetful() -> ResponseReturnValue:
    """Throws away what was typed."""
    return _page(FORM.format(""))


@bp.route("/hasty", methods=["GET", "POST"], requires=Permission.VIEW_OWN_ORDERS)
def hasty() -> ResponseReturnValue:
    """Acts where it was only to be shown."""
    if request.method == "POST":
        db.session.execute(update(Order).where(Order.reseller_id == 0).values(note=""))
    return _page(FORM.format("{{ request.form.a }}"))


@bp.get("/rows", requires=Permission.VIEW_OWN_ORDERS)
def rows() -> ResponseReturnValue:
    """One statement a row."""
    for order_id in db.session.scalars(select(Order.id).where(Order.reseller_id == actor.reseller)).all():
        db.session.scalars(select(OrderLine).where(OrderLine.order_id == order_id)).all()
    return _page("")


@bp.get("/told", requires=Permission.VIEW_OWN_LICENSES)
def told() -> ResponseReturnValue:
    """Tells a customer the price, as the reader writes numbers."""
    return _page("7 431,97" if request.accept_languages.best_match(["ru", "en"]) == "ru" else "7,431.97")


@bp.get("/whispered", requires=Permission.VIEW_OWN_LICENSES)
def whispered() -> ResponseReturnValue:
    """Tells a customer the price in a header."""
    return Response(_page(""), headers={"X-Total": "743197"})


def add_faults(app: Flask, world: World) -> None:
    """Give an application these pages, and the pages their objects."""
    app.register_blueprint(bp)
    guard = app.preprocess_request

    def full_of_holes() -> Any:
        return None if request.path == "/planted/granted" else guard()

    app.preprocess_request = full_of_holes  # type: ignore[method-assign]
    for prefix in ("/planted/orders/<order_id>", "/planted/drafts/<order_id>"):
        world.places[prefix] = world.places["/orders/<order_id>"]
