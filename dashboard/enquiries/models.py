"""Enquiries, their messages, and every mail that came in to be filed with one (R32)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.documents.models import Document
from dashboard.extensions import Base, append_only
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller


class Enquiry(Base):
    """One matter that a reseller has with the vendor, about itself or about one of its orders."""

    __tablename__ = "enquiries"
    __table_args__ = (
        Index("ix_enquiries_reseller_id_changed_at", "reseller_id", "changed_at", "id"),
        Index("ix_enquiries_changed_at", "changed_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id))
    order_id: Mapped[str | None] = mapped_column(ForeignKey(Order.id), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(200))
    facts: Mapped[dict[str, Any]]  #: what the form of its kind asks besides the message
    state: Mapped[str] = mapped_column(String(20))
    unread: Mapped[bool] = mapped_column(default=False)  #: an answer that no member who may write has seen
    opened_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    opened_by_name: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime] = mapped_column(default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(default=utcnow)
    token: Mapped[str] = mapped_column(String(24), unique=True)  #: in the reseller's reply address
    staff_token: Mapped[str] = mapped_column(String(24), unique=True)  #: in that of staff, who alone are mailed it
    search_text: Mapped[str] = mapped_column(Text)  #: what a search looks through, in one case


@append_only
class EnquiryMessage(Base):
    """What one side wrote, on a page or by mail."""

    __tablename__ = "enquiry_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    enquiry_id: Mapped[str] = mapped_column(ForeignKey(Enquiry.id), index=True)
    submit_key: Mapped[str] = mapped_column(String(80), unique=True)  #: sent twice by accident it is one message
    side: Mapped[str] = mapped_column(String(10))
    author_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    author_name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(320), default="")  #: of its sender, if it came by mail
    text: Mapped[str] = mapped_column(Text)
    quoted: Mapped[str] = mapped_column(Text, default="")  #: what stood below it in the mail
    left_out: Mapped[list[str]] = mapped_column(JSON)  #: names of the files that came with it and are not kept
    at: Mapped[datetime] = mapped_column(default=utcnow)


class ReceivedMail(Base):
    """A mail that came in, each once: filed by itself, or waiting for staff to say where it belongs."""

    __tablename__ = "enquiry_mails"
    __table_args__ = (
        Index(
            "ix_enquiry_mails_waiting", "id",
            sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(String(64), unique=True)  #: SHA-256 of its Message-ID, else of its content
    sender: Mapped[str] = mapped_column(String(320))
    sender_name: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    quoted: Mapped[str] = mapped_column(Text)
    left_out: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    hurdle: Mapped[str] = mapped_column(String(20), default="")
    enquiry_id: Mapped[str | None] = mapped_column(ForeignKey(Enquiry.id))  #: where it is filed, or seems to belong
    received_at: Mapped[datetime] = mapped_column(default=utcnow)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]


class EnquiryFile(Base):
    """A file that came with a message, or with a mail until that is filed."""

    __tablename__ = "enquiry_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey(EnquiryMessage.id), index=True)
    mail_id: Mapped[int | None] = mapped_column(ForeignKey(ReceivedMail.id), index=True)
    name: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]  #: in bytes
    digest: Mapped[str] = mapped_column(ForeignKey(Document.digest))
