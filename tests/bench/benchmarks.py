"""The benchmarks: what each does, and what it must stay under. Run by `make bench`, each in a process of its own."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from dashboard.banking.service import read_statement
from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.extensions import db
from dashboard.fulfilment import bank_entries
from dashboard.ledger.references import order_reference, printed
from dashboard.outbox import service as outbox
from dashboard.outbox.models import OutboxItem
from dashboard.outbox.worker import work_off
from dashboard.payments import imports
from dashboard.payments.matching import Incoming, match_all
from dashboard.payments.rules import Match
from dashboard.statements import service as statements
from dashboard.statements.models import Statement
from dashboard.web.transactions import reading, transaction
from tests.bench.world import application, filled
from tests.payments.camt import Payment, camt


@dataclass(frozen=True)
class Figure:
    """One result, and the most that it may be."""

    what: str
    value: float
    unit: str
    most: float | None = None

    def __str__(self) -> str:
        limit = "" if self.most is None else f"   (at most {self.most:g} {self.unit})"
        return f"{self.what:<58}{self.value:>10.1f} {self.unit}{limit}"

    @property
    def holds(self) -> bool:
        return self.most is None or self.value <= self.most


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    begun = time.perf_counter()
    yield lambda: time.perf_counter() - begun


def peak() -> float:
    """The most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bank_import(folder: Path, database: str) -> Iterator[Figure]:
    """100,000 entries of a bank against 50,000 open orders: read, matched, kept (R18)."""
    open_ = filled(folder, database, resellers=500, orders=100, unpaid=100)
    with application(folder, database):
        db.session.remove()
        data = _file(open_, 100_000)
        before = peak()
        with stopwatch() as seconds:
            file = read_statement(data)
            read = seconds()
            seen = imports.preview(file)
            matched = seconds()
            kept = imports.keep(seen, data, "bank.xml", by=None)
            all_ = seconds()
        yield Figure("read 100,000 entries", read, "s")
        yield Figure("match them against 50,000 open orders", matched - read, "s")
        yield Figure("keep them", all_ - matched, "s")
        yield Figure("all three", all_, "s", 60)
        yield Figure("memory at the most", peak(), "MB", 500)
        yield Figure("of it before the import began", before, "MB")
        yield Figure("matched", len(kept.matched), "entries")
        some = kept.matched[:500]
        with stopwatch() as seconds:
            for entry_id in some:
                with transaction():
                    bank_entries.book_matched(entry_id)
        yield Figure("then booked, with licenses and letters", len(some) / seconds(), "a second")


def _file(open_: list[str], count: int) -> bytes:
    """A camt.053 file: half of its entries name an open order, in one way or another; the others are strangers'."""
    chance = random.Random(2)
    paid = chance.sample(open_, min(len(open_), count // 2))
    payments = [
        Payment("1079.10", f"payment {printed(order_reference(id_)) if n % 3 else id_} thank you", name=f"Company {n}")
        for n, id_ in enumerate(paid)
    ]
    payments += [
        Payment(
            f"{chance.randrange(100, 999_999) / 100:.2f}", f"invoice {n} of somebody", name=f"Stranger {n % 20_000}"
        )
        for n in range(count - len(payments))
    ]
    chance.shuffle(payments)
    return camt(*payments)


def month(folder: Path, database: str) -> Iterator[Figure]:
    """The monthly run of 1,000 resellers with 20 open orders each, PDFs included, on all cores (R17)."""
    resellers = 1_000
    filled(folder, database, resellers=resellers, orders=20, unpaid=20, late=10)
    with application(folder, database):
        db.session.remove()
        with transaction():
            outbox.put(statements.RUN, "benchmark", month=f"{statements.this_month():%Y-%m}")
        with stopwatch() as seconds:
            command = [sys.executable, "-m", "tests.bench", "--work", str(folder), database]
            workers = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
            assert [worker.wait() for worker in workers] == [0] * len(workers)
            took = seconds()
        made, drawn = db.session.execute(select(func.count(Statement.id), func.count(Statement.document_digest))).one()
        waiting = db.session.scalar(select(func.count()).where(OutboxItem.failed_at.is_not(None)))
        assert (made, drawn, waiting) == (resellers, resellers, 0), (made, drawn, waiting)
        yield Figure(f"{resellers:,} statements of 20 orders, drawn, {os.cpu_count()} workers", took, "s", 600)


def work(folder: Path, database: str) -> None:
    """What one worker of `month` does: everything that waits."""
    with application(folder, database):
        db.session.remove()
        idle = 0
        while idle < 5:  # another worker may be about to hand something out
            idle = 0 if work_off(limit=100_000) else idle + 1
            time.sleep(0.2 if idle else 0)


def matching(folder: Path, database: str) -> Iterator[Figure]:
    """Matching one entry, with 10,000 orders and with 1,000,000, of which the same number is open (R18)."""
    costs: dict[int, dict[str, list[float]]] = {}
    for orders in (10, 1_000):
        own = folder / str(orders)
        own.mkdir()
        before, _, after = database.rpartition("bench")
        costs[orders] = _matching(own, f"{before}bench{orders}{after}", orders)
    for how in costs[10]:
        few, many = (1000 * median(costs[orders][how]) for orders in (10, 1_000))
        yield Figure(f"match one entry by {how}, 10,000 orders", few, "ms")
        yield Figure(f"match one entry by {how}, 1,000,000 orders", many, "ms")
        yield Figure("… that is so many times as much", many / few, "×", 2)


def _matching(folder: Path, database: str, orders: int) -> dict[str, list[float]]:
    """Seconds for one entry, in nine rounds of 500 entries each, by what is named."""
    open_ = filled(folder, database, resellers=1_000, orders=orders, unpaid=10)
    with application(folder, database):
        db.session.remove()
        chance, tolerance = random.Random(3), current_settings().bank_fee_tolerance
        found: dict[str, list[float]] = {"reference": [], "order number": [], "payer and sum": []}
        for _ in range(9):
            for how, times in found.items():
                entries = [_incoming(how, id_, n) for n, id_ in enumerate(chance.sample(open_, 500))]
                with reading(), stopwatch() as seconds:
                    decisions = list(match_all(entries, tolerance))
                times.append(seconds() / len(entries))
                assert how == "payer and sum" or all(isinstance(one, Match) for one in decisions)
        return found


def _incoming(how: str, order_id: str, number: int) -> Incoming:
    texts = {"reference": printed(order_reference(order_id)), "order number": order_id, "payer and sum": "our order"}
    return Incoming(107_910, "USD", today(), f"Company {number * 2 % 1_000} Ltd", "", "", texts[how])


BENCHMARKS = {"import": bank_import, "month": month, "matching": matching}
