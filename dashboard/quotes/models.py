"""Quotes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.accounts.models import User
from dashboard.checkout.models import Kept
from dashboard.clock import utcnow
from dashboard.extensions import Base, Minor
from dashboard.money import Money
from dashboard.quotes.rules import Contents, Line, QuoteSnapshot
from dashboard.resellers.models import Reseller


class Quote(Kept, Base):
    """One version of a quote. Issued, it says for ever what its snapshot says; only what became of it is noted."""

    __tablename__ = "quotes"
    __table_args__ = (
        UniqueConstraint("number", "version"),
        UniqueConstraint("reseller_id", "submit_key"),  # begun twice by accident makes one quote
        Index("ix_quotes_reseller_id_created_at", "reseller_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(20), primary_key=True)  #: the number, with the version from the second on
    number: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id))
    submit_key: Mapped[str] = mapped_column(String(40))
    made_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    made_by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    currency: Mapped[str] = mapped_column(String(3))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  #: [{"sku": …, "quantity": …, "unit_minor": …}]
    customer: Mapped[dict[str, Any]]
    valid_until: Mapped[date]
    tax_label: Mapped[str] = mapped_column(String(60), default="")
    tax_rate: Mapped[int] = mapped_column(default=0)  #: parts per million
    terms: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    reference: Mapped[str] = mapped_column(String(60), default="")
    total_minor: Mapped[int] = mapped_column(Minor, default=0)
    search_text: Mapped[str] = mapped_column(Text, default="")  #: what a search looks through, in one case

    issued_at: Mapped[datetime | None]
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    document_digest: Mapped[str | None] = mapped_column(String(64))  #: of the PDF, once it is drawn
    withdrawn_at: Mapped[datetime | None]

    @property
    def contents(self) -> Contents:
        """What was typed into its form."""
        return Contents(
            lines=tuple(Line(**line) for line in self.lines),
            customer=dict(self.customer),
            valid_until=self.valid_until,
            tax_label=self.tax_label,
            tax_rate=self.tax_rate,
            terms=self.terms,
            note=self.note,
            reference=self.reference,
        )

    @property
    def content(self) -> QuoteSnapshot:
        """What stands on its paper; only of one that was issued."""
        assert self.snapshot is not None
        return QuoteSnapshot.from_json(self.snapshot)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def customer_name(self) -> str:
        """The end customer as lists show it."""
        return self.customer.get("company") or self.customer.get("name") or ""

    @property
    def file_name(self) -> str:
        """Under which a browser saves its paper."""
        return f"{self.id}.pdf"
