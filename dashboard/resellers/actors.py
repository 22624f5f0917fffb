"""Loads the actor of a request: account, membership and permissions, in one statement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Select, literal, select

from dashboard.accounts import looking
from dashboard.accounts.looking import View
from dashboard.accounts.models import SecondFactor, User, UserSession
from dashboard.accounts.sealing import hash_token
from dashboard.accounts.sessions import note_use
from dashboard.clock import utcnow
from dashboard.config import current_settings
from dashboard.extensions import db
from dashboard.resellers.models import Member, Reseller
from dashboard.resellers.rules import Role
from dashboard.web.access import Actor, Looker, Permission

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
        Permission.VIEW_AS_OTHERS,
        Permission.EDIT_CATALOG,
        Permission.VIEW_REPORTS,
        Permission.TRANSLATE,
        Permission.VIEW_SETTINGS,
    }
)

#: What is left of a member's, or a customer's, permissions to staff who look at their pages.
MEMBER_LOOKED_AT = frozenset({Permission.PUBLIC, Permission.SIGNED_IN}) | _READS
CUSTOMER_LOOKED_AT = frozenset({Permission.PUBLIC, Permission.SIGNED_IN, Permission.VIEW_OWN_LICENSES})


def permissions_of(
    *, confirmed: bool, staff: bool, role: str | None, translator: bool = False, lacking: bool = False
) -> frozenset[Permission]:
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
        granted |= {Permission.TRANSLATE} if translator else frozenset()
        granted |= MEMBER[Role(role)] if role else frozenset()
    return frozenset(granted)


def load_actor(token: str) -> Actor | None:
    """The actor of a signed-in session, or whose pages it looks at; None if the session has ended."""
    actor = _signed_in(token)
    view = looking.present() if actor and actor.may(Permission.VIEW_AS_OTHERS) else None
    return actor and (_looked_at(actor, view) if view else actor)


def _looked_at(staff: Actor, view: View) -> Actor:
    """Whose pages somebody of staff looks at: their rights to read, and no other."""
    looker = Looker(staff.user, staff.name, view.until)
    own: dict[str, Any] = {
        "session": staff.session, "language": staff.language, "theme": staff.theme, "time_zone": staff.time_zone,
    }  # fmt: skip
    if view.kind == "account":
        user = db.session.get(User, view.id)
        if user is None:
            return staff
        return Actor(
            **own, user_id=user.id, name=user.name, email=user.email, is_confirmed=True, permissions=CUSTOMER_LOOKED_AT,
            looker=looker,
        )  # fmt: skip
    reseller = db.session.get(Reseller, view.id)
    if reseller is None:
        return staff
    return Actor(
        **own, user_id=staff.user_id, name=staff.name, email=staff.email, is_confirmed=True,
        permissions=MEMBER_LOOKED_AT, looker=replace(looker, company=reseller.name), **_company(reseller),
    )  # fmt: skip


def _company(reseller: Reseller | None) -> dict[str, Any]:
    """What an actor knows of its company."""
    if reseller is None:
        return {}
    return {
        "reseller_id": reseller.id,
        "reseller_name": reseller.name,
        "is_active_reseller": reseller.is_active,
        "currency": reseller.currency,
        "discount": reseller.discount,
    }


def find_actor(user_id: int) -> Actor | None:
    """An account with the rights that it has now, signed in or not: for what is done later on its behalf."""
    row = db.session.execute(_people(literal(None)).where(User.id == user_id)).first()
    return _actor(row) if row else None


def _signed_in(token: str) -> Actor | None:
    people = _people(UserSession.seen_at).join(UserSession, UserSession.user_id == User.id)
    living = UserSession.token_hash == hash_token(token), UserSession.expires_at > utcnow()
    row = db.session.execute(people.where(*living)).first()
    if row is None:
        return None
    actor = _actor(row, token)
    note_use(token, row[0])
    return actor


def _people(*more: Any) -> Select[Any]:
    """Accounts with their second factor and membership, after what else is asked for."""
    return (
        select(*more, User, SecondFactor.since, Member.role, Reseller)
        .select_from(User)
        .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
        .outerjoin(Member, Member.user_id == User.id)
        .outerjoin(Reseller, Reseller.id == Member.reseller_id)
    )


def _actor(row: Any, token: str = "") -> Actor:
    _, user, second_factor, role, reseller = row
    confirmed = user.confirmed_at is not None
    lacking = user.is_staff and not second_factor and current_settings().staff_need_second_factor
    return Actor(
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
        **_company(reseller),
        permissions=permissions_of(
            confirmed=confirmed, staff=user.is_staff, role=role, translator=user.is_translator, lacking=lacking
        ),
    )
