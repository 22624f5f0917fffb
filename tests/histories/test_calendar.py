"""Three years at vendors in four time zones: every month's end, a leap day, days of 23 and 25 hours, clocks set back.

Whatever the day brings comes once, and on the right day of the vendor's (R12, R14, R15, R16, R17).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import settings as hypothesis_settings
from sqlalchemy import func, select

from dashboard import clock
from dashboard.extensions import db
from dashboard.fulfilment import papers, transfers
from dashboard.invoices import service as invoices
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.ledger.rules import Terms
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders.rules import PaymentState, payment_state
from dashboard.outbox.schedule import put_due
from dashboard.outbox.worker import work_off
from dashboard.resellers.models import Reseller
from dashboard.statements import interest
from dashboard.statements import service as statements
from dashboard.statements.models import InterestEntry, Reminder, Statement
from dashboard.web.transactions import transaction
from tests.factories import make_reseller

ZONES = ("America/New_York", "Europe/Berlin", "Europe/Moscow", "Pacific/Auckland")

YEARS = (2026, 2027, 2028)
FIRSTS = [date(year + month // 12, month % 12 + 1, 1) for year in YEARS for month in range(1, 13)]
ENDS = [first - timedelta(days=1) for first in FIRSTS]
#: Which of the years an order's whole way is lived through in; all of them if the tests are to be thorough.
LIVED = dict(zip(ZONES, (2026, 2027, 2028, 2028), strict=True))
LEAP_DAY = date(2028, 2, 29)

#: Days after the due date on which each order is paid, and the steps of its reminders.
PAID_AFTER, STEPS = 40, (-3, 0, 7, 21)
MINOR = 36_500  #: bears ten cents a day at 10 %


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, app: Flask, settings: Callable[..., Any]) -> ZoneInfo:
    """The vendor's time zone."""
    settings(vendor=replace(app.config["SETTINGS"].vendor, time_zone=request.param))
    return ZoneInfo(request.param)


@pytest.fixture(autouse=True)
def _nothing_is_drawn_or_mailed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters are written down; that they leave is tested elsewhere."""
    for kind in (statements.RENDER, invoices.RENDER, "mail"):
        monkeypatch.setitem(app.extensions["outbox_handlers"], kind, lambda _payload: None)


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def shifts(zone: ZoneInfo) -> list[date]:
    """The days of the three years that are not of 24 hours."""
    days = [date(YEARS[0], 1, 1) + timedelta(days=number) for number in range(3 * 365 + 1)]
    day = timedelta(days=1)
    return [one for one in days if moment(one + day, time(), zone) - moment(one, time(), zone) != day]


def test_the_calendar_has_what_is_tested() -> None:
    """Two shifts a year where clocks are shifted at all; the leap day is a month's end."""
    assert [len(shifts(ZoneInfo(one))) for one in ZONES] == [6, 6, 0, 6]
    assert LEAP_DAY in ENDS
    assert len(ENDS) == len(set(ENDS)) == 36


def test_R14_a_day_ends_at_the_vendors_midnight(zone: ZoneInfo) -> None:
    """At every month's end and around every shift, to the second, in both directions of a clock."""
    second = timedelta(seconds=1)
    for day in sorted({*ENDS, *shifts(zone)}):
        midnight = moment(day + timedelta(days=1), time(), zone)
        for instant, expected in (
            (midnight - second, day),
            (midnight, day + timedelta(days=1)),
            (midnight - second, day),
        ):
            with clock.at(instant):
                assert clock.today() == expected
                assert statements.this_month() == expected.replace(day=1)


def test_R12_R15_an_order_of_a_months_end_is_late_or_lapses_on_the_day_after_thirty(zone: ZoneInfo) -> None:
    for day in sorted({*ENDS, *shifts(zone)}):
        with clock.at(moment(day, time(23, 59), zone)):
            last_day = papers.valid_until(clock.today())
        assert last_day == day + timedelta(days=30)
        for at, state in (
            (moment(last_day, time(23, 59, 59), zone), (PaymentState.WAITING, PaymentState.DUE)),
            (moment(last_day + timedelta(days=1), time(), zone), (PaymentState.LAPSED, PaymentState.OVERDUE)),
        ):
            with clock.at(at):
                facts: dict[str, Any] = {"cancelled": False, "paid": False, "today": clock.today()}
                prepaid = payment_state(due_on=None, valid_until=last_day, **facts)
                assert (prepaid, payment_state(due_on=last_day, valid_until=None, **facts)) == state


class Life:
    """An order at each month's end, paid forty days late; a worker that looks at all days on which something is due."""

    def __init__(self, zone: ZoneInfo, reseller: Reseller) -> None:
        self.zone, self.reseller_id = zone, reseller.id
        self.due: dict[str, date] = {}
        years = YEARS if hypothesis_settings.get_current_profile_name() == "thorough" else (LIVED[zone.key],)
        self.ends = [day for day in ENDS if day.year in years]
        self.firsts = [day + timedelta(days=1) for day in self.ends]
        self.shifts = [day for day in shifts(zone) if day.year in years]

    def days(self) -> list[date]:
        due = [day + timedelta(days=30) for day in self.ends]
        late = {day + timedelta(days=days) for day in due for days in (*STEPS, 1, PAID_AFTER)}
        return sorted({*self.ends, *self.firsts, *late, *self.shifts})

    def live(self) -> None:
        for day in self.days():
            for at in (time(0, 5), time(7, 5)):
                self.look(moment(day, at, self.zone))
            if day in self.firsts or day in self.shifts:
                self.set_back(moment(day, time(7, 5), self.zone))
            with clock.at(moment(day, time(23, 30), self.zone)):
                self.trade(day)

    def look(self, instant: datetime) -> None:
        """The worker, at an instant; what is overdue then is what was due before that day."""
        with clock.at(instant):
            put_due()
            work_off()
            late = sum(due < clock.today() for due in self.due.values()) * MINOR
            assert balances.overdue(db.session.get_one(Reseller, self.reseller_id), clock.today()).minor == late
            db.session.rollback()

    def set_back(self, instant: datetime) -> None:
        """The clock goes back an hour, or a day, and catches up: nothing comes that was not there."""
        before = self.written()
        for back in (timedelta(hours=1), timedelta(days=1), timedelta()):
            with clock.at(instant - back):
                put_due()
                work_off()
            assert self.written() == before, f"{instant} set back by {back}"

    def written(self) -> list[int]:
        counts = [
            db.session.scalar(select(func.count()).select_from(model)) or 0
            for model in (Letter, Statement, Reminder, LedgerEntry, InterestEntry)
        ]
        db.session.rollback()
        return counts

    def trade(self, day: date) -> None:
        """In the last half hour of a day an order is placed, or one is paid."""
        with transaction():
            if day in self.ends:
                order_id = ledger.free_order_id()
                made = ledger.open_receivable(
                    order_id, self.reseller_id, Money(MINOR, "USD"), Terms.NET30, clock.today()
                )  # fmt: skip
                assert (made.placed_on, made.due_on) == (day, day + timedelta(days=30))
                self.due[order_id] = day + timedelta(days=30)
            for order_id in [one for one, due in self.due.items() if due + timedelta(days=PAID_AFTER) == day]:
                transfers.confirm_transfer(
                    self.reseller_id, Money(MINOR, "USD"), clock.today(), targets=[order_id], text="", staff_id=None,
                    submit_key=order_id,
                )  # fmt: skip
                del self.due[order_id]


def test_R14_R16_R17_years_of_months_bring_each_thing_once_and_on_its_day(zone: ZoneInfo) -> None:
    reseller = make_reseller(established_by_staff=True)
    life = Life(zone, reseller)
    db.session.commit()
    life.live()
    check_statements(zone, life.firsts)
    check_reminders(zone)
    check_interest()


def check_statements(zone: ZoneInfo, firsts: list[date]) -> None:
    """One a month, made as soon as the month begins at the vendor's."""
    made = db.session.scalars(select(Statement).order_by(Statement.id)).all()
    assert [(one.month, one.issued_on, one.created_at.astimezone(zone).date()) for one in made][: len(firsts)] == [
        (first, first, first) for first in firsts
    ]
    assert len({one.month for one in made}) == len(made)
    letters = db.session.scalars(select(Letter.key).where(Letter.kind == "monthly_statement")).all()
    assert len(letters) == len(made)


def check_reminders(zone: ZoneInfo) -> None:
    """Each step once, on its day, and not at night; the letters tell of each order once in each tone."""
    due = {one.id: one.due_on for one in db.session.scalars(select(Receivable)) if one.due_on}
    sent: dict[str, list[int]] = defaultdict(list)
    for one in db.session.scalars(select(Reminder)):
        assert one.sent_on == due[one.receivable_id] + timedelta(days=one.step)
        sent[one.receivable_id].append(one.step)
    assert {id_: sorted(steps) for id_, steps in sent.items()} == {id_: list(STEPS) for id_ in due}
    told: Counter[tuple[str, str]] = Counter()
    for letter in db.session.scalars(select(Letter).where(Letter.kind == "payment_reminder")):
        assert letter.created_at.astimezone(zone).hour >= 7
        told.update((id_, letter.payload["tone"]) for id_ in letter.payload["receivable_ids"])
    assert told == Counter({(id_, tone): 1 for id_ in due for tone in ("upcoming", "due", "overdue", "final")})


def check_interest() -> None:
    """Every order bears forty days, counted once, over however many statements; ten cents each."""
    for receivable in db.session.scalars(select(Receivable)):
        entries = [one for one in interest.entries_of(receivable.id) if one.pieces]
        assert (entries[0].after, entries[-1].until) == (
            receivable.due_on, (receivable.due_on or receivable.placed_on) + timedelta(days=PAID_AFTER),
        )  # fmt: skip
        assert sum(days for one in entries for _base, days in one.pieces) == PAID_AFTER
        assert sum(one.minor for one in entries) == PAID_AFTER * 10
