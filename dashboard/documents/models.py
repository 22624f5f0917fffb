"""The table of kept documents."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.clock import utcnow
from dashboard.extensions import Base


class Document(Base):
    """Content that never changes; its name is the SHA-256 of its bytes."""

    __tablename__ = "documents"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
