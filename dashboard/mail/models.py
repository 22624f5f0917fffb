"""The letters that were written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.clock import utcnow
from dashboard.extensions import Base

#: Letters that have still to leave, or cannot: few of all, so an index holds them.
UNDELIVERED = "letters.sent_at IS NULL AND letters.moot = '' AND (letters.composed_at IS NULL OR letters.error <> '')"
_UNDELIVERED = text(UNDELIVERED.replace("letters.", ""))


class Letter(Base):
    """One letter to one recipient, written down with the fact that it tells of.

    Its words are made when it is sent: `payload` holds what they need. `subject`, `text` and `html` then keep what
    went out; those of a letter with a secret link stay only where there is no mail server.
    """

    __tablename__ = "letters"
    __table_args__ = (
        Index("ix_letters_subject_of", "about", "id"),
        Index("ix_letters_undelivered", "id", sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    recipient: Mapped[str] = mapped_column(String(320))
    language: Mapped[str] = mapped_column(String(5))
    about: Mapped[str] = mapped_column(String(100), default="")
    payload: Mapped[dict[str, Any]]
    message_id: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    composed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    moot: Mapped[str] = mapped_column(String(40), default="")  #: why it was not sent, in one word
    tries: Mapped[int] = mapped_column(default=0)
    subject: Mapped[str] = mapped_column(String(300), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    attachments: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)

    @property
    def state(self) -> str:
        """sent · dropped (what it tells of held no more) · kept (readable here, no mail server) · failing · waiting."""
        if self.sent_at:
            return "sent"
        if self.moot:
            return "dropped"
        if self.error:
            return "failing"
        return "kept" if self.composed_at else "waiting"
