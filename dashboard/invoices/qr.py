"""What a QR code for a bank transfer says: EPC069-12 for EUR, ST00012 (GOST R 56042) for RUB (R19)."""

from __future__ import annotations

from typing import Protocol

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
