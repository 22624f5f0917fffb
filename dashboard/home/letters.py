"""Staff look through the letters, and have one sent again: to where a fresh one would go now (R20)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import String, cast, literal, or_, select

from dashboard.accounts import service as accounts
from dashboard.accounts.models import User
from dashboard.accounts.rules import email_key
from dashboard.enquiries.models import Enquiry
from dashboard.errors import N_, Refused
from dashboard.extensions import db
from dashboard.home.numbers import numbers_in
from dashboard.ledger.models import LedgerEntry
from dashboard.mail import service as mail
from dashboard.mail.models import Letter
from dashboard.orders.models import Order
from dashboard.resellers import service as resellers
from dashboard.resellers import team
from dashboard.resellers.models import Reseller
from dashboard.statements import recipients

#: Letters to members of a company, as persons. Who has left it must not read on; an owner does instead.
PERSONAL = frozenset(
    {
        "license_ready", "temporary_license", "temporary_declined", "certificate_ends", "certificate_refused",
        "certificate_verified", "enquiry_answer", "enquiry_opened", "reseller_activated", "reseller_established",
        "reseller_suspended", "reseller_welcome",
    }
)  # fmt: skip

#: Letters about a company's debts and its money, to its billing address.
BILLING = frozenset(
    {"credit_refunded", "monthly_statement", "payment_received", "payment_reminder", "payment_undone",
     "pro_forma_reminder"}
)  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """Where a letter goes now, in which language, and which of its facts are others for this reader."""

    to: str
    language: str
    facts: dict[str, Any] = field(default_factory=dict)


def send_again(letter_id: int) -> str:
    """Send a letter once more.

    Returns:
        the address to which it goes, if that is another one than before; else nothing.

    Raises:
        NotFound: if there is no such letter.
        Refused: if it was not sent because what it tells of holds no more, or it was the copy of somebody who has left.
    """
    letter = mail.get_letter(letter_id)
    reader = _reader_now(letter)
    if reader is None or email_key(reader.to) == email_key(letter.recipient):
        mail.send_again(letter_id)
        return ""
    mail.send_again(letter_id, to=reader.to, language=reader.language, **reader.facts)
    return reader.to


def list_letters(*, only: str, search: str, before: int | None) -> mail.Page:
    """A page of letters, as `mail.list_letters`; a search for an order also finds those about the transfers that paid
    it.
    """
    also = None
    if orders := numbers_in(search).orders:
        paid = LedgerEntry.transfer_id.is_not(None), LedgerEntry.receivable_id.in_(orders)
        transfers = select(literal("transfer:") + cast(LedgerEntry.transfer_id, String)).where(*paid)
        also = or_(Letter.about.in_([f"order:{one}" for one in orders]), Letter.about.in_(transfers))
    return mail.list_letters(only=only, search=search, also=also, before=before)


def _reader_now(letter: Letter) -> Reader | None:
    """Whoever a fresh letter would be written to; None for one that no company reads."""
    order = db.session.get(Order, letter.payload.get("order_id", ""))
    company = order.reseller_id if order else _company_of(letter)
    if company is None:
        return None
    members = [user for user, _role in resellers.members_of(company)]
    is_member = any(email_key(user.email) == email_key(letter.recipient) for user in members)
    if letter.payload.get("is_copy"):
        if not is_member:
            raise Refused(N_("This was a copy for somebody who has left the company. It is not sent again."))
        return None
    if letter.kind in BILLING:
        return _billing(resellers.get_reseller(company))
    if letter.kind not in PERSONAL:
        return None
    if order is not None:
        person = letter.payload.get("asked_by", order.placed_by)
        return _personal(letter, team.contact_of(company, person), is_about=person)
    successor = None if is_member else _successor(letter, company)
    return _personal(letter, successor) if successor else None


def _successor(letter: Letter, company: int) -> User | None:
    """Who reads instead of an address that no member of the company has: who asked or had it, else an owner."""
    asked, had = _enquiry_of(letter), accounts.find_user(letter.recipient)
    if person := asked.opened_by if asked else had and had.id:
        return team.contact_of(company, person)
    return next(iter(resellers.owners_of(company)), None)


def _enquiry_of(letter: Letter) -> Enquiry | None:
    kind, _colon, id_ = letter.about.partition(":")
    return db.session.get(Enquiry, id_) if kind == "enquiry" else None


def _company_of(letter: Letter) -> int | None:
    if enquiry := _enquiry_of(letter):
        return enquiry.reseller_id
    kind, _colon, id_ = letter.about.partition(":")
    known = letter.payload.get("reseller_id") or (id_ if kind == "reseller" else None)
    return int(known) if known else None


def _billing(reseller: Reseller) -> Reader | None:
    to = recipients.address_of(reseller)
    return Reader(to, reseller.document_language) if to else None


def _personal(letter: Letter, user: User, *, is_about: int | None = None) -> Reader:
    known = {"name": user.name, "has_ordered": user.id == is_about, "has_asked": user.id == is_about}
    return Reader(user.email, user.language, {name: known[name] for name in known if name in letter.payload})
