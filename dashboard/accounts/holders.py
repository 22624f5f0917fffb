"""The account that something is done to: found, proven to be somebody's own, locked for the change, written to.

Whatever checks a password does so before its first write: hashing takes a tenth of a second, and SQLite has one
write lock. `proven` checks the password without the lock; `held` then locks the account for the change and makes
sure that its password is still the one that was checked.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from dashboard.accounts import limits, passwords
from dashboard.accounts.models import User
from dashboard.accounts.rules import WRONG_PASSWORDS, WRONG_PASSWORDS_FROM, email_key, place_of
from dashboard.errors import N_, InvalidInput, NotFound
from dashboard.extensions import db, locking
from dashboard.mail import service as mail
from dashboard.web.transactions import reading

WRONG_PAIR = N_("The e-mail address or the password is not right.")
WRONG_PASSWORD = N_("The password is not right.")


def find_user(email: str) -> User | None:
    """The account of an address, in whatever case it is written (R21)."""
    return db.session.scalar(select(User).where(User.email_key == email_key(email)))


def get_user(user_id: int) -> User:
    """The account.

    Raises:
        NotFound: if there is none.
    """
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def staff() -> list[User]:
    """The vendor's people whose address is confirmed."""
    query = select(User).where(User.is_staff, User.confirmed_at.is_not(None)).order_by(User.id)
    return list(db.session.scalars(query))


def readers_of_digest() -> list[User]:
    """Those of the vendor's people who want the letter with what waits."""
    return [user for user in staff() if user.wants_digest]


def proven(email: str, password: str, address: str, otherwise: str = WRONG_PASSWORD) -> str:
    """Check the password of an account; its hash. Takes as long when there is no such account.

    Args:
        address: where the request comes from.

    Raises:
        InvalidInput: `otherwise`, if the password is wrong.
        TooMany: if there were too many wrong ones.
    """
    limits.take((WRONG_PASSWORDS, email_key(email)), (WRONG_PASSWORDS_FROM, place_of(address)))
    with reading():
        user = find_user(email)
        expected = user.password_hash if user else None
    if not passwords.matches(expected, password) or expected is None:
        raise InvalidInput(otherwise)
    return expected


def held(email: str, expected: str, address: str) -> User:
    """The account whose password was proven, locked, if nobody has changed the password meanwhile."""
    user = db.session.scalar(_locking(User.email_key == email_key(email)))
    if user is None or user.password_hash != expected:
        raise InvalidInput(WRONG_PAIR)
    limits.forget(WRONG_PASSWORDS, user.email_key)
    limits.give_back(WRONG_PASSWORDS_FROM, place_of(address))
    return user


def account_of(email: str) -> User:
    """The account of an address that has one, locked for a change."""
    return db.session.scalars(_locking(User.email_key == email_key(email))).one()


def locked(user_id: int) -> User:
    """The account, which is there, locked for a change."""
    return db.session.scalars(_locking(User.id == user_id)).one()


def _locking(condition: ColumnElement[bool]) -> Select[User]:
    return locking(select(User).where(condition))


def write_to(user: User, kind: str, *, to: str = "", key: str = "", **payload: Any) -> None:
    """Mail a letter about the account, to its address unless another is given."""
    to = to or user.email
    mail.post(
        kind, to=to, language=user.language, key=f"{kind}:{user.id}:{key or secrets.token_hex(8)}",
        about=subject(user), user_id=user.id, email=to, **payload,
    )  # fmt: skip


def subject(user: User) -> str:
    """What the audit trail and letters call the account."""
    return f"account:{user.id}"
