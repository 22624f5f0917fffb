"""What a QR code for a bank transfer says: EPC069-12 for EUR, ST00012 (GOST R 56042) for RUB (R19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import segno

from dashboard.invoices.rules import BankDetails
from dashboard.money import Money


class Payable(Protocol):
    """What may ask for money: a paper, or a monthly statement."""

    @property
    def number(self) -> str: ...

    @property
    def currency(self) -> str: ...

    @property
    def total_minor(self) -> int: ...

    @property
    def reference(self) -> str: ...

    @property
    def bank(self) -> BankDetails: ...

    @property
    def is_payable(self) -> bool: ...


@dataclass(frozen=True)
class Open:
    """What is open of a paper or a monthly statement today: another sum than it asked for, if a part was paid."""

    number: str
    amount: Money
    reference: str
    bank: BankDetails

    @property
    def currency(self) -> str:
        return self.amount.currency

    @property
    def total_minor(self) -> int:
        return self.amount.minor

    @property
    def is_payable(self) -> bool:
        return self.amount.minor > 0


def code_of(paper: Payable) -> segno.QRCode | None:
    """The QR code of a paper: level M and UTF-8, as EPC069-12 demands; None where there is none."""
    text = payload(paper)
    return segno.make_qr(text, error="m", boost_error=False, encoding="utf-8") if text else None


def picture_of(paper: Payable) -> str:
    """The QR code as the address of a picture on a page; empty where there is none."""
    code = code_of(paper)
    return str(code.svg_data_uri(border=4, light="#fff", omitsize=True)) if code else ""


def payload(paper: Payable) -> str | None:
    """Text of the QR code of a paper; None where there is none: nothing to pay, or a currency without a standard."""
    if not paper.is_payable:
        return None
    if paper.currency == "EUR":
        return _epc(paper)
    if paper.currency == "RUB":
        return _st00012(paper)
    return None


def _epc(paper: Payable) -> str:
    """European Payments Council guideline EPC069-12, version 002, UTF-8, with a structured reference."""
    amount = Money(paper.total_minor, "EUR").decimal
    account = paper.bank.number.replace(" ", "")
    head = ("BCD", "002", "1", "SCT", paper.bank.bic, paper.bank.holder[:70], account)
    return "\n".join((*head, f"EUR{amount}", "", paper.reference))


def _st00012(paper: Payable) -> str:
    """GOST R 56042-2014, UTF-8: the five facts that it demands first, the sum in kopecks.

    The purpose is in Russian whatever the paper's language: Russian banks demand to read what is paid for.
    """
    bank = paper.bank
    fields = (
        ("Name", bank.holder),
        ("PersonalAcc", bank.number),
        ("BankName", bank.bank),
        ("BIC", bank.bic),
        ("CorrespAcc", bank.correspondent_account or "0"),
        ("PayeeINN", bank.tax_number),
        ("Sum", str(paper.total_minor)),
        ("Purpose", f"Оплата по счёту {paper.number} за лицензии на программы. {paper.reference}"),
    )
    return "|".join(("ST00012", *(f"{name}={value.replace('|', ' ')}" for name, value in fields if value)))
