"""Which letter goes to whom, because of what (R20). Their words are in `templates/mail/`, their content in `jobs.py`.

Billing letters go to the company's billing address, with copies to members who want them; license letters to the
member who ordered, or to an owner once that member has left the company.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dashboard.accounts.models import User
from dashboard.invoices.models import Paper
from dashboard.ledger import balances
from dashboard.licenses.models import License
from dashboard.licenses.rules import LicenseKind
from dashboard.mail.service import post
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.payments.models import Transfer
from dashboard.resellers import team
from dashboard.resellers.copies import Copies, post_with_copies
from dashboard.resellers.models import Reseller


def pro_forma(order: Order) -> None:
    """A prepaid order was placed: how to pay it."""
    _to_billing("order_pro_forma", order)


def invoice(order: Order) -> None:
    """A credit order was placed: its invoice."""
    _to_billing("order_invoice", order)


def payment_received(
    reseller: Reseller, transfer: Transfer, *, paid: Sequence[str], part: Sequence[str], others: Sequence[str]
) -> None:
    """A transfer came in: what it paid, with the invoices; what is missing, to the cent (R18, R20)."""
    orders = [*paid, *part]
    about = f"order:{orders[0]}" if len(orders) == 1 else f"transfer:{transfer.id}"
    facts = _money_facts(reseller, transfer.currency, paid, part) | {"others": _open_of(others)}
    key = f"payment_received:{transfer.id}"
    _to_company("payment_received", reseller, key=key, about=about, received=transfer.minor, **facts)


def paid_from_account(reseller: Reseller, *, paid: Sequence[str], part: Sequence[str], others: Sequence[str]) -> None:
    """Money that was on account has paid orders (R18)."""
    orders = [*paid, *part]
    about = f"order:{orders[0]}" if len(orders) == 1 else f"reseller:{reseller.id}"
    newest = balances.newest_entry(reseller.id)
    facts = _money_facts(reseller, reseller.currency, paid, part) | {"others": _open_of(others)}
    _to_company("payment_received", reseller, key=f"paid_from_account:{newest}", about=about, received=0, **facts)


def payment_undone(reseller: Reseller, transfer: Transfer, order_ids: Sequence[str], others: Sequence[str]) -> None:
    """A transfer was booked wrongly and is taken back: what is open again."""
    open_ = _open_of(order_ids)
    _to_company(
        "payment_undone", reseller, key=f"payment_undone:{transfer.id}", about=f"transfer:{transfer.id}",
        received=transfer.minor, currency=transfer.currency, received_on=transfer.received_on.isoformat(), part=open_,
        others=_open_of(others), interest=balances.interest_owed(reseller).minor,
    )  # fmt: skip


def _money_facts(reseller: Reseller, currency: str, paid: Sequence[str], part: Sequence[str]) -> dict[str, Any]:
    on_account = balances.credit_on_account(reseller.id, currency)
    return {"currency": currency, "paid": list(paid), "part": _open_of(part), "on_account": on_account.minor}


def _open_of(receivable_ids: Sequence[str]) -> dict[str, int]:
    """What is open on each, in minor units."""
    return {one: rest.minor for one, rest in balances.open_amounts(receivable_ids).items()}


def tax_billed(order: Order, paper: Paper) -> None:
    """A certificate was refused: the supplementary invoice of an order that was placed under it (R29)."""
    _with_paper("tax_billed", order, paper)


def tax_credited(order: Order, paper: Paper) -> None:
    """A certificate was verified: the credit note for the tax of an order (R29)."""
    _with_paper("tax_credited", order, paper)


def tax_spared(order: Order, papers: Sequence[Paper]) -> None:
    """A certificate was verified before a prepaid order was paid: it bears no tax, and what is paid now (R29)."""
    _about_order("tax_spared", order, key=f"tax_spared:{order.id}", paper_ids=[paper.id for paper in papers])


def part_cancelled(order: Order, reason: str, lines: Sequence[dict[str, Any]], papers: Sequence[Paper]) -> None:
    """A part of an order was cancelled: what of it and why, the papers that follow, what is still to be paid (R12)."""
    so_far = sum(line.cancelled for line in order.lines)
    _about_order(
        "order_part_cancelled", order, key=f"order_part_cancelled:{order.id}:{so_far}", reason=reason,
        cancelled=list(lines), paper_ids=[paper.id for paper in papers],
    )  # fmt: skip


def refunded(reseller: Reseller, amount: Money, day: date, entry_id: int) -> None:
    """Credit on account was paid back, on the bank's date (R12)."""
    _to_company(
        "credit_refunded", reseller, key=f"credit_refunded:{entry_id}", about=f"reseller:{reseller.id}",
        minor=amount.minor, currency=amount.currency, day=day.isoformat(),
    )  # fmt: skip


def _with_paper(kind: str, order: Order, paper: Paper) -> None:
    _about_order(kind, order, key=f"{kind}:{paper.number}", paper_id=paper.id)


def cancelled(order: Order, revoked: list[License], *, paid: Money) -> None:
    """An order was cancelled: the credit note, if it had an invoice, and what becomes of what was `paid` for it; the
    customer hears without a word of money.
    """
    _to_billing("order_cancelled", order, paid=paid.minor)
    if permanent := [license_ for license_ in revoked if license_.kind == LicenseKind.PERMANENT]:
        customer_revoked(order, permanent, to=order.customer_email)


def customer_revoked(order: Order, revoked: list[License], *, to: str) -> None:
    """The license holds no more: the order was cancelled, or the address `to` was mistyped (R12, R21)."""
    _to_customer("customer_revoked", order, revoked, to)


def license_ready(order: Order, issued: list[License]) -> None:
    """The license files, for the member who ordered, to pass on."""
    _to_member("license_ready", order, issued)


def temporary_license(order: Order, issued: list[License]) -> None:
    """The temporary license files, for the member who ordered."""
    _to_member("temporary_license", order, issued)


def temporary_declined(order: Order, reason: str, *, asked_by: int) -> None:
    """No temporary license, and why: for the member who asked, or an owner once that member has left."""
    member = team.contact_of(order.reseller_id, asked_by)
    post(
        "temporary_declined",
        to=member.email,
        language=member.language,
        key=f"temporary_declined:{order.id}",
        about=f"order:{order.id}",
        order_id=order.id,
        name=member.name,
        reason=reason,
        asked_by=asked_by,
        has_asked=member.id == asked_by,
    )


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


def _to_company(kind: str, reseller: Reseller, *, key: str, about: str, **payload: Any) -> None:
    """A letter about a company's money, not about one order."""
    post_with_copies(
        kind,
        reseller.id,
        Copies.ORDERS,
        to=reseller.billing_email,
        language=reseller.document_language,
        key=key,
        about=about,
        reseller_id=reseller.id,
        **payload,
    )


def _to_billing(kind: str, order: Order, **facts: Any) -> None:
    _about_order(kind, order, key=f"{kind}:{order.id}", **facts)


def _about_order(kind: str, order: Order, *, key: str, **facts: Any) -> None:
    """A letter about one order, to the billing address that it was placed with."""
    address = order.billing_address
    post_with_copies(
        kind,
        order.reseller_id,
        Copies.ORDERS,
        to=address["billing_email"],
        language=address["language"],
        key=key,
        about=f"order:{order.id}",
        order_id=order.id,
        **facts,
    )


def _to_member(kind: str, order: Order, issued: list[License]) -> None:
    member = team.contact_of(order.reseller_id, order.placed_by)
    post(
        kind,
        to=member.email,
        language=member.language,
        key=_key(kind, order, issued),
        about=f"order:{order.id}",
        order_id=order.id,
        name=member.name,
        has_ordered=member.id == order.placed_by,
    )


def _to_customer(kind: str, order: Order, licenses: list[License], to: str) -> None:
    """A letter names its licenses: what is sent late, or again, must tell an address of no other's (R21, R26)."""
    post(
        kind,
        to=to,
        language=order.customer_language,
        key=_key(kind, order, licenses),
        about=f"order:{order.id}",
        order_id=order.id,
        serials=[license_.serial for license_ in licenses],
    )


def _key(kind: str, order: Order, licenses: list[License]) -> str:
    """A license is written of once, and one that takes its place anew (R12, R21)."""
    return f"{kind}:{order.id}:{licenses[0].serial}"
