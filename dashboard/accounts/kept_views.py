"""Nothing typed is lost when a session has ended, or the page was made in an earlier one (decision 0013)."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as BaseResponse

from dashboard.accounts import kept
from dashboard.accounts.pages import next_page
from dashboard.extensions import db
from dashboard.web.access import Permission, actor
from dashboard.web.error_pages import error_page, way_back
from dashboard.web.fragments import render, render_instead, wants_fragment
from dashboard.web.texts import gettext as _

bp = Blueprint("kept", __name__)


@bp.get("/kept", requires=Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """What was posted when the session had ended, to be sent again by a button."""
    found = kept.found()
    posts = [post for post in found if post.is_open]
    return render("accounts/kept.html", posts=posts) if posts else redirect("/", 303)


@bp.after_app_request
def sent_again(response: Response) -> Response:
    """What was sent again is kept no longer, unless it was refused."""
    is_taken = response.status_code < HTTPStatus.BAD_REQUEST and g.get("csrf_valid", False)
    if is_taken and actor.is_authenticated and kept.FIELD in request.form:
        kept.used(request.form[kept.FIELD])
    return response


@bp.app_errorhandler(Unauthorized)
def sign_in_first(_error: Unauthorized) -> Response | BaseResponse:
    """A visitor who asks for what needs an account signs in first, and comes back to it with what was typed."""
    if wants_fragment():  # a search, or sums that follow what is typed: somebody may be typing on
        return render_instead("accounts/_signed_out.html", 401, back=way_back())
    post = kept.posted()
    person = kept.made_for() if post else None
    if post and person:
        kept.keep(post, person)
        flash(_("You were signed out. What you entered is kept: you find it again when you have signed in."), "info")
    else:
        flash(_("Please sign in first."), "info")
    here = request.full_path.rstrip("?") if request.method == "GET" else url_for("kept.index") if person else None
    return redirect(url_for("accounts.sign_in", next=here), 303)


@bp.app_errorhandler(CSRFError)
def show_again(_error: CSRFError) -> Response | BaseResponse:
    """A form of ours that was made in an earlier session of this browser can be sent again by a button."""
    db.session.rollback()
    post = kept.posted()
    if post is None:
        return error_page(400)
    if request.endpoint == "accounts.sign_in" and actor.is_authenticated:
        return redirect(next_page(), 303)  # signed in already, in another tab
    if actor.is_authenticated and kept.made_for() not in {None, actor.user_id}:
        return error_page(400, _("This page was made for somebody else, who was signed in in this browser before you."))
    if wants_fragment():
        message = _("You have signed in anew meanwhile. What you entered is still here: go on by a button.")
        return error_page(400, message)
    if actor.is_anonymous:
        return render("accounts/kept.html", posts=[post], status=400)
    kept.keep(post, actor.user)
    return redirect(url_for("kept.index"), 303)
