"""Several workers at once: each effect is done by one of them, once. A careless claim is found out."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session, scoped_session

from dashboard.audit.models import AuditEntry
from dashboard.config import ROOT
from dashboard.extensions import db as database
from dashboard.outbox import service
from dashboard.outbox.models import OutboxItem
from dashboard.outbox.service import Claim
from dashboard.outbox.worker import work_once
from tests.threads import LONG_PATIENCE, Rendezvous, locks_off

WORKERS, EFFECTS = 4, 40


def put_effects(count: int) -> None:
    for number in range(count):
        service.put("planted", f"effect{number}", number=number)
    database.session.commit()


def work_together(app: Flask, workers: int) -> list[Exception]:
    """Let so many workers work until nothing is due; what they stumbled over."""

    def work(_number: int) -> Exception | None:
        with app.app_context():
            try:
                while work_once():
                    pass
            except Exception as error:
                return error
        return None

    with ThreadPoolExecutor(workers) as pool:
        return [error for error in pool.map(work, range(workers)) if error]


def check_each_once(done: list[int], count: int, errors: list[Exception]) -> None:
    assert errors == []
    assert Counter(done) == Counter(range(count))


@pytest.fixture
def done(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the effects that were done, in their order."""
    numbers: list[int] = []

    def handle(payload: dict[str, Any]) -> None:
        time.sleep(0.002)  # let the others run
        numbers.append(payload["number"])

    monkeypatch.setitem(app.extensions, "outbox_handlers", {"planted": handle})
    return numbers


def test_several_threads_do_each_effect_once(app: Flask, done: list[int]) -> None:
    put_effects(EFFECTS)
    check_each_once(done, EFFECTS, work_together(app, WORKERS))
    assert database.session.scalars(select(OutboxItem.tries)).all() == [1] * EFFECTS


def careless_claim(rendezvous: Rendezvous) -> Callable[[datetime], Claim | None]:
    """The planted fault: look which effect is due, then take it."""

    def claim(now: datetime) -> Claim | None:
        due = select(OutboxItem).where(OutboxItem.done_at.is_(None), OutboxItem.not_before <= now)
        found = database.session.scalar(due.order_by(OutboxItem.id).limit(1))
        if found is None:
            return None
        claimed = Claim(found.id, found.kind, found.payload, found.tries + 1)
        rendezvous.meet()
        taken = update(OutboxItem).where(OutboxItem.id == claimed.id).values(not_before=now + service.LEASE)
        database.session.execute(taken)
        return claimed

    return claim


def test_a_claim_without_lock_is_found_out(app: Flask, done: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    put_effects(1)
    monkeypatch.setattr(service, "claim", careless_claim(Rendezvous(2, LONG_PATIENCE)))
    with locks_off(monkeypatch):
        errors = work_together(app, 2)
    with pytest.raises(AssertionError):
        check_each_once(done, 1, errors)


def test_workers_that_come_at_the_same_moment_do_not_wait_for_each_other(
    app: Flask, db: scoped_session[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one does its effect, the other does the next."""
    rendezvous, start = Rendezvous(2, LONG_PATIENCE), time.monotonic()
    monkeypatch.setitem(app.extensions, "outbox_handlers", {"planted": lambda _payload: rendezvous.meet()})
    put_effects(2)
    assert work_together(app, 2) == []
    assert time.monotonic() - start < LONG_PATIENCE


WORKER = """
from dashboard import create_app
from dashboard.audit import service as audit
from dashboard.outbox.worker import work_off
from dashboard.web.transactions import transaction

def handle(payload):
    with transaction():
        audit.record("planted", f"effect:{payload['number']}")

app = create_app()
app.extensions["outbox_handlers"]["planted"] = handle
with app.app_context():
    print(work_off())
"""


def test_several_processes_do_each_effect_once(app: Flask, tmp_path: Path) -> None:
    put_effects(EFFECTS)
    settings = {"DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"], "DATA_DIR": str(tmp_path)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER], cwd=ROOT, env=os.environ | settings, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    counts = [int(process.communicate(timeout=60)[0]) for process in processes]
    done = [int(subject.removeprefix("effect:")) for subject in database.session.scalars(select(AuditEntry.subject))]
    check_each_once(done, EFFECTS, [])
    assert sum(counts) == EFFECTS
