"""From an order to its licenses, and to the end customer's account (R21-R23)."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.accounts import service as accounts
from dashboard.clock import today
from dashboard.fulfilment import letters
from dashboard.fulfilment.renewals import end_of_updates
from dashboard.licenses import service as licenses
from dashboard.licenses.rules import LicenseKind
from dashboard.licenses.service import Grant
from dashboard.orders.models import Order, OrderLine
from dashboard.orders.rules import LicenseState
from dashboard.resellers import service as resellers
from dashboard.resellers import team
from dashboard.resellers.models import Reseller


def issue_permanent(order: Order) -> None:
    """Issue the order's permanent licenses, attach them to the customer's account, tell both sides (R20, R21)."""
    address = order.end_customer
    customer = accounts.customer_account(address["email"], address["name"] or address["company"], address["language"])
    reseller = resellers.get_reseller(order.reseller_id)
    issued = [
        licenses.issue(
            _grant(order, line, reseller),
            LicenseKind.PERMANENT,
            today(),
            user_id=customer.id,
            previous_end=end_of_updates(line.renews, of=reseller.id),
        )
        for line in order.present_lines
    ]
    order.license_state = LicenseState.ISSUED
    letters.license_ready(order, issued)
    letters.customer_license(order, issued)


def resize(order: Order, left: Mapping[int, int]) -> None:
    """Bring the licenses of lines that were cancelled, whole or in part, to what is left, and tell both sides (R12).

    Args:
        left: what is left of each of these lines, by its position.
    """
    revoked, fresh = licenses.resize(order.id, left)
    gone, permanent, temporary = (
        [one for one in found if one.kind == kind]
        for found, kind in (
            (revoked, LicenseKind.PERMANENT), (fresh, LicenseKind.PERMANENT), (fresh, LicenseKind.TEMPORARY)
        )
    )  # fmt: skip
    if gone:
        letters.customer_revoked(order, gone, to=order.customer_email)
    if permanent:
        letters.license_ready(order, permanent)
        letters.customer_license(order, permanent)
    if temporary:
        letters.temporary_license(order, temporary)


def issue_temporary(order: Order) -> None:
    """Issue a temporary license per line: for the reseller alone, no account is made (R22)."""
    reseller = resellers.get_reseller(order.reseller_id)
    issued = [
        licenses.issue(_grant(order, line, reseller), LicenseKind.TEMPORARY, today()) for line in order.present_lines
    ]
    letters.temporary_license(order, issued)


def name_another_contact(reseller_id: int, user_id: int) -> None:
    """A member has left: customers whose licenses name that person find an owner named on their pages now.

    The signed files keep what they say.
    """
    gone, contact = accounts.get_user(user_id), team.contact_of(reseller_id, user_id)
    if contact.id != gone.id:
        licenses.change_contact(reseller_id, gone.email, contact.email)


def _grant(order: Order, line: OrderLine, reseller: Reseller) -> Grant:
    address = order.end_customer
    return Grant(
        order_id=order.id,
        position=line.position,
        brand=line.brand,
        sku=line.sku,
        product=line.product,
        platform=line.platform,
        plan=line.plan,
        quantity=line.quantity,
        renews=line.renews,
        licensee=address["company"] or address["name"],
        contact=address["name"],
        email=address["email"],
        language=address["language"],
        reseller_id=reseller.id,
        reseller_name=reseller.name,
        reseller_email=team.contact_of(reseller.id, order.placed_by).email,  # who ordered can help; billing cannot
    )
