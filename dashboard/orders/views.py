"""A reseller's orders: the list, one order, its documents and licenses, and what the customer sees of it (R24, R26)."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from dashboard.clock import today
from dashboard.errors import NotFound
from dashboard.invoices import service as invoices
from dashboard.jobs import answers
from dashboard.licenses import service as licenses
from dashboard.orders import pages, service
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render

bp = Blueprint("orders", __name__)


@bp.get("/orders", requires=Permission.VIEW_OWN_ORDERS)
def index() -> ResponseReturnValue:
    """All orders of the company, narrowed by words and state, newest first (R24)."""
    return render("orders/index.html", "results", **pages.list_context(of=actor.reseller))


@bp.route("/orders/export", methods=["GET", "POST"], requires=Permission.VIEW_OWN_ORDERS)
def export() -> ResponseReturnValue:
    """The same orders as a file for a spreadsheet (R24)."""
    return answers.export("orders", of=actor.reseller)


@bp.get("/orders/<order_id>", requires=Permission.VIEW_OWN_ORDERS)
def show(order_id: str) -> ResponseReturnValue:
    """One order with everything that belongs to it."""
    order = service.get_order(order_id, of=actor.reseller)
    return render("orders/show.html", "files", **pages.order_context(order, by_staff=False))


@bp.get("/orders/<order_id>/customer", requires=Permission.VIEW_OWN_ORDERS)
def customer_view(order_id: str) -> ResponseReturnValue:
    """What the customer sees of this order: its licenses, never the customer's account (R26)."""
    order = service.get_order(order_id, of=actor.reseller)
    shown = [one for one in licenses.of_order(order.id) if one.user_id]
    return render(
        "orders/customer_view.html", order_id=order.id, customer=order.customer, licenses=shown, today=today()
    )


@bp.get("/orders/<order_id>/papers/<number>", requires=Permission.VIEW_OWN_ORDERS)
def paper(order_id: str, number: str) -> ResponseReturnValue:
    """A pro-forma, invoice or credit note (R27)."""
    return invoices.download(service.get_order(order_id, of=actor.reseller), number)


@bp.get("/orders/<order_id>/papers/<number>/xml", requires=Permission.VIEW_OWN_ORDERS)
def paper_xml(order_id: str, number: str) -> ResponseReturnValue:
    """An invoice or credit note for the company's own bookkeeping program (R27)."""
    return invoices.download_xml(service.get_order(order_id, of=actor.reseller), number)


@bp.get("/orders/<order_id>/licenses/<serial>", requires=Permission.VIEW_OWN_ORDERS)
def license_file(order_id: str, serial: str) -> ResponseReturnValue:
    """A license file of the order, for the reseller to pass on (R20)."""
    license_ = licenses.get_license(serial, of_reseller=actor.reseller)
    if license_.order_id != order_id:
        raise NotFound
    return licenses.download(license_)
