"""A reseller's invoices, credit notes and supplementary invoices in one list; the files are the orders' (R27)."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from dashboard.invoices import pages
from dashboard.jobs import answers
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render

bp = Blueprint("invoices", __name__, url_prefix="/invoices")
staff_bp = Blueprint("staff_invoices", __name__, url_prefix="/staff/invoices")


@bp.get("", requires=Permission.VIEW_OWN_ORDERS)
def index() -> ResponseReturnValue:
    """All invoices of the company, narrowed by words and a period, the newest first."""
    return render("invoices/index.html", "results", **pages.list_context(of=actor.reseller))


@bp.route("/export", methods=["GET", "POST"], requires=Permission.VIEW_OWN_ORDERS)
def export() -> ResponseReturnValue:
    """The same invoices as a file for a spreadsheet."""
    return answers.export("invoices", of=actor.reseller)


@staff_bp.get("", endpoint="index", requires=Permission.VIEW_ALL_ORDERS)
def index_for_staff() -> ResponseReturnValue:
    """The invoices of all resellers."""
    return render("invoices/index.html", "results", **pages.list_context(of=None))


@staff_bp.route("/export", methods=["GET", "POST"], endpoint="export", requires=Permission.VIEW_ALL_ORDERS)
def export_for_staff() -> ResponseReturnValue:
    """The same invoices as a file for a spreadsheet."""
    return answers.export("staff_invoices", of=None)
