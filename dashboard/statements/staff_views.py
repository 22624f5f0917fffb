"""Monthly statements of all resellers, for staff: those that were sent, and a rehearsal of those to come (R17)."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.documents import service as documents
from dashboard.statements import pages, service
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _

bp = Blueprint("staff_statements", __name__, url_prefix="/staff/statements")


@bp.get("", requires=Permission.VIEW_ALL_ORDERS)
def index() -> ResponseReturnValue:
    """All statements, the newest first, or those of one reseller."""
    reseller = request.args.get("reseller", type=int)
    return pages.index(of=reseller and min(max(reseller, 0), 2**31 - 1), by_staff=True)


@bp.get("/rehearsal", requires=Permission.VIEW_ALL_ORDERS)
def rehearsal() -> ResponseReturnValue:
    """What the run of the present month would still send, or that of the coming one."""
    month = service.next_month() if request.args.get("month") == "next" else service.this_month()
    page = service.rehearse_page(month, after=request.args.get("after", 0, type=int))
    return render("statements/rehearsal.html", month=month, page=page, is_next=month > service.this_month())


@bp.post("/run", requires=Permission.CONFIRM_PAYMENTS)
def run() -> ResponseReturnValue:
    """Have the present month's statements made and mailed; whoever has one gets no second."""
    if token := service.start_long_run(service.this_month(), by=actor.user):
        return redirect(url_for("jobs.show", token=token), 303)
    if service.start_run(service.this_month()):
        flash(_("The statements are being made. Each is mailed as soon as it is drawn."), "ok")
    else:
        flash(_("They were started today already. Nothing is sent twice."), "info")
    return redirect(url_for(".index"), 303)


@bp.get("/<number>", requires=Permission.VIEW_ALL_ORDERS)
def show(number: str) -> ResponseReturnValue:
    """One statement as its reseller sees it."""
    return pages.show(service.get_statement(number), by_staff=True)


@bp.get("/<number>/pdf", requires=Permission.VIEW_ALL_ORDERS)
def pdf(number: str) -> Response:
    """The statement as it was sent; paid, it says so (R19)."""
    return documents.download(*service.document_of(service.get_statement(number)))
