"""Price lists of a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select

from dashboard.catalog.models import Plan, Price, Product, Sku
from dashboard.catalog.reading import NAMES, holds
from dashboard.catalog.rules import PricedSku
from dashboard.extensions import db
from dashboard.money import Money


def price_list(currency: str, on: date) -> list[PricedSku]:
    """All SKUs that are on sale in `currency` on a day, in the vendor's order; one statement."""
    return _priced(currency, on)


def priced(codes: Iterable[str], currency: str, on: date) -> dict[str, PricedSku]:
    """Those of the SKUs that are on sale in `currency` on the day, by code; one statement."""
    return {sku.code: sku for sku in _priced(currency, on, Sku.code.in_(list(codes)))}


def _priced(currency: str, on: date, *which: ColumnElement[bool]) -> list[PricedSku]:
    rows: Iterable[Any] = db.session.execute(
        select(*NAMES, Price.retail_minor)
        .join(Product, Product.id == Sku.product_id)
        .join(Plan, Plan.id == Sku.plan_id)
        .join(Price, holds(on) & (Price.sku == Sku.code) & (Price.currency == currency))
        .where(Price.retail_minor.is_not(None), *which)
        .order_by(Sku.position)
    )
    return [PricedSku(*[*facts, Money(minor, currency)]) for *facts, minor in rows]
