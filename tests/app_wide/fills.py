"""The pages of the matrix by how full they are: nothing there yet, as usual, a thousand rows in each list, refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Literal, cast

from flask import Flask
from sqlalchemy import insert, select

from dashboard.accounts.models import User
from dashboard.extensions import Base, db
from dashboard.web.access import GuardedRule
from tests.app_wide import pseudo
from tests.app_wide.looks import Sheet
from tests.app_wide.walker import Browser, Visit, knock, look, methods, press
from tests.app_wide.world import Role, World, grow, make_world, speak
from tests.catalogs import speaking
from tests.conftest import fresh
from tests.databases import Database
from tests.factories import make_catalog, make_policy, make_reseller, make_user

Fill = Literal["empty", "normal", "thousand", "error"]
FILLS: tuple[Fill, ...] = ("empty", "normal", "thousand", "error")
LANGUAGES = ("ru", "en", "pseudo")

#: Who looks, by the frame of their pages; where several have one page, the first.
FRAMES: Mapping[Role, str] = {
    Role.VISITOR: "visitor",
    Role.CUSTOMER: "customer",
    Role.APPLICANT: "customer",
    Role.UNCONFIRMED: "customer",
    Role.OWNER: "reseller",
    Role.BUYER: "reseller",
    Role.STAFF: "staff",
}
#: Who has nothing yet.
BEGINNERS = (Role.VISITOR, Role.CUSTOMER, Role.OWNER, Role.NEWCOMER, Role.STAFF)

#: Rows that each list has at the least.
MANY = 1_000

#: What tells the copies of a row apart, by table; the first rows of our reseller are copied.
COPIES: Mapping[str, Callable[[int], dict[str, Any]]] = {
    "resellers": lambda n: {"name": f"Company {n}", "external_key": None},
    "orders": lambda n: {"id": _order_id(n), "submit_key": f"copy {n}", "reference": f"RF{n:021}"},
    "order_lines": lambda n: {"order_id": _order_id(n), "position": 1},
    "receivables": lambda n: {"id": _order_id(n), "order_id": _order_id(n), "number": f"N {n}", "reference": f"RF{n}"},
    "ledger_entries": lambda n: {"receivable_id": _order_id(n)},
    "licenses": lambda n: {"serial": f"{n:04}-COPY", "position": n + 100},
    "quotes": lambda n: {"id": f"Q-{n:04}-1000", "number": f"Q-{n:04}-1000", "submit_key": f"copy {n}"},
    "enquiries": lambda n: {"id": f"E-{n:04}-1000", "token": f"copy {n}", "staff_token": f"staff {n}"},
    "enquiry_mails": lambda n: {"identity": f"copy {n}"},
    "exemption_certificates": lambda n: {"number": f"TX-{n}"},
    "invitations": lambda n: {"email": f"copy{n}@example.com", "email_key": f"copy{n}@example.com"},
    "statements": lambda n: {"number": f"ST-{n}", "month": date(1900 + n // 12, n % 12 + 1, 1)},
    "letters": lambda n: {"key": f"copy {n}"},
    "bank_files": lambda _: {},
    "bank_entries": lambda n: {"identity": f"copy {n}"},
    "text_versions": lambda n: {"number": n + 100},
    "skus": lambda n: {"code": f"COPY-{n}", "position": n + 100},
    "prices": lambda n: {"sku": f"COPY-{n}"},
}  # fmt: skip


def _order_id(number: int) -> str:
    return f"R-{number:04}-1000"


def sheets(fill: Fill, application: Flask, database: Database, folder: Path) -> dict[str, dict[str, Sheet]]:
    """Every page, by its rule and frame, then by language, so filled.

    Args:
        folder: for the application's files and catalogs; made here.
    """
    folder.mkdir()
    found: dict[str, dict[str, Sheet]] = {}
    # What is refused changes things before: each language has a world of its own.
    for number, languages in enumerate([[one] for one in LANGUAGES] if fill == "error" else [LANGUAGES]):
        with fresh(application, database, folder / f"data-{number}"):
            world, looking = _worlds(application)[fill]()
            for language in languages:
                for visit in _spoken(application, world, language, folder, looking):
                    if visit.is_page and (visit.status == 200) is (fill != "error"):
                        found.setdefault(_name(visit), {}).setdefault(language, Sheet.of(visit))
    return found


def _name(visit: Visit) -> str:
    """A page's rule and frame; refusals but those of a form are the same everywhere."""
    what = visit.rule.rule if visit.status in {200, 422} else "refusal"
    return f"{FRAMES.get(visit.role, visit.role)} {what} → {visit.status}"


#: Gives visits of somebody.
Looking = Callable[[Browser], Iterable[Visit]]


def _worlds(app: Flask) -> Mapping[Fill, Callable[[], tuple[World, Looking]]]:
    rules = list(cast("Iterable[GuardedRule]", app.url_map.iter_rules()))

    lists = [rule for rule in rules if "<" not in rule.rule or rule.rule.endswith("/account")]

    def empty() -> tuple[World, Looking]:
        world, plain = _empty_world(), [rule for rule in rules if "<" not in rule.rule]
        return world, lambda browser: look(browser, world, plain)

    def normal() -> tuple[World, Looking]:
        world = make_world()
        grow(world)
        return world, lambda browser: look(browser, world, rules)

    def thousand() -> tuple[World, Looking]:
        world = make_world()
        _multiply(world)
        return world, lambda browser: look(browser, world, lists)

    def error() -> tuple[World, Looking]:
        world = make_world()
        return world, lambda browser: _refusals(browser, world, rules)

    return {"empty": empty, "normal": normal, "thousand": thousand, "error": error}


def _refusals(browser: Browser, world: World, rules: list[GuardedRule]) -> Iterator[Visit]:
    """What answers to addresses of nothing and to forms without anything in them."""
    readable = [rule for rule in rules if "GET" in methods(rule) and "token" in rule.rule]
    for visit in (*knock(browser, world, readable), *press(browser, world, rules)):
        if visit.status >= 400 and not visit.partial:
            yield visit


def _spoken(app: Flask, world: World, language: str, folder: Path, looking: Looking) -> Iterator[Visit]:
    code = "ru" if language == "pseudo" else language
    speak(code)
    if language == "pseudo":
        with speaking(app, folder, pseudo.catalog()):
            yield from _visits(app, world, code, looking)
    else:
        yield from _visits(app, world, code, looking)


def _visits(app: Flask, world: World, language: str, looking: Looking) -> Iterator[Visit]:
    roles = [role for role in (*FRAMES, Role.NEWCOMER, Role.SUSPENDED) if role in world.people]
    for role in roles:
        yield from looking(Browser(app, world, role, language))


def _empty_world() -> World:
    """A vendor on its first day: a catalog, a policy, and people who have done nothing."""
    make_catalog()
    make_policy()
    people: dict[Role, User | None] = {
        role: None if role is Role.VISITOR else make_user(role.title(), staff=role is Role.STAFF) for role in BEGINNERS
    }
    made = [
        make_reseller("Romashka", owner=people[Role.OWNER]).id,
        make_reseller("Landysh", active=False, owner=people[Role.NEWCOMER]).id,
    ]
    ids = {role: user.id if user else None for role, user in people.items()}
    db.session.commit()
    return World(ids, {}, made)


def _multiply(world: World) -> None:
    """A thousand rows of everything that lists show, copied in the database."""
    for name, change in COPIES.items():
        table = Base.metadata.tables[name]
        query = select(table)
        if "reseller_id" in table.columns:
            query = query.where(table.columns["reseller_id"] == world.resellers[0])
        if name in {"receivables", "ledger_entries"}:  # a debt from before has no order, a credit no receivable
            query = query.where(table.columns["order_id" if name == "receivables" else "receivable_id"].is_not(None))
        models = [dict(row) for row in islice(db.session.execute(query).mappings(), 5)]
        assert models, f"the world has nothing in {name}"
        if "id" in table.columns and "id" not in change(0):
            for model in models:
                del model["id"]
        rows = [{**models[number % len(models)], **change(number)} for number in range(MANY)]
        db.session.execute(insert(table), rows)
    db.session.commit()
