"""The list of a company's licenses as a file for a spreadsheet (R24)."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.clock import day_of, today
from dashboard.errors import N_
from dashboard.fulfilment import license_lists as lists
from dashboard.fulfilment.rules import Standing
from dashboard.jobs.work import Wish
from dashboard.web.exports import SavedFile, table_file
from dashboard.web.progress import Watch
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext

#: States as tabs and exports call them.
STANDING_WORDS = {
    "all": N_("All"),
    Standing.VALID: N_("Valid"),
    Standing.ENDING: N_("Updates end soon"),
    Standing.ENDED: N_("Updates ended"),
    Standing.TEMPORARY: N_("Temporary"),
    Standing.REVOKED: N_("Revoked"),
}


def asked_licenses(args: Mapping[str, str]) -> tuple[str, str]:
    """The search and the state of an address."""
    state = args.get("state", "all")
    return args.get("q", "").strip()[:100], state if state in lists.STANDINGS else "all"


def licenses_file(wish: Wish, watch: Watch) -> SavedFile:
    """What the list shows, or the renewals where the address says so, as a file; ISO days and no sums."""
    assert wish.of is not None
    (search, state), most = asked_licenses(wish.args), wish.most(lists.MOST)
    if wish.args.get("view") == "renewals":
        name, found = "renewals", lists.all_renewals(wish.of, search=search, most=most)
    else:
        name, found = "licenses", lists.all_licenses(wish.of, search=search, state=state, most=most)
    wish.check(found)
    head = [
        _("Serial number"), pgettext("license", "State"), _("Product"), _("SKU"), _("Plan"), _("Quantity"),
        _("End customer"), _("Contact person"), _("E-mail"), _("Order"), _("Issued on"), _("Updates until"),
        _("Works until"), _("Revoked on"), _("Renewed by order"), _("Fetched by the customer"),
    ]  # fmt: skip
    rows = [
        [
            one.serial, _(STANDING_WORDS[row.standing]), one.product, one.sku, one.plan, one.quantity, one.licensee,
            one.contact, one.email, one.order_id, one.issued_on, one.updates_until or "", one.expires_on or "",
            day_of(one.revoked_at) if one.revoked_at else "", row.renewed_by or "",
            day_of(one.downloaded_at) if one.downloaded_at else "",
        ]
        for row in found
        for one in (row.license,)
    ]  # fmt: skip
    return table_file(f"{name}-{today()}", _("Licenses"), head, rows, as_xlsx=wish.as_xlsx, watch=watch)
