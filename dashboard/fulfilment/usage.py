"""What a transfer's money has paid, and what of that cannot be taken back with it (R18)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from dashboard.ledger import balances
from dashboard.ledger.models import Receivable
from dashboard.ledger.rules import Account, EntryKind
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.orders.rules import LicenseState
from dashboard.payments.models import Transfer


@dataclass(frozen=True)
class Paid:
    """What a transfer has paid of one receivable."""

    receivable: Receivable
    order: Order | None  #: None: a debt from before this program, or a supplementary invoice
    principal: Money
    interest: Money
    fee: Money  #: what the banks kept of it


@dataclass(frozen=True)
class Usage:
    """Where the money of a transfer is now."""

    paid: list[Paid]
    on_account: Money
    refunded: Money

    @property
    def licensed(self) -> list[Order]:
        """The orders that are unpaid again without the transfer and whose licenses are out: undoing calls none back."""
        found = [one.order for one in self.paid if one.order is not None and (one.principal or one.fee)]
        return [order for order in found if order.license_state == LicenseState.ISSUED]


def of_transfer(transfer: Transfer) -> Usage:
    """Where a transfer's money is, from its entries."""
    sums: dict[tuple[str | None, str, str], int] = defaultdict(int)
    for entry in balances.entries_from(transfer.id):
        sums[entry.receivable_id, entry.account, entry.kind] += entry.minor

    def sum_of(receivable_id: str | None, account: Account, kind: EntryKind) -> Money:
        return Money(-sums[receivable_id, account, kind], transfer.currency)

    ids = {receivable_id for (receivable_id, *_), minor in sums.items() if receivable_id and minor}
    known = {order.id: order for order in orders.find_orders(ids)}
    paid = [
        Paid(
            one,
            known.get(one.id),
            sum_of(one.id, Account.PRINCIPAL, EntryKind.ALLOCATION),
            sum_of(one.id, Account.INTEREST, EntryKind.ALLOCATION),
            sum_of(one.id, Account.PRINCIPAL, EntryKind.BANK_FEE),
        )
        for one in balances.find_receivables(ids)
    ]
    on_account = sum(-minor for (_, account, _kind), minor in sums.items() if account == Account.CREDIT)
    return Usage(paid, Money(on_account, transfer.currency), -sum_of(None, Account.CREDIT, EntryKind.REFUND))
