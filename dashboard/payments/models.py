"""Money that came in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.extensions import Base, Minor
from dashboard.money import Money
from dashboard.resellers.models import Reseller


class Transfer(Base):
    """A bank transfer that was received, as the bank told of it."""

    __tablename__ = "transfers"

    id: Mapped[int] = mapped_column(primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id), index=True)
    submit_key: Mapped[str] = mapped_column(String(80), unique=True)
    received_on: Mapped[date]  #: the bank's value date, else its booking date (R16)
    minor: Mapped[int] = mapped_column(Minor)
    currency: Mapped[str] = mapped_column(String(3))
    text: Mapped[str] = mapped_column(String(300), default="")
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    confirmed_at: Mapped[datetime] = mapped_column(default=utcnow)
    undone_at: Mapped[datetime | None]  #: its entries then come to nothing; the row stays
    undone_reason: Mapped[str] = mapped_column(String(300), default="")

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)
