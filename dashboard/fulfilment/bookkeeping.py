"""What staff put right on a reseller's account, each time with a reason: paid back, waived, written off (R12, R16)."""

from __future__ import annotations

from datetime import date

from dashboard.audit import service as audit
from dashboard.clock import today
from dashboard.errors import N_, InvalidInput, NotFound, Refused
from dashboard.fulfilment import transfers
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.models import Receivable
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.resellers import service as resellers
from dashboard.statements import service as statements


def refund(reseller_id: int, amount: Money, day: date, reason: str, *, seen: int) -> None:
    """Note that credit on account was paid back, on the bank's date (R12).

    Args:
        seen: the newest entry that the page showed: a second click finds a newer one, and pays nothing back twice.

    Raises:
        InvalidInput: for an impossible amount or day.
        Refused: if that is more than what is on account, or had come in by that day, or the account moved.
    """
    if amount.minor <= 0:
        raise InvalidInput(N_("The amount must be more than zero."))
    if day > today():
        raise InvalidInput(N_("This day has not come yet."))
    resellers.get_reseller(reseller_id, lock=True)
    if balances.newest_entry(reseller_id) != seen:
        raise Refused(N_("Something was booked on this account meanwhile. Look at it again."))
    transfers.refund(reseller_id, amount, day, reason)


def waive_interest(reseller_id: int, receivable_id: str, reason: str) -> Money:
    """Waive the interest that is open on an order (R16); the amount.

    Raises:
        NotFound: if there is no such order, or it is another reseller's.
        Refused: if there is no interest.
    """
    _locked(reseller_id, receivable_id)
    amount = ledger.waive_interest(receivable_id, today(), reason)
    if not amount:
        raise Refused(N_("There is no interest to waive."))
    statements.look_again(reseller_id, today())
    audit.record("interest.waived", f"order:{receivable_id}", amount=amount.minor, reason=reason)
    return amount


def write_off(reseller_id: int, receivable_id: str, reason: str) -> Money:
    """Give up what is open of an order on credit, or of a debt from before this program; the amount.

    Its license stays, and it counts as unpaid for the standing of its reseller (R14).

    Raises:
        NotFound: if there is no such order, or it is another reseller's.
        Refused: if nothing is open, or it is prepaid: that is cancelled instead.
    """
    receivable = _locked(reseller_id, receivable_id)
    if receivable.due_on is None:
        raise Refused(N_("Nobody owes a prepaid order. Cancel it instead."))
    if balances.open_amount(receivable_id).minor <= 0:
        raise Refused(N_("Nothing is open that could be written off."))
    amount = ledger.write_off(receivable_id, today(), reason)
    for order in orders.find_orders([receivable_id]):
        order.paid_on = order.written_off_on = today()
    statements.look_again(reseller_id, today())
    audit.record("order.written_off", f"order:{receivable_id}", amount=amount.minor, reason=reason)
    return amount


def get_receivable(reseller_id: int, receivable_id: str) -> Receivable:
    """A receivable of that reseller.

    Raises:
        NotFound: if there is none.
    """
    found = next(iter(balances.find_receivables([receivable_id])), None)
    if found is None or found.reseller_id != reseller_id:
        raise NotFound
    return found


def _locked(reseller_id: int, receivable_id: str) -> Receivable:
    resellers.get_reseller(reseller_id, lock=True)
    return get_receivable(reseller_id, receivable_id)
