"""Mails that come in: filed with their enquiry, or kept until staff say where they belong (R32).

A sender's address proves little, because anybody can write it. So the vendor's side is believed only with the reply
address that staff alone are mailed; a member's also with the number in the subject, since a member's mail can do no
more than ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, or_, select, true
from sqlalchemy.orm import aliased

from dashboard.accounts import limits
from dashboard.accounts import service as accounts
from dashboard.accounts.models import User
from dashboard.accounts.rules import Rate
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.enquiries import attachments
from dashboard.enquiries.exchange import Author, Words, add_message, get_enquiry
from dashboard.enquiries.letters import may_write
from dashboard.enquiries.models import Enquiry, EnquiryMessage, ReceivedMail
from dashboard.enquiries.reading import Mail
from dashboard.enquiries.rules import Hurdle, MailState, Side, find_numbers, find_tokens, split_reply
from dashboard.errors import N_, InvalidInput, NotFound, Refused, TooMany
from dashboard.extensions import db, get_row, insert_once
from dashboard.resellers import service as resellers
from dashboard.web.transactions import reading, transaction

#: Mails of one person that are filed by themselves; more wait for staff.
MAILING = Rate("mails of a person", 30, timedelta(hours=1))

#: Mails that a page of the staff's list shows.
PAGE = 40

#: What the list of mails can be narrowed to.
STATES = (MailState.WAITING, MailState.DISMISSED, MailState.AUTOMATIC)


@dataclass(frozen=True)
class Match:
    """Where a mail belongs, and from whom it is; with a hurdle, only where it seems to belong."""

    enquiry_id: str | None = None
    author: Author | None = None
    hurdle: Hurdle | None = None


def receive(mail: Mail) -> MailState | None:
    """File a mail, or keep it for staff; None if it came before. Opens transactions of its own.

    A mail that a program wrote is kept and mailed on to nobody.
    """
    with reading():
        match = _match(mail)
    if match.author and not mail.automatic:
        try:
            limits.take((MAILING, f"account {match.author.user_id}"))
        except TooMany:
            match = Match(match.enquiry_id, None, Hurdle.TOO_MANY)
    with transaction():
        return _keep(mail, match)


def keep_for_staff(mail: Mail) -> None:
    """Keep a mail that names no enquiry, in the present transaction."""
    _keep(mail, Match(hurdle=Hurdle.NO_ENQUIRY))


def _match(mail: Mail) -> Match:
    by_token, by_number = _found(mail)
    if not by_token and not by_number:
        return Match(hurdle=Hurdle.NO_ENQUIRY)
    user = accounts.find_user(mail.sender)
    for enquiry, side in by_token:
        if user and _belongs(user, enquiry, side):
            return Match(enquiry.id, Author(side, user.id, user.name, mail.sender))
    for enquiry in by_number:
        if user and _belongs(user, enquiry, Side.RESELLER):
            return Match(enquiry.id, Author(Side.RESELLER, user.id, user.name, mail.sender))
    likely = by_token[0][0] if by_token else by_number[0]
    unproven = user is not None and user.is_staff and user.confirmed_at is not None
    return Match(likely.id, None, Hurdle.UNPROVEN if unproven else Hurdle.NOT_OURS)


def _found(mail: Mail) -> tuple[list[tuple[Enquiry, Side]], list[Enquiry]]:
    """The enquiries whose reply address or letters it answers, each with the side that these are for; and those whose
    number its subject names.
    """
    tokens = find_tokens([*mail.recipients, *mail.references])[:50]
    query = select(Enquiry).where(or_(Enquiry.token.in_(tokens), Enquiry.staff_token.in_(tokens)))
    by_token = [
        (one, side)
        for one in db.session.scalars(query.order_by(Enquiry.id))
        for token, side in ((one.token, Side.RESELLER), (one.staff_token, Side.VENDOR))
        if token in tokens
    ]
    numbers = find_numbers(mail.subject)[:5]
    by_number = select(Enquiry).where(Enquiry.id.in_(numbers)).order_by(Enquiry.id)
    return by_token, list(db.session.scalars(by_number))


def _belongs(user: User, enquiry: Enquiry, side: Side) -> bool:
    """Whether this person may write into the enquiry for this side."""
    if user.confirmed_at is None:
        return False
    if side is Side.VENDOR:
        return user.is_staff
    members = resellers.members_of(enquiry.reseller_id)
    return any(member.id == user.id and may_write(role) for member, role in members)


def _keep(mail: Mail, match: Match) -> MailState | None:
    state = MailState.FILED if match.author else MailState.WAITING
    state = MailState.AUTOMATIC if mail.automatic else state
    reply, files, left_out = split_reply(mail.text), mail.files, mail.left_out
    if state is MailState.AUTOMATIC or (state is MailState.WAITING and not attachments.has_room()):
        left_out, files = (*left_out, *(file.name for file in files)), ()
    new = insert_once(
        ReceivedMail, identity=mail.identity, sender=mail.sender, sender_name=mail.sender_name, subject=mail.subject,
        text=reply.text, quoted=reply.quoted, left_out=list(left_out), state=state,
        hurdle=match.hurdle or "", enquiry_id=match.enquiry_id,
    )  # fmt: skip
    if not new:
        return None
    if state is MailState.FILED and match.author and match.enquiry_id:
        enquiry = get_enquiry(match.enquiry_id, lock=True)
        words = Words(reply.text, reply.quoted, left_out, files)
        add_message(enquiry, match.author, words, f"mail:{mail.identity}")
    else:
        kept = db.session.scalars(select(ReceivedMail.id).where(ReceivedMail.identity == mail.identity)).one()
        attachments.keep(files, mail_id=kept)
    return state


# ── What staff decide ───────────────────────────────────────────────────


@dataclass(frozen=True)
class Page:
    """A page of the list of mails, where the next one begins, and how many there are by state."""

    mails: list[ReceivedMail]
    following: int | None
    counts: dict[str, int]


def list_mails(state: str, *, before: int | None = None) -> Page:
    """A page of mails of one state, the newest first, in one statement.

    Args:
        before: only those with a smaller id.
    """
    counts = select(*(func.count().filter(ReceivedMail.state == one).label(one.value) for one in STATES)).subquery()
    query = select(ReceivedMail).where(ReceivedMail.state == state).order_by(ReceivedMail.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(ReceivedMail.id < before)
    part = query.subquery()
    listed = aliased(ReceivedMail, part)
    both = select(listed, *counts.c).select_from(counts.outerjoin(part, true())).order_by(listed.id.desc())
    rows = db.session.execute(both).all()
    mails = [row[0] for row in rows if row[0] is not None]
    following = mails[PAGE - 1].id if len(mails) > PAGE else None
    return Page(mails[:PAGE], following, dict(zip(map(str, STATES), map(int, rows[0][1:]), strict=True)))


def count_waiting() -> int:
    """How many mails wait for staff."""
    return db.session.scalar(select(func.count()).where(ReceivedMail.state == MailState.WAITING)) or 0


def get_mail(mail_id: int, *, lock: bool = False) -> ReceivedMail:
    """A mail that was not filed by itself.

    Raises:
        NotFound: if there is none.
    """
    return get_row(select(ReceivedMail).where(ReceivedMail.id == mail_id), lock=lock)


def file_mail(mail_id: int, number: str, by: int) -> Enquiry:
    """File a mail that waits with an enquiry, as the reseller's words, under the name and address that it bears.

    Raises:
        InvalidInput: if there is no enquiry of this number.
        Refused: if somebody has decided about the mail already.
    """
    mail = _undecided(mail_id)
    numbers = find_numbers(number)
    try:
        enquiry = get_enquiry(numbers[0] if numbers else number, lock=True)
    except NotFound as error:
        raise InvalidInput(N_("There is no enquiry with this number.")) from error
    mail.state, mail.enquiry_id = MailState.FILED, enquiry.id
    mail.decided_by, mail.decided_at = by, utcnow()
    author = Author(Side.RESELLER, None, mail.sender_name, mail.sender)
    key = f"mail:{mail.identity}"
    add_message(enquiry, author, Words(mail.text, mail.quoted, mail.left_out), key)
    attachments.move(
        mail.id, db.session.scalars(select(EnquiryMessage.id).where(EnquiryMessage.submit_key == key)).one()
    )
    audit.record("enquiry.mail_filed", f"enquiry:{enquiry.id}", sender=mail.sender)
    return enquiry


def dismiss_mail(mail_id: int, by: int) -> None:
    """The mail belongs nowhere; it stays readable.

    Raises:
        Refused: if somebody has decided about it already.
    """
    mail = _undecided(mail_id)
    mail.state, mail.decided_by, mail.decided_at = MailState.DISMISSED, by, utcnow()
    audit.record("enquiry.mail_dismissed", f"enquiry_mail:{mail.id}", sender=mail.sender)


def _undecided(mail_id: int) -> ReceivedMail:
    """Also one that was set aside may be filed after all."""
    mail = get_mail(mail_id, lock=True)
    if mail.state == MailState.FILED:
        raise Refused(N_("Somebody has decided about this mail already."))
    return mail
