"""The catalog's tables. What is sold, and at which price, is dated; names and texts hold at once."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.extensions import Base, Minor


class Product(Base):
    """A product for one platform."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    brand: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200), unique=True)
    platform: Mapped[str] = mapped_column(String(100))
    description_en: Mapped[str] = mapped_column(Text)
    description_ru: Mapped[str] = mapped_column(Text)


class Plan(Base):
    """A pricing plan: who may use a product and where."""

    __tablename__ = "plans"
    __table_args__ = (UniqueConstraint("name", "scope_en"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    scope_en: Mapped[str] = mapped_column(String(200))
    scope_ru: Mapped[str] = mapped_column(String(200))


class Sku(Base):
    """What can be ordered: a product under a plan. It is on sale where and while it has a price."""

    __tablename__ = "skus"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey(Product.id), index=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey(Plan.id))
    position: Mapped[int]  #: order in the vendor's own list


class Price(Base):
    """Retail price of a SKU in one currency from a day on, in minor units; none: no longer sold from that day on."""

    __tablename__ = "prices"

    sku: Mapped[str] = mapped_column(ForeignKey(Sku.code), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    retail_minor: Mapped[int | None] = mapped_column(Minor)
