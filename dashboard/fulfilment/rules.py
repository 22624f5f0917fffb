"""What may be done with an order: pure."""

from __future__ import annotations


def may_correct(*, by_staff: bool, cancelled: bool, fetched: bool) -> bool:
    """Whether a mistyped address or name of the end customer may be corrected (R21).

    Args:
        fetched: whether the customer has downloaded the license: from then on only staff correct it.
    """
    return not cancelled and (by_staff or not fetched)
