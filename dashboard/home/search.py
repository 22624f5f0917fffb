"""The search over everything: for each person what they may see, in groups, in few statements. Owns nothing.

What is found lies in one statement: a part for each kind, each with its own limit. What somebody typed is first taken
for a number, which an index finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from dashboard.accounts.models import User
from dashboard.catalog import service as catalog
from dashboard.catalog.models import Plan, Product, Sku
from dashboard.catalog.rules import best_first
from dashboard.checkout.customers import find_customers
from dashboard.clock import today
from dashboard.customers.finding import find_licenses
from dashboard.enquiries.models import Enquiry
from dashboard.errors import InvalidInput
from dashboard.home import things
from dashboard.home.numbers import Numbers, numbers_in
from dashboard.home.places import find_places, places_of
from dashboard.home.things import Row, Thing
from dashboard.invoices.models import Paper
from dashboard.licenses.models import License
from dashboard.money import CURRENCIES, Money, parse_amount
from dashboard.orders.models import Order
from dashboard.payments.models import BankEntry, Transfer
from dashboard.quotes.models import Quote
from dashboard.resellers.models import Application, Member, Reseller
from dashboard.searching import ways
from dashboard.statements.models import Statement
from dashboard.tax.models import ExemptionCertificate
from dashboard.typed import MAX_SEARCH, holds_all, typed_words
from dashboard.web.access import Actor, Permission

#: Fewer characters than this are no search through the data: they would find everything.
SHORTEST = 2

#: Words of a search that the data are looked through for.
MOST_WORDS = 6

#: In which order the groups stand, of those that fit equally well.
GROUPS = (
    "recent", "page", "reseller", "application", "customer", "order", "quote", "license", "own_license", "sku", "paper",
    "statement", "enquiry", "user", "certificate", "transfer", "entry",
)  # fmt: skip


#: The key of a person who belongs to no reseller but has applied: this, and the number of the application.
APPLIED = "application-"


@dataclass(frozen=True)
class Hit:
    """Something that was found. `kind` is one of `GROUPS`; a hit of the number that was typed is exact."""

    kind: str
    title: str
    url: str
    facts: tuple[str, ...] = ()
    amount: Money | None = None
    exact: bool = False


@dataclass(frozen=True)
class Group:
    """What was found of one kind; more than is shown, if `more` leads to the rest."""

    kind: str
    hits: list[Hit]
    more: str = ""


@dataclass(frozen=True)
class Found:
    """All that a search found."""

    search: str
    groups: list[Group] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(group.hits) for group in self.groups)

    @property
    def only_one(self) -> Hit | None:
        """The one thing that has the number that was typed."""
        exact = {hit.url: hit for group in self.groups for hit in group.hits if hit.exact}
        return next(iter(exact.values())) if len(exact) == 1 else None


def find(actor: Actor, search: str, *, limit: int, recent: Sequence[Thing] = ()) -> Found:
    """What an actor may see of what was typed; if nothing was, where they were last, and the pages of the program.

    Args:
        limit: how many of a kind.
        recent: the things whose pages the actor looked at, the latest first.
    """
    search = search.strip()[:MAX_SEARCH]
    if not search:
        visited, pages = _known(actor, recent), [Hit("page", one.label, one.url) for one in places_of(actor)]
        return Found("", [*([Group("recent", visited)] if visited else []), Group("page", pages)])
    hits = [Hit("page", one.label, one.url) for one in find_places(actor, search)]
    if len(search.replace(" ", "")) >= SHORTEST:
        hits += _found_in_data(actor, search, limit)
    return Found(search, list(_grouped(actor, search, hits, limit)))


def _known(actor: Actor, visited: Sequence[Thing]) -> list[Hit]:
    """Those of some things that the actor may see, in their order, in one statement (R26)."""
    by_staff = actor.may(Permission.VIEW_ALL_ORDERS)
    if not by_staff and not actor.may(Permission.VIEW_OWN_ORDERS):
        return []
    of = None if by_staff else actor.reseller
    hidden = {"quote"} if by_staff else things.STAFFS.keys()
    found = {Thing(row.kind, row.key): _hit(row, of) for row in things.look_up(of, set(visited), hidden)}
    return [found[thing] for thing in visited if thing in found]


def _found_in_data(actor: Actor, search: str, limit: int) -> Iterator[Hit]:
    if actor.may(Permission.VIEW_ALL_ORDERS):
        yield from _looked_up(search, None, limit)
    elif actor.may(Permission.VIEW_OWN_ORDERS):
        yield from _looked_up(search, actor.reseller, limit)
        for one in find_customers(actor.reseller, search)[: limit + 1]:
            yield Hit("customer", one.name, url_for("orders.index", q=one.email), (one.email,))
    if actor.may(Permission.VIEW_PARTNER_PRICES) and actor.is_active_reseller:
        for sku in best_first(catalog.price_list(actor.currency, today()), search)[: limit + 1]:
            address = url_for("catalog.prices", search=sku.code)
            yield Hit("sku", sku.product, address, (sku.plan, sku.code), sku.partner(actor.discount))
    if actor.may(Permission.VIEW_OWN_LICENSES) and not actor.is_staff:
        for license_ in find_licenses(actor.user, search)[: limit + 1]:
            place = url_for("customers.licenses", q=license_.serial, _anchor=license_.serial)
            yield Hit("own_license", license_.product, place, (license_.serial, license_.reseller_name))


def _grouped(actor: Actor, search: str, hits: Iterable[Hit], limit: int) -> Iterator[Group]:
    """The hits by kind, each once: what has the very number first, then what is called so, then what only tells it."""
    words = typed_words(search)
    by_kind: dict[str, dict[str, Hit]] = {}
    for hit in hits:
        by_kind.setdefault(hit.kind, {}).setdefault(f"{hit.url} {hit.title}", hit)

    def rank(kind: str) -> tuple[bool, bool, int]:
        found = by_kind[kind].values()
        named = any(holds_all(hit.title.casefold(), words) for hit in found)
        return not any(hit.exact for hit in found), not named, GROUPS.index(kind)

    for kind in sorted(by_kind, key=rank):
        found = list(by_kind[kind].values())
        yield Group(kind, found[:limit], _more(actor, kind, search) if len(found) > limit else "")


def _more(actor: Actor, kind: str, search: str) -> str:
    """The list that shows all of a kind."""
    by_staff = actor.may(Permission.VIEW_ALL_ORDERS)
    if kind == "sku":
        return url_for("staff_catalog.index" if by_staff else "catalog.prices", search=search)
    if kind in {"order", "customer"}:
        return url_for("staff_orders.index" if by_staff else "orders.index", q=search)
    if kind == "enquiry":
        return url_for("staff_enquiries.index" if by_staff else "enquiries.index", q=search, state="all")
    return url_for("staff_resellers.index", q=search) if kind == "reseller" else ""


def _looked_up(search: str, of: int | None, limit: int) -> Iterator[Hit]:
    """What is found in the data of one reseller, or of all: by number first, and by words where there is none."""
    numbers = numbers_in(search)
    exact = list(things.rows(_by_number(numbers, of), limit)) if numbers else []
    for row in exact:
        yield _hit(row, of, exact=True)
    if not exact:
        for row in things.rows(_by_words(search, of), limit):
            yield _hit(row, of)


def _by_number(numbers: Numbers, of: int | None) -> Iterator[Select[Any]]:
    if numbers.orders or numbers.references:
        yield things.orders(of).where(or_(Order.id.in_(numbers.orders), Order.reference.in_(numbers.references)))
    if numbers.references or numbers.statements:
        either = or_(Statement.number.in_(numbers.statements), Statement.reference.in_(numbers.references))
        yield things.statements(of).where(either)
    if numbers.papers:
        yield things.papers(of).where(Paper.number.in_(numbers.papers))
    if numbers.serials:
        yield things.licenses(of).where(License.serial.in_(numbers.serials))
    if numbers.enquiries:
        yield things.enquiries(of).where(Enquiry.id.in_(numbers.enquiries))


def _by_words(search: str, of: int | None) -> Iterator[Select[Any]]:
    words = typed_words(search)[:MOST_WORDS]
    compact = typed_words("".join(search.split()))
    yield things.orders(of).where(*_hold(Order.search_text, words))
    yield things.enquiries(of).where(*_hold(Enquiry.search_text, words))
    if of is not None:
        yield things.quotes(of).where(*_hold(Quote.search_text, words))
    if any(character.isdigit() for character in search):
        yield things.papers(of).where(*_hold(Paper.number, compact))
        yield things.licenses(of).where(*_hold(License.serial, compact))
        yield things.statements(of).where(*_hold(Statement.number, compact))
    if of is None:
        yield from _for_staff(search, words)


def _for_staff(search: str, words: list[set[str]]) -> Iterator[Select[Any]]:
    yield things.resellers().where(*_hold_either((Reseller.name, Reseller.legal_name), words))
    yield things.applications().where(*_hold_either((Application.company, Application.website), words))
    yield things.certificates().where(*_hold(ExemptionCertificate.number, words))
    yield things.skus().where(*_hold_either((Sku.code, Product.name, Product.platform, Plan.name), words))
    applied = select(func.max(Application.id)).where(Application.user_id == User.id).scalar_subquery()
    key = func.coalesce(cast(Member.reseller_id, String), literal(APPLIED) + cast(applied, String), "")
    person = things.telling("user", key, User.name, User.email, func.coalesce(Reseller.name, ""))
    person = (
        person.select_from(User)
        .outerjoin(Member, Member.user_id == User.id)
        .outerjoin(Reseller, Reseller.id == Member.reseller_id)
    )
    yield person.where(*_hold_either((User.name, User.email), words)).order_by(User.name)
    sums = _sums(search)
    yield things.transfers().where(or_(_all_held(Transfer.text, words), Transfer.minor.in_(sums)))
    yield (
        things.entries()
        .where(BankEntry.transfer_id.is_(None))
        .where(
            or_(*(_all_held(one, words) for one in (BankEntry.text, BankEntry.payer_name)), BankEntry.minor.in_(sums))
        )
    )


def _sums(search: str) -> set[int]:
    """The amounts, in minor units of any currency, that a text can be."""
    found = set()
    for currency in CURRENCIES:
        try:
            found.add(parse_amount(search, currency).minor)
        except InvalidInput:
            continue
    return found


def _hold(column: InstrumentedAttribute[str], words: list[set[str]]) -> Iterator[ColumnElement[bool]]:
    """Each word is found in the column, in whatever case."""
    for word in words:
        yield or_(*ways(column, word))


def _hold_either(columns: Iterable[InstrumentedAttribute[str]], words: list[set[str]]) -> Iterator[ColumnElement[bool]]:
    for word in words:
        yield or_(*(way for column in columns for way in ways(column, word)))


def _all_held(column: InstrumentedAttribute[str], words: list[set[str]]) -> ColumnElement[bool]:
    first, *rest = _hold(column, words)
    for one in rest:
        first = first & one
    return first


def _hit(row: Row, of: int | None, *, exact: bool = False) -> Hit:
    """What a row says; a person who belongs to no reseller leads to what they applied with, else to orders for them."""
    kind, key = ("application", row.key.removeprefix(APPLIED)) if row.key.startswith(APPLIED) else (row.kind, row.key)
    if kind in things.PAGES:
        endpoint, argument = things.PAGES[kind]
        endpoint = f"staff_{endpoint}" if of is None else endpoint
    else:
        endpoint, argument = things.STAFFS[kind] if key else ("staff_orders.index", "q")
    values: dict[str, Any] = {argument: key or row.first}
    url = url_for(endpoint, **values)
    if row.kind in {"transfer", "entry"}:
        return Hit(row.kind, row.title, url, amount=Money(int(row.first), row.second))
    return Hit(row.kind, row.title, url, tuple(filter(None, (row.first, row.second))), exact=exact)
