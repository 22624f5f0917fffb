"""The first page of each person."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from dashboard.home import company, service
from dashboard.ledger.references import printed
from dashboard.orders import service as orders
from dashboard.resellers import applications
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render

bp = Blueprint("home", __name__)


@bp.get("/", requires=Permission.PUBLIC)
def index() -> ResponseReturnValue:
    """Where everyone arrives: staff at their queue, a reseller at what to do now, a customer at the licenses."""
    if actor.may(Permission.REVIEW_RESELLERS):
        return render("home/staff.html", queue=service.staff_queue(), printed=printed, state_of=orders.state_of)
    if actor.may(Permission.VIEW_OWN_ORDERS):
        return render("home/reseller.html", **company.first_page(actor.reseller, request.args.get("debt", "")))
    if actor.is_authenticated:
        return _without_company()
    return render("home/visitor.html")


@bp.get("/help", requires=Permission.PUBLIC)
def help_page() -> ResponseReturnValue:
    """Where to look and whom to ask, for whoever reads it; links only, so that a customer meets no price here (R25)."""
    return render("home/help.html")


def _without_company() -> Response:
    """A person without a company: to the licenses, to the application that was sent, a translator to the catalogs, else
    on to the programme.
    """
    if service.has_licenses(actor.user):
        target = "customers.licenses"
    else:
        elsewhere = "translations.index" if actor.may(Permission.TRANSLATE) else "resellers.programme"
        target = "resellers.application" if applications.find_latest(actor.user) else elsewhere
    return redirect(url_for(target), 303)


@bp.after_app_request
def back_to_the_desk(response: Response) -> Response:
    """An act on the desk leads back to it, to what comes next there. A form carries its name only where the desk has
    put it in.
    """
    is_act = response.status_code == HTTPStatus.SEE_OTHER and g.get("csrf_valid", False)  # and not only kept
    if is_act and "_desk" in request.form:
        response.location = url_for("home.index", at=request.form["_desk"][:40] or None)
    return response
