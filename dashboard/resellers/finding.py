"""A reseller, its people, and who of them reads what."""

from __future__ import annotations

from sqlalchemy import select

from dashboard.accounts.models import User
from dashboard.extensions import db, get_row
from dashboard.resellers.models import Member, Reseller
from dashboard.resellers.rules import Role


def get_reseller(reseller_id: int, *, lock: bool = False) -> Reseller:
    """A reseller; with `lock` nobody else changes it, its ledger or its orders before the end of the transaction.

    Raises:
        NotFound: if there is none.
    """
    return get_row(select(Reseller).where(Reseller.id == reseller_id), lock=lock)


def members_of(reseller_id: int) -> list[tuple[User, Role]]:
    """The people of a reseller and what they do there."""
    query = select(User, Member.role).join(Member, Member.user_id == User.id).where(Member.reseller_id == reseller_id)
    return [(user, Role(role)) for user, role in db.session.execute(query.order_by(User.id))]


def owners_of(reseller_id: int) -> list[User]:
    """The owners of a reseller, who are told what concerns the company as a whole."""
    return [user for user, role in members_of(reseller_id) if role is Role.OWNER]


def contact_of(reseller_id: int, user_id: int) -> User:
    """Who reads what was meant for a member: that person while in the company, else the first of its owners.

    A company loaded from a file may have no owner for a while; then it stays that person: nobody else is known.
    """
    members = members_of(reseller_id)
    readers = [user for user, _role in members if user.id == user_id]
    owners = [user for user, role in members if role is Role.OWNER]
    owners.sort(key=lambda owner: owner.confirmed_at is None)
    found = [*readers, *owners]
    return found[0] if found else db.session.get_one(User, user_id)
