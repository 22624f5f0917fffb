"""Book a transfer that came in."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from dashboard.clock import today
from dashboard.errors import N_, InvalidInput, NotFound
from dashboard.extensions import db
from dashboard.ledger import service as ledger
from dashboard.money import Money
from dashboard.payments.models import Transfer


def find_transfer(submit_key: str) -> Transfer | None:
    """The transfer that was booked under this key before, if any."""
    return db.session.scalar(select(Transfer).where(Transfer.submit_key == submit_key))


def get_transfer(transfer_id: int) -> Transfer:
    """A transfer.

    Raises:
        NotFound: if there is none.
    """
    transfer = db.session.get(Transfer, transfer_id)
    if transfer is None:
        raise NotFound
    return transfer


def book_transfer(
    *, reseller_id: int, amount: Money, received_on: date, text: str, confirmed_by: int | None, submit_key: str
) -> Transfer:
    """Book money that a reseller has sent: it is on account until it is allocated.

    Args:
        received_on: the bank's value date (R16).
        text: what the bank says of the payer and the purpose.
        submit_key: makes the same submission book once.

    Raises:
        InvalidInput: if the amount is nothing or the day has not come yet.
    """
    if amount.minor <= 0:
        raise InvalidInput(N_("The amount must be more than zero."))
    if received_on > today():
        raise InvalidInput(N_("This day has not come yet."))
    transfer = Transfer(
        reseller_id=reseller_id,
        submit_key=submit_key,
        received_on=received_on,
        minor=amount.minor,
        currency=amount.currency,
        text=text,
        confirmed_by=confirmed_by,
    )
    db.session.add(transfer)
    db.session.flush()
    ledger.receive(reseller_id, amount, received_on, transfer.id)
    return transfer
