"""Drafts of orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.extensions import Base
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller


class Draft(Base):
    """What was typed into an order form so far. It holds no prices (R10); its id is the order's submit key."""

    __tablename__ = "drafts"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  #: [{"sku": …, "quantity": …, "renews": …}]
    customer: Mapped[dict[str, Any]]
    po_number: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=0)  #: of the page that it was last saved from by a button
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
    order_id: Mapped[str | None] = mapped_column(ForeignKey(Order.id))
