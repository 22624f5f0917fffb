"""A vendor with as many resellers and orders as a benchmark wants, written straight into the database.

One order is placed as people place them; all others are copies of its rows under IDs of their own.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import flask_migrate
from sqlalchemy import insert, inspect, select
from stdnum import damm

from dashboard import create_app
from dashboard.clock import today
from dashboard.config import Settings
from dashboard.extensions import Base, db
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.ledger.references import order_reference
from dashboard.orders.models import Order, OrderLine
from dashboard.resellers.models import Reseller
from dashboard.vendor import DEMO_VENDOR, load_vendor
from dashboard.web.transactions import begin_request
from tests.factories import make_key, make_reseller, place

#: An order to be written: its ID, its reseller's, whether it is unpaid.
Wanted = tuple[str, int, bool]

#: Rows that one statement writes.
CHUNK = 2_000


class Templates(NamedTuple):
    """The rows that one order has."""

    order: dict[str, Any]
    line: dict[str, Any]
    receivable: dict[str, Any]
    entry: dict[str, Any]


@contextmanager
def application(folder: Path, database_url: str) -> Iterator[None]:
    """The application on an empty, migrated database, in a context that may write."""
    settings = Settings(
        secret_key="a key for benchmarks", database_url=database_url, data_dir=folder, license_keys=folder / "keys",
        vendor=load_vendor(DEMO_VENDOR), testing=True,
    )  # fmt: skip
    app = create_app(settings)
    logging.disable(logging.WARNING)
    with app.app_context():
        flask_migrate.upgrade()
        begin_request(writes=True)
        yield
        db.session.remove()


def filled(folder: Path, database_url: str, **wanted: int) -> list[str]:
    """What `fill` does, in a process of its own, so that its memory is not counted here."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_fill, folder, database_url, wanted).result()


def _fill(folder: Path, database_url: str, wanted: dict[str, int]) -> list[str]:
    with application(folder, database_url):
        open_ = fill(**wanted)
        db.session.remove()
        db.engine.dispose()  # the last to leave moves SQLite's log into the file, as when a database rests
        return open_


def fill(*, resellers: int, orders: int, unpaid: int, late: int = 0) -> list[str]:
    """Have `resellers` companies on credit with `orders` orders each, of which `unpaid` are not paid.

    Args:
        late: days since the unpaid ones were due.

    Returns:
        the IDs of the unpaid orders.
    """
    make_key()
    first = make_reseller("Company 0", established_by_staff=True)
    model = place(first)
    db.session.flush()
    templates = Templates(
        _facts(model),
        _facts(db.session.scalars(select(OrderLine).where(OrderLine.order_id == model.id)).one()),
        _facts(db.session.scalars(select(Receivable).where(Receivable.id == model.id)).one()),
        _facts(db.session.scalars(select(LedgerEntry).where(LedgerEntry.receivable_id == model.id)).one(), but="id"),
    )
    companies = [first.id, *_copies_of(first, resellers - 1)]
    ids = _ids(model.id)
    due = today() - timedelta(days=late)
    open_: list[str] = []
    wanted = ((next(ids), company, number < unpaid) for company in companies for number in range(orders))
    while chunk := list(islice(wanted, CHUNK)):
        _write(templates, chunk, due)
        open_ += [id_ for id_, _, is_open in chunk if is_open]
    db.session.commit()
    return open_


def _facts(row: Base, *, but: str = "") -> dict[str, Any]:
    """The columns of a row, as values for an insert."""
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs if column.key != but}


def _copies_of(reseller: Reseller, count: int) -> list[int]:
    facts = _facts(reseller, but="id")
    rows = [
        {**facts, "name": f"Company {n}", "legal_name": f"Company {n} Ltd", "tax_number": f"T{n:06}"}
        for n in range(1, count + 1)
    ]
    return list(db.session.scalars(insert(Reseller).returning(Reseller.id), rows)) if rows else []


def _ids(taken: str) -> Iterator[str]:
    """Order IDs, the same each time, none twice."""
    for number in random.Random(1).sample(range(1_000_000, 10_000_000), 3_000_000):
        digits = f"{number}{damm.calc_check_digit(str(number))}"
        if (id_ := f"R-{digits[:4]}-{digits[4:]}") != taken:
            yield id_


def _write(of: Templates, chunk: Sequence[Wanted], due: date) -> None:
    days = {"placed_on": due - timedelta(days=30), "due_on": due}
    orders, receivables, entries = [], [], []
    for id_, company, is_open in chunk:
        own = {**days, "id": id_, "reseller_id": company, "reference": order_reference(id_)}
        orders.append(of.order | own | {"submit_key": id_, "paid_on": None if is_open else due, "search_text": id_})
        receivables.append(of.receivable | own | {"order_id": id_, "is_open": is_open})
        debt = of.entry | {"receivable_id": id_, "reseller_id": company, "day": days["placed_on"]}
        entries += [debt] if is_open else [debt, debt | {"kind": "allocation", "minor": -debt["minor"], "day": due}]
    db.session.execute(insert(Order), orders)
    db.session.execute(insert(OrderLine), [of.line | {"order_id": id_} for id_, _, _ in chunk])
    db.session.execute(insert(Receivable), receivables)
    db.session.execute(insert(LedgerEntry), entries)
