"""The second page of signing in, and the pages on which the second factor is set up, renewed and switched off (R1)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from dashboard.accounts import second_factor
from dashboard.accounts.forms import BothFactorsForm, CodeForm, EmptyForm
from dashboard.accounts.pages import address, next_page, refused, shown
from dashboard.accounts.rules import in_groups
from dashboard.accounts.sealing import seal, unseal
from dashboard.accounts.second_factor import Lapsed, WrongCode
from dashboard.errors import BusinessError, TooMany
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _

bp = Blueprint("second_factor", __name__)

#: What the browser keeps for us, sealed: the key until the app has shown that it knows it, the recovery codes until
#: they are written down. Neither is kept anywhere else in a form that can be read.
KEY, CODES = "second_factor_key", "recovery_codes"

#: Seconds for which new recovery codes can be looked at.
CODES_SHOWN = 600


@bp.route("/sign-in/code", methods=["GET", "POST"], requires=Permission.PUBLIC)
def enter_code() -> ResponseReturnValue:
    """The second page of signing in; the first has begun a half session."""
    if actor.is_authenticated:
        return redirect(next_page(), 303)
    form, context = CodeForm(), {"by_recovery": "recovery" in request.args}
    if form.validate_on_submit():
        try:
            second_factor.complete(form.code.data, address())
        except (WrongCode, TooMany) as error:
            return refused("accounts/enter_code.html", form, error, "code", **context)
        return redirect(next_page(), 303)
    second_factor.awaited()
    return shown("accounts/enter_code.html", form, **context)


@bp.get("/profile/two-step", requires=Permission.HAVE_SECOND_FACTOR)
def state() -> ResponseReturnValue:
    """That it is on, and what can be done with it."""
    found = second_factor.state_of(actor.user)
    return render("accounts/second_factor.html", state=found) if found else _to("set_up")


@bp.route("/profile/two-step/set-up", methods=["GET", "POST"], requires=Permission.HAVE_SECOND_FACTOR)
def set_up() -> ResponseReturnValue:
    """Show the app its key, and have it show that it knows the key."""
    if actor.has_second_factor:
        return _to("state")
    form, key = BothFactorsForm(), _key()
    uri = second_factor.address_of(key, actor.email)
    context = {"key": key, "grouped": in_groups(key), "uri": uri, "picture": second_factor.picture_of(uri)}
    if form.validate_on_submit():
        try:
            codes = second_factor.switch_on(actor.email, form.password.data, key, form.code.data, address())
        except BusinessError as error:
            return refused("accounts/second_factor_set_up.html", form, error, _field(error), **context)
        flash(_("Two-step sign-in is on. All other browsers are signed out."), "ok")
        return _to_codes(codes)
    return shown("accounts/second_factor_set_up.html", form, **context)


@bp.route("/profile/two-step/codes", methods=["GET", "POST"], requires=Permission.HAVE_SECOND_FACTOR)
def codes() -> ResponseReturnValue:
    """New recovery codes, until their owner says that they are written down."""
    form, found = EmptyForm(), unseal(CODES, session.get(CODES, ""), max_age=CODES_SHOWN)
    if form.validate_on_submit() or found is None:
        session.pop(CODES, None)
        return _to("state")
    return shown("accounts/recovery_codes.html", form, codes=found.split())


@bp.route("/profile/two-step/new-codes", methods=["GET", "POST"], requires=Permission.HAVE_SECOND_FACTOR)
def new_codes() -> ResponseReturnValue:
    """Other recovery codes instead of those that were used, or lost."""
    form = BothFactorsForm()
    if form.validate_on_submit():
        try:
            renewed = second_factor.renew_codes(actor.email, form.password.data, form.code.data, address())
        except BusinessError as error:
            return refused("accounts/second_factor_new_codes.html", form, error, _field(error))
        return _to_codes(renewed)
    return shown("accounts/second_factor_new_codes.html", form) if actor.has_second_factor else _to("set_up")


@bp.route("/profile/two-step/off", methods=["GET", "POST"], requires=Permission.HAVE_SECOND_FACTOR)
def switch_off() -> ResponseReturnValue:
    """Switch it off; staff who must have it set it up anew, with another phone."""
    form = BothFactorsForm()
    if form.validate_on_submit():
        try:
            second_factor.switch_off(actor.email, form.password.data, form.code.data, address())
        except BusinessError as error:
            return refused("accounts/second_factor_off.html", form, error, _field(error))
        flash(_("Two-step sign-in is off. All other browsers are signed out."), "ok")
        return redirect(url_for("accounts.profile"), 303)
    return shown("accounts/second_factor_off.html", form) if actor.has_second_factor else _to("set_up")


@bp.errorhandler(Lapsed)
def lapsed(error: Lapsed) -> BaseResponse:
    flash(_(error.message), "warn")
    return redirect(url_for("accounts.sign_in", next=next_page()), 303)


def _key() -> str:
    """The key that the present browser is setting up: the same until that is done, also in the other language."""
    key = unseal(KEY, session.get(KEY, ""))
    if key is None:
        key = second_factor.new_key()
        session[KEY] = seal(KEY, key)
    return key


def _to_codes(codes: list[str]) -> BaseResponse:
    session.pop(KEY, None)
    session[CODES] = seal(CODES, " ".join(codes))
    return _to("codes")


def _field(error: BusinessError) -> str:
    return "code" if isinstance(error, WrongCode) else "password"


def _to(endpoint: str) -> BaseResponse:
    return redirect(url_for(f".{endpoint}"), 303)
