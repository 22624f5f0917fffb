"""Which letter goes to whom when somebody writes (R32). Their words are in `templates/mail/enquiry_*.html`.

Each side has a reply address of its own, so that nobody on the other side can be taken for one of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from dashboard.accounts import holders as accounts
from dashboard.accounts.models import User
from dashboard.enquiries.models import Enquiry, EnquiryMessage
from dashboard.extensions import db
from dashboard.mail.service import post
from dashboard.resellers import service as resellers
from dashboard.resellers.actors import permissions_of
from dashboard.resellers.rules import Role
from dashboard.web.access import Permission


def may_write(role: Role) -> bool:
    """Whether a member of this role writes for its company."""
    return Permission.WRITE_ENQUIRIES in permissions_of(confirmed=True, staff=False, role=role)


def copy_to_opener(enquiry: Enquiry, message: EnquiryMessage) -> None:
    """What was sent, for the sender's own file; answering it adds to the enquiry."""
    opener = accounts.get_user(enquiry.opened_by)
    _post("enquiry_opened", enquiry, message, [opener], enquiry.token, opens=True)


def tell_reseller(enquiry: Enquiry, message: EnquiryMessage) -> None:
    """The vendor has written: to those who took part and still may, else to the owners."""
    wrote = select(EnquiryMessage.author_id).where(EnquiryMessage.enquiry_id == enquiry.id)
    taking_part = {enquiry.opened_by, *db.session.scalars(wrote)}
    members = resellers.members_of(enquiry.reseller_id)
    told = [user for user, role in members if user.id in taking_part and may_write(role)]
    owners = [user for user, role in members if role is Role.OWNER]
    _post("enquiry_answer", enquiry, message, told or owners, enquiry.token)


def tell_staff(enquiry: Enquiry, message: EnquiryMessage, *, opens: bool) -> None:
    """The reseller has written: to all staff, since nobody is assigned."""
    _post("enquiry_message", enquiry, message, accounts.staff(), enquiry.staff_token, opens=opens)


def _post(
    kind: str, enquiry: Enquiry, message: EnquiryMessage, people: Iterable[User], token: str, *, opens: bool = False
) -> None:
    """A letter with the message; one that `opens` the enquiry also tells what its form asked."""
    for person in people:
        post(
            kind, to=person.email, language=person.language, key=f"{kind}:{message.id}:{person.id}",
            about=f"enquiry:{enquiry.id}", thread=token, message_id=message.id, name=person.name,
            opens=opens,
        )  # fmt: skip
