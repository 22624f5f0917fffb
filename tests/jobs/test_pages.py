"""The page of a job: how far it is, what came of it, and a letter to whom it took too long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from dashboard import clock
from dashboard.errors import N_, Refused
from dashboard.extensions import db
from dashboard.jobs import jobs, rules, service
from dashboard.jobs.jobs import UNEXPECTED
from dashboard.jobs.models import Job, JobFile
from dashboard.jobs.rules import Phase, State, phase_of, wants_letter
from dashboard.jobs.work import Outcome, Task, Work
from dashboard.mail.models import Letter
from dashboard.outbox.models import OutboxItem
from dashboard.statements.service import MAKING
from dashboard.web.access import Permission
from dashboard.web.progress import Watch
from tests.client import Client, Page
from tests.factories import make_user
from tests.jobs.hands import the_job, work_now

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def mari(client: Client) -> Client:
    """The browser of a member of staff."""
    client.sign_in_as(make_user("Mari", email="mari@lumivara.example", staff=True))
    return client


@pytest.fixture
def planted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Watch], None]], None]:
    """Have the work of a month's run do something else."""

    def plant(act: Callable[[Watch], None]) -> None:
        def do(_task: Task, watch: Watch) -> Outcome:
            act(watch)
            return Outcome(endpoint="staff_statements.index", figures={"made": 3})

        works = app.extensions["work"] | {"month_run": Work(Permission.CONFIRM_PAYMENTS, do)}
        monkeypatch.setitem(app.extensions, "work", works)

    return plant


Plant = Callable[[Callable[[Watch], None]], None]


def ask() -> Job:
    from dashboard.accounts.models import User
    from dashboard.jobs import asking

    user = db.session.query(User).filter_by(name="Mari").one()
    asking.start("month_run", f"month_run:{db.session.query(Job).count()}", by=user.id, payload={"month": "2026-05"})
    db.session.commit()
    return the_job()


def is_polling(page: Page) -> bool:
    return bool(page.tree.xpath("//*[@id='job']/@data-hx-get"))


@pytest.mark.parametrize(
    ("state", "seconds", "phase"),
    [
        (State.WAITING, 15, Phase.WAITING),
        (State.WAITING, 16, Phase.UNATTENDED),
        (State.RUNNING, 60, Phase.RUNNING),
        (State.RUNNING, 61, Phase.LOST),
        (State.DONE, 10_000, Phase.DONE),
        (State.FAILED, 10_000, Phase.FAILED),
    ],
)
def test_what_is_said_of_a_job_depends_on_when_it_was_heard_of(state: State, seconds: int, phase: Phase) -> None:
    assert phase_of(state, quiet_since=NOON, now=NOON + timedelta(seconds=seconds)) is phase


def test_who_waits_longer_than_ten_seconds_gets_a_letter() -> None:
    assert [wants_letter(NOON, NOON + timedelta(seconds=one)) for one in (0, 9, 10)] == [False, False, True]


def test_the_page_tells_how_far_it_is_and_asks_for_itself_until_the_end(
    mari: Client, planted: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PAUSE", 1000.0)  # it is told at its beginning and at its end
    seen: list[Page] = []

    def act(watch: Watch) -> None:
        seen.extend(mari.get(address) for number in watch(range(1240), MAKING) if number == 0)

    planted(act)
    address = f"/jobs/{ask().token}"
    waiting = mari.get(address)
    work_now()
    done = mari.get(address)
    assert "Waiting for its turn" in waiting.text
    assert "Making the statements 0 of 1,240" in seen[0].text
    assert seen[0].tree.xpath("//progress/@value") == ["0"]
    assert "3 statements are made. Each is mailed as soon as it is drawn." in done.text
    assert [is_polling(page) for page in (waiting, seen[0], done)] == [True, True, False]
    assert [len(page.statements) for page in (waiting, seen[0], done)] == [2, 2, 2]


def test_htmx_gets_the_part_alone_and_says_the_end_aloud(
    mari: Client, planted: Plant, new_client: Callable[..., Client]
) -> None:
    planted(lambda _watch: None)
    job = ask()
    browser = new_client(htmx=True)
    browser.sign_in_as(job.user_id)
    part = browser.get(f"/jobs/{job.token}")
    assert (is_polling(part), "<html" in part.html, "announcer" in part.html) == (True, False, False)
    work_now()
    part = browser.get(f"/jobs/{job.token}")
    assert (is_polling(part), "announcer" in part.html) == (False, True)
    assert mari.get(f"/jobs/{job.token}").html.count('id="announcer"') == 1


def test_without_a_worker_the_page_says_so_plainly(mari: Client) -> None:
    with clock.at(NOON):
        job = ask()
    with clock.at(NOON + timedelta(minutes=1)):
        assert "It has not begun yet: the worker is busy or not running." in mari.get(f"/jobs/{job.token}").text


def test_R30_a_letter_tells_the_end_in_the_language_of_whoever_asked(mari: Client, planted: Plant) -> None:
    from dashboard.accounts.models import User

    planted(lambda _watch: None)
    for language, words in (("en", "Done: Monthly statements"), ("ru", "Готово: Ежемесячные отчёты")):
        with clock.at(NOON):
            db.session.query(User).update({"language": language})
            job = ask()
        with clock.at(NOON + rules.PATIENCE):
            work_now()
        letter = db.session.query(Letter).order_by(Letter.id.desc()).first()
        assert letter is not None
        assert (letter.subject, letter.recipient) == (words, "mari@lumivara.example")
        assert f"/jobs/{job.token}" in letter.text


def test_what_was_quick_needs_no_letter(mari: Client, planted: Plant) -> None:
    planted(lambda _watch: None)
    with clock.at(NOON):
        ask()
        work_now()
    assert db.session.query(Letter).count() == 0


def test_a_refusal_is_told_and_can_be_tried_again(mari: Client, planted: Plant) -> None:
    refuses = [True]

    def act(_watch: Watch) -> None:
        if refuses:
            raise Refused(N_("Order %(id)s is paid or cancelled. Choose another."), id="R-1")

    planted(act)
    with clock.at(NOON):
        job = ask()
    with clock.at(NOON + rules.PATIENCE):
        work_now()
    page = mari.get(f"/jobs/{job.token}")
    assert "Order R-1 is paid or cancelled. Choose another." in page.text
    letter = db.session.query(Letter).one()
    assert "Order R-1 is paid or cancelled." in letter.text
    refuses.clear()
    again = page.submit("Try again")
    assert "Waiting for its turn" in again.text
    assert page.submit("Try again").status == 409  # the second click
    work_now()
    assert "3 statements are made." in mari.get(again.path).text


def test_what_is_unexpected_is_tried_again_before_people_are_told(mari: Client, planted: Plant) -> None:
    tried: list[int] = []

    def act(_watch: Watch) -> None:
        tried.append(len(tried))
        raise ZeroDivisionError

    planted(act)
    with clock.at(NOON):
        job = ask()
    for minutes in range(4):
        with clock.at(NOON + timedelta(minutes=minutes)):
            work_now()
            if minutes == 0:
                assert the_job().state == State.RUNNING
    assert len(tried) == rules.TRIES
    assert UNEXPECTED in mari.get(f"/jobs/{job.token}").text
    assert db.session.query(OutboxItem).filter_by(kind="jobs.run").one().done_at is not None


def test_long_ago_ended_jobs_are_thrown_away_with_their_files(mari: Client) -> None:
    with clock.at(NOON):
        old, young = ask(), ask()
        for job in (old, young):
            db.session.add(JobFile(job_id=job.id, name="a.csv", media_type="text/csv", content=b"a"))
        db.session.query(Job).filter_by(id=old.id).update({"state": "done", "ended_at": NOON})
        kept = young.id
        db.session.commit()
    with clock.at(NOON + rules.KEPT + timedelta(seconds=1)):
        assert service.sweep() == 1
    assert [one.job_id for one in db.session.query(JobFile)] == [kept]


def test_the_list_has_what_one_has_asked_for(mari: Client, planted: Plant) -> None:
    planted(lambda _watch: None)
    assert "No long tasks" in mari.get("/jobs").text
    ask()
    page = mari.get("/jobs")
    assert ("Monthly statements" in page.text, len(page.statements)) == (True, 2)
