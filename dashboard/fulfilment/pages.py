"""Pages of what both a reseller and staff do with an order, of the bank's entries, and of a reseller's account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from flask.typing import ResponseReturnValue

from dashboard.errors import N_, Refused
from dashboard.fulfilment import account_lines, usage
from dashboard.fulfilment.rules import may_correct
from dashboard.ledger import balances
from dashboard.licenses import service as licenses
from dashboard.money import CURRENCIES, Money
from dashboard.orders import service as orders
from dashboard.payments import entries, proposals
from dashboard.payments import service as payments
from dashboard.payments.rules import Hurdle
from dashboard.resellers import service as resellers
from dashboard.web.forms import day_typed, row_id
from dashboard.web.fragments import render

if TYPE_CHECKING:
    from dashboard.fulfilment.forms import CorrectionForm
    from dashboard.orders.models import Order
    from dashboard.payments.models import BankEntry
    from dashboard.resellers.models import Reseller


def correction_page(order: Order, form: CorrectionForm, *, by_staff: bool) -> ResponseReturnValue:
    """The form that corrects a mistyped address or name of the end customer (R21).

    Raises:
        Refused: if it is not to be corrected any more.
    """
    issued = licenses.valid_of(order.id)
    fetched = any(license_.downloaded_at for license_ in issued)
    if not may_correct(by_staff=by_staff, cancelled=order.cancelled_at is not None, fetched=fetched):
        raise Refused(N_("The end customer's details cannot be corrected here any more. Please write to us."))
    if not form.is_submitted():
        form.process(data=order.end_customer)
    return render(
        "fulfilment/correct.html",
        status=422 if form.is_refused else 200,
        form=form,
        order=order,
        issued=issued,
        fetched=fetched,
        by_staff=by_staff,
    )


#: Orders and resellers that a search on an entry's page finds.
FOUND = 10

#: Entries that a page of an account shows.
PAGE = 50


def entry_context(entry: BankEntry, search: str) -> dict[str, Any]:
    """What one entry's page shows: what may be done depends on its state."""
    amount = Money(abs(entry.minor), entry.currency) if entry.currency in CURRENCIES else None
    transfer = payments.get_transfer(entry.transfer_id) if entry.transfer_id else None
    context: dict[str, Any] = {
        "entry": entry,
        "amount": amount,
        "search": search,
        "transfer": transfer,
        "used": usage.of_transfer(transfer) if transfer else None,
        "is_return": entry.minor < 0 or entry.hurdle == Hurdle.RETURNED,
    }
    ids = {entry.reseller_id} if entry.reseller_id else set[int]()
    if entry.state == "waiting":
        context |= _choices(entry, search)
        ids |= {one.reseller_id for one in context["proposals"]}
    return context | {"names": entries.reseller_names(ids)}


def _choices(entry: BankEntry, search: str) -> dict[str, Any]:
    """What a person may decide: what is proposed, and what was searched for."""
    proposed = proposals.proposals_for(entry)
    ids = {id_ for one in proposed for id_ in (*one.targets, *one.named)}
    open_, lapsed = (
        orders.list_orders(of=None, search=search, state=state).orders if search else [] for state in ("open", "lapsed")
    )
    companies = resellers.list_resellers(text=search).resellers if search else []
    return {
        "proposals": proposed,
        "receivables": {one.id: one for one in balances.find_receivables(ids)},
        "orders": {one.id: one for one in orders.find_orders(ids)},
        "returns": proposals.returns_for(entry) if entry.minor < 0 else [],
        "found": [*open_, *lapsed][:FOUND],
        "companies": [one for one in companies if one.currency == entry.currency][:FOUND],
    }


def account_context(reseller: Reseller, *, by_staff: bool) -> dict[str, Any]:
    """A reseller's account on the evening of the address's day, or now; with a part of the balance in the address, the
    entries behind that.
    """
    on, before = day_typed(request.args.get("on", "")), request.args.get("before", type=row_id)
    extract = account_lines.extract_of(reseller, request.args)
    lines = account_lines.lines(extract, before=before, limit=PAGE)
    known = {line.receivable.id: line.receivable for line in lines if line.receivable}
    items = balances.open_items(reseller.id, reseller.currency, until=on)
    known |= {one.id: one for one in balances.find_receivables({item.id for item in items} - known.keys())}
    return {
        "reseller": reseller,
        "by_staff": by_staff,
        "on": on,
        "today": extract.due,
        "asked": request.args.get("on", ""),
        "credit": None if on or by_staff else orders.credit_of(reseller, extract.due),
        "standing": extract.standing(),
        "part": extract.part,
        "lines": lines,
        "items": items,
        "receivables": known,
        "older": lines[-1].entry.id if len(lines) == PAGE else None,
        "is_first_page": before is None,
    }
