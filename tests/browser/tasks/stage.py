"""A running site on which every task has people and things of its own, made without pages: a run disturbs no other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, session
from playwright.sync_api import Page
from sqlalchemy import Select, delete, func, select

from dashboard import create_app
from dashboard.accounts import passwords
from dashboard.accounts.models import User, UserSession
from dashboard.accounts.sessions import start_session
from dashboard.clock import utcnow
from dashboard.config import load_settings
from dashboard.extensions import db
from dashboard.fulfilment import pricing
from dashboard.fulfilment import service as fulfilment
from dashboard.fulfilment.service import OrderRequest
from dashboard.web.transactions import reading, transaction
from tests.browser.hands import Hand
from tests.browser.people import Person
from tests.browser.scene import VIEWER
from tests.factories import CUSTOMER, make_reseller, make_user
from tests.site import Site

PASSWORD = "four quiet gray mice"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Account:
    """Somebody who takes part."""

    id: int
    email: str
    name: str


@dataclass(frozen=True)
class Company:
    """A reseller of one run, and its owner."""

    id: int
    name: str
    owner: Account


class Backstage:
    """The site's database, from behind: the product's own services in this process."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.app: Flask = create_app(load_settings(site.environment))

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self.app.app_context(), transaction():
            yield

    def found(self, query: Select[Any]) -> Any:
        """The one value that a query finds."""
        with self.app.app_context(), reading():
            return db.session.scalar(query)

    def close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()

    @cached_property
    def password_hash(self) -> str:
        return passwords.hash_password(PASSWORD)


class Stage:
    """One run: who takes part reads this language, works with this hand, with scripts or without."""

    def __init__(
        self,
        backstage: Backstage,
        new_page: Callable[..., Page],
        folder: Path,
        *,
        language: str,
        hand: Callable[[Page], Hand],
        scripts: bool,
    ) -> None:
        self.backstage, self.new_page, self.folder = backstage, new_page, folder
        self.language, self.hand, self.scripts = language, hand, scripts
        self.number = next(_numbers)
        self.emails: dict[Person, str] = {}

    @property
    def site(self) -> Site:
        return self.backstage.site

    def account(self, name: str, *, staff: bool = False) -> Account:
        email = f"{name.lower()}.{self.number}.{next(_numbers)}@tasks.example"
        with self.backstage.writing():
            user = make_user(name, email=email, staff=staff, language=self.language)
            user.password_hash = self.backstage.password_hash
            db.session.flush()
            return Account(user.id, email, name)

    def company(self, *, currency: str = "EUR", country: str = "NL", **facts: object) -> Company:
        owner, name = self.account("Anna"), f"Tulip {self.number}-{next(_numbers)}"
        with self.backstage.writing():
            user = db.session.get_one(User, owner.id)
            reseller = make_reseller(name, owner=user, currency=currency, country=country, **facts)
            reseller.activated_at = utcnow() - timedelta(days=90)
            return Company(reseller.id, name, owner)

    def order(self, company: Company, quantity: int = 1, **customer: str) -> str:
        """A placed order of the company; its ID."""
        lines = [(VIEWER, quantity)]
        with self.backstage.writing():
            request = OrderRequest(lines, {**CUSTOMER, "language": self.language, **customer})
            seen = pricing.estimate(company.id, lines).shown()
            key = f"tasks {self.number} {next(_numbers)}"
            order = fulfilment.place_order(company.id, company.owner.id, request, seen=seen, submit_key=key)
            return order.id

    def enter(self, account: Account) -> Person:
        """The account at a browser, signed in, without the cost of the page for it."""
        person = Person(self.new_page(java_script_enabled=self.scripts), self.language, self.hand)
        with self.backstage.app.test_request_context():
            with transaction(of_actor=False):
                start_session(account.id)
            signer = self.backstage.app.session_interface.get_signing_serializer(self.backstage.app)  # type: ignore[attr-defined]
            value = signer.dumps(dict(session))
        host = str(urlsplit(self.site.url).hostname)
        person.page.context.add_cookies([{"name": "session", "value": value, "domain": host, "path": "/"}])
        self.emails[person] = account.email
        return person

    def end_sessions(self) -> None:
        """All who take part are signed out elsewhere."""
        with self.backstage.writing():
            theirs = select(User.id).where(User.email.in_(self.emails.values()))
            db.session.execute(delete(UserSession).where(UserSession.user_id.in_(theirs)))

    def count(self, model: type, *conditions: object) -> int:
        return int(self.backstage.found(select(func.count()).select_from(model).where(*conditions)))  # type: ignore[arg-type]
