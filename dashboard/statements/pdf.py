"""Draw a monthly statement as PDF, in the look of the vendor's other papers (R17, R19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.invoices.pdf import draw_page
from dashboard.invoices.rules import BankDetails
from dashboard.statements.rules import StatementSnapshot


@dataclass(frozen=True)
class _Page:
    """What the common page and the QR code need to know of a statement."""

    number: str
    issued_on: date
    language: str
    currency: str
    total_minor: int
    reference: str
    seller: dict[str, Any]
    bank: BankDetails
    paid_on: date | None

    @property
    def is_payable(self) -> bool:
        return self.paid_on is None


def render_pdf(content: StatementSnapshot, paid_on: date | None = None) -> bytes:
    """The statement as PDF, in its own language; paid, it says so and has no QR code (R19).

    Raises:
        DrawingError: if the page has a fault, or a character that the font does not have.
    """
    page = _Page(
        number=content.number,
        issued_on=content.issued_on,
        language=content.language,
        currency=content.currency,
        total_minor=content.total_minor,
        reference=content.reference,
        seller=content.seller,
        bank=BankDetails(**content.bank),
        paid_on=paid_on,
    )
    return draw_page("pdf/statement.html", page, statement=content)
