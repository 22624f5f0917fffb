"""Kinds of entries, and the terms of a new order: pure (R14, R15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dashboard.money import Money


class EntryKind(StrEnum):
    """What an entry stands for."""

    ORDER = "order"
    TRANSFER = "transfer"
    ALLOCATION = "allocation"
    CREDIT_NOTE = "credit_note"
    CANCELLATION = "cancellation"  #: of an order that never got an invoice
    REFUND = "refund"
    OPENING = "opening"  #: of a debt from before this program


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
