"""What the worker does: imports and runs that are killed and go on, while others have their turn (R17, R18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard import clock
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.extensions import db
from dashboard.fulfilment.bank_entries import BOOKING
from dashboard.jobs import jobs
from dashboard.ledger.models import LedgerEntry
from dashboard.outbox import service as outbox
from dashboard.outbox.models import OutboxItem
from dashboard.outbox.worker import Stop, work_once
from dashboard.payments import imports
from dashboard.payments.imports import KEEPING, MATCHING
from dashboard.payments.models import BankEntry, BankFile, BankUpload, Transfer
from dashboard.statements.models import Statement
from dashboard.statements.service import MAKING
from tests.client import Client, Page
from tests.factories import make_key, make_reseller, make_user, place
from tests.jobs.hands import run_jobs, the_job, work_now, work_until_killed
from tests.payments.camt import Payment, camt
from tests.payments.hands import upload

PRICE = "1079.10"


@pytest.fixture
def mari(client: Client) -> Client:
    """The browser of a member of staff."""
    client.sign_in_as(make_user("Mari", staff=True))
    return client


def long_file(count: int = 3) -> bytes:
    reseller = make_reseller()
    orders = [place(reseller) for _ in range(count)]
    return camt(*(Payment(PRICE, order.reference) for order in orders), Payment("5.00", "?", name="Nobody"))


def booking(mari: Client, data: bytes) -> Page:
    return upload(mari, data).submit("Book it")


def test_R18_a_long_file_is_booked_in_the_background(mari: Client, work: Callable[[], int]) -> None:
    page = booking(mari, long_file())
    assert page.path.startswith("/jobs/")
    assert page.title.startswith("Booking of statement.xml")
    work()
    page = mari.get(page.path)
    assert "3 transfers of this file are booked. 1 waits for a person." in page.text
    assert "Transfers in this file" in page.click("Open the file").text
    assert (db.session.query(BankUpload).count(), db.session.query(Transfer).count()) == (0, 3)
    [imported] = audit.done("bank_file.imported")
    assert imported.actor_name == "Mari"
    assert {one.actor_name for one in audit.done("payment.confirmed")} == {""}


def test_R18_a_double_click_books_once_and_a_later_one_leads_to_what_came_of_it(
    mari: Client, work: Callable[[], int], new_client: Callable[..., Client]
) -> None:
    page = upload(mari, long_file(2))
    first, second = page.submit("Book it"), page.submit("Book it")
    colleague = new_client()
    colleague.sign_in_as(make_user("Toomas", staff=True))
    third = colleague.get(page.path).submit("Book it")
    assert first.path == second.path == third.path
    work()
    assert "Transfers in this file" in page.submit("Book it").text
    assert (db.session.query(BankFile).count(), db.session.query(Transfer).count()) == (1, 2)


def test_R18_a_long_file_that_does_not_add_up_is_refused_before_anything_begins(mari: Client) -> None:
    page = upload(mari, camt(Payment("5.00", "?"), Payment("6.00", "?"), wrong_by="0.01"))
    refused = page.submit("Book it")
    assert refused.status == 422
    assert refused.submit("Book it", reason="The bank confirms it").path.startswith("/jobs/")


@pytest.mark.parametrize(("doing", "number"), [(MATCHING, 1), (KEEPING, 2), (BOOKING, 0), (BOOKING, 2)])
def test_R18_an_import_that_was_killed_goes_on_and_books_everything_once(
    mari: Client, monkeypatch: pytest.MonkeyPatch, doing: str, number: int
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 2)
    monkeypatch.setattr(jobs, "give_way", lambda *_: None)  # or others would book what the job is about to
    page = booking(mari, long_file())
    work_until_killed(monkeypatch, doing, number)
    the_job().heard_at -= timedelta(minutes=2)
    assert "Nothing was heard of it for a while." in mari.get(page.path).text
    run_jobs()
    assert "3 transfers of this file are booked. 1 waits for a person." in mari.get(page.path).text
    assert (db.session.query(BankFile).count(), db.session.query(BankEntry).count()) == (1, 4)
    assert db.session.query(Transfer).count() == 3


def debtors(count: int) -> None:
    for number in range(count):
        place(make_reseller(f"Company {number}", established_by_staff=True))


def test_R17_a_run_that_was_killed_goes_on_and_sends_nothing_twice(
    mari: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    debtors(4)
    monkeypatch.setattr(jobs, "give_way", lambda *_: None)
    rehearsal = mari.get("/staff/statements/rehearsal")
    page = rehearsal.submit("Make and mail them")
    assert page.path.startswith("/jobs/")
    work_until_killed(monkeypatch, MAKING, 2)
    assert db.session.query(Statement).count() == 2
    run_jobs()
    assert "2 statements are made. Each is mailed as soon as it is drawn." in mari.get(page.path).text
    assert db.session.query(Statement).count() == 4
    entries = db.session.query(LedgerEntry).count()
    assert rehearsal.submit("Make and mail them").path == page.path  # pressed again: what came of it
    assert (db.session.query(Statement).count(), db.session.query(LedgerEntry).count()) == (4, entries)


def test_R17_few_statements_are_made_as_ever(mari: Client) -> None:
    debtors(1)
    page = mari.get("/staff/statements/rehearsal").submit("Make and mail them")
    assert "The statements are being made." in page.text
    work_now()
    assert db.session.query(Statement).count() == 1


@pytest.fixture
def others(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done besides, in its order; each effect notes how far the job is."""
    done: list[str] = []

    def handle(payload: dict[str, Any]) -> None:
        job = the_job()
        done.append(f"{payload['name']} at {job.done}")

    monkeypatch.setitem(app.extensions["outbox_handlers"], "planted", handle)
    return done


def test_while_a_long_job_is_at_work_others_have_their_turn(mari: Client, others: list[str]) -> None:
    make_key()
    debtors(3)
    mari.get("/staff/statements/rehearsal").submit("Make and mail them")
    outbox.put("planted", "license", name="license")
    db.session.query(OutboxItem).filter(OutboxItem.kind.not_in(["planted", "jobs.run"])).delete()
    db.session.commit()
    assert work_once()
    assert others == ["license at 0"]
    assert the_job().state == "done"


def test_a_worker_that_is_told_to_stop_leaves_the_job_to_the_next_one(
    mari: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    debtors(3)
    mari.get("/staff/statements/rehearsal").submit("Make and mail them")
    db.session.query(OutboxItem).filter(OutboxItem.kind != "jobs.run").delete()
    db.session.commit()
    stop = Stop()
    stop.tell()
    with monkeypatch.context() as patched:
        patched.setitem(app.extensions, "outbox_stop", stop)
        assert work_once()
    assert (the_job().state, db.session.query(Statement).count()) == ("running", 0)
    db.session.commit()
    with clock.at(utcnow() + timedelta(seconds=2)):  # no lease has to end
        assert work_once()
    assert (the_job().state, db.session.query(Statement).count()) == ("done", 3)


def test_a_job_at_work_is_kept_from_other_workers(mari: Client, others: list[str]) -> None:
    debtors(2)
    mari.get("/staff/statements/rehearsal").submit("Make and mail them")
    outbox.put("planted", "look", name="look")
    db.session.commit()
    item = db.session.query(OutboxItem).filter_by(kind="jobs.run").one()
    with clock.at(utcnow() + timedelta(minutes=4)):
        outbox.hold(item.key)
    db.session.commit()
    db.session.expire_all()
    assert item.not_before - utcnow() > outbox.LEASE
