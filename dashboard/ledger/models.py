"""What is to be paid, and every entry that changes it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.clock import utcnow
from dashboard.extensions import Base, Minor, append_only
from dashboard.resellers.models import Reseller


class Receivable(Base):
    """What one order, one supplementary invoice or one debt from before this program has to bring in: its terms and
    the reference under which it is paid (R14, R19).

    `id` is an order ID: that of the order itself, or a free one of the same kind, so that it can be paid like any. The
    order is a later feature: it is named by its ID alone. Old debts and supplementary invoices have the `number` that
    both sides know.
    """

    __tablename__ = "receivables"
    __table_args__ = (
        Index(
            "uq_receivables_debt",
            "reseller_id",
            "number",
            unique=True,  # a debt is booked once
            sqlite_where=text("kind = 'opening'"),
            postgresql_where=text("kind = 'opening'"),
        ),
        Index(
            "ix_receivables_open",
            "reseller_id",
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
    )

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  #: of its first entry
    order_id: Mapped[str | None] = mapped_column(String(20), index=True)  #: the order that it belongs to
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id), index=True)
    reference: Mapped[str] = mapped_column(String(25), unique=True)
    currency: Mapped[str] = mapped_column(String(3))
    terms: Mapped[str] = mapped_column(String(10))
    placed_on: Mapped[date]
    due_on: Mapped[date | None]  #: on credit only: an unpaid prepaid order is never overdue (R15)
    interest_rate: Mapped[int]  #: of a year, in parts per million, as it was when the order was placed (R16)
    cancelled_on: Mapped[date | None]
    number: Mapped[str | None] = mapped_column(String(60))  #: what it is called, where that is not its ID
    #: whether its entries do not come to nothing, so that what is open is found among the few, not among all
    is_open: Mapped[bool] = mapped_column(default=True)


class Bundle(Base):
    """Receivables that one transfer may pay together, under a number and a reference of their own: those of a monthly
    statement (R17, R19). What was owed may be paid one by one meanwhile: this says only what the reference stands for.
    """

    __tablename__ = "bundles"

    reference: Mapped[str] = mapped_column(String(25), primary_key=True)
    number: Mapped[str] = mapped_column(String(30), unique=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    receivable_ids: Mapped[list[str]] = mapped_column(JSON)


@append_only
class LedgerEntry(Base):
    """One entry, never changed or deleted. `minor` is positive where the reseller owes more by it.

    Each entry changes one of three sums (`account`): the principal that is open on a receivable, the interest that was
    booked on it and is not paid, or the credit on account. An allocation is a pair: it takes from the credit what it
    gives to the receivable, so that the sum stays. `transfer_id` names the transfer whose money it is, from its arrival
    to whatever it pays, so that a transfer can be undone.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("minor <> 0", "says_something"),
        CheckConstraint("(account = 'credit') = (receivable_id IS NULL)", "is_credit_or_of_a_receivable"),
        Index("ix_ledger_entries_reseller_id_account", "reseller_id", "account"),
        Index("ix_ledger_entries_minor_kind", "minor", "kind"),  # whose order is it that costs just this?
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id))
    account: Mapped[str] = mapped_column(String(10))
    receivable_id: Mapped[str | None] = mapped_column(ForeignKey(Receivable.id), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    minor: Mapped[int] = mapped_column(Minor)
    currency: Mapped[str] = mapped_column(String(3))
    day: Mapped[date]  #: the business day on which it counts: for money, the bank's value date
    at: Mapped[datetime] = mapped_column(default=utcnow)
    transfer_id: Mapped[int | None] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(String(300), default="")
