"""The start with resellers that a vendor has already: companies, members, standing and open debts, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dashboard.audit import service as audit
from dashboard.clock import today
from dashboard.extensions import db
from dashboard.fulfilment import companies, transfers
from dashboard.fulfilment.companies import Changes
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.resellers import service as resellers
from dashboard.resellers.files import CompanyRow, DebtRow
from dashboard.resellers.models import Reseller
from dashboard.web.progress import Watch, unwatched
from dashboard.web.sheets import InvalidSheet, Problem


def load_resellers(rows: Sequence[CompanyRow], watch: Watch = unwatched) -> Changes:
    """Make the resellers what the file says; the same file again changes nothing.

    Raises:
        InvalidSheet: with all that stands against it; whoever catches it must not commit.
    """
    changes = Changes()
    problems: list[Problem] = []
    for row in watch(rows, "Loading"):
        problems += _load(row, changes)
    if problems:
        raise InvalidSheet(sorted(problems, key=lambda problem: problem.line))
    return changes


def compare_resellers(rows: Sequence[CompanyRow], watch: Watch = unwatched) -> Changes:
    """What `load_resellers` would change: everything is done, and taken back."""
    try:
        return load_resellers(rows, watch)
    finally:
        db.session.rollback()


def _load(row: CompanyRow, changes: Changes) -> Iterator[Problem]:
    known = companies.find_by_key(row.key)
    if known and known.currency != row.currency and not balances.is_settled(known.id):
        reason = f"cannot change from {known.currency}: something is open or on account"
        yield Problem(row.line, reason, column="currency")
        return
    reseller, problems = companies.load_company(row, changes)
    yield from problems
    if reseller:
        yield from _load_debts(reseller, row, changes)


def _load_debts(reseller: Reseller, row: CompanyRow, changes: Changes) -> Iterator[Problem]:
    """Book each debt once, by its number; what is booked never changes. Money on account pays it at once (R18)."""
    if row.debts:
        reseller = resellers.get_reseller(reseller.id, lock=True)
    booked = {debt.number: debt for debt in balances.debts_of(reseller.id)} if row.debts else {}
    for debt in row.debts:
        known = booked.get(debt.number)
        if known is None:
            _book(reseller, debt)
            changes.tell("+", row.key, f"debt {debt.number}: {debt.amount}, due on {debt.due_on}")
        elif (known.amount, known.placed_on, known.due_on) != (debt.amount, debt.ordered_on, debt.due_on):
            reason = f"is booked already, with {known.amount}, ordered on {known.placed_on}, due on {known.due_on}"
            yield Problem(debt.line, reason, column="debt_number")
    if row.debts:
        transfers.pay_from_account(reseller, today())


def _book(reseller: Reseller, debt: DebtRow) -> None:
    ledger.open_debt(reseller.id, debt.number, debt.amount, placed_on=debt.ordered_on, due_on=debt.due_on)
    audit.record(
        "reseller.debt_booked", f"reseller:{reseller.id}",
        number=debt.number, amount=debt.amount.minor, currency=debt.amount.currency, due_on=str(debt.due_on),
    )  # fmt: skip
