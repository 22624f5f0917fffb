"""The worker's side of resellers: letters to who becomes a member, from a file or by invitation."""

from __future__ import annotations

from typing import Any

from dashboard.accounts import service as accounts
from dashboard.accounts.rules import LIFETIMES, Purpose
from dashboard.config import current_settings
from dashboard.mail.service import Composer, Content
from dashboard.resellers import invitations, service
from dashboard.web.pages import public_url
from dashboard.web.transactions import reading, transaction


def welcome(payload: dict[str, Any]) -> Content:
    """What this is, what is still to be done, and a link: to claim the account, or to sign in with it."""
    with reading():
        reseller = service.get_reseller(payload["reseller_id"])
        user = accounts.get_user(payload["user_id"])
        roles = [role for member, role in service.members_of(reseller.id) if member.id == user.id]
        facts = {
            "name": user.name,
            "company": reseller.name,
            "role": roles[0] if roles else "",
            "steps": list(service.missing_steps_of(reseller)),
            "established": reseller.established_at is not None,
            "credit_days": current_settings().credit_days,
            "days": LIFETIMES[Purpose.CLAIM].days,
        }
        email, is_new = user.email, accounts.needs_claim(user)
    if not is_new:
        return Content({**facts, "is_new": False, "link": public_url("accounts.sign_in")})
    link = accounts.mailed_link(payload["user_id"], Purpose.CLAIM, email)
    return Content({**facts, "is_new": True, "link": link}, secret=True)


def write_invitation(payload: dict[str, Any]) -> None:
    """Write the letter of an invitation, if it waits still."""
    with transaction():
        invitations.write_letter(payload["invitation_id"], payload["letter"])


def invitation(payload: dict[str, Any]) -> Content:
    """Who invites whom to what, and a link; every try to send it gets a link of its own."""
    with reading():
        facts = invitations.facts_of(payload["invitation_id"])
    return Content({**facts, "link": invitations.mailed_link(payload["invitation_id"])}, secret=True)


HANDLERS = {invitations.WRITE: write_invitation}

COMPOSERS: dict[str, Composer] = {"reseller_welcome": welcome, "team_invitation": invitation}
