"""Open, answer, close and find enquiries (R32)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select, true, tuple_
from sqlalchemy.orm import aliased

from dashboard import chance
from dashboard.accounts import limits
from dashboard.accounts import service as accounts
from dashboard.accounts.rules import Rate
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.enquiries import attachments
from dashboard.enquiries.attachments import File
from dashboard.enquiries.exchange import Author, Words, add_message, get_enquiry, messages_of, says_again
from dashboard.enquiries.models import Enquiry, EnquiryMessage
from dashboard.enquiries.rules import FILTERS, Kind, Side, State, find_numbers, number_of, waiting_for
from dashboard.errors import N_, InvalidInput, NotFound, Refused
from dashboard.extensions import db, insert_once
from dashboard.orders import service as orders
from dashboard.resellers import service as resellers
from dashboard.resellers.models import Reseller
from dashboard.searching import hold_words
from dashboard.typed import search_text
from dashboard.web.cursors import cursor_after, place_of

__all__ = ["get_enquiry", "messages_of"]  # besides what stands here

#: Enquiries that a page of a list shows.
PAGE = 40

#: How many a company may open: nobody floods staff with letters.
OPENING = Rate("enquiries of a company", 20, timedelta(days=1))


@dataclass(frozen=True)
class Request:
    """What the form of a new enquiry says."""

    kind: Kind
    subject: str
    text: str
    order_id: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    files: Sequence[File] = ()


def open_enquiry(reseller_id: int, user_id: int, request: Request, *, submit_key: str) -> Enquiry:
    """Open an enquiry, unless the company has opened too many (`keep_enquiry`). Before the first statement of a
    transaction, because the limit is counted in one of its own.

    Raises:
        TooMany: if the company has opened too many today.
        InvalidInput: if the order is none of its own (R26).
    """
    limits.take((OPENING, f"reseller {reseller_id}"))
    return keep_enquiry(reseller_id, user_id, request, submit_key=submit_key)


def keep_enquiry(reseller_id: int, user_id: int, request: Request, *, submit_key: str) -> Enquiry:
    """A new enquiry of a reseller, about itself or one of its orders, mailed to staff.

    The same `submit_key` again is the enquiry that it opened; so is the same once more at once (`says_again`).

    Raises:
        InvalidInput: if the order is none of its own (R26).
        TooMany: if that are too many files for one day.
    """
    reseller = resellers.get_reseller(reseller_id, lock=True)
    if opened := _opened_by_key(f"page:{user_id}:{submit_key}") or _opened_alike(reseller_id, user_id, request):
        return opened
    if request.order_id:
        try:
            orders.get_order(request.order_id, of=reseller_id)
        except NotFound as error:
            raise InvalidInput(N_("Your company has no order with this number.")) from error
    attachments.refuse_too_many(user_id, len(request.files))
    user = accounts.get_user(user_id)
    enquiry = get_enquiry(_insert(reseller, user_id, user.name, request), lock=True)
    audit.record("enquiry.opened", f"enquiry:{enquiry.id}", kind=request.kind)
    author = Author(Side.RESELLER, user_id, user.name)
    words = Words(request.text, files=request.files)
    add_message(enquiry, author, words, f"page:{user_id}:{submit_key}", opens=True)
    return enquiry


def _opened_by_key(submit_key: str) -> Enquiry | None:
    query = select(Enquiry).join(EnquiryMessage, EnquiryMessage.enquiry_id == Enquiry.id)
    return db.session.scalar(query.where(EnquiryMessage.submit_key == submit_key))


def _opened_alike(reseller_id: int, user_id: int, request: Request) -> Enquiry | None:
    """The person's newest enquiry, if it is the same, was opened just now, and nothing was added."""
    theirs = select(Enquiry).where(Enquiry.reseller_id == reseller_id, Enquiry.opened_by == user_id)
    by_age = theirs.join(EnquiryMessage, EnquiryMessage.enquiry_id == Enquiry.id).group_by(Enquiry.id)
    newest = db.session.scalars(by_age.order_by(func.min(EnquiryMessage.id).desc()).limit(1)).first()
    if newest is None or newest.state == State.CLOSED:
        return None
    about = newest.kind, newest.subject, newest.order_id or "", newest.facts
    [first, *more] = messages_of(newest.id)
    words = Words(request.text, files=request.files)
    is_same = about == (request.kind, request.subject, request.order_id, request.facts) and not more
    return newest if is_same and says_again(newest, first, user_id, words) else None


def _insert(reseller: Reseller, user_id: int, name: str, request: Request) -> str:
    """The number of the new enquiry: short, readable aloud and not sequential; a taken one is tried again."""
    words = [reseller.name, request.subject, request.order_id, name, *request.facts.values()]
    while True:
        number = number_of(chance.source().randrange(10_000_000, 100_000_000))
        new = insert_once(
            Enquiry, id=number, reseller_id=reseller.id, order_id=request.order_id or None, kind=request.kind,
            subject=request.subject, facts=request.facts, state=State.FOR_US, unread=False, opened_by=user_id,
            opened_by_name=name, token=_token(), staff_token=_token(),
            search_text=search_text(number, *words),
        )  # fmt: skip
        if new:
            return number


def _token() -> str:
    """What nobody guesses, in letters that no mail program changes."""
    return f"{chance.source().getrandbits(96):024x}"


def answer(
    enquiry_id: str, side: Side, user_id: int, text: str, files: Sequence[File] = (), *, submit_key: str,
    of: int | None = None,
) -> bool:  # fmt: skip
    """Write into an enquiry from its page; the other side is mailed. A closed one is open again.

    Args:
        of: the reseller that writes; None for staff.

    Returns:
        whether it is new: the same `submit_key` again adds nothing, nor does the same once more at once (`says_again`).

    Raises:
        NotFound: if there is no such enquiry of the reseller.
        TooMany: if that are too many files for one day.
    """
    enquiry = get_enquiry(enquiry_id, of=of, lock=True)
    words = Words(text, files=files)
    if says_again(enquiry, messages_of(enquiry_id)[-1], user_id, words):
        return False
    attachments.refuse_too_many(user_id, len(files))
    author = Author(side, user_id, accounts.get_user(user_id).name)
    return add_message(enquiry, author, words, f"page:{user_id}:{submit_key}")


def close(enquiry_id: str, *, of: int | None = None) -> None:
    """Nothing is to be done any more.

    Raises:
        Refused: if it is closed already.
    """
    enquiry = get_enquiry(enquiry_id, of=of, lock=True)
    if enquiry.state == State.CLOSED:
        raise Refused(N_("This enquiry is closed already."))
    enquiry.state, enquiry.changed_at = State.CLOSED, utcnow()
    audit.record("enquiry.closed", f"enquiry:{enquiry.id}")


def reopen(enquiry_id: str, side: Side, *, of: int | None = None) -> None:
    """Something is to be done after all: it waits for the vendor again.

    Raises:
        Refused: if it is open.
    """
    enquiry = get_enquiry(enquiry_id, of=of, lock=True)
    if enquiry.state != State.CLOSED:
        raise Refused(N_("This enquiry is open."))
    enquiry.state, enquiry.changed_at = waiting_for(Side.VENDOR), utcnow()
    audit.record("enquiry.reopened", f"enquiry:{enquiry.id}", side=side)


def seen(enquiry_id: str) -> None:
    """A member who may write has read the vendor's answer."""
    get_enquiry(enquiry_id, lock=True).unread = False


# ── Lists ───────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Listed:
    """An enquiry with the name of its reseller."""

    enquiry: Enquiry
    reseller: str


@dataclass(frozen=True)
class Page:
    """A page of a list, where the next one begins, and how many each filter finds."""

    rows: list[Listed]
    following: str | None
    counts: dict[str, int]


def list_enquiries(
    *, of: int | None, state: str = "open", search: str = "", cursor: str = "", limit: int = PAGE
) -> Page:
    """A page of enquiries, the last changed first, with the counts of all filters, in one statement.

    Args:
        of: the reseller; None for all, to staff.
        state: one of `FILTERS`; `waiting` is what waits for the reader.
        search: words that all must occur in what was written, or an enquiry's or order's number; neither case nor the
            keyboard layout matter.
        cursor: where an earlier page said that the next one begins; nonsense is ignored.
    """
    reader = Side.VENDOR if of is None else Side.RESELLER
    wanted = _wanted(of, search)
    counted = select(*(func.count().filter(_narrowed(name, reader)).label(name) for name in FILTERS)).where(*wanted)
    rows = select(Enquiry, Reseller.name.label("reseller_name")).join(Reseller, Reseller.id == Enquiry.reseller_id)
    rows = rows.where(*wanted, _narrowed(state, reader))
    if place := place_of(cursor):
        rows = rows.where(tuple_(Enquiry.changed_at, Enquiry.id) < place)
    rows = rows.order_by(Enquiry.changed_at.desc(), Enquiry.id.desc()).limit(limit + 1)
    counts, part = counted.subquery(), rows.subquery()
    listed = aliased(Enquiry, part)
    both = select(listed, part.c.reseller_name, *counts.c).select_from(counts.outerjoin(part, true()))
    found = db.session.execute(both.order_by(listed.changed_at.desc(), listed.id.desc())).all()
    shown = [Listed(row[0], row[1]) for row in found if row[0] is not None]
    more = len(shown) > limit
    last = shown[limit - 1].enquiry if more else None
    following = cursor_after(last.changed_at, last.id) if last else None
    return Page(shown[:limit], following, dict(zip(FILTERS, map(int, found[0][2:]), strict=True)))


def _wanted(of: int | None, search: str) -> list[ColumnElement[bool]]:
    conditions = [true()] if of is None else [Enquiry.reseller_id == of]
    if numbers := find_numbers(search):
        return [*conditions, Enquiry.id.in_(numbers)]
    return [*conditions, *hold_words(search, Enquiry.search_text)]


def _narrowed(state: str, reader: Side) -> ColumnElement[bool]:
    if state == "waiting":
        return Enquiry.state == waiting_for(reader)
    if state == "closed":
        return Enquiry.state == State.CLOSED
    return true() if state == "all" else Enquiry.state != State.CLOSED


def of_order(order_id: str) -> list[Enquiry]:
    """All enquiries about an order, the last changed first."""
    query = select(Enquiry).where(Enquiry.order_id == order_id)
    return list(db.session.scalars(query.order_by(Enquiry.changed_at.desc(), Enquiry.id.desc())))


def waiting_for_reseller(reseller_id: int, count: int) -> list[Enquiry]:
    """The first enquiries of a reseller with an answer that nobody has read, or that waits for one of the company's,
    what is not read ahead, the oldest first.
    """
    waits = or_(Enquiry.unread, Enquiry.state == State.FOR_RESELLER)
    query = select(Enquiry).where(Enquiry.reseller_id == reseller_id, waits)
    order = (Enquiry.unread.desc(), Enquiry.changed_at, Enquiry.id)
    return list(db.session.scalars(query.order_by(*order).limit(count)))


def oldest_waiting(count: int) -> list[Listed]:
    """The enquiries that have waited longest for staff."""
    query = select(Enquiry, Reseller.name).join(Reseller, Reseller.id == Enquiry.reseller_id)
    query = query.where(Enquiry.state == State.FOR_US).order_by(Enquiry.changed_at, Enquiry.id).limit(count)
    return [Listed(enquiry, name) for enquiry, name in db.session.execute(query)]


def count_waiting() -> int:
    """How many enquiries wait for staff."""
    return db.session.scalar(select(func.count()).where(Enquiry.state == State.FOR_US)) or 0
