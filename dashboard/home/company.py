"""A reseller's first page: what to do now, the last orders, what is owed, what was ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from dashboard.clock import today
from dashboard.enquiries import service as enquiries
from dashboard.fulfilment import license_lists
from dashboard.invoices import service as invoices
from dashboard.ledger import balances
from dashboard.ledger.references import printed
from dashboard.ledger.rules import OpenItem
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.orders.rules import PaymentState, Wanted
from dashboard.resellers import policies
from dashboard.resellers import service as resellers
from dashboard.statements import service as statements
from dashboard.statements.rules import Age, age_of
from dashboard.tax import certificates

if TYPE_CHECKING:
    from dashboard.invoices.rules import BankDetails
    from dashboard.ledger.balances import Debt

#: Rows of one kind among what is to be done; the rest is a link away.
SHOWN = 5
#: Orders that are shown below it.
RECENT = 6
#: Days before its due date within which an order on credit is to be paid.
READY = 7


@dataclass(frozen=True)
class Balance:
    """What a reseller owes on credit orders by its age, the interest that was booked, and what it has on account."""

    ages: dict[Age, Money]  #: the open principal; every age is there
    interest: Money
    on_account: Money

    @property
    def owed(self) -> Money:
        return sum(self.ages.values(), self.interest)


def first_page(reseller_id: int, debt: str = "") -> dict[str, Any]:
    """What a reseller's first page shows, and the terms of its next order (R14).

    Args:
        debt: number of the debt from before this program of which it says how to pay it; else it is the first.
    """
    reseller, day = resellers.get_reseller(reseller_id), today()
    items = balances.open_items(reseller_id, reseller.currency)
    on_account = balances.credit_on_account(reseller_id, reseller.currency)
    debts = [one for one in balances.debts_of(reseller_id) if one.open]
    paying = next((one for one in debts if one.number == debt), debts[0] if debts else None)
    bank = invoices.bank_details(reseller.currency) if debts and invoices.has_account(reseller.currency) else None
    return {
        "reseller": reseller,
        "today": day,
        "debts": debts,
        "supplements": balances.open_supplements(reseller_id),
        "bank": bank,
        "paying": paying and (paying, printed(paying.reference), _transfer_code(paying, bank)),
        "missing": () if reseller.activated_at else resellers.missing_steps_of(reseller),
        "policy": policies.must_accept_policy(reseller_id) if reseller.is_active else None,
        "credit": orders.credit_of(reseller, day, items=items, on_account=on_account),
        **_to_pay(reseller_id, day),
        "open": {item.id: item.principal for item in items},
        "enquiries": enquiries.waiting_for_reseller(reseller_id, SHOWN),
        "certificates": certificates.ending(reseller_id, day)[:SHOWN],
        "ending": license_lists.ending_soon(reseller_id, day),
        "recent": orders.list_orders(of=reseller_id).orders[:RECENT],
        "balance": _balance(items, on_account, day),
        "statement": statements.latest_of(reseller_id),
        "months": orders.sums_by_month(reseller_id, reseller.currency, day),
        "state_of": orders.state_of,
    }


def _transfer_code(debt: Debt, bank: BankDetails | None) -> str:
    """The QR code that pays what is open of an old debt (R19); empty where there is none."""
    return invoices.transfer_code(debt.number, debt.open, debt.reference, bank) if bank else ""


def _to_pay(reseller_id: int, day: date) -> dict[str, Any]:
    """The orders that are to be paid now, by how it stands with them, and how many more there are; one statement."""
    page = orders.count_and_list(Wanted(payment="open"), of=reseller_id, oldest_first=True)
    found: dict[PaymentState, list[Order]] = {state: [] for state in PaymentState}
    for order in page.orders:
        found[orders.state_of(order, day)].append(order)
    ready = [one for one in found[PaymentState.DUE] if one.due_on and one.due_on <= day + timedelta(days=READY)]
    overdue, waiting = found[PaymentState.OVERDUE][:SHOWN], found[PaymentState.WAITING][:SHOWN]
    return {
        "overdue": overdue,
        "waiting": waiting,
        "ready": ready[:SHOWN],
        "more_ready": len(ready) > SHOWN,
        "more_to_pay": page.counts["todo"] - len(overdue) - len(waiting),
    }


def _balance(items: Sequence[OpenItem], on_account: Money, day: date) -> Balance:
    ages = dict.fromkeys(Age, Money.zero(on_account.currency))
    for item in items:
        if item.due_on is not None:
            age = age_of(item.due_on, day)
            ages[age] = ages[age] + item.principal
    return Balance(ages, sum((item.interest for item in items), Money.zero(on_account.currency)), on_account)
