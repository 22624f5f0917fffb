"""The first page of each person."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from dashboard.home import service
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render

bp = Blueprint("home", __name__)


@bp.get("/", requires=Permission.PUBLIC)
def index() -> ResponseReturnValue:
    """Where everyone arrives: staff at their queue, a reseller at what to do now, a customer at the licenses."""
    if actor.may(Permission.REVIEW_RESELLERS):
        return render("home/staff.html", queue=service.staff_queue())
    if actor.may(Permission.VIEW_OWN_ORDERS):
        return render("home/reseller.html", **service.reseller_home(actor.reseller))
    if actor.is_authenticated:
        return _without_company()
    return render("home/visitor.html")


def _without_company() -> Response:
    """A person without a company: to the licenses, if there are any, else on with becoming a reseller."""
    if not actor.is_confirmed:
        return redirect(url_for("accounts.confirm_first"), 303)
    target = "customers.licenses" if service.has_licenses(actor.user) else "resellers.programme"
    return redirect(url_for(target), 303)
