"""Files that come with a message: which are kept, by what they hold, and how they are found again (R32).

They are never shown, only saved, and nobody but the company and staff fetches them (R26).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, update

from dashboard.clock import utcnow
from dashboard.documents import service as documents
from dashboard.enquiries.models import EnquiryFile, EnquiryMessage
from dashboard.errors import N_, InvalidInput, TooMany
from dashboard.extensions import db, get_row
from dashboard.tax.rules import MAX_FILE, file_type
from dashboard.web.forms import trimmed

#: Files of one message, and bytes of all of them.
MOST, MOST_BYTES = 5, 10 * 1024 * 1024

#: Files that one author may add in a day, and those of mails that wait for staff: nobody fills our disk.
DAILY, WAITING = 50, 100

_LONGEST_NAME = 100
_HEADER = re.compile(rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+\r?\n")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class File:
    """A file as it came, under the name that its sender gave it."""

    name: str
    content: bytes


def kind_of(file: File) -> tuple[str, tuple[str, ...]] | None:
    """The media type of a file that is kept and the endings that its name may have; None for any other. Pictures and
    PDF are known by their content; plain text and mails by their names, too.
    """
    if known := file_type(file.content):
        return known[0], (".jpg", ".jpeg") if "jpeg" in known[0] else (f".{known[1].lstrip('.')}",)
    name = file.name.lower()
    if name.endswith(".eml") and _HEADER.match(file.content) and b"\x00" not in file.content:
        return "message/rfc822", (".eml",)
    if name.endswith((".txt", ".log")) and not _NO_TEXT.search(file.content):
        return "text/plain", (".txt", ".log")
    return None


def is_kept(file: File) -> bool:
    """Whether a file is one of those that are kept, and not too large."""
    return 0 < len(file.content) <= MAX_FILE and kind_of(file) is not None


def check(files: Sequence[File]) -> None:
    """For a form.

    Raises:
        InvalidInput: for the first that is not kept, or if they are too many or too large together.
    """
    if len(files) > MOST or sum(len(file.content) for file in files) > MOST_BYTES:
        raise InvalidInput(N_("At most %(max)s files, together 10 MB, go with one message."), max=MOST)
    for file in files:
        if len(file.content) > MAX_FILE:
            raise InvalidInput(N_("“%(name)s” is larger than 5 MB."), name=name_of(file))
        if not is_kept(file):
            raise InvalidInput(
                N_("“%(name)s” is no PDF, JPEG, PNG, plain text (.txt, .log) or mail (.eml)."), name=name_of(file)
            )


def name_of(file: File) -> str:
    """The name under which a file is saved: no folder, in one line, with an ending that says what it holds."""
    plain = re.split(r"[\\/]", str(trimmed(" ".join(file.name.split()))))[-1] or "file"
    kind = kind_of(file)
    if kind is None or plain.lower().endswith(kind[1]):
        stem, dot, ending = plain.rpartition(".")
        return plain if len(plain) <= _LONGEST_NAME else f"{stem[: _LONGEST_NAME - 10]}{dot}{ending[:9]}"
    return plain[: _LONGEST_NAME - 5] + kind[1][0]


def refuse_too_many(author_id: int, count: int) -> None:
    """For a message written on a page.

    Raises:
        TooMany: if its author has added so many files today that these are too many.
    """
    added = select(func.count(EnquiryFile.id)).join(EnquiryMessage, EnquiryMessage.id == EnquiryFile.message_id)
    added = added.where(EnquiryMessage.author_id == author_id, EnquiryMessage.at > utcnow() - timedelta(days=1))
    if count and (db.session.scalar(added) or 0) + count > DAILY:
        raise TooMany(N_("You have sent very many files today. Please send these tomorrow."))


def has_room() -> bool:
    """Whether files of one more mail that nobody has looked at are kept."""
    waiting = select(func.count()).where(EnquiryFile.message_id.is_(None))
    return (db.session.scalar(waiting) or 0) < WAITING


def keep(files: Sequence[File], *, message_id: int | None = None, mail_id: int | None = None) -> None:
    """Keep files with a message, or with a mail that waits."""
    for file in files:
        kind = kind_of(file)
        assert kind is not None
        digest = documents.keep(file.content, kind[0])
        row = EnquiryFile(
            message_id=message_id, mail_id=mail_id, name=name_of(file), size=len(file.content), digest=digest
        )
        db.session.add(row)
    db.session.flush()


def move(mail_id: int, message_id: int) -> None:
    """The mail is filed: its files belong to the message."""
    db.session.execute(update(EnquiryFile).where(EnquiryFile.mail_id == mail_id).values(message_id=message_id))


def of_messages(enquiry_id: str) -> dict[int, list[EnquiryFile]]:
    """The files of an enquiry, by the message with which they came."""
    query = select(EnquiryFile).join(EnquiryMessage, EnquiryMessage.id == EnquiryFile.message_id)
    found: dict[int, list[EnquiryFile]] = {}
    for file in db.session.scalars(query.where(EnquiryMessage.enquiry_id == enquiry_id).order_by(EnquiryFile.id)):
        found.setdefault(file.message_id or 0, []).append(file)
    return found


def of_message(message_id: int) -> list[EnquiryFile]:
    query = select(EnquiryFile).where(EnquiryFile.message_id == message_id)
    return list(db.session.scalars(query.order_by(EnquiryFile.id)))


def of_mail(mail_id: int) -> list[EnquiryFile]:
    query = select(EnquiryFile).where(EnquiryFile.mail_id == mail_id)
    return list(db.session.scalars(query.order_by(EnquiryFile.id)))


def get_file(file_id: int, *, enquiry_id: str) -> EnquiryFile:
    """A file of an enquiry.

    Raises:
        NotFound: if it has none of this id.
    """
    query = select(EnquiryFile).join(EnquiryMessage, EnquiryMessage.id == EnquiryFile.message_id)
    return get_row(query.where(EnquiryFile.id == file_id, EnquiryMessage.enquiry_id == enquiry_id))


def get_file_of_mail(file_id: int, *, mail_id: int) -> EnquiryFile:
    """A file of a mail.

    Raises:
        NotFound: if it has none of this id.
    """
    return get_row(select(EnquiryFile).where(EnquiryFile.id == file_id, EnquiryFile.mail_id == mail_id))
