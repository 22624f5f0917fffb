"""Tax rates, each with the day from which it holds, and the certificates that exempt from sales tax."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.extensions import Base
from dashboard.resellers.models import Reseller
from dashboard.tax.rules import CertificateState


class TaxRate(Base):
    """The rate of one place from a day on, in parts per million; `applies` says whether our goods are taxed there."""

    __tablename__ = "tax_rates"

    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    state: Mapped[str] = mapped_column(String(2), primary_key=True, default="")
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[int]
    applies: Mapped[bool]


class ZipRate(Base):
    """The rate of a ZIP code of the US from a day on, all local taxes in it, in parts per million. Whether our goods
    are taxed at all is the state's to say (`TaxRate.applies`).
    """

    __tablename__ = "zip_tax_rates"

    state: Mapped[str] = mapped_column(String(2), primary_key=True)  #: a few ZIP codes lie in two states
    zip_code: Mapped[str] = mapped_column(String(5), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[int]


class ExemptionCertificate(Base):
    """A certificate that exempts a reseller from the sales tax of some states, from a day to a day, both included."""

    __tablename__ = "exemption_certificates"
    __table_args__ = (
        Index(
            "ix_exemption_certificates_waiting", "id",
            sqlite_where=text("decision = 'waiting'"), postgresql_where=text("decision = 'waiting'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id), index=True)
    states: Mapped[list[str]] = mapped_column(JSON)
    number: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    digest: Mapped[str] = mapped_column(String(64))  #: of the file, as it was uploaded
    uploaded_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    uploaded_at: Mapped[datetime] = mapped_column(default=utcnow)
    decision: Mapped[str] = mapped_column(String(10), default=CertificateState.WAITING)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    reason: Mapped[str] = mapped_column(Text, default="")  #: why it was refused

    def covers(self, state: str, on: date) -> bool:
        """Whether it speaks of this state on this day, whatever staff think of it."""
        return state in self.states and self.valid_from <= on <= self.valid_until
