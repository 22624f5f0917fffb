"""Walks the running application: calls every route it has as everybody, and follows every link and form it shows."""

from __future__ import annotations

import itertools
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextvars import Context
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlencode, urljoin, urlsplit

from flask import Flask
from lxml.etree import _Element as Element
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from dashboard.web.access import GuardedRule, Permission
from tests.app_wide.trees import fields, parsed, strings
from tests.app_wide.world import Kind, Role, World
from tests.client import Client, counted_statements

#: The value of an argument in a rule: `<int(max=9):id_>`.
ARGUMENT = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")
TOKEN = re.compile(r'(name="(?:csrf_token|origin)"[^>]*? value=")[^"]*')

#: How htmx asks for a part of a page.
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}

#: Far more addresses than one person has here: links that make ever new links are a fault.
MOST_PAGES = 800
#: Addresses of one page that are visited with two filters or more: all choices with all others have no end.
MOST_COMBINED = 6

#: Stands for an address that no route has.
NOWHERE = GuardedRule("/", requires=Permission.PUBLIC)


@dataclass(frozen=True)
class Visit:
    """One request and its answer."""

    role: Role
    language: str
    method: str
    path: str
    rule: GuardedRule
    status: int
    headers: Mapping[str, str]
    body: bytes
    statements: int
    kinds: tuple[Kind, ...] = ()
    partial: bool = False
    sends_token: bool = False
    crash: str = ""  #: what the application raised
    source: str = ""  #: the page whose link led here

    def __str__(self) -> str:
        how = "fragment of " * self.partial
        return f"{self.role}/{self.language}: {how}{self.method} {self.path} → {self.status} {self.crash}".strip()

    @property
    def is_html(self) -> bool:
        """Whether it is for people: nobody reads what comes with a redirect."""
        return self.headers.get("Content-Type", "").startswith("text/html") and self.status not in range(300, 400)

    @property
    def is_page(self) -> bool:
        return self.is_html and self.body.lstrip()[:9].lower() == b"<!doctype"

    @property
    def html(self) -> str:
        """The source with the one-time values of forms taken out."""
        return TOKEN.sub(r"\1", self.body.decode())

    @property
    def told(self) -> tuple[int, str, str]:
        """What a person or a program can tell from the answer, apart from what they asked for."""
        text = self.html if self.is_html else self.body.decode("latin-1")
        place = self.headers.get("Location", "") + self.headers.get("HX-Redirect", "")
        return self.status, unquote(place).replace(self.path, "…"), text.replace(self.path, "…")


class Browser(Client):
    """Somebody's browser that notes everything and stumbles over nothing."""

    def __init__(self, app: Flask, world: World, role: Role, language: str = "en") -> None:
        super().__init__(app, language)
        self.app, self.role, self.language = app, role, language
        self._person = world.people[role]
        self.sign_in()

    def sign_in(self) -> None:
        """Begin a new session."""
        self.sign_out()
        if self._person is not None:
            self.sign_in_as(self._person)

    def visit(
        self,
        method: str,
        path: str,
        rule: GuardedRule,
        *,
        partial: bool = False,
        data: Mapping[str, Any] | None = None,
        **known: Any,
    ) -> Visit:
        """One request; what it raises is noted as a crash."""
        sent = {**self._headers, **(FRAGMENT if partial else {})}
        status, headers, body, crash = 500, {}, b"", ""
        with counted_statements() as statements:
            try:
                answer = Context().run(self._http.open, path, method=method, data=data, headers=sent)
            except Exception as error:  # the tests' application lets it through
                crash = f"{type(error).__name__}: {error}"
            else:
                status, headers, body = answer.status_code, _joined(answer.headers), answer.data
                answer.close()  # a file that was sent
        return Visit(
            self.role, self.language, method, path, rule, status, headers, body, len(statements),
            partial=partial, crash=crash, **known,
        )  # fmt: skip

    def token(self) -> str:
        """What a form of the present session carries."""
        found = TOKEN.search(Context().run(self._http.get, "/no-such-page").text)
        assert found, "a page without the form for its colors"
        return found.group().removeprefix(found.group(1))


def rule_of(app: Flask, method: str, path: str) -> GuardedRule | None:
    """Which route an address belongs to; None if it is none."""
    try:
        rule, _values = app.url_map.bind("localhost").match(urlsplit(path).path, method, return_rule=True)
    except HTTPException:
        return None
    return cast(GuardedRule, rule)


def _joined(headers: Headers) -> dict[str, str]:
    return {name: ", ".join(headers.getlist(name)) for name in headers.keys()}  # noqa: SIM118  (no mapping)


def addresses(
    rule: GuardedRule, world: World, role: Role, *, mixed: bool = True
) -> Iterator[tuple[tuple[Kind, ...], str]]:
    """Every combination of own, foreign and missing objects in a rule's address: kinds, address.

    Args:
        mixed: whether one address may name objects of different kinds.
    """
    places = []
    for argument in ARGUMENT.finditer(rule.rule):
        place = world.place(ARGUMENT.sub(r"<\1>", rule.rule[: argument.end()]))
        places.append([(kind, value) for kind in Kind if (value := place.value(kind, role)) is not None])
    for chosen in itertools.product(*places):
        if not mixed and len({kind for kind, _ in chosen}) > 1:
            continue
        values = iter(chosen)
        path = ARGUMENT.sub(lambda _argument: next(values)[1], rule.rule)  # noqa: B023  (used at once)
        yield tuple(kind for kind, _ in chosen), path


def methods(rule: GuardedRule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def knock(browser: Browser, world: World, rules: Iterable[GuardedRule]) -> Iterator[Visit]:
    """Every route with every kind of object, of a browser and of htmx; what is unsafe, without a token."""
    for rule in rules:
        for kinds, path in addresses(rule, world, browser.role):
            for method in methods(rule):
                for partial in (False, True):
                    yield browser.visit(method, path, rule, partial=partial, kinds=kinds)


def look(browser: Browser, world: World, rules: Iterable[GuardedRule]) -> Iterator[Visit]:
    """Every page of one's own."""
    for rule in rules:
        for kinds, path in addresses(rule, world, browser.role, mixed=False):
            if "GET" in methods(rule) and set(kinds) <= {Kind.OWN}:
                yield browser.visit("GET", path, rule, kinds=kinds)


def press(browser: Browser, world: World, rules: Iterable[GuardedRule]) -> Iterator[Visit]:
    """Every unsafe route with a good token and nothing else: first what must change nothing, then one's own."""
    cases = [(rule, *case) for rule in rules for case in addresses(rule, world, browser.role, mixed=False)]
    token = browser.token()
    for rule, kinds, path in sorted(cases, key=lambda case: set(case[1]) <= {Kind.OWN}):
        for method in methods(rule):
            if method == "GET":
                continue
            for partial in (False,) if set(kinds) <= {Kind.OWN} else (True, False):  # what is one's own changes once
                data = {"csrf_token": token}
                visit = browser.visit(method, path, rule, partial=partial, data=data, kinds=kinds, sends_token=True)
                yield visit
                if visit.status < 400:  # it may have signed out, or in
                    browser.sign_in()
                    token = browser.token()


def crawl(
    browser: Browser, starts: Iterable[str], within: str = "/", *, of_a_kind: int | None = None
) -> Iterator[Visit]:
    """Everything that links and harmless forms lead to from these addresses; what lies not `within` is looked at, and
    its links are not followed.

    Args:
        of_a_kind: how many addresses of one rule and one kind of query are visited at the most, but for the starts.
    """
    queue = deque((start, "") for start in starts)
    seen: set[str] = set()
    kinds: Counter[tuple[str, ...]] = Counter()
    visited = 0
    while queue:
        address, source = queue.popleft()
        if address in seen:
            continue
        seen.add(address)
        rule = rule_of(browser.app, "GET", address) or NOWHERE
        kinds[kind := (rule.rule, *sorted(name for name, _ in parse_qsl(urlsplit(address).query)))] += 1
        most = of_a_kind
        if most is None and len(kind) > 2:
            kinds[kind := (rule.rule, "several")] += 1
            most = MOST_COMBINED
        if most and source and rule is not NOWHERE and kinds[kind] > most:
            continue
        visited += 1
        assert visited < MOST_PAGES or of_a_kind, f"{browser.role} finds no end: {sorted(seen)[-20:]}"
        visit = browser.visit("GET", address, rule, source=source)
        yield visit
        if address.startswith(within):
            queue.extend((target, address) for target in targets(visit))


def targets(visit: Visit) -> Iterator[str]:
    """Addresses within the site that an answer leads to, without the place on the page."""
    if "Location" in visit.headers:
        yield local(visit.path, visit.headers["Location"])
    if visit.is_page:
        tree = parsed(visit.html)
        for attribute in ("href", "src", "data-hx-get"):
            for value in strings(tree, f"//@{attribute}"):
                if address := local(visit.path, value):
                    yield address
        for form in tree.iter("form"):
            if form.get("method", "get").lower() == "get":
                yield from submissions(visit.path, form)


def local(base: str, link: str) -> str:
    """The address that a link leads to, if that is within the site: what was left blank makes no other page."""
    parts = urlsplit(urljoin(f"http://localhost{base}", link))
    query = urlencode(sorted(pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[1]))
    return parts.path + f"?{query}" * bool(query) if parts.netloc == "localhost" else ""


def submissions(base: str, form: Element) -> Iterator[str]:
    """A form as it stands, and with each of its choices."""
    shown = fields(form)
    path = local(base, form.get("action") or base).partition("?")[0]
    yield local(base, f"{path}?{urlencode(shown)}")
    for select in form.iter("select"):
        for option in select.iter("option"):
            changed = {**dict(shown), select.get("name", ""): option.get("value", "")}
            yield local(base, f"{path}?{urlencode(changed)}")
