"""Passwords: hashed with Argon2id, compared in the same time whether there is one or not.

Both take a tenth of a second on purpose: call them before the request's first statement, so that nobody waits for
the database meanwhile.
"""

from __future__ import annotations

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from dashboard.accounts.rules import LONGEST_PASSWORD, typed_password, usable_password

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """What the database keeps of a new password.

    Raises:
        InvalidInput: if it is too short or too long.
    """
    return _hasher.hash(usable_password(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; never, but as slowly, if there is none (no account, or one to be claimed)."""
    nobody = _hash_of_nobody()
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        _hasher.verify(password_hash or nobody, typed_password(password))
    except VerificationError:
        return False
    return password_hash is not None


@lru_cache
def _hash_of_nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe())
