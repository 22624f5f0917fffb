"""What an order's facts mean today: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class PaymentState(StrEnum):
    """What an order's list and page say of its payment."""

    CANCELLED = "cancelled"
    PAID = "paid"
    WAITING = "waiting"  #: prepaid, the transfer has not come yet
    LAPSED = "lapsed"  #: prepaid, the pro-forma is no longer valid (R12)
    DUE = "due"  #: on credit, to be paid by its due date
    OVERDUE = "overdue"


class LicenseState(StrEnum):
    """What became of an order's licenses."""

    NONE = "none"
    ASKED = "asked"  #: a temporary license waits for staff (R22)
    TEMPORARY = "temporary"
    ISSUED = "issued"
    REVOKED = "revoked"


#: What a list of orders can be narrowed to: by what the reader has to do; by payment, where `open` is all that can be
#: paid; by license.
TABS = ("todo", "waiting", "active", "all")
PAYMENTS = ("open", *(state for state in PaymentState))
LICENSES = tuple(LicenseState)


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for among orders; what is empty does not narrow it."""

    search: str = ""
    tab: str = "all"
    payment: str = ""
    license: str = ""
    since: date | None = None
    until: date | None = None
    reseller: int | None = None  #: only that one's, among those of all

    @property
    def is_filtered(self) -> bool:
        """Whether there is more than the choice of a tab."""
        return bool(self.search or self.payment or self.license or self.since or self.until or self.reseller)


def payment_state(
    *, cancelled: bool, paid: bool, due_on: date | None, valid_until: date | None, today: date
) -> PaymentState:
    """Payment state of an order: a due date is kept until its evening (R14, R15)."""
    if cancelled:
        return PaymentState.CANCELLED
    if paid:
        return PaymentState.PAID
    if due_on is not None:
        return PaymentState.OVERDUE if due_on < today else PaymentState.DUE
    return PaymentState.LAPSED if valid_until is not None and valid_until < today else PaymentState.WAITING


def first_of_month(day: date, back: int) -> date:
    """First day of the calendar month that lies `back` months before that of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 - back, 12)
    return date(year, month + 1, 1)
