"""Price lists of a day, and loading a catalog: what is new, changed and withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from dashboard.audit import service as audit
from dashboard.catalog.files import PLAN_FACTS, PRODUCT_FACTS, CatalogRow
from dashboard.catalog.models import Plan, Price, Product, Sku
from dashboard.catalog.rules import PricedSku
from dashboard.extensions import db, put_rows
from dashboard.money import Money
from dashboard.web.progress import Watch, unwatched

#: Texts of a SKU, its product and its plan that a load compares.
_COMPARED = ("product", "plan", "scope_en", *PRODUCT_FACTS, *PLAN_FACTS)

#: Rows that one statement writes.
BATCH = 1000


@dataclass(frozen=True)
class Change:
    """One fact of a SKU before and after a load: a text, or a price (`what` is then its currency)."""

    code: str
    what: str
    before: str
    after: str


@dataclass(frozen=True)
class CatalogChanges:
    """What a catalog file changes; SKUs by their codes."""

    new: list[str] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    unchanged: int = 0

    @property
    def changed_skus(self) -> list[str]:
        return list(dict.fromkeys(change.code for change in self.changed))


@dataclass(frozen=True)
class _Stored:
    """A SKU as it stands, with its prices on a day."""

    product: str
    plan: str
    brand: str
    platform: str
    scope_en: str
    scope_ru: str
    description_en: str
    description_ru: str
    prices: dict[str, Money] = field(default_factory=dict)


def price_list(currency: str, on: date) -> list[PricedSku]:
    """All SKUs that are on sale in `currency` on a day, in the vendor's order; one statement."""
    return _priced(currency, on)


def priced(codes: Iterable[str], currency: str, on: date) -> dict[str, PricedSku]:
    """Those of the SKUs that are on sale in `currency` on the day, by code; one statement."""
    return {sku.code: sku for sku in _priced(currency, on, Sku.code.in_(list(codes)))}


def _priced(currency: str, on: date, *which: ColumnElement[bool]) -> list[PricedSku]:
    rows: Iterable[Any] = db.session.execute(
        select(  # in the order of the facts of `PricedSku`
            Price.retail_minor,
            Sku.code,
            Product.brand,
            Product.name,
            Product.platform,
            Plan.name,
            Plan.scope_en,
            Plan.scope_ru,
            Product.description_en,
            Product.description_ru,
        )
        .join(Product, Product.id == Sku.product_id)
        .join(Plan, Plan.id == Sku.plan_id)
        .join(Price, _holds(on) & (Price.sku == Sku.code) & (Price.currency == currency))
        .where(Price.retail_minor.is_not(None), *which)
        .order_by(Sku.position)
    )
    return [PricedSku(Money(minor, currency), *facts) for minor, *facts in rows]


def _holds(on: date) -> ColumnElement[bool]:
    """Whether a price is the one that holds on a day: the latest of those that have begun."""
    other = aliased(Price)
    latest = (
        select(func.max(other.valid_from))
        .where(other.sku == Price.sku, other.currency == Price.currency, other.valid_from <= on)
        .correlate(Price)
        .scalar_subquery()
    )
    return Price.valid_from == latest


def compare_catalog(rows: Sequence[CatalogRow], valid_from: date) -> CatalogChanges:
    """What loading `rows` would change on that day. What the file does not name is withdrawn."""
    return _compare(rows, _stored(valid_from))


def load_catalog(rows: Sequence[CatalogRow], valid_from: date, watch: Watch = unwatched) -> CatalogChanges:
    """Make `rows` the catalog: prices and withdrawals from `valid_from` on, names and texts at once.

    Prices that were loaded for later days stay. Orders keep what they were placed with (R11).

    Returns:
        what has changed, as `compare_catalog` would have told before.
    """
    stored = _stored(valid_from)
    changes = _compare(rows, stored)
    skus = _changed_skus(rows)
    prices = list(_changed_prices(rows, stored, changes.withdrawn, valid_from))
    for model, written in ((Sku, skus), (Price, prices)):
        batches = [written[start : start + BATCH] for start in range(0, len(written), BATCH)]
        for batch in watch(batches, "Writing"):
            put_rows(model, batch)
    audit.record(
        "catalog.loaded",
        f"catalog:{valid_from}",
        new=changes.new,
        changed=[[change.code, change.what, change.before, change.after] for change in changes.changed],
        withdrawn=changes.withdrawn,
    )
    return changes


def _stored(on: date) -> dict[str, _Stored]:
    """Every SKU that there is, with the prices that hold on the day."""
    rows = db.session.execute(
        select(Sku.code, Product, Plan, Price.currency, Price.retail_minor)
        .join(Product, Product.id == Sku.product_id)
        .join(Plan, Plan.id == Sku.plan_id)
        .outerjoin(Price, and_(Price.sku == Sku.code, Price.retail_minor.is_not(None), _holds(on)))
        .order_by(Sku.position)
    )
    stored: dict[str, _Stored] = {}
    for code, product, plan, currency, minor in rows:
        if code not in stored:
            stored[code] = _Stored(
                product=product.name,
                brand=product.brand,
                platform=product.platform,
                plan=plan.name,
                scope_en=plan.scope_en,
                scope_ru=plan.scope_ru,
                description_en=product.description_en,
                description_ru=product.description_ru,
            )
        if minor is not None:
            stored[code].prices[currency] = Money(minor, currency)
    return stored


def _compare(rows: Sequence[CatalogRow], stored: dict[str, _Stored]) -> CatalogChanges:
    changes = CatalogChanges(
        new=[row.code for row in rows if row.code not in stored or not stored[row.code].prices],
        withdrawn=sorted(code for code in stored.keys() - {row.code for row in rows} if stored[code].prices),
    )
    new = set(changes.new)
    known = [row for row in rows if row.code not in new]
    for row in known:
        changes.changed.extend(_differences(row, stored[row.code]))
    return CatalogChanges(changes.new, changes.changed, changes.withdrawn, len(known) - len(changes.changed_skus))


def _differences(row: CatalogRow, now: _Stored) -> list[Change]:
    texts = [
        Change(row.code, fact, getattr(now, fact), getattr(row, fact))
        for fact in _COMPARED
        if getattr(now, fact) != getattr(row, fact)
    ]
    prices = [
        Change(row.code, currency, _written(now.prices.get(currency)), _written(retail))
        for currency, retail in row.prices.items()
        if retail != now.prices.get(currency)
    ]
    return texts + prices


def _written(amount: Money | None) -> str:
    return str(amount.decimal) if amount else "—"


def _changed_skus(rows: Sequence[CatalogRow]) -> list[dict[str, Any]]:
    """Bring products and plans to what the file says; the SKUs that are to be written."""
    products = {product.name: product for product in db.session.scalars(select(Product))}
    plans = {(plan.name, plan.scope_en): plan for plan in db.session.scalars(select(Plan))}
    for row in rows:
        product = products.setdefault(row.product, Product(name=row.product))
        for fact in PRODUCT_FACTS:
            setattr(product, fact, getattr(row, fact))
        plan = plans.setdefault((row.plan, row.scope_en), Plan(name=row.plan, scope_en=row.scope_en))
        plan.scope_ru = row.scope_ru
    db.session.add_all([*products.values(), *plans.values()])
    db.session.flush()
    facts = ("code", "product_id", "plan_id", "position")
    known = {tuple(sku) for sku in db.session.execute(select(Sku.code, Sku.product_id, Sku.plan_id, Sku.position))}
    wanted = (
        (row.code, products[row.product].id, plans[row.plan, row.scope_en].id, position)
        for position, row in enumerate(rows, start=1)
    )
    return [dict(zip(facts, sku, strict=True)) for sku in wanted if sku not in known]


def _changed_prices(
    rows: Sequence[CatalogRow], stored: dict[str, _Stored], withdrawn: Iterable[str], valid_from: date
) -> Iterator[dict[str, Any]]:
    """The prices that are to be written: those that the file changes, and the end of what it withdraws."""
    for row in rows:
        known = stored[row.code].prices if row.code in stored else {}
        for currency, retail in row.prices.items():
            if retail != known.get(currency):
                yield _price(row.code, currency, valid_from, retail)
    for code in withdrawn:
        for currency in stored[code].prices:
            yield _price(code, currency, valid_from, None)


def _price(code: str, currency: str, valid_from: date, retail: Money | None) -> dict[str, Any]:
    minor = retail.minor if retail else None
    return {"sku": code, "currency": currency, "valid_from": valid_from, "retail_minor": minor}
