"""Staff decide what a bank's entry is for, and take back what was booked wrongly (R12, R18)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from dashboard.errors import N_, BusinessError, InvalidInput, Refused
from dashboard.fulfilment import bank_entries, pages, usage
from dashboard.fulfilment.forms import ReasonForm
from dashboard.ledger import balances
from dashboard.payments import entries
from dashboard.payments import service as payments
from dashboard.resellers import service as resellers
from dashboard.web.access import Permission, actor
from dashboard.web.forms import row_id
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _

bp = Blueprint("staff_entries", __name__, url_prefix="/staff/payments")

CONFIRM = Permission.CONFIRM_PAYMENTS

ENTRY, TRANSFER = "/entries/<int(max=2147483647):entry_id>", "/transfers/<int(max=2147483647):transfer_id>"


@bp.route(ENTRY, methods=["GET", "POST"], requires=CONFIRM)
def entry(entry_id: int) -> ResponseReturnValue:
    """One entry: what the bank says, why it waits, what it may be for. Its form dismisses it, or takes back what was
    done with it."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            return _dismiss_or_undo(entry_id, form.reason.data)
        except BusinessError as error:
            form.refuse(error)
    return _shown(entry_id, form)


def _shown(entry_id: int, form: ReasonForm, refusal: BusinessError | None = None) -> Response:
    """The page of an entry; with why nothing was booked, and what was searched for and chosen."""
    context = pages.entry_context(entries.get_entry(entry_id), request.values.get("q", "").strip()[:100])
    return render(
        "fulfilment/entry.html",
        status=refusal.status if refusal else 422 if form.is_refused else 200,
        form=form,
        refusal=_(refusal.message, **refusal.values) if refusal else "",
        chosen=request.form.getlist("order"),
        **context,
    )


def _dismiss_or_undo(entry_id: int, reason: str) -> Response:
    """What the button says, whatever has become of the entry since the page was shown."""
    if request.form.get("step") == "undo":
        kept = _licensed(entries.get_entry(entry_id).transfer_id)
        bank_entries.undo(entry_id, reason, staff_id=actor.user)
        flash(_("Taken back. The entry waits for a decision again."), "ok")
        _tell_what_stays(kept)
    else:
        bank_entries.dismiss(entry_id, reason, staff_id=actor.user)
        flash(_("Put aside. Nothing was booked."), "ok")
    return redirect(url_for(".entry", entry_id=entry_id), 303)


@bp.post(f"{ENTRY}/book", requires=CONFIRM)
def book(entry_id: int) -> ResponseReturnValue:
    """Book an entry for the orders that were chosen, or for a reseller's account (R18)."""
    entries.get_entry(entry_id)
    try:
        _book(entry_id)
    except (InvalidInput, Refused) as error:
        return _shown(entry_id, ReasonForm(formdata=None), error)
    flash(_("Booked. The reseller is told by mail."), "ok")
    return redirect(url_for(".entry", entry_id=entry_id), 303)


def _book(entry_id: int) -> None:
    targets = request.form.getlist("order")
    found = balances.find_receivables(targets)
    reseller_id = request.form.get("reseller", type=row_id) or (found[0].reseller_id if found else None)
    if reseller_id is None:
        raise InvalidInput(N_("Choose the orders that it pays, or the reseller whose account it goes to."))
    if len({one.reseller_id for one in found} | {reseller_id}) > 1:
        raise InvalidInput(N_("These orders belong to different resellers. Choose those of one."))
    bank_entries.decide(entry_id, reseller_id, targets, staff_id=actor.user)


@bp.post(f"{ENTRY}/return", requires=CONFIRM)
def settle_return(entry_id: int) -> ResponseReturnValue:
    """Money went back: undo the transfer that it belongs to."""
    entries.get_entry(entry_id)
    transfer_id = request.form.get("transfer", type=row_id)
    if transfer_id is None:
        raise InvalidInput(N_("Choose the transfer that went back."))
    kept = _licensed(transfer_id)
    bank_entries.settle_return(entry_id, transfer_id, _("The bank sent it back."), staff_id=actor.user)
    flash(_("The transfer is undone. The reseller is told by mail."), "ok")
    _tell_what_stays(kept)
    return redirect(url_for(".entry", entry_id=entry_id), 303)


@bp.route(TRANSFER, methods=["GET", "POST"], requires=CONFIRM)
def transfer(transfer_id: int) -> ResponseReturnValue:
    """One transfer: what its money has paid; its form takes it back, with a reason."""
    found, form = payments.get_transfer(transfer_id), ReasonForm()
    used = usage.of_transfer(found)
    if form.validate_on_submit():
        try:
            bank_entries.undo_transfer(transfer_id, form.reason.data, staff_id=actor.user)
        except BusinessError as error:
            form.refuse(error)
        else:
            flash(_("The transfer is undone. The reseller is told by mail."), "ok")
            _tell_what_stays([order.id for order in used.licensed])
            return redirect(url_for(".transfer", transfer_id=transfer_id), 303)
    facts: dict[str, Any] = {"transfer": found, "used": used, "entry": entries.find_source_of(found)}
    status, reseller = 422 if form.is_refused else 200, resellers.get_reseller(found.reseller_id)
    return render("fulfilment/transfer.html", status=status, form=form, reseller=reseller, **facts)


def _licensed(transfer_id: int | None) -> list[str]:
    if transfer_id is None:
        return []
    return [order.id for order in usage.of_transfer(payments.get_transfer(transfer_id)).licensed]


def _tell_what_stays(order_ids: list[str]) -> None:
    """Undoing money does not call a license back: staff decide about that."""
    if order_ids:
        flash(
            _(
                "The licenses of %(orders)s stay in force. Cancel the order to revoke them.",
                orders=", ".join(order_ids),
            ),
            "warn",
        )
