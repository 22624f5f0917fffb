"""Write a letter down, send it, send it again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, and_, func, or_, select, text, true
from sqlalchemy.orm import defer

from dashboard.config import current_settings
from dashboard.errors import N_, NotFound, Refused
from dashboard.extensions import db, insert_once
from dashboard.mail.models import UNDELIVERED, Letter
from dashboard.outbox import service as outbox
from dashboard.searching import MOST_WORDS, ways
from dashboard.typed import typed_words

#: Letters a page of the staff's list shows.
PAGE = 50

#: What staff's list can be narrowed to, of what has not left.
FILTERS: dict[str, ColumnElement[bool]] = {"failing": Letter.error != "", "waiting": Letter.error == ""}


@dataclass(frozen=True)
class Page:
    """A page of letters, where the next one begins, and how many each of `FILTERS` holds of the same search."""

    letters: list[Letter]
    older: int | None
    counts: dict[str, int]


@dataclass(frozen=True)
class Attachment:
    """A kept document under the name that the recipient sees."""

    name: str
    digest: str


@dataclass(frozen=True)
class Content:
    """What a letter's template needs, found when it is sent.

    `secret` marks a letter with a link that works like a password: its words are not kept where a mail server sends it.
    `headers` are further headers, such as `Reply-To`.
    """

    context: dict[str, Any]
    attachments: Sequence[Attachment] = field(default=())
    secret: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class Moot(Exception):
    """What a letter tells of holds no more: it is not sent.

    Args:
        why: one word, put into words by `components/states.html`.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


#: Finds the content of one kind of letter from its payload; raises NotYet while a document is not ready, and Moot if
#: the letter is not to leave any more.
Composer = Callable[[dict[str, Any]], Content]


def post(
    kind: str, *, to: str, language: str, key: str, about: str = "", thread: str = "", **payload: Any
) -> None:  # fmt: skip
    """Have a letter written and sent after the commit; the same `key` is sent once only.

    Args:
        kind: the template, `templates/mail/<kind>.html`.
        to: the recipient's address.
        language: "ru" or "en".
        about: kind and id of what it tells of, such as `order:R-2046-3187`.
        thread: a word that its Message-ID carries, by which an answer is known (`thread_id`).
        payload: JSON facts for the letter's composer; without one they are the template's context.
    """
    host = urlsplit(current_settings().public_url).hostname
    message_id = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}{'.' * bool(thread)}{thread}@{host}>"
    payload |= {"thread": thread} if thread else {}
    new = insert_once(
        Letter, key=key, kind=kind, recipient=to, language=language, about=about, payload=payload,
        message_id=message_id,
    )  # fmt: skip
    if new:
        letter_id = db.session.scalar(select(Letter.id).where(Letter.key == key))
        outbox.put("mail", f"mail:{key}", letter_id=letter_id)


def thread_id(thread: str) -> str:
    """The Message-ID under which mail programs put all letters of one thread together; no letter bears it."""
    return f"<{thread}@{urlsplit(current_settings().public_url).hostname}>"


def send_again(letter_id: int, *, to: str = "", language: str = "", **facts: Any) -> None:
    """Send the letter once more: at once if it still waits, else as a new one made from the same facts.

    Args:
        to: another recipient, who gets a new one in any case, in `language` and with these `facts` changed.

    Raises:
        Refused: if it was not sent because what it tells of holds no more.
    """
    letter = get_letter(letter_id)
    if letter.state == "dropped":
        raise Refused(N_("What this letter tells of holds no more, so it is not sent."))
    if not to and letter.state in {"failing", "waiting"}:
        outbox.retry(f"mail:{letter.key}")
        return
    first = letter.key.split("#")[0]
    again = db.session.scalar(select(func.count()).where(Letter.key.startswith(first + "#", autoescape=True))) or 0
    post(
        letter.kind, to=to or letter.recipient, language=language or letter.language, key=f"{first}#{again + 2}",
        about=letter.about, **letter.payload | facts,
    )  # fmt: skip


def get_letter(letter_id: int) -> Letter:
    letter = db.session.get(Letter, letter_id)
    if letter is None:
        raise NotFound
    return letter


def is_given_up(letter: Letter) -> bool:
    """Whether a letter could not be delivered so often that it is not tried again by itself."""
    return letter.state == "failing" and outbox.is_given_up(f"mail:{letter.key}")


def list_letters(
    *, only: str = "", search: str = "", also: ColumnElement[bool] | None = None, before: int | None = None
) -> Page:
    """A page of letters, newest first, with the counts of what has not left, in one statement.

    Args:
        only: one of `FILTERS`; empty: all.
        search: words that all must occur in the recipient's address or, if they have a digit, in the number of what the
            letter is about.
        also: what the search finds besides.
        before: only those with a smaller id.
    """
    wanted = _wanted(search, also)
    counts = select(*(func.count().filter(condition).label(name) for name, condition in FILTERS.items()))
    counted = counts.where(_undelivered(), *wanted).subquery()
    ids = select(Letter.id).where(*wanted, *([_undelivered(), FILTERS[only]] if only else []))
    if before is not None:
        ids = ids.where(Letter.id < before)
    part = ids.order_by(Letter.id.desc()).limit(PAGE + 1).subquery()
    query = select(Letter, *counted.c).options(defer(Letter.text), defer(Letter.html), defer(Letter.payload))
    query = query.select_from(counted.outerjoin(part, true()).outerjoin(Letter, Letter.id == part.c.id))
    rows = db.session.execute(query.order_by(Letter.id.desc())).all()
    found = [row[0] for row in rows if row[0] is not None]
    return Page(
        found[:PAGE],
        found[PAGE - 1].id if len(found) > PAGE else None,
        dict(zip(FILTERS, map(int, rows[0][1:]), strict=True)),
    )


def _undelivered() -> ColumnElement[bool]:
    return and_(text(UNDELIVERED))


def _wanted(search: str, also: ColumnElement[bool] | None) -> list[ColumnElement[bool]]:
    words = []
    for word in typed_words(search)[:MOST_WORDS]:
        numbers = {variant for variant in word if any(map(str.isdigit, variant))}
        words.append(or_(*ways(Letter.recipient, word), *ways(Letter.about, numbers)))
    return words if also is None else [or_(also, and_(true(), *words))]


def oldest_failing(count: int) -> tuple[list[Letter], int]:
    """The first letters that cannot be delivered, the oldest first, and how many there are; in one statement."""
    query = select(Letter, func.count().over()).where(_undelivered(), FILTERS["failing"])
    rows = db.session.execute(query.order_by(Letter.id).limit(count)).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def was_told(kind: str, about: str, *, to: str) -> bool:
    """Whether a letter of this kind about a subject has left to an address, or lies here without a mail server."""
    read = select(Letter.id).where(
        Letter.kind == kind, Letter.about == about, func.lower(Letter.recipient) == to.lower(), Letter.moot == ""
    )
    out = Letter.sent_at if current_settings().smtp_url else Letter.composed_at
    return db.session.scalar(read.where(out.is_not(None)).limit(1)) is not None


def letters_about(*about: str) -> list[Letter]:
    """All letters that tell of one of these subjects, oldest first."""
    return list(db.session.scalars(select(Letter).where(Letter.about.in_(about)).order_by(Letter.id)))
