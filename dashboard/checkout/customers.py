"""End customers that a reseller has ordered for before: found as one types, and filled in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from dashboard.checkout.rules import CUSTOMER_FACTS
from dashboard.extensions import db
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.typed import holds_all, typed_words

#: Latest orders that are looked through: a busy reseller's of a year.
LOOKED_THROUGH = 2000


@dataclass(frozen=True)
class EarlierCustomer:
    """An end customer of an earlier order, the latest for them."""

    order_id: str
    name: str
    email: str


def find_customers(reseller_id: int, search: str) -> list[EarlierCustomer]:
    """The customers of the reseller's latest orders in whose name and address all words of the search are found, in any
    order and on either keyboard: each once, the latest first; one statement, and none for an empty search.
    """
    words = typed_words(search)
    return (
        [one for one in _customers(reseller_id) if holds_all(f"{one.name} {one.email}".casefold(), words)]
        if words
        else []
    )


def _customers(reseller_id: int) -> list[EarlierCustomer]:
    rows = db.session.execute(
        select(Order.id, Order.customer, Order.customer_email)
        .where(Order.reseller_id == reseller_id)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(LOOKED_THROUGH)
    )
    found: dict[tuple[str, str], EarlierCustomer] = {}
    for order_id, name, email in rows:
        found.setdefault((name.casefold(), email.casefold()), EarlierCustomer(order_id, name, email))
    return list(found.values())


def customer_of(order_id: str, reseller_id: int) -> dict[str, str]:
    """The end customer's details of an earlier order.

    Raises:
        NotFound: if the reseller has no such order (R26).
    """
    address = orders.get_order(order_id, of=reseller_id).end_customer
    return {fact: str(address.get(fact, "")) for fact in CUSTOMER_FACTS}
