"""The worker's side of resellers: the letter that welcomes a member of a company that was loaded from a file."""

from __future__ import annotations

from typing import Any

from dashboard.accounts import service as accounts
from dashboard.accounts.rules import LIFETIMES, Purpose
from dashboard.config import current_settings
from dashboard.mail.service import Composer, Content
from dashboard.resellers import service
from dashboard.web.pages import public_url
from dashboard.web.transactions import reading


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


COMPOSERS: dict[str, Composer] = {"reseller_welcome": welcome}
