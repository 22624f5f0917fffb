"""Secrets in mailed links: made when the letter is written, kept as a hash, short-lived, used once."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, Row, delete, select, update

from dashboard.accounts.models import MailedToken, User
from dashboard.accounts.rules import LIFETIMES, Purpose, email_key
from dashboard.accounts.sealing import hash_token
from dashboard.clock import utcnow
from dashboard.errors import N_, BusinessError
from dashboard.extensions import db
from dashboard.web.pages import public_url
from dashboard.web.transactions import reading, transaction

#: The page that a link of each purpose opens.
PAGES = {
    Purpose.CONFIRM: "accounts.confirm",
    Purpose.RESET: "accounts.reset",
    Purpose.CLAIM: "accounts.claim",
    Purpose.CHANGE: "accounts.confirm_address",
}


class DeadLink(BusinessError):
    """A mailed link that was used, has run out, or never was one; nobody learns which."""

    status = 410

    def __init__(self, purpose: Purpose) -> None:
        super().__init__(N_("This link was used already or has run out."))
        self.purpose = purpose


class Opened(NamedTuple):
    """What a mailed link stands for: an account, and the address that the link was mailed to."""

    user_id: int
    email: str


def mint_token(user_id: int, purpose: str, email: str) -> str:
    """A new secret for a link to `email`, in a transaction of its own; for a letter's composer.

    The secret is in the letter only: neither the letter's payload nor the outbox ever holds it.
    """
    token = secrets.token_urlsafe(32)
    with transaction():
        db.session.add(
            MailedToken(
                token_hash=hash_token(token), user_id=user_id, purpose=purpose, email=email,
                expires_at=utcnow() + LIFETIMES[Purpose(purpose)],
            )
        )  # fmt: skip
    return token


def mailed_link(user_id: int, purpose: Purpose, email: str) -> str:
    """The whole address of a link with a new secret (`mint_token`)."""
    return public_url(PAGES[purpose], token=mint_token(user_id, purpose, email))


def open_link(token: str, purpose: Purpose) -> Opened:
    """What the link stands for, read without the request's transaction; the link stays usable.

    Raises:
        DeadLink: if it cannot be used (any more).
    """
    with reading():
        row = db.session.execute(select(MailedToken.user_id, MailedToken.email).where(*_living(token, purpose))).first()
        return _sound(row, purpose)


def use_link(token: str, purpose: Purpose) -> Opened:
    """Use the link up.

    Raises:
        DeadLink: if it cannot be used (any more).
    """
    use = update(MailedToken).where(*_living(token, purpose)).values(used_at=utcnow())
    row = db.session.execute(use.returning(MailedToken.user_id, MailedToken.email)).first()
    return _sound(row, purpose)


def _sound(row: Row[int, str] | None, purpose: Purpose) -> Opened:
    """What a living link stands for, if it went to the account's address.

    A letter can be written after the account has got another address (it waited, or staff sent it again): who reads
    the old mailbox must not get the account by it.
    """
    if row is None:
        raise DeadLink(purpose)
    opened = Opened(*row)
    key = db.session.scalar(select(User.email_key).where(User.id == opened.user_id))
    if purpose is not Purpose.CHANGE and key != email_key(opened.email):
        raise DeadLink(purpose)
    return opened


def _living(token: str, purpose: Purpose) -> tuple[ColumnElement[bool], ...]:
    return (
        MailedToken.token_hash == hash_token(token),
        MailedToken.purpose == purpose,
        MailedToken.used_at.is_(None),
        MailedToken.expires_at > utcnow(),
    )


def cancel_links(user_id: int, *, but: Collection[Purpose] = ()) -> None:
    """End the account's links: what they were mailed for no longer holds."""
    db.session.execute(delete(MailedToken).where(MailedToken.user_id == user_id, MailedToken.purpose.not_in(but)))
