"""The price list of a reseller (R7)."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from dashboard.catalog import service
from dashboard.catalog.rules import Wanted, by_product, choices, narrow
from dashboard.clock import today
from dashboard.resellers.service import require_active
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render

bp = Blueprint("catalog", __name__)


@bp.get("/prices", requires=Permission.VIEW_PARTNER_PRICES)
def prices() -> ResponseReturnValue:
    """Retail price, partner price and what is saved, of every SKU in the reseller's currency (R6, R7)."""
    require_active(actor)
    wanted = Wanted(**{name: request.args.get(name, "").strip() for name in ("search", "brand", "platform", "plan")})
    offered = service.price_list(actor.currency, today())
    found = narrow(offered, wanted)
    return render(
        "catalog/prices.html",
        "results",
        wanted=wanted,
        choices=choices(offered),
        offered=len(offered),
        found=len(found),
        products=by_product(found),
    )
