"""Put an effect into the outbox; claim the next one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, update

from dashboard.clock import utcnow
from dashboard.errors import NotFound
from dashboard.extensions import db, insert_all_once, insert_once
from dashboard.outbox.models import OutboxItem

#: How long a claimed effect is left to its worker before another may take it.
LEASE = timedelta(minutes=5)
#: After so many failures, spread over four days, a person has to look: a weekend without mail server is no reason.
GIVE_UP_AFTER = 24
#: Whoever waits for an effect that is younger than this may be sitting there; what is older was missed already.
FRESH = timedelta(minutes=10)
#: After so many failures, some ten minutes, people are told of it: it may come right by itself, but not soon.
TELL_AFTER = 6
#: How often an effect that waits for another is looked at, however long it has waited.
LONGEST_WAIT = timedelta(minutes=1)


class Claim(NamedTuple):
    """An effect that this worker does now."""

    id: int
    kind: str
    payload: dict[str, Any]
    tries: int


def put(kind: str, key: str, **payload: Any) -> bool:
    """Have `kind` done after the commit; the same `key` is put once only. Whether it was new."""
    return insert_once(OutboxItem, kind=kind, key=key, payload=payload)


def put_later(kind: str, key: str, at: datetime, **payload: Any) -> bool:
    """As `put`, to be done not before an instant."""
    return insert_once(OutboxItem, kind=kind, key=key, payload=payload, not_before=at)


def put_all(kind: str, payloads: Mapping[str, dict[str, Any]]) -> None:
    """As `put`, for many effects of a kind, by their keys."""
    insert_all_once(OutboxItem, [{"kind": kind, "key": key, "payload": one} for key, one in payloads.items()])


def put_again(kind: str, key: str, **payload: Any) -> None:
    """Have `kind` done once more, under a key of its own; what was put before stays."""
    before = select(func.count()).where(OutboxItem.key.startswith(f"{key}#", autoescape=True))
    put(kind, f"{key}#{(db.session.scalar(before) or 0) + 2}", **payload)


def claim(now: datetime, *, but: str = "") -> Claim | None:
    """Take the next effect that is due, for the time of the lease; None if there is none.

    What has not failed yet goes first: no license waits for letters that a dead mail server keeps back. Of that, what
    is fresh: after an hour without a worker, or at the demo's first start, nobody who orders now waits for a backlog.

    Args:
        but: a kind that is left alone.
    """
    due = (
        select(OutboxItem.id)
        .where(*_due(now, but))
        .order_by(OutboxItem.tries, OutboxItem.created_at < now - FRESH, OutboxItem.not_before, OutboxItem.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = db.session.execute(
        update(OutboxItem)
        .where(OutboxItem.id == due)
        .values(not_before=now + LEASE, tries=OutboxItem.tries + 1)
        .returning(OutboxItem.id, OutboxItem.kind, OutboxItem.payload, OutboxItem.tries)
    ).first()
    return Claim(*taken) if taken else None


def hold(key: str) -> None:
    """Keep an effect that takes long to whoever is at it, for the time of a lease from now on."""
    at_hand = update(OutboxItem).where(OutboxItem.key == key, OutboxItem.done_at.is_(None))
    db.session.execute(at_hand.values(not_before=utcnow() + LEASE))


def is_waiting(now: datetime, *, but: str = "") -> bool:
    """Whether anything is due: a read, so that an idle worker never takes the write lock."""
    return db.session.scalar(select(OutboxItem.id).where(*_due(now, but)).limit(1)) is not None


def oldest_due(now: datetime) -> datetime | None:
    """Since when the effect that has waited longest is due; None if nothing is."""
    return db.session.scalar(select(func.min(OutboxItem.not_before)).where(*_due(now)))


def settle(key: str) -> None:
    """What an effect would do is done already: nobody need look at it."""
    waiting = update(OutboxItem).where(OutboxItem.key == key, OutboxItem.done_at.is_(None))
    db.session.execute(waiting.values(done_at=utcnow()))


def done(claimed: Claim) -> None:
    _set(claimed, done_at=utcnow(), error="")


def postponed(claimed: Claim) -> None:
    """What the effect needs is not there yet: no failure, just later; less often, the longer it has waited."""
    waited = utcnow() - db.session.scalars(select(OutboxItem.created_at).where(OutboxItem.id == claimed.id)).one()
    wait = timedelta(seconds=max(waited // timedelta(minutes=1), 1))
    _set(claimed, not_before=utcnow() + min(wait, LONGEST_WAIT), tries=claimed.tries - 1)


def failed(claimed: Claim, error: str) -> bool:
    """Note a failure and when to try again, ever later; whether this was the last try."""
    last = claimed.tries >= GIVE_UP_AFTER
    later = utcnow() + timedelta(seconds=min(5 * 3 ** (claimed.tries - 1), 6 * 3600))
    _set(claimed, error=error[:2000], not_before=later, failed_at=utcnow() if last else None)
    return last


def retry(key: str) -> None:
    """Try an effect again at once, as if it were new."""
    db.session.execute(
        update(OutboxItem)
        .where(OutboxItem.key == key, OutboxItem.done_at.is_(None))
        .values(not_before=utcnow(), tries=0, failed_at=None)
    )


def is_given_up(key: str) -> bool:
    """Whether an effect failed so often that it is not tried again by itself."""
    query = select(OutboxItem.id).where(OutboxItem.key == key, OutboxItem.failed_at.is_not(None))
    return db.session.scalar(query) is not None


def retry_item(item_id: int) -> None:
    """Try an effect that failed again at once; one that is done is left alone.

    Raises:
        NotFound: if there is none.
    """
    item = db.session.get(OutboxItem, item_id)
    if item is None:
        raise NotFound
    retry(item.key)


def stuck(limit: int, *, but: str) -> tuple[list[OutboxItem], int]:
    """The first effects that were given up or fail again and again, longest first, and how many there are.

    Args:
        but: a kind that is looked after elsewhere.
    """
    failing = or_(OutboxItem.failed_at.is_not(None), OutboxItem.tries >= TELL_AFTER)
    query = select(OutboxItem, func.count().over()).where(OutboxItem.done_at.is_(None), OutboxItem.error != "", failing)
    rows = db.session.execute(query.where(OutboxItem.kind != but).order_by(OutboxItem.id).limit(limit)).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def _due(now: datetime, but: str = "") -> list[ColumnElement[bool]]:
    due = [OutboxItem.done_at.is_(None), OutboxItem.failed_at.is_(None), OutboxItem.not_before <= now]
    return [*due, OutboxItem.kind != but] if but else due


def _set(claimed: Claim, **values: Any) -> None:
    db.session.execute(update(OutboxItem).where(OutboxItem.id == claimed.id).values(**values))
