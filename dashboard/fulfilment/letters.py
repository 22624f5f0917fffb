"""Which letter goes to whom, because of what (R20). Their words are in `templates/mail/`, their content in `jobs.py`.

Billing letters go to the company's billing address, license letters to the member who ordered.
"""

from __future__ import annotations

from dashboard.accounts import service as accounts
from dashboard.accounts.models import User
from dashboard.licenses.models import License
from dashboard.licenses.rules import LicenseKind
from dashboard.mail.service import post
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller


def pro_forma(order: Order) -> None:
    """A prepaid order was placed: how to pay it."""
    _to_billing("order_pro_forma", order)


def invoice(order: Order) -> None:
    """A credit order was placed: its invoice."""
    _to_billing("order_invoice", order)


def payment_received(order: Order, transfer_id: int) -> None:
    """A transfer paid the order: its details and its invoice."""
    _to_billing("payment_received", order, key=f"payment_received:{transfer_id}", transfer_id=transfer_id)


def rest(order: Order, transfer_id: int, received: Money, missing: Money) -> None:
    """A transfer paid a part: what is missing, to the cent (R18)."""
    _to_billing(
        "payment_rest", order, key=f"payment_rest:{transfer_id}", received=received.minor, missing=missing.minor
    )


def cancelled(order: Order, revoked: list[License]) -> None:
    """An order was cancelled: the credit note, if it had an invoice; the customer hears without a word of money."""
    _to_billing("order_cancelled", order)
    if permanent := [license_ for license_ in revoked if license_.kind == LicenseKind.PERMANENT]:
        customer_revoked(order, permanent, to=order.customer_email)


def customer_revoked(order: Order, revoked: list[License], *, to: str) -> None:
    """The license holds no more: the order was cancelled, or the address `to` was mistyped (R12, R21)."""
    _to_customer("customer_revoked", order, revoked, to)


def license_ready(order: Order, issued: list[License]) -> None:
    """The license files, for the member who ordered, to pass on."""
    _to_member("license_ready", order, issued[0].issue)


def temporary_license(order: Order) -> None:
    """The temporary license files, for the member who ordered."""
    _to_member("temporary_license", order)


def customer_license(order: Order, issued: list[License]) -> None:
    """The end customer's one price-free letter (R21)."""
    _to_customer("customer_license", order, issued, order.customer_email)


def established(reseller: Reseller, member: User) -> None:
    """From now on the reseller may pay later (R14)."""
    post(
        "reseller_established",
        to=member.email,
        language=member.language,
        key=f"reseller_established:{reseller.id}",
        about=f"reseller:{reseller.id}",
        reseller_id=reseller.id,
    )


def _to_billing(kind: str, order: Order, *, key: str = "", **payload: int) -> None:
    address = order.billing_address
    post(
        kind,
        to=address["billing_email"],
        language=address["language"],
        key=key or f"{kind}:{order.id}",
        about=f"order:{order.id}",
        order_id=order.id,
        **payload,
    )


def _to_member(kind: str, order: Order, issue: int = 1) -> None:
    """`issue` counts the files of a line: a corrected one is written of anew (R21)."""
    member = accounts.get_user(order.placed_by)
    post(
        kind,
        to=member.email,
        language=member.language,
        key=_key(kind, order, issue),
        about=f"order:{order.id}",
        order_id=order.id,
    )


def _to_customer(kind: str, order: Order, licenses: list[License], to: str) -> None:
    """A letter names its licenses: what is sent late, or again, must tell an address of no other's (R21, R26)."""
    post(
        kind,
        to=to,
        language=order.customer_language,
        key=_key(kind, order, licenses[0].issue),
        about=f"order:{order.id}",
        order_id=order.id,
        serials=[license_.serial for license_ in licenses],
    )


def _key(kind: str, order: Order, issue: int) -> str:
    return f"{kind}:{order.id}" if issue == 1 else f"{kind}:{order.id}:{issue}"
