"""Catalogs that translators have handed in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.documents.models import Document
from dashboard.extensions import Base


class HandedIn(Base):
    """A .po file without a fault, for whoever maintains the program. The same file again is the same row."""

    __tablename__ = "handed_in_catalogs"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey(Document.digest), unique=True)
    language: Mapped[str] = mapped_column(String(5))
    changed: Mapped[int]  #: texts that it says otherwise than the program did at that time
    handed_in_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    name: Mapped[str] = mapped_column(String(200))  #: of that person
    handed_in_at: Mapped[datetime] = mapped_column(default=utcnow)

    @property
    def file_name(self) -> str:
        """Under which a browser saves it."""
        return f"messages-{self.language}-{self.handed_in_at:%Y%m%d-%H%M}.po"
