"""What a reseller does with its order: cancel it, ask for a temporary license, see to it that letters arrive."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from dashboard.errors import N_, InvalidInput, Refused
from dashboard.fulfilment import service
from dashboard.fulfilment.corrections import correct, send_again
from dashboard.fulfilment.forms import CancelForm, CorrectionForm
from dashboard.fulfilment.pages import correction_page
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


@bp.route("/orders/<order_id>/correct", methods=["GET", "POST"], requires=Permission.PLACE_ORDERS)
def correct_customer(order_id: str) -> ResponseReturnValue:
    """Correct a mistyped address or name of the end customer, until the first download (R21)."""
    form = CorrectionForm()
    if form.validate_on_submit():
        try:
            correct(order_id, form.correction(), by_staff=False, of=actor.reseller)
        except InvalidInput as error:
            form.refuse(error)
        else:
            flash(_("The details are corrected."), "ok")
            return redirect(url_for("orders.show", order_id=order_id), 303)
    return correction_page(orders.get_order(order_id, of=actor.reseller), form, by_staff=False)


@bp.post("/orders/<order_id>/customer/send-again", requires=Permission.PLACE_ORDERS)
def send_to_customer(order_id: str) -> ResponseReturnValue:
    """Send the end customer's letter once more: it reads alike whether the address has an account or not (R21)."""
    return _sent_again(order_id, "customer_license")


@bp.post("/orders/<order_id>/licenses/send-again", requires=Permission.PLACE_ORDERS)
def send_licenses(order_id: str) -> ResponseReturnValue:
    """Send the letter with the license files once more to the member who ordered (R20)."""
    return _sent_again(order_id, "license_ready")


def _sent_again(order_id: str, kind: str) -> ResponseReturnValue:
    send_again(order_id, kind, of=actor.reseller)
    flash(_("The letter is sent again."), "ok")
    return redirect(url_for("orders.show", order_id=order_id), 303)
