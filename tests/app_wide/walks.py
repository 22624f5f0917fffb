"""One walk over the whole application, made once a process, and what the tests of all walkers look at."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from flask import Flask
from sqlalchemy import JSON, String, select

from dashboard.config import current_settings
from dashboard.extensions import Base, db
from dashboard.money import CURRENCIES
from dashboard.orders.models import Order
from dashboard.places import US_STATES
from dashboard.prose import reading
from dashboard.prose.rules import Kind
from dashboard.web.access import GuardedRule
from dashboard.web.languages import LANGUAGES
from tests.app_wide import pseudo, secrets
from tests.app_wide.switching import switch
from tests.app_wide.walker import Browser, Visit, crawl, knock, look, press
from tests.app_wide.world import Role, World, grow, speak
from tests.catalogs import speaking


class Walk:
    """Everybody in one application, and all that they met.

    Args:
        only: the beginning of the addresses that are walked.
        roles: who walks.
    """

    def __init__(self, app: Flask, world: World, only: str = "/", roles: Collection[Role] = tuple(Role)) -> None:
        self.app, self.world, self.start, self.roles = app, world, only, roles
        rules = cast("Iterable[GuardedRule]", app.url_map.iter_rules())
        self.rules = [rule for rule in rules if rule.rule.startswith(only)]
        self.knocks: list[Visit] = []  #: English: everything, with every kind of object
        self.looks: list[Visit] = []  #: English, with many more rows: everybody's own pages
        self.crawls: dict[Role, list[Visit]] = {}  #: Russian: wherever links and searches lead
        self.brackets: list[Visit] = []  #: the language made for looking: everybody's own pages
        self.switches: list[
            tuple[Visit, list[str]]
        ] = []  #: Russian: forms asked for as they were filled; what is wrong
        self.presses: list[Visit] = []  #: Russian: every unsafe route, with a token and nothing else

    def knock(self) -> None:
        for browser in self._browsers("en"):
            self.knocks += knock(browser, self.world, self.rules)

    def look(self) -> None:
        for browser in self._browsers("en"):
            self.looks += look(browser, self.world, self.rules)

    def crawl(self) -> None:
        """From the first page, and from every page of one's own."""
        for browser in self._browsers("ru"):
            own = [one.path for one in self.looks if one.role is browser.role and one.status == 200]
            self.crawls[browser.role] = list(crawl(browser, [self.start, *own], within=self.start))

    def look_in_brackets(self, folder: Path) -> None:
        with speaking(self.app, folder, pseudo.catalog()):
            for browser in self._browsers("ru"):
                self.brackets += look(browser, self.world, self.rules)

    def switch(self) -> None:
        for browser in self._browsers("ru"):
            self.switches += switch(browser, self.world, self.rules)

    def press(self) -> None:
        for browser in self._browsers("ru"):
            self.presses += press(browser, self.world, self.rules)

    def browser(self, role: Role) -> Browser:
        return Browser(self.app, self.world, role)

    @cached_property
    def visits(self) -> list[Visit]:
        crawled = [visit for visits in self.crawls.values() for visit in visits]
        return [*self.knocks, *self.looks, *crawled, *self.presses]

    @cached_property
    def pages(self) -> list[Visit]:
        """Every page and fragment that differs from the others."""
        return list({(visit.html, visit.language): visit for visit in self.visits if visit.is_html}.values())

    def _browsers(self, language: str) -> Iterable[Browser]:
        with self.app.app_context():
            for role in self.roles:
                yield Browser(self.app, self.world, role, language)


@dataclass(frozen=True)
class Record:
    """What the database held: what customers must not learn, what they were sent, which words are people's own."""

    secrets: re.Pattern[str]
    letters: list[tuple[str, str]]
    files: list[tuple[str, str]]
    words: set[str]
    russian: set[str]  #: words of Russian pages that are not the catalog's


def walk_all(walks: Iterable[Walk], world: World, folder: Path) -> Record:
    """All walks through the same world, step by step; `folder` is for catalogs."""
    walks = list(walks)
    for walk in walks:
        walk.knock()
    grow(world)
    for walk in walks:
        walk.look()
    record = _record()
    speak("ru")
    for walk in walks:
        walk.look_in_brackets(folder)
    for walk in walks:
        walk.crawl()
    for walk in walks:
        walk.switch()
    for walk in walks:
        walk.press()
    return record


def _record() -> Record:
    customers = set(db.session.scalars(select(Order.customer_email)))
    told, files = list(secrets.letters_to(customers)), list(secrets.license_files())
    record = Record(secrets.secrets(), told, files, own_words(), pseudo.russian_words())
    db.session.commit()
    return record


_WORDS = re.compile(r"[^\W\d_]+")

#: What we say ourselves: its language is that of whoever reads it.
OURS = {"audit_entries", "letters", "outbox", "text_versions"}


def own_words() -> set[str]:
    """Words in what people, the vendor and the catalog call things: they are the same in every language.

    So are the states of the US, as they stand in addresses there.
    """
    vendor = json.dumps(asdict(current_settings().vendor), default=str, ensure_ascii=False)
    headings = [section.title for section in reading.read(Kind.INSTRUCTIONS, "en").sections]
    told = [vendor, *CURRENCIES, *LANGUAGES, *LANGUAGES.values(), *US_STATES.values(), *headings]
    words = {word for text in [*told, *map(str.upper, LANGUAGES)] for word in _WORDS.findall(text)}
    for table in Base.metadata.sorted_tables:
        columns = [
            column
            for column in table.columns
            if isinstance(column.type, String | JSON) and not column.name.endswith(("_en", "_ru"))
        ]
        if table.name not in OURS and columns:
            for row in db.session.execute(select(*columns)):
                words.update(_WORDS.findall(json.dumps(list(row), ensure_ascii=False)))
    return words | {part for word in words for part in re.findall("[A-Za-z]+", word)}
