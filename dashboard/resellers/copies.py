"""Copies of a company's letters for those of its members who want them. What law or security needs is no copy."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import select

from dashboard.accounts.models import User
from dashboard.accounts.rules import email_key
from dashboard.extensions import db
from dashboard.mail.service import post
from dashboard.resellers.models import Member


class Copies(StrEnum):
    """What a member can have copies of: the name of the choice in the profile."""

    ORDERS = "copies_of_orders"
    REMINDERS = "copies_of_reminders"


def post_with_copies(
    kind: str, company: int, of: Copies, /, *, to: str, language: str, key: str, about: str, **payload: Any
) -> None:  # fmt: skip
    """Have a letter to a company sent, and a copy in their own language to each member who wants copies of such.

    A copy is about the member's account: the history of an order names the letter itself, once.
    """
    post(kind, to=to, language=language, key=key, about=about, **payload)
    wanted = select(User).join(Member, Member.user_id == User.id).where(Member.reseller_id == company)
    wanted = wanted.where(getattr(User, of), User.confirmed_at.is_not(None), User.email_key != email_key(to))
    for user in db.session.scalars(wanted.order_by(User.id)):
        post(
            kind, to=user.email, language=user.language, key=f"{key}:copy:{user.id}", about=f"account:{user.id}",
            is_copy=True, **payload,
        )  # fmt: skip
