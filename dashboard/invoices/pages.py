"""What the list of invoices shows, to a reseller and to staff, and the file of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import request

from dashboard.clock import today
from dashboard.invoices import lists
from dashboard.invoices.lists import Wanted
from dashboard.invoices.rules import PaperKind, Settlement
from dashboard.web.exports import SavedFile, table_file
from dashboard.web.forms import day_typed, row_id
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext

if TYPE_CHECKING:
    from dashboard.jobs.work import Wish
    from dashboard.web.progress import Watch


def kind_words() -> dict[str, str]:
    """The kinds of papers that the list holds, as its file calls them."""
    return {
        PaperKind.INVOICE: _("Invoice"),
        PaperKind.SUPPLEMENT: _("Supplementary invoice"),
        PaperKind.CREDIT_NOTE: _("Credit note"),
    }


def state_words() -> dict[Settlement, str]:
    """How it stands with an invoice, as the file of the list calls it."""
    return {
        Settlement.PAID: pgettext("payment of an order", "Paid"),
        Settlement.DUE: _("To be paid"),
        Settlement.OVERDUE: pgettext("payment of an order", "Overdue"),
        Settlement.WRITTEN_OFF: _("Written off"),
        Settlement.CREDITED: pgettext("payment of an invoice", "Credited"),
    }


def wanted_invoices(args: Mapping[str, str]) -> Wanted:
    """What an address asks for; what it cannot mean does not narrow anything."""
    asked = {name: args.get(name, "").strip() for name in ("q", "since", "until")}
    return Wanted(asked["q"][:100], day_typed(asked["since"]), day_typed(asked["until"]))


def list_context(*, of: int | None) -> dict[str, Any]:
    """What the list shows by all that stands in the address: of one reseller, or of all to staff."""
    wanted, before = wanted_invoices(request.args), request.args.get("before", type=row_id)
    return {
        "page": lists.list_invoices(wanted, of=of, before=before),
        "wanted": wanted,
        "is_first_page": before is None,
        "by_staff": of is None,
    }


def invoices_file(wish: Wish, watch: Watch) -> SavedFile:
    """What the address's search and period show, as a file: ISO days, plain amounts."""
    found = lists.all_invoices(wanted_invoices(wish.args), of=wish.of, most=wish.most(lists.MOST))
    wish.check(found)
    by_staff = wish.of is None
    head = [
        _("Number"), _("Document"), _("Corrects"), _("Date"), *([_("Reseller")] if by_staff else []), _("Order"),
        _("End customer"), _("PO number"), _("Currency"), _("Net"), _("Tax"), _("Sum"), _("Payment"), _("Due"),
        _("Open"),
    ]  # fmt: skip
    kinds, states = kind_words(), state_words()
    rows = [
        [
            one.number, kinds[one.kind], one.corrects or "", one.issued_on, *([one.reseller] if by_staff else []),
            one.order_id, one.customer, one.po_number, one.total.currency, one.net.decimal, one.tax.decimal,
            one.total.decimal, states[one.state] if one.state else "", one.due_on or "",
            one.open.decimal if one.open is not None else "",
        ]
        for one in found
    ]  # fmt: skip
    return table_file(f"invoices-{today()}", _("Invoices"), head, rows, as_xlsx=wish.as_xlsx, watch=watch)
