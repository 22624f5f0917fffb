"""What is to be paid, and every entry that changes it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.clock import utcnow
from dashboard.extensions import Base, Minor, append_only
from dashboard.resellers.models import Reseller


class Receivable(Base):
    """What one order has to bring in, its terms and the reference under which it is paid (R14, R19).

    The order itself is a later feature: it is named by its ID alone. A debt from before this program is one, too, of an
    order that is nowhere else: it has an ID, so that it can be paid like any, and the `number` that both sides know.
    """

    __tablename__ = "receivables"
    __table_args__ = (
        Index("uq_receivables_reseller_id_number", "reseller_id", "number", unique=True),  # a debt is booked once
    )

    order_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id), index=True)
    reference: Mapped[str] = mapped_column(String(25), unique=True)
    currency: Mapped[str] = mapped_column(String(3))
    terms: Mapped[str] = mapped_column(String(10))
    placed_on: Mapped[date]
    due_on: Mapped[date | None]  #: credit orders only: an unpaid prepaid order is never overdue (R15)
    cancelled_on: Mapped[date | None]
    number: Mapped[str | None] = mapped_column(String(60))  #: only of a debt from before this program


@append_only
class LedgerEntry(Base):
    """One entry, never changed or deleted. `minor` is positive where the reseller owes more by it.

    An entry with `order_id` changes what is open on that order; one without changes the credit on account. An
    allocation is a pair: it takes from the one what it gives to the other, so that the sum stays.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("minor <> 0", "says_something"),
        Index("ix_ledger_entries_reseller_id_order_id", "reseller_id", "order_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id))
    order_id: Mapped[str | None] = mapped_column(ForeignKey(Receivable.order_id), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    minor: Mapped[int] = mapped_column(Minor)
    currency: Mapped[str] = mapped_column(String(3))
    day: Mapped[date]  #: the business day on which it counts: for money, the bank's value date
    at: Mapped[datetime] = mapped_column(default=utcnow)
    transfer_id: Mapped[int | None]  #: the transfer that brought the money, if any
    note: Mapped[str] = mapped_column(String(300), default="")
