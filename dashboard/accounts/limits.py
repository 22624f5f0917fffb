"""How often something may be tried. The counts are kept in transactions of their own: a refusal must not undo them."""

from __future__ import annotations

import math
from datetime import timedelta

from sqlalchemy import delete, or_, update

from dashboard.accounts.models import Limit
from dashboard.accounts.rules import Rate
from dashboard.accounts.sealing import hash_token
from dashboard.clock import utcnow
from dashboard.errors import N_, TooMany
from dashboard.extensions import db, insert_once
from dashboard.web.transactions import transaction

#: When a limit that is over is forgotten.
FORGOTTEN_AFTER = timedelta(days=1)


def take(*wanted: tuple[Rate, str]) -> None:
    """Count one try against each of the limits; each is a rate and whom it limits (an address, a place).

    Tries are counted before they are made, so that many at once cannot slip through together.

    Raises:
        TooMany: if one of them is used up; it says when to try again.
    """
    with transaction():
        waits = [_count(rate, whom) for rate, whom in wanted]
    if any(waits):
        raise TooMany(N_("That was too often. Please try again in %(minutes)s min."), minutes=max(waits))


def _count(rate: Rate, whom: str) -> int:
    """Count one try; the minutes to wait if that was one too many, else 0."""
    key, now = _key(rate, whom), utcnow()
    over = (Limit.key == key) & (Limit.until <= now)
    db.session.execute(delete(Limit).where(or_(over, Limit.until <= now - FORGOTTEN_AFTER)))
    insert_once(Limit, key=key, count=0, until=now + rate.window)
    counted = update(Limit).where(Limit.key == key).values(count=Limit.count + 1).returning(Limit.count, Limit.until)
    count, until = db.session.execute(counted).one()
    return math.ceil((until - now) / timedelta(minutes=1)) if count > rate.allowed else 0


def give_back(rate: Rate, whom: str) -> None:
    """The try was none of those that are limited."""
    db.session.execute(update(Limit).where(Limit.key == _key(rate, whom)).values(count=Limit.count - 1))


def forget(rate: Rate, whom: str) -> None:
    """Begin to count anew."""
    db.session.execute(delete(Limit).where(Limit.key == _key(rate, whom)))


def _key(rate: Rate, whom: str) -> str:
    """The table shall not say who tried what."""
    return hash_token(f"{rate.name}: {whom}")
