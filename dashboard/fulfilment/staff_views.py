"""What staff do with an order: confirm its transfer, decide about a temporary license, correct its customer, cancel."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.clock import today
from dashboard.errors import N_, BusinessError, InvalidInput, Refused
from dashboard.fulfilment import part_cancellations, service, transfers
from dashboard.fulfilment.corrections import correct
from dashboard.fulfilment.forms import CancelForm, CorrectionForm, PartForm, PaymentForm, ReasonForm
from dashboard.fulfilment.pages import correction_page
from dashboard.invoices import service as invoices
from dashboard.ledger import balances
from dashboard.ledger.references import printed
from dashboard.money import Money, parse_amount
from dashboard.orders import service as orders
from dashboard.resellers import service as resellers
from dashboard.web import formats
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render
from dashboard.web.languages import is_switching
from dashboard.web.texts import gettext as _

if TYPE_CHECKING:
    from dashboard.orders.models import Order

bp = Blueprint("staff_fulfilment", __name__, url_prefix="/staff/orders")


@bp.route("/<order_id>/payment", methods=["GET", "POST"], requires=Permission.CONFIRM_PAYMENTS)
def payment(order_id: str) -> ResponseReturnValue:
    """Confirm by hand that a transfer for this order has come (R18)."""
    order = orders.get_order(order_id)
    missing = balances.open_amount(order_id)
    form = PaymentForm(submit_key=uuid.uuid4().hex, received_on=today(), amount=formats.plain_money(missing))
    if form.validate_on_submit():
        try:
            return _confirm(order, form)
        except BusinessError as error:
            form.refuse(error, "amount" if error.status == 422 else None)
    elif request.method == "GET" and (order.paid_on or order.cancelled_at):
        raise Refused(N_("This order is paid or cancelled: there is no payment to confirm."))
    return _payment_page(order, form, missing)


def _payment_page(order: Order, form: PaymentForm, missing: Money) -> ResponseReturnValue:
    """The form beside what the bank's statement should show."""
    return render(
        "fulfilment/payment.html",
        status=422 if form.is_refused else 200,
        form=form,
        order=order,
        open=missing,
        reference=printed(order.reference),
        bank=invoices.bank_of_order(order.id, order.currency),
        reseller=resellers.get_reseller(order.reseller_id),
    )


def _confirm(order: Order, form: PaymentForm) -> ResponseReturnValue:
    amount = parse_amount(form.amount.data, order.currency)
    confirmed = transfers.confirm_payment(
        order.id, amount, form.received_on.data, text=form.text.data or "", staff_id=actor.user,
        submit_key=form.submit_key.data,
    )  # fmt: skip
    if confirmed.paid_on:
        flash(_("The payment is confirmed. Invoice and license are on their way."), "ok")
    else:
        flash(_("The payment is booked. The order is not paid in full; the reseller is told what is missing."), "warn")
    return redirect(url_for("staff_orders.show", order_id=order.id), 303)


@bp.route("/<order_id>/cancel", methods=["GET", "POST"], requires=Permission.CANCEL_ANY_ORDER)
def cancel(order_id: str) -> ResponseReturnValue:
    """Cancel any order; an invoice gets its credit note, licenses are revoked (R12)."""
    order = orders.get_order(order_id)
    form = CancelForm()
    if form.validate_on_submit():
        service.cancel_order(order_id, form.reason.data, by_staff=True)
        flash(_("The order is cancelled."), "ok")
        return redirect(url_for("staff_orders.show", order_id=order_id), 303)
    if not service.may_cancel(order, by_staff=True):
        raise Refused(N_("This order is cancelled already."))
    return render(
        "fulfilment/cancel.html",
        status=422 if form.is_refused else 200,
        form=form,
        order=order,
        received=balances.paid_amount(order_id),
        by_staff=True,
    )


@bp.route("/<order_id>/cancel-part", methods=["GET", "POST"], requires=Permission.CANCEL_ANY_ORDER)
def cancel_part(order_id: str) -> ResponseReturnValue:
    """Cancel some lines of an order, or some of their pieces (R12)."""
    order = orders.get_order(order_id)
    form = PartForm(seen=part_cancellations.shown(order), pieces=[0] * len(order.lines))
    if form.validate_on_submit():
        try:
            service.cancel_part(order_id, form.quantities(), form.reason.data, seen=form.seen.data)
        except InvalidInput as error:
            form.refuse(error)
        else:
            flash(_("The part is cancelled."), "ok")
            return redirect(url_for("staff_orders.show", order_id=order_id), 303)
    elif not service.may_cancel_part(order):
        raise Refused(N_("There is no part of this order that could be cancelled."))
    received, status = balances.paid_amount(order_id), 422 if form.is_refused else 200
    return render("fulfilment/cancel_part.html", status=status, form=form, order=order, received=received)


@bp.route("/<order_id>/temporary-license", methods=["GET", "POST"], requires=Permission.RELEASE_LICENSES)
def temporary_license(order_id: str) -> ResponseReturnValue:
    """Release the temporary license that the reseller asked for, or decline it with a reason (R22)."""
    order, form = orders.get_order(order_id), ReasonForm()
    if request.form.get("decision") == "release" and not is_switching():
        service.release_temporary(order_id)
        flash(_("The temporary license is released."), "ok")
        return redirect(url_for("staff_orders.show", order_id=order_id), 303)
    if form.validate_on_submit():
        service.decline_temporary(order_id, form.reason.data)
        flash(_("The temporary license is declined, and the reseller is told why."), "ok")
        return redirect(url_for("staff_orders.show", order_id=order_id), 303)
    asked = service.asked_temporary(order)
    if asked is None:
        raise Refused(N_("No temporary license waits for this order."))
    status, reseller = 422 if form.is_refused else 200, resellers.get_reseller(order.reseller_id)
    may_release = service.may_release_temporary(order)
    return render(
        "fulfilment/temporary.html", status=status, form=form, order=order, asked=asked, reseller=reseller,
        may_release=may_release,
    )  # fmt: skip


@bp.route("/<order_id>/correct", methods=["GET", "POST"], requires=Permission.RELEASE_LICENSES)
def correct_customer(order_id: str) -> ResponseReturnValue:
    """Correct a mistyped address or name of the end customer, also after the first download (R21)."""
    form = CorrectionForm()
    if form.validate_on_submit():
        try:
            correct(order_id, form.correction(), by_staff=True)
        except InvalidInput as error:
            form.refuse(error)
        else:
            flash(_("The details are corrected."), "ok")
            return redirect(url_for("staff_orders.show", order_id=order_id), 303)
    return correction_page(orders.get_order(order_id), form, by_staff=True)
