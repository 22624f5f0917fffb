"""Quotes and logos to test with."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from PIL import Image

from dashboard.quotes.rules import PaperLine, Party, QuoteSnapshot


def a_logo(width: int = 300, height: int = 100, kind: str = "PNG", mode: str = "RGB") -> bytes:
    """A picture of one color."""
    file = io.BytesIO()
    Image.new(mode, (width, height), 7 if mode == "P" else (31, 95, 191, 120)[: len(mode)]).save(file, kind)
    return file.getvalue()


def a_line(position: int = 1, **facts: Any) -> PaperLine:
    """A line of three at 1,250.00."""
    known = {
        "sku": "VIEWER-DSB", "description": "GroupDocs.Viewer for .NET", "plan": "Developer Small Business",
        "scope": "1 developer", "quantity": 3, "unit_minor": 125_000, "net_minor": 375_000,
    }  # fmt: skip
    return PaperLine(position=position, **{**known, **facts})


def a_snapshot(**facts: Any) -> QuoteSnapshot:
    """A quote of a Romashka to a Nordwind, 24 % VAT on three pieces."""
    known: dict[str, Any] = {
        "number": "Q-1234-5678", "issued_on": date(2026, 11, 23), "valid_until": date(2026, 12, 23),
        "language": "en", "currency": "EUR",
        "seller": Party("Romashka OÜ", ("Pikk 1", "Tallinn 10123"), "EE", (("VAT number", "EE100931558"),)),
        "customer": Party("Nordwind GmbH", ("Jan Petersen", "Hafenstraße 1", "20095 Hamburg"), "DE"),
        "lines": (a_line(),), "net_minor": 375_000, "tax_minor": 90_000, "total_minor": 465_000,
        "website": "https://romashka.example", "contact": ("Anna Kask", "anna@romashka.example"),
        "tax_label": "VAT", "tax_rate": 240_000, "terms": "Pay within 10 days.", "note": "As agreed.",
        "reference": "KP-17",
    }  # fmt: skip
    return QuoteSnapshot(**{**known, **facts})
