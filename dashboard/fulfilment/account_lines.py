"""The entries of a reseller's account as a person reads them: on its page, and in a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dashboard.clock import today
from dashboard.errors import N_
from dashboard.ledger import balances
from dashboard.ledger.extracts import Extract, Part
from dashboard.ledger.rules import Account, EntryKind
from dashboard.orders import service as orders
from dashboard.resellers import service as resellers
from dashboard.statements import interest
from dashboard.web.exports import SavedFile, table_file
from dashboard.web.forms import day_typed
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext

if TYPE_CHECKING:
    from dashboard.jobs.work import Wish
    from dashboard.ledger.models import LedgerEntry, Receivable
    from dashboard.money import Money
    from dashboard.resellers.models import Reseller
    from dashboard.statements.models import InterestEntry
    from dashboard.web.progress import Watch

#: Entries that one file holds at the most.
MOST = 20_000

#: What an entry is called by which the reseller owes less, and one by which it owes more.
_WORDS = {
    EntryKind.SUPPLEMENT: (N_("Supplementary invoice"),) * 2,
    EntryKind.OPENING: (N_("Owed from before"),) * 2,
    EntryKind.TRANSFER: (N_("Transfer received"), N_("Transfer taken back")),
    EntryKind.ALLOCATION: (N_("Paid from the account"), N_("Payment taken back to the account")),
    EntryKind.BANK_FEE: (N_("Bank charges taken over"), N_("Bank charges not taken over any more")),
    EntryKind.INTEREST: (N_("Interest corrected"), N_("Interest for late payment")),
    EntryKind.WAIVER: (N_("Interest waived"),) * 2,
    EntryKind.CREDIT_NOTE: (N_("Credit note"),) * 2,
    EntryKind.TAX_CREDIT: (N_("Sales tax credited"),) * 2,
    EntryKind.WRITE_OFF: (N_("Written off"), N_("Write-off taken back")),
    EntryKind.REFUND: (N_("Paid back"),) * 2,
}


@dataclass(frozen=True)
class Line:
    """An entry of the ledger as a person reads it, with what the balance was after it."""

    entry: LedgerEntry
    what: str
    amount: Money
    change: Money | None  #: of the balance; None, as the next: of another currency than the account has now
    balance: Money | None
    receivable: Receivable | None
    invoice: str  #: number of the invoice, or of an old debt, where there is one
    formula: InterestEntry | None


def extract_of(reseller: Reseller, args: Mapping[str, str]) -> Extract:
    """The entries that an address asks for: until the evening of its day, and behind its part of the balance; what it
    cannot mean does not narrow anything.
    """
    on, part = day_typed(args.get("on", "")), args.get("part", "")
    narrowed = Part(part) if part in list(Part) else None
    return Extract(reseller.id, reseller.currency, on or date.max, on or today(), narrowed)


def lines(extract: Extract, *, before: int | None, limit: int) -> list[Line]:
    """So many entries at the most, the newest first; those with a smaller id than `before`."""
    found = extract.lines(before=before, limit=limit)
    ids = {one.receivable_id for one in found if one.receivable_id}
    known = {one.id: one for one in balances.find_receivables(ids)}
    numbers = orders.invoice_numbers(ids) | {one.id: one.number for one in known.values() if one.number}
    behind = interest.entries_behind([one.id for one in found if one.kind == EntryKind.INTEREST])
    balance = extract.sum_below(found[-1].id if found else 0)
    told: list[Line] = []
    for one in reversed(found):
        change = extract.change(one) if one.currency == extract.currency else None
        balance = balance + change if change is not None else balance
        told.append(
            Line(
                entry=one,
                what=entry_words(one),
                amount=extract.amount(one),
                change=change,
                balance=balance if change is not None else None,
                receivable=known.get(one.receivable_id) if one.receivable_id else None,
                invoice=numbers.get(one.receivable_id or "", ""),
                formula=behind.get(one.id),
            )
        )
    return told[::-1]


def account_file(wish: Wish, watch: Watch) -> SavedFile:
    """The entries that the address asks for, all of them, as a file: ISO days, plain amounts (R24)."""
    reseller = resellers.get_reseller(int(wish.args["id_"]) if wish.of is None else wish.of)
    extract = extract_of(reseller, wish.args)
    found = lines(extract, before=None, limit=wish.most(MOST))
    wish.check(found)
    head = [
        _("Day"), _("Entry"), _("Order"), _("Invoice"), _("Note"), _("Currency"), _("Sum"),
        _("Change of the balance"), _("Balance"),
    ]  # fmt: skip
    rows = [
        [
            line.entry.day, line.what, line.receivable.order_id or "" if line.receivable else "", line.invoice,
            line.entry.note if line.entry.kind != EntryKind.OPENING else "", line.entry.currency, line.amount.decimal,
            *("" if one is None else one.decimal for one in (line.change, line.balance)),
        ]
        for line in found
    ]  # fmt: skip
    name = f"account-{extract.due}"
    return table_file(name, pgettext("money of a reseller", "Account"), head, rows, as_xlsx=wish.as_xlsx, watch=watch)


def entry_words(entry: LedgerEntry) -> str:
    """What an entry of the ledger stands for, by its kind and its sign."""
    if entry.kind == EntryKind.ORDER:
        return pgettext("ledger", "Order")
    if entry.kind == EntryKind.CANCELLATION:
        return pgettext("ledger", "Cancelled")
    if entry.kind == EntryKind.ALLOCATION and entry.account == Account.INTEREST and entry.minor < 0:
        return _("Interest paid from the account")
    less, more = _WORDS[EntryKind(entry.kind)]
    return _(more if entry.minor > 0 else less)
