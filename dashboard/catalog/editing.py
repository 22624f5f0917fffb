"""Staff edit the catalog: prices from a day on, the sale of a SKU, its names, further SKUs. Everything is audited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import func, literal, select, union_all, update

from dashboard.audit import service as audit
from dashboard.audit.models import AuditEntry
from dashboard.catalog.files import PRODUCT_FACTS
from dashboard.catalog.models import Plan, Price, Product, Sku
from dashboard.catalog.reading import all_skus
from dashboard.catalog.rules import StoredSku
from dashboard.clock import today
from dashboard.errors import N_, InvalidInput, NotFound, Refused
from dashboard.extensions import db, get_row, put_rows
from dashboard.money import CURRENCIES, Money


class Holds(StrEnum):
    """When a price holds."""

    COMING = "coming"
    NOW = "now"
    PAST = "past"


@dataclass(frozen=True)
class DatedPrice:
    """The price of a SKU in one currency from a day on; none: it is not sold in it from that day on."""

    currency: str
    valid_from: date
    retail: Money | None
    holds: Holds


@dataclass(frozen=True)
class Opened:
    """A SKU as staff see it."""

    sku: StoredSku  #: with the prices that hold today
    prices: list[DatedPrice]  #: of every currency, the latest day first
    product_id: int
    plan_id: int
    of_product: int  #: how many SKUs have this product
    of_plan: int  #: how many SKUs have this plan

    @property
    def last_prices(self) -> dict[str, Money]:
        """By currency what was asked last, today or before the sale was stopped."""
        found: dict[str, Money] = {}
        for price in self.prices:
            if price.retail and price.holds is not Holds.COMING:
                found.setdefault(price.currency, price.retail)
        return found

    @property
    def is_coming(self) -> bool:
        """Whether it is to be sold at a price that is still to come."""
        return any(price.retail and price.holds is Holds.COMING for price in self.prices)


def open_sku(code: str) -> Opened:
    """A SKU with all its prices: past, present and coming.

    Raises:
        NotFound: if there is none.
    """
    found = all_skus(today(), Sku.code == code)
    if not found:
        raise NotFound
    product_id, plan_id = db.session.execute(select(Sku.product_id, Sku.plan_id).where(Sku.code == code)).one()
    return Opened(
        found[0],
        _dated(code),
        product_id,
        plan_id,
        _count(Sku.product_id == product_id),
        _count(Sku.plan_id == plan_id),
    )


def _count(which: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(Sku).where(which)) or 0


def _dated(code: str) -> list[DatedPrice]:
    rows = db.session.scalars(
        select(Price).where(Price.sku == code).order_by(Price.currency, Price.valid_from.desc())
    ).all()
    order = list(CURRENCIES)
    found = []
    for currency, prices in groupby(sorted(rows, key=lambda one: order.index(one.currency)), lambda one: one.currency):
        holds = Holds.COMING
        for price in prices:
            if price.valid_from <= today():
                holds = Holds.NOW if holds is Holds.COMING else Holds.PAST
            minor = price.retail_minor
            retail = None if minor is None else Money(minor, currency)
            found.append(DatedPrice(currency, price.valid_from, retail, holds))
    return found


def history(opened: Opened) -> list[AuditEntry]:
    """Who changed what of a SKU, its product and its plan, in the catalog's pages or by a file; the newest first."""
    code = opened.sku.code
    own = audit.history(f"sku:{code}", f"product:{opened.product_id}", f"plan:{opened.plan_id}")
    loads = (one for one in audit.done("catalog.loaded") if _concerns(one, code))
    return sorted([*own, *loads], key=lambda one: one.id, reverse=True)


def _concerns(load: AuditEntry, code: str) -> bool:
    detail = load.detail
    changed = (change[0] for change in detail["changed"])
    return code in detail["new"] or code in detail["withdrawn"] or code in changed


def set_prices(code: str, prices: Mapping[str, Money], valid_from: date) -> None:
    """Sell a SKU at these prices from a day on; currencies that are not named stay as they are. Orders keep theirs
    (R11), drafts show the change on their review (R10).

    Raises:
        NotFound: if there is no such SKU.
        InvalidInput: for a day that has passed, or no price.
        Refused: if all these prices hold on that day already.
    """
    _lock(code)
    _refuse_past(valid_from)
    if not prices:
        raise InvalidInput(N_("Write at least one price."))
    before = _holding(code, valid_from)
    changed = {currency: price for currency, price in prices.items() if before.get(currency) != price}
    if not changed:
        raise Refused(N_("These prices hold on that day already."))
    _put(code, valid_from, {currency: price.minor for currency, price in changed.items()})
    audit.record(
        "sku.priced" if before else "sku.on_sale",
        f"sku:{code}",
        valid_from=valid_from.isoformat(),
        before=_plain({currency: before[currency] for currency in changed if currency in before}),
        after=_plain(changed),
    )


def stop_sale(code: str, valid_from: date, currency: str = "") -> None:
    """Sell a SKU no longer from a day on; prices that were to come after it are taken back.

    Args:
        currency: only in this one; else in all.

    Raises:
        NotFound: if there is no such SKU.
        InvalidInput: for a day that has passed.
        Refused: if it is not sold then anyway.
    """
    _lock(code)
    _refuse_past(valid_from)
    concerned = [currency] if currency else list(CURRENCIES)
    holding = {one: price for one, price in _holding(code, valid_from).items() if one in concerned}
    later = db.session.scalars(
        select(Price).where(Price.sku == code, Price.currency.in_(concerned), Price.valid_from > valid_from)
    ).all()
    if not holding and not later:
        raise Refused(N_("It is not sold on that day anyway."))
    taken_back = [[one.currency, one.valid_from.isoformat()] for one in later]
    for one in later:
        db.session.delete(one)
    db.session.flush()
    _put(code, valid_from, dict.fromkeys(holding))
    audit.record(
        "sku.stopped", f"sku:{code}", valid_from=valid_from.isoformat(), before=_plain(holding), taken_back=taken_back
    )


def take_back(code: str, currency: str, valid_from: date) -> None:
    """Take a coming price back, as if it had never been announced.

    Raises:
        NotFound: if there is none of that day.
        Refused: if its day has come.
    """
    _lock(code)
    price = db.session.get(Price, (code, currency, valid_from))
    if price is None:
        raise NotFound
    if valid_from <= today():
        raise Refused(N_("This price holds already: set another one instead."))
    retail = None if price.retail_minor is None else str(Money(price.retail_minor, currency).decimal)
    db.session.delete(price)
    db.session.flush()
    audit.record("price.taken_back", f"sku:{code}", valid_from=valid_from.isoformat(), before={currency: retail or "—"})


def change_texts(code: str, texts: Mapping[str, str]) -> None:
    """Name and describe the product and the plan of a SKU otherwise, for all their SKUs; orders keep the names with
    which they were placed (R11).

    Args:
        texts: all columns of `files.TEXTS`.

    Raises:
        NotFound: if there is no such SKU.
        Refused: if another product or plan is called so, or nothing would change.
    """
    sku = _lock(code)
    product, plan = db.session.get_one(Product, sku.product_id), db.session.get_one(Plan, sku.plan_id)
    _refuse_same_product(texts["product"], but=product.id)
    _refuse_same_plan(texts["plan"], texts["scope_en"], but=plan.id)
    changes = [
        _rewrite("product", product, {"name": texts["product"], **{fact: texts[fact] for fact in PRODUCT_FACTS}}),
        _rewrite("plan", plan, {"name": texts["plan"], **{fact: texts[fact] for fact in ("scope_en", "scope_ru")}}),
    ]
    if not any(changes):
        raise Refused(N_("Nothing was changed."))


def _rewrite(kind: str, row: Product | Plan, facts: Mapping[str, str]) -> bool:
    """Write the facts that differ, and who did it; whether any did."""
    changed = [
        [kind if fact == "name" else fact, getattr(row, fact), value]
        for fact, value in facts.items()
        if getattr(row, fact) != value
    ]
    for fact, value in facts.items():
        setattr(row, fact, value)
    if changed:
        audit.record(f"{kind}.edited", f"{kind}:{row.id}", changed=changed)
    return bool(changed)


@dataclass(frozen=True)
class NewSku:
    """A SKU that is to be added. A product or plan that is there is named by its id; else `texts` describe it."""

    code: str
    product_id: int | None
    plan_id: int | None
    texts: Mapping[str, str]
    prices: Mapping[str, Money]
    valid_from: date


def add_sku(wanted: NewSku) -> None:
    """Add a SKU, after the others of its product, and sell it from a day on.

    Raises:
        InvalidInput: for a day that has passed, or no price.
        Refused: if there is such a SKU, product or plan.
    """
    if db.session.get(Sku, wanted.code):
        raise Refused(N_("There is a SKU %(sku)s already."), sku=wanted.code)
    product = _product(wanted)
    last = db.session.scalar(select(func.max(Sku.position)).where(Sku.product_id == product.id))
    if last is None:
        last = db.session.scalar(select(func.coalesce(func.max(Sku.position), 0))) or 0
    db.session.execute(update(Sku).where(Sku.position > last).values(position=Sku.position + 1))
    plan = _plan(wanted)
    db.session.add(Sku(code=wanted.code, product_id=product.id, plan_id=plan.id, position=last + 1))
    db.session.flush()
    audit.record("sku.added", f"sku:{wanted.code}", product=product.name, plan=plan.name)
    set_prices(wanted.code, wanted.prices, wanted.valid_from)


def _product(wanted: NewSku) -> Product:
    if wanted.product_id is not None:
        return get_row(select(Product).where(Product.id == wanted.product_id))
    texts = wanted.texts
    _refuse_same_product(texts["product"])
    product = Product(name=texts["product"], **{fact: texts[fact] for fact in PRODUCT_FACTS})
    db.session.add(product)
    db.session.flush()
    return product


def _plan(wanted: NewSku) -> Plan:
    if wanted.plan_id is not None:
        return get_row(select(Plan).where(Plan.id == wanted.plan_id))
    texts = wanted.texts
    _refuse_same_plan(texts["plan"], texts["scope_en"])
    plan = Plan(name=texts["plan"], scope_en=texts["scope_en"], scope_ru=texts["scope_ru"])
    db.session.add(plan)
    db.session.flush()
    return plan


class Choice(NamedTuple):
    """A product, or a plan with who may use it, that there is."""

    id: int
    name: str
    scope_en: str = ""
    scope_ru: str = ""

    def words(self, language: str) -> str:
        scope = self.scope_ru if language == "ru" else self.scope_en
        return f"{self.name} · {scope}" if scope else self.name


def products_and_plans() -> tuple[list[Choice], list[Choice]]:
    """All products and plans, by name; one statement."""
    products = select(literal("product").label("kind"), Product.id, Product.name, literal(""), literal(""))
    plans = select(literal("plan"), Plan.id, Plan.name, Plan.scope_en, Plan.scope_ru)
    found: dict[str, list[Choice]] = {"product": [], "plan": []}
    rows: Iterable[Any] = db.session.execute(union_all(products, plans))
    for kind, *facts in rows:
        found[kind].append(Choice(*facts))
    return sorted(found["product"], key=_name), sorted(found["plan"], key=_name)


def _name(choice: Choice) -> tuple[str, str]:
    return choice.name.casefold(), choice.scope_en


def _refuse_same_product(name: str, but: int | None = None) -> None:
    other = db.session.scalar(select(Product.id).where(Product.name == name))
    if other not in {None, but}:
        raise Refused(N_("There is a product %(name)s already."), name=name)


def _refuse_same_plan(name: str, scope_en: str, but: int | None = None) -> None:
    other = db.session.scalar(select(Plan.id).where(Plan.name == name, Plan.scope_en == scope_en))
    if other not in {None, but}:
        raise Refused(N_("There is a plan %(name)s for the same use already."), name=name)


def _refuse_past(valid_from: date) -> None:
    if valid_from < today():
        raise InvalidInput(N_("This day has passed: a price holds from today at the earliest."))


def _lock(code: str) -> Sku:
    """The SKU, held until the transaction ends, so that of two who edit it one waits."""
    return get_row(select(Sku).where(Sku.code == code), lock=True)


def _holding(code: str, on: date) -> dict[str, Money]:
    return all_skus(on, Sku.code == code)[0].prices


def _put(code: str, valid_from: date, minors: Mapping[str, int | None]) -> None:
    rows = [
        {"sku": code, "currency": currency, "valid_from": valid_from, "retail_minor": minor}
        for currency, minor in minors.items()
    ]
    put_rows(Price, rows)
    db.session.expire_all()


def _plain(prices: Mapping[str, Money]) -> dict[str, str]:
    return {currency: str(price.decimal) for currency, price in prices.items()}
