"""The reseller policy: its versions, and who accepted which of them when (R5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from dashboard.accounts.models import User
from dashboard.audit import service as audit
from dashboard.errors import N_, NotFound, Refused
from dashboard.extensions import db, insert_once
from dashboard.resellers.models import Policy, PolicyAcceptance


@dataclass(frozen=True)
class Acceptance:
    """That a member accepted a version for its company."""

    version: int
    by: str
    at: datetime


def publish_policy(text_en: str, text_ru: str, *, asks_acceptance: bool = True) -> Policy:
    """A new version, in force at once. A mere correction of wording does not ask to be accepted; a first one always."""
    policy = Policy(
        text_en=text_en, text_ru=text_ru, asks_acceptance=asks_acceptance or find_current_policy() is None
    )  # fmt: skip
    db.session.add(policy)
    db.session.flush()
    audit.record("policy.published", f"policy:{policy.id}", asks_acceptance=policy.asks_acceptance)
    return policy


def find_current_policy() -> Policy | None:
    """The version in force; None before the first one is published."""
    return db.session.scalar(select(Policy).order_by(Policy.id.desc()).limit(1))


def current_policy() -> Policy:
    """The version in force.

    Raises:
        NotFound: before the first one is published.
    """
    policy = find_current_policy()
    if policy is None:
        raise NotFound
    return policy


def must_accept_policy(reseller_id: int) -> Policy | None:
    """The newest version that asks to be accepted, unless the reseller has accepted it or one after it."""
    newest = db.session.scalar(select(Policy).where(Policy.asks_acceptance).order_by(Policy.id.desc()).limit(1))
    if newest is None:
        return None
    accepted = db.session.scalar(
        select(PolicyAcceptance.id)
        .where(PolicyAcceptance.reseller_id == reseller_id, PolicyAcceptance.policy_id >= newest.id)
        .limit(1)
    )
    return None if accepted else newest


def is_accepted(reseller_id: int) -> bool:
    """Whether the reseller has accepted all that the policy asks for; nothing can be accepted before there is one."""
    return find_current_policy() is not None and must_accept_policy(reseller_id) is None


def keep_acceptance(reseller_id: int, user_id: int, policy_id: int) -> None:
    """Note that a member accepted, for its company, the version that it has read; once is enough.

    Raises:
        Refused: if a newer version has been published meanwhile.
    """
    if policy_id != current_policy().id:
        raise Refused(N_("A newer version of the policy has been published. Please read it and accept that one."))
    if insert_once(PolicyAcceptance, reseller_id=reseller_id, policy_id=policy_id, user_id=user_id):
        audit.record("policy.accepted", f"reseller:{reseller_id}", version=policy_id)


def find_acceptance(reseller_id: int) -> Acceptance | None:
    """The latest acceptance of a reseller."""
    row = db.session.execute(
        select(PolicyAcceptance, User.name)
        .join(User, User.id == PolicyAcceptance.user_id)
        .where(PolicyAcceptance.reseller_id == reseller_id)
        .order_by(PolicyAcceptance.policy_id.desc())
        .limit(1)
    ).first()
    return Acceptance(row[0].policy_id, row[1], row[0].accepted_at) if row else None
