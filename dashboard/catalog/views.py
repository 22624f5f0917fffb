"""The price list of a reseller (R7)."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from dashboard.catalog import service
from dashboard.catalog.rules import Wanted, by_product, choices, narrow
from dashboard.clock import today
from dashboard.resellers.service import require_active
from dashboard.web.access import Permission, actor
from dashboard.web.exports import table_file
from dashboard.web.formats import language
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _

bp = Blueprint("catalog", __name__)


@bp.get("/prices", requires=Permission.VIEW_PARTNER_PRICES)
def prices() -> ResponseReturnValue:
    """Retail price, partner price and what is saved, of every SKU in the reseller's currency (R6, R7)."""
    require_active(actor)
    offered, wanted = service.price_list(actor.currency, today()), _wanted()
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


@bp.get("/prices/export", requires=Permission.VIEW_PARTNER_PRICES)
def export() -> ResponseReturnValue:
    """What the address's search and filters show, as a file for a spreadsheet; amounts are plain numbers (R7)."""
    require_active(actor)
    head = [
        _("SKU"), _("Product"), _("Description"), _("Plan"), _("Who may use it"), _("Currency"), _("Retail price"),
        _("Partner price"), _("You save"),
    ]  # fmt: skip
    rows = [
        [
            sku.code, sku.product, sku.description(language()), sku.plan, sku.scope(language()), actor.currency,
            sku.retail.decimal, sku.partner(actor.discount).decimal, sku.saved(actor.discount).decimal,
        ]
        for sku in narrow(service.price_list(actor.currency, today()), _wanted())
    ]  # fmt: skip
    as_xlsx = request.args.get("format") == "xlsx"
    return table_file(f"prices-{today()}", _("Price list"), head, rows, as_xlsx=as_xlsx).response()


def _wanted() -> Wanted:
    return Wanted(**{name: request.args.get(name, "").strip() for name in ("search", "brand", "platform", "plan")})
