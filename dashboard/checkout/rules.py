"""What a draft holds and how its lines change: pure (R8-R10)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from dashboard.errors import N_, InvalidInput

#: Most lines of one order, and most pieces of one line.
MAX_LINES = 50
MAX_QUANTITY = 9999

#: What is asked of the end customer: the shipping address (R8) and the language that the customer is spoken to in.
CUSTOMER_FACTS = ("company", "name", "email", "street", "city", "postal_code", "state", "country", "language")

Lines = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Buyer:
    """Whose draft it is: a member and its reseller. Nobody else can tell whether it exists (R26)."""

    reseller_id: int
    user_id: int


@dataclass(frozen=True)
class Origin:
    """What a page of a form was made from: how often something had been kept of it, and a name that only this page has.
    The page carries it in a hidden field.
    """

    revision: int = 0
    page: str = ""

    @classmethod
    def read(cls, text: str) -> Origin:
        """What a page sent; of nonsense, a page that every change has overtaken."""
        revision, _dot, page = text.partition(".")
        is_number = revision.isascii() and revision.isdigit() and len(revision) < 10
        return cls(int(revision) if is_number else -1, page[:40])

    def __str__(self) -> str:
        return f"{self.revision}.{self.page}"


@dataclass(frozen=True)
class Contents:
    """What was typed into an order form so far: lines of SKU and quantity, and no price anywhere (R10)."""

    lines: Lines = ()
    customer: dict[str, str] = field(default_factory=dict)
    po_number: str = ""
    note: str = ""
    renews: dict[str, str] = field(default_factory=dict)  #: by SKU, the serial of the license that its line renews
    origin: Origin = Origin()
    quote_id: str | None = None  #: of the quote that it was begun from

    def adding(self, sku: str) -> Contents:
        """The same with one piece more of `sku`.

        Raises:
            InvalidInput: if that is more than an order takes.
        """
        return replace(self, lines=merged([*self.lines, (sku, 1)]))

    @property
    def fingerprint(self) -> str:
        """What was typed, in one short string: it is another one as soon as anything of it is changed."""
        typed = [self.lines, sorted(self.customer.items()), self.po_number, self.note, sorted(self.renews.items())]
        return hashlib.sha256(json.dumps(typed).encode()).hexdigest()


@dataclass(frozen=True)
class LeftDraft:
    """A draft beside the one that is open: what it holds, and when something was kept in it last."""

    id: str
    lines: Lines
    customer: str  #: the company, else the person; empty if nobody was named yet
    kept_at: datetime


def is_draft_id(text: str) -> bool:
    """Whether a page of ours can have given this id to a draft: it comes back from a hidden field."""
    return re.fullmatch(r"[A-Za-z0-9_-]{24}", text) is not None


def quantity_of(text: str) -> int | None:
    """The number of pieces that was typed; None if it is no whole number from 1 to `MAX_QUANTITY`."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_QUANTITY))
    return int(text) or None if is_number else None


def require_quantity(text: str) -> None:
    """For the quantity fields of orders and quotes.

    Raises:
        InvalidInput: if `quantity_of` reads none.
    """
    if quantity_of(text) is None:
        raise InvalidInput(N_("Write a whole number from 1 to %(max)s."), max=MAX_QUANTITY)


def merged(lines: Iterable[tuple[str, int]]) -> Lines:
    """Each SKU once, with the sum of its quantities.

    Raises:
        InvalidInput: if there are more lines or pieces than an order takes.
    """
    quantities: dict[str, int] = {}
    for sku, quantity in lines:
        quantities[sku] = quantities.get(sku, 0) + quantity
        if quantities[sku] > MAX_QUANTITY:
            raise InvalidInput(N_("An order takes at most %(max)s of %(sku)s."), max=MAX_QUANTITY, sku=sku)
    if len(quantities) > MAX_LINES:
        raise InvalidInput(N_("An order takes at most %(max)s lines. Place this one and begin another."), max=MAX_LINES)
    return tuple(quantities.items())
