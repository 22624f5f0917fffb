"""Invitations to a company: sent, sent again, taken back, accepted.

Whether an address has an account, or belongs to another company, the inviting company never learns (R26): it gets the
same answer and sees the same row. The person invited is told, who holds the link that was mailed to the address.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, select

from dashboard.accounts import limits, passwords
from dashboard.accounts import service as accounts
from dashboard.accounts.models import User
from dashboard.accounts.rules import LETTERS, Rate, email_key
from dashboard.accounts.sealing import hash_token
from dashboard.accounts.second_factor import enter
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.errors import N_, BusinessError, InvalidInput, Refused
from dashboard.extensions import db, get_row, insert_once
from dashboard.mail.service import Moot, post
from dashboard.outbox import service as outbox
from dashboard.resellers.finding import get_reseller, members_of
from dashboard.resellers.models import Invitation, InvitationLink, Member
from dashboard.resellers.rules import INVITATION_LIFETIME, Role, Way, way_in
from dashboard.web.access import Actor
from dashboard.web.pages import public_url
from dashboard.web.transactions import reading, transaction

#: Outbox effect: write the letter of an invitation.
WRITE = "invitation"

#: How many invitations, new and repeated, one person may have mailed.
INVITATIONS = Rate("invitations of an account", 30, timedelta(hours=1))

ELSEWHERE = N_(
    "You belong to another reseller here, and one can belong to one only. Leave that company on its page “Team” first, "
    "or have the invitation sent to another address."
)


class DeadInvitation(BusinessError):
    """An invitation that was accepted, taken back, has run out, or never was one; nobody learns which."""

    status = 410

    def __init__(self) -> None:
        super().__init__(N_("This invitation was used, was taken back or has run out. Ask the company for a new one."))


class Opened(NamedTuple):
    """What the link of an invitation stands for, and what the person who opened it can do."""

    email: str
    company: str
    role: Role
    invited_by: str  #: empty: the vendor
    has_account: bool  #: one that is confirmed: its owner signs in

    def way_of(self, who: Actor) -> Way:
        """How the person who has opened it gets in."""
        signed_in = email_key(who.email) if who.is_authenticated else None
        return way_in(email_key(self.email), signed_in, has_account=self.has_account)


def waiting(reseller_id: int) -> list[Invitation]:
    """Invitations that nobody has accepted yet, oldest first."""
    return list(db.session.scalars(_waiting(reseller_id).order_by(Invitation.id)))


def invite(reseller_id: int, email: str, role: str, *, language: str, by: Actor, reason: str = "") -> None:
    """Have a person invited by mail; one who is invited already gets a new letter; with another role, an invitation of
    its own, and the links of the one before are dead.

    Args:
        language: of the letter, unless the address has an account.
        by: a member of the company who may do so, or staff.
        reason: why staff do it.

    Raises:
        InvalidInput: if there is no such role, or the address is that of a member of this very company.
        TooMany: if this person, or the company to this address, had too many letters sent.
    """
    _count(reseller_id, email, by)
    enlist(reseller_id, email, role, language=language, by_name=by.name, by_staff=by.is_staff, reason=reason)


def enlist(
    reseller_id: int, email: str, role: str, *, language: str, by_name: str, by_staff: bool = False, reason: str = ""
) -> None:  # fmt: skip
    """As `invite`, without its limits."""
    if role not in set(Role):
        raise InvalidInput(N_("Choose one of these."))
    reseller, key = get_reseller(reseller_id, lock=True), email_key(email)
    if any(user.email_key == key for user, _role in members_of(reseller_id)):
        raise InvalidInput(N_("This person is in your company already."))
    waits = db.session.scalar(_waiting(reseller_id).where(Invitation.email_key == key))
    if waits is None or (waits.role, waits.by_staff) != (role, by_staff):
        if waits:
            _close(waits)  # what its links promise holds no more
            db.session.flush()
        waits = Invitation(
            reseller_id=reseller_id, email=email, email_key=key, role=role, language=language,
            invited_by_name=by_name, by_staff=by_staff,
        )  # fmt: skip
        db.session.add(waits)
    _send(waits)
    facts = {"email": email, "role": role} | ({"reason": reason} if reason else {})
    audit.record("reseller.member_invited", f"reseller:{reseller.id}", **facts)


def send_again(reseller_id: int, invitation_id: int, *, by: Actor) -> str:
    """Mail a new link; the address it goes to.

    Raises:
        NotFound: if no such invitation of this company waits.
        TooMany: as `invite`.
    """
    with reading():
        email = get_row(_waiting(reseller_id).where(Invitation.id == invitation_id)).email
    _count(reseller_id, email, by)
    invitation = get_row(_waiting(reseller_id).where(Invitation.id == invitation_id), lock=True)
    _send(invitation)
    audit.record("reseller.member_invited", f"reseller:{reseller_id}", email=email, role=invitation.role)
    return email


def take_back(reseller_id: int, invitation_id: int) -> str:
    """End an invitation: its links are dead; the address it went to.

    Raises:
        NotFound: if no such invitation of this company waits.
    """
    invitation = get_row(_waiting(reseller_id).where(Invitation.id == invitation_id), lock=True)
    _close(invitation)
    audit.record("reseller.invitation_withdrawn", f"reseller:{reseller_id}", email=invitation.email)
    return invitation.email


def write_letter(invitation_id: int, letter: str) -> None:
    """The worker's part of `invite`: only here is looked whether the address has an account, for its language."""
    invitation = db.session.get_one(Invitation, invitation_id)
    if invitation.closed_at:
        return
    user = accounts.find_user(invitation.email)
    post(
        "team_invitation", to=invitation.email, language=user.language if user else invitation.language,
        key=f"team_invitation:{letter}", about=f"reseller:{invitation.reseller_id}",
        invitation_id=invitation.id,
    )  # fmt: skip


def facts_of(invitation_id: int) -> dict[str, Any]:
    """What an invitation's letter tells.

    Raises:
        Moot: if nobody is invited by it any more.
    """
    invitation = db.session.get_one(Invitation, invitation_id)
    if invitation.closed_at:
        raise Moot("invitation_closed")
    return {
        "company": get_reseller(invitation.reseller_id).name,
        "role": invitation.role,
        "invited_by": "" if invitation.by_staff else invitation.invited_by_name,
        "days": INVITATION_LIFETIME.days,
    }


def mailed_link(invitation_id: int) -> str:
    """The address of a new link, made in a transaction of its own; for the letter's composer, nobody else holds it."""
    token = secrets.token_urlsafe(32)
    with transaction():
        db.session.add(
            InvitationLink(
                token_hash=hash_token(token), invitation_id=invitation_id, expires_at=utcnow() + INVITATION_LIFETIME
            )
        )
    return public_url("team.accept", token=token)


def open_link(token: str) -> Opened:
    """What a link stands for, read without the request's transaction; the link stays usable.

    Raises:
        DeadInvitation: if it cannot be used (any more).
    """
    with reading():
        invitation = _of_link(token)
        user = accounts.find_user(invitation.email)
        return Opened(
            email=invitation.email,
            company=get_reseller(invitation.reseller_id).name,
            role=Role(invitation.role),
            invited_by="" if invitation.by_staff else invitation.invited_by_name,
            has_account=user is not None and not accounts.needs_claim(user),
        )


def accept(token: str, by: Actor) -> None:
    """Become a member.

    Args:
        by: who is signed in, under the address to which the link was mailed.

    Raises:
        DeadInvitation: if the link cannot be used (any more).
        Refused: if nobody or somebody else is signed in, or the person belongs to another company.
    """
    invitation = _taken(token)
    if by.user_id is None or email_key(by.email) != invitation.email_key:
        raise Refused(N_("This invitation is for %(email)s. Please sign in with that address."), email=invitation.email)
    user = accounts.get_user(by.user)
    accounts.confirm_by_link(user)
    _join(invitation, user)


def register(token: str, name: str, password: str, language: str) -> None:
    """Make an account for the address of the invitation, become a member and sign this browser in.

    Raises:
        DeadInvitation: if the link cannot be used (any more).
        InvalidInput: if the password is too short or too long.
        Refused: if the address has an account that is confirmed, or belongs to another company.
    """
    hashed = passwords.hash_password(password)
    invitation = _taken(token)
    user = accounts.invited_account(invitation.email, name, hashed, language)
    _join(invitation, user)
    enter(user)


def _join(invitation: Invitation, user: User) -> None:
    """Make the person a member, once, if they belong nowhere else."""
    if insert_once(Member, user_id=user.id, reseller_id=invitation.reseller_id, role=invitation.role):
        facts = {"email": user.email, "name": user.name, "role": invitation.role}
        with audit.done_by(user.id, user.name):
            audit.record("reseller.member_joined", f"reseller:{invitation.reseller_id}", **facts)
    elif db.session.get_one(Member, user.id).reseller_id != invitation.reseller_id:
        raise Refused(ELSEWHERE)
    _close(invitation)


def _taken(token: str) -> Invitation:
    """The invitation of a link that works, locked after its company: in the order in which `invite` takes them."""
    get_reseller(_of_link(token).reseller_id, lock=True)
    return _of_link(token, lock=True)


def _count(reseller_id: int, email: str, by: Actor) -> None:
    """Take the limits of letters. They are this company's own: another's invitations do not show in them (R26)."""
    limits.take((LETTERS, f"invitation {reseller_id} {email_key(email)}"), (INVITATIONS, str(by.user)))


def _send(invitation: Invitation) -> None:
    """Have a letter written by the worker: the answer takes as long for any address. Two clicks send one."""
    invitation.sent_at = utcnow()
    db.session.flush()  # it has an id now
    letter = f"{invitation.id}:{invitation.sent_at:%Y%m%d%H%M%S}"
    outbox.put(WRITE, f"{WRITE}:{letter}", invitation_id=invitation.id, letter=letter)


def _close(invitation: Invitation) -> None:
    invitation.closed_at = utcnow()
    db.session.execute(delete(InvitationLink).where(InvitationLink.invitation_id == invitation.id))


def _waiting(reseller_id: int) -> Select[Invitation]:
    return select(Invitation).where(Invitation.reseller_id == reseller_id, Invitation.closed_at.is_(None))


def _of_link(token: str, *, lock: bool = False) -> Invitation:
    """The invitation of a link that works."""
    query = select(Invitation).join(InvitationLink).where(*_living(token))
    query = query.with_for_update(of=Invitation).execution_options(populate_existing=True) if lock else query
    invitation = db.session.scalar(query)
    if invitation is None:
        raise DeadInvitation
    return invitation


def _living(token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        InvitationLink.token_hash == hash_token(token),
        InvitationLink.expires_at > utcnow(),
        Invitation.closed_at.is_(None),
    )
