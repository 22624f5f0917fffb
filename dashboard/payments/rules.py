"""For what a bank's entry is: decided from what it names, who paid, and what is open; never guessed (R18). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dashboard.money import Money


class Reason(StrEnum):
    """Why an entry is that reseller's, and for these orders."""

    REFERENCE = "reference"  #: a payment reference with right check digits
    NUMBER = "number"  #: a statement's, invoice's or order's number in the text
    ACCOUNT = "account"  #: an account from which this reseller has paid before, and the exact amount of one order
    SUM = "sum"  #: the payer, and the only open orders that come to this amount
    BY_STAFF = "by_staff"


class Hurdle(StrEnum):
    """Why an entry waits for a person."""

    UNKNOWN_PAYER = "unknown_payer"
    NO_SUM = "no_sum"  #: the payer is known; no orders of theirs come to this amount
    SEVERAL_SUMS = "several_sums"  #: more than one choice of orders does
    SEVERAL_RESELLERS = "several_resellers"  #: it names orders of more than one
    OTHER_AMOUNT = "other_amount"  #: a number that is ours, without check digits, and an amount that is not
    CURRENCY = "currency"  #: never converted
    CANCELLED = "cancelled"
    LAPSED = "lapsed"  #: the pro-forma had lapsed when the money came (R12)
    RETURNED = "returned"  #: money that came in before went back
    TWICE = "twice"  #: a file of another format has brought the same sum of the same day
    CHANGED = "changed"  #: what it was for is no longer open


class NameKind(StrEnum):
    """How sure a name in a text is."""

    REFERENCE = "reference"
    NUMBER = "number"  #: with a check digit, or of a form that only we use
    WEAK = "weak"  #: without: others have such numbers, too


class State(StrEnum):
    """What became of something that an entry names."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class Named:
    """One of our orders, invoices or statements that an entry names."""

    kind: NameKind
    reseller_id: int
    currency: str
    receivable_ids: tuple[str, ...]
    open: Money
    state: State = State.OPEN
    is_bundle: bool = False  #: a statement: it is paid with what its reseller owes, oldest first


@dataclass(frozen=True)
class Payable:
    """An order with something open on it."""

    receivable_id: str
    open: Money


@dataclass(frozen=True)
class Payer:
    """The one reseller that an entry's sender can be."""

    reseller_id: int
    currency: str
    payables: tuple[Payable, ...] = ()
    by_account: bool = False  #: known from a transfer that was confirmed before


@dataclass(frozen=True)
class Match:
    """For whom and for what an entry is, and why."""

    reseller_id: int
    reason: Reason
    targets: tuple[str, ...] = ()  #: orders that are paid first
    within: tuple[str, ...] = ()  #: orders of a statement
    #: What came beyond what is open of the named orders, negative if less came: to be told, nothing hangs on it.
    beyond: Money | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Waiting:
    """A person has to decide; the resellers that it may concern."""

    hurdle: Hurdle
    resellers: tuple[int, ...] = field(default=())


def decide(amount: Money, named: Sequence[Named], payer: Payer | None, tolerance: int) -> Match | Waiting:
    """Match an entry, in the order of the rule: reference, number, known account and exact amount, payer and sum.

    Args:
        named: what the entry names, the strongest kind first: references, else numbers.
        payer: who sent it, if that can only be one reseller.
        tolerance: how much of a transfer banks may keep, in minor units.
    """
    if named:
        return _by_name(amount, named, payer, tolerance)
    if payer is None:
        return Waiting(Hurdle.UNKNOWN_PAYER)
    return _by_payer(amount, payer)


def _by_name(amount: Money, named: Sequence[Named], payer: Payer | None, tolerance: int) -> Match | Waiting:
    resellers = tuple(sorted({one.reseller_id for one in named}))
    if len(resellers) > 1:
        return Waiting(Hurdle.SEVERAL_RESELLERS, resellers)
    if any(one.currency != amount.currency for one in named):
        return Waiting(Hurdle.CURRENCY, resellers)
    for state, hurdle in ((State.CANCELLED, Hurdle.CANCELLED), (State.LAPSED, Hurdle.LAPSED)):
        if any(one.state is state for one in named):
            return Waiting(hurdle, resellers)
    if all(one.kind is NameKind.WEAK for one in named) and not _fits(amount, named, payer, tolerance):
        return Waiting(Hurdle.OTHER_AMOUNT, resellers)
    reason = Reason.REFERENCE if named[0].kind is NameKind.REFERENCE else Reason.NUMBER
    orders = [one for one in named if not one.is_bundle and one.state is State.OPEN]
    bundles = [one for one in named if one.is_bundle]
    beyond = amount - sum((one.open for one in orders), Money.zero(amount.currency)) if orders else None
    return Match(resellers[0], reason, _ids(orders), () if orders else _ids(bundles), beyond)


def _ids(named: Iterable[Named]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id_ for one in named for id_ in one.receivable_ids))


def _fits(amount: Money, named: Sequence[Named], payer: Payer | None, tolerance: int) -> bool:
    """Whether a number that anybody may use is meant as ours: its reseller paid, or just what is open came."""
    if payer is not None:
        return payer.reseller_id == named[0].reseller_id
    short = sum(one.open.minor for one in named) - amount.minor
    return 0 <= short <= tolerance


def _by_payer(amount: Money, payer: Payer) -> Match | Waiting:
    found = (payer.reseller_id,)
    if payer.currency != amount.currency:
        return Waiting(Hurdle.CURRENCY, found)
    exact = [one for one in payer.payables if one.open == amount]
    if payer.by_account and len(exact) == 1:
        return Match(payer.reseller_id, Reason.ACCOUNT, (exact[0].receivable_id,))
    sums = sums_to(amount, payer.payables)
    if len(sums) == 1:
        return Match(payer.reseller_id, Reason.SUM, sums[0])
    return Waiting(Hurdle.SEVERAL_SUMS if sums else Hurdle.NO_SUM, found)


#: Transfers of a file that are kept while somebody waits for the answer; booking a longer file is a job.
TRANSFERS_AT_ONCE = 500

#: How many different sums are looked at before it counts as too many choices to be certain.
MOST_SUMS = 20_000


def sums_to(amount: Money, payables: Collection[Payable], most: int = 2) -> list[tuple[str, ...]]:
    """Choices of orders whose open amounts come to `amount`, up to `most` of them; none if there are too many to know.

    With two or more it is not certain which was meant.
    """
    choices: dict[int, list[tuple[str, ...]]] = {0: [()]}
    for one in sorted(payables, key=lambda payable: payable.open.minor):
        added = {
            total + one.open.minor: [(*ids, one.receivable_id) for ids in found]
            for total, found in choices.items()
            if total + one.open.minor <= amount.minor
        }
        for total, found in added.items():
            choices[total] = [*choices.get(total, ()), *found][:most]
        if len(choices) > MOST_SUMS:
            return []
    return choices.get(amount.minor, []) if amount.minor else []
