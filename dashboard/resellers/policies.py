"""Who accepted which version of the reseller policy, and when (R5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from dashboard.accounts.models import User
from dashboard.audit import service as audit
from dashboard.errors import N_, Refused
from dashboard.extensions import db, insert_once
from dashboard.prose import service as prose
from dashboard.prose import versions
from dashboard.prose.models import TextVersion
from dashboard.prose.rules import Kind
from dashboard.prose.versions import Version
from dashboard.resellers.models import PolicyAcceptance


@dataclass(frozen=True)
class Acceptance:
    """That a member accepted a version for its company."""

    version: int
    by: str
    at: datetime


def current_policy() -> Version:
    """The version in force."""
    return versions.current(Kind.POLICY)


def must_accept_policy(reseller_id: int) -> Version | None:
    """The newest version that asks to be accepted, unless the reseller has accepted it or one after it."""
    newest = versions.newest_asking(Kind.POLICY)
    accepted = db.session.scalar(
        select(PolicyAcceptance.id)
        .join(TextVersion, TextVersion.id == PolicyAcceptance.policy_id)
        .where(PolicyAcceptance.reseller_id == reseller_id, TextVersion.number >= newest.number)
        .limit(1)
    )
    return None if accepted else newest


def is_accepted(reseller_id: int) -> bool:
    """Whether the reseller has accepted all that the policy asks for."""
    return must_accept_policy(reseller_id) is None


def keep_acceptance(reseller_id: int, user_id: int, number: int) -> None:
    """Note that a member accepted, for its company, the version that it has read; once is enough.

    Raises:
        Refused: if a newer version has been published meanwhile.
    """
    policy = current_policy()
    if number != policy.number:
        raise Refused(N_("A newer version of the policy has been published. Please read it and accept that one."))
    if insert_once(PolicyAcceptance, reseller_id=reseller_id, policy_id=prose.keep(policy), user_id=user_id):
        audit.record("policy.accepted", f"reseller:{reseller_id}", version=number)


def find_acceptance(reseller_id: int) -> Acceptance | None:
    """The latest acceptance of a reseller."""
    row = db.session.execute(
        select(TextVersion.number, User.name, PolicyAcceptance.accepted_at)
        .select_from(PolicyAcceptance)
        .join(TextVersion, TextVersion.id == PolicyAcceptance.policy_id)
        .join(User, User.id == PolicyAcceptance.user_id)
        .where(PolicyAcceptance.reseller_id == reseller_id)
        .order_by(TextVersion.number.desc())
        .limit(1)
    ).first()
    return Acceptance(*row) if row else None
