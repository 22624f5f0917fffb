"""The versions of every text, in both languages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.extensions import Base, append_only


@append_only
class TextVersion(Base):
    """A version of one text, as somebody published it; the one with the highest number is in force.

    Version 0 is the product's own text. It stands in a file and becomes a row only when somebody accepts it, so that
    what was accepted is kept word for word (R5).
    """

    __tablename__ = "text_versions"
    __table_args__ = (UniqueConstraint("kind", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    text_en: Mapped[str] = mapped_column(Text)
    text_ru: Mapped[str] = mapped_column(Text)
    asks_acceptance: Mapped[bool] = mapped_column(default=False)  #: of the policy: no mere correction (R5)
    note: Mapped[str] = mapped_column(String(200), default="")  #: what has changed, for the vendor's own staff
    published_at: Mapped[datetime] = mapped_column(default=utcnow)
    published_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))  #: none: by a command
