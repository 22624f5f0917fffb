"""Secrets at rest: hashed; those that we must be able to read again, sealed with a key that comes from `SECRET_KEY`."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dashboard.config import current_settings


def hash_token(token: str) -> str:
    """What the database keeps of a secret that is long and random by itself."""
    return hashlib.sha256(token.encode()).hexdigest()


def seal(purpose: str, text: str) -> str:
    """`text`, unreadable; what is sealed for one purpose cannot be opened for another."""
    return _cipher(current_settings().secret_key, purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str, *, secret_key: str = "", max_age: int | None = None) -> str | None:
    """The text; None if it was sealed with another secret, for another purpose, or too long ago.

    Args:
        secret_key: the secret that it was sealed with, unless that is the present one.
        max_age: in seconds.
    """
    try:
        cipher = _cipher(secret_key or current_settings().secret_key, purpose)
        return cipher.decrypt(sealed, ttl=max_age).decode()
    except InvalidToken:
        return None


@lru_cache
def _cipher(secret_key: str, purpose: str) -> Fernet:
    key = HKDF(SHA256(), length=32, salt=None, info=f"dashboard: {purpose}".encode()).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))
