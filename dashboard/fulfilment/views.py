"""What a reseller does with its order: cancel it, ask for a temporary license."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from dashboard.errors import N_, Refused
from dashboard.fulfilment import service
from dashboard.fulfilment.forms import CancelForm
from dashboard.orders import service as orders
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _

bp = Blueprint("fulfilment", __name__)


@bp.route("/orders/<order_id>/cancel", methods=["GET", "POST"], requires=Permission.PLACE_ORDERS)
def cancel(order_id: str) -> ResponseReturnValue:
    """Cancel an order to which no money has come and for which no license was issued (R12)."""
    order = orders.get_order(order_id, of=actor.reseller)
    form = CancelForm()
    if form.validate_on_submit():
        service.cancel_order(order_id, form.reason.data, by_staff=False, of=actor.reseller)
        flash(_("The order is cancelled."), "ok")
        return redirect(url_for("orders.show", order_id=order_id), 303)
    if not service.may_cancel(order, by_staff=False):
        raise Refused(N_("This order cannot be cancelled here any more. Please write to us."))
    status = 422 if form.is_refused else 200
    return render("fulfilment/cancel.html", status=status, form=form, order=order, received=None, by_staff=False)


@bp.post("/orders/<order_id>/temporary-license", requires=Permission.PLACE_ORDERS)
def ask_temporary(order_id: str) -> ResponseReturnValue:
    """Ask for a temporary license while the transfer is on its way (R22)."""
    service.ask_temporary(order_id, of=actor.reseller)
    flash(_("You asked for a temporary license. It comes by mail and appears on this page."), "ok")
    return redirect(url_for("orders.show", order_id=order_id), 303)
