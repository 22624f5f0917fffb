"""Read the catalog as it stands on a day: every SKU, sold or not, and which price holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from dashboard.catalog.models import Plan, Price, Product, Sku
from dashboard.catalog.rules import StoredSku
from dashboard.extensions import db
from dashboard.money import Money

#: The facts of a `NamedSku`, in their order.
NAMES = (
    Sku.code, Product.brand, Product.name, Product.platform, Plan.name, Plan.scope_en, Plan.scope_ru,
    Product.description_en, Product.description_ru,
)  # fmt: skip


def all_skus(on: date, *which: ColumnElement[bool]) -> list[StoredSku]:
    """Every SKU that there is, sold or not, with the prices that hold on a day, in the vendor's order; one statement.

    Args:
        which: what holds of the SKUs that are wanted.
    """
    rows: Iterable[Any] = db.session.execute(
        select(*NAMES, Price.currency, Price.retail_minor)
        .join(Product, Product.id == Sku.product_id)
        .join(Plan, Plan.id == Sku.plan_id)
        .outerjoin(Price, and_(Price.sku == Sku.code, Price.retail_minor.is_not(None), holds(on)))
        .where(*which)
        .order_by(Sku.position, Sku.code)
    )
    found: dict[str, StoredSku] = {}
    for *facts, currency, minor in rows:
        sku = found.setdefault(facts[0], StoredSku(*[*facts, {}]))
        if minor is not None:
            sku.prices[currency] = Money(minor, currency)
    return list(found.values())


def holds(on: date) -> ColumnElement[bool]:
    """Whether a price is the one that holds on a day: the latest of those that have begun."""
    other = aliased(Price)
    latest = (
        select(func.max(other.valid_from))
        .where(other.sku == Price.sku, other.currency == Price.currency, other.valid_from <= on)
        .correlate(Price)
        .scalar_subquery()
    )
    return Price.valid_from == latest
