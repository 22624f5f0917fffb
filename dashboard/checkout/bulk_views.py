"""Many orders at once, pasted or as a file: checked row by row, reviewed, placed all or none (R8-R11)."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.catalog.service import price_list
from dashboard.checkout import bulk
from dashboard.checkout.bulk import Checked
from dashboard.checkout.forms import BulkForm, judge
from dashboard.checkout.pastes import MAX_ROWS
from dashboard.checkout.renewals import rows_to_renew
from dashboard.checkout.rules import Buyer, is_draft_id
from dashboard.checkout.service import new_draft_id
from dashboard.clock import today
from dashboard.errors import BusinessError, InvalidInput
from dashboard.fulfilment.license_lists import serials_of_month
from dashboard.fulfilment.pricing import quotes
from dashboard.fulfilment.quotes import Quote, differences
from dashboard.money import Money
from dashboard.resellers.service import require_active
from dashboard.web.access import Permission, actor
from dashboard.web.forms import day_typed
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _
from dashboard.web.texts import ngettext

bp = Blueprint("bulk", __name__)


@bp.route("/order/bulk", methods=["GET", "POST"], requires=Permission.PLACE_ORDERS)
def show() -> ResponseReturnValue:
    """The rows, what is wrong with them or what they would order, and the button that places it all."""
    require_active(actor)
    form = BulkForm()
    if not is_draft_id(form.key.data or ""):
        form.key.data = new_draft_id()
    sent = form.validate_on_submit()
    placing = sent and request.form.get("action") == "place"
    checked, refusal = None, None
    try:
        if placing and bulk.were_placed(form.key.data, _buyer()):
            return redirect(url_for("orders.index"), 303)
        if sent:
            form.take_file()
        if sent or form.rows.data:
            checked = bulk.check(form.rows.data, _buyer(), price_list(actor.currency, today()), judge)
        if placing and checked and _is_as_reviewed(form, checked):
            return _placed(form, checked)
    except InvalidInput as error:
        form.refuse(error, "rows")
    except BusinessError as error:
        refusal = error
    return _page(form, checked, refusal)


@bp.post("/order/bulk/renewals", requires=Permission.PLACE_ORDERS)
def renew() -> ResponseReturnValue:
    """What was ticked among the licenses, or all of a month, as rows of a bulk order; nothing is kept (R23)."""
    require_active(actor)
    month = day_typed(request.form.get("month", ""))
    serials = request.form.getlist("serial") if month is None else serials_of_month(actor.reseller, month)
    form = BulkForm(formdata=None)
    form.key.data, form.rows.data = new_draft_id(), rows_to_renew(serials, of=actor.reseller)
    checked = None
    try:
        checked = bulk.check(form.rows.data, _buyer(), price_list(actor.currency, today()), judge)
    except InvalidInput as error:
        form.refuse(error, "rows")
    return _page(form, checked, None)


def _is_as_reviewed(form: BulkForm, checked: Checked) -> bool:
    """Whether these rows were shown, without a fault, and what looks like a mistake was said to be none."""
    may_be_twice = form.twice.data or not checked.doubtful
    return bool(checked.requests and checked.fingerprint == form.reviewed.data and may_be_twice)


def _placed(form: BulkForm, checked: Checked) -> ResponseReturnValue:
    placed = bulk.place(checked, _buyer(), seen=form.seen.data or "", key=form.key.data)
    flash(ngettext("%(num)s order is placed.", "%(num)s orders are placed.", len(placed)), "ok")
    return redirect(url_for("orders.index"), 303)


def _page(form: BulkForm, checked: Checked | None, refusal: BusinessError | None) -> Response:
    """The rows and what came of them, with what has changed marked since they were shown."""
    priced: list[Quote] = []
    try:
        if checked and checked.requests:
            priced = quotes(actor.reseller, [one.lines for one in checked.requests])
    except InvalidInput as error:
        form.refuse(error, "rows")
    requests = checked.requests if checked and priced else []
    shown = bulk.facts_of(form.seen.data or "", len(priced))
    is_known = bool(checked and checked.fingerprint == form.reviewed.data)
    changed = [is_known and bool(differences(one, quote)) for one, quote in zip(shown, priced, strict=True)]
    form.seen.data, form.reviewed.data = bulk.shown(priced), checked.fingerprint if checked else ""
    return render(
        "checkout/bulk.html",
        status=refusal.status if refusal else 422 if form.is_refused or (checked and checked.wrong) else 200,
        form=form,
        refusal=_(refusal.message, **refusal.values) if refusal else "",
        checked=checked,
        orders=list(zip(requests, priced, changed, strict=True)),
        total=sum((quote.total for quote in priced), Money.zero(actor.currency)),
        max_rows=MAX_ROWS,
        further=bulk.FURTHER,
    )


def _buyer() -> Buyer:
    return Buyer(actor.reseller, actor.user)
