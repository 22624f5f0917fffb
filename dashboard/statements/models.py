"""Interest as it was booked, and monthly statements as they were sent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.clock import utcnow
from dashboard.extensions import Base, Minor, append_only
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.money import Money
from dashboard.resellers.models import Reseller
from dashboard.statements.rules import StatementSnapshot


@append_only
class InterestEntry(Base):
    """Interest of one order for a span of days, or what corrects it; never changed (R16).

    The entries of one span add up to what the span bears, by all that is known: money that is found later, with an
    earlier date, brings an entry of its own for the same span.
    """

    __tablename__ = "interest_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    receivable_id: Mapped[str] = mapped_column(ForeignKey(Receivable.id), index=True)
    ledger_entry_id: Mapped[int | None] = mapped_column(ForeignKey(LedgerEntry.id))  #: none: it came to nothing
    after: Mapped[date]  #: the span begins on the day after
    until: Mapped[date]
    rate: Mapped[int]  #: of a year, in parts per million
    pieces: Mapped[list[Any]] = mapped_column(JSON)  #: [base in minor units, days], each
    minor: Mapped[int] = mapped_column(Minor)
    currency: Mapped[str] = mapped_column(String(3))
    at: Mapped[datetime] = mapped_column(default=utcnow)


class Statement(Base):
    """A monthly statement, once a reseller and month; what it says never changes (R17), save that it is paid (R19)."""

    __tablename__ = "statements"
    __table_args__ = (UniqueConstraint("reseller_id", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id))
    month: Mapped[date]  #: its first day
    number: Mapped[str] = mapped_column(String(30), unique=True)
    reference: Mapped[str] = mapped_column(String(25))
    issued_on: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[int] = mapped_column(Minor)
    snapshot: Mapped[dict[str, Any]]
    paid_on: Mapped[date | None]  #: when nothing of it was open any more
    document_digest: Mapped[str | None] = mapped_column(String(64))  #: of the PDF, once it is drawn as it stands
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    @property
    def content(self) -> StatementSnapshot:
        return StatementSnapshot.from_json(self.snapshot)

    @property
    def file_name(self) -> str:
        return f"{self.number}.pdf"

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class Reminder(Base):
    """A step of the way to payment that a reseller was reminded at, so that none comes twice (R12, R14, R15)."""

    __tablename__ = "reminders"

    receivable_id: Mapped[str] = mapped_column(ForeignKey(Receivable.id), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)  #: days from the due date, or to the end of a pro-forma
    sent_on: Mapped[date]
