"""An enquiry and its messages: found, written to, told to the other side (R32)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from dashboard.clock import utcnow
from dashboard.enquiries import attachments, letters
from dashboard.enquiries.attachments import File
from dashboard.enquiries.models import Enquiry, EnquiryMessage
from dashboard.enquiries.rules import Side, after_message
from dashboard.errors import NotFound
from dashboard.extensions import db, get_row, insert_once
from dashboard.typed import search_text

#: Stands where somebody cites a reply address: it is a key to the exchange.
_HIDDEN = "…"

#: So soon after a message the same one comes from the same press of a button, made once more.
AGAIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Author:
    """Who wrote a message; without an account, somebody whose mail staff have filed."""

    side: Side
    user_id: int | None
    name: str
    address: str = ""  #: of the sender, if it came by mail


@dataclass(frozen=True)
class Words:
    """What a message says; `quoted` stood below it in the mail, `files` came with it, `left_out` names what is not
    kept.
    """

    text: str
    quoted: str = ""
    left_out: Sequence[str] = ()
    files: Sequence[File] = ()


def get_enquiry(enquiry_id: str, *, of: int | None = None, lock: bool = False) -> Enquiry:
    """An enquiry; with `of`, only if it is that reseller's.

    Args:
        lock: hold the row until the transaction ends, and read it anew: for whoever changes it.

    Raises:
        NotFound: if there is none, or it is another reseller's (R26).
    """
    query = select(Enquiry).where(Enquiry.id == enquiry_id)
    if of is not None:
        query = query.where(Enquiry.reseller_id == of)
    return get_row(query, lock=lock)


def messages_of(enquiry_id: str) -> list[EnquiryMessage]:
    """The whole exchange, oldest first."""
    query = select(EnquiryMessage).where(EnquiryMessage.enquiry_id == enquiry_id)
    return list(db.session.scalars(query.order_by(EnquiryMessage.id)))


def get_message(message_id: int) -> EnquiryMessage:
    """One message.

    Raises:
        NotFound: if there is none.
    """
    message = db.session.get(EnquiryMessage, message_id)
    if message is None:
        raise NotFound
    return message


def add_message(enquiry: Enquiry, author: Author, words: Words, submit_key: str, *, opens: bool = False) -> bool:
    """Keep a message and mail it to the other side; whether it is new: the same `submit_key` again adds nothing.

    Args:
        enquiry: locked.
        submit_key: of the form or of the mail.
        opens: whether it is the first one; who wrote it then gets a copy.
    """
    new = insert_once(
        EnquiryMessage, enquiry_id=enquiry.id, submit_key=submit_key, side=author.side, author_id=author.user_id,
        author_name=author.name, address=author.address, text=_without_tokens(enquiry, words.text),
        quoted=_without_tokens(enquiry, words.quoted), left_out=list(words.left_out),
    )  # fmt: skip
    if not new:
        return False
    enquiry.state = after_message(author.side)
    enquiry.changed_at = utcnow()
    enquiry.unread = author.side is Side.VENDOR
    enquiry.search_text += " " + search_text(words.text)
    db.session.flush()
    message = db.session.scalars(select(EnquiryMessage).where(EnquiryMessage.submit_key == submit_key)).one()
    attachments.keep(words.files, message_id=message.id)
    if opens:
        letters.copy_to_opener(enquiry, message)
    if author.side is Side.VENDOR:
        letters.tell_reseller(enquiry, message)
    else:
        letters.tell_staff(enquiry, message, opens=opens)
    return True


def says_again(enquiry: Enquiry, message: EnquiryMessage, user_id: int, words: Words) -> bool:
    """Whether somebody sends all of a message once more at once: they went back and pressed the button again."""
    kept = [(file.name, file.digest) for file in attachments.of_message(message.id)]
    files = [(attachments.name_of(file), hashlib.sha256(file.content).hexdigest()) for file in words.files]
    said = message.author_id, message.address, message.text, kept
    return said == (user_id, "", _without_tokens(enquiry, words.text), files) and utcnow() - message.at < AGAIN


def _without_tokens(enquiry: Enquiry, text: str) -> str:
    for token in (enquiry.token, enquiry.staff_token):
        text = text.replace(token, _HIDDEN)
    return text
