"""Drafts: of orders, of many orders at once, and what every form that is kept while one types has in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.accounts.models import User
from dashboard.checkout.rules import Origin
from dashboard.clock import utcnow
from dashboard.extensions import Base
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller


class Kept:
    """A row that keeps what is typed into a form, with and without a button. Each page of the form says what it was
    made from, so that one that was overtaken undoes nothing.
    """

    revision: Mapped[int] = mapped_column(default=0)  #: one more each time that something is kept
    typed_in: Mapped[str] = mapped_column(String(40), default="")  #: the page that kept the latest without a button

    def follows(self, origin: Origin) -> bool:
        """Whether all that is kept was seen or typed in this page."""
        return origin.revision == self.revision or bool(origin.page and origin.page == self.typed_in)

    def mark_kept(self, origin: Origin, *, by_button: bool) -> None:
        """Something is kept from this page. After a button another page comes: this one is over."""
        self.revision += 1
        self.typed_in = "" if by_button else origin.page


class MembersDraft(Kept):
    """A draft that one member works on; its id is the submit key of what it becomes (R10)."""

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)


class Draft(MembersDraft, Base):
    """What was typed into an order form so far. It holds no prices (R10)."""

    __tablename__ = "drafts"

    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  #: [{"sku": …, "quantity": …, "renews": …}]
    customer: Mapped[dict[str, Any]]
    po_number: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    quote_id: Mapped[str | None] = mapped_column(String(20))  #: of the quote that it was begun from
    order_id: Mapped[str | None] = mapped_column(ForeignKey(Order.id))


class BulkDraft(MembersDraft, Base):
    """Rows of a bulk order that are not placed yet. It goes once they are."""

    __tablename__ = "bulk_drafts"

    rows: Mapped[str] = mapped_column(Text, default="")
