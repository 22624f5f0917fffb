"""Renewing many licenses at once: they become rows of a bulk order, as if they had been pasted (R23)."""

from __future__ import annotations

from collections.abc import Collection

from dashboard.checkout.pastes import FACTS
from dashboard.checkout.rules import CUSTOMER_FACTS
from dashboard.errors import N_, Refused
from dashboard.fulfilment.renewals import find_renewable
from dashboard.orders import service as orders


def rows_to_renew(serials: Collection[str], *, of: int) -> str:
    """The rows of a bulk order that renews what reseller `of` can renew of these, each for the customer of its order.

    Raises:
        Refused: if it is none of them.
    """
    found = find_renewable(of=of, serials=serials)
    if not found:
        raise Refused(N_("Tick at least one license that can be renewed."))
    placed = {one.id: one.end_customer for one in orders.find_orders(sorted({one.order_id for one in found}))}
    rows: list[tuple[str, ...]] = [FACTS]
    for one in found:
        customer = [str(placed[one.order_id].get(fact) or "") for fact in CUSTOMER_FACTS]
        rows.append((one.sku, str(one.quantity), *customer, "", "", one.serial))
    return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in rows)
