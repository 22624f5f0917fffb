"""Monthly statements: what stands on them, and that each is made once (R17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard import clock
from dashboard.errors import InvalidInput, NotFound, Refused
from dashboard.extensions import db as database
from dashboard.fulfilment import transfers
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.models import Bundle, LedgerEntry, Receivable
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.outbox import service as outbox
from dashboard.outbox.models import OutboxItem
from dashboard.outbox.schedule import put_due
from dashboard.outbox.worker import work_off
from dashboard.resellers.models import Reseller
from dashboard.statements import interest, service
from dashboard.statements.models import Statement
from dashboard.statements.rules import Age, StatementRow, StatementSnapshot, age_of, ages_of, days_late
from dashboard.web.transactions import transaction
from tests.factories import make_key, make_reseller, place
from tests.statements.samples import DECEMBER, FIRST, count, owes
from tests.threads import Rendezvous, at_once, locks_off

Work = Callable[[], int]

pytestmark = pytest.mark.usefixtures("db")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@pytest.mark.parametrize(
    ("late", "age"),
    [
        (-40, Age.CURRENT), (0, Age.CURRENT), (1, Age.TO_30), (30, Age.TO_30), (31, Age.TO_60), (60, Age.TO_60),
        (61, Age.TO_90), (90, Age.TO_90), (91, Age.OVER_90), (4000, Age.OVER_90),
    ],
)  # fmt: skip
def test_R17_ages_are_counted_from_the_due_date(late: int, age: Age) -> None:
    assert age_of(DECEMBER - timedelta(days=late), DECEMBER) is age


def a_row(minor: int, late: int, owed: int = 0) -> StatementRow:
    due = DECEMBER - timedelta(days=late)
    return StatementRow(
        "R-1", "R-1", "", "", "", due - timedelta(days=30), due, minor, minor, owed, days_late(due, DECEMBER)
    )


def a_snapshot(rows: list[StatementRow], **facts: Any) -> StatementSnapshot:
    principal, late = sum(row.open_minor for row in rows), sum(row.interest_minor for row in rows)
    plain: dict[str, Any] = {
        "number": "ST-202612-7", "month": DECEMBER, "issued_on": DECEMBER, "language": "en", "currency": "USD",
        "seller": {}, "buyer": {}, "bank": {}, "reference": "RF1", "rows": tuple(rows), "prepaid": (),
        "ages": ages_of(rows, DECEMBER), "principal_minor": principal, "interest_minor": late,
        "total_minor": principal + late,
    }  # fmt: skip
    return StatementSnapshot(**plain | facts)


ROWS = st.lists(st.builds(a_row, st.integers(1, 10**9), st.integers(-40, 200), st.integers(0, 10**6)), max_size=30)


@given(ROWS)
def test_R17_the_sums_add_up_and_survive_being_kept(rows: list[StatementRow]) -> None:
    made = a_snapshot(rows)
    assert sum(made.ages.values()) + made.interest_minor == made.total_minor
    assert made.overdue_minor == sum(row.open_minor for row in rows if row.days_late)
    assert StatementSnapshot.from_json(made.to_json()).to_json() == made.to_json()


@pytest.mark.parametrize(
    "fault", [{"principal_minor": 1}, {"interest_minor": 1}, {"total_minor": 1}, {"ages": {"current": 5}}]
)
def test_R17_a_statement_whose_sums_do_not_add_up_is_not_made(fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is wrong"):
        a_snapshot([a_row(1000, 10, 5)], **fault)


@pytest.fixture(autouse=True)
def _on_the_first(app: Flask) -> Iterator[None]:
    with clock.at(FIRST):
        yield


def make(reseller: Reseller) -> StatementSnapshot:
    statement = service.make_statement(reseller.id, DECEMBER)
    assert statement is not None
    return statement.content


def test_R17_it_lists_what_is_owed_by_age_with_interest() -> None:
    reseller = make_reseller()
    for minor, late in ((100_000, -5), (50_000, 10), (25_000, 45), (10_000, 100)):
        owes(reseller, minor, late)
    ledger.open_debt(reseller.id, "INV-OLD-1", usd(7_000), placed_on=date(2025, 1, 1), due_on=date(2025, 2, 1))
    made = make(reseller)
    assert made.ages == {"current": 100_000, "1-30": 50_000, "31-60": 25_000, "61-90": 0, "over_90": 17_000}
    assert made.principal_minor == 192_000
    # 10 % a year: 500 for 10 days, 250 for 45, 100 for 100; an old debt bears none
    assert made.interest_minor == 137 + 308 + 274
    assert made.rows[0].number == "INV-OLD-1"
    assert balances.interest_owed(reseller) == usd(made.interest_minor)


def test_R17_unpaid_prepaid_orders_stand_apart() -> None:
    reseller = make_reseller(established_by_staff=True)
    order = place(reseller)
    reseller.on_hold = True
    prepaid = place(reseller)
    lapsed = place(reseller)
    lapsed.valid_until = clock.today() - timedelta(days=1)
    made = make(reseller)
    assert [row.order_id for row in made.rows] == [order.id]
    assert [row.order_id for row in made.prepaid] == [prepaid.id]
    assert made.total_minor == order.total_minor
    assert made.rows[0].customer == order.customer
    assert made.rows[0].number == order.invoice_number


@pytest.mark.parametrize("case", ["nothing", "paid", "prepaid only", "cancelled"])
def test_R17_who_owes_nothing_gets_none(case: str) -> None:
    reseller = make_reseller()
    if case == "paid":
        id_ = owes(reseller, 1000)
        ledger.receive(reseller.id, usd(1000), clock.today(), 1)
        ledger.allocate(id_, usd(1000), clock.today())
    elif case == "prepaid only":
        owes(reseller, 1000, prepaid=True)
    elif case == "cancelled":
        ledger.cancel(owes(reseller, 1000), clock.today(), invoiced=True)
    assert balances.debtors() == []
    assert service.rehearse(reseller.id, DECEMBER) is None
    assert service.make_statement(reseller.id, DECEMBER) is None


def test_R17_interest_alone_is_asked_for_too() -> None:
    reseller = make_reseller()
    id_ = owes(reseller, 100_000, 20)
    interest.book(id_, clock.today(), clock.today())
    ledger.receive(reseller.id, usd(100_000), clock.today(), 1)
    ledger.allocate(id_, usd(100_000), clock.today())
    assert balances.debtors() == [reseller.id]
    made = make(reseller)
    assert (made.principal_minor, made.interest_minor) == (0, 548)
    assert [row.days_late for row in made.rows] == [0]  # what was late is paid: its days would go on for ever


@pytest.fixture
def many(db: scoped_session[Session]) -> list[Reseller]:
    resellers = [make_reseller(f"Company {n}", document_language=("en", "ru")[n % 2]) for n in range(6)]
    for number, reseller in enumerate(resellers):
        for late in (-5, 3 * number, 40 * number):
            if number:
                owes(reseller, 10_000 * number + 1, late)
    db.commit()
    return resellers


def test_R17_the_rehearsal_shows_what_the_run_then_does(many: list[Reseller], work: Work) -> None:
    before = count(LedgerEntry)
    rehearsed = [one for reseller in many if (one := service.rehearse(reseller.id, DECEMBER))]
    page = service.rehearse_page(DECEMBER)
    assert [one.to_json() for one, _ in page.statements] == [one.to_json() for one in rehearsed]
    assert count(LedgerEntry) == before
    outbox.put(service.RUN, "run", month="2026-12")
    work()
    made = database.session.scalars(select(Statement).order_by(Statement.reseller_id)).all()
    assert [one.content.to_json() for one in made] == [one.to_json() for one in rehearsed]
    letters = database.session.scalars(select(Letter).where(Letter.kind == "monthly_statement")).all()
    assert {one.recipient for one in letters} == {address for _, address in page.statements}
    assert service.rehearse_page(DECEMBER).statements == []


def test_R17_it_starts_by_itself_and_running_twice_sends_nothing_twice(many: list[Reseller]) -> None:
    for _ in range(2):
        put_due()
        work_off()
        database.session.rollback()
        with transaction():
            service.start_run(DECEMBER)
        work_off()
    assert count(Statement) == 5
    assert count(Letter, Letter.kind == "monthly_statement") == 5
    assert count(Bundle) == 5


@pytest.mark.parametrize("before", range(5))
def test_R17_a_run_that_is_killed_half_way_is_finished_by_the_next(
    many: list[Reseller], before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The power goes while a statement is being made; what it has written goes with it."""
    calls = iter(range(1000))
    original = service.recipients.write_to

    def fails_now_and_then(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        if next(calls) == before:
            raise KeyboardInterrupt

    monkeypatch.setattr(service.recipients, "write_to", fails_now_and_then)
    outbox.put(service.RUN, "run", month="2026-12")
    database.session.commit()
    with pytest.raises(KeyboardInterrupt):
        work_off()
    database.session.rollback()
    assert count(Statement) == count(Letter, Letter.kind == "monthly_statement") == before
    with clock.at(FIRST + timedelta(minutes=10)):  # the lease is over
        work_off()
    assert count(Statement) == count(Letter, Letter.kind == "monthly_statement") == 5
    assert count(OutboxItem, OutboxItem.done_at.is_(None)) == 0


@pytest.mark.parametrize("fault", [False, True], ids=["locked", "planted fault"])
def test_R17_two_workers_make_one_statement(
    app: Flask, fault: bool, db: scoped_session[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    reseller = make_reseller()
    owes(reseller, 100_000, 20)
    db.commit()
    id_ = reseller.id
    Rendezvous(2).after(monkeypatch, service, "_has_later")

    def together() -> list[Any]:
        def make_it() -> bool:
            with clock.at(FIRST):  # a thread has a time of its own
                return service.make_statement(id_, DECEMBER) is not None

        return at_once(app, [make_it] * 2)

    if fault:
        with locks_off(monkeypatch):
            results = together()
        assert any(isinstance(one, Exception) for one in results)  # the constraint still holds
    else:
        results = together()
        assert not any(isinstance(one, Exception) for one in results)
        assert sorted(results) == [False, True]
    assert count(Statement) == 1
    assert count(Letter, Letter.kind == "monthly_statement") == 1


def test_R17_the_clock_set_back_brings_no_second_one(many: list[Reseller]) -> None:
    put_due()
    work_off()
    with clock.at(FIRST - timedelta(days=2)):
        put_due()
        work_off()
    assert count(Statement) == 5


def test_R17_a_month_that_is_over_is_not_asked_for_any_more() -> None:
    reseller = make_reseller()
    owes(reseller, 100_000, 20)
    with pytest.raises(Refused, match="is over"):
        service.start_run(date(2026, 11, 1))
    with pytest.raises(Refused, match="not begun"):
        service.start_run(date(2027, 1, 1))
    assert service.make_statement(reseller.id, date(2026, 11, 1)) is None
    with pytest.raises(InvalidInput):
        service.parse_month("2026-13")


def test_R17_one_transfer_with_its_reference_pays_all_of_it(db: scoped_session[Session]) -> None:
    make_key()
    reseller = make_reseller(established_by_staff=True)
    orders = [place(reseller) for _ in range(3)]
    for order in orders:
        due = clock.today() - timedelta(days=20)
        order.due_on = due
        db.query(Receivable).filter_by(id=order.id).update({"due_on": due})
    made = make(reseller)
    bundle = db.query(Bundle).one()
    assert (bundle.reference, bundle.number) == (made.reference, made.number)
    assert sorted(bundle.receivable_ids) == sorted(order.id for order in orders)
    transfers.confirm_transfer(
        reseller.id, usd(made.total_minor), clock.today(), within=bundle.receivable_ids, text=made.reference,
        staff_id=None, submit_key="t",
    )  # fmt: skip
    statement = db.query(Statement).one()
    assert service.open_of(statement) == usd(0)
    assert all(order.paid_on for order in orders)


def test_R26_another_companys_statement_is_not_there(many: list[Reseller]) -> None:
    statement = service.make_statement(many[1].id, DECEMBER)
    assert statement is not None
    assert service.get_statement(statement.number, of=many[1].id).id == statement.id
    with pytest.raises(NotFound):
        service.get_statement(statement.number, of=many[2].id)


def test_R17_the_command_tells_what_it_did(many: list[Reseller], app: Flask) -> None:
    run = app.test_cli_runner().invoke
    rehearsed = run(args=["statements", "run", "--rehearse", "--month", "2026-12"]).output
    assert "5 statements would be made for 2026-12" in rehearsed
    assert count(Statement) == 0
    made = run(args=["statements", "run"]).output
    assert "5 statements made for 2026-12" in made
    assert made.splitlines()[:-1] == rehearsed.splitlines()[:-1]
    assert "0 statements made" in run(args=["statements", "run"]).output
    refused = run(args=["statements", "run", "--month", "2026-11"])
    assert refused.exit_code == 1
    assert "over" in refused.output
