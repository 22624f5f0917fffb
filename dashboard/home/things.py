"""The kinds of things that a search finds in the data: each is told by one part of one statement, with five columns of
text. Owns nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from typing import Any, NamedTuple

from sqlalchemy import Select, String, cast, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from dashboard.catalog.models import Plan, Product, Sku
from dashboard.enquiries.models import Enquiry
from dashboard.extensions import db
from dashboard.invoices.models import Paper
from dashboard.licenses.models import License
from dashboard.orders.models import Order
from dashboard.payments.models import BankEntry, Transfer
from dashboard.quotes.models import Quote
from dashboard.resellers.models import Application, Reseller
from dashboard.statements.models import Statement
from dashboard.tax.models import ExemptionCertificate

#: Where a thing is shown, by its kind: a page and the argument that names the thing. Staff have their own page of it.
PAGES = {
    "order": ("orders.show", "order_id"),
    "quote": ("quotes.show", "quote_id"),
    "paper": ("orders.show", "order_id"),
    "license": ("orders.show", "order_id"),
    "statement": ("statements.show", "number"),
    "enquiry": ("enquiries.show", "enquiry_id"),
}

#: The same, of what staff alone find.
STAFFS = {
    "reseller": ("staff_resellers.show", "id_"),
    "user": ("staff_resellers.show", "id_"),
    "application": ("staff_resellers.application", "id_"),
    "certificate": ("staff_certificates.show", "id_"),
    "sku": ("staff_catalog.show", "code"),
    "transfer": ("staff_entries.transfer", "transfer_id"),
    "entry": ("staff_entries.entry", "entry_id"),
}


class Thing(NamedTuple):
    """Something that has a page: its kind, as one of `BY_KIND`, and its key there."""

    kind: str
    key: str


class Row(NamedTuple):
    """One row of the statement: what each part of it says."""

    kind: str
    key: str
    title: str
    first: str
    second: str


def rows(parts: Iterable[Select[Any]], limit: int) -> Iterator[Row]:
    """What the parts find together, in one statement."""
    limited = [select(part.limit(limit + 1).subquery()) for part in parts]
    return (Row(*map(str, row)) for row in db.session.execute(union_all(*limited))) if limited else iter(())


def telling(kind: str, key: Any, title: Any, first: Any, second: Any) -> Select[Any]:
    """A part of the statement: all parts have the same five columns of text."""
    columns = (key, title, first, second)
    named = (cast(one, String).label(name) for one, name in zip(columns, Row._fields[1:], strict=True))
    columns_named: list[Any] = [literal(kind, String).label("kind"), *named]
    return select(*columns_named)


def orders(of: int | None) -> Select[Any]:
    if of is None:
        part = telling("order", Order.id, Order.id, Order.customer, Reseller.name)
        return part.join_from(Order, Reseller, Reseller.id == Order.reseller_id).order_by(Order.placed_at.desc())
    part = telling("order", Order.id, Order.id, Order.customer, Order.po_number)
    return part.where(Order.reseller_id == of).order_by(Order.placed_at.desc())


def papers(of: int | None) -> Select[Any]:
    part = telling("paper", Paper.order_id, Paper.number, Paper.kind, Paper.order_id).order_by(Paper.id.desc())
    return part if of is None else part.where(Paper.reseller_id == of)


def statements(of: int | None) -> Select[Any]:
    part = telling(
        "statement", Statement.number, Statement.number, Reseller.name if of is None else literal(""), literal("")
    )
    part = part.join_from(Statement, Reseller, Reseller.id == Statement.reseller_id).order_by(Statement.id.desc())
    return part if of is None else part.where(Statement.reseller_id == of)


def licenses(of: int | None) -> Select[Any]:
    part = telling("license", License.order_id, License.serial, License.product, License.licensee)
    part = part.order_by(License.id.desc())
    own = select(Order.id).where(Order.reseller_id == of)  # an index leads from an order to its licenses
    return part if of is None else part.where(License.reseller_id == of, License.order_id.in_(own))


def enquiries(of: int | None) -> Select[Any]:
    part = telling("enquiry", Enquiry.id, Enquiry.subject, Enquiry.id, Reseller.name if of is None else literal(""))
    part = part.join_from(Enquiry, Reseller, Reseller.id == Enquiry.reseller_id).order_by(Enquiry.changed_at.desc())
    return part if of is None else part.where(Enquiry.reseller_id == of)


def quotes(of: int | None) -> Select[Any]:
    """The reseller's own; nobody else sees them (R25)."""
    part = telling(
        "quote", Quote.id, Quote.id, func.coalesce(Quote.customer["company"].as_string(), ""), Quote.reference
    )
    return part.where(Quote.reseller_id == of).order_by(Quote.created_at.desc())


def resellers(_of: int | None = None) -> Select[Any]:
    part = telling("reseller", Reseller.id, Reseller.name, Reseller.legal_name, Reseller.website)
    return part.order_by(Reseller.name)


def applications(_of: int | None = None) -> Select[Any]:
    part = telling("application", Application.id, Application.company, Application.website, literal(""))
    return part.order_by(Application.id.desc())


def certificates(_of: int | None = None) -> Select[Any]:
    part = telling("certificate", ExemptionCertificate.id, ExemptionCertificate.number, Reseller.name, literal(""))
    part = part.join_from(ExemptionCertificate, Reseller, Reseller.id == ExemptionCertificate.reseller_id)
    return part.order_by(ExemptionCertificate.id.desc())


def skus(_of: int | None = None) -> Select[Any]:
    part = telling("sku", Sku.code, Product.name, Plan.name, Sku.code)
    part = part.join_from(Sku, Product, Product.id == Sku.product_id).join(Plan, Plan.id == Sku.plan_id)
    return part.order_by(Sku.position)


def transfers(_of: int | None = None) -> Select[Any]:
    part = telling("transfer", Transfer.id, Transfer.text, Transfer.minor, Transfer.currency)
    return part.order_by(Transfer.id.desc())


def entries(_of: int | None = None) -> Select[Any]:
    part = telling("entry", BankEntry.id, BankEntry.payer_name, BankEntry.minor, BankEntry.currency)
    return part.order_by(BankEntry.id.desc())


#: How the things are told that have pages of their own, and by which key each is found.
BY_KIND: dict[str, Callable[[int | None], Select[Any]]] = {
    "order": orders, "quote": quotes, "statement": statements, "enquiry": enquiries, "reseller": resellers,
    "transfer": transfers, "entry": entries, "application": applications, "certificate": certificates, "sku": skus,
}  # fmt: skip
KEYS: dict[str, InstrumentedAttribute[Any]] = {
    "order": Order.id, "quote": Quote.id, "statement": Statement.number, "enquiry": Enquiry.id,
    "reseller": Reseller.id, "transfer": Transfer.id, "entry": BankEntry.id, "application": Application.id,
    "certificate": ExemptionCertificate.id, "sku": Sku.code,
}  # fmt: skip


def look_up(of: int | None, wanted: Set[Thing], hidden: Set[str]) -> Iterator[Row]:
    """What is known of some things of one reseller, or of all; those of the kinds `hidden` do not exist."""
    keys: dict[str, list[Any]] = {}
    for kind, key in wanted:
        if kind in BY_KIND and kind not in hidden:
            keys.setdefault(kind, []).append(KEYS[kind].type.python_type(key))
    parts = [BY_KIND[kind](of).where(KEYS[kind].in_(found)) for kind, found in keys.items()]
    return rows(parts, len(wanted))
