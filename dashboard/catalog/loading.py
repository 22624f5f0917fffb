"""Loading a catalog file: what is new, changed and withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from dashboard.audit import service as audit
from dashboard.catalog.files import PLAN_FACTS, PRODUCT_FACTS, CatalogRow
from dashboard.catalog.models import Plan, Price, Product, Sku
from dashboard.catalog.reading import all_skus
from dashboard.catalog.rules import StoredSku
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


def _stored(on: date) -> dict[str, StoredSku]:
    """Every SKU that there is, with the prices that hold on the day, by code."""
    return {sku.code: sku for sku in all_skus(on)}


def _compare(rows: Sequence[CatalogRow], stored: dict[str, StoredSku]) -> CatalogChanges:
    changes = CatalogChanges(
        new=[row.code for row in rows if row.code not in stored or not stored[row.code].prices],
        withdrawn=sorted(code for code in stored.keys() - {row.code for row in rows} if stored[code].prices),
    )
    new = set(changes.new)
    known = [row for row in rows if row.code not in new]
    for row in known:
        changes.changed.extend(_differences(row, stored[row.code]))
    return CatalogChanges(changes.new, changes.changed, changes.withdrawn, len(known) - len(changes.changed_skus))


def _differences(row: CatalogRow, now: StoredSku) -> list[Change]:
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
    rows: Sequence[CatalogRow], stored: dict[str, StoredSku], withdrawn: Iterable[str], valid_from: date
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
