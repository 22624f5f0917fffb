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
    if any(license_.kind == LicenseKind.PERMANENT for license_ in revoked):
        _to_customer("customer_revoked", order)


def license_ready(order: Order) -> None:
    """The license files, for the member who ordered, to pass on."""
    _to_member("license_ready", order)


def temporary_license(order: Order) -> None:
    """The temporary license files, for the member who ordered."""
    _to_member("temporary_license", order)


def customer_license(order: Order) -> None:
    """The end customer's one price-free letter (R21)."""
    _to_customer("customer_license", order)


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


def _to_member(kind: str, order: Order) -> None:
    member = accounts.get_user(order.placed_by)
    post(
        kind,
        to=member.email,
        language=member.language,
        key=f"{kind}:{order.id}",
        about=f"order:{order.id}",
        order_id=order.id,
    )


def _to_customer(kind: str, order: Order) -> None:
    post(
        kind,
        to=order.customer_email,
        language=order.customer_language,
        key=f"{kind}:{order.id}",
        about=f"order:{order.id}",
        order_id=order.id,
    )
