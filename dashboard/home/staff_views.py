"""What staff look after beside orders: letters that were sent, wait or failed; what the worker could not do."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.home import letters
from dashboard.mail import service as mail
from dashboard.outbox import service as outbox
from dashboard.web.access import Permission
from dashboard.web.forms import row_id
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _

bp = Blueprint("staff_mail", __name__, url_prefix="/staff/mail")
effects = Blueprint("staff_effects", __name__, url_prefix="/staff/effects")


@bp.get("", requires=Permission.VIEW_MAIL)
def index() -> ResponseReturnValue:
    """All letters, newest first, with their state; or those that have not left, or that a search finds."""
    only, search, before = (
        _only(request.args),
        _search(request.args),
        request.args.get("before", type=row_id),
    )
    page = letters.list_letters(only=only, search=search, before=before)
    return render("home/letters.html", "results", page=page, only=only, search=search, is_first_page=not before)


def _only(given: Mapping[str, str]) -> str:
    """Which letters the list shows or showed: one of `mail.FILTERS`, or all."""
    wanted = given.get("state", "")
    return wanted if wanted in mail.FILTERS else ""


def _search(given: Mapping[str, str]) -> str:
    """What the list was searched for."""
    return given.get("q", "").strip()[:100]


@bp.get("/<int(max=2147483647):letter_id>", requires=Permission.VIEW_MAIL)
def show(letter_id: int) -> ResponseReturnValue:
    """One letter as it went out, as text."""
    letter = mail.get_letter(letter_id)
    return render("home/letter.html", letter=letter, given_up=mail.is_given_up(letter))


@bp.post("/<int(max=2147483647):letter_id>/again", requires=Permission.VIEW_MAIL)
def send_again(letter_id: int) -> ResponseReturnValue:
    """Send a letter once more, to whom it concerns now."""
    address = letters.send_again(letter_id)
    if address:
        flash(_("The letter is sent to %(address)s: that is where it would go today.", address=address), "ok")
    else:
        flash(_("The letter is sent again."), "ok")
    return redirect(url_for(".index", state=_only(request.form) or None, q=_search(request.form) or None), 303)


@effects.post("/<int(max=2147483647):item_id>/again", requires=Permission.VIEW_MAIL)
def try_again(item_id: int) -> ResponseReturnValue:
    """Have the worker try once more what it could not do."""
    outbox.retry_item(item_id)
    flash(_("It is tried again now."), "ok")
    return redirect(url_for("home.index"), 303)
