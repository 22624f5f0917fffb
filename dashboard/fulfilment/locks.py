"""Hold an order, and the money of its reseller, until the end of the transaction."""

from __future__ import annotations

from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.resellers import service as resellers


def locked_order(order_id: str, *, of: int | None = None) -> Order:
    """The order with its reseller's row and its own locked, read anew.

    Raises:
        NotFound: if there is none, or it is not that of reseller `of`.
    """
    reseller_id = orders.get_order(order_id, of=of).reseller_id
    resellers.get_reseller(reseller_id, lock=True)
    return orders.get_order(order_id, of=of, lock=True)
