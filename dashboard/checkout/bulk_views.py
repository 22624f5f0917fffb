"""Many orders at once, pasted or as a file: checked row by row, reviewed, placed all or none (R8-R11).

The rows are kept as the order form's draft is: with every button, and with scripts also after every change.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.catalog.service import price_list
from dashboard.checkout import bulk, bulk_drafts
from dashboard.checkout.bulk import Checked
from dashboard.checkout.forms import BulkForm, judge
from dashboard.checkout.pastes import MAX_ROWS
from dashboard.checkout.renewals import rows_to_renew
from dashboard.checkout.rules import Buyer, Origin, is_draft_id
from dashboard.checkout.service import new_draft_id, opened
from dashboard.clock import today, utcnow
from dashboard.errors import BusinessError, InvalidInput
from dashboard.fulfilment.estimates import Estimate, differences
from dashboard.fulfilment.license_lists import serials_of_month
from dashboard.fulfilment.pricing import estimates
from dashboard.money import Money
from dashboard.resellers.service import require_active
from dashboard.web.access import Permission, actor
from dashboard.web.formats import language
from dashboard.web.forms import day_typed
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _
from dashboard.web.texts import ngettext

bp = Blueprint("bulk", __name__)


@bp.route("/order/bulk", methods=["GET", "POST"], requires=Permission.PLACE_ORDERS)
def show() -> ResponseReturnValue:
    """The rows, what is wrong with them or what they would order, and the button that places it all."""
    require_active(actor)
    form = _opened()
    sent, verb = form.validate_on_submit(), request.form.get("action", "")
    if sent and verb in _AT_ONCE:
        return _AT_ONCE[verb](form)
    placing = sent and verb == "place"
    checked, refusal, kept = None, None, False
    try:
        if placing and bulk.were_placed(form.key.data, _buyer()):
            return redirect(url_for("orders.index"), 303)
        if sent:
            form.take_file()
            kept = bool(form.rows.data.strip()) and _keep(form, by_button=True)
        if sent or form.rows.data:
            checked = bulk.check(form.rows.data, _buyer(), price_list(actor.currency, today()), judge)
        if placing and checked and _is_as_reviewed(form, checked):
            return _placed(form, checked)
    except InvalidInput as error:
        form.refuse(error, "rows")
    except BusinessError as error:
        refusal = error
    return _page(form, checked, refusal, is_kept=kept and not placing)


@bp.post("/order/bulk/renewals", requires=Permission.PLACE_ORDERS)
def renew() -> ResponseReturnValue:
    """What was ticked among the licenses, or all of a month that a search shows, as rows of a bulk order; nothing is
    kept (R23).
    """
    require_active(actor)
    month, search = day_typed(request.form.get("month", "")), request.form.get("q", "")
    serials = request.form.getlist("serial") if month is None else serials_of_month(actor.reseller, month, search)
    form = BulkForm(formdata=None)
    form.key.data, form.rows.data = new_draft_id(), rows_to_renew(serials, of=actor.reseller)
    form.origin.data = str(opened())
    checked = None
    try:
        checked = bulk.check(form.rows.data, _buyer(), price_list(actor.currency, today()), judge)
    except InvalidInput as error:
        form.refuse(error, "rows")
    return _page(form, checked, None)


def _opened() -> BulkForm:
    """The form as it was sent; when it is opened, with the rows that the member worked on last, if there are any."""
    form = BulkForm()
    is_afresh = request.method != "GET" or not {"new", "example"}.isdisjoint(request.args)
    begun = None if is_afresh else bulk_drafts.find_rows(_buyer())
    if begun is not None:
        form.rows.data, form.key.data, form.origin.data = begun.rows, begun.id, str(opened(begun.revision))
    if not is_draft_id(form.key.data or ""):
        form.key.data, form.origin.data = new_draft_id(), str(opened())
    return form


def _keep(form: BulkForm, *, by_button: bool) -> bool:
    """Keep the rows; whether they are kept."""
    origin = Origin.read(form.origin.data or "")
    revision = bulk_drafts.keep_rows(form.key.data, _buyer(), form.rows.data, origin, by_button=by_button)
    if by_button and revision is not None:
        form.origin.data = str(opened(revision))
    return revision is not None


def _typed(form: BulkForm) -> ResponseReturnValue:
    """A change of the rows, sent by htmx."""
    return _page(form, None, None, is_kept=_keep(form, by_button=False), is_typed=True)


def _discarded(form: BulkForm) -> ResponseReturnValue:
    bulk_drafts.forget_rows(form.key.data, _buyer())
    flash(_("The rows were discarded."), "info")
    return redirect(url_for(".show"), 303)


#: What is done without a check of the rows.
_AT_ONCE = {"typed": _typed, "discard": _discarded}


def _is_as_reviewed(form: BulkForm, checked: Checked) -> bool:
    """Whether these rows were shown, without a fault, and what looks like a mistake was said to be none."""
    may_be_twice = form.twice.data or not checked.doubtful
    return bool(checked.requests and checked.fingerprint == form.reviewed.data and may_be_twice)


def _placed(form: BulkForm, checked: Checked) -> ResponseReturnValue:
    placed = bulk.place(checked, _buyer(), seen=form.seen.data or "", key=form.key.data)
    bulk_drafts.forget_rows(form.key.data, _buyer())
    flash(ngettext("%(num)s order is placed.", "%(num)s orders are placed.", len(placed)), "ok")
    return redirect(url_for("orders.index"), 303)


def _page(
    form: BulkForm,
    checked: Checked | None,
    refusal: BusinessError | None,
    *,
    is_kept: bool = False,
    is_typed: bool = False,
) -> Response:
    """The rows and what came of them, with what has changed marked since they were shown; for htmx, whether the rows
    are kept.
    """
    priced: list[Estimate] = []
    try:
        if checked and checked.requests:
            priced = estimates(actor.reseller, [one.lines for one in checked.requests])
    except InvalidInput as error:
        form.refuse(error, "rows")
    requests = checked.requests if checked and priced else []
    shown = bulk.facts_of(form.seen.data or "", len(priced))
    is_known = bool(checked and checked.fingerprint == form.reviewed.data)
    changed = [is_known and bool(differences(one, estimate)) for one, estimate in zip(shown, priced, strict=True)]
    form.seen.data, form.reviewed.data = bulk.shown(priced), checked.fingerprint if checked else ""
    is_wrong = form.is_refused or bool(checked and checked.wrong)
    is_refused = is_wrong and request.method == "POST" and not is_kept  # what is refused would change nothing
    status = refusal.status if refusal else 422 if is_refused else 200
    if status != HTTPStatus.OK:
        form.origin.data = request.form.get("origin") or form.origin.data  # what is refused has kept nothing
    return render(
        "checkout/bulk.html",
        "kept",
        status=status,
        form=form,
        refusal=_(refusal.message, **refusal.values) if refusal else "",
        checked=checked,
        orders=list(zip(requests, priced, changed, strict=True)),
        total=sum((estimate.total for estimate in priced), Money.zero(actor.currency)),
        max_rows=MAX_ROWS,
        further=bulk.FURTHER,
        is_kept=is_kept,
        is_typed=is_typed,
        now=utcnow(),
        example=_example() if request.method == "GET" and "example" in request.args else [],
    )


def _example() -> list[list[str]]:
    """Rows to begin with: the columns as the reader calls them, and two products of the price list."""
    head = [_("SKU"), _("Quantity"), _("Company"), _("Contact person"), _("E-mail"), _("Country"), _("Language")]
    customer = [_("Example Ltd"), _("Alex Example"), "alex@example.com", "DE", language()]
    skus = [sku.code for sku in price_list(actor.currency, today())[:2]]
    return [head, *([sku, str(pieces), *customer] for pieces, sku in enumerate(skus, start=1))]


def _buyer() -> Buyer:
    return Buyer(actor.reseller, actor.user)
