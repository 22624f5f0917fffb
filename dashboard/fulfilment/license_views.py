"""The licenses of a company's own orders, and which are to be renewed (R23, R24, R26)."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from dashboard.clock import today
from dashboard.errors import N_
from dashboard.fulfilment import license_lists as lists
from dashboard.fulfilment.license_lists import Month
from dashboard.fulfilment.rules import SOON, Standing
from dashboard.web.access import Permission, actor
from dashboard.web.exports import table_file
from dashboard.web.forms import day_typed
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext

bp = Blueprint("company_licenses", __name__, url_prefix="/company-licenses")

#: States as tabs and exports call them.
WORDS = {
    "all": N_("All"),
    Standing.VALID: N_("Valid"),
    Standing.ENDING: N_("Updates end soon"),
    Standing.ENDED: N_("Updates ended"),
    Standing.TEMPORARY: N_("Temporary"),
    Standing.REVOKED: N_("Revoked"),
}


@bp.get("", requires=Permission.VIEW_OWN_ORDERS)
def index() -> ResponseReturnValue:
    """All licenses of the company's orders, narrowed by words and state, the newest first."""
    search, state = _asked()
    before = request.args.get("before", type=int)
    before = before if before and 0 < before < 2**31 else None
    return render(
        "fulfilment/licenses.html",
        "results",
        page=lists.list_licenses(actor.reseller, search=search, state=state, before=before),
        search=search,
        state=state,
        is_first_page=before is None,
        states={state: _(words) for state, words in WORDS.items()},
        today=today(),
        soon=SOON,
    )


@bp.get("/export", requires=Permission.VIEW_OWN_ORDERS)
def export() -> ResponseReturnValue:
    """What the list shows, as a file; ISO days and no sums."""
    search, state = _asked()
    head = [
        _("Serial number"), pgettext("license", "State"), _("Product"), _("SKU"), _("Plan"), _("Quantity"),
        _("End customer"), _("Contact person"), _("E-mail"), _("Order"), _("Issued on"), _("Updates until"),
        _("Works until"), _("Revoked on"), _("Renewed by order"), _("Fetched by the customer"),
    ]  # fmt: skip
    rows = [
        [
            one.serial, _(WORDS[row.standing]), one.product, one.sku, one.plan, one.quantity, one.licensee, one.contact,
            one.email, one.order_id, one.issued_on, one.updates_until or "", one.expires_on or "",
            one.revoked_at.date() if one.revoked_at else "", row.renewed_by or "",
            one.downloaded_at.date() if one.downloaded_at else "",
        ]
        for row in lists.all_licenses(actor.reseller, search=search, state=state)
        for one in (row.license,)
    ]  # fmt: skip
    return table_file(f"licenses-{today()}", _("Licenses"), head, rows, as_xlsx=request.args.get("format") == "xlsx")


@bp.get("/renewals", requires=Permission.VIEW_OWN_ORDERS)
def renewals() -> ResponseReturnValue:
    """What ended lately and what ends in the next months, month by month, from the address's month on."""
    day = today()
    months = lists.renewals(actor.reseller, day)
    first = day_typed(request.args.get("from", "") + "-01") or months[0].first_day
    shown, following = _part(months, first)
    return render(
        "fulfilment/renewals.html",
        months=months,
        shown=shown,
        following=following,
        is_first_page=first <= months[0].first_day,
        count=sum(len(month.licenses) for month in months),
        today=day,
    )


def _asked() -> tuple[str, str]:
    """The search and the state of the address."""
    state = request.args.get("state", "all")
    return request.args.get("q", "").strip()[:100], state if state in lists.STANDINGS else "all"


def _part(months: list[Month], first: date) -> tuple[list[Month], date | None]:
    """Whole months from `first` on until they fill a page, and the month that follows."""
    shown: list[Month] = []
    for month in months:
        if month.first_day < first or not month.licenses:
            continue
        if sum(len(one.licenses) for one in shown) >= lists.RENEWALS:
            return shown, month.first_day
        shown.append(month)
    return shown, None
