"""Staff read and answer enquiries, and say where mails belong that could not be filed by themselves (R32)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.enquiries import attachments, inbox, pages, service
from dashboard.enquiries.forms import FileForm, StaffAnswerForm
from dashboard.enquiries.rules import MailState, Side
from dashboard.errors import InvalidInput, Refused, TooMany
from dashboard.resellers import service as resellers
from dashboard.web.access import Permission, actor
from dashboard.web.forms import row_id
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _

bp = Blueprint("staff_enquiries", __name__, url_prefix="/staff/enquiries")

ANSWER = Permission.ANSWER_ENQUIRIES

#: As large as the databases' ids can be; anything larger is no page.
MAIL = "<int(max=2147483647):mail_id>"
FILE = "<int(max=2147483647):file_id>"


@bp.get("", requires=ANSWER)
def index() -> ResponseReturnValue:
    """The enquiries of all resellers; first those that wait for us."""
    return render("enquiries/index.html", "results", **pages.list_context(of=None))


@bp.get("/<enquiry_id>", requires=ANSWER)
def show(enquiry_id: str) -> ResponseReturnValue:
    """One enquiry with its whole exchange."""
    return _shown(enquiry_id, StaffAnswerForm())


def _shown(enquiry_id: str, form: StaffAnswerForm) -> ResponseReturnValue:
    context = pages.show_context(enquiry_id, form, of=None)
    reseller = resellers.get_reseller(context["enquiry"].reseller_id)
    return render("enquiries/show.html", reseller=reseller, **context)


@bp.post("/<enquiry_id>", requires=ANSWER)
def answer(enquiry_id: str) -> ResponseReturnValue:
    """Write to the reseller, and close the enquiry with that if nothing is left to do."""
    form = StaffAnswerForm()
    if not form.validate_on_submit():
        return _shown(enquiry_id, form)
    words = form.text.data, form.sent_files()
    try:
        is_new = service.answer(enquiry_id, Side.VENDOR, actor.user, *words, submit_key=form.key.data)
    except (Refused, TooMany) as error:
        form.refuse(error)
        return _shown(enquiry_id, form)
    if is_new and form.close.data:
        service.close(enquiry_id)
    flash(_("Your answer is sent."), "ok")
    return redirect(url_for(".index") if form.close.data else url_for(".show", enquiry_id=enquiry_id), 303)


@bp.get(f"/<enquiry_id>/files/{FILE}", requires=ANSWER)
def file(enquiry_id: str, file_id: int) -> ResponseReturnValue:
    """A file that came with a message, to be saved."""
    return pages.download(attachments.get_file(file_id, enquiry_id=enquiry_id))


@bp.post("/<enquiry_id>/close", requires=ANSWER)
def close(enquiry_id: str) -> ResponseReturnValue:
    """Nothing is to be done any more."""
    service.close(enquiry_id)
    flash(_("The enquiry is closed."), "ok")
    return redirect(url_for(".index"), 303)


@bp.post("/<enquiry_id>/reopen", requires=ANSWER)
def reopen(enquiry_id: str) -> ResponseReturnValue:
    """It is not done after all."""
    service.reopen(enquiry_id, Side.VENDOR)
    flash(_("The enquiry is open again."), "ok")
    return redirect(url_for(".show", enquiry_id=enquiry_id), 303)


@bp.get("/mail", requires=ANSWER)
def mails() -> ResponseReturnValue:
    """Mails that wait for a person; or, by the address's state, those dismissed or written by programs."""
    state = request.args.get("state", "")
    state = state if state in set(inbox.STATES) else MailState.WAITING
    before = request.args.get("before", type=row_id)
    return render("enquiries/mails.html", page=inbox.list_mails(state, before=before), state=state, before=before)


@bp.route(f"/mail/{MAIL}", methods=["GET", "POST"], requires=ANSWER)
def mail(mail_id: int) -> ResponseReturnValue:
    """One mail, to be filed with an enquiry."""
    found = inbox.get_mail(mail_id)
    form = FileForm(data={"number": found.enquiry_id})
    if form.validate_on_submit():
        try:
            enquiry = inbox.file_mail(mail_id, form.number.data, by=actor.user)
        except InvalidInput as error:
            form.refuse(error, "number")
        else:
            flash(_("The mail is filed with %(number)s.", number=enquiry.id), "ok")
            return redirect(url_for(".show", enquiry_id=enquiry.id), 303)
    files, status = attachments.of_mail(mail_id), 422 if form.is_refused else 200
    return render("enquiries/mail.html", status=status, mail=found, files=files, form=form)


@bp.get(f"/mail/{MAIL}/files/{FILE}", requires=ANSWER)
def file_of_mail(mail_id: int, file_id: int) -> ResponseReturnValue:
    """A file that came with a mail, to be saved."""
    return pages.download(attachments.get_file_of_mail(file_id, mail_id=mail_id))


@bp.post(f"/mail/{MAIL}/dismiss", requires=ANSWER)
def dismiss(mail_id: int) -> ResponseReturnValue:
    """The mail belongs nowhere."""
    inbox.dismiss_mail(mail_id, by=actor.user)
    flash(_("The mail is dismissed."), "ok")
    return redirect(url_for(".mails"), 303)
