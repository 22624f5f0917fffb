"""Signed-in browsers, kept on the server, so that signing out and a new password really end them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from flask import session
from flask_login import login_user, logout_user
from sqlalchemy import ColumnElement, delete, select

from dashboard.accounts import looking
from dashboard.accounts.models import HalfSession, UserSession
from dashboard.clock import utcnow
from dashboard.extensions import db
from dashboard.web.access import Actor, actor

#: A browser stays signed in for so long.
LIFETIME = timedelta(days=14)

#: Between the password and the second factor there may be so long.
HALF_LIFETIME = timedelta(minutes=10)

#: Where a browser's cookie holds the token of its half session.
_HALF = "half_session"


def hash_token(token: str) -> str:
    """What the database keeps of a secret that is long and random by itself."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(user_id: int) -> None:
    """Sign the present browser in, in a session of its own: nothing of its earlier session lives on."""
    token = secrets.token_urlsafe(32)
    db.session.add(UserSession(token_hash=hash_token(token), user_id=user_id, expires_at=utcnow() + LIFETIME))
    end_session()
    login_user(Actor(session=token, user_id=user_id))


def start_half_session(user_id: int) -> None:
    """Let the present browser, signed out, show the second factor of an account whose password it has shown."""
    token, now = secrets.token_urlsafe(32), utcnow()
    db.session.execute(delete(HalfSession).where(HalfSession.expires_at <= now))
    db.session.add(HalfSession(token_hash=hash_token(token), user_id=user_id, expires_at=now + HALF_LIFETIME))
    end_session()
    session[_HALF] = token


def half_signed_in() -> int | None:
    """The account whose second factor the present browser may show; None if there is none (any more)."""
    return db.session.scalar(select(HalfSession.user_id).where(*_living_half()))


def use_half_session() -> int | None:
    """The same, and the half session is used up."""
    return db.session.scalar(delete(HalfSession).where(*_living_half()).returning(HalfSession.user_id))


def _living_half() -> tuple[ColumnElement[bool], ...]:
    return HalfSession.token_hash == hash_token(session.get(_HALF, "")), HalfSession.expires_at > utcnow()


def end_session() -> None:
    """Sign the present browser out, if it is signed in; a look at somebody's pages ends with it."""
    if actor.is_authenticated:
        looking.end()
        db.session.execute(delete(UserSession).where(UserSession.token_hash == hash_token(actor.session)))
        logout_user()
    session.clear()


def end_all_sessions(user_id: int) -> None:
    """Sign the account out everywhere: its password, its second factor or its rights have changed."""
    for kind in (UserSession, HalfSession):
        db.session.execute(delete(kind).where(kind.user_id == user_id))
