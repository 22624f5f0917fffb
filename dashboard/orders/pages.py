"""What the pages about orders show, to a reseller and to staff alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from flask import request

from dashboard.audit import service as audit
from dashboard.clock import today
from dashboard.enquiries import service as enquiries
from dashboard.fulfilment import service as fulfilment
from dashboard.fulfilment.rules import may_correct
from dashboard.invoices import service as invoices
from dashboard.ledger import balances
from dashboard.ledger.references import printed
from dashboard.licenses import service as licenses
from dashboard.mail import service as mail
from dashboard.orders import service
from dashboard.orders.rules import LICENSES, PAYMENTS, TABS, LicenseState, PaymentState, Wanted
from dashboard.places import US_STATES
from dashboard.web.countries import country_name
from dashboard.web.exports import SavedFile, table_file
from dashboard.web.forms import day_typed, row_typed
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext

if TYPE_CHECKING:
    from dashboard.audit.models import AuditEntry
    from dashboard.invoices.models import Paper
    from dashboard.invoices.rules import BankDetails
    from dashboard.jobs.work import Wish
    from dashboard.ledger.models import Receivable
    from dashboard.licenses.models import License
    from dashboard.mail.models import Letter
    from dashboard.money import Money
    from dashboard.orders.models import Order
    from dashboard.web.progress import Watch


@dataclass(frozen=True)
class Event:
    """Something that happened to an order; without an instant it is still to come. `what` is put into words by
    `components/states.html`, which knows every value.
    """

    what: str
    at: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    letter: Letter | None = None


@dataclass(frozen=True)
class Supplement:
    """A supplementary invoice of which something is open, and how to pay that."""

    receivable: Receivable
    open: Money
    received: Money
    reference: str  #: as papers print it
    transfer_code: str


def payment_words() -> dict[str, str]:
    """What an order's payment can be narrowed to, as filters and exports call it; all of `PAYMENTS`."""
    return {
        "open": pgettext("payment of an order", "To be paid"),
        PaymentState.WAITING: _("Prepaid, transfer not come yet"),
        PaymentState.DUE: _("On credit, not due yet"),
        PaymentState.OVERDUE: pgettext("payment of an order", "Overdue"),
        PaymentState.PAID: pgettext("payment of an order", "Paid"),
        PaymentState.LAPSED: _("Pro-forma expired"),
        PaymentState.CANCELLED: pgettext("payment of an order", "Cancelled"),
    }


def license_words() -> dict[str, str]:
    """The states of an order's licenses, as filters and exports call them; all of `LICENSES`."""
    return {
        LicenseState.NONE: _("Not issued yet"),
        LicenseState.ASKED: _("Temporary one asked for"),
        LicenseState.TEMPORARY: _("Temporary"),
        LicenseState.ISSUED: pgettext("license", "Issued"),
        LicenseState.REVOKED: _("Revoked"),
    }


def wanted_orders(args: Mapping[str, str]) -> Wanted:
    """What an address asks for; what it cannot mean does not narrow anything."""
    asked = {
        name: args.get(name, "").strip() for name in ("q", "tab", "state", "license", "since", "until", "reseller")
    }
    return Wanted(
        search=asked["q"][:100],
        tab=asked["tab"] if asked["tab"] in TABS else "all",
        payment=asked["state"] if asked["state"] in PAYMENTS else "",
        license=asked["license"] if asked["license"] in LICENSES else "",
        since=day_typed(asked["since"]),
        until=day_typed(asked["until"]),
        reseller=row_typed(asked["reseller"]),
    )


def orders_file(wish: Wish, watch: Watch) -> SavedFile:
    """What the address's search, filters and tab show, as a file: ISO days, plain amounts (R24)."""
    of, oldest_first = wish.of, wish.args.get("sort") == "oldest"
    found = service.all_orders(
        wanted_orders(wish.args), of=of, oldest_first=oldest_first, most=wish.most(service.MOST)
    )  # fmt: skip
    wish.check(found)
    head = [
        _("Order"), *([_("Reseller")] if of is None else []), _("Placed"), _("End customer"), _("PO number"),
        _("Payment"), _("Due"), _("Paid on"), _("Invoice"), _("License"), _("Currency"), _("Retail"), _("Net"),
        _("Tax"), _("Sum"),
    ]  # fmt: skip
    payments, licensed = payment_words(), license_words()
    rows = [
        [
            one.id, *([one.reseller.name] if of is None else []), one.placed_on, one.customer, one.po_number,
            payments[service.state_of(one)], one.due_on or "", one.paid_on or "", one.invoice_number,
            licensed[one.license_state], one.currency,
            *(one.money(minor).decimal for minor in (one.retail_minor, one.net_minor, one.tax_minor, one.total_minor)),
        ]
        for one in found
    ]  # fmt: skip
    return table_file(f"orders-{today()}", _("Orders"), head, rows, as_xlsx=wish.as_xlsx, watch=watch)


def list_context(*, of: int | None) -> dict[str, Any]:
    """What a list of orders shows, by all that stands in the address: of one reseller, or of all to staff."""
    wanted, cursor = wanted_orders(request.args), request.args.get("start", "")
    oldest_first = request.args.get("sort") == "oldest"
    return {
        "page": service.count_and_list(wanted, of=of, cursor=cursor, oldest_first=oldest_first),
        "wanted": wanted,
        "counted_up_to": service.COUNTED,
        "oldest_first": oldest_first,
        "is_first_page": not cursor,
        "tabs": TABS,
        "payments": payment_words(),
        "license_states": license_words(),
        "state_of": service.state_of,
        "by_staff": of is None,
    }


def order_context(order: Order, *, by_staff: bool) -> dict[str, Any]:
    """What the page of one order shows, to its reseller and to staff."""
    state = service.state_of(order)
    papers, issued = invoices.find_papers(order.id), licenses.of_order(order.id)
    withdrawn = invoices.withdrawn(order, papers)
    history = audit.history(f"order:{order.id}")
    fetched = any(one.downloaded_at and not one.revoked_at for one in issued)
    transfers = balances.transfers_of(order.id)
    letters = mail.letters_about(f"order:{order.id}", *(f"transfer:{one}" for one in transfers))
    bank, open_ = invoices.bank_of_order(order.id, order.currency), balances.open_amount(order.id)
    return {
        "supplements": _open_supplements(order, None if by_staff else bank),
        "today": today(),
        "order": order,
        "state": state,
        "terms_reason": next((e.detail.get("terms_reason") for e in history if e.action == "order.placed"), None),
        "tax_place": _place_name(order.tax_place),
        "open": open_,
        "received": balances.paid_amount(order.id),
        "reference": printed(order.reference),
        "bank": bank,
        "transfer_code": "" if by_staff else _transfer_code(order, papers, open_, bank),
        "has_account": invoices.has_account(order.currency),
        "papers": papers,
        "withdrawn": withdrawn,
        "licenses": issued,
        "renewable": fulfilment.renewable_serials(order),
        "files_pending": any(paper.document_digest is None and paper not in withdrawn for paper in papers)
        or any(license_.digest is None and license_.revoked_at is None for license_ in issued),
        "events": _happened(history, letters, issued),
        "next_events": _to_come(order, state, issued),
        "customer_letter": next((one for one in reversed(letters) if one.kind == "customer_license"), None),
        "letters": letters,
        "fetched": fetched,
        "may_correct": may_correct(by_staff=by_staff, cancelled=state is PaymentState.CANCELLED, fetched=fetched),
        "transfers": transfers,
        "may_cancel": fulfilment.may_cancel(order, by_staff=by_staff),
        "may_cancel_part": by_staff and fulfilment.may_cancel_part(order),
        "declined_because": next((e.detail["reason"] for e in history if e.action == "temporary_license.declined"), ""),
        "may_ask_temporary": fulfilment.may_ask_temporary(order),
        "may_release_temporary": by_staff and fulfilment.may_release_temporary(order),
        "enquiries": enquiries.of_order(order.id),
        "by_staff": by_staff,
    }


def _open_supplements(order: Order, bank: BankDetails | None) -> list[Supplement]:
    """What the order's supplementary invoices still ask for, each with how to pay it (R19, R29)."""
    found = []
    for one in balances.supplements_of(order.id):
        if (open_ := balances.open_amount(one.id)).minor > 0:
            code = invoices.transfer_code(one.number or one.id, open_, one.reference, bank) if bank else ""
            found.append(Supplement(one, open_, balances.paid_amount(one.id), printed(one.reference), code))
    return found


def _transfer_code(order: Order, papers: Sequence[Paper], open_: Money, bank: BankDetails | None) -> str:
    """The QR code that pays what is open of an order; empty where there is none."""
    number = next((one.number for one in reversed(papers) if one.kind != "credit_note"), order.id)
    return invoices.transfer_code(number, open_, order.reference, bank) if bank else ""


def _place_name(place: str) -> str:
    """The name of a state of the US (`US-TX`) or of a country (`DE`)."""
    country, _, state = place.partition("-")
    return US_STATES[state] if state else country_name(country)


def _happened(history: Sequence[AuditEntry], letters: Sequence[Letter], issued: Sequence[License]) -> list[Event]:
    """What was done, which licenses were issued, which letters left, whether the customer fetched the file: oldest
    first.
    """
    done = [Event(entry.action, entry.at, {"by": entry.actor_name, **entry.detail}) for entry in history]
    mailed = [Event(one.kind, one.sent_at or one.created_at, letter=one) for one in letters]
    groups = groupby(sorted(issued, key=_issue), key=_issue)
    made = [
        Event("license.issued", at, {"kind": kind, "serials": [one.serial for one in found]})
        for (at, kind, _number), found in groups
    ]
    fetched = [Event("license.downloaded", one.downloaded_at, {"product": one.product}) for one in issued]
    events = [*done, *made, *mailed, *(event for event in fetched if event.at)]
    return sorted(events, key=_second)  # what is of one second keeps the order above: first the deed, then its letters


def _second(event: Event) -> datetime:
    assert event.at is not None
    return event.at.replace(microsecond=0)


def _issue(license_: License) -> tuple[datetime, str, int]:
    """What was issued in one go: within a second, of one kind, and the first files or those after a correction."""
    return license_.created_at.replace(microsecond=0), license_.kind, license_.issue


def _to_come(order: Order, state: PaymentState, issued: Sequence[License]) -> list[Event]:
    """What is still to happen, in its order; nothing once the order has come to its end."""
    if state in {PaymentState.CANCELLED, PaymentState.LAPSED}:
        return []
    events = []
    if state is not PaymentState.PAID:
        events.append(Event(f"next.{state}"))
    if order.license_state != LicenseState.ISSUED:
        events.append(Event("next.license"))
    elif not any(license_.downloaded_at for license_ in issued if license_.user_id and not license_.revoked_at):
        events.append(Event("next.download"))
    return events
