"""What frames the entries of a camt.053 statement: account, period, balances, totals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from dashboard.banking.camt_entries import EntryReader
from dashboard.banking.camt_xml import Element, Node
from dashboard.banking.rules import (
    Amount,
    Balance,
    Direction,
    Entry,
    Fault,
    Notice,
    NoticeKind,
    Place,
    Statement,
    Status,
    UnreadableStatement,
)
from dashboard.banking.values import BadValue, account_of, currency_of, iso_date
from dashboard.errors import N_

_MAX_BALANCES = 1000


class StatementBuilder:
    """Collects a statement while its elements pass by."""

    #: Nodes of a statement that are looked at.
    HEADER: ClassVar = ("Id", "ElctrncSeqNb", "LglSeqNb", "StmtPgntn", "FrToDt", "Acct", "Bal", "TxsSummry")

    def __init__(self, element: Element, place: Place) -> None:
        self.element = element
        self.place = place
        self.account = ""
        self.entries: list[Entry] = []
        self.faults: list[Fault] = []
        self._number = 0
        self._id = self._sequence = self._currency = self._bank = ""
        self._period: tuple[date | None, date | None] = (None, None)
        self._is_page = False
        self._balances: list[tuple[str, Balance]] = []
        self._totals: dict[str, tuple[int | None, str]] = {}

    def next_number(self) -> int:
        """The number of the next entry."""
        self._number += 1
        return self._number

    def take(self, name: str, element: Node) -> None:
        """Take over an element of `HEADER`.

        Raises:
            BadValue: if it cannot be read: then nothing of the file can be trusted.
        """
        if name == "Id":
            self._id = element.text()
        elif name in {"ElctrncSeqNb", "LglSeqNb"}:
            self._sequence = self._sequence or element.text()
        elif name == "StmtPgntn":
            self._is_page = element.text("PgNb").lstrip("0") != "1" or element.text("LastPgInd") != "true"
        elif name == "FrToDt":
            ends = (element.text("FrDtTm", "FrDt"), element.text("ToDtTm", "ToDt"))
            self._period = (iso_date(ends[0]) if ends[0] else None, iso_date(ends[1]) if ends[1] else None)
        elif name == "Acct":
            self._take_account(element)
        elif name == "Bal":
            self._take_balance(element)
        else:
            for total in ("TtlNtries", "TtlCdtNtries", "TtlDbtNtries"):
                count = element.number(f"{total}/NbOfNtries")
                self._totals[total] = (count, element.text(f"{total}/Sum"))

    def _take_account(self, element: Node) -> None:
        self.account = account_of(element.text("Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id"))
        currency = element.text("Ccy")
        self._currency = currency_of(currency) if currency else ""
        bank = "Svcr/FinInstnId"
        self._bank = element.text(f"{bank}/BICFI", f"{bank}/BIC", f"{bank}/ClrSysMmbId/MmbId")

    def _take_balance(self, element: Node) -> None:
        amount = element.amount("Amt")
        if amount is None:
            raise BadValue(N_("Line %(place)s: the balance has no sum."))
        if len(self._balances) >= _MAX_BALANCES:
            raise BadValue(N_("Line %(place)s: so many balances are absurd."))
        kind = element.text("Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry")
        signed = Amount(amount.minor * element.direction().sign, amount.currency)
        self._balances.append((kind, Balance(signed, element.day("Dt"), is_intermediate=kind == "ITBD")))

    def finish(self, reader: EntryReader) -> Statement:
        """The statement, at its end.

        Raises:
            UnreadableStatement: if it names no account, or holds fewer entries than it says.
        """
        if not self.account:
            raise UnreadableStatement(N_("Line %(place)s: the statement does not name its account."), self.place)
        opening, closing = self._opening_and_closing()
        currency = self._currency or next(
            (amount.currency for amount in (*(b.amount for b in (opening, closing) if b), *self._amounts())), ""
        )
        return Statement(
            place=self.place,
            account=self.account,
            bank=self._bank,
            currency=currency,
            statement_id=self._id,
            sequence=self._sequence,
            period_from=self._period[0],
            period_to=self._period[1],
            opening=opening,
            closing=closing,
            entries=tuple(self.entries),
            faults=tuple(self.faults),
            notices=(*self._batches(reader), *self._compare_totals(reader)),
        )

    def _amounts(self) -> list[Amount]:
        return [entry.amount for entry in self.entries[:1]]

    def _opening_and_closing(self) -> tuple[Balance | None, Balance | None]:
        """The booked balances; on a page the intermediate ones take their place."""
        pages = [balance for kind, balance in self._balances if kind == "ITBD"]
        opening = next(iter(self._by_day("OPBD") or self._by_day("PRCD")), None)
        closing = next(reversed(self._by_day("CLBD")), None)
        if opening is None and pages:
            opening = pages.pop(0)
        return opening, closing or (pages[-1] if pages else None)

    def _by_day(self, kind: str) -> list[Balance]:
        """The balances of a kind by their day, in the account's currency where there are several. Some banks state
        those of each day.
        """
        found = [balance for name, balance in self._balances if name == kind]
        own = [balance for balance in found if balance.amount.currency == self._currency]
        return sorted(own or found[:1], key=lambda balance: balance.on or date.min)

    def _batches(self, reader: EntryReader) -> list[Notice]:
        places = reader.whole_batches
        if not places:
            return []
        message = N_("Line %(place)s: batches whose payments are missing or do not sum up: %(count)s. They stay whole.")
        return [Notice(places[0], message, {"place": places[0], "count": len(places)}, kind=NoticeKind.BATCH)]

    def _compare_totals(self, reader: EntryReader) -> list[Notice]:
        """Hold the totals that the bank states against the entries. Some banks count the payments of batches."""
        count, _ = self._totals.get("TtlNtries", (None, ""))
        found = len(self.entries) + len(self.faults)
        counted = {found, reader.transactions + len(self.faults)}
        if count is not None and count not in counted and not self._is_page:
            if count > found:
                message = N_(
                    "Line %(place)s: the statement holds %(found)s entries instead of %(count)s: it is cut off. "
                    "Download the file again."
                )
                raise UnreadableStatement(message, self.place, found=found, count=count)
            return [self._totals_differ()]
        sides = (("TtlCdtNtries", Direction.CREDIT), ("TtlDbtNtries", Direction.DEBIT))
        if not self._is_page and not all(self._total_holds(*side) for side in sides):
            return [self._totals_differ()]
        return []

    def _total_holds(self, total: str, direction: Direction) -> bool:
        """Whether a total is that of all entries, or of the booked ones."""
        _, text = self._totals.get(total, (None, ""))
        if not text or self.faults:
            return True
        try:
            stated = Decimal(text)
        except InvalidOperation:
            return False
        entries = [entry for entry in self.entries if entry.direction is direction]
        booked = [entry for entry in entries if entry.status is Status.BOOKED]
        return any(stated == sum(entry.amount.decimal for entry in chosen) for chosen in (entries, booked))

    def _totals_differ(self) -> Notice:
        message = N_("Line %(place)s: the totals that the bank states are not those of the entries.")
        return Notice(self.place, message, {"place": self.place}, kind=NoticeKind.TOTALS)
