"""Registration, confirmation, sign-in, password, address, language and theme (R1, R21, R30)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from dashboard.accounts import service, sessions
from dashboard.accounts.forms import (
    AskResetForm,
    ChangeAddressForm,
    ChangePasswordForm,
    EmptyForm,
    NewPasswordForm,
    PasswordForm,
    ProfileForm,
    RegisterForm,
    SignInForm,
)
from dashboard.accounts.pages import address, entered, next_page, refused, shown
from dashboard.accounts.rules import THEMES, Purpose, local_path
from dashboard.accounts.tokens import DeadLink, Opened
from dashboard.clock import utcnow
from dashboard.config import current_settings
from dashboard.errors import BusinessError
from dashboard.web import error_pages, formats
from dashboard.web.access import Permission, actor
from dashboard.web.forms import Form
from dashboard.web.fragments import render
from dashboard.web.languages import FIELD, LANGUAGES, YEAR, is_switching, switch_language
from dashboard.web.pages import Link
from dashboard.web.texts import gettext as _
from dashboard.web.texts import ngettext
from dashboard.web.transactions import reading

bp = Blueprint("accounts", __name__)


@bp.route("/register", methods=["GET", "POST"], requires=Permission.PUBLIC)
def register() -> ResponseReturnValue:
    """Make an account; a visitor never learns whether the address has one."""
    form = RegisterForm()
    if form.validate_on_submit():
        try:
            service.register(form.name.data, form.email.data, form.password.data, formats.language(), address())
        except BusinessError as error:
            return refused("accounts/register.html", form, error)
        session["next"] = next_page()
        return _check_mail("register", form.email.data)
    return shown("accounts/register.html", form)


@bp.get("/check-mail", requires=Permission.PUBLIC)
def check_mail() -> ResponseReturnValue:
    """Where a form leads that had a letter sent."""
    if "mailed" not in session:
        return redirect(url_for("accounts.sign_in"), 303)
    kind, email = session["mailed"]
    return render("accounts/check_mail.html", kind=kind, email=email)


@bp.route("/confirm", methods=["GET", "POST"], requires=Permission.SIGNED_IN)
def ask_confirmation() -> ResponseReturnValue:
    """All that an account sees until its address is confirmed."""
    if actor.is_confirmed:
        return redirect("/", 303)
    form = EmptyForm()
    if form.validate_on_submit():
        try:
            service.confirm_again(actor.user, address())
        except BusinessError as error:
            return refused("accounts/ask_confirmation.html", form, error)
        flash(_("A new letter is on its way to %(email)s.", email=actor.email), "ok")
        return redirect(url_for("accounts.ask_confirmation"), 303)
    return shown("accounts/ask_confirmation.html", form)


@bp.route("/confirm/<token>", methods=["GET", "POST"], requires=Permission.PUBLIC)
def confirm(token: str) -> ResponseReturnValue:
    """The mailed link: one button, and the password where this browser is not signed in with the account."""
    opened, after = service.open_link(token, Purpose.CONFIRM), local_path(session.get("next"))
    form = _proof(opened)
    if form.validate_on_submit():
        password = form.data.get("password", "")
        try:
            service.confirm(token, present=actor.user_id, password=password, address=address())
        except BusinessError as error:
            return refused("accounts/confirm.html", form, error, "password", email=opened.email)
        flash(_("Thank you. Your e-mail address is confirmed."), "ok")
        return entered(after)
    return shown("accounts/confirm.html", form, email=opened.email)


@bp.route("/sign-in", methods=["GET", "POST"], requires=Permission.PUBLIC)
def sign_in() -> ResponseReturnValue:
    """Sign in, and go where one wanted to go."""
    if actor.is_authenticated and request.method == "GET":
        return redirect(next_page(), 303)
    form = SignInForm()
    if form.validate_on_submit():
        try:
            user = service.sign_in(form.email.data, form.password.data, address())
        except BusinessError as error:
            return refused("accounts/sign_in.html", form, error, "password", demo=_demo_accounts())
        if user.confirmed_at is None:
            session["next"] = next_page()
            return redirect(url_for("accounts.ask_confirmation"), 303)
        return entered(next_page())
    return shown("accounts/sign_in.html", form, demo=_demo_accounts())


@bp.post("/sign-out", requires=Permission.PUBLIC, ends_view=True)
def sign_out() -> ResponseReturnValue:
    """End this browser's session; without one there is nothing to do."""
    sessions.end_session()
    flash(_("You are signed out."), "info")
    return redirect(url_for("accounts.sign_in"), 303)


@bp.route("/reset-password", methods=["GET", "POST"], requires=Permission.PUBLIC)
def ask_reset() -> ResponseReturnValue:
    """Ask for a link; a visitor never learns whether the address has an account."""
    form = AskResetForm()
    if form.validate_on_submit():
        try:
            service.ask_reset(form.email.data, address())
        except BusinessError as error:
            return refused("accounts/ask_reset.html", form, error)
        return _check_mail("reset", form.email.data)
    return shown("accounts/ask_reset.html", form)


@bp.route("/reset-password/<token>", methods=["GET", "POST"], requires=Permission.PUBLIC)
def reset(token: str) -> ResponseReturnValue:
    """The mailed link: choose a new password."""
    return _choose_password(token, Purpose.RESET)


@bp.route("/claim/<token>", methods=["GET", "POST"], requires=Permission.PUBLIC)
def claim(token: str) -> ResponseReturnValue:
    """The mailed link of a customer whose account was made with the first license (R21)."""
    return _choose_password(token, Purpose.CLAIM)


def _choose_password(token: str, purpose: Purpose) -> ResponseReturnValue:
    opened = service.open_link(token, purpose)
    form = NewPasswordForm()
    form.email.data = opened.email
    if form.validate_on_submit():
        service.choose_password(token, purpose, form.password.data)
        flash(_("Your password is set."), "ok")
        return entered("/")
    return shown(f"accounts/{purpose}.html", form)


@bp.route("/profile", methods=["GET", "POST"], requires=Permission.CONFIRMED)
def profile() -> ResponseReturnValue:
    """Name, language, time zone, letters, signed-in browsers; from here to address and password."""
    with reading():
        present, devices = service.profile_of(actor.user), sessions.sessions_of(actor.user)
    form = ProfileForm(data={**asdict(present), "language": formats.language()}, offered=_letters_offered())
    if is_switching():
        form.language.data = formats.language()
    if form.validate_on_submit():
        service.update_profile(actor.user, form.profile(present))
        switch_language(form.language.data)
        flash(_("Your profile is saved."), "ok")
        return redirect(url_for("accounts.profile"), 303)
    return shown("accounts/profile.html", form, devices=devices, is_present=sessions.is_present, now=utcnow())


@bp.post("/profile/devices", requires=Permission.CONFIRMED)
def end_sessions() -> ResponseReturnValue:
    """Sign one other browser out, or all others."""
    count = sessions.end_other_sessions(actor.user, request.form.get("device", "")[:64])
    signed_out = ngettext("%(num)s device is signed out.", "%(num)s devices are signed out.", count)
    flash(signed_out if count else _("It was signed out already."), "ok")
    return redirect(url_for("accounts.profile", _anchor="devices"), 303)


@bp.route("/profile/address", methods=["GET", "POST"], requires=Permission.CONFIRMED)
def change_address() -> ResponseReturnValue:
    """Ask for another address; a link mailed to it makes the change."""
    form = ChangeAddressForm()
    if form.validate_on_submit():
        try:
            service.ask_address_change(actor.email, form.password.data, form.email.data, address())
        except BusinessError as error:
            return refused("accounts/change_address.html", form, error, "password")
        return _check_mail("change", form.email.data)
    return shown("accounts/change_address.html", form)


@bp.route("/confirm-address/<token>", methods=["GET", "POST"], requires=Permission.PUBLIC)
def confirm_address(token: str) -> ResponseReturnValue:
    """The link mailed to the new address: one button, and the password where this browser is not signed in."""
    opened = service.open_link(token, Purpose.CHANGE)
    form = _proof(opened)
    if form.validate_on_submit():
        password = form.data.get("password", "")
        try:
            service.change_address(token, present=actor.user_id, password=password, address=address())
        except BusinessError as error:
            return refused("accounts/confirm_address.html", form, error, "password", email=opened.email)
        flash(_("Your e-mail address is now %(email)s.", email=opened.email), "ok")
        return redirect("/" if actor.is_authenticated else url_for("accounts.sign_in"), 303)
    return shown("accounts/confirm_address.html", form, email=opened.email)


@bp.route("/profile/password", methods=["GET", "POST"], requires=Permission.CONFIRMED)
def change_password() -> ResponseReturnValue:
    """Another password; every other browser is signed out."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            service.change_password(actor.email, form.present.data, form.password.data, address())
        except BusinessError as error:
            return refused("accounts/change_password.html", form, error, "present")
        flash(_("Your password is changed. All other browsers are signed out."), "ok")
        return redirect(url_for("accounts.profile"), 303)
    return shown("accounts/change_password.html", form)


@bp.post("/language", requires=Permission.PUBLIC)
def choose_language() -> ResponseReturnValue:
    """The language switch of a page without a form."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    _speak(language)
    return redirect(local_path(request.form.get("next")), 303)


@bp.post("/theme", requires=Permission.PUBLIC)
def choose_theme() -> ResponseReturnValue:
    """Light, dark, or as the device has it."""
    theme = request.form.get("theme", "")
    if theme not in THEMES:
        abort(400)
    if actor.is_authenticated:
        service.keep_theme(actor.user, theme)
    response = redirect(local_path(request.form.get("next")), 303)
    response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax", secure=request.is_secure, httponly=True)
    return response


@bp.before_app_request
def switch_in_form() -> None:
    """The language switch of a page with a form: the form shows itself again with what was typed (web/forms.py)."""
    if is_switching():
        _speak(request.form[FIELD])


@bp.before_app_request
def start_with_what_is_missing() -> ResponseReturnValue | None:
    """An account that may do only one thing yet starts at the page for it."""
    return _first_of_all() if request.endpoint == "home.index" else None


@bp.app_errorhandler(404)
def page_not_found(error: NotFound) -> Response | BaseResponse:
    """What an account may see once it is complete is no secret to it before."""
    first = _first_of_all() if request.url_rule else None
    return first or error_pages.http_error(error)


@bp.errorhandler(DeadLink)
def dead_link(error: DeadLink) -> Response:
    return render("accounts/dead_link.html", status=error.status, purpose=error.purpose)


@bp.app_context_processor
def account_links() -> dict[str, Any]:
    """The account's menu in the head of every page."""
    if not request or not actor.may(Permission.CONFIRMED):
        return {"account_links": []}
    links = [Link(_("Profile"), url_for("accounts.profile"))]
    if actor.reseller_id or actor.is_staff:
        links.append(Link(_("Long tasks"), url_for("jobs.index")))
    return {"account_links": links}


def _letters_offered() -> set[str]:
    """The letters that the present person can have or do without."""
    copies = {"copies_of_orders", "copies_of_reminders"} if actor.may(Permission.VIEW_OWN_ORDERS) else set()
    return copies | ({"wants_digest"} if actor.is_staff and current_settings().staff_digest else set())


def _proof(opened: Opened) -> Form:
    """What shows that a mailed link was opened by the owner of its account (R21)."""
    if opened.user_id == actor.user_id:
        return EmptyForm()
    form = PasswordForm()
    form.email.data = opened.email
    return form


def _first_of_all() -> BaseResponse | None:
    """To what the present account has to do before anything else opens to it, if there is such a thing."""
    if actor.is_authenticated and not actor.is_confirmed:
        return redirect(url_for("accounts.ask_confirmation"), 303)
    return redirect(url_for("second_factor.set_up"), 303) if actor.lacks_second_factor else None


def _speak(language: str) -> None:
    switch_language(language)
    if actor.is_authenticated:
        service.keep_language(actor.user, language)


def _check_mail(kind: str, email: str) -> BaseResponse:
    session["mailed"] = (kind, email)
    return redirect(url_for("accounts.check_mail"), 303)


def _demo_accounts() -> Any:
    return current_app.extensions["demo_accounts"] if current_settings().demo else ()
