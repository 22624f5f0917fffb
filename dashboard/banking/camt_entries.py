"""One entry of a camt.053 statement: its sum, its dates, and who paid what for."""

from __future__ import annotations

from dataclasses import replace

from dashboard.banking.camt_xml import Node
from dashboard.banking.rules import Amount, Details, Direction, Entry, Part, Party, Place, Status
from dashboard.banking.values import Absurd, BadValue, account_of, clipped, given, reference_of, spread
from dashboard.errors import N_

_STATUS = {"BOOK": Status.BOOKED, "PDNG": Status.PENDING, "FUTR": Status.PENDING, "INFO": Status.INFO}

#: Bank transaction codes (sub-families) of payments that came back.
_RETURNED = frozenset({"RRTN", "RPCR", "UPDD", "PRDD"})


class EntryReader:
    """Reads the entries of one statement, and remembers which batches the bank did not take apart soundly."""

    def __init__(self) -> None:
        self.whole_batches: list[Place] = []
        self.transactions = 0  #: payments, those of batches one by one

    def read(self, element: Node, place: Place, account: str) -> Entry:
        """The entry.

        Args:
            account: whose statement it is, to tell the other side from it.

        Raises:
            BadValue: if sum, direction, status or dates cannot be read.
        """
        amount = element.amount("Amt")
        if amount is None:
            raise BadValue(N_("Line %(place)s: the entry has no sum."))
        value_on, booked_on = element.day("ValDt"), element.day("BookgDt")
        dated = booked_on or value_on
        if dated is None:
            raise BadValue(N_("Line %(place)s: the entry has no date."))
        transactions = element.find_all("NtryDtls/TxDtls")
        self.transactions += max(1, len(transactions))
        code = self._code(element)
        entry = Entry(
            place=place,
            amount=amount,
            direction=element.direction(),
            booked_on=dated,
            value_on=value_on,
            has_booking_date=booked_on is not None,
            status=self._status(element, booked=booked_on is not None),
            is_reversal=element.text("RvslInd") in {"true", "1"},
            bank_id=given(element.text("AcctSvcrRef")),
            bank_reference=given(element.text("NtryRef")),
            code=code,
            text=element.text("AddtlNtryInf"),
            charges=self._charges(element),
            is_return=code.rpartition("-")[2] in _RETURNED,
        )
        counts = (batch.number("NbOfTxs") for batch in element.find_all("NtryDtls/Btch"))
        expected = sum(count or 0 for count in counts) or len(transactions)
        if len(transactions) == expected == 1:
            return self._single(entry, transactions[0], element, account)
        if not transactions and expected <= 1:
            return replace(entry, original=self._original(element, amount))
        return self._batch(entry, transactions, expected, account)

    def _status(self, element: Node, *, booked: bool) -> Status:
        """The status as a code (version 8) or plain (before); an entry without one is booked if it has that date."""
        text = element.text("Sts/Cd", "Sts")
        if not text and booked:
            return Status.BOOKED
        if text not in _STATUS:
            raise BadValue(N_("Line %(place)s: the status “%(value)s” is not known."), value=clipped(text))
        return _STATUS[text]

    def _code(self, element: Node) -> str:
        steps = ("BkTxCd/Domn/Cd", "BkTxCd/Domn/Fmly/Cd", "BkTxCd/Domn/Fmly/SubFmlyCd")
        domain = [text for step in steps if (text := element.text(step))]
        return "-".join(domain) or element.text("BkTxCd/Prtry/Cd")

    def _single(self, entry: Entry, transaction: Node, element: Node, account: str) -> Entry:
        """An entry for one payment takes over what is told of that."""
        details = self._details(transaction, entry, account)
        return replace(
            entry,
            **spread(
                replace(
                    details,
                    text=details.text or entry.text,
                    charges=details.charges or entry.charges,
                    original=details.original or self._original(element, entry.amount),
                    is_return=details.is_return or entry.is_return,
                )
            ),
            bank_id=entry.bank_id or given(transaction.text("Refs/AcctSvcrRef")),
        )

    def _batch(self, entry: Entry, transactions: list[Node], expected: int, account: str) -> Entry:
        """An entry for many payments gets parts, if they are all there and sum up; else it stays whole."""
        parts = []
        details = []
        for number, transaction in enumerate(transactions, start=1):
            try:
                told = self._details(transaction, entry, account)
                details.append(told)
                parts.append(self._part(transaction, told, entry, number))
            except Absurd:
                raise
            except BadValue:
                continue
        if len(parts) == expected and sum(part.signed for part in parts) == entry.signed:
            return replace(entry, parts=tuple(parts))
        self.whole_batches.append(entry.place)
        text = " ".join(filter(None, (entry.text, *(told.text for told in details))))
        references = tuple(dict.fromkeys(reference for told in details for reference in told.references))
        return replace(entry, text=text, references=references)

    def _part(self, transaction: Node, details: Details, entry: Entry, number: int) -> Part:
        amounts = (transaction.amount(path) for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"))
        amount = next((amount for amount in amounts if amount and amount.currency == entry.amount.currency), None)
        if amount is None:
            raise BadValue(N_("Line %(place)s: the entry has no sum."))
        marked = transaction.has("CdtDbtInd")
        return Part(
            place=Place(transaction.line, f"{entry.place.path}/TxDtls[{number}]"),
            amount=amount,
            direction=transaction.direction() if marked else entry.direction,
            bank_id=given(transaction.text("Refs/AcctSvcrRef")),
            **spread(details),
        )

    def _details(self, transaction: Node, entry: Entry, account: str) -> Details:
        remittance = [
            *transaction.texts("RmtInf/Ustrd"),
            *transaction.texts("RmtInf/Strd/RfrdDocInf/Nb"),
            *transaction.texts("RmtInf/Strd/AddtlRmtInf"),
        ]
        references = map(reference_of, transaction.texts("RmtInf/Strd/CdtrRefInf/Ref"))
        return Details(
            party=self._counterparty(transaction, entry, account),
            end_to_end_id=given(transaction.text("Refs/EndToEndId")),
            references=tuple(dict.fromkeys(filter(None, references))),
            text=" ".join(remittance) or transaction.text("AddtlTxInf"),
            original=self._original(transaction, entry.amount),
            charges=self._charges(transaction),
            is_return=transaction.has("RtrInf"),
        )

    def _original(self, element: Node, booked: Amount) -> Amount | None:
        """What was sent, if it is not what was booked."""
        for path in ("AmtDtls/InstdAmt/Amt", "AmtDtls/TxAmt/Amt", "Amt"):
            amount = element.amount(path)
            if amount and amount.minor and amount != booked:
                return amount
        return None

    def _charges(self, element: Node) -> Amount | None:
        total = element.amount("Chrgs/TtlChrgsAndTaxAmt")
        if total:
            return total
        amounts = [
            amount
            for path in ("Chrgs/Rcrd", "Chrgs")
            for record in element.find_all(path)
            if (amount := record.amount("Amt"))
        ]
        if len({amount.currency for amount in amounts}) != 1:
            return None
        return Amount(sum(amount.minor for amount in amounts), amounts[0].currency)

    def _counterparty(self, transaction: Node, entry: Entry, account: str) -> Party:
        """Who paid, or was paid; in a payment that comes back the sides may have kept their first roles."""
        came_in = (entry.direction is Direction.CREDIT) is not entry.is_reversal
        near, far = ("Dbtr", "Cdtr") if came_in else ("Cdtr", "Dbtr")
        party = self._party(transaction, near)
        if party and party.account != account:
            return party
        other = self._party(transaction, far)
        return other if other and other.account != account else party

    def _party(self, transaction: Node, side: str) -> Party:
        """`Dbtr` or `Cdtr`, else the ultimate one; `Pty` stands in between since version 8."""
        base, agent = f"RltdPties/{side}", f"RltdAgts/{side}Agt/FinInstnId"
        names = (f"{base}/Nm", f"{base}/Pty/Nm", f"{base}/Agt/FinInstnId/Nm")
        ultimate = f"RltdPties/Ultmt{side}"
        return Party(
            name=transaction.text(*names, f"{ultimate}/Nm", f"{ultimate}/Pty/Nm"),
            account=account_of(transaction.text(f"{base}Acct/Id/IBAN", f"{base}Acct/Id/Othr/Id")),
            bank=transaction.text(f"{agent}/BICFI", f"{agent}/BIC", f"{agent}/ClrSysMmbId/MmbId"),
            tax_number=self._tax_number(transaction, base),
        )

    def _tax_number(self, transaction: Node, base: str) -> str:
        for path in (f"{base}/Id/OrgId/Othr", f"{base}/Pty/Id/OrgId/Othr"):
            for other in transaction.find_all(path):
                if other.text("SchmeNm/Cd") == "TXID":
                    return other.text("Id")
        return ""
