"""A reseller's quotes: the list, the form, the issued paper, and the order that one becomes (R25, R26).

The form posts to the page's own address, with one button an action, as the order form does: everything works without
scripts. With scripts, a change brings new totals.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.checkout.choosing import meant_customer, meant_sku
from dashboard.checkout.customers import customer_of
from dashboard.checkout.rules import Buyer, Origin
from dashboard.checkout.service import AlreadyPlaced, Overtaken, opened
from dashboard.documents import service as documents
from dashboard.errors import N_, InvalidInput, Refused
from dashboard.jobs import answers
from dashboard.quotes import pages, service
from dashboard.quotes.forms import COMPLETE, KeyForm, QuoteForm
from dashboard.resellers.service import require_active
from dashboard.web.access import Permission, actor
from dashboard.web.formats import language
from dashboard.web.fragments import render, wants_fragment
from dashboard.web.languages import is_switching
from dashboard.web.texts import gettext as _

bp = Blueprint("quotes", __name__, url_prefix="/quotes")


@bp.get("", requires=Permission.VIEW_OWN_ORDERS)
def index() -> ResponseReturnValue:
    """All quotes of the company, narrowed by words and state, newest first."""
    return render("quotes/index.html", "results", **pages.list_context(actor.reseller))


@bp.route("/export", methods=["GET", "POST"], requires=Permission.VIEW_OWN_ORDERS)
def export() -> ResponseReturnValue:
    """The same quotes as a file for a spreadsheet."""
    return answers.export("quotes", of=actor.reseller)


@bp.route("/new", methods=["GET", "POST"], requires=Permission.PLACE_ORDERS)
def new() -> ResponseReturnValue:
    """A quote that is not kept yet."""
    require_active(actor)
    form = QuoteForm.of(service.blank(actor.reseller, language()), actor.currency, opened())
    return _quote_form(form, "", actor.currency)


@bp.get("/<quote_id>", requires=Permission.VIEW_OWN_ORDERS)
def show(quote_id: str) -> ResponseReturnValue:
    """One quote, what it leaves the reseller today, and what became of it."""
    quote = service.get_quote(quote_id, of=actor.reseller)
    return render("quotes/show.html", "paper", **pages.show_context(quote))


@bp.route("/<quote_id>/edit", methods=["GET", "POST"], requires=Permission.PLACE_ORDERS)
def edit(quote_id: str) -> ResponseReturnValue:
    """A draft, to go on with."""
    quote = service.get_quote(quote_id, of=actor.reseller)
    require_active(actor)  # after the look for what is not there (R26)
    if quote.issued_at is not None:
        return redirect(url_for(".show", quote_id=quote_id), 303)
    form = QuoteForm.of(quote.contents, quote.currency, opened(quote.revision))
    return _quote_form(form, quote_id, quote.currency)


@bp.get("/<quote_id>/pdf", requires=Permission.VIEW_OWN_ORDERS)
def paper(quote_id: str) -> ResponseReturnValue:
    """The issued paper, the same bytes for ever; only the company's members fetch it (R25)."""
    quote = service.get_quote(quote_id, of=actor.reseller)
    if quote.document_digest is None:
        raise Refused(N_("This document is still being prepared. Please try again in a moment."))
    return documents.download(quote.document_digest, quote.file_name)


@bp.post("/<quote_id>/withdraw", requires=Permission.PLACE_ORDERS)
def withdraw(quote_id: str) -> ResponseReturnValue:
    """The company does not stand by it any more."""
    service.withdraw(quote_id, actor.reseller)
    flash(_("The quote is withdrawn. Tell your customer if it has it."), "ok")
    return redirect(url_for(".show", quote_id=quote_id), 303)


@bp.post("/<quote_id>/change", requires=Permission.PLACE_ORDERS)
def change(quote_id: str) -> ResponseReturnValue:
    """Begin the next version; the present one holds until that is issued."""
    draft = service.change(quote_id, _buyer())
    require_active(actor)
    return redirect(url_for(".edit", quote_id=draft), 303)


@bp.post("/<quote_id>/copy", requires=Permission.PLACE_ORDERS)
def copy(quote_id: str) -> ResponseReturnValue:
    """Begin another quote like this one."""
    service.get_quote(quote_id, of=actor.reseller)
    require_active(actor)
    form = KeyForm()
    if not form.validate_on_submit():
        return redirect(url_for(".show", quote_id=quote_id), 303)
    draft = service.copy(quote_id, _buyer(), submit_key=form.key.data)
    return redirect(url_for(".edit", quote_id=draft), 303)


@bp.post("/<quote_id>/order", requires=Permission.PLACE_ORDERS)
def make_order(quote_id: str) -> ResponseReturnValue:
    """The order form filled in from the quote, at today's partner prices (R10)."""
    try:
        draft = service.make_order(quote_id, _buyer())
    except AlreadyPlaced as error:
        return redirect(url_for("orders.show", order_id=error.order_id), 303)
    require_active(actor)  # after the look for what is not there (R26); a refusal leaves no draft
    return redirect(url_for("checkout.edit", draft_id=draft), 303)


def _quote_form(form: QuoteForm, quote_id: str, currency: str) -> ResponseReturnValue:
    """Carry out the button that was pressed, or show the form."""
    verb, _colon, argument = request.form.get("action", "").partition(":")
    if verb == "remove":
        form.remove_line(argument)
    elif verb == "markup":
        form.mark_up(pages.offered(currency))
    verb = verb or ("add" if form.sku.data else "earlier" if form.earlier.data else "update")  # Enter in a field
    try:
        if verb == "discard" and quote_id and not is_switching():
            return _discarded(quote_id, form)
        if form.validate_on_submit(COMPLETE if verb == "issue" else None):
            following = _carry_out(verb, argument, form, quote_id, currency)
            if following and wants_fragment():
                return _typed(form, quote_id, currency, following)
            if following:
                return redirect(following, 303)
    except InvalidInput as error:
        form.refuse(error, {"earlier": "earlier", "issue": None}.get(verb, "sku"))
    except Overtaken as error:
        return pages.form_page(form, quote_id, currency, overtaken=error)
    return pages.form_page(form, quote_id, currency)


def _discarded(quote_id: str, form: QuoteForm) -> ResponseReturnValue:
    service.discard(quote_id, actor.reseller, Origin.read(form.origin.data or ""))
    flash(_("The draft was discarded."), "info")
    return redirect(url_for(".index"), 303)


def _typed(form: QuoteForm, quote_id: str, currency: str, address: str) -> ResponseReturnValue:
    """The sums after a change; with the first, a new quote has got an address, to which a reload leads."""
    response = pages.form_page(form, quote_id, currency)
    if not quote_id:
        response.headers["HX-Replace-Url"] = address
    return response


def _carry_out(verb: str, argument: str, form: QuoteForm, quote_id: str, currency: str) -> str:
    """Do what a button asks, and keep what was typed.

    Returns:
        the address that follows; nothing if the form is to be looked at again.

    Raises:
        InvalidInput: if nothing of what is sold was meant, or it cannot be issued.
    """
    following = "sku"
    if verb == "add":
        sku = meant_sku(list(pages.offered(currency).values()), argument or form.sku.data or "")
        following = f"lines-{form.add_line(sku)}-quantity" if sku else ""
    elif verb == "earlier":
        order_id = argument or meant_customer(actor.reseller, form.earlier.data or "")
        form.replace_customer(customer_of(order_id, actor.reseller) if order_id else {})
        following = "reference" if order_id else ""
    if not following:
        return ""
    quote_id = _kept(form, quote_id, currency, verb)
    if verb == "issue":
        service.issue(quote_id, actor.reseller)
        flash(_("The quote is issued."), "ok")
        return url_for(".show", quote_id=quote_id)
    return url_for(".edit", quote_id=quote_id, _anchor=None if verb == "typed" else following)


def _kept(form: QuoteForm, quote_id: str, currency: str, verb: str) -> str:
    """Keep what was typed, after a button or a mere change; the id of the quote.

    Raises:
        Overtaken: if that would undo what somebody else has typed, and it was not said that it may.
    """
    contents, by_button = form.contents(currency), verb != "typed"
    origin = None if verb == "overwrite" else Origin.read(form.origin.data or "")
    if quote_id:
        return service.save(quote_id, actor.reseller, contents, origin, by_button=by_button).id
    key = form.key.data or ""
    return service.begin(_buyer(), contents, submit_key=key, origin=origin, by_button=by_button).id


def _buyer() -> Buyer:
    return Buyer(actor.reseller, actor.user)
