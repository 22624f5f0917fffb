"""Who reads what a company owes: the billing address, or its owner while it has none (R17, R20)."""

from __future__ import annotations

from typing import Any

from dashboard.resellers import service as resellers
from dashboard.resellers.copies import Copies, post_with_copies
from dashboard.resellers.models import Reseller


def address_of(reseller: Reseller) -> str:
    """Where letters about a company's debts go; empty if nobody could read them."""
    if reseller.billing_email:
        return reseller.billing_email
    return next((owner.email for owner in resellers.owners_of(reseller.id)), "")


def write_to(reseller: Reseller, kind: str, *, key: str, about: str = "", **payload: Any) -> None:
    """Have a letter about a company's debts sent, in the language of its documents; the same `key` once only. Members
    who want copies get one.

    Args:
        about: what it tells of, if that is one order.
    """
    if to := address_of(reseller):
        post_with_copies(
            kind, reseller.id, Copies.REMINDERS, to=to, language=reseller.document_language, key=key,
            about=about or f"reseller:{reseller.id}", reseller_id=reseller.id, **payload,
        )  # fmt: skip
