"""Makes what tests need to begin with: people, an active reseller, a small catalog, a placed order."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

from dashboard.accounts.models import User
from dashboard.catalog.models import Plan, Price, Product, Sku
from dashboard.clock import today, utcnow
from dashboard.config import current_settings
from dashboard.extensions import db
from dashboard.fulfilment import part_cancellations, pricing, transfers
from dashboard.fulfilment import service as fulfilment
from dashboard.fulfilment.service import OrderRequest
from dashboard.ledger import balances
from dashboard.licenses import keys
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.prose import service as prose
from dashboard.prose.rules import Kind
from dashboard.prose.versions import Version
from dashboard.resellers import policies
from dashboard.resellers.models import Member, PolicyAcceptance, Reseller
from dashboard.tax.models import TaxRate

_counter = itertools.count(1)

#: SKU of the test catalog and its retail price, the same number in every currency.
VIEWER, EDITOR = "VIEWER-DSB", "EDITOR-OEM"
RETAIL = {VIEWER: 119900, EDITOR: 59900}

CUSTOMER = {
    "company": "Nordwind GmbH",
    "name": "Jan Petersen",
    "email": "jan@nordwind.example",
    "street": "Hafenstraße 1",
    "city": "Hamburg",
    "postal_code": "20095",
    "state": "",
    "country": "DE",
    "language": "en",
}


def make_user(
    name: str = "Anna", *, email: str = "", staff: bool = False, confirmed: bool = True, language: str = "en"
) -> User:
    """An account; without a password it signs in through `Client.sign_in_as`."""
    email = email or f"user{next(_counter)}@example.com"
    user = User(
        email=email,
        email_key=email.casefold(),
        name=name,
        language=language,
        is_staff=staff,
        confirmed_at=utcnow() if confirmed else None,
    )
    db.session.add(user)
    db.session.flush()
    return user


def make_policy() -> Version:
    """The policy in force; made once."""
    policy = policies.current_policy()
    return policy if policy.id else publish_policy("Be fair.", "Будьте честны.")


def publish_policy(english: str, russian: str, *, correction: bool = False) -> Version:
    """A new version of the reseller policy."""
    return prose.publish(Kind.POLICY, english, russian, correction=correction)


def make_reseller(
    name: str = "Romashka",
    *,
    currency: str = "USD",
    country: str = "AU",
    state: str = "",
    active: bool = True,
    owner: User | None = None,
    **facts: Any,
) -> Reseller:
    """A reseller with an owner; active unless told otherwise."""
    now = utcnow()
    owner = owner or make_user()
    completed = {
        "legal_name": f"{name} Ltd",
        "street": "Main street 1",
        "city": "Perth",
        "postal_code": "6000",
        "billing_email": f"billing{next(_counter)}@example.com",
        "listing_url": "https://romashka.example/brands",
        "company_completed_at": now,
        "activated_at": now,
    }
    reseller = Reseller(
        name=name, website="https://romashka.example", currency=currency, country=country, state=state,
        **{"discount": 100_000, "document_language": "en", **(completed if active else {}), **facts},
    )  # fmt: skip
    db.session.add(reseller)
    db.session.flush()
    db.session.add(Member(user_id=owner.id, reseller_id=reseller.id, role="owner"))
    if active:
        policy = make_policy()
        db.session.add(PolicyAcceptance(reseller_id=reseller.id, policy_id=policy.id, user_id=owner.id))
    db.session.flush()
    return reseller


def owner_of(reseller: Reseller) -> int:
    """The account of the reseller's first member."""
    member = db.session.query(Member).filter_by(reseller_id=reseller.id).first()
    assert member is not None
    return member.user_id


def make_catalog() -> None:
    """Two SKUs with prices in all three currencies, and the tax rates of two states; made once."""
    if db.session.get(Sku, VIEWER):
        return
    plan = Plan(name="Developer Small Business", scope_en="1 developer", scope_ru="1 разработчик")
    db.session.add(plan)
    for position, (code, retail) in enumerate(RETAIL.items()):
        product = Product(
            brand="GroupDocs", name=f"GroupDocs.{code.title()} for .NET", platform=".NET",
            description_en="Shows documents", description_ru="Показывает документы",
        )  # fmt: skip
        db.session.add(product)
        db.session.flush()
        db.session.add(Sku(code=code, product_id=product.id, plan_id=plan.id, position=position))
        db.session.flush()
        for currency in ("USD", "EUR", "RUB"):
            db.session.add(Price(sku=code, currency=currency, valid_from=date(2020, 1, 1), retail_minor=retail))
    for country, state, rate, applies in (
        ("US", "TX", 62_500, True),
        ("US", "CA", 72_500, False),
        ("EE", "", 240_000, True),
    ):
        db.session.add(TaxRate(country=country, state=state, valid_from=date(2020, 1, 1), rate=rate, applies=applies))
    db.session.flush()


def make_key() -> None:
    """A signing key for the worker."""
    keys.new_key(current_settings().license_keys, "Lumivara")


def place(
    reseller: Reseller, lines: list[tuple[str, int]] | None = None, *, submit_key: str = "", **customer: str
) -> Order:
    """A placed order, as its owner reviewed it."""
    make_catalog()
    wanted = lines or [(VIEWER, 1)]
    request = OrderRequest(lines=wanted, customer={**CUSTOMER, **customer})
    seen = pricing.estimate(reseller.id, wanted).shown()
    return fulfilment.place_order(
        reseller.id, owner_of(reseller), request, seen=seen, submit_key=submit_key or f"key{next(_counter)}"
    )


def pay(order: Order, amount: Money | None = None, *, days_ago: int = 0) -> Order:
    """The order's transfer, confirmed by hand; all that is open unless an amount is given."""
    return transfers.confirm_payment(
        order.id, amount or balances.open_amount(order.id), today() - timedelta(days=days_ago),
        text="transfer", staff_id=None, submit_key=f"transfer{next(_counter)}",
    )  # fmt: skip


def cancel_part(order: Order, *pieces: int, reason: str = "too many") -> Order:
    """So many pieces of the order's first line, of the second … cancelled by staff."""
    seen = part_cancellations.shown(orders.get_order(order.id))
    return fulfilment.cancel_part(order.id, dict(enumerate(pieces, start=1)), reason, seen=seen)
