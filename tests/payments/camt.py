"""Writes small camt.053 files, as a bank would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from dashboard.clock import today

IBAN = "EE382200221020145685"  #: the demo vendor's


@dataclass(frozen=True)
class Payment:
    """One entry; `amount` in major units, below zero for money that went out."""

    amount: str
    text: str = ""
    name: str = "Romashka Ltd"
    account: str = "GB29NWBK60161331926819"
    bank_id: str = ""
    currency: str = "USD"
    reversal: bool = False
    status: str = "BOOK"
    day: date | None = None
    value_day: date | None = None


def camt(*payments: Payment, account: str = IBAN, currency: str = "USD", wrong_by: str = "0") -> bytes:
    """The bytes of a file; `wrong_by` is added to the closing balance."""
    booked = (Decimal(one.amount) for one in payments if one.status == "BOOK")
    closing = sum(booked, Decimal(1000)) + Decimal(wrong_by)
    day = today().isoformat()
    entries = "".join(_entry(one) for one in payments)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>{day}T06:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S</Id><CreDtTm>{day}T06:00:00</CreDtTm><Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>
{_balance("OPBD", Decimal(1000), currency)}{_balance("CLBD", closing, currency)}{entries}</Stmt>
</BkToCstmrStmt></Document>""".encode()


def _balance(code: str, amount: Decimal, currency: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{abs(amount)}</Amt>'
        f"<CdtDbtInd>{'DBIT' if amount < 0 else 'CRDT'}</CdtDbtInd><Dt><Dt>{today()}</Dt></Dt></Bal>"
    )


def _entry(one: Payment) -> str:
    amount, day = Decimal(one.amount), (one.day or today()).isoformat()
    value_day = one.value_day.isoformat() if one.value_day else day
    reversal = "<RvslInd>true</RvslInd>" if one.reversal else ""
    bank_id = f"<AcctSvcrRef>{one.bank_id}</AcctSvcrRef>" if one.bank_id else ""
    return (
        f'<Ntry><Amt Ccy="{one.currency}">{abs(amount)}</Amt><CdtDbtInd>{"DBIT" if amount < 0 else "CRDT"}</CdtDbtInd>'
        f"{reversal}<Sts>{one.status}</Sts><BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{value_day}</Dt></ValDt>{bank_id}"
        f"<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>{escape(one.name)}</Nm></Dbtr><DbtrAcct><Id><IBAN>{one.account}</IBAN>"
        f"</Id></DbtrAcct></RltdPties><RmtInf><Ustrd>{escape(one.text)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )
