"""What can be done when the end customer's letter does not arrive: send it again, correct the address (R21).

Both answer alike whether or not the address has an account here, and count their tries before they look.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from dashboard.accounts import limits
from dashboard.accounts import service as accounts
from dashboard.accounts.rules import LETTERS, email_key
from dashboard.audit import service as audit
from dashboard.errors import N_, InvalidInput, Refused
from dashboard.fulfilment import letters
from dashboard.fulfilment.locks import locked_order
from dashboard.fulfilment.rules import may_correct
from dashboard.licenses import service as licenses
from dashboard.licenses.models import License
from dashboard.mail import service as mail
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.resellers import team
from dashboard.typed import search_text
from dashboard.web.transactions import reading


@dataclass(frozen=True)
class Correction:
    """Who the end customer really is: a company's name, a person's, or both, and the address."""

    company: str
    name: str
    email: str


def send_again(order_id: str, kind: str, *, of: int) -> None:
    """Send a letter with the order's licenses once more: `license_ready` or `temporary_license` to the member who
    ordered (to an owner once that member has left), `customer_license` to the end customer.

    Raises:
        NotFound: if the order is not that of reseller `of`.
        TooMany: if the letters of this order, or to this address, were sent too often.
        Refused: if no such letter was written, or what it tells of holds no more.
    """
    with reading():
        order = orders.get_order(order_id, of=of)
        written = [one for one in mail.letters_about(f"order:{order_id}") if one.kind == kind]
        if not written or order.cancelled_at:
            raise Refused(N_("There is no such letter to be sent again."))
        newest, address = written[-1].id, written[-1].recipient
        reader = None if kind == "customer_license" else team.contact_of(order.reseller_id, order.placed_by)
        is_gone = reader is not None and email_key(reader.email) != email_key(address)
    _count(order_id, reader.email if reader else address)
    if reader and is_gone:
        facts = {"name": reader.name, "has_ordered": reader.id == order.placed_by}
        mail.send_again(newest, to=reader.email, language=reader.language, **facts)
    else:
        mail.send_again(newest)
    audit.record("letter.sent_again", f"order:{order_id}", kind=kind)


def correct(order_id: str, correction: Correction, *, by_staff: bool, of: int | None = None) -> Order:
    """Correct a mistyped address or name. An issued license gets a new file and serial with the same dates, the old
    one is revoked; the letters go out anew (R21).

    Raises:
        NotFound: if the order is not that of reseller `of`.
        TooMany: if this was done too often.
        InvalidInput: if it names nobody, or nothing is changed.
        Refused: if the order is cancelled, or a reseller comes after the first download.
    """
    with reading():
        orders.get_order(order_id, of=of)
    if not by_staff:
        _count(order_id, correction.email)
    order = locked_order(order_id, of=of)
    issued = licenses.valid_of(order.id)
    _refuse_wrong(order, correction, issued, by_staff=by_staff)
    before = order.customer_email
    order.correction = asdict(correction)
    order.customer, order.customer_email = correction.company or correction.name, correction.email
    order.search_text += " " + search_text(correction.company, correction.name, correction.email)
    audit.record("customer.corrected", f"order:{order.id}", old=before, new=correction.email, by_staff=by_staff)
    if issued:
        _reissue(order, issued, before)
    return order


def _count(order_id: str, address: str) -> None:
    limits.take((LETTERS, f"licenses of {order_id}"), (LETTERS, f"licenses to {email_key(address)}"))


def _refuse_wrong(order: Order, correction: Correction, issued: list[License], *, by_staff: bool) -> None:
    if order.cancelled_at:
        raise Refused(N_("This order is cancelled."))
    if not may_correct(by_staff=by_staff, cancelled=False, fetched=any(one.downloaded_at for one in issued)):
        raise Refused(N_("Your customer has fetched the license file already. Please write to us to correct it."))
    if not (correction.company or correction.name):
        raise InvalidInput(N_("Fill in the company or the contact person."))
    if asdict(correction).items() <= order.end_customer.items():
        raise InvalidInput(N_("Nothing is changed yet."))


def _reissue(order: Order, issued: list[License], before: str) -> None:
    """New licenses in the place of the old ones, for the account of the present address."""
    customer = order.end_customer
    account = accounts.customer_account(
        customer["email"], customer["name"] or customer["company"], customer["language"]
    )
    moved = email_key(before) != email_key(customer["email"])
    fresh = [
        licenses.reissue(
            old, licensee=order.customer, contact=customer["name"], email=customer["email"], user_id=account.id,
            keep_old=not moved,
        )
        for old in issued
    ]  # fmt: skip
    if moved:
        letters.customer_revoked(order, issued, to=before)
    letters.license_ready(order, fresh)
    letters.customer_license(order, fresh)
