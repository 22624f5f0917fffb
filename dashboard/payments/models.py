"""Money that came in, and the bank's entries that tell of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.accounts.models import User
from dashboard.clock import today, utcnow
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


class BankFile(Base):
    """A bank's statement file that was imported: what it said, not its bytes."""

    __tablename__ = "bank_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(200))
    format: Mapped[str] = mapped_column(String(30))
    accepted_reason: Mapped[str] = mapped_column(String(300), default="")  #: why one that does not add up was booked
    imported_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    imported_at: Mapped[datetime] = mapped_column(default=utcnow)
    accounts: Mapped[list[Any]] = mapped_column(JSON)  #: per statement: account, currency, period, balances


class BankEntry(Base):
    """Money that the bank has booked on an account of the vendor, or that went back; known by its `identity` (R18).

    States: `matched` (will be booked), `booked`, `waiting` (a person decides), `dismissed` (none of our business).
    """

    __tablename__ = "bank_entries"
    __table_args__ = (
        Index(
            "ix_bank_entries_waiting", "id",
            sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey(BankFile.id), index=True)
    identity: Mapped[str] = mapped_column(String(64), unique=True)
    account: Mapped[str] = mapped_column(String(64))  #: the vendor's
    minor: Mapped[int] = mapped_column(Minor)  #: below zero: money that went back
    currency: Mapped[str] = mapped_column(String(3))
    booked_on: Mapped[date]
    received_on: Mapped[date]  #: the bank's value date, else its booking date (R16)
    payer_name: Mapped[str] = mapped_column(String(300), default="")
    payer_account: Mapped[str] = mapped_column(String(64), default="")
    payer_tax_number: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(Text, default="")  #: references and purpose, as the bank states them
    place: Mapped[str] = mapped_column(String(200), default="")  #: where it stands in the file
    state: Mapped[str] = mapped_column(String(10))
    hurdle: Mapped[str] = mapped_column(String(20), default="")
    reason: Mapped[str] = mapped_column(String(20), default="")
    reseller_id: Mapped[int | None] = mapped_column(ForeignKey(Reseller.id))
    targets: Mapped[list[str]] = mapped_column(JSON, default=list)
    within: Mapped[list[str]] = mapped_column(JSON, default=list)
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey(Transfer.id), index=True)
    bookings: Mapped[int] = mapped_column(default=0)  #: how often it was booked: again after it was undone
    note: Mapped[str] = mapped_column(String(300), default="")  #: why a person decided so
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]

    @property
    def is_early(self) -> bool:
        """Whether its value date has not come yet: it is money from that day on (R16)."""
        return self.received_on > today()


class PayerAccount(Base):
    """An account from which a reseller has paid, known from confirmed matches alone (R18)."""

    __tablename__ = "payer_accounts"

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id), primary_key=True)
    since: Mapped[datetime] = mapped_column(default=utcnow)


class BankUpload(Base):
    """A statement file between its upload and the click that books it: only so long are its bytes kept.

    They are no document (`documents` keeps for ever), and the browser need not be trusted to send them twice alike.
    """

    __tablename__ = "bank_uploads"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    mapping: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  #: only of a table
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    uploaded_at: Mapped[datetime] = mapped_column(default=utcnow)
    transfers: Mapped[int] = mapped_column(default=0)  #: that concern us, as far as it can be read
    needs_reason: Mapped[bool] = mapped_column(default=False)  #: it is booked only if somebody says why
    file_id: Mapped[int | None] = mapped_column(ForeignKey(BankFile.id))  #: what it is being booked as


class TableMapping(Base):
    """What the columns of a bank's table mean, under the name that staff gave it."""

    __tablename__ = "table_mappings"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    facts: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime] = mapped_column(default=utcnow)
