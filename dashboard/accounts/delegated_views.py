"""The way to the vendor's identity provider and back (R1); both are links, because a form may lead to no other site."""

from __future__ import annotations

import logging

from flask import Blueprint, abort, flash, redirect, session, url_for
from flask.typing import ResponseReturnValue

from dashboard.accounts import delegated, service
from dashboard.accounts.pages import entered, next_page
from dashboard.accounts.rules import local_path
from dashboard.config import Provider, current_settings
from dashboard.errors import Refused
from dashboard.web import formats
from dashboard.web.access import Permission
from dashboard.web.pages import public_url
from dashboard.web.texts import gettext as _
from dashboard.web.transactions import begin_request

log = logging.getLogger(__name__)
bp = Blueprint("delegated", __name__)


@bp.get("/sign-in/provider", requires=Permission.PUBLIC)
def leave() -> ResponseReturnValue:
    """Off to the provider; one comes back to `come_back`."""
    session["next"] = next_page()
    try:
        return delegated.send_there(_provider(), public_url("delegated.come_back"))
    except delegated.ProviderFault as fault:
        return _not_signed_in(fault)


@bp.get("/sign-in/provider/back", requires=Permission.PUBLIC)
def come_back() -> ResponseReturnValue:
    """Back from the provider, with a code that is used once: on to where one wanted to go."""
    after = local_path(session.get("next"))
    try:
        claims = delegated.claims_of_returned(_provider())
        begin_request(writes=True)
        service.sign_in_by_provider(claims, formats.language())
    except delegated.ProviderFault as fault:
        return _not_signed_in(fault)
    except Refused as refusal:
        flash(_(refusal.message, **refusal.values), "bad")
        return redirect(url_for("accounts.sign_in", next=after), 303)
    return entered(after)


def _provider() -> Provider:
    return current_settings().provider or abort(404)


def _not_signed_in(fault: delegated.ProviderFault) -> ResponseReturnValue:
    log.error("sign-in by the provider failed: %s", fault)
    flash(_("Signing in did not work this time. Please try again in a few minutes."), "bad")
    return redirect(url_for("accounts.sign_in", next=local_path(session.get("next"))), 303)
