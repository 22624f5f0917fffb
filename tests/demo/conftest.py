"""The demo, loaded, looked at by everybody, and loaded anew; once a process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from dashboard import clock
from dashboard.accounts.models import User
from dashboard.demo import loading
from dashboard.extensions import Base, db
from dashboard.licenses import jobs as licenses_jobs
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.outbox.worker import work_once
from dashboard.resellers.models import Member, Reseller
from dashboard.web.access import Permission
from tests.app_wide import answers
from tests.app_wide.walker import Browser, Visit, crawl
from tests.app_wide.world import Role, World
from tests.conftest import disconnect, fresh
from tests.databases import Database

#: What is secret or made of a secret, and when the worker may begin: all else is the same each time.
DIFFERS = {"users.password_hash", "licenses.digest", "outbox.not_before"}
FILES = "documents"

#: Who looks at everything, and whose guards they meet.
VISITORS = {
    "": Role.VISITOR,
    "anna@romashka.example": Role.OWNER,
    "krylov@romashka.example": Role.BUYER,
    "buh@romashka.example": Role.ACCOUNTANT,
    "svetlova@romashka.example": Role.VIEWER,
    "klaus@nordlicht.example": Role.OWNER,
    "dana@lonestar.example": Role.OWNER,
    "liam@perthcode.example": Role.OWNER,
    "sobolev@kedr.example": Role.OWNER,
    "helene@atelierlogiciel.example": Role.OWNER,
    "nikola@danubetools.example": Role.SUSPENDED,
    "lena@konturvertrieb.example": Role.NEWCOMER,
    "jonas@nordwind.example": Role.CUSTOMER,
    "vera@lumivara.example": Role.CUSTOMER,
    "sofia@devshelf.example": Role.APPLICANT,
    "mari@lumivara.example": Role.STAFF,
}

#: What some may besides.
ALSO = {"vera@lumivara.example": frozenset({Permission.TRANSLATE})}

Facts = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Seen:
    """An order as its lists show it."""

    id: str
    reseller: str
    terms: str
    payment: str
    license: str
    days_late: int | None  #: of its payment; negative: early


@dataclass
class Told:
    """What the demo's database held, and what its people met."""

    facts: Facts
    orders: list[Seen]
    reasons: dict[str, str]  #: why a new order of each reseller would have its terms
    again: Facts = field(default_factory=dict)
    visits: dict[str, list[Visit]] = field(default_factory=dict)
    dead_ends: dict[str, list[str]] = field(default_factory=dict)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Rows of a table, by the names of its columns."""
        names = [column.name for column in _columns(table)]
        return [dict(zip(names, row, strict=True)) for row in self.facts[table]]

    def of(self, reseller: str) -> list[Seen]:
        return [order for order in self.orders if order.reseller == reseller]


@pytest.fixture(scope="session")
def told(application: Flask, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Told:
    with fresh(application, database, tmp_path_factory.mktemp("demo") / "data"), clock.at(datetime.now(UTC)):
        application.config["SETTINGS"] = replace(application.config["SETTINGS"], demo=True)
        loading.load()
        result = Told(_facts(), _orders(), _reasons())
        _begin_to_work()
        for email, role in VISITORS.items():
            visits = list(_look_around(application, result.orders, email, role))
            result.visits[email] = visits
            result.dead_ends[email] = list(
                answers.dead_ends(visits, role, application, also=ALSO.get(email, frozenset()))
            )
        disconnect()
        loading.reset()
        result.again = _facts()
    return result


def _begin_to_work() -> None:
    """What the worker does in the first seconds: the newest papers and licenses, and the list of revoked ones."""
    with clock.at(clock.utcnow() + timedelta(minutes=1)):
        for _ in range(50):
            assert work_once()
        licenses_jobs.sign_revocations({})


def _columns(table: str) -> list[Any]:
    return [one for one in Base.metadata.tables[table].columns if f"{table}.{one.name}" not in DIFFERS]


def _facts() -> Facts:
    """Every row of every table, by its key, without what differs."""
    found: Facts = {}
    for table in Base.metadata.sorted_tables:
        if table.name != FILES:
            rows = db.session.execute(select(*_columns(table.name)).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(row) for row in rows]
    db.session.commit()
    return found


def _orders() -> list[Seen]:
    rows = db.session.execute(select(Order, Reseller.name).join(Reseller, Reseller.id == Order.reseller_id)).all()
    seen = [
        Seen(
            order.id, name, order.terms, str(orders.state_of(order)), order.license_state,
            (order.paid_on - order.due_on).days if order.paid_on and order.due_on else None,
        )
        for order, name in rows
    ]  # fmt: skip
    db.session.commit()
    return seen


def _reasons() -> dict[str, str]:
    resellers = db.session.scalars(select(Reseller))
    found = {one.name: str(orders.credit_of(one, clock.today()).reason) for one in resellers}
    db.session.commit()
    return found


def _look_around(application: Flask, seen: list[Seen], email: str, role: Role) -> list[Visit]:
    """Follow whatever there is, from the first page and from one order in each state that is the visitor's to see."""
    found = db.session.execute(
        select(User.id, Reseller.name)
        .outerjoin(Member, Member.user_id == User.id)
        .outerjoin(Reseller, Reseller.id == Member.reseller_id)
        .where(User.email == email)
    ).first()
    person, company = tuple(found) if found else (None, None)
    theirs = [order for order in seen if role is Role.STAFF or order.reseller == company]
    of_each_kind = {(order.terms, order.payment, order.license): order.id for order in theirs}.values()
    prefix = "/staff/orders" if role is Role.STAFF else "/orders"
    browser = Browser(application, World({role: person}, {}, []), role)
    return list(crawl(browser, ["/", *(f"{prefix}/{order_id}" for order_id in of_each_kind)], of_a_kind=4))
