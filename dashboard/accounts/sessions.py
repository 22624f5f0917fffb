"""Signed-in browsers, kept on the server, so that signing out and a new password really end them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import request, session
from flask_login import login_user, logout_user
from sqlalchemy import ColumnElement, delete, func, select, update

from dashboard.accounts import kept, looking
from dashboard.accounts.models import HalfSession, UserSession
from dashboard.accounts.rules import browser_of
from dashboard.accounts.sealing import hash_token
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.extensions import db
from dashboard.web.access import Actor, actor
from dashboard.web.transactions import transaction

#: A browser stays signed in for so long.
LIFETIME = timedelta(days=14)

#: That a browser was used is noted once in so long.
NOTED_EVERY = timedelta(hours=1)

#: Between the password and the second factor there may be so long.
HALF_LIFETIME = timedelta(minutes=10)

#: Where a browser's cookie holds the token of its half session.
_HALF = "half_session"


def start_session(user_id: int) -> None:
    """Sign the present browser in, in a session of its own: nothing of its earlier session lives on."""
    token, (browser, system) = secrets.token_urlsafe(32), browser_of(request.user_agent.string)
    db.session.add(
        UserSession(
            token_hash=hash_token(token), user_id=user_id, browser=browser, system=system,
            expires_at=utcnow() + LIFETIME,
        )
    )  # fmt: skip
    _clear_for(user_id)
    login_user(Actor(session=token, user_id=user_id))
    kept.name_person(user_id)


def start_half_session(user_id: int) -> None:
    """Let the present browser, signed out, show the second factor of an account whose password it has shown."""
    token, now = secrets.token_urlsafe(32), utcnow()
    db.session.execute(delete(HalfSession).where(HalfSession.expires_at <= now))
    db.session.add(HalfSession(token_hash=hash_token(token), user_id=user_id, expires_at=now + HALF_LIFETIME))
    _clear_for(user_id)
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


def _clear_for(user_id: int) -> None:
    """Sign the present browser out, and leave it nothing but what it has kept for the person who comes."""
    of_person = kept.leave_to(user_id)
    end_session()
    kept.give(of_person)


def end_all_sessions(user_id: int) -> None:
    """Sign the account out everywhere: its password, its second factor or its rights have changed."""
    for kind in (UserSession, HalfSession):
        db.session.execute(delete(kind).where(kind.user_id == user_id))


def note_use(token: str, seen_at: datetime) -> None:
    """Note, roughly, that a browser is in use, in a transaction of its own: looking at a page writes nothing else."""
    if utcnow() - seen_at >= NOTED_EVERY:
        with transaction(of_actor=False):  # while the actor is being loaded
            used = update(UserSession).where(UserSession.token_hash == hash_token(token))
            db.session.execute(used.values(seen_at=utcnow()))


def sessions_of(user_id: int) -> Sequence[UserSession]:
    """The account's signed-in browsers, that of the present request first, then the last used."""
    present = hash_token(actor.session)
    query = select(UserSession).where(UserSession.user_id == user_id, UserSession.expires_at > utcnow())
    found = db.session.scalars(query.order_by(UserSession.seen_at.desc(), UserSession.created_at.desc()))
    return sorted(found, key=lambda one: one.token_hash != present)


def is_present(one: UserSession) -> bool:
    """Whether it is the browser of the present request."""
    return one.token_hash == hash_token(actor.session)


def end_other_sessions(user_id: int, handle: str = "") -> int:
    """Sign the account out in another browser, or in all others, and never in the present one; in how many that was.

    Args:
        handle: `UserSession.handle` of the one; empty: all others, and browsers that have shown the password alone.
    """
    present = hash_token(actor.session)
    query = delete(UserSession).where(UserSession.user_id == user_id, UserSession.token_hash != present)
    if handle:
        query = query.where(func.substr(UserSession.token_hash, 1, len(handle)) == handle)
    else:
        db.session.execute(delete(HalfSession).where(HalfSession.user_id == user_id))
    count = len(db.session.scalars(query.returning(UserSession.token_hash)).all())
    if count:
        audit.record("account.sessions_ended", f"account:{user_id}", count=count)
    return count
