"""What is due by the vendor's clock is put once, whatever the clock does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import event, select

from dashboard import clock
from dashboard.extensions import db as database
from dashboard.outbox import schedule, worker
from dashboard.outbox.models import OutboxItem
from dashboard.outbox.schedule import Due, Schedule, each_month, each_morning, put_due

ZONES = ("Europe/Tallinn", "America/New_York", "Asia/Vladivostok")


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, app: Flask, settings: Callable[..., Any]) -> ZoneInfo:
    settings(vendor=replace(app.config["SETTINGS"].vendor, time_zone=request.param))
    return ZoneInfo(request.param)


@pytest.fixture(autouse=True)
def _planted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "outbox_schedule", [each_month("month"), each_morning("day")])
    database.session.commit()


def keys() -> list[str]:
    found = list(database.session.scalars(select(OutboxItem.key).order_by(OutboxItem.id)))
    database.session.rollback()
    return found


def live_through(begin: datetime, hours: int) -> None:
    """A worker that looks every quarter of an hour of real time."""
    for quarter in range(hours * 4):
        with clock.at(begin.astimezone(UTC) + timedelta(minutes=15 * quarter)):
            put_due()


@pytest.mark.parametrize(
    ("begin", "days"),
    [
        ((2026, 1, 30), ["2026-01-30", "2026-01-31", "2026-02-01"]),
        ((2027, 2, 27), ["2027-02-27", "2027-02-28", "2027-03-01"]),
        ((2028, 2, 28), ["2028-02-28", "2028-02-29", "2028-03-01"]),
        ((2026, 12, 30), ["2026-12-30", "2026-12-31", "2027-01-01"]),
    ],
    ids=["January", "February", "leap year", "New Year"],
)
def test_R17_at_the_end_of_a_month(zone: ZoneInfo, begin: tuple[int, int, int], days: list[str]) -> None:
    live_through(datetime(*begin, 0, 1, tzinfo=zone), 3 * 24)
    months = list(dict.fromkeys(f"month:{day[:7]}" for day in days))
    assert sorted(keys()) == sorted([*months, *(f"day:{day}" for day in days)])


@pytest.mark.parametrize("day", [(2026, 3, 8), (2026, 3, 29), (2026, 10, 25), (2026, 11, 1)])
def test_a_day_of_23_or_25_hours_is_one_day(zone: ZoneInfo, day: tuple[int, int, int]) -> None:
    begin = datetime(*day, tzinfo=zone) - timedelta(days=1)
    live_through(begin, 3 * 24)
    put = [key for key in keys() if key.startswith("day:")]
    assert len(put) == len(set(put)) >= 3


def test_R17_a_month_begins_at_midnight_of_the_vendor(zone: ZoneInfo) -> None:
    midnight = datetime(2026, 12, 1, tzinfo=zone)
    for moment, months in ((midnight - timedelta(minutes=1), ["2026-11"]), (midnight, ["2026-11", "2026-12"])):
        with clock.at(moment.astimezone(UTC)):
            put_due()
        assert [key for key in keys() if key.startswith("month:")] == [f"month:{month}" for month in months]


def test_nobody_is_written_to_at_night(zone: ZoneInfo) -> None:
    for hour, count in ((0, 0), (6, 0), (7, 1), (23, 1)):
        with clock.at(datetime(2026, 5, 4, hour, 59, tzinfo=zone).astimezone(UTC)):
            put_due()
        assert sum(key.startswith("day:") for key in keys()) == count


def test_a_clock_that_is_set_back_brings_nothing_twice(zone: ZoneInfo) -> None:
    noon = datetime(2026, 12, 1, 12, tzinfo=zone).astimezone(UTC)
    for shift in (-1, 0, -1, 0):
        with clock.at(noon + timedelta(days=shift)):
            put_due()
    assert len(keys()) == len(set(keys())) == 4


def test_an_idle_worker_only_reads(app: Flask) -> None:
    with clock.at(datetime(2026, 5, 4, 12, tzinfo=UTC)):
        assert put_due() == 2
        said: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            said.append(statement.split(maxsplit=1)[0].upper())

        event.listen(database.engine, "before_cursor_execute", note)
        try:
            assert put_due() == 0
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        assert said.count("SELECT") == 1
        assert not {"INSERT", "UPDATE"} & set(said)


def test_it_is_looked_at_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    looks, seconds = [], [0.0]
    monkeypatch.setattr(schedule, "put_due", lambda: looks.append(seconds[0]))
    monkeypatch.setattr(schedule.time, "monotonic", lambda: seconds[0])
    own = Schedule()
    for second in range(130):
        seconds[0] = float(second)
        own.look()
    assert looks == [0, 60, 120]


def test_what_cannot_be_scheduled_keeps_no_effect_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_now: datetime) -> Due:
        raise RuntimeError("no such month")

    done: list[Any] = []
    monkeypatch.setitem(app.extensions, "outbox_schedule", [broken])
    monkeypatch.setitem(app.extensions, "outbox_handlers", {"planted": done.append})
    monkeypatch.setattr(worker, "PAUSE", 0.01)
    database.session.add(OutboxItem(kind="planted", key="a", payload={}))
    database.session.commit()
    stop = worker.Stop()

    def until_done(_seconds: float) -> None:
        stop.told = bool(done)

    monkeypatch.setattr(stop, "sleep", until_done)
    with caplog.at_level(logging.ERROR):
        worker.run(stop)
    assert done == [{}]
    assert "no such month" in caplog.text
