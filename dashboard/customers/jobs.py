"""Letters to end customers, made of licenses alone: no word of money can get in (R21, R25)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.accounts import service as accounts
from dashboard.accounts.rules import LIFETIMES, Purpose
from dashboard.errors import NotYet
from dashboard.licenses import service
from dashboard.mail import service as mail
from dashboard.mail.service import Content, Moot
from dashboard.web.pages import public_url
from dashboard.web.transactions import reading

if TYPE_CHECKING:
    from dashboard.licenses.models import License


def license_letter(payload: dict[str, Any]) -> Content:
    """The one letter that tells the end customer where the license is; with a link to claim an unclaimed account."""
    with reading():
        issued = service.of_letter(payload["order_id"], payload.get("serials"))
        licenses = [license_ for license_ in issued if license_.revoked_at is None]
        if not licenses:
            raise Moot("license_revoked")
        holder = service.holder(licenses[0])
        if holder is None or any(license_.digest is None for license_ in licenses):
            raise NotYet
        facts = _facts(licenses)
        claim = (holder.id, holder.email) if accounts.needs_claim(holder) else None
    if claim is None:
        return Content({**facts, "link": public_url("customers.licenses"), "is_new": False})
    link = accounts.mailed_link(claim[0], Purpose.CLAIM, claim[1])
    return Content({**facts, "link": link, "is_new": True, "days": LIFETIMES[Purpose.CLAIM].days}, secret=True)


def revoked_letter(payload: dict[str, Any]) -> Content:
    """Tells the end customer that the license holds no more, without a word of money (R12); who was never told of the
    license need not hear that it is gone.
    """
    with reading():
        revoked = service.of_letter(payload["order_id"], payload.get("serials"))
        if not mail.was_told("customer_license", f"order:{payload['order_id']}", to=revoked[0].email):
            raise Moot("never_told")
        return Content(_facts(revoked))


def _facts(licenses: list[License]) -> dict[str, Any]:
    first = licenses[0]
    shown = [
        {"product": one.product, "plan": one.plan, "sku": one.sku, "serial": one.serial, "quantity": one.quantity,
         "updates_until": one.updates_until, "replaces": _replaced(one)}
        for one in licenses
    ]  # fmt: skip
    return {
        "order_id": first.order_id,
        "contact": first.contact,
        "reseller_name": first.reseller_name,
        "reseller_email": first.reseller_email,
        "licenses": shown,
    }


def _replaced(license_: License) -> str:
    """The serial of the license whose place this one took, if it was written of to the same person; else nothing."""
    before = service.predecessor(license_)
    return before.serial if before and before.email == license_.email else ""


COMPOSERS = {"customer_license": license_letter, "customer_revoked": revoked_letter}
