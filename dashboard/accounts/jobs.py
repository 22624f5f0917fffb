"""The worker's side of accounts: letters with links that are made when the letter is written."""

from __future__ import annotations

from typing import Any

from dashboard.accounts import kept, looking, service
from dashboard.accounts.rules import Purpose
from dashboard.audit.service import done_by
from dashboard.mail.service import Composer, Content
from dashboard.web.pages import public_url
from dashboard.web.transactions import transaction


def reset(payload: dict[str, Any]) -> None:
    """Write the letter that somebody asked for, if there is such an account."""
    with transaction():
        service.post_reset_letter(payload["email"], payload["request"])


def with_link(purpose: Purpose) -> Composer:
    """Composer of a letter with a new link; every try to send it gets a link of its own."""

    def compose(payload: dict[str, Any]) -> Content:
        link = service.mailed_link(payload["user_id"], purpose, payload["email"])
        return Content({"link": link}, secret=True)

    return compose


def with_sign_in(payload: dict[str, Any]) -> Content:
    """A letter that leads to the sign-in page."""
    return Content({**payload, "sign_in": public_url("accounts.sign_in"), "reset": public_url("accounts.ask_reset")})


def view_over(payload: dict[str, Any]) -> None:
    """Note that a look at somebody's pages is over, if nobody has ended it."""
    user_id, name = payload["by"]
    with transaction(), done_by(user_id, name):
        looking.note_end(payload["view"], payload["subject"])


def forget_kept_posts(_payload: dict[str, Any]) -> None:
    """Delete what was kept for an hour and not asked for."""
    with transaction():
        kept.forget()


HANDLERS = {"account_reset": reset, looking.OVER: view_over, kept.FORGET: forget_kept_posts}

COMPOSERS: dict[str, Composer] = {
    "account_confirm": with_link(Purpose.CONFIRM),
    "account_reset": with_link(Purpose.RESET),
    "account_change": with_link(Purpose.CHANGE),
    "account_exists": with_sign_in,
    "account_change_notice": with_sign_in,
    "account_password_changed": with_sign_in,
    "account_recovery_code": with_sign_in,
    "account_second_factor_off": with_sign_in,
    "account_second_factor_on": with_sign_in,
}
