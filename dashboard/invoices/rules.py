"""What stands on a pro-forma, an invoice, a supplementary invoice or a credit note, as it was issued (R11, R19, R27).

A snapshot copies every party, line and sum. It is kept as JSON and never follows a later change. Sums are minor units
of the paper's currency; rates are parts per million; texts are in the paper's own language. Nothing here is looked up.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from dashboard.errors import N_
from dashboard.money import CURRENCIES, WHOLE, round_half_up


class PaperKind(StrEnum):
    PRO_FORMA = "pro_forma"
    INVOICE = "invoice"
    SUPPLEMENT = "supplement"  #: a supplementary invoice: tax that an invoice did not charge (R29)
    CREDIT_NOTE = "credit_note"


#: The gapless series of each kind (R27). A pro-forma has no invoice number: it is named by its order.
SERIES = {
    PaperKind.INVOICE: PaperKind.INVOICE,
    PaperKind.SUPPLEMENT: PaperKind.INVOICE,
    PaperKind.CREDIT_NOTE: PaperKind.CREDIT_NOTE,
}

#: What the numbers of a series begin with.
PREFIX = {PaperKind.INVOICE: "", PaperKind.CREDIT_NOTE: "CN-"}


class TaxNote(StrEnum):
    """Why a paper carries no tax (R28). What it says of sales tax stands in the paper's template."""

    NONE = ""
    EXPORT = "export"
    REVERSE_CHARGE = "reverse_charge"
    US_EXEMPT = "us_exempt"
    US_NOT_TAXABLE = "us_not_taxable"


#: What a paper says where no VAT is charged.
NO_VAT = {
    TaxNote.REVERSE_CHARGE: N_("Reverse charge: the VAT is accounted for by the recipient."),
    TaxNote.EXPORT: N_(
        "Export: no VAT is charged, because the buyer's place of business is outside the seller's VAT area."
    ),
}


class Taken(StrEnum):
    """How much of an invoice a credit note takes back."""

    WHOLE = "whole"
    PART = "part"  #: the rest stands
    REST = "rest"  #: all that earlier credit notes left


class Settlement(StrEnum):
    """How it stands with what an invoice asked for."""

    PAID = "paid"
    DUE = "due"
    OVERDUE = "overdue"
    WRITTEN_OFF = "written_off"  #: a rest of it will never come
    CREDITED = "credited"  #: credit notes took back all that was not paid, and nothing was


#: Papers that correct an invoice; they name it.
CORRECTIONS = frozenset({PaperKind.SUPPLEMENT, PaperKind.CREDIT_NOTE})


@dataclass(frozen=True)
class Party:
    """The seller or the buyer."""

    name: str
    address: tuple[str, ...]  #: lines, without the country
    country: str  #: ISO 3166 code
    tax_ids: tuple[tuple[str, str], ...] = ()  #: (label in the paper's language, value); registrations too
    email: str = ""
    city: str = ""  #: with the next two what the last line of the address is made of, where that is known
    postal_code: str = ""
    state: str = ""


@dataclass(frozen=True)
class PaperLine:
    """One line; `unit_minor × quantity == net_minor`. A credit note's line has a negative quantity."""

    position: int
    sku: str
    description: str  #: product name
    plan: str
    quantity: int
    retail_minor: int  #: retail price of one
    unit_minor: int  #: partner price of one
    net_minor: int
    scope: str = ""  #: what the plan covers, in the paper's language


@dataclass(frozen=True)
class TaxLine:
    """Tax at one rate, rounded once, on the sum of the net lines that it applies to (R11).

    Of a part that is taken back it is what the tax on the rest falls short of the tax before: so the tax on what still
    stands is rounded once as well, and the parts together come to the whole, to the cent.
    """

    kind: str  #: `sales_tax` or `vat`
    place: str  #: of the rate: `US-TX`, `EE`
    rate: int
    base_minor: int
    amount_minor: int
    before_minor: int = 0  #: of a part that is taken back: the base before

    @property
    def adds_up(self) -> bool:
        before = self.before_minor
        return self.amount_minor == tax_on(before + self.base_minor, self.rate) - tax_on(before, self.rate)


@dataclass(frozen=True)
class CertificateCopy:
    """What a paper keeps of the certificate by which it carries no sales tax (R29)."""

    number: str
    state: str
    digest: str  #: of the file, as the buyer uploaded it


@dataclass(frozen=True)
class BankDetails:
    """Where to pay: the seller's account for the paper's currency."""

    holder: str
    bank: str
    number: str  #: IBAN, or the account number where there is none
    bic: str = ""
    correspondent_account: str = ""  #: RUB only
    tax_number: str = ""  #: RUB only: INN of the holder
    bank_address: str = ""


@dataclass(frozen=True)
class PaperSnapshot:
    """Everything that stands on one paper. `number` is empty until the paper is issued.

    Raises:
        ValueError: if sums do not add up, or a fact that its kind calls for is missing.
    """

    kind: PaperKind
    issued_on: date
    language: str
    currency: str
    order_id: str
    seller: Party
    buyer: Party
    ship_to: tuple[str, ...]  #: the end customer: name, company, place; one string a line
    lines: tuple[PaperLine, ...]
    taxes: tuple[TaxLine, ...]
    net_minor: int
    tax_minor: int
    total_minor: int
    discount: int
    reference: str  #: RF creditor reference of the order, compact
    bank: BankDetails
    number: str = ""
    tax_note: TaxNote = TaxNote.NONE
    po_number: str = ""
    due_on: date | None = None
    paid_on: date | None = None
    valid_until: date | None = None  #: a pro-forma's last day (R12)
    corrects: tuple[str, date] | None = None  #: number and date of the invoice that is taken back or added to
    certificate: CertificateCopy | None = None
    reason: str = ""  #: why tax is billed afterwards, in the words of whoever decided it
    taken: Taken = Taken.WHOLE  #: of a credit note only

    def __post_init__(self) -> None:
        for holds, fault in (
            (self.currency in CURRENCIES, "unknown currency"),
            (bool(self.lines) or self.is_tax_alone, "no lines"),
            (all(line.net_minor == line.unit_minor * line.quantity for line in self.lines), "a line's sum"),
            (self.net_minor == sum(line.net_minor for line in self.lines), "the sum of the lines"),
            (all(tax.adds_up for tax in self.taxes), "the tax at a rate"),
            (self.tax_minor == sum(tax.amount_minor for tax in self.taxes), "the sum of the taxes"),
            (self.total_minor == self.net_minor + self.tax_minor, "the total"),
            ((self.kind is PaperKind.PRO_FORMA) == (self.valid_until is not None), "a pro-forma's last day"),
            ((self.kind in CORRECTIONS) == (self.corrects is not None), "the invoice that is corrected"),
        ):
            if not holds:
                raise ValueError(f"{self.kind} {self.number or self.order_id}: {fault} is wrong")

    @property
    def is_tax_alone(self) -> bool:
        """Whether the paper corrects nothing but the tax: it has no lines then."""
        return self.kind in CORRECTIONS and not self.lines and bool(self.taxes)

    @property
    def is_payable(self) -> bool:
        """Whether the paper asks for money: it then says how to pay (R19)."""
        return self.kind is not PaperKind.CREDIT_NOTE and self.paid_on is None and self.total_minor > 0

    @property
    def no_vat(self) -> str:
        """Why no VAT is charged, to be translated; empty where some is, or where there is none in the land."""
        return NO_VAT.get(self.tax_note, "")

    @property
    def retail_sum_minor(self) -> int:
        """What the lines would cost at retail prices."""
        return sum(line.retail_minor * line.quantity for line in self.lines)

    def to_json(self) -> dict[str, Any]:
        """Plain values that JSON keeps exactly."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> PaperSnapshot:
        """The snapshot that `to_json` wrote."""
        corrects, certificate = facts["corrects"], facts.get("certificate")
        return cls(
            **facts
            | {
                "kind": PaperKind(facts["kind"]),
                "tax_note": TaxNote(facts["tax_note"]),
                "taken": Taken(facts.get("taken", Taken.WHOLE)),
                "seller": _party(facts["seller"]),
                "buyer": _party(facts["buyer"]),
                "ship_to": tuple(facts["ship_to"]),
                "lines": tuple(PaperLine(**line) for line in facts["lines"]),
                "taxes": tuple(TaxLine(**tax) for tax in facts["taxes"]),
                "bank": BankDetails(**facts["bank"]),
                "certificate": CertificateCopy(**certificate) if certificate else None,
                "corrects": (corrects[0], date.fromisoformat(corrects[1])) if corrects else None,
            }
            | {
                name: date.fromisoformat(facts[name]) if facts[name] else None
                for name in ("issued_on", "due_on", "paid_on", "valid_until")
            }
        )


def settlement(
    *, open_minor: int, paid_minor: int, written_off_minor: int, due_on: date | None, today: date
) -> Settlement:
    """How it stands with an invoice, by the sums of its entries: a due date is kept until its evening (R14, R15).

    Args:
        paid_minor: what transfers have paid of it, with the charges of banks that were taken over.
        due_on: None: it was prepaid.
    """
    if open_minor > 0:
        return Settlement.OVERDUE if due_on and due_on < today else Settlement.DUE
    if written_off_minor > 0:
        return Settlement.WRITTEN_OFF
    return Settlement.PAID if paid_minor > 0 else Settlement.CREDITED


def tax_on(base_minor: int, rate: int) -> int:
    """Tax in minor units on a net sum, rounded half up once (R11); a negative sum gives the same with a minus."""
    return round_half_up(Decimal(base_minor) * rate / WHOLE)


def paper_number(kind: PaperKind, year: int, sequence: int) -> str:
    """Number of an invoice or credit note: `2026-000123`, `CN-2026-000001` (R27)."""
    return f"{PREFIX[SERIES[kind]]}{year}-{sequence:06}"


def pro_forma_number(order_id: str, issue: int = 1) -> str:
    """Name of an order's pro-forma, which carries no invoice number (R27); `issue` counts those that replace it."""
    return f"PF-{order_id}" if issue == 1 else f"PF-{order_id}-{issue}"


def _party(facts: dict[str, Any]) -> Party:
    tax_ids = tuple((label, value) for label, value in facts["tax_ids"])
    return Party(**facts | {"address": tuple(facts["address"]), "tax_ids": tax_ids})


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return str(value) if isinstance(value, StrEnum) else value
