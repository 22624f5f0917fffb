"""From a SKU to a placed order: the order form, its review, and the click that places it (R8-R11).

The order form is one form that posts to the page's own address, with one button an action: nothing that was typed
gets lost, and everything works without scripts. With scripts, a change saves the draft and brings new totals.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from dashboard.catalog.rules import PricedSku, best_first, find_typed
from dashboard.catalog.service import price_list
from dashboard.checkout import service
from dashboard.checkout.choosing import NOTHING_FITS, SHOWN, meant_customer, meant_sku, searched
from dashboard.checkout.customers import customer_of, find_customers
from dashboard.checkout.forms import COMPLETE, OrderForm, ReviewForm, is_complete
from dashboard.checkout.rules import Buyer, Contents
from dashboard.checkout.service import AlreadyPlaced
from dashboard.clock import today
from dashboard.errors import N_, BusinessError, InvalidInput
from dashboard.fulfilment.estimates import differences
from dashboard.fulfilment.pricing import estimate
from dashboard.resellers.service import require_active
from dashboard.web.access import Permission, actor
from dashboard.web.formats import language
from dashboard.web.fragments import render, wants_fragment
from dashboard.web.languages import is_switching
from dashboard.web.texts import gettext as _

bp = Blueprint("checkout", __name__)


@bp.route("/order", methods=["GET", "POST"], requires=Permission.PLACE_ORDERS)
def order() -> ResponseReturnValue:
    """The draft that the member worked on last; with none, or when asked for, a new order, or one like an earlier."""
    again = request.args.get("again")
    begun = service.like_order(again, _buyer()) if again else Contents(customer={"language": language()})
    begun = replace(begun, origin=service.opened())
    require_active(actor)  # after the look for what is not there (R26)
    goes_on = request.method == "GET" and not again and "new" not in request.args
    if goes_on and (newest := service.find_newest(_buyer())):
        return redirect(url_for(".edit", draft_id=newest), 303)
    draft_id = request.form.get("draft") or service.new_draft_id()
    return _order_form(draft_id, service.find_draft(draft_id, _buyer()) or begun)


@bp.route("/order/<draft_id>", methods=["GET", "POST"], requires=Permission.PLACE_ORDERS)
def edit(draft_id: str) -> ResponseReturnValue:
    """A draft, to go on with."""
    require_active(actor)
    return _order_form(draft_id, service.get_draft(draft_id, _buyer()))


@bp.post("/order/add", requires=Permission.PLACE_ORDERS)
def add() -> ResponseReturnValue:
    """A button of the price list: one piece of its SKU goes into the draft."""
    require_active(actor)
    wanted = request.form.get("sku", "")
    sku = find_typed(_offered(), wanted)
    if sku is None:  # withdrawn since the list was opened
        raise InvalidInput(NOTHING_FITS, text=wanted)
    draft_id = service.add_to_newest(_buyer(), sku.code, language())
    flash(_("%(product)s, %(plan)s is in your order.", product=sku.product, plan=sku.plan), "ok")
    return redirect(url_for(".edit", draft_id=draft_id), 303)


@bp.post("/orders/<order_id>/licenses/<serial>/renew", requires=Permission.PLACE_ORDERS)
def renew(order_id: str, serial: str) -> ResponseReturnValue:
    """A button of a license: an order of the same for the same customer, whose updates go on where they end (R23)."""
    draft_id = service.begin_renewal(_buyer(), order_id, serial)
    require_active(actor)  # after the look for what is not there (R26); a refusal leaves no draft
    return redirect(url_for(".edit", draft_id=draft_id), 303)


@bp.post("/orders/<order_id>/renew", requires=Permission.PLACE_ORDERS)
def renew_order(order_id: str) -> ResponseReturnValue:
    """A button of a row of the list of orders: an order that renews all that can be renewed of it (R23)."""
    draft_id = service.begin_order_renewal(_buyer(), order_id)
    require_active(actor)  # after the look for what is not there (R26); a refusal leaves no draft
    return redirect(url_for(".edit", draft_id=draft_id), 303)


@bp.route("/order/<draft_id>/review", methods=["GET", "POST"], requires=Permission.PLACE_ORDERS)
def review(draft_id: str) -> ResponseReturnValue:
    """The order as it would be placed now; *Place* carries what was shown here (R10)."""
    require_active(actor)
    contents = service.get_draft(draft_id, _buyer())
    if not is_complete(contents):
        return _back_to_form(draft_id, InvalidInput(N_("Please fill in what is missing first.")))
    form = ReviewForm()
    try:
        if form.validate_on_submit():
            seen, reviewed = form.seen.data or "", form.reviewed.data or ""
            order_id = service.place_draft(draft_id, _buyer(), seen=seen, reviewed=reviewed)
            flash(_("Order %(id)s is placed.", id=order_id), "ok")
            return redirect(url_for("orders.show", order_id=order_id), 303)
        return _review_page(draft_id, contents, form)
    except InvalidInput as error:
        return _back_to_form(draft_id, error)
    except AlreadyPlaced:
        raise
    except BusinessError as error:
        return _review_page(draft_id, contents, form, refusal=error)


@bp.errorhandler(AlreadyPlaced)
def to_order(error: AlreadyPlaced) -> BaseResponse:
    """Back button, reload, second tab: a draft that was placed is its order now (R10)."""
    address = url_for("orders.show", order_id=error.order_id)
    if wants_fragment():
        return BaseResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def _order_form(draft_id: str, kept: Contents) -> ResponseReturnValue:
    """Carry out the button that was pressed, or show the form."""
    verb, _colon, argument = request.form.get("action", "").partition(":")
    form = OrderForm.of(draft_id, kept)
    if verb == "discard" and not is_switching():
        service.discard_draft(draft_id, _buyer())
        flash(_("The draft was discarded."), "info")
        return redirect(url_for(".edit", draft_id=argument) if argument else url_for(".order", new=1), 303)
    if verb == "remove":
        form.remove_line(argument)
    verb = verb or ("add" if form.sku.data else "earlier" if form.earlier.data else "update")  # Enter in a field
    try:
        if form.validate_on_submit(COMPLETE if verb == "review" else None):
            following = _carry_out(verb, argument, form)
            if following is not None:
                return _after(verb, following, form)
    except InvalidInput as error:
        form.refuse(error, "earlier" if verb == "earlier" else "sku")
    return _order_page(form)


def _carry_out(verb: str, argument: str, form: OrderForm) -> str | None:
    """Save the draft as the button asks.

    Returns:
        the field that comes next; None if the form is to be looked at again: there are several to choose from.

    Raises:
        InvalidInput: if nothing of what is sold was meant, or it is more than an order takes.
    """
    contents, following = form.contents(), "sku"
    if verb == "typed":  # no button: a change of a field, sent by htmx
        service.keep_typed(form.draft.data, _buyer(), contents)
        return None
    if verb == "add":
        sku = meant_sku(_offered(), argument or form.sku.data or "")
        contents = contents.adding(sku.code) if sku else contents
        following = f"lines-{[code for code, _ in contents.lines].index(sku.code)}-quantity" if sku else ""
    elif verb == "earlier":
        order_id = argument or meant_customer(actor.reseller, form.earlier.data or "")
        contents = replace(contents, customer=customer_of(order_id, actor.reseller)) if order_id else contents
        following = "po_number" if order_id else ""
    form.origin.data = str(service.save_draft(form.draft.data, _buyer(), contents))
    return following or None


def _after(verb: str, following: str, form: OrderForm) -> ResponseReturnValue:
    """Where an action leads that was carried out."""
    if wants_fragment():
        return _order_page(form)
    if verb == "review":
        return redirect(url_for(".review", draft_id=form.draft.data), 303)
    return redirect(url_for(".edit", draft_id=form.draft.data, _anchor=following), 303)


def _order_page(form: OrderForm) -> Response:
    """The order form; for htmx, the results of a search (GET) or the sums (POST)."""
    offered = _offered()
    by_code = {sku.code: sku for sku in offered}
    search, customer = searched(form.sku), searched(form.earlier)
    block = "customers" if "earlier" in request.args else "matches"
    return render(
        "checkout/edit.html",
        "sums" if request.method == "POST" else block,
        status=422 if form.is_refused else 200,
        form=form,
        lines=[(entry.form, by_code.get(entry.form.sku.data)) for entry in form.lines],
        matches=best_first(offered, search) if search else [],
        customers=find_customers(actor.reseller, customer),
        shown=SHOWN,
        search=search,
        customer_search=customer,
        address=request.path,
        others=[] if wants_fragment() else service.other_drafts(_buyer(), form.draft.data),
        names={code: sku.product for code, sku in by_code.items()},
        **_sums(form),
    )


def _sums(form: OrderForm) -> dict[str, Any]:
    """The order's estimate, or why there is none."""
    if not form.has_quantities:
        return {"problem": _("Correct the quantities to see the sum.")}
    try:
        lines = form.contents().lines
        return {"estimate": estimate(actor.reseller, lines)} if lines else {}
    except BusinessError as error:
        return {"problem": _(error.message, **error.values)}


def _review_page(draft_id: str, contents: Contents, form: ReviewForm, refusal: BusinessError | None = None) -> Response:
    """The review, with what has changed marked since the page that was sent."""
    now = estimate(actor.reseller, contents.lines)
    changes = differences(form.seen.data, now) if form.seen.data else []
    form.seen.data, form.reviewed.data = now.shown(), contents.fingerprint
    return render(
        "checkout/review.html",
        status=refusal.status if refusal else 200,
        refusal=_(refusal.message, **refusal.values) if refusal else "",
        draft_id=draft_id,
        contents=contents,
        form=form,
        estimate=now,
        changes={(change.what, change.sku): change for change in changes},
    )


def _back_to_form(draft_id: str, error: InvalidInput) -> ResponseReturnValue:
    flash(_(error.message, **error.values), "warn")
    return redirect(url_for(".edit", draft_id=draft_id), 303)


def _offered() -> list[PricedSku]:
    return price_list(actor.currency, today())


def _buyer() -> Buyer:
    return Buyer(actor.reseller, actor.user)
