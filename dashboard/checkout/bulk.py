"""Many orders at once: every row is checked, all or nothing is placed, one order a customer (R8-R11)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from dashboard.accounts.rules import email_key
from dashboard.catalog.rules import PricedSku, find_code, find_typed
from dashboard.checkout.customers import LOOKED_THROUGH
from dashboard.checkout.pastes import PastedRow, read_paste
from dashboard.checkout.rules import CUSTOMER_FACTS, Buyer, Contents, merged, quantity_of
from dashboard.clock import today
from dashboard.errors import N_, BusinessError, InvalidInput
from dashboard.extensions import db
from dashboard.fulfilment.estimates import Estimate
from dashboard.fulfilment.renewals import find_renewable
from dashboard.fulfilment.service import OrderRequest, Submission, place_orders
from dashboard.orders import service as orders
from dashboard.orders.models import Order, OrderLine
from dashboard.web.countries import code_of_country
from dashboard.web.formats import language
from dashboard.web.languages import LANGUAGES
from dashboard.web.texts import gettext as _

#: Days within which the same SKU for the same customer looks like a mistake.
NEAR = 30

#: Says what is wrong with a customer, a number and a note, by fact, and how the e-mail address is kept.
Judge = Callable[[Contents], tuple[dict[str, list[str]], str]]

#: Facts that the page shows together.
FURTHER = ("street", "postal_code", "city", "state", "po_number", "note")

_ALONE = ("company", "name")  #: facts of which a customer has at least one


@dataclass
class Row:
    """A row that was checked: its cells as they will be used, what is wrong with them, what looks like a mistake."""

    line: int
    cells: dict[str, str]
    problems: dict[str, list[str]] = field(default_factory=dict)  #: by fact, in the reader's language
    doubts: list[str] = field(default_factory=list)
    sku: PricedSku | None = None
    quantity: int = 0
    filled: frozenset[str] = frozenset()  #: facts that an earlier order told

    @property
    def customer(self) -> dict[str, str]:
        return {fact: self.cells.get(fact, "") for fact in CUSTOMER_FACTS}

    @property
    def further(self) -> list[str]:
        """What stands in no column of its own on the page."""
        return [text for fact in FURTHER if (text := self.cells.get(fact, ""))]

    @property
    def group(self) -> tuple[str, str]:
        """Rows of one order: the same customer, the same number of the reseller's own."""
        return email_key(self.cells.get("email", "")), self.cells.get("po_number", "")

    def wrong(self, fact: str, message: str, **values: Any) -> None:
        self.problems[fact] = [*self.problems.get(fact, []), _(message, **values)]


@dataclass(frozen=True)
class Checked:
    """What a paste would order; `requests` only if no row has a problem."""

    rows: list[Row]
    unknown: list[str]
    requests: list[OrderRequest]

    @property
    def wrong(self) -> list[Row]:
        return [row for row in self.rows if row.problems]

    @property
    def doubtful(self) -> list[Row]:
        return [row for row in self.rows if row.doubts]

    @property
    def fingerprint(self) -> str:
        """All that would be ordered, in one short string."""
        told = [
            [one.lines, sorted(one.customer.items()), one.po_number, one.note, sorted(one.renews.items())]
            for one in self.requests
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def check(text: str, of: Buyer, offered: Sequence[PricedSku], judge: Judge) -> Checked:
    """Check what was pasted, row by row; the number of statements does not grow with the rows.

    Args:
        judge: what the order form says of a customer.

    Raises:
        InvalidInput: if there are no rows, too many, or a column stands twice.
    """
    by_code = {sku.code.casefold(): sku for sku in offered}
    paste = read_paste(text, lambda cell: _guess(cell, by_code))
    if not paste.rows:
        raise InvalidInput(N_("There is no row in it."))
    known = _Known(of.reseller_id)
    rows = [_row(pasted, offered, known) for pasted in paste.rows]
    _check_customers(rows, judge)
    _check_renewals(rows, of.reseller_id)
    _doubt(rows, of.reseller_id)
    requests = _requests(rows)
    return Checked(rows, paste.unknown, [] if any(row.problems for row in rows) else requests)


def place(checked: Checked, of: Buyer, *, seen: str, key: str) -> list[Order]:
    """Place all orders of a paste as they were reviewed, or none; the same key again gives what it made (R10).

    Args:
        seen: what the review showed of them, as `shown` told.

    Raises:
        BusinessError: what `fulfilment.place_orders` refuses; nothing is placed then.
    """
    facts = facts_of(seen, len(checked.requests))
    submissions = [
        Submission(request, fact, f"{key}-{number}")
        for number, (request, fact) in enumerate(zip(checked.requests, facts, strict=True))
    ]
    with db.session.begin_nested():
        return place_orders(of.reseller_id, of.user_id, submissions)


def were_placed(key: str, of: Buyer) -> bool:
    """Whether the orders of this key were placed before: a double click, the back button (R10)."""
    return orders.find_by_submit_key(of.reseller_id, f"{key}-0") is not None


def shown(estimates: Iterable[Estimate]) -> str:
    """What a review shows of the orders, for a hidden field; it is only compared."""
    return json.dumps([estimate.facts() for estimate in estimates], separators=(",", ":"), sort_keys=True)


def facts_of(seen: str, count: int) -> list[str]:
    """What was shown of each order; of all nothing if that cannot be read."""
    try:
        facts = json.loads(seen)
    except ValueError:
        facts = None
    is_whole = isinstance(facts, list) and len(facts) == count
    return [json.dumps(one) for one in facts] if is_whole else [""] * count


def _guess(cell: str, by_code: dict[str, PricedSku]) -> str | None:
    if "@" in cell:
        return "email"
    if find_code(by_code, cell):
        return "sku"
    if _pieces(cell):
        return "quantity"
    if code_of_country(cell):
        return "country"
    return None


def _pieces(text: str) -> int | None:
    """A number of pieces as people and spreadsheets write it: 3, 3.0, x3, 3 шт."""
    plain = text.casefold().strip().removesuffix(".").removesuffix("шт").removesuffix("pcs").strip(" x×х")
    return quantity_of(plain.removesuffix(".0").removesuffix(",0"))


def _language_of(text: str) -> str | None:
    names = {name.casefold(): code for code, name in LANGUAGES.items()}
    others = {"russian": "ru", "английский": "en", **{code: code for code in LANGUAGES}}
    return {**names, **others}.get(text.casefold())


def _row(pasted: PastedRow, offered: Sequence[PricedSku], known: _Known) -> Row:
    row = Row(pasted.line, dict(pasted.cells))
    if pasted.left_over:
        row.wrong("note", N_("It is not clear what “%(text)s” is."), text=pasted.left_over)
    typed = row.cells.get("sku", "")
    row.sku = find_typed(offered, typed)
    if row.sku:
        row.cells["sku"] = row.sku.code
    elif not typed:
        row.wrong("sku", N_("The SKU is missing."))
    else:
        row.wrong("sku", N_("No single product that we offer is meant by this."))
    row.quantity = _pieces(row.cells.setdefault("quantity", "1")) or 0
    if row.quantity:
        row.cells["quantity"] = str(row.quantity)
    else:
        row.wrong("quantity", N_("Write a whole number from 1 to %(max)s."), max=9999)
    known.fill_in(row)
    for fact, reading, message in (
        ("country", code_of_country, N_("There is no such country.")),
        ("language", _language_of, N_("Write Russian or English.")),
    ):
        if written := row.cells.get(fact):
            row.cells[fact] = reading(written) or ""
            if not row.cells[fact]:
                row.cells[fact] = written
                row.wrong(fact, message)
    row.cells["language"] = row.cells.get("language") or language()
    return row


class _Known:
    """The end customers of the reseller's latest orders, in one statement."""

    def __init__(self, reseller_id: int) -> None:
        self._by_email: dict[str, dict[str, Any]] = {}
        self._by_name: dict[str, list[dict[str, Any]]] = {}
        latest = select(Order.shipping_address, Order.correction).where(Order.reseller_id == reseller_id)
        rows = db.session.execute(latest.order_by(Order.placed_at.desc(), Order.id.desc()).limit(LOOKED_THROUGH))
        for address, correction in rows:
            customer = {**address, **(correction or {})}
            key = email_key(customer.get("email", ""))
            if key not in self._by_email:
                self._by_email[key] = customer
                self._by_name.setdefault(customer.get("company", "").casefold(), []).append(customer)

    def fill_in(self, row: Row) -> None:
        """What the row leaves out, if it names a customer that we know: by the address, or by a name that only one has.
        Somebody else under a known address is not known.
        """
        if email := row.cells.get("email"):
            customer = self._by_email.get(email_key(email))
        else:
            found = self._by_name.get(row.cells.get("company", "").casefold() or "\0", [])
            customer = found[0] if len(found) == 1 else None
        if customer is None or any(_differs(row.cells.get(fact, ""), customer.get(fact, "")) for fact in _ALONE):
            return
        missing = [fact for fact in CUSTOMER_FACTS if not row.cells.get(fact) and customer.get(fact)]
        row.cells |= {fact: str(customer[fact]) for fact in missing}
        row.filled = frozenset(missing)


def _differs(written: str, known: str) -> bool:
    return bool(written) and written.casefold() != known.casefold()


def _check_customers(rows: Sequence[Row], judge: Judge) -> None:
    """What an order's form would say of each customer, once for each; and that rows of one customer agree."""
    told: dict[str, tuple[dict[str, list[str]], str]] = {}
    first: dict[str, Row] = {}
    for row in rows:
        contents = Contents((), row.customer, row.cells.get("po_number", ""), row.cells.get("note", ""))
        if contents.fingerprint not in told:
            told[contents.fingerprint] = judge(contents)
        faults, row.cells["email"] = told[contents.fingerprint]
        row.problems = {**faults, **row.problems}
        before = first.setdefault(row.group[0], row)
        for fact in CUSTOMER_FACTS:
            if row.group[0] and _differs(row.cells.get(fact, ""), before.cells.get(fact, "")):
                row.wrong(fact, N_("Line %(line)s says otherwise of the same e-mail address."), line=before.line)


def _check_renewals(rows: Sequence[Row], reseller_id: int) -> None:
    """That each license named is there to be renewed, by this SKU, for its customer, once; one statement (R23)."""
    wanted = {serial for row in rows if (serial := row.cells.get("renews"))}
    found = find_renewable(of=reseller_id, serials=wanted) if wanted else []
    known, first = {one.serial: one for one in found}, dict[str, Row]()
    for row in rows:
        if not (serial := row.cells.get("renews")):
            continue
        license_ = known.get(serial)
        if license_ is None:
            row.wrong(
                "renews", N_("License %(serial)s is renewed already, holds no more, or is not yours."), serial=serial
            )
        elif (license_.sku, email_key(license_.email)) != (row.cells.get("sku"), row.group[0]):
            row.wrong("renews", N_("License %(serial)s is of another product or customer."), serial=serial)
        elif (before := first.setdefault(serial, row)) is not row:
            row.wrong("renews", N_("Line %(line)s renews this license already."), line=before.line)


def _doubt(rows: Sequence[Row], reseller_id: int) -> None:
    """Point out what may be ordered twice by mistake: in the paste, or within `NEAR` days; one statement."""
    recent = db.session.execute(
        select(Order.customer_email, OrderLine.sku, Order.id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(
            Order.reseller_id == reseller_id,
            Order.placed_on >= today() - timedelta(days=NEAR),
            Order.cancelled_at.is_(None),
            OrderLine.quantity > 0,
        )
        .order_by(Order.placed_at)
    )
    ordered = {(email_key(email), sku): order_id for email, sku, order_id in recent}
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.group[0], row.cells.get("sku", ""))
        if not all(key):
            continue
        if order_id := ordered.get(key):
            row.doubts.append(_("Ordered for this customer lately: order %(id)s.", id=order_id))
        if (line := seen.setdefault(key, row.line)) != row.line:
            row.doubts.append(_("The same customer and SKU stand on line %(line)s.", line=line))


def _requests(rows: Sequence[Row]) -> list[OrderRequest]:
    """One order for the rows of each group, in the order of their first rows; several where two licenses of one SKU are
    renewed, for a line renews one license.
    """
    groups: list[list[Row]] = []
    for row in rows:
        fitting = next((group for group in groups if group[0].group == row.group and _fits(row, group)), None)
        if fitting is None:
            groups.append([row])
        else:
            fitting.append(row)
    requests = []
    for group in groups:
        first = group[0]
        notes = dict.fromkeys(note for row in group if (note := row.cells.get("note")))
        try:
            lines = merged((row.cells["sku"], row.quantity) for row in group if row.sku and row.quantity)
        except BusinessError as error:
            group[-1].wrong("quantity", error.message, **error.values)
            continue
        renews = {row.cells["sku"]: serial for row in group if (serial := row.cells.get("renews"))}
        requests.append(OrderRequest(lines, first.customer, first.cells.get("po_number", ""), "\n".join(notes), renews))
    return requests


def _fits(row: Row, group: Sequence[Row]) -> bool:
    same = [one for one in (*group, row) if one.cells.get("sku") == row.cells.get("sku")]
    return len(same) == 1 or not any(one.cells.get("renews") for one in same)
