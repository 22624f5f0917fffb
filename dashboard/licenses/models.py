"""Licenses: the facts of each file, and what became of it. No price, tax or order object is reachable from here."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.documents.models import Document
from dashboard.extensions import Base


class License(Base):
    """One license file: for one order line, permanent or temporary (R22, R23)."""

    __tablename__ = "licenses"
    __table_args__ = (
        UniqueConstraint("order_id", "position", "kind", "issue"),
        Index("ix_licenses_order_id", "order_id", "position"),
        Index("ix_licenses_reseller_id_updates_until", "reseller_id", "updates_until", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    issue: Mapped[int] = mapped_column(default=1)  #: counts the files of a line: a repaired address makes a new one
    order_id: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    brand: Mapped[str] = mapped_column(String(100))
    sku: Mapped[str] = mapped_column(String(60))
    product: Mapped[str] = mapped_column(String(200))
    platform: Mapped[str] = mapped_column(String(100))
    plan: Mapped[str] = mapped_column(String(100))
    quantity: Mapped[int]
    licensee: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320))
    language: Mapped[str] = mapped_column(String(5))
    reseller_id: Mapped[int]  #: whose orders it belongs to; no way from here to the company's data
    reseller_name: Mapped[str] = mapped_column(String(200))
    reseller_email: Mapped[str] = mapped_column(String(320))
    renews: Mapped[str] = mapped_column(String(40), default="")  #: serial of the one before (R23)
    issued_on: Mapped[date]
    updates_until: Mapped[date | None]
    expires_on: Mapped[date | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey(User.id), index=True)
    digest: Mapped[str | None] = mapped_column(ForeignKey(Document.digest))  #: the signed file, once it is made
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    revoked_at: Mapped[datetime | None]
    downloaded_at: Mapped[datetime | None]  #: by the customer, for the first time (R21)
    search_text: Mapped[str] = mapped_column(Text)  #: what a search looks through, in one case


class RevocationIssue(Base):
    """A published list of revoked serials; the newest is in force (R12)."""

    __tablename__ = "revocation_issues"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey(Document.digest))
    issued_at: Mapped[datetime] = mapped_column(default=utcnow)
