"""Catalog files for tests."""

from __future__ import annotations

import csv
import io

from dashboard.vendor import DEMO_VENDOR

#: The demo's catalog: 340 SKUs in three currencies.
DEMO = DEMO_VENDOR.parent / "data" / "catalog.csv"

GOOD = {
    "sku": "VIEWER-NET-DSB",
    "brand": "GroupDocs",
    "product": "GroupDocs.Viewer for .NET",
    "platform": ".NET",
    "plan": "Developer Small Business",
    "scope_en": "1 developer, 1 deployment location",
    "scope_ru": "1 разработчик, 1 место развёртывания",
    "description_en": "Shows documents",
    "description_ru": "Показывает документы",
    "price_usd": "1199.00",
    "price_eur": "1103.5",
    "price_rub": "110300",
}


def file_of(*rows: dict[str, str]) -> bytes:
    """A catalog file; what a row does not say is as in `GOOD`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [*GOOD])
    writer.writeheader()
    writer.writerows(GOOD | row for row in rows)
    return text.getvalue().encode()
