"""Orders as they were placed: addresses, prices and names are copies that never change (R8, R11)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.extensions import Base, Minor
from dashboard.money import Money
from dashboard.prose.models import TextVersion
from dashboard.resellers.models import Reseller
from dashboard.tax.models import ExemptionCertificate

#: What has not come to its end: little, however many orders there are. A statement finds its index by saying the same.
UNFINISHED = "orders.cancelled_at IS NULL AND (orders.paid_on IS NULL OR orders.license_state <> 'issued')"
_UNFINISHED = text(UNFINISHED.replace("orders.", ""))


class Order(Base):
    """One order. The facts that its lists show (paid, invoice number, license state) are kept in the row by
    `fulfilment`; the ledger can prove them.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("reseller_id", "submit_key"),  # placed twice by accident makes one order (R10)
        Index("ix_orders_reseller_id_placed_at", "reseller_id", "placed_at", "id"),
        Index("ix_orders_placed_at", "placed_at", "id"),
        Index("ix_orders_unfinished", "placed_at", "id", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
    )

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    reseller_id: Mapped[int] = mapped_column(ForeignKey(Reseller.id))
    submit_key: Mapped[str] = mapped_column(String(40))
    placed_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    placed_by_name: Mapped[str] = mapped_column(String(200))
    placed_at: Mapped[datetime] = mapped_column(default=utcnow)
    placed_on: Mapped[date]
    policy_id: Mapped[int] = mapped_column(ForeignKey(TextVersion.id))
    reference: Mapped[str] = mapped_column(String(25))
    po_number: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    quote_id: Mapped[str | None] = mapped_column(String(20), index=True)  #: of the reseller's quote that it came from

    billing_address: Mapped[dict[str, Any]]
    shipping_address: Mapped[dict[str, Any]]
    correction: Mapped[dict[str, Any] | None] = mapped_column(
        JSON
    )  #: what was mistyped in it: company, name, email (R21)
    customer: Mapped[str] = mapped_column(String(200))  #: the end customer as lists show it
    customer_email: Mapped[str] = mapped_column(String(320))
    customer_language: Mapped[str] = mapped_column(String(5))

    currency: Mapped[str] = mapped_column(String(3))
    discount: Mapped[int]
    retail_minor: Mapped[int] = mapped_column(Minor)  #: this and the following sums: without pieces cancelled since
    net_minor: Mapped[int] = mapped_column(Minor)
    tax_minor: Mapped[int] = mapped_column(Minor)
    total_minor: Mapped[int] = mapped_column(Minor)
    tax_kind: Mapped[str] = mapped_column(String(20))
    tax_rate: Mapped[int]
    tax_place: Mapped[str] = mapped_column(String(10))
    exemption_id: Mapped[int | None] = mapped_column(ForeignKey(ExemptionCertificate.id), index=True)
    exemption: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  #: its number, state and digest
    terms: Mapped[str] = mapped_column(String(10))
    due_on: Mapped[date | None]
    valid_until: Mapped[date | None]  #: prepaid: until when the pro-forma can be paid (R12)

    paid_on: Mapped[date | None]
    written_off_on: Mapped[date | None]  #: then `paid_on` says from when nothing is owed, and nobody has paid it all
    cancelled_at: Mapped[datetime | None]
    cancelled_reason: Mapped[str] = mapped_column(Text, default="")
    invoice_number: Mapped[str] = mapped_column(String(30), default="")
    license_state: Mapped[str] = mapped_column(String(20), default="none")
    search_text: Mapped[str] = mapped_column(Text)  #: what a search looks through, in one case

    lines: Mapped[list[OrderLine]] = relationship(lazy="raise", order_by="OrderLine.position")
    reseller: Mapped[Reseller] = relationship(lazy="raise")  #: as it is now; loaded where staff see many companies

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def end_customer(self) -> dict[str, Any]:
        """The shipping address with what was corrected since (R21)."""
        return {**self.shipping_address, **(self.correction or {})}

    @property
    def present_lines(self) -> list[OrderLine]:
        """The lines of which something is left."""
        return [line for line in self.lines if line.quantity]

    @property
    def saved(self) -> Money:
        """What the partner discount takes off the retail prices."""
        return Money(self.retail_minor - self.net_minor, self.currency)


class OrderLine(Base):
    """A SKU and a quantity, with the names and prices of the day; amounts in minor units."""

    __tablename__ = "order_lines"

    order_id: Mapped[str] = mapped_column(ForeignKey(Order.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(60))
    brand: Mapped[str] = mapped_column(String(100))
    product: Mapped[str] = mapped_column(String(200))
    platform: Mapped[str] = mapped_column(String(100))
    plan: Mapped[str] = mapped_column(String(100))
    scope_en: Mapped[str] = mapped_column(String(200))
    scope_ru: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int]  #: without the pieces that were cancelled since; none are left of a line cancelled whole
    cancelled: Mapped[int] = mapped_column(default=0)  #: pieces of a part cancellation (R12)
    retail_minor: Mapped[int] = mapped_column(Minor)
    partner_minor: Mapped[int] = mapped_column(Minor)
    net_minor: Mapped[int] = mapped_column(Minor)
    renews: Mapped[str] = mapped_column(String(40), default="", index=True)  #: serial of a license (R23)
    temporary_asked_at: Mapped[datetime | None]  #: a temporary license, once per line (R22)
