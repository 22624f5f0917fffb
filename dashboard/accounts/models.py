"""Accounts, their second factors, their signed-in sessions and their mailed tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.clock import utcnow
from dashboard.extensions import Base


class User(Base):
    """An account. `email_key` is the address in one case: addresses are compared case-insensitively (R21)."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(5), default="en")
    theme: Mapped[str | None] = mapped_column(String(10))
    time_zone: Mapped[str] = mapped_column(String(60), default="")  #: IANA name; empty: the vendor's
    copies_of_orders: Mapped[bool] = mapped_column(default=False)  #: letters of orders and payments, as a copy
    copies_of_reminders: Mapped[bool] = mapped_column(default=False)  #: reminders and monthly statements, as a copy
    wants_digest: Mapped[bool] = mapped_column(default=True)  #: of staff: what waits, in the morning
    is_staff: Mapped[bool] = mapped_column(default=False)
    is_translator: Mapped[bool] = mapped_column(default=False)
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Identity(Base):
    """An account of the vendor's identity provider that signs in here as a `User`."""

    __tablename__ = "identities"

    issuer: Mapped[str] = mapped_column(String(200), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    since: Mapped[datetime] = mapped_column(default=utcnow)


class UserSession(Base):
    """A signed-in browser. Deleting the row signs it out; the table holds a hash, the cookie the token.

    Of the browser it keeps no more than its owner needs to know it again: which program on which system.
    """

    __tablename__ = "user_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)  #: to the hour
    browser: Mapped[str] = mapped_column(String(20), default="")
    system: Mapped[str] = mapped_column(String(20), default="")
    expires_at: Mapped[datetime]

    @property
    def handle(self) -> str:
        """What its owner's page calls it by; it opens nothing."""
        return self.token_hash[:16]


class HalfSession(Base):
    """A browser that has shown the password and not yet the second factor: it may do nothing but show that."""

    __tablename__ = "half_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]


class KeptPost(Base):
    """What was posted when its sender's session had ended: sealed, for that person in that browser, for an hour."""

    __tablename__ = "kept_posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)  #: of the key that the browser's cookie holds
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    sealed: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SecondFactor(Base):
    """The app that makes an account's codes: its key, sealed, and the last step of time whose code was taken."""

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    sealed_key: Mapped[str] = mapped_column(String(200))
    last_step: Mapped[int]
    since: Mapped[datetime] = mapped_column(default=utcnow)


class RecoveryCode(Base):
    """What signs its owner in once without the app: hashed, used once."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(SecondFactor.user_id, ondelete="CASCADE"), index=True)
    used_at: Mapped[datetime | None]


class MailedToken(Base):
    """A secret in a mailed link: hashed, short-lived, used once."""

    __tablename__ = "mailed_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(320))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Limit(Base):
    """How often something was tried in the window that ends at `until`; the key is a hash (accounts/limits.py)."""

    __tablename__ = "limits"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)
