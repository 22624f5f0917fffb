"""Find invoices with what corrects them: a page of them, or all for an export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, case, cast, func, select

from dashboard.clock import today
from dashboard.extensions import db
from dashboard.invoices.models import Paper
from dashboard.invoices.rules import PaperKind, Settlement, settlement
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.ledger.rules import Account, EntryKind
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from dashboard.searching import hold_words

#: Papers that a page of a list shows, and that one export holds at the most.
PAGE = 40
MOST = 20_000


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for among invoices; what is empty does not narrow it."""

    search: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def is_filtered(self) -> bool:
        return bool(self.search or self.since or self.until)


@dataclass(frozen=True)
class Listed:
    """An invoice, a supplementary invoice or a credit note with its order, and how it stands with it today."""

    id: int
    kind: str
    number: str
    corrects: str | None  #: number of the invoice that it adds to or takes back
    issued_on: date
    has_pdf: bool
    has_xml: bool
    reseller: str
    order_id: str
    customer: str
    po_number: str
    net: Money
    tax: Money
    total: Money
    open: Money | None  #: None: a credit note asks for nothing
    state: Settlement | None
    due_on: date | None


@dataclass(frozen=True)
class Page:
    """A page of a list; the next one begins before the id `following`."""

    rows: list[Listed]
    following: int | None


def list_invoices(wanted: Wanted, *, of: int | None, before: int | None = None) -> Page:
    """A page of a reseller's invoices, credit notes and supplementary invoices, or of all, the newest first, in one
    statement.

    Args:
        wanted: of its search, all words must occur: number, order, customer, e-mail, PO number, SKU, reseller; case
            does not matter, nor on which keyboard they were typed.
        before: only those with a smaller id.
    """
    query = _wanted(wanted, of)
    if before is not None:
        query = query.where(Paper.id < before)
    found = _told(query.limit(PAGE + 1))
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def all_invoices(wanted: Wanted, *, of: int | None, most: int = MOST) -> list[Listed]:
    """What the pages of `list_invoices` show together, so many at the most: for an export."""
    return _told(_wanted(wanted, of).limit(most))


def _wanted(wanted: Wanted, of: int | None) -> Select[Any]:
    """The ids of the papers, the newest first; each with what is to be paid by it."""
    receivable_id = case(
        (Paper.kind == PaperKind.SUPPLEMENT, _supplement()), (Paper.kind == PaperKind.INVOICE, Order.id)
    )
    query = select(Paper.id, receivable_id.label("receivable_id")).join(Order, Order.id == Paper.order_id)
    query = query.where(Paper.kind != PaperKind.PRO_FORMA)
    if of is not None:
        query = query.where(Paper.reseller_id == of)
    if wanted.since:
        query = query.where(Paper.issued_on >= wanted.since)
    if wanted.until:
        query = query.where(Paper.issued_on <= wanted.until)
    query = query.where(*hold_words(wanted.search, Paper.number, Order.search_text))
    return query.order_by(Paper.id.desc())


def _supplement() -> Any:
    """The receivable of a supplementary invoice, which bears its number."""
    own = Receivable.order_id == Paper.order_id, Receivable.number == Paper.number
    return select(Receivable.id).where(Receivable.kind == EntryKind.SUPPLEMENT, *own).scalar_subquery()


def _told(wanted: Select[Any]) -> list[Listed]:
    """What stands behind the ids: looked up for these alone."""
    chosen = wanted.subquery()
    principal = LedgerEntry.account == Account.PRINCIPAL

    def summed(*kinds: EntryKind) -> Any:
        own = LedgerEntry.receivable_id == chosen.c.receivable_id, principal
        total = select(func.coalesce(func.sum(LedgerEntry.minor), 0)).where(*own)
        return (total.where(LedgerEntry.kind.in_(kinds)) if kinds else total).scalar_subquery()

    query = (
        select(
            Paper.id, Paper.kind, Paper.number, Paper.issued_on, Paper.currency, Paper.total_minor,
            _minor("net_minor").label("net_minor"),
            _minor("tax_minor").label("tax_minor"),
            Paper.snapshot["corrects", 0].as_string().label("corrects"),
            Paper.document_digest.is_not(None).label("has_pdf"), Paper.xml_digest.is_not(None).label("has_xml"),
            Order.id.label("order_id"), Order.customer, Order.po_number, Reseller.name.label("reseller"),
            Receivable.due_on, chosen.c.receivable_id, summed().label("open_minor"),
            summed(EntryKind.ALLOCATION, EntryKind.BANK_FEE).label("paid"),
            summed(EntryKind.WRITE_OFF).label("written_off"),
        )
        .join(chosen, chosen.c.id == Paper.id)
        .join(Order, Order.id == Paper.order_id)
        .join(Reseller, Reseller.id == Paper.reseller_id)
        .outerjoin(Receivable, Receivable.id == chosen.c.receivable_id)
        .order_by(Paper.id.desc())
    )  # fmt: skip
    return [_listed(row, today()) for row in db.session.execute(query)]


def _minor(name: str) -> ColumnElement[int]:
    """A sum of a paper; 32 bits are too few for it."""
    return cast(Paper.snapshot[name].as_string(), BigInteger)


def _listed(row: Row[Any], day: date) -> Listed:
    asks, currency = row.receivable_id is not None, row.currency
    return Listed(
        id=row.id,
        kind=row.kind,
        number=row.number,
        corrects=row.corrects,
        issued_on=row.issued_on,
        has_pdf=bool(row.has_pdf),
        has_xml=bool(row.has_xml),
        reseller=row.reseller,
        order_id=row.order_id,
        customer=row.customer,
        po_number=row.po_number,
        net=Money(row.net_minor, currency),
        tax=Money(row.tax_minor, currency),
        total=Money(row.total_minor, currency),
        open=Money(int(row.open_minor), currency) if asks else None,
        state=settlement(
            open_minor=int(row.open_minor),
            paid_minor=-int(row.paid),
            written_off_minor=-int(row.written_off),
            due_on=row.due_on,
            today=day,
        )
        if asks
        else None,
        due_on=row.due_on,
    )
