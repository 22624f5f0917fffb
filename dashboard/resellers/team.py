"""The people of a reseller: their roles, who leaves, who is removed; the last owner stays (R5, R26)."""

from __future__ import annotations

from dashboard.accounts.models import User
from dashboard.accounts.sessions import end_all_sessions
from dashboard.audit import service as audit
from dashboard.errors import N_, InvalidInput, NotFound, Refused
from dashboard.extensions import db
from dashboard.mail.service import post
from dashboard.outbox import service as outbox
from dashboard.resellers.finding import contact_of, get_reseller, members_of
from dashboard.resellers.models import Member, Reseller
from dashboard.resellers.rules import Role, is_last_owner

__all__ = ["contact_of"]  # besides what stands here

#: Outbox effect: a member has gone; what named that person names another one now (fulfilment/jobs.py).
GONE = "member_gone"

LAST_OWNER = N_("A company needs an owner. Make somebody else an owner first.")


def set_role(reseller_id: int, user_id: int, role: str) -> None:
    """Give a member another role; they sign in anew.

    Raises:
        NotFound: if the person is no member.
        InvalidInput: if there is no such role.
        Refused: if the company would have no owner.
    """
    if role not in set(Role):
        raise InvalidInput(N_("Choose one of these."))
    reseller, member, user = _taken(reseller_id, user_id)
    if member.role == role:
        return
    if role != Role.OWNER:
        _keep_an_owner(reseller, user_id)
    audit.record("reseller.role_set", _subject(reseller), email=user.email, name=user.name, role=role)
    member.role = role
    end_all_sessions(user_id)  # what they may do has changed (R1)


def remove(reseller_id: int, user_id: int) -> User:
    """Take a person out of the company, at once, and tell them. Their account and their own licenses stay.

    Raises:
        NotFound: if the person is no member.
        Refused: if it is the last owner.
    """
    reseller, member, user = _taken(reseller_id, user_id)
    _keep_an_owner(reseller, user_id)
    _take_out(reseller, member, user)
    end_all_sessions(user_id)  # what they may do has changed (R1)
    audit.record("reseller.member_removed", _subject(reseller), email=user.email, name=user.name)
    post(
        "team_removed", to=user.email, language=user.language, key=f"team_removed:{_occasion(reseller, user)}",
        about=f"account:{user.id}", name=user.name, company=reseller.name,
    )  # fmt: skip
    return user


def leave(reseller_id: int, user_id: int) -> None:
    """Leave the company; the owners see it in its history.

    Raises:
        Refused: if it is the last owner.
    """
    reseller, member, user = _taken(reseller_id, user_id)
    _keep_an_owner(reseller, user_id)
    audit.record("reseller.member_left", _subject(reseller), email=user.email, name=user.name)
    _take_out(reseller, member, user)


def _taken(reseller_id: int, user_id: int) -> tuple[Reseller, Member, User]:
    """A member with the company, which is locked: of two owners who leave at once, one has to stay."""
    reseller = get_reseller(reseller_id, lock=True)
    member = db.session.get(Member, user_id, populate_existing=True)
    if member is None or member.reseller_id != reseller_id:
        raise NotFound
    return reseller, member, db.session.get_one(User, user_id)


def _keep_an_owner(reseller: Reseller, user_id: int) -> None:
    owners = [user.id for user, role in members_of(reseller.id) if role is Role.OWNER and user.confirmed_at]
    if is_last_owner(user_id, owners):
        raise Refused(LAST_OWNER)


def _take_out(reseller: Reseller, member: Member, user: User) -> None:
    db.session.delete(member)
    db.session.flush()
    outbox.put(GONE, f"{GONE}:{_occasion(reseller, user)}", reseller_id=reseller.id, user_id=user.id)


def _occasion(reseller: Reseller, user: User) -> str:
    """The same person may come and go more than once."""
    times = len([one for one in audit.history(_subject(reseller)) if one.action.startswith("reseller.member_")])
    return f"{reseller.id}:{user.id}:{times}"


def _subject(reseller: Reseller) -> str:
    return f"reseller:{reseller.id}"
