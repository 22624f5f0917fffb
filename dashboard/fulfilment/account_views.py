"""A reseller's account, entry by entry: its own page, and staff's with what they put right (R12, R16, R24)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from dashboard.clock import today
from dashboard.errors import BusinessError, InvalidInput
from dashboard.fulfilment import bookkeeping, pages
from dashboard.fulfilment.forms import ReasonForm, RefundForm
from dashboard.jobs import answers
from dashboard.ledger import balances
from dashboard.money import parse_amount
from dashboard.resellers import service as resellers
from dashboard.web import formats
from dashboard.web.access import Permission, actor
from dashboard.web.forms import Form
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _

bp = Blueprint("account", __name__)
staff_bp = Blueprint("staff_account", __name__, url_prefix="/staff/resellers/<int(max=2147483647):id_>/account")

CONFIRM = Permission.CONFIRM_PAYMENTS


@bp.get("/account", requires=Permission.VIEW_OWN_ORDERS)
def show() -> ResponseReturnValue:
    """What the company owes, what is on account, and every entry behind that."""
    reseller = resellers.get_reseller(actor.reseller)
    return render("fulfilment/account.html", **pages.account_context(reseller, by_staff=False))


@staff_bp.get("", endpoint="show", requires=Permission.VIEW_ALL_ORDERS)
def show_to_staff(id_: int) -> ResponseReturnValue:
    """The account of any reseller."""
    reseller = resellers.get_reseller(id_)
    return render("fulfilment/account.html", **pages.account_context(reseller, by_staff=True))


@bp.route("/account/export", methods=["GET", "POST"], requires=Permission.VIEW_OWN_ORDERS)
def export() -> ResponseReturnValue:
    """The same entries as a file for a spreadsheet (R24)."""
    return answers.export("account", of=actor.reseller)


@staff_bp.route("/export", methods=["GET", "POST"], endpoint="export", requires=Permission.VIEW_ALL_ORDERS)
def export_for_staff(id_: int) -> ResponseReturnValue:
    """The entries of any reseller's account as a file."""
    return answers.export("staff_account", of=None, id_=str(resellers.get_reseller(id_).id))


@staff_bp.route("/refund", methods=["GET", "POST"], requires=CONFIRM)
def refund(id_: int) -> ResponseReturnValue:
    """Note that credit on account was paid back (R12)."""
    reseller = resellers.get_reseller(id_)
    credit = balances.credit_on_account(id_, reseller.currency)
    form = RefundForm(seen=balances.newest_entry(id_), day=today(), amount=formats.plain_money(credit))

    def act() -> None:
        amount = parse_amount(form.amount.data, reseller.currency)
        bookkeeping.refund(id_, amount, form.day.data, form.reason.data, seen=form.seen.data)

    return _decide(id_, form, act, "refund", at_stake=credit)


@staff_bp.route("/<receivable_id>/waive-interest", methods=["GET", "POST"], requires=CONFIRM)
def waive(id_: int, receivable_id: str) -> ResponseReturnValue:
    """Waive the interest of an order, with a reason (R16)."""
    receivable, form = bookkeeping.get_receivable(id_, receivable_id), ReasonForm()
    return _decide(
        id_, form, lambda: bookkeeping.waive_interest(id_, receivable_id, form.reason.data), "waive",
        receivable=receivable, at_stake=balances.open_interest(receivable_id),
    )  # fmt: skip


@staff_bp.route("/<receivable_id>/write-off", methods=["GET", "POST"], requires=CONFIRM)
def write_off(id_: int, receivable_id: str) -> ResponseReturnValue:
    """Give up what is open of an order, with a reason."""
    receivable, form = bookkeeping.get_receivable(id_, receivable_id), ReasonForm()
    return _decide(
        id_, form, lambda: bookkeeping.write_off(id_, receivable_id, form.reason.data), "write_off",
        receivable=receivable, at_stake=balances.open_amount(receivable_id),
    )  # fmt: skip


def _decide(id_: int, form: Form, act: Callable[[], object], action: str, **facts: Any) -> ResponseReturnValue:
    """The page of one correction: its form, and what happens when it is sent."""
    if form.validate_on_submit():
        try:
            act()
        except BusinessError as error:
            form.refuse(error, "amount" if isinstance(error, InvalidInput) and "amount" in form else None)
        else:
            flash(_("Booked."), "ok")
            return redirect(url_for("staff_account.show", id_=id_), 303)
    facts |= {"form": form, "action": action, "reseller": resellers.get_reseller(id_)}
    return render("fulfilment/correction.html", status=422 if form.is_refused else 200, **facts)
