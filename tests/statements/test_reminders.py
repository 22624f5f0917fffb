"""Reminders: each step once, the latest only, none for what is paid (R12, R14, R15)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from dashboard import clock
from dashboard.clock import today
from dashboard.errors import Refused
from dashboard.extensions import db as database
from dashboard.fulfilment import service as fulfilment
from dashboard.home import service as home
from dashboard.ledger import service as ledger
from dashboard.ledger.models import Receivable
from dashboard.ledger.rules import Terms
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.outbox.schedule import put_due
from dashboard.outbox.worker import work_off
from dashboard.prose.rules import PLACES, Kind
from dashboard.prose.service import publish
from dashboard.resellers.models import Reseller
from dashboard.statements import reminders
from dashboard.statements.models import Reminder
from dashboard.statements.rules import Tone, next_step, tone_of
from tests.client import Client
from tests.factories import make_key, make_reseller, owner_of, pay, place
from tests.threads import Rendezvous, at_once

STEPS = (-3, 0, 7, 21)
DUE = date(2026, 3, 31)
PLACED = DUE - timedelta(days=30)
START = datetime(2026, 5, 4, 12, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def _from_may_on(app: Flask) -> Iterator[None]:
    with clock.at(START):
        yield


@pytest.mark.parametrize(
    ("late", "sent", "step"),
    [
        (-4, None, None), (-3, None, -3), (-3, -3, None), (-1, None, -3), (0, -3, 0), (0, None, 0), (6, 0, None),
        (7, 0, 7), (7, None, 7), (20, 7, None), (21, 7, 21), (90, -3, 21), (90, 21, None), (400, None, 21),
    ],
)  # fmt: skip
def test_R14_only_the_latest_step_is_due(late: int, sent: int | None, step: int | None) -> None:
    assert next_step(STEPS, DUE, PLACED, DUE + timedelta(days=late), sent) == step


def test_R14_nobody_is_reminded_on_the_day_of_the_order() -> None:
    assert next_step(STEPS, DUE, DUE - timedelta(days=3), DUE - timedelta(days=3), None) is None
    assert next_step(STEPS, DUE, DUE - timedelta(days=3), DUE, None) == 0


def test_R14_other_steps_do_not_bring_an_earlier_one_again() -> None:
    assert next_step((-5, 10), DUE, PLACED, DUE + timedelta(days=8), 7) is None
    assert next_step((-5, 10), DUE, PLACED, DUE + timedelta(days=10), 7) == 10


@pytest.mark.parametrize(
    ("step", "late", "tone"),
    [
        (-3, -3, Tone.UPCOMING), (-3, -1, Tone.UPCOMING), (0, 0, Tone.DUE), (0, 2, Tone.OVERDUE),
        (7, 7, Tone.OVERDUE), (21, 21, Tone.FINAL), (21, 300, Tone.FINAL),
    ],
)  # fmt: skip
def test_R15_a_reminder_speaks_as_it_is_on_its_day(step: int, late: int, tone: Tone) -> None:
    assert tone_of(step, STEPS, DUE, DUE + timedelta(days=late)) is tone


def owes(reseller: Reseller, due_in: int, minor: int = 10_000) -> str:
    id_ = ledger.free_order_id()
    placed = today() + timedelta(days=due_in - 30)
    ledger.open_receivable(id_, reseller.id, Money(minor, reseller.currency), Terms.NET30, placed)
    return id_


def live(day: int) -> list[Letter]:
    """The worker at noon of a day, counted from the first; the reminders that it wrote."""
    database.session.commit()
    with clock.at(START + timedelta(days=day)):
        before = set(database.session.scalars(select(Letter.id)))
        database.session.rollback()
        put_due()
        work_off()
        new = database.session.scalars(select(Letter).where(Letter.kind.contains("reminder")).order_by(Letter.id))
        found = [letter for letter in new if letter.id not in before]
        database.session.commit()
    return found


def test_R14_each_step_of_the_way_is_written_once() -> None:
    owes(make_reseller(), due_in=10)
    written = {day: [one.payload["tone"] for one in live(day)] for day in range(45)}
    assert {day: tones for day, tones in written.items() if tones} == {
        7: ["upcoming"], 10: ["due"], 17: ["overdue"], 31: ["final"],
    }  # fmt: skip


def test_R14_after_a_pause_only_the_latest_is_sent() -> None:
    owes(make_reseller(), due_in=10)
    assert [one.payload["tone"] for one in live(100)] == ["final"]
    assert live(101) == []


def test_R14_one_letter_lists_all_orders_of_a_step() -> None:
    reseller = make_reseller(document_language="ru")
    ids = [owes(reseller, due_in=1) for _ in range(3)]
    late = owes(reseller, due_in=-10)
    other = owes(make_reseller("Vasilek"), due_in=1)
    letters = live(0)
    assert [(one.recipient == reseller.billing_email, sorted(one.payload["receivable_ids"])) for one in letters] == [
        (True, [late]),
        (True, sorted(ids)),
        (False, [other]),
    ]
    text = letters[1].text
    references = database.session.scalars(select(Receivable.reference).where(Receivable.id.in_(ids)))
    assert all(reference in text.replace(" ", "") for reference in references)
    assert "300,00" in text  # one transfer for all


@pytest.mark.parametrize("language", ["en", "ru"])
def test_R15_what_is_overdue_says_plainly_that_credit_is_lost(language: str) -> None:
    reseller = make_reseller(document_language=language)
    owes(reseller, due_in=-7)
    (letter,) = live(0)
    for words in {
        "en": ["Overdue: $100.00", "no credit", "prepaid", "10%", "How to pay", "RF"],
        "ru": ["Просрочено: 100,00", "нет отсрочки платежа", "по предоплате", "10", "Как оплатить", "RF"],
    }[language]:
        assert words in letter.subject + letter.text


@pytest.mark.parametrize(("language", "word"), [("en", "Sesame"), ("ru", "Сезам")])
def test_R15_each_step_begins_with_the_vendors_own_words(language: str, word: str) -> None:
    steps = PLACES[Kind.REMINDERS]
    assert set(steps) == set(Tone)
    texts = ("\n\n".join(f"## x {{#{step}}}\n\n**{own}** <b>{step}" for step in steps) for own in ("Sesame", "Сезам"))
    publish(Kind.REMINDERS, *texts)
    owes(make_reseller(document_language=language), due_in=3)
    for step, day in zip(steps, (0, 3, 10, 24), strict=True):
        (letter,) = live(day)
        assert [one for one in steps if f"{word} <b>{one}" in letter.text] == [step]
        assert f"<strong>{word}</strong> &lt;b&gt;{step}" in letter.html


def test_R14_it_stops_when_it_is_paid() -> None:
    reseller = make_reseller()
    id_ = owes(reseller, due_in=10)
    assert len(live(7)) == 1
    ledger.receive(reseller.id, Money(10_000, "USD"), today(), 1)
    ledger.allocate(id_, Money(10_000, "USD"), today())
    assert [live(day) for day in (10, 17, 31)] == [[], [], []]


def test_R14_a_letter_that_leaves_late_asks_for_nothing_that_is_paid() -> None:
    reseller = make_reseller()
    id_ = owes(reseller, due_in=1)
    reminders.remind(reseller.id)
    ledger.receive(reseller.id, Money(10_000, "USD"), today(), 1)
    ledger.allocate(id_, Money(10_000, "USD"), today())
    database.session.commit()
    work_off()
    letter = database.session.query(Letter).filter_by(kind="payment_reminder").one()
    assert letter.subject == "Everything is paid"
    assert "How to pay" not in letter.text


def test_R14_they_can_be_turned_off(settings: Callable[..., Any]) -> None:
    settings(reminder_days=())
    owes(make_reseller(), due_in=-50)
    assert live(0) == []


def test_R14_two_workers_remind_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    reseller = make_reseller()
    owes(reseller, due_in=1)
    id_ = reseller.id
    Rendezvous(2).before(monkeypatch, reminders, "_credit")

    def remind() -> None:
        with clock.at(START):  # a thread has a time of its own
            reminders.remind(id_)

    assert at_once(app, [remind] * 2) == [None, None]
    assert database.session.query(Letter).filter_by(kind="payment_reminder").count() == 1
    assert database.session.query(Reminder).count() == 1


# ── Pro-formas (R12) ────────────────────────────────────────────────────


def test_R12_a_pro_forma_is_reminded_of_once() -> None:
    order = place(make_reseller())
    assert order.valid_until == today() + timedelta(days=30)
    written = {day: live(day) for day in (0, 1, 22, 23, 24, 29, 30, 31, 60)}
    (letter,) = [one for letters in written.values() for one in letters]
    assert written[23] == [letter]
    assert order.id in letter.subject
    assert "How to pay" in letter.text


def test_R12_several_pro_formas_share_a_letter_and_paid_ones_are_left_out() -> None:
    make_key()
    reseller = make_reseller()
    orders = [place(reseller) for _ in range(3)]
    pay(orders[0])
    fulfilment.cancel_order(place(reseller).id, "ordered twice", by_staff=True)
    (letter,) = live(25)
    assert sorted(letter.payload["receivable_ids"]) == sorted(order.id for order in orders[1:])


def test_R12_a_lapsed_order_says_so_and_waits_for_nobody(client: Client) -> None:
    reseller = make_reseller()
    order = place(reseller)
    fulfilment.ask_temporary(order.id, of=reseller.id)
    assert [one.id for one in home.staff_queue().temporary.rows] == [order.id]
    database.session.query(Order).update({"valid_until": today() - timedelta(days=1)})
    assert home.staff_queue().temporary.rows == []
    with pytest.raises(Refused):
        fulfilment.release_temporary(order.id)
    client.sign_in_as(owner_of(reseller))
    for page in (f"/orders/{order.id}", "/orders"):
        assert "expired" in client.get(page).text
