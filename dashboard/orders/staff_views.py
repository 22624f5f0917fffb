"""The orders of all resellers, for staff."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from dashboard.errors import NotFound
from dashboard.invoices import service as invoices
from dashboard.jobs import answers
from dashboard.licenses import service as licenses
from dashboard.orders import pages, service
from dashboard.resellers import service as resellers
from dashboard.web.access import Permission
from dashboard.web.fragments import render

bp = Blueprint("staff_orders", __name__, url_prefix="/staff/orders")


@bp.get("", requires=Permission.VIEW_ALL_ORDERS)
def index() -> ResponseReturnValue:
    """The orders of all resellers."""
    return render("orders/index.html", "results", **pages.list_context(of=None))


@bp.route("/export", methods=["GET", "POST"], requires=Permission.VIEW_ALL_ORDERS)
def export() -> ResponseReturnValue:
    """The same orders as a file for a spreadsheet."""
    return answers.export("staff_orders", of=None)


@bp.get("/<order_id>", requires=Permission.VIEW_ALL_ORDERS)
def show(order_id: str) -> ResponseReturnValue:
    """One order, with what staff can do about it."""
    order = service.get_order(order_id)
    reseller = resellers.get_reseller(order.reseller_id)
    return render("orders/staff_show.html", "files", reseller=reseller, **pages.order_context(order, by_staff=True))


@bp.get("/<order_id>/papers/<number>", requires=Permission.VIEW_ALL_ORDERS)
def paper(order_id: str, number: str) -> ResponseReturnValue:
    return invoices.download(service.get_order(order_id), number)


@bp.get("/<order_id>/papers/<number>/xml", requires=Permission.VIEW_ALL_ORDERS)
def paper_xml(order_id: str, number: str) -> ResponseReturnValue:
    return invoices.download_xml(service.get_order(order_id), number)


@bp.get("/<order_id>/licenses/<serial>", requires=Permission.VIEW_ALL_ORDERS)
def license_file(order_id: str, serial: str) -> ResponseReturnValue:
    license_ = licenses.get_license(serial)
    if license_.order_id != order_id:
        raise NotFound
    return licenses.download(license_)
