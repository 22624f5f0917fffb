"""What was meant by what was typed into the search fields of an order or a quote."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from wtforms import Field

from dashboard.catalog.rules import PricedSku, best_first, find_typed
from dashboard.checkout.customers import find_customers
from dashboard.errors import N_, InvalidInput

#: Search results that are shown below a field.
SHOWN = 8

NOTHING_FITS = N_("Nothing that we offer fits “%(text)s”.")
NO_CUSTOMER = N_("No customer of your orders fits “%(text)s”. Fill in their details below.")


def meant_sku(offered: Sequence[PricedSku], typed: str) -> PricedSku | None:
    """The one SKU that was meant; none if it can be several.

    Raises:
        InvalidInput: if nothing fits.
    """
    sku = find_typed(offered, typed)
    if sku is None and not best_first(offered, typed):
        raise InvalidInput(NOTHING_FITS, text=typed)
    return sku


def meant_customer(reseller_id: int, typed: str) -> str:
    """The latest order for the one customer that was meant; nothing if it can be several.

    Raises:
        InvalidInput: if nobody fits.
    """
    found = find_customers(reseller_id, typed)
    if not found:
        raise InvalidInput(NO_CUSTOMER, text=typed)
    return found[0].order_id if len(found) == 1 else ""


def searched(field: Field) -> str:
    """What stands in a search field: typed just now, or sent with the form."""
    return str(request.args.get(field.name) or field.data or "").strip()
