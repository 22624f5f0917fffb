"""What an entry that waits may be for: proposals for a person, the likeliest first, each with its reason (R18).

Nothing here is certain, or the entry would not wait; nothing is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from sqlalchemy import select

from dashboard.extensions import db
from dashboard.ledger import balances
from dashboard.ledger.models import Bundle, LedgerEntry, Receivable
from dashboard.ledger.references import near_order_ids, near_statement_references
from dashboard.ledger.rules import EntryKind
from dashboard.money import CURRENCIES, Money
from dashboard.payments.matching import Incoming, Names, Payers
from dashboard.payments.models import BankEntry, Transfer
from dashboard.payments.rules import Named, Payable, Payer, State, sums_to
from dashboard.resellers.models import Reseller

#: Proposals of one kind, and together, at the most.
MOST_OF_A_KIND, MOST = 3, 8

#: Orders of one amount that are looked at.
MOST_EQUAL = 50


class Basis(StrEnum):
    """Why something is proposed, the likeliest first."""

    NAMED = "named"  #: the entry names these orders
    LAPSED = "lapsed"  #: it names an order whose pro-forma had lapsed: reinstate it at its old price (R12)
    CANCELLED = "cancelled"  #: what it names cannot be paid, or need not: the account of its reseller is left
    MISTYPED = "mistyped"  #: it names something one digit away from this order
    MISTYPED_STATEMENT = "mistyped_statement"  #: … from the statement on which these orders stand
    EXACT = "exact"  #: an open order of the payer comes to exactly this amount
    SUM = "sum"  #: open orders of the payer come to it together
    ANYBODY = "anybody"  #: the payer is not known, and an open order of somebody does
    CLOSEST = "closest"  #: the open order of the payer that is closest to it
    PAYER = "payer"  #: the payer is known, and that is all


@dataclass(frozen=True)
class Proposal:
    """For whom, for which orders, and why; without targets it goes to the reseller's account."""

    basis: Basis
    reseller_id: int
    targets: tuple[str, ...] = ()
    open: Money | None = None  #: what the targets still need
    named: tuple[str, ...] = ()  #: what the entry names and cannot be paid any more


@dataclass(frozen=True)
class Return:
    """A transfer that may have gone back."""

    transfer: Transfer
    reseller: str
    by_account: bool  #: it came from the account to which the money went


def proposals_for(entry: BankEntry) -> list[Proposal]:
    """What money that came in may be for, the likeliest first; nothing in a currency that is not the reseller's."""
    if entry.minor <= 0 or entry.currency not in CURRENCIES:
        return []
    amount, incoming = Money(entry.minor, entry.currency), incoming_of(entry)
    payer = Payers().of(incoming)
    if payer and payer.currency != entry.currency:
        payer = None
    named = Names([incoming]).of(incoming)
    found = [
        *_named([one for one in named if one.currency == entry.currency]),
        *_mistyped(incoming, amount),
        *(_of_payer(payer, amount) if payer else _of_anybody(amount)),
    ]
    return _ranked(found, payer)


def returns_for(entry: BankEntry) -> list[Return]:
    """The transfers that money which went back may belong to: of that amount, not undone; those of its account first,
    then the newest.
    """
    account = select(BankEntry.payer_account).where(BankEntry.transfer_id == Transfer.id, BankEntry.minor > 0)
    query = (
        select(Transfer, Reseller.name, account.limit(1).scalar_subquery())
        .join(Reseller, Reseller.id == Transfer.reseller_id)
        .where(Transfer.minor == -entry.minor, Transfer.currency == entry.currency, Transfer.undone_at.is_(None))
        .order_by(Transfer.id.desc())
        .limit(MOST_EQUAL)
    )
    found = [
        Return(transfer, name, bool(paid_from) and paid_from == entry.payer_account)
        for transfer, name, paid_from in db.session.execute(query)
    ]
    return sorted(found, key=lambda one: not one.by_account)[:MOST]


def incoming_of(entry: BankEntry) -> Incoming:
    """The entry as matching sees it."""
    return Incoming(
        amount_minor=entry.minor,
        currency=entry.currency,
        received_on=entry.received_on,
        payer_name=entry.payer_name,
        payer_account=entry.payer_account,
        payer_tax_number=entry.payer_tax_number,
        text=entry.text,
    )


def _named(named: Sequence[Named]) -> Iterator[Proposal]:
    """What it names, by reseller: what can be paid, what had lapsed, what can only go to the account."""
    for reseller_id, group in groupby(sorted(named, key=lambda one: one.reseller_id), key=lambda one: one.reseller_id):
        ours = list(group)
        for state, basis in ((State.OPEN, Basis.NAMED), (State.LAPSED, Basis.LAPSED)):
            if these := [one for one in ours if one.state is state and one.open]:
                ids = tuple(dict.fromkeys(id_ for one in these for id_ in one.receivable_ids))
                yield Proposal(basis, reseller_id, ids, _sum(one.open for one in these))
        spent = tuple(id_ for one in ours if one.state in {State.CANCELLED, State.PAID} for id_ in one.receivable_ids)
        if spent or all(one.state is State.LAPSED for one in ours):
            yield Proposal(Basis.CANCELLED, reseller_id, named=spent or ours[0].receivable_ids)


def _mistyped(incoming: Incoming, amount: Money) -> Iterator[Proposal]:
    ids = [id_ for id_ in near_order_ids(incoming.text) if id_ not in incoming.order_ids]
    yield from _single(Basis.MISTYPED, _open_of(ids), amount)
    near = Bundle.reference.in_(near_statement_references(incoming.text))
    for bundle in db.session.scalars(select(Bundle).where(near, Bundle.currency == amount.currency)):
        if open_ := [payable for _, payable in _open_of(bundle.receivable_ids)]:
            targets = tuple(one.receivable_id for one in open_)
            yield Proposal(Basis.MISTYPED_STATEMENT, bundle.reseller_id, targets, _sum(one.open for one in open_))


def _of_payer(payer: Payer, amount: Money) -> Iterator[Proposal]:
    open_ = {one.receivable_id: one for one in payer.payables}
    for choice in sums_to(amount, payer.payables, most=MOST_OF_A_KIND):
        basis = Basis.EXACT if len(choice) == 1 else Basis.SUM
        yield Proposal(basis, payer.reseller_id, choice, _sum(open_[id_].open for id_ in choice))
    others = [one for one in payer.payables if one.open != amount]
    for one in sorted(others, key=lambda other: abs(other.open.minor - amount.minor))[:1]:
        yield Proposal(Basis.CLOSEST, payer.reseller_id, (one.receivable_id,), one.open)
    yield Proposal(Basis.PAYER, payer.reseller_id)


def _of_anybody(amount: Money) -> Iterator[Proposal]:
    """Open receivables that were opened with exactly this amount, found by the index on it."""
    query = (
        select(LedgerEntry.receivable_id)
        .where(
            LedgerEntry.minor == amount.minor,
            LedgerEntry.kind.in_((EntryKind.ORDER, EntryKind.SUPPLEMENT, EntryKind.OPENING)),
            LedgerEntry.currency == amount.currency,
        )
        .order_by(LedgerEntry.id.desc())
        .limit(MOST_EQUAL)
    )
    found = _open_of([id_ for id_ in db.session.scalars(query) if id_])
    yield from _single(Basis.ANYBODY, [one for one in found if one[1].open == amount], amount)


def _open_of(receivable_ids: Collection[str]) -> list[tuple[int, Payable]]:
    """Those of the IDs on which something is open, with their resellers."""
    if not receivable_ids:
        return []
    open_ = balances.open_amounts(list(receivable_ids))
    query = select(Receivable.id, Receivable.reseller_id).where(
        Receivable.id.in_([id_ for id_, rest in open_.items() if rest.minor > 0])
    )
    return [(reseller_id, Payable(id_, open_[id_])) for id_, reseller_id in db.session.execute(query)]


def _single(basis: Basis, found: Iterable[tuple[int, Payable]], amount: Money) -> Iterator[Proposal]:
    """One proposal for each, those whose amount is right first."""
    ours = [one for one in found if one[1].open.currency == amount.currency]
    for reseller_id, payable in sorted(ours, key=lambda one: one[1].open != amount):
        yield Proposal(basis, reseller_id, (payable.receivable_id,), payable.open)


def _ranked(found: Sequence[Proposal], payer: Payer | None) -> list[Proposal]:
    """Each choice of orders once, for its best reason; of equal reasons, those of the payer first."""
    order = list(Basis)
    first = payer.reseller_id if payer else None
    ranked = sorted(found, key=lambda one: (order.index(one.basis), one.reseller_id != first))
    shown: dict[tuple[int, tuple[str, ...]], Proposal] = {}
    counts = dict.fromkeys(Basis, 0)
    for one in ranked:
        key = (one.reseller_id, tuple(sorted(one.targets)))
        if key not in shown and counts[one.basis] < MOST_OF_A_KIND:
            counts[one.basis] += 1
            shown[key] = one
    return list(shown.values())[:MOST]


def _sum(amounts: Iterable[Money]) -> Money:
    first, *rest = amounts
    return sum(rest, first)
