"""Kinds of entries, what money pays, and the terms of a new order: pure (R14, R15, R18)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

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


class TermsReason(StrEnum):
    """Which rule says so."""

    NEW = "new"
    ESTABLISHED = "established"
    ESTABLISHED_BY_STAFF = "established_by_staff"
    OVERDUE = "overdue"
    ON_HOLD = "on_hold"


@dataclass(frozen=True)
class TermsDecision:
    """The terms of an order placed now, the rule behind them, and how far a new reseller has come."""

    terms: Terms
    reason: TermsReason
    paid_orders: int
    needed: int  #: paid orders that make a reseller established


def terms_for(*, paid_orders: int, needed: int, by_staff: bool, overdue: Money, on_hold: bool) -> TermsDecision:
    """Terms of a new order: credit only for an established reseller that owes nothing late (R14, R15).

    Args:
        paid_orders: orders paid in full and not cancelled.
        needed: how many of them make a reseller established.
        by_staff: staff have marked the reseller as established.
        overdue: principal of credit orders that is past its due date.
        on_hold: staff have taken credit away.
    """
    if on_hold:
        terms, reason = Terms.PREPAID, TermsReason.ON_HOLD
    elif not by_staff and paid_orders < needed:
        terms, reason = Terms.PREPAID, TermsReason.NEW
    elif overdue:
        terms, reason = Terms.PREPAID, TermsReason.OVERDUE
    elif paid_orders < needed:
        terms, reason = Terms.NET30, TermsReason.ESTABLISHED_BY_STAFF
    else:
        terms, reason = Terms.NET30, TermsReason.ESTABLISHED
    return TermsDecision(terms, reason, paid_orders, needed)


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
    items = sorted(items, key=lambda item: (item.due_on or item.placed_on, item.placed_on, item.id))
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
