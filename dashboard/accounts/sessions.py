"""Signed-in browsers, kept on the server, so that signing out and a new password really end them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from flask import session
from flask_login import login_user, logout_user
from sqlalchemy import delete

from dashboard.accounts.models import UserSession
from dashboard.clock import utcnow
from dashboard.extensions import db
from dashboard.web.access import Actor

#: A browser stays signed in for so long.
LIFETIME = timedelta(days=14)


def hash_token(token: str) -> str:
    """What the database keeps of a secret that is long and random by itself."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(user_id: int) -> None:
    """Sign the present browser in, in a session of its own: nothing of the visitor's session lives on."""
    token = secrets.token_urlsafe(32)
    db.session.add(UserSession(token_hash=hash_token(token), user_id=user_id, expires_at=utcnow() + LIFETIME))
    session.clear()
    login_user(Actor(session=token, user_id=user_id))


def end_session(actor: Actor) -> None:
    """Sign the present browser out."""
    db.session.execute(delete(UserSession).where(UserSession.token_hash == hash_token(actor.session)))
    logout_user()
    session.clear()


def end_all_sessions(user_id: int) -> None:
    """Sign the account out everywhere: its password or its rights have changed."""
    db.session.execute(delete(UserSession).where(UserSession.user_id == user_id))
