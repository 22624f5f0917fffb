"""Find what a bank's entries name and who can have sent them; `rules.decide` then says what that means (R18).

Everything is looked up by unique keys and for many entries at once, so that one entry costs the same however many
orders there are. Nothing is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from dashboard.extensions import db
from dashboard.invoices.models import Invoice, SupplementaryInvoice
from dashboard.ledger import balances
from dashboard.ledger.models import Bundle, Receivable
from dashboard.ledger.references import find_order_ids, find_references
from dashboard.money import CURRENCIES, Money
from dashboard.orders.models import Order
from dashboard.payments.models import PayerAccount
from dashboard.payments.rules import Hurdle, Match, Named, NameKind, Payable, Payer, State, Waiting, decide
from dashboard.resellers.models import Reseller

Row = TypeVar("Row", Receivable, Bundle, Invoice, SupplementaryInvoice)

#: Keys that one statement looks up at the most.
CHUNK = 500

_INVOICE_NUMBER = re.compile(r"(?<![\d-])(20\d\d)[-/ ](\d{6})(?!\d)", re.ASCII)
_STATEMENT_NUMBER = re.compile(r"(?<![A-Z])ST-?(20\d{4})-?(\d{1,5})(?!\d)", re.ASCII)

#: What stands around a company's name and is written in many ways.
_LEGAL_FORMS = re.compile(
    r"\b(ооо|оао|пао|зао|ао|ип|общество с ограниченной ответственностью|gmbh|ag|ug|llc|inc|ltd|limited|corp|co|pty|oü|"
    r"ou|sarl|sas|srl|spa|bv|nv|oy|ab|as|sro|doo|sp z oo)\b"
)


@dataclass(frozen=True)
class Incoming:
    """What of a bank's entry matters for matching."""

    amount_minor: int
    currency: str
    received_on: date
    payer_name: str
    payer_account: str
    payer_tax_number: str
    text: str

    @cached_property
    def references(self) -> list[str]:
        return find_references(self.text)

    @cached_property
    def order_ids(self) -> list[str]:
        return find_order_ids(self.text)

    @cached_property
    def bare_order_ids(self) -> list[str]:
        return find_order_ids(self.text, bare=True)

    @cached_property
    def invoice_numbers(self) -> list[str]:
        return [f"{match[1]}-{match[2]}" for match in _INVOICE_NUMBER.finditer(self.text)]

    @cached_property
    def statement_numbers(self) -> list[str]:
        plain = unicodedata.normalize("NFKC", self.text).upper()
        return [f"ST-{match[1]}-{int(match[2])}" for match in _STATEMENT_NUMBER.finditer(plain)]


def match_all(incoming: Iterable[Incoming], tolerance: int) -> Iterator[Match | Waiting]:
    """The decision for each entry, in their order.

    Args:
        tolerance: how much of a transfer banks may keep, in minor units.
    """
    payers = Payers()
    rest = iter(incoming)
    while chunk := list(islice(rest, CHUNK)):
        names = Names(chunk)
        for one in chunk:
            yield _match(one, names, payers, tolerance)


def _match(one: Incoming, names: Names, payers: Payers, tolerance: int) -> Match | Waiting:
    named = names.of(one)
    payer = payers.of(one, with_payables=not named)
    if one.currency not in CURRENCIES:
        resellers = {name.reseller_id for name in named} or ({payer.reseller_id} if payer else set())
        return Waiting(Hurdle.CURRENCY, tuple(sorted(resellers)))
    return decide(Money(one.amount_minor, one.currency), named, payer, tolerance)


class Names:
    """Everything of ours that some entries name, looked up together."""

    def __init__(self, chunk: Sequence[Incoming]) -> None:
        numbers = {number for one in chunk for number in one.invoice_numbers}
        invoices, supplements = _by_invoice(numbers), _by_supplement(numbers)
        ids = {id_ for one in chunk for id_ in one.bare_order_ids} | set(invoices.values())
        references = {reference for one in chunk for reference in one.references}
        receivables = [
            *_found(Receivable, Receivable.id, ids),
            *_found(Receivable, Receivable.reference, references | set(supplements.values())),
        ]
        bundles = [
            *_found(Bundle, Bundle.reference, references),
            *_found(Bundle, Bundle.number, {number for one in chunk for number in one.statement_numbers}),
        ]
        self._receivables = {one.id: one for one in receivables}
        self._by_reference = {one.reference: one for one in receivables}
        self._by_number = {number: self._receivables.get(id_) for number, id_ in invoices.items()} | {
            number: self._by_reference.get(reference) for number, reference in supplements.items()
        }
        self._bundles = {key: one for one in bundles for key in (one.reference, one.number)}
        self._open = _open_amounts({*self._receivables, *(id_ for one in bundles for id_ in one.receivable_ids)})
        self._valid_until = _valid_until(self._receivables)

    def of(self, one: Incoming) -> list[Named]:
        """What an entry names: of the strongest kind that it has, and open orders named besides it (R18)."""
        strongest: list[Named] = []
        for kind, found in (
            (NameKind.REFERENCE, [self._by_reference.get(key) or self._bundles.get(key) for key in one.references]),
            (NameKind.NUMBER, [self._bundles.get(key) for key in one.statement_numbers]
             + [self._receivables.get(key) for key in one.order_ids]),
            (NameKind.WEAK, [self._by_number.get(key) for key in one.invoice_numbers]
             + [self._receivables.get(key) for key in one.bare_order_ids]),
        ):  # fmt: skip
            named = [self._named(kind, target, one.received_on) for target in dict.fromkeys(found) if target]
            strongest = [*strongest, *_besides(strongest, named)] if strongest else named
        return strongest

    def _named(self, kind: NameKind, target: Receivable | Bundle, day: date) -> Named:
        if isinstance(target, Bundle):
            open_ = sum(
                (self._open_of(id_, target.currency) for id_ in target.receivable_ids), Money.zero(target.currency)
            )
            return Named(kind, target.reseller_id, target.currency, tuple(target.receivable_ids), open_, is_bundle=True)
        open_ = self._open_of(target.id, target.currency)
        return Named(kind, target.reseller_id, target.currency, (target.id,), open_, self._state(target, open_, day))

    def _open_of(self, receivable_id: str, currency: str) -> Money:
        return self._open.get(receivable_id, Money.zero(currency))

    def _state(self, receivable: Receivable, open_: Money, day: date) -> State:
        if receivable.cancelled_on is not None:
            return State.CANCELLED
        if not open_:
            return State.PAID
        valid_until = self._valid_until.get(receivable.id)
        return State.LAPSED if valid_until is not None and valid_until < day else State.OPEN


def _besides(strongest: Sequence[Named], weaker: Sequence[Named]) -> Iterator[Named]:
    """What is named in a weaker way and still meant: open orders, by a number that anybody may use only those of the
    same reseller. A statement stands for all that is on it.
    """
    if any(one.is_bundle for one in strongest):
        return
    known = {one.receivable_ids for one in strongest}
    resellers = {one.reseller_id for one in strongest}
    for one in weaker:
        is_meant = one.kind is not NameKind.WEAK or one.reseller_id in resellers
        if is_meant and one.state is State.OPEN and not one.is_bundle and one.receivable_ids not in known:
            yield one


class Payers:
    """Who can have sent an entry: by an account that is known from confirmed matches, by tax number, by name."""

    def __init__(self) -> None:
        self._resellers: dict[int, Reseller] = {}
        self._by_key: dict[str, set[int]] = defaultdict(set)
        for reseller in db.session.scalars(select(Reseller)):
            self._resellers[reseller.id] = reseller
            for name in {name_key(reseller.name), name_key(reseller.legal_name)} - {""}:
                self._by_key[f"name:{name}"].add(reseller.id)
            if reseller.tax_number:
                self._by_key[f"tax:{_digits_and_letters(reseller.tax_number)}"].add(reseller.id)
        for account, reseller_id in db.session.execute(select(PayerAccount.account, PayerAccount.reseller_id)):
            self._by_key[f"account:{account}"].add(reseller_id)
        self._open: dict[int, list[tuple[Payable, date | None]]] = {}

    def of(self, one: Incoming, *, with_payables: bool = True) -> Payer | None:
        """The one reseller that can have sent it; None if that is nobody, or not certain."""
        for kind, key in (
            ("account", one.payer_account),
            ("tax", _digits_and_letters(one.payer_tax_number)),
            ("name", name_key(one.payer_name)),
        ):
            found = self._by_key.get(f"{kind}:{key}", set()) if key else set()
            if len(found) == 1:
                (reseller_id,) = found
                reseller = self._resellers[reseller_id]
                payables = self._payables(reseller, one.received_on) if with_payables else ()
                return Payer(reseller_id, reseller.currency, payables, by_account=kind == "account")
            if found:
                return None
        return None

    def _payables(self, reseller: Reseller, day: date) -> tuple[Payable, ...]:
        """What the reseller could pay on a day: not the orders whose pro-forma had lapsed by then (R12)."""
        if reseller.id not in self._open:
            items = balances.open_items(reseller.id, reseller.currency)
            valid_until = _valid_until(item.id for item in items if item.due_on is None)
            self._open[reseller.id] = [
                (Payable(item.id, item.principal), valid_until.get(item.id))
                for item in items
                if item.principal.minor > 0
            ]
        return tuple(one for one, valid_until in self._open[reseller.id] if valid_until is None or valid_until >= day)


def name_key(name: str) -> str:
    """A company's name without what is written in many ways: case, legal form, quotation marks, dots."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("ё", "е")
    plain = re.sub(r"[^\w\s&]", "", plain)
    return " ".join(_LEGAL_FORMS.sub(" ", plain).split())


def _digits_and_letters(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def _by_invoice(numbers: Collection[str]) -> dict[str, str]:
    """The order of each invoice number."""
    return {paper.number: paper.order_id for paper in _found(Invoice, Invoice.number, numbers)}


def _by_supplement(numbers: Collection[str]) -> dict[str, str]:
    """The payment reference of each supplementary invoice's number (R29)."""
    found = _found(SupplementaryInvoice, SupplementaryInvoice.number, numbers)
    return {paper.number: paper.content.reference for paper in found}


def _open_amounts(receivable_ids: Collection[str]) -> dict[str, Money]:
    return {id_: amount for part in _parts(receivable_ids) for id_, amount in balances.open_amounts(part).items()}


def _valid_until(order_ids: Iterable[str]) -> dict[str, date]:
    """Until when each prepaid order could be paid (R12)."""
    return {
        id_: valid_until
        for part in _parts(order_ids)
        for id_, valid_until in db.session.execute(select(Order.id, Order.valid_until).where(Order.id.in_(part)))
        if valid_until is not None
    }


def _parts(keys: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(sorted(set(keys)))
    while part := list(islice(rest, CHUNK)):
        yield part


def _found(model: type[Row], column: InstrumentedAttribute[str], keys: Collection[str]) -> Iterator[Row]:
    """The rows of those keys."""
    for part in _parts(keys):
        yield from db.session.scalars(select(model).where(column.in_(part)))
