"""What may be done with an order, and how its licenses stand: pure."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

#: Days before their end within which updates end soon.
SOON = 60

#: Calendar months that the renewals look back, the present one aside, and forward, with it.
MONTHS_BACK, MONTHS_AHEAD = 3, 12


class Standing(StrEnum):
    """How a license stands on a day."""

    VALID = "valid"
    ENDING = "ending"  #: its updates end within `SOON` days
    ENDED = "ended"  #: its updates have ended; it goes on for the versions that it has
    TEMPORARY = "temporary"
    REVOKED = "revoked"


def standing(*, temporary: bool, revoked: bool, updates_until: date | None, today: date) -> Standing:
    """How a license stands: the last day of its updates is a day with updates (R23)."""
    if revoked:
        return Standing.REVOKED
    if temporary or updates_until is None:
        return Standing.TEMPORARY
    if updates_until < today:
        return Standing.ENDED
    return Standing.ENDING if updates_until <= today + timedelta(days=SOON) else Standing.VALID


def may_correct(*, by_staff: bool, cancelled: bool, fetched: bool) -> bool:
    """Whether a mistyped address or name of the end customer may be corrected (R21).

    Args:
        fetched: whether the customer has downloaded the license: from then on only staff correct it.
    """
    return not cancelled and (by_staff or not fetched)
