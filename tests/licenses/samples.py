"""Facts for tests about licenses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from dashboard.licenses.rules import LicenseFacts, LicenseKind

PERMANENT = LicenseFacts(
    serial="WPPK-29FR-8HT2-X4KC",
    kind=LicenseKind.PERMANENT,
    licensee="ООО «Ромашка» & <Söhne>",
    contact="Anna O'Neil",
    email="anna@example.com",
    order_id="K7M2QX",
    position=2,
    brand="GroupDocs",
    sku="GD-VIEWER-NET-DSB",
    product="GroupDocs.Viewer for .NET",
    platform=".NET",
    plan="Developer Small Business",
    quantity=3,
    reseller_name="Softreseller GmbH",
    reseller_email="orders@softreseller.example",
    issued_on=date(2025, 11, 23),
    updates_until=date(2026, 11, 23),
)


def facts(**changes: Any) -> LicenseFacts:
    """The sample license with `changes`."""
    return replace(PERMANENT, **changes)


def temporary(**changes: Any) -> LicenseFacts:
    """A temporary license that works until 23 December 2025."""
    return facts(**{"kind": LicenseKind.TEMPORARY, "updates_until": None, "expires_on": date(2025, 12, 23), **changes})
