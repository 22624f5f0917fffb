"""Small writers of statement files: what they write, the readers must read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

from dashboard.banking.mappings import CsvMapping
from dashboard.banking.rules import Entry, StatementFile

SAMPLES = Path(__file__).parent / "samples"
IBAN = "DE02120300000000202051"
ACCOUNT_1C = "40702810200000000001"
DAY = date(2026, 3, 16)


@dataclass(frozen=True)
class Row:
    """A transfer; `minor` is below zero for money that went out."""

    minor: int = 119_900
    day: date = DAY
    name: str = "Softline Ltd"
    account: str = "NL56AGDH9619008421"
    text: str = "Invoice 17"
    end_to_end_id: str = ""
    bank_id: str = ""

    @property
    def amount(self) -> Decimal:
        return Decimal(abs(self.minor)).scaleb(-2)


@dataclass(frozen=True)
class Written:
    """A statement to write."""

    rows: Sequence[Row] = field(default_factory=lambda: [Row()])
    opening: int = 100_000

    @property
    def closing(self) -> int:
        return self.opening + sum(row.minor for row in self.rows)

    @property
    def first(self) -> date:
        return min((row.day for row in self.rows), default=DAY)

    @property
    def last(self) -> date:
        return max((row.day for row in self.rows), default=DAY)


def facts(file: StatementFile) -> list[tuple[object, ...]]:
    """What a round trip must keep."""
    return [_facts(entry) for entry in file.entries]


def _facts(entry: Entry) -> tuple[object, ...]:
    return (entry.signed, entry.booked_on, entry.party.name, entry.party.account, entry.text, entry.end_to_end_id)


def expected(written: Written) -> list[tuple[object, ...]]:
    return [(row.minor, row.day, row.name, row.account, row.text, row.end_to_end_id) for row in written.rows]


def camt(written: Written, version: int = 8, more: str = "", statement: str = "1") -> bytes:
    """A camt.053 file; `more` is put in after the entries."""
    return camt_document(camt_statement(written, version, more, statement), version)


def camt_statement(written: Written, version: int = 8, more: str = "", statement: str = "1") -> str:
    entries = "".join(camt_entry(row, version) for row in written.rows)
    balances = camt_balance("OPBD", written.opening, written.first) + camt_balance(
        "CLBD", written.closing, written.last
    )
    account = f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    return f"<Stmt><Id>{statement}</Id>{account}{balances}{entries}{more}</Stmt>"


def camt_document(body: str, version: int = 8, message: str = "BkToCstmrStmt", kind: str = "053") -> bytes:
    namespace = f"urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version:02}"
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{namespace}"><{message}>'
    return f"{head}<GrpHdr><MsgId>M</MsgId></GrpHdr>\n{body}</{message}></Document>\n".encode()


def camt_balance(kind: str, minor: int, day: date, currency: str = "EUR") -> str:
    mark = "CRDT" if minor >= 0 else "DBIT"
    amount = f'<Amt Ccy="{currency}">{Decimal(abs(minor)).scaleb(-2)}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
    return f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{amount}<Dt><Dt>{day}</Dt></Dt></Bal>\n"


def camt_entry(row: Row, version: int = 8, details: str | None = None, before: str = "") -> str:
    """An entry; `details` replace its NtryDtls, `before` stands in front of them."""
    came_in = row.minor >= 0
    status = "<Sts><Cd>BOOK</Cd></Sts>" if version >= 8 else "<Sts>BOOK</Sts>"
    bank_id = f"<AcctSvcrRef>{row.bank_id}</AcctSvcrRef>" if row.bank_id else ""
    head = f'<Amt Ccy="EUR">{row.amount}</Amt><CdtDbtInd>{"CRDT" if came_in else "DBIT"}</CdtDbtInd>{status}'
    days = f"<BookgDt><Dt>{row.day}</Dt></BookgDt><ValDt><Dt>{row.day}</Dt></ValDt>{bank_id}{before}"
    details = f"<NtryDtls>{camt_details(row, version)}</NtryDtls>" if details is None else details
    return f"<Ntry>{head}{days}{details}</Ntry>\n"


def camt_details(row: Row, version: int = 8, amount: str = "") -> str:
    side = "Dbtr" if row.minor >= 0 else "Cdtr"
    name = f"<Nm>{escape(row.name)}</Nm>"
    party = f"<{side}>{f'<Pty>{name}</Pty>' if version >= 8 else name}</{side}>"
    account = f"<{side}Acct><Id><IBAN>{row.account}</IBAN></Id></{side}Acct>"
    references = f"<Refs><EndToEndId>{escape(row.end_to_end_id) or 'NOTPROVIDED'}</EndToEndId></Refs>"
    remittance = f"<RmtInf><Ustrd>{escape(row.text)}</Ustrd></RmtInf>"
    return f"<TxDtls>{references}{amount}<RltdPties>{party}{account}</RltdPties>{remittance}</TxDtls>"


def mt940(written: Written, end: str = "-\n") -> bytes:
    """An MT940 statement, its texts in the words between slashes that Dutch banks use."""
    lines = [":20:1", f":25:{IBAN}", ":28C:1/1", _mt940_balance("60F", written.opening, written.first)]
    for row in written.rows:
        lines += mt940_entry(row)
    return "\n".join([*lines, _mt940_balance("62F", written.closing, written.last), end]).encode()


def mt940_entry(row: Row) -> list[str]:
    mark = "C" if row.minor >= 0 else "D"
    amount = str(row.amount).replace(".", ",")
    line = f":61:{row.day:%y%m%d}{row.day:%m%d}{mark}{amount}NTRFNONREF{f'//{row.bank_id}' if row.bank_id else ''}"
    reference = f"/EREF/{row.end_to_end_id}" if row.end_to_end_id else ""
    text = f":86:/IBAN/{row.account}/NAME/{row.name}{reference}/REMI/{row.text}"
    return [line, *(text[start : start + 65] for start in range(0, len(text), 65))]


def _mt940_balance(tag: str, minor: int, day: date) -> str:
    amount = str(Decimal(abs(minor)).scaleb(-2)).replace(".", ",")
    return f":{tag}:{'C' if minor >= 0 else 'D'}{day:%y%m%d}EUR{amount}"


def one_c(written: Written, encoding: str = "cp1251", account: str = ACCOUNT_1C) -> bytes:
    """A 1CClientBankExchange file with Windows line ends."""
    period = [f"ДатаНачала={written.first:%d.%m.%Y}", f"ДатаКонца={written.last:%d.%m.%Y}"]
    lines = ["1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", *period, f"РасчСчет={account}"]
    lines += one_c_section(account, period, written.opening, written.closing)
    for row in written.rows:
        lines += one_c_document(row, account)
    return "\r\n".join([*lines, "КонецФайла", ""]).encode(encoding)


def one_c_section(account: str, period: list[str], opening: int, closing: int) -> list[str]:
    balances = [f"НачальныйОстаток={Decimal(opening).scaleb(-2)}", f"КонечныйОстаток={Decimal(closing).scaleb(-2)}"]
    return ["СекцияРасчСчет", *period, f"РасчСчет={account}", *balances, "КонецРасчСчет"]


def one_c_document(row: Row, account: str = ACCOUNT_1C) -> list[str]:
    came_in = row.minor >= 0
    own, other = ("Получатель", "Плательщик") if came_in else ("Плательщик", "Получатель")
    return [
        "СекцияДокумент=Платежное поручение",
        *("Номер=1", f"Дата={row.day:%d.%m.%Y}", f"Сумма={row.amount}"),
        f"{'ДатаПоступило' if came_in else 'ДатаСписано'}={row.day:%d.%m.%Y}",
        *(f"{own}Счет={account}", f"{other}1={row.name}", f"{other}РасчСчет={row.account}"),
        *(f"НазначениеПлатежа={row.text}", "КонецДокумента"),
    ]


MAPPING = CsvMapping(
    booked_on=0,
    amount=1,
    party_name=2,
    party_account=3,
    text=(4,),
    end_to_end_id=5,
    balance=6,
    currency="EUR",
    account=IBAN,
)


def table(written: Written) -> bytes:
    """A CSV file as `MAPPING` says."""
    lines, balance = ["Buchungstag;Betrag;Name;IBAN;Verwendungszweck;EndToEnd;Saldo"], written.opening
    for row in written.rows:
        balance += row.minor
        sums = [str(Decimal(minor).scaleb(-2)).replace(".", ",") for minor in (row.minor, balance)]
        cells = [f"{row.day:%d.%m.%Y}", sums[0], row.name, row.account, row.text, row.end_to_end_id, sums[1]]
        lines.append(";".join(f'"{cell}"' for cell in cells))
    return "\n".join([*lines, ""]).encode()


def later(days: int) -> date:
    return DAY + timedelta(days=days)
