"""The outbox: put once, done at least once, tried again ever later, given up at last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard import clock
from dashboard.errors import NotYet
from dashboard.extensions import db as database
from dashboard.outbox import service, worker
from dashboard.outbox.models import OutboxItem
from dashboard.outbox.worker import work_off, work_once
from dashboard.web.transactions import transaction

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
Planted = dict[str, Callable[[dict[str, Any]], None]]


@pytest.fixture(autouse=True)
def _at_noon(app: Flask) -> Iterator[None]:
    with clock.at(NOON):
        yield


@pytest.fixture
def handlers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Planted:
    """Handlers of this test, beside the product's own."""
    planted = dict(app.extensions["outbox_handlers"])
    monkeypatch.setitem(app.extensions, "outbox_handlers", planted)
    return planted


@contextmanager
def later(**delta: float) -> Iterator[None]:
    database.session.commit()
    with clock.at(NOON + timedelta(**delta)):
        yield


def put(key: str = "a", **payload: Any) -> None:
    service.put("planted", key, **payload)
    database.session.commit()


def item(key: str = "a") -> OutboxItem:
    database.session.rollback()
    found = database.session.scalar(select(OutboxItem).where(OutboxItem.key == key))
    assert found
    database.session.expunge(found)
    database.session.rollback()  # let go of SQLite's write lock
    return found


def seconds_until_next_try(key: str = "a") -> float:
    return (item(key).not_before - clock.utcnow()).total_seconds()


def test_the_same_key_is_put_once(handlers: Planted) -> None:
    assert service.put("planted", "a", n=1)
    assert not service.put("planted", "a", n=2)
    assert service.put("planted", "b", n=3)
    database.session.commit()
    done: list[Any] = []
    handlers["planted"] = lambda payload: done.append(payload["n"])
    assert work_off() == 2
    assert done == [1, 3]
    assert not service.put("planted", "a", n=4)


def test_nobody_who_waits_now_waits_for_a_backlog(handlers: Planted) -> None:
    """What is older than ten minutes was missed already; among equals the order in which they were put is kept."""
    done: list[Any] = []
    handlers["planted"] = lambda payload: done.append(payload["n"])
    for number in (1, 2):
        put(f"missed {number}", n=number)
    with later(minutes=11):
        for number in (3, 4):
            put(f"fresh {number}", n=number)
        assert work_off() == 4
    assert done == [3, 4, 1, 2]


def test_what_is_rolled_back_is_not_done(handlers: Planted) -> None:
    service.put("planted", "a")
    database.session.rollback()
    assert work_off() == 0


def test_an_effect_is_done_outside_any_transaction_and_then_marked(handlers: Planted) -> None:
    def handle(_payload: dict[str, Any]) -> None:
        assert not database.session.registry().in_transaction()
        with transaction():  # would wait for itself, if the worker held the write lock
            service.put("other", "made by the first")

    handlers["planted"], handlers["other"] = handle, lambda _payload: None
    put()
    assert work_off() == 2
    assert item().done_at == NOON
    assert (item().tries, item().error) == (1, "")


def test_effects_are_done_in_the_order_in_which_they_are_due(handlers: Planted) -> None:
    done: list[int] = []
    handlers["planted"] = lambda payload: done.append(payload["n"])
    with clock.at(NOON - timedelta(minutes=1)):
        put("late", n=1)
    for number in (2, 3):
        put(f"key{number}", n=number)
    with clock.at(NOON + timedelta(hours=1)):
        put("to come", n=4)
    work_off()
    assert done == [1, 2, 3]


def test_what_has_failed_keeps_nothing_else_waiting(handlers: Planted) -> None:
    """Mail server down: licenses go on."""
    done: list[str] = []

    def fail(_payload: dict[str, Any]) -> None:
        done.append("failing")
        raise OSError("no route to host")

    handlers["failing"] = fail
    handlers["planted"] = lambda _payload: done.append("fresh")
    for number in range(3):
        service.put("failing", f"failing{number}")
    database.session.commit()
    work_off()
    with later(seconds=5):
        put("fresh")
    done.clear()
    with later(seconds=6):
        work_off()
    assert done == ["fresh", "failing", "failing", "failing"]


def test_a_claim_holds_for_its_lease(handlers: Planted) -> None:
    """A worker that dies leaves its effect to the next one, but not before the lease is over."""
    put()
    with transaction():
        first = service.claim(clock.utcnow())
    assert first is not None
    with transaction():
        assert service.claim(clock.utcnow()) is None
    handlers["planted"] = lambda _payload: None
    with later(minutes=4, seconds=59):
        assert work_off() == 0
    with later(minutes=5):
        assert work_off() == 1
    assert item().tries == 2


def test_a_failure_is_tried_again_ever_later_and_given_up_at_last(
    handlers: Planted, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_payload: dict[str, Any]) -> None:
        raise OSError("no route to host")

    handlers["planted"] = fail
    put()
    waits, now = [], NOON
    for _ in range(service.GIVE_UP_AFTER):
        with clock.at(now):
            assert work_off() == 1
            assert work_off() == 0
            waits.append(seconds_until_next_try())
        now += timedelta(seconds=waits[-1])
    assert waits[:5] == [5, 15, 45, 135, 405]
    assert waits == sorted(waits)
    assert max(waits) == 6 * 3600
    assert sum(waits[:-1]) > 3 * 24 * 3600  # a mail server that is away over a weekend
    assert item().failed_at is not None
    assert item().error == "OSError: no route to host"
    assert [record.message for record in caplog.records].count(worker.GIVEN_UP) == 1
    with clock.at(now + timedelta(days=365)):
        assert work_off() == 0


def test_what_was_given_up_can_be_tried_again_by_hand(handlers: Planted) -> None:
    put()
    with transaction():
        given_up = item_in_session()
        given_up.failed_at, given_up.tries, given_up.error = NOON, 12, "OSError"
    assert work_off() == 0
    done: list[int] = []
    handlers["planted"] = lambda _payload: done.append(1)
    with transaction():
        service.retry("a")
    assert work_off() == 1
    with transaction():
        service.retry("a")  # done already: nothing to try
    assert work_off() == 0
    assert done == [1]
    assert (item().tries, item().failed_at, item().error) == (1, None, "")


def test_what_is_long_not_ready_is_looked_at_less_often(handlers: Planted) -> None:
    def wait(_payload: dict[str, Any]) -> None:
        raise NotYet

    handlers["planted"] = wait
    put()
    for hours, seconds in ((0, 1), (0.5, 30), (5, 60)):
        with later(hours=hours):
            assert work_once()
            assert seconds_until_next_try() == seconds


def item_in_session() -> OutboxItem:
    return database.session.scalars(select(OutboxItem)).one()


def test_what_is_not_ready_waits_without_counting_as_a_failure(handlers: Planted) -> None:
    ready: list[bool] = []

    def handle(_payload: dict[str, Any]) -> None:
        if not ready:
            raise NotYet

    handlers["planted"] = handle
    put()
    for second in range(30):
        with later(seconds=second):
            assert work_off() == 1
            assert (item().tries, item().error, item().failed_at) == (0, "", None)
            assert 0 < seconds_until_next_try() <= 1
    ready.append(True)
    with later(seconds=30):
        assert work_off() == 1
    assert item().done_at is not None


def test_one_that_fails_does_not_keep_the_others_waiting(handlers: Planted) -> None:
    done: list[int] = []

    def handle(payload: dict[str, Any]) -> None:
        if payload["n"] == 1:
            raise RuntimeError
        done.append(payload["n"])

    handlers["planted"] = handle
    for number in (1, 2, 3):
        put(f"key{number}", n=number)
    assert work_off() == 3
    assert done == [2, 3]


def test_an_effect_of_an_unknown_kind_is_a_failure_that_waits(handlers: Planted) -> None:
    """After going back to an older version, its effects wait until the newer one returns."""
    put()
    assert work_off() == 1
    assert item().error == "KeyError: 'planted'"
    assert item().failed_at is None


def test_an_idle_worker_does_not_take_the_write_lock(handlers: Planted, db: scoped_session[Session]) -> None:
    db.execute(select(OutboxItem))  # the test's own transaction holds SQLite's write lock
    assert not work_once()


def test_a_worker_whose_database_is_away_goes_on_later(
    app: Flask, handlers: Planted, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop, slept, results = worker.Stop(), [], iter([OSError("away"), OSError("away"), True, False])

    def look() -> bool:
        result = next(results, None)
        if isinstance(result, Exception):
            raise result
        if result is None:
            stop.tell()
        return bool(result)

    monkeypatch.setattr(worker, "work_once", look)
    monkeypatch.setattr(stop, "sleep", slept.append)
    worker.run(stop)
    assert slept == [1.0, 2.0, 0.5, 0.5]
    assert caplog.text.count("could not look into the outbox: away") == 2


def test_a_worker_outlives_a_fault_without_words(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = worker.Stop()

    def look() -> bool:
        stop.tell()
        raise MemoryError

    monkeypatch.setattr(worker, "work_once", look)
    worker.run(stop)
    assert "could not look into the outbox: MemoryError" in caplog.text


def test_every_kind_that_is_put_has_a_handler(app: Flask) -> None:
    """Handlers are found by name: a kind that nobody handles would wait for ever."""
    assert {"mail", "invoices.render", "licenses.sign", "licenses.revocations"} <= set(
        app.extensions["outbox_handlers"]
    )
