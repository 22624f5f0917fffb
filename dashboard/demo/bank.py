"""A statement file of the demo's bank, imported on the last working day (R18).

It brings a transfer that was matched by itself, one with a proposal to confirm, and one of a stranger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from sqlalchemy import select

from dashboard import clock
from dashboard.accounts import service as accounts
from dashboard.audit import service as audit
from dashboard.banking.service import read_statement
from dashboard.config import current_settings
from dashboard.demo.accounts import STAFF
from dashboard.demo.rhythm import workday
from dashboard.extensions import db
from dashboard.fulfilment import bank_entries
from dashboard.ledger import balances
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.payments import imports
from dashboard.resellers.models import Reseller
from dashboard.web.transactions import reading

#: Who pays an order by its reference, and whose order a parent company pays, naming it with a wrong digit.
REGULAR, MISTYPED = "Nordlicht Systems", "Atelier Logiciel"

#: When staff drop the file in, after all else of that day.
AT = time(19, 10)

#: What is on the vendor's account in euros in the morning.
OPENING = Money(4_821_055, "EUR")


class Entry(NamedTuple):
    """An entry of the file; its amount is below zero for money that went out."""

    amount: Money
    text: str


def import_file(today: date) -> None:
    """Import the statement of the last working day before `today`, and book what is certain."""
    day = workday(today, 1)
    with clock.at(datetime.combine(day, AT, current_settings().vendor.zone)):
        with reading():
            staff = accounts.find_user(STAFF.email)
            assert staff is not None
            data = _mt940(day, _entries())
        with audit.done_by(staff.id, staff.name):
            seen = imports.preview(read_statement(data))
            kept = imports.keep(seen, data, f"EUR-{day:%Y-%m-%d}.sta", by=staff.id)
            bank_entries.book_all(kept.matched)


def _entries() -> list[Entry]:
    regular, mistyped = _unpaid(REGULAR), _unpaid(MISTYPED)
    wrong = f"{mistyped.id[:-1]}{(int(mistyped.id[-1]) + 1) % 10}"
    return [
        Entry(
            Money(regular.total_minor, "EUR"),
            f"/IBAN/DE12500105170648489890/NAME/Nordlicht Systems GmbH/REMI/{regular.reference}",
        ),
        Entry(
            Money(mistyped.total_minor, "EUR"),
            f"/IBAN/FR1420041010050500013M02606/NAME/Groupe Saone Participations/REMI/Commande {wrong}",
        ),
        Entry(
            Money.of(240, "EUR"),
            "/IBAN/DE75512108001245126199/NAME/Hansa Druck OHG/REMI/Rechnung 4711, vielen Dank",
        ),
        Entry(-Money.of("12.50", "EUR"), "/NAME/Demo Bank of Tartu/REMI/Monthly fee"),
    ]


def _unpaid(reseller: str) -> Order:
    """The newest order of a reseller that waits for its whole sum."""
    query = select(Order).join(Reseller, Reseller.id == Order.reseller_id).where(Reseller.name == reseller)
    waiting = query.where(Order.paid_on.is_(None), Order.cancelled_at.is_(None)).order_by(Order.placed_at.desc())
    return next(one for one in db.session.scalars(waiting) if balances.open_amount(one.id).minor == one.total_minor)


def _mt940(day: date, entries: Sequence[Entry]) -> bytes:
    """The file as the bank writes it."""
    account = current_settings().vendor.accounts["EUR"].number
    closing = sum((one.amount for one in entries), OPENING)
    lines = [":20:1", f":25:{account}", ":28C:1/1", f":60F:{_balance(day, OPENING)}"]
    for number, one in enumerate(entries, start=1):
        mark = "D" if one.amount.minor < 0 else "C"
        lines += [f":61:{day:%y%m%d}{day:%m%d}{mark}{_figures(one.amount)}NTRFNONREF//{day:%y%m%d}{number:04}"]
        lines += [f":86:{one.text}"]
    return "\n".join([*lines, f":62F:{_balance(day, closing)}", "-", ""]).encode()


def _balance(day: date, amount: Money) -> str:
    return f"C{day:%y%m%d}EUR{_figures(amount)}"


def _figures(amount: Money) -> str:
    return f"{abs(amount.decimal):.2f}".replace(".", ",")
