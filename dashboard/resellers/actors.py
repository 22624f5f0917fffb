"""Loads the actor of a request: account, membership and permissions, in one statement."""

from __future__ import annotations

from sqlalchemy import select

from dashboard.accounts.models import SecondFactor, User, UserSession
from dashboard.accounts.sessions import hash_token, note_use
from dashboard.clock import utcnow
from dashboard.config import current_settings
from dashboard.extensions import db
from dashboard.resellers.models import Member, Reseller
from dashboard.resellers.rules import Role
from dashboard.web.access import Actor, Permission

_READS = frozenset(
    {
        Permission.VIEW_OWN_COMPANY,
        Permission.VIEW_PARTNER_PRICES,
        Permission.VIEW_OWN_ORDERS,
        Permission.VIEW_OWN_ENQUIRIES,
    }
)
_WRITES = _READS | {Permission.WRITE_ENQUIRIES}
_KEEPS_BOOKS = _WRITES | {Permission.UPLOAD_CERTIFICATES}
_BUYS = _KEEPS_BOOKS | {Permission.PLACE_ORDERS, Permission.ACCEPT_POLICY}

#: What each role may do in its own company.
MEMBER = {
    Role.OWNER: _BUYS | {Permission.EDIT_OWN_COMPANY, Permission.MANAGE_TEAM},
    Role.BUYER: _BUYS,
    Role.ACCOUNTANT: _KEEPS_BOOKS,
    Role.VIEWER: _READS,
}

STAFF = frozenset(
    {
        Permission.REVIEW_RESELLERS,
        Permission.VIEW_ALL_ORDERS,
        Permission.CONFIRM_PAYMENTS,
        Permission.CANCEL_ANY_ORDER,
        Permission.RELEASE_LICENSES,
        Permission.VIEW_MAIL,
        Permission.EDIT_TEXTS,
        Permission.ANSWER_ENQUIRIES,
    }
)


def permissions_of(*, confirmed: bool, staff: bool, role: str | None, lacking: bool = False) -> frozenset[Permission]:
    """All permissions of an account; until its address is confirmed it may little more than confirm it.

    Args:
        lacking: whether it must have a second factor and has none; then it may set that up and nothing else.
    """
    granted = {Permission.PUBLIC, Permission.SIGNED_IN}
    if confirmed:
        granted.add(Permission.HAVE_SECOND_FACTOR)
    if confirmed and not lacking:
        granted |= {Permission.CONFIRMED, Permission.VIEW_OWN_LICENSES}
        granted |= STAFF if staff else frozenset()
        granted |= MEMBER[Role(role)] if role else frozenset()
    return frozenset(granted)


def load_actor(token: str) -> Actor | None:
    """The actor of a signed-in session; None if the session has ended."""
    row = db.session.execute(
        select(User, UserSession.seen_at, SecondFactor.since, Member.role, Reseller)
        .join(UserSession, UserSession.user_id == User.id)
        .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
        .outerjoin(Member, Member.user_id == User.id)
        .outerjoin(Reseller, Reseller.id == Member.reseller_id)
        .where(UserSession.token_hash == hash_token(token), UserSession.expires_at > utcnow())
    ).first()
    if row is None:
        return None
    user, seen_at, second_factor, role, reseller = row
    confirmed = user.confirmed_at is not None
    lacking = user.is_staff and not second_factor and current_settings().staff_need_second_factor
    actor = Actor(
        session=token,
        user_id=user.id,
        name=user.name,
        email=user.email,
        language=user.language,
        theme=user.theme,
        time_zone=user.time_zone,
        is_confirmed=confirmed,
        is_staff=user.is_staff,
        has_second_factor=second_factor is not None,
        lacks_second_factor=lacking,
        reseller_id=reseller.id if reseller else None,
        reseller_name=reseller.name if reseller else "",
        is_active_reseller=bool(reseller and reseller.is_active),
        currency=reseller.currency if reseller else "",
        discount=reseller.discount if reseller else 0,
        permissions=permissions_of(confirmed=confirmed, staff=user.is_staff, role=role, lacking=lacking),
    )
    note_use(token, seen_at)
    return actor
