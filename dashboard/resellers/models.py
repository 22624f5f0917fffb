"""Applications, resellers, their members, and which version of the policy they accepted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.extensions import Base
from dashboard.prose.models import TextVersion
from dashboard.resellers.rules import INVITATION_LIFETIME


class Reseller(Base):
    """A company that resells. It is active from the moment that it completed the three steps of R5."""

    __tablename__ = "resellers"
    __table_args__ = (Index("uq_resellers_external_key", "external_key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    website: Mapped[str] = mapped_column(String(300))
    country: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(2), default="")
    currency: Mapped[str] = mapped_column(String(3))
    discount: Mapped[int]  #: parts per million of the retail price (R6)
    legal_name: Mapped[str] = mapped_column(String(200), default="")
    street: Mapped[str] = mapped_column(String(200), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    postal_code: Mapped[str] = mapped_column(String(20), default="")
    tax_number: Mapped[str] = mapped_column(String(40), default="")  #: VAT number, INN, EIN … by country
    tax_number_confirmed_at: Mapped[datetime | None]  #: staff have looked the VAT number up (R28)
    billing_email: Mapped[str] = mapped_column(String(320), default="")
    document_language: Mapped[str] = mapped_column(String(5), default="en")
    listing_url: Mapped[str] = mapped_column(String(500), default="")
    listing_checked_at: Mapped[datetime | None]
    company_completed_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    suspended_reason: Mapped[str] = mapped_column(Text, default="")
    established_at: Mapped[datetime | None]  #: told by mail, or set by staff with a reason (R14)
    established_by_staff: Mapped[bool] = mapped_column(default=False)
    on_hold: Mapped[bool] = mapped_column(default=False)  #: staff have taken credit away (R15)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    logo_digest: Mapped[str | None] = mapped_column(String(64))  #: of the picture that stands on its quotes
    external_key: Mapped[str | None] = mapped_column(String(60))  #: its name in files that are loaded

    @property
    def is_active(self) -> bool:
        return self.activated_at is not None and self.suspended_at is None

    @validates("tax_number")
    def _take_confirmation_back(self, _name: str, number: str) -> str:
        """Another number was never looked up, whoever changes it (R28)."""
        if number != self.tax_number:
            self.tax_number_confirmed_at = None
        return number


class Member(Base):
    """A person of a reseller; an account belongs to one reseller at most."""

    __tablename__ = "members"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id), index=True)
    role: Mapped[str] = mapped_column(String(20))


class Invitation(Base):
    """A person who was asked to become a member; one that waits at most for each address of a company.

    Whether the address has an account stands nowhere here: the company must not be able to tell (R26).
    """

    __tablename__ = "invitations"
    __table_args__ = (
        Index(
            "uq_invitations_waiting",
            "reseller_id",
            "email_key",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id))
    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(String(320))
    role: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(5))  #: of the letter, unless the address has an account
    invited_by_name: Mapped[str] = mapped_column(String(200))
    by_staff: Mapped[bool] = mapped_column(default=False)
    invited_at: Mapped[datetime] = mapped_column(default=utcnow)
    sent_at: Mapped[datetime] = mapped_column(default=utcnow)  #: when its newest letter was asked for
    closed_at: Mapped[datetime | None]  #: accepted or taken back

    @property
    def ends_at(self) -> datetime:
        """When the link of its newest letter has run out."""
        return self.sent_at + INVITATION_LIFETIME


class InvitationLink(Base):
    """The secret in an invitation's letter: hashed, short-lived, gone once it was used or the invitation is closed."""

    __tablename__ = "invitation_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey(Invitation.id, ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]


class Application(Base):
    """A request to become a reseller (R2), and what staff decided (R4). An account has one that waits at most."""

    __tablename__ = "applications"
    __table_args__ = (
        Index(
            "uq_applications_waiting",
            "user_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    company: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    activity: Mapped[str] = mapped_column(String(20))
    website: Mapped[str] = mapped_column(String(300))
    country: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(2), default="")
    reasons: Mapped[str] = mapped_column(Text)
    first_customer: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(5))
    submitted_at: Mapped[datetime] = mapped_column(default=utcnow)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    approved: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    reseller_id: Mapped[int | None] = mapped_column(ForeignKey(Reseller.id))

    @property
    def is_waiting(self) -> bool:
        return self.decided_at is None


class PolicyAcceptance(Base):
    """Who accepted which version of the policy for which reseller, and when (R5)."""

    __tablename__ = "policy_acceptances"
    __table_args__ = (UniqueConstraint("reseller_id", "policy_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id))
    policy_id: Mapped[int] = mapped_column(ForeignKey(TextVersion.id))
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    accepted_at: Mapped[datetime] = mapped_column(default=utcnow)
