"""What happens because an order was placed or cancelled, written out step by step; what follows from money is in
`transfers.py`.

Each function locks the reseller's row first, so that the money of one reseller moves in one place at a time. Invoice
numbers are taken last, because their counter stays locked until the commit; only the letters that bring the papers
come after them, so that the worker draws a paper before it writes its letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.accounts import service as accounts
from dashboard.audit import service as audit
from dashboard.audit.models import AuditEntry
from dashboard.clock import today, utcnow
from dashboard.config import current_settings
from dashboard.errors import N_, Refused
from dashboard.extensions import db
from dashboard.fulfilment import letters, licensing, papers, part_cancellations, transfers
from dashboard.fulfilment.estimates import Estimate, EstimateChanged, EstimateLine, differences
from dashboard.fulfilment.locks import locked_order
from dashboard.fulfilment.pricing import estimates_for
from dashboard.fulfilment.renewals import find_renewable, require_renewable
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.references import order_reference
from dashboard.ledger.rules import Terms
from dashboard.licenses import service as licenses
from dashboard.licenses.rules import LicenseKind
from dashboard.orders import service as orders
from dashboard.orders.models import Order, OrderLine
from dashboard.orders.rules import LicenseState, PaymentState
from dashboard.resellers import service as resellers
from dashboard.resellers.models import Reseller
from dashboard.typed import search_text


@dataclass(frozen=True)
class OrderRequest:
    """What a reseller wants to order, for whom; it holds no price (R8-R10).

    `customer` has the keys company, name, email, street, city, postal_code, state, country and language.
    """

    lines: Sequence[tuple[str, int]]
    customer: dict[str, str]
    po_number: str = ""
    note: str = ""
    renews: Mapping[str, str] = field(default_factory=dict)  #: by SKU, the serial of the license that is renewed (R23)
    quote_id: str | None = None  #: of the reseller's quote that it comes from


@dataclass(frozen=True)
class Submission:
    """An order as it was reviewed: what is wanted, what the page showed (`Estimate.shown()`), and its key (R10)."""

    request: OrderRequest
    seen: str
    submit_key: str


def place_order(reseller_id: int, user_id: int, request: OrderRequest, *, seen: str, submit_key: str) -> Order:
    """Place an order as it was reviewed; the same `submit_key` again gives the order that it made (R10).

    Args:
        seen: what the review page showed (`Estimate.shown()`).

    Raises:
        Forbidden: if the reseller is not active (R5).
        EstimateChanged: if price, tax, terms or policy are not as they were shown; nothing is placed.
        Refused: if a new policy must be accepted first (R5).
        InvalidInput: if a line renews what cannot be renewed.
    """
    (order,) = place_orders(reseller_id, user_id, [Submission(request, seen, submit_key)])
    return order


def place_orders(reseller_id: int, user_id: int, submissions: Sequence[Submission]) -> list[Order]:
    """Place several orders together, all or none; each is what it would be alone, at the terms that were shown for all.

    Raises:
        as `place_order`.
    """
    reseller = resellers.get_reseller(reseller_id, lock=True)
    placed = {one.submit_key: orders.find_by_submit_key(reseller_id, one.submit_key) for one in submissions}
    new = [one for one in submissions if placed[one.submit_key] is None]
    if new:
        resellers.require_active_company(reseller)
        estimates = estimates_for(reseller, [one.request.lines for one in new], today())
        for one, estimate in zip(new, estimates, strict=True):
            if changes := differences(one.seen, estimate):
                raise EstimateChanged(estimate, changes)
            if estimate.policy_to_accept:
                raise Refused(N_("Please accept the new reseller policy first. Your draft is kept."))
            require_renewable(one.request.renews, one.request.customer["email"], of=reseller_id)
        for one, estimate in zip(new, estimates, strict=True):
            placed[one.submit_key] = _place(reseller, user_id, one, estimate)
    return [order for order in placed.values() if order is not None]


def _place(reseller: Reseller, user_id: int, submission: Submission, estimate: Estimate) -> Order:
    """Write an order and do what follows from its terms (R14, R18, R20, R27)."""
    order = _write_order(reseller, user_id, submission.request, estimate, submission.submit_key)
    ledger.open_receivable(order.id, reseller.id, order.total, estimate.terms, order.placed_on)
    audit.record(
        "order.placed", f"order:{order.id}", total=order.total_minor, currency=order.currency,
        terms_reason=estimate.credit.reason,
    )  # fmt: skip
    if estimate.terms is Terms.PREPAID:
        transfers.pay_from_account(reseller, order.placed_on)
        if order.paid_on is None:
            papers.issue_pro_forma(order, order.placed_on)
            letters.pro_forma(order)
    else:
        if current_settings().license_on_credit_at_once:
            licensing.issue_permanent(order)
        transfers.pay_from_account(reseller, order.placed_on)
        if not order.invoice_number:
            papers.issue_invoice(order, order.placed_on)
        if order.paid_on is None:
            letters.invoice(order)
    return order


def cancel_order(order_id: str, reason: str, *, by_staff: bool, of: int | None = None) -> Order:
    """Cancel an order: staff any, a reseller one without money and without permanent licenses (R12).

    Raises:
        NotFound: if the order is not that of reseller `of`.
        Refused: if it is cancelled already, or not the reseller's to cancel; nothing is changed.
    """
    order = locked_order(order_id, of=of)
    if order.cancelled_at is not None:
        raise Refused(N_("This order is cancelled already."))
    if not by_staff:
        _refuse_to_reseller(order)
    revoked = licenses.revoke(order.id)
    if revoked:
        order.license_state = LicenseState.REVOKED
    elif order.license_state == LicenseState.ASKED:  # nobody will release it any more
        order.license_state = LicenseState.NONE
    order.cancelled_at, order.cancelled_reason = utcnow(), reason
    supplements = balances.supplements_of(order.id)
    paid = sum((balances.paid_amount(one.id) for one in supplements), balances.paid_amount(order.id))
    for receivable in supplements:
        ledger.cancel(receivable.id, today(), invoiced=True)
    ledger.cancel(order.id, today(), invoiced=bool(order.invoice_number))
    audit.record("order.cancelled", f"order:{order.id}", reason=reason, by_staff=by_staff)
    transfers.pay_from_account(resellers.get_reseller(order.reseller_id), today())
    papers.issue_credit_notes(order, today())
    letters.cancelled(order, revoked, paid=paid)
    return order


def cancel_part(order_id: str, quantities: Mapping[int, int], reason: str, *, seen: str) -> Order:
    """Cancel some lines of an order, or some of their pieces, by staff (R12); all that is left is the whole order.

    Args:
        quantities: how many pieces to cancel, by the position of the line.
        seen: what the page showed of the order (`part_cancellations.shown`): a second click finds it changed.

    Raises:
        NotFound: if there is no such order.
        Refused: if it is cancelled, or was changed meanwhile; nothing is changed.
        InvalidInput: if that is nothing, or more than there is.
    """
    order = locked_order(order_id)
    if order.cancelled_at is not None:
        raise Refused(N_("This order is cancelled already."))
    if seen != part_cancellations.shown(order):
        raise Refused(N_("This order was changed meanwhile. Look at it again."))
    part_cancellations.require_possible(order, quantities)
    if all(quantities.get(line.position) == line.quantity for line in order.present_lines):
        return cancel_order(order_id, reason, by_staff=True)
    part_cancellations.carry_out(order, quantities, reason)
    return order


def may_cancel_part(order: Order) -> bool:
    """Whether `cancel_part` could do less than cancel the order."""
    return order.cancelled_at is None and sum(line.quantity for line in order.lines) > 1


def may_cancel(order: Order, *, by_staff: bool) -> bool:
    """Whether `cancel_order` would do it now, for a page that offers the button."""
    if order.cancelled_at is not None:
        return False
    return by_staff or not (order.license_state == LicenseState.ISSUED or balances.paid_amount(order.id))


def renewable_serials(order: Order) -> set[str]:
    """The licenses of an order that its reseller can renew now, for a page that offers the button (R23)."""
    return {one.serial for one in find_renewable(of=order.reseller_id, order_id=order.id)}


def ask_temporary(order_id: str, *, of: int) -> Order:
    """Ask for temporary licenses of a prepaid order that waits for its transfer; once per line (R22). One that is open
    again because its transfer was undone has its permanent licenses already.

    Raises:
        Forbidden: if the reseller is suspended (R5).
        Refused: if it was asked before, or the order is paid, cancelled or on credit.
    """
    order = locked_order(order_id, of=of)
    resellers.require_active_company(resellers.get_reseller(of))
    if not _waits_for_transfer(order):
        raise Refused(N_("A temporary license is for a prepaid order that waits for its transfer."))
    if any(line.temporary_asked_at for line in order.lines):
        raise Refused(N_("A temporary license was asked for already; it is given once per order."))
    for line in order.lines:
        line.temporary_asked_at = utcnow()
    order.license_state = LicenseState.ASKED
    audit.record("temporary_license.asked", f"order:{order.id}")
    if current_settings().release_temporary_at_once:
        _release(order)
    return order


def may_ask_temporary(order: Order) -> bool:
    """Whether `ask_temporary` would do it now."""
    if not _waits_for_transfer(order) or any(line.temporary_asked_at for line in order.lines):
        return False
    return resellers.get_reseller(order.reseller_id).is_active


def release_temporary(order_id: str) -> Order:
    """Release the temporary licenses that a reseller asked for (R22).

    Raises:
        Refused: if none waits, or the order has lapsed (R12).
    """
    order = locked_order(order_id)
    if not may_release_temporary(order):
        raise Refused(N_("No temporary license waits for this order."))
    _release(order)
    return order


def may_release_temporary(order: Order) -> bool:
    """Whether `release_temporary` would do it now: asked for, and the order has not lapsed."""
    return order.license_state == LicenseState.ASKED and _waits_for_transfer(order)


def decline_temporary(order_id: str, reason: str) -> Order:
    """Decline the temporary licenses that a reseller asked for; who asked is told why. They stay asked for: that is
    done once per line (R22).

    Raises:
        Refused: if none waits.
    """
    order = locked_order(order_id)
    asked = asked_temporary(order)
    if asked is None:
        raise Refused(N_("No temporary license waits for this order."))
    order.license_state = LicenseState.NONE
    audit.record("temporary_license.declined", f"order:{order.id}", reason=reason)
    letters.temporary_declined(order, reason, asked_by=asked.actor_id or order.placed_by)
    return order


def asked_temporary(order: Order) -> AuditEntry | None:
    """Who asked when for the temporary licenses of an order, if that waits for staff, be it that it has lapsed."""
    if order.license_state != LicenseState.ASKED or order.cancelled_at is not None:
        return None
    asked = (one for one in audit.history(f"order:{order.id}") if one.action == "temporary_license.asked")
    return next(asked, None)


def _waits_for_transfer(order: Order) -> bool:
    """Whether its transfer may still come, and its permanent licenses come with it."""
    return orders.state_of(order) is PaymentState.WAITING and order.license_state != LicenseState.ISSUED


def _release(order: Order) -> None:
    licensing.issue_temporary(order)
    order.license_state = LicenseState.TEMPORARY
    audit.record("temporary_license.released", f"order:{order.id}")


def _refuse_to_reseller(order: Order) -> None:
    if balances.paid_amount(order.id):
        raise Refused(N_("Money has come in for this order. Please write to us to cancel it."))
    if licenses.of_order(order.id, kind=LicenseKind.PERMANENT):
        raise Refused(N_("The license of this order is issued. Please write to us to cancel it."))


def _write_order(reseller: Reseller, user_id: int, request: OrderRequest, estimate: Estimate, submit_key: str) -> Order:
    order_id, day = ledger.free_order_id(), today()
    prepaid = estimate.terms is Terms.PREPAID
    customer = request.customer
    shown = customer["company"] or customer["name"]
    skus = " ".join(f"{line.sku} {line.product}" for line in estimate.lines)
    order = Order(
        id=order_id,
        reseller_id=reseller.id,
        submit_key=submit_key,
        placed_by=user_id,
        placed_by_name=accounts.get_user(user_id).name,
        placed_on=day,
        policy_id=estimate.policy.id,
        reference=order_reference(order_id),
        po_number=request.po_number,
        note=request.note,
        quote_id=request.quote_id,
        billing_address=_billing_address(reseller),
        shipping_address=dict(customer),
        customer=shown,
        customer_email=customer["email"],
        customer_language=customer["language"],
        currency=estimate.currency,
        discount=estimate.discount,
        retail_minor=estimate.retail.minor,
        net_minor=estimate.net.minor,
        tax_minor=estimate.tax.amount.minor,
        total_minor=estimate.total.minor,
        tax_kind=estimate.tax.kind,
        tax_rate=estimate.tax.rate,
        tax_place=estimate.tax.place,
        exemption_id=estimate.tax.exemption.certificate_id if estimate.tax.exemption else None,
        exemption=papers.copy_of(estimate.tax.exemption) if estimate.tax.exemption else None,
        terms=estimate.terms,
        due_on=estimate.due_on,
        valid_until=papers.valid_until(day) if prepaid else None,
        search_text=search_text(
            order_id, shown, customer["name"], customer["email"], request.po_number, reseller.name, skus
        ),
        license_state=LicenseState.NONE,
        lines=[
            _order_line(position, line, request.renews.get(line.sku, ""))
            for position, line in enumerate(estimate.lines, start=1)
        ],
    )
    db.session.add(order)
    db.session.flush()
    return order


def _order_line(position: int, line: EstimateLine, renews: str) -> OrderLine:
    return OrderLine(
        position=position,
        renews=renews,
        sku=line.sku,
        brand=line.brand,
        product=line.product,
        platform=line.platform,
        plan=line.plan,
        scope_en=line.scope_en,
        scope_ru=line.scope_ru,
        quantity=line.quantity,
        retail_minor=line.retail.minor,
        partner_minor=line.partner.minor,
        net_minor=line.net.minor,
    )


def _billing_address(reseller: Reseller) -> dict[str, str]:
    """The company as it is now, for the order to keep (R8)."""
    return {
        "legal_name": reseller.legal_name,
        "street": reseller.street,
        "city": reseller.city,
        "postal_code": reseller.postal_code,
        "state": reseller.state,
        "country": reseller.country,
        "tax_number": reseller.tax_number,
        "billing_email": reseller.billing_email,
        "language": reseller.document_language,
    }
