"""Draw a quote as PDF: the reseller's letterhead, nothing of the vendor's (R25, R30)."""

from __future__ import annotations

from dashboard.invoices.pdf import draw
from dashboard.quotes.rules import QuoteSnapshot


def render_pdf(content: QuoteSnapshot, logo: bytes = b"") -> bytes:
    """The quote as PDF, in its own language; the same facts give the same bytes.

    Args:
        logo: the reseller's, as `pictures.logo_of` has made it.

    Raises:
        DrawingError: if the page has a fault, or a character that the font does not have.
    """
    return draw("pdf/quote.html", content, letterhead=logo)
