"""A browser without a screen: follows redirects, fills in the forms that pages really have, and checks every page.

Each request runs as in the server, in a context and with a database session of its own; the test's session is
committed first, so that the request sees what the test has made and SQLite's write lock is free.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from functools import cached_property
from typing import IO, Any, cast
from urllib.parse import urlencode, urlsplit

import html5lib
from flask import Flask, session
from html5lib.constants import DataLossWarning
from lxml import etree
from lxml.etree import _Element as Element
from sqlalchemy import event
from werkzeug.test import TestResponse

from dashboard.accounts.models import User
from dashboard.accounts.sessions import start_session
from dashboard.extensions import db
from dashboard.web.transactions import begin_request

#: What a test may type into a field: text, several choices, a tick, or a file with its name.
Value = str | list[str] | bool | tuple[IO[bytes], str]

#: Statements that begin or set up a transaction are not queries.
HOUSEKEEPING = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE", "SET ")


class Client:
    """One browser, with its cookies and its page.

    Args:
        language: what the browser prefers.
        htmx: whether requests ask for fragments, as htmx does.
    """

    def __init__(self, app: Flask, language: str = "en", *, htmx: bool = False) -> None:
        self._app = app
        self._http = app.test_client()
        self._headers = {"Accept-Language": language}
        if htmx:
            self._headers |= {"HX-Request": "true", "HX-Request-Type": "partial"}

    def get(self, path: str, *, follow: bool = True, headers: Mapping[str, str] | None = None) -> Page:
        """Open an address."""
        return self.open("GET", path, follow=follow, headers=headers)

    def post(self, path: str, data: Mapping[str, Any] | None = None, *, follow: bool = True) -> Page:
        """Send data as no form would: what an attacker or a broken browser sends. Forms go through `Page.submit`."""
        return self.open("POST", path, data=data or {}, follow=follow)

    def open(
        self,
        method: str,
        path: str,
        *,
        data: Mapping[str, Any] | None = None,
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """One request; a redirect within the site is followed as a browser would, unless `follow` is false."""
        db.session.commit()
        sent = {**self._headers, **(headers or {})}
        with counted_statements() as statements:
            response = Context().run(
                self._http.open, path, method=method, data=data, headers=sent, follow_redirects=follow
            )
        return Page(self, response, statements)

    def sign_in_as(self, user: User | int) -> None:
        """Sign in without the form: in a session like any other, but without the cost of a password."""
        user_id = user.id if isinstance(user, User) else user
        db.session.commit()

        def start() -> dict[str, Any]:
            with self._app.test_request_context():
                begin_request(writes=True)
                start_session(user_id)
                db.session.commit()
                return dict(session)

        content = Context().run(start)
        with self._http.session_transaction() as stored:
            stored.clear()
            stored.update(content)

    def sign_out(self) -> None:
        """Forget all cookies."""
        self._http = self._app.test_client()


class Page:
    """An answer. A whole page or fragment is parsed strictly: the first mistake in its HTML fails the test."""

    def __init__(self, client: Client, response: TestResponse, statements: list[str]) -> None:
        self._client = client
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.content = response.data
        #: SQL statements of the request (of all its requests, when redirects were followed).
        self.statements = statements
        self.path = response.request.full_path.rstrip("?")
        if response.mimetype == "text/html" and self.content:
            assert not self.html_errors, f"{self.path}: {self.html_errors}"

    @property
    def html(self) -> str:
        """The source of the page."""
        return str(self.content, "utf-8")

    @property
    def location(self) -> str | None:
        return self.headers.get("Location")

    @cached_property
    def _parsed(self) -> tuple[Element, list[str]]:
        parser = html5lib.HTMLParser(html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataLossWarning)  # `hx-headers:inherited` is no name in XML
            if self.html.lstrip()[:9].lower() == "<!doctype":
                tree = parser.parse(self.html).getroot()
            else:
                tree = etree.Element("body")
                tree.extend([part for part in parser.parseFragment(self.html) if not isinstance(part, str)])
        return tree, [f"line {place[0]}: {code} {values or ''}".strip() for place, code, values in parser.errors]

    @property
    def tree(self) -> Element:
        """The parsed page."""
        return self._parsed[0]

    @property
    def html_errors(self) -> list[str]:
        return self._parsed[1]

    @property
    def text(self) -> str:
        """What a person reads in the page's body: texts with single spaces."""
        body = self.tree.find(".//body")
        return _text(self.tree if body is None else body)

    @property
    def title(self) -> str:
        return _text(self.tree.find(".//title"))

    @property
    def links(self) -> dict[str, str]:
        """Addresses of the page's links, by their text."""
        return {_text(link): link.get("href", "") for link in self.tree.iter("a") if link.get("href")}

    def click(self, text: str) -> Page:
        """Follow the link with this text."""
        assert text in self.links, f"{self.path} has no link {text!r}, only {sorted(self.links)}"
        return self._client.get(self.links[text])

    @property
    def buttons(self) -> list[str]:
        """Texts of all buttons that can be pressed."""
        return [_label(button) for button in self._buttons()]

    def submit(self, button: str, *, follow: bool = True, **fields: Value) -> Page:
        """Fill in the form that has the button with this text, and press it.

        Args:
            fields: by name; what is not given keeps what the page shows. A name with a dash is written with `__`.

        Raises:
            AssertionError: for what a browser could not do: a button, field or choice that is not there.
        """
        found = [element for element in self._buttons() if _label(element) == button]
        assert found, f"{self.path} has no button {button!r}, only {self.buttons}"
        assert len(found) == 1 or not fields, f"{self.path} has {len(found)} buttons {button!r}; use `form`"
        return Form(self._client, self, self._form_of(found[0])).press(found[0], fields, follow=follow)

    def _buttons(self) -> Iterator[Element]:
        for element in self.tree.iter("button", "input"):
            kind = element.get("type", "submit" if element.tag == "button" else "text")
            if kind in {"submit", "image"} and not _is_disabled(element) and self._form_of(element) is not None:
                yield element

    def _form_of(self, element: Element) -> Element | None:
        """The form that a field or button belongs to."""
        if name := element.get("form"):
            return self.tree.find(f".//form[@id='{name}']")
        return next(element.iterancestors("form"), None)


class Form:
    """One form of a page, sent as a browser sends it."""

    def __init__(self, client: Client, page: Page, form: Element | None) -> None:
        assert form is not None
        self._client, self._page, self._form = client, page, form

    def press(self, button: Element, typed: Mapping[str, Value], *, follow: bool) -> Page:
        values = self._shown()
        for name, value in typed.items():
            self._type(values, name.replace("__", "-"), value)
        data = {name: value for name, value in values.items() if value not in ([], None)}
        if button.get("name"):
            data[str(button.get("name"))] = [button.get("value", "")]
        path = button.get("formaction") or self._form.get("action") or self._page.path
        method = (button.get("formmethod") or self._form.get("method") or "get").upper()
        if method == "GET":
            pairs = [(name, value) for name, given in data.items() for value in given]
            return self._client.get(f"{urlsplit(path).path}?{urlencode(pairs)}", follow=follow)
        return self._client.open(method, path, data=data, follow=follow)

    def _fields(self) -> Iterator[Element]:
        for element in self._page.tree.iter("input", "select", "textarea"):
            if self._page._form_of(element) is self._form and element.get("name") and not _is_disabled(element):
                yield element

    def _shown(self) -> dict[str, list[Any]]:
        """What the form would send untouched, by name."""
        values: dict[str, list[Any]] = {}
        for element in self._fields():
            values.setdefault(str(element.get("name")), []).extend(_present(element))
        return values

    def _type(self, values: dict[str, list[Any]], name: str, value: Value) -> None:
        elements = [element for element in self._fields() if element.get("name") == name]
        assert elements, f"{self._page.path}: the form has no field {name!r}, only {sorted(values)}"
        kinds = {element.get("type", "text") if element.tag == "input" else element.tag for element in elements}
        assert kinds != {"hidden"}, f"{self._page.path}: nobody can type into the hidden field {name!r}"
        if isinstance(value, bool):
            assert kinds == {"checkbox"}, f"{self._page.path}: {name!r} cannot be ticked"
            values[name] = [element.get("value", "on") for element in elements] if value else []
        elif isinstance(value, tuple):
            assert kinds == {"file"}, f"{self._page.path}: {name!r} takes no file"
            values[name] = [value]
        else:
            chosen = [value] if isinstance(value, str) else value
            if kinds & {"select", "radio", "checkbox"}:
                offered = [choice for element in elements for choice in _choices(element)]
                assert set(chosen) <= set(offered), f"{self._page.path}: {name!r} offers {offered}, not {chosen}"
            values[name] = list(chosen)


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The SQL statements that are carried out inside, without those that only begin a transaction."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(HOUSEKEEPING):
            statements.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _text(element: Element | None) -> str:
    if element is None:
        return ""
    parts = element.xpath(".//text()[not(ancestor::script or ancestor::style)]")
    joined = "".join(f"{'' if _goes_on(part) else ' '}{part}" for part in cast("list[Any]", parts))
    return " ".join(joined.replace("\N{WORD JOINER}", "").split())


def _goes_on(part: Any) -> bool:
    """Whether a piece of text belongs to the one before: a number that must not break, and what follows it."""
    parent = part.getparent()
    if parent is None or parent.tag != "span" or parent.get("class") != "nowrap":
        return False
    before, around = parent.getprevious(), parent.getparent()
    return bool(part.is_tail or (before.tail if before is not None else around.text))


def _label(button: Element) -> str:
    return _text(button) or button.get("aria-label") or button.get("value") or ""


def _is_disabled(element: Element) -> bool:
    return element.get("disabled") is not None or any(
        fieldset.get("disabled") is not None for fieldset in element.iterancestors("fieldset")
    )


def _choices(element: Element) -> list[str]:
    if element.tag == "select":
        return [option.get("value", _text(option)) for option in element.iter("option")]
    return [element.get("value", "on")]


def _present(element: Element) -> list[Any]:
    """What a field sends when nobody touches it."""
    kind = element.get("type", "text") if element.tag == "input" else element.tag
    if kind in {"submit", "image", "button", "reset", "file"}:
        return []
    if kind in {"checkbox", "radio"}:
        return [element.get("value", "on")] if element.get("checked") is not None else []
    if kind == "select":
        options = [option for option in element.iter("option") if option.get("disabled") is None]
        chosen = [option for option in options if option.get("selected") is not None]
        if not chosen and element.get("multiple") is None:
            chosen = options[:1]
        return [option.get("value", _text(option)) for option in chosen]
    if kind == "textarea":
        return [element.text or ""]
    return [element.get("value", "")]
