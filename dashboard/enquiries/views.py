"""A reseller's enquiries: open, read, answer, close (R32). Technical support is the forum's, as the pages say (R33)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.enquiries import attachments, pages, service
from dashboard.enquiries.forms import FORMS, AnswerForm, NewForm
from dashboard.enquiries.rules import Kind, Side
from dashboard.enquiries.service import Request
from dashboard.errors import BusinessError, Refused, TooMany
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _
from dashboard.web.transactions import transaction

bp = Blueprint("enquiries", __name__, url_prefix="/enquiries")


@bp.get("", requires=Permission.VIEW_OWN_ENQUIRIES)
def index() -> ResponseReturnValue:
    """The company's enquiries, the last changed first."""
    return render("enquiries/index.html", "results", **pages.list_context(of=actor.reseller))


@bp.route("/new", methods=["GET", "POST"], requires=Permission.WRITE_ENQUIRIES)
def new() -> ResponseReturnValue:
    """Open an enquiry: first its kind, then the form that this kind asks for."""
    kind, order_id = request.args.get("kind", ""), request.args.get("order", "")[:20]
    if kind not in set(Kind):
        return render("enquiries/choose.html", kinds=list(Kind), order_id=order_id)
    form = FORMS[Kind(kind)](data={"order": order_id})
    if form.validate_on_submit():
        try:
            enquiry = service.open_enquiry(actor.reseller, actor.user, _asked(kind, form), submit_key=form.key.data)
        except BusinessError as error:
            form.refuse(error, "order" if error.status == 422 else None)
            return render("enquiries/new.html", form=form, kind=kind, order_id=order_id, status=error.status)
        flash(_("Your enquiry is sent. We answer in writing, here and by mail."), "ok")
        return redirect(url_for(".show", enquiry_id=enquiry.id), 303)
    status = 422 if form.is_refused else 200
    return render("enquiries/new.html", form=form, kind=kind, order_id=order_id, status=status)


def _asked(kind: str, form: NewForm) -> Request:
    order_id = (form.order.data or "").upper()
    return Request(Kind(kind), form.subject.data, form.text.data, order_id, form.facts(), form.sent_files())


@bp.get("/<enquiry_id>/files/<int(max=2147483647):file_id>", requires=Permission.VIEW_OWN_ENQUIRIES)
def file(enquiry_id: str, file_id: int) -> ResponseReturnValue:
    """A file that came with a message, to be saved."""
    service.get_enquiry(enquiry_id, of=actor.reseller)
    return pages.download(attachments.get_file(file_id, enquiry_id=enquiry_id))


@bp.get("/<enquiry_id>", requires=Permission.VIEW_OWN_ENQUIRIES)
def show(enquiry_id: str) -> ResponseReturnValue:
    """One enquiry with its whole exchange; that somebody has read the answer is noted."""
    context = pages.show_context(enquiry_id, AnswerForm(), of=actor.reseller)
    if context["enquiry"].unread and actor.may(Permission.WRITE_ENQUIRIES) and request.method == "GET":
        with transaction():
            service.seen(enquiry_id)
    return render("enquiries/show.html", **context)


@bp.post("/<enquiry_id>", requires=Permission.WRITE_ENQUIRIES)
def answer(enquiry_id: str) -> ResponseReturnValue:
    """Write to the vendor."""
    form = AnswerForm()
    if form.validate_on_submit():
        words = form.text.data, form.sent_files()
        try:
            service.answer(
                enquiry_id, Side.RESELLER, actor.user, *words, submit_key=form.key.data, of=actor.reseller
            )  # fmt: skip
        except (Refused, TooMany) as error:
            form.refuse(error)
        else:
            flash(_("Your message is sent."), "ok")
            return redirect(url_for(".show", enquiry_id=enquiry_id), 303)
    return render("enquiries/show.html", **pages.show_context(enquiry_id, form, of=actor.reseller))


@bp.post("/<enquiry_id>/close", requires=Permission.WRITE_ENQUIRIES)
def close(enquiry_id: str) -> ResponseReturnValue:
    """Nothing is to be done any more."""
    service.close(enquiry_id, of=actor.reseller)
    flash(_("The enquiry is closed."), "ok")
    return redirect(url_for(".show", enquiry_id=enquiry_id), 303)


@bp.post("/<enquiry_id>/reopen", requires=Permission.WRITE_ENQUIRIES)
def reopen(enquiry_id: str) -> ResponseReturnValue:
    """It is not done after all."""
    service.reopen(enquiry_id, Side.RESELLER, of=actor.reseller)
    flash(_("The enquiry is open again."), "ok")
    return redirect(url_for(".show", enquiry_id=enquiry_id), 303)
