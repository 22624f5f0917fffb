"""The staff's letter of the morning: only if something waits, once a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dashboard import clock
from dashboard.extensions import db as database
from dashboard.fulfilment import service as fulfilment
from dashboard.mail.models import Letter
from dashboard.outbox.schedule import put_due
from dashboard.outbox.worker import work_off
from tests.factories import make_reseller, make_user, place

MORNING = datetime(2026, 5, 4, 8, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("db")


def live(day: int = 0) -> list[Letter]:
    database.session.commit()
    with clock.at(MORNING + timedelta(days=day)):
        put_due()
        work_off()
    letters = list(database.session.scalars(select(Letter).where(Letter.kind == "staff_digest").order_by(Letter.id)))
    database.session.commit()
    return letters


def something_waits() -> None:
    with clock.at(MORNING):
        reseller = make_reseller(listing_checked_at=MORNING)
        fulfilment.ask_temporary(place(reseller).id, of=reseller.id)


def test_R22_staff_are_told_what_waits_once_a_day_in_their_language() -> None:
    make_user("Olga", staff=True, language="ru")
    make_user("Paul", staff=True)
    make_user("Nobody")
    make_user("New", staff=True, confirmed=False)
    something_waits()
    for _ in range(2):
        letters = live()
    assert len(letters) == 2
    assert "1\N{NO-BREAK SPACE}дело ждёт вас" in letters[0].subject
    assert "1 temporary license to release" in letters[1].text
    assert "http" in letters[1].text
    assert len(live(1)) == 4


def test_on_a_good_day_nobody_is_written_to() -> None:
    make_user(staff=True)
    assert live() == []


def test_it_can_be_turned_off(settings: Callable[..., Any]) -> None:
    settings(staff_digest=False)
    make_user(staff=True)
    something_waits()
    assert live() == []
