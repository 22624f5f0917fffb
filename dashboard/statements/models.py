"""Interest as it was booked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.clock import utcnow
from dashboard.extensions import Base, Minor, append_only
from dashboard.ledger.models import LedgerEntry, Receivable


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
