"""Draw a quote as PDF: the reseller's letterhead, nothing of the vendor's (R25, R30)."""

from __future__ import annotations

import base64

from dashboard.documents.pictures import size_of
from dashboard.invoices.pdf import draw
from dashboard.quotes.rules import QuoteSnapshot

#: The frame that a logo is fitted into, in millimeters.
LOGO = (60, 22)


def render_pdf(content: QuoteSnapshot, logo: bytes | None = None) -> bytes:
    """The quote as PDF, in its own language; the same facts give the same bytes.

    Args:
        logo: the reseller's, as `documents.pictures.logo_of` has made it.

    Raises:
        DrawingError: if the page has a fault, or a character that the font does not have.
    """
    return draw("pdf/quote.html", content, logo=_picture(logo) if logo else None)


def _picture(logo: bytes) -> dict[str, str]:
    """The logo as a picture inside the page, as large as the frame lets it be."""
    width, height = size_of(logo)
    scale = min(LOGO[0] / width, LOGO[1] / height)
    return {
        "source": f"data:image/png;base64,{base64.b64encode(logo).decode()}",
        "width": f"{width * scale:.2f}mm",
        "height": f"{height * scale:.2f}mm",
    }
