"""Remind of what is due, overdue, or about to lapse: each step once, and no more once it is paid (R12, R14, R15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.extensions import db
from dashboard.invoices import service as invoices
from dashboard.ledger import balances
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.ledger.rules import Account
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.resellers import service as resellers
from dashboard.statements import recipients
from dashboard.statements.models import Reminder
from dashboard.statements.rules import next_step, tone_of

#: Outbox effect: the reminders of a day.
REMIND = "reminders"


@dataclass(frozen=True)
class Pending:
    """What a reseller is to be reminded of today."""

    reseller_id: int
    receivable_id: str
    order_id: str  #: empty for a debt from before this program
    step: int  #: days from the due date; of a pro-forma, to its last day
    tone: str  #: empty for a pro-forma


@dataclass(frozen=True)
class Listed:
    """Something unpaid as a reminder lists it; a debt from before this program has no order."""

    id: str
    order_id: str
    name: str  #: of an order its ID, of a supplementary invoice or an old debt its number
    customer: str
    reference: str
    until: date  #: due date, or last day of the pro-forma
    days_late: int
    interest_rate: int
    open: Money


def to_remind() -> list[int]:
    """Ids of the resellers that are to be reminded of something today."""
    return sorted({one.reseller_id for one in [*_credit(), *_pro_formas()]})


def remind(reseller_id: int) -> None:
    """Write today's reminders to a reseller: one letter for the orders of each step, one for its pro-formas."""
    resellers.get_reseller(reseller_id, lock=True)
    letters: dict[tuple[str, str], list[Pending]] = defaultdict(list)
    for one in [*_credit(reseller_id), *_pro_formas(reseller_id)]:
        letters["payment_reminder" if one.tone else "pro_forma_reminder", one.tone].append(one)
        db.session.add(Reminder(receivable_id=one.receivable_id, step=one.step, sent_on=today()))
    db.session.flush()
    for (kind, tone), pending in letters.items():
        only = pending[0].order_id if len(pending) == 1 else ""
        recipients.write_to(
            resellers.get_reseller(reseller_id), kind, key=f"{kind}:{reseller_id}:{today()}:{tone}",
            about=f"order:{only}" if only else "", receivable_ids=[one.receivable_id for one in pending], tone=tone,
        )  # fmt: skip


def listed(receivable_ids: Collection[str]) -> list[Listed]:
    """What of these is still open, the first to be paid first: some of it may have been paid since."""
    open_ = balances.open_amounts(list(receivable_ids))
    found = [one for one in balances.find_receivables(receivable_ids) if open_[one.id].minor > 0]
    order_ids = [one.order_id for one in found if one.order_id]
    of, numbers = {order.id: order for order in orders.find_orders(order_ids)}, invoices.supplement_numbers(order_ids)
    names = {one.id: one.number or numbers.get(one.reference, one.id) for one in found}
    rows = [_listed(one, of.get(one.order_id or ""), open_[one.id], names[one.id]) for one in found]
    return sorted(rows, key=lambda row: (row.until, row.id))


def _listed(receivable: Receivable, order: Order | None, open_: Money, name: str) -> Listed:
    until = receivable.due_on or (order.valid_until if order else None) or receivable.placed_on
    return Listed(
        id=receivable.id,
        order_id=order.id if order else "",
        name=name,
        customer=order.customer if order else "",
        reference=receivable.reference,
        until=until,
        days_late=max((today() - until).days, 0),
        interest_rate=receivable.interest_rate,
        open=open_,
    )


def _credit(reseller_id: int | None = None) -> list[Pending]:
    """Unpaid orders on credit, and old debts, whose next step has come."""
    steps, on = current_settings().reminder_days, today()
    if not steps:
        return []
    sent = select(func.max(Reminder.step)).where(Reminder.receivable_id == Receivable.id).scalar_subquery()
    query = (
        select(Receivable, sent)
        .join(LedgerEntry, LedgerEntry.receivable_id == Receivable.id)
        .where(Receivable.is_open, LedgerEntry.account == Account.PRINCIPAL)
        .where(Receivable.due_on <= on - timedelta(days=steps[0]))
        .group_by(Receivable.id)
        .having(func.sum(LedgerEntry.minor) > 0)
        .order_by(Receivable.due_on, Receivable.id)
    )
    if reseller_id is not None:
        query = query.where(Receivable.reseller_id == reseller_id)
    return [
        Pending(one.reseller_id, one.id, one.order_id or "", step, tone_of(step, steps, one.due_on, on))
        for one, last in db.session.execute(query)
        if one.due_on is not None and (step := next_step(steps, one.due_on, one.placed_on, on, last)) is not None
    ]


def _pro_formas(reseller_id: int | None = None) -> list[Pending]:
    """Prepaid orders whose pro-forma ends soon, and that nobody was reminded of yet (R12)."""
    days, on = current_settings().pro_forma_reminder_days, today()
    reminded = select(Reminder.receivable_id).where(Reminder.receivable_id == Order.id).exists()
    query = (
        select(Order.reseller_id, Order.id)
        .where(
            Order.paid_on.is_(None),
            Order.cancelled_at.is_(None),
            Order.due_on.is_(None),
            Order.valid_until.between(on, on + timedelta(days=days)),
            Order.placed_on < on,
            ~reminded,
        )
        .order_by(Order.valid_until, Order.id)
    )
    if reseller_id is not None:
        query = query.where(Order.reseller_id == reseller_id)
    return [Pending(of, id_, id_, -days, "") for of, id_ in db.session.execute(query)]
