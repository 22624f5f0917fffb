"""Kinds of entries, what money pays, and what a reseller gets if it orders now: pure (R14, R15, R18)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from dashboard.errors import N_, Forbidden
from dashboard.money import Money


class Account(StrEnum):
    """The sum that an entry changes."""

    PRINCIPAL = "principal"  #: what is open on a receivable
    INTEREST = "interest"  #: what was booked on it for being late, and is not paid
    CREDIT = "credit"  #: money that pays nothing yet


class EntryKind(StrEnum):
    """What an entry stands for."""

    ORDER = "order"
    SUPPLEMENT = "supplement"  #: of a supplementary invoice (R29)
    OPENING = "opening"  #: of a debt from before this program
    TRANSFER = "transfer"
    ALLOCATION = "allocation"
    BANK_FEE = "bank_fee"  #: a shortfall within the vendor's tolerance (R18)
    INTEREST = "interest"
    WAIVER = "waiver"  #: interest that staff have waived (R16)
    CREDIT_NOTE = "credit_note"
    TAX_CREDIT = "tax_credit"  #: tax that turned out not to be owed; the order stays (R29)
    CANCELLATION = "cancellation"  #: of an order that never got an invoice
    WRITE_OFF = "write_off"  #: principal that will never come
    REFUND = "refund"  #: credit on account that was paid back


class Terms(StrEnum):
    """How an order is paid."""

    PREPAID = "prepaid"
    NET30 = "net30"


def due_on(terms: Terms, placed_on: date, credit_days: int) -> date | None:
    """When a credit order is due: calendar days after the order date (R14). A prepaid one is never overdue (R15)."""
    return placed_on + timedelta(days=credit_days) if terms is Terms.NET30 else None


@dataclass(frozen=True)
class OpenItem:
    """A receivable with something open on it."""

    id: str
    placed_on: date
    due_on: date | None  #: None: prepaid
    principal: Money
    interest: Money
    name: str = ""  #: what both sides call it: its order's ID, or the number of a supplementary invoice or old debt
    counts: bool = True  #: once paid in full, it is one of the orders that make a reseller established (R14)


@dataclass(frozen=True)
class Share:
    """What a sum of money pays of one receivable."""

    receivable_id: str
    account: Account
    amount: Money
    rank: int  #: which of the steps of `distribute` it is of


def distribute(money: Money, items: Iterable[OpenItem], *, targets: Collection[str] = ()) -> Iterator[Share]:
    """What `money` pays, in this order; what then is left stays as credit on account (R18).

    1. the principal of the `targets`: the receivables that its sender named;
    2. principal that is owed, the oldest due date first;
    3. interest, in the same order;
    4. prepaid orders, the oldest first, each only if it is covered whole.
    """
    items = _by_age(items)
    named = [item for item in items if item.id in targets]
    owed = [item for item in items if item not in named and item.due_on is not None]
    prepaid = [item for item in items if item not in named and item.due_on is None]
    wanted = [
        *((item.id, Account.PRINCIPAL, item.principal, 1) for item in named),
        *((item.id, Account.PRINCIPAL, item.principal, 2) for item in owed),
        *((item.id, Account.INTEREST, item.interest, 3) for item in items),
        *((item.id, Account.PRINCIPAL, item.principal, 4) for item in prepaid),
    ]
    for receivable_id, account, amount, rank in wanted:
        part = min(amount, money)
        whole_or_nothing = rank == 4
        if part.minor > 0 and not (whole_or_nothing and part < amount):
            yield Share(receivable_id, account, part, rank)
            money = money - part


#: Minor units that are there from a day on, for good.
Part = tuple[date, int]


def lasting(movements: Iterable[Part]) -> list[Part]:
    """From which day on how much of a sum is there for good, the earliest first; the parts add up to the sum.

    What comes, goes and comes back is there from when it came back: on a day between nobody could have used it.

    Args:
        movements: days and minor units, in any order; their sum is not below zero.
    """
    evenings: dict[date, int] = {}
    total = 0
    for day, minor in sorted(movements):
        total += minor
        evenings[day] = total
    parts: list[Part] = []
    least = total
    for day, before in zip(reversed(evenings), [*reversed(evenings.values()), 0][1:], strict=True):
        least_before = max(min(least, before), 0)
        if least > least_before:
            parts.append((day, least - least_before))
        least = least_before
    return parts[::-1]


def spend(
    amount: int, day: date, free: Iterable[tuple[int | None, Part]], open_: Iterable[Part]
) -> dict[tuple[int | None, date], int]:
    """Which money pays `amount` of something, and on which day: not before the money is free, nor before what it pays
    is owed (R16).

    Args:
        amount: minor units, no more than `free` and `open_` each come to.
        day: when the money was received that this is about; it pays no earlier.
        free: parts of the credit on account with the transfers that they are of, those to be used first before others.
        open_: parts of what is to be paid.

    Returns:
        the minor units of each transfer and day.
    """
    owed = iter(open_)
    owed_from, left = next(owed)
    spent: dict[tuple[int | None, date], int] = {}
    for transfer_id, (free_from, minor) in free:
        while minor and amount:
            if not left:
                owed_from, left = next(owed)
            part = min(minor, left, amount)
            key = transfer_id, max(day, free_from, owed_from)
            spent[key] = spent.get(key, 0) + part
            minor, left, amount = minor - part, left - part, amount - part  # noqa: PLW2901
    return spent


class Reason(StrEnum):
    """The rule behind an answer. Of several that stand in the way of credit, the first in this order speaks."""

    SUSPENDED = "suspended"  #: R5: nothing can be ordered
    NOT_ACTIVE = "not_active"  #: R5: nothing can be ordered yet
    ON_HOLD = "on_hold"  #: R15: staff have taken credit away
    NEW = "new"  #: R14
    OVERDUE = "overdue"  #: R15
    ESTABLISHED_BY_STAFF = "established_by_staff"  #: R14
    ESTABLISHED = "established"  #: R14


#: As long as one of these holds, nothing can be ordered at all (R5).
CLOSED = frozenset({Reason.SUSPENDED, Reason.NOT_ACTIVE})


@dataclass(frozen=True)
class CreditFacts:
    """All that the terms of a new order depend on."""

    day: date  #: the present business day, in the vendor's time zone
    credit_days: int  #: calendar days from order to due date
    paid_orders: int  #: paid in full and not cancelled
    needed: int  #: paid orders that make a reseller established
    on_account: Money  #: in the reseller's currency, like everything here
    items: tuple[OpenItem, ...] = ()  #: what is open; no prepaid order whose pro-forma has lapsed (R12)
    by_staff: bool = False  #: staff have marked the reseller as established
    on_hold: bool = False
    suspended: bool = False
    active: bool = True  #: the steps of R5 are done


@dataclass(frozen=True)
class Remedy:
    """What takes away one thing that stands in the way of credit.

    NEW: that `count` more orders are paid; `items` are those that wait for it. OVERDUE: a transfer of `amount` for
    the `items`. Anything else is in the hands of staff or, NOT_ACTIVE, of the company.
    """

    against: Reason
    items: tuple[OpenItem, ...] = ()
    count: int = 0
    amount: Money | None = None


@dataclass(frozen=True)
class NextLate:
    """What becomes overdue next, and when, if nothing is paid; it is to be paid by the day before, its due date."""

    day: date
    items: tuple[OpenItem, ...]
    amount: Money

    @property
    def until(self) -> date:
        """The last day on which it is paid in time."""
        return self.day - timedelta(days=1)


@dataclass(frozen=True)
class CreditDecision:
    """The answer to "if I order this now"."""

    terms: Terms | None  #: None: nothing can be ordered
    reason: Reason
    remedies: tuple[Remedy, ...]  #: all of them together give credit; none: it is there
    due_on: date | None  #: of an order placed now, on credit
    #: On credit, the day from which the answer would be another. Else, if something is overdue, the day from which
    #: what is to be paid would be more.
    next_late: NextLate | None
    set_off: Money  #: money on account that will pay what is overdue, in full or in part, and is counted in here
    paid_orders: int
    needed: int

    @property
    def agreed(self) -> Terms:
        """The terms of an order that is placed now.

        Raises:
            Forbidden: if nothing can be ordered (R5).
        """
        if self.terms is None:
            raise Forbidden(N_("At present your company cannot place orders."))
        return self.terms


def decide_credit(facts: CreditFacts) -> CreditDecision:
    """What a reseller gets if it orders now: credit only if it is established and owes nothing late (R14, R15).

    Principal of everything that has a due date counts: of credit orders, of supplementary invoices (R29), of debts from
    before this program. Interest alone does not, nor what is prepaid. Money on account pays what is owed, the oldest
    due date first (R18), and would do so when the order is placed: what it covers takes no credit away (choice).
    """
    owed = [item for item in facts.items if item.due_on is not None and item.principal.minor > 0]
    rest = _after_set_off(owed, facts.on_account)
    late = tuple(item for item in rest if _is_late(item, facts.day))
    remedies = tuple(_remedies(facts, late))
    reason = remedies[0].against if remedies else _standing(facts)
    terms = None if reason in CLOSED else Terms.PREPAID if remedies else Terms.NET30
    nothing = Money.zero(facts.on_account.currency)
    return CreditDecision(
        terms=terms,
        reason=reason,
        remedies=remedies,
        due_on=due_on(terms, facts.day, facts.credit_days) if terms else None,
        next_late=_next_late(rest, facts.day, nothing) if late or not remedies else None,
        set_off=_sum([item for item in owed if _is_late(item, facts.day)], nothing) - _sum(late, nothing),
        paid_orders=facts.paid_orders,
        needed=facts.needed,
    )


def _standing(facts: CreditFacts) -> Reason:
    return Reason.ESTABLISHED if facts.paid_orders >= facts.needed else Reason.ESTABLISHED_BY_STAFF


def _remedies(facts: CreditFacts, late: tuple[OpenItem, ...]) -> Iterator[Remedy]:
    if facts.suspended:
        yield Remedy(Reason.SUSPENDED)
    if not facts.active:
        yield Remedy(Reason.NOT_ACTIVE)
    if facts.on_hold:
        yield Remedy(Reason.ON_HOLD)
    missing = facts.needed - facts.paid_orders
    if missing > 0 and not facts.by_staff:
        waiting = [item for item in facts.items if item.counts and item.principal.minor > 0]
        yield Remedy(Reason.NEW, _by_age(waiting), count=missing)
    if late:
        yield Remedy(Reason.OVERDUE, late, amount=_sum(late, Money.zero(facts.on_account.currency)))


def _next_late(rest: Collection[OpenItem], day: date, nothing: Money) -> NextLate | None:
    days = {item.due_on for item in rest if item.due_on is not None and item.due_on >= day}
    if not days:
        return None
    items = tuple(item for item in rest if item.due_on == min(days))
    return NextLate(min(days) + timedelta(days=1), items, _sum(items, nothing))


def _after_set_off(owed: Collection[OpenItem], on_account: Money) -> tuple[OpenItem, ...]:
    """What is still open of the items, the oldest due date first, once money on account has paid what it can."""
    principal = [replace(item, interest=Money.zero(on_account.currency)) for item in owed]
    covered = {share.receivable_id: share.amount for share in distribute(on_account, principal)}
    rest = [replace(item, principal=item.principal - covered[item.id]) if item.id in covered else item for item in owed]
    return _by_age(item for item in rest if item.principal)


def _is_late(item: OpenItem, day: date) -> bool:
    """A due date is kept until its evening."""
    return item.due_on is not None and item.due_on < day


def _by_age(items: Iterable[OpenItem]) -> tuple[OpenItem, ...]:
    return tuple(sorted(items, key=_age))


def _age(item: OpenItem) -> tuple[date, date, str]:
    return item.due_on or item.placed_on, item.placed_on, item.id


def _sum(items: Iterable[OpenItem], nothing: Money) -> Money:
    return sum((item.principal for item in items), nothing)
