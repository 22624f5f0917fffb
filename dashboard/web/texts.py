"""Translated texts are data: looked up, then filled by position; a broken translation falls back to the source.

In Python the functions return plain text. In templates the functions of the same names return escaped `Markup`:
the literal pieces and the values are escaped alike, so a catalog cannot bring markup in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from markupsafe import Markup, escape

from dashboard.errors import N_
from dashboard.web.catalogs import current
from dashboard.wording import split

__all__ = ["N_", "gettext", "lazy_gettext", "lazy_pgettext", "ngettext", "npgettext", "pgettext"]


def fill(text: str, source: str, values: dict[str, Any], to_text: Callable[[Any], str] = str) -> str:
    """The translated `text` with its holes filled; the `source` text instead, if the translation is unsound."""
    pieces = split(text)
    if pieces is None or any(name is not None and name not in values for _, name in pieces):
        pieces = split(source)
        if pieces is None:
            raise ValueError(f"unsound message {source!r}")
    return "".join(to_text(literal) + ("" if name is None else to_text(values[name])) for literal, name in pieces)


def gettext(message: str, /, **values: Any) -> str:
    """`message` in the current language."""
    return fill(current().find(message), message, values)


def ngettext(singular: str, plural: str, number: int, /, **values: Any) -> str:
    """The right form for `number`, which also fills `%(num)s`."""
    source = singular if number == 1 else plural
    return fill(current().find_plural(singular, plural, number), source, {"num": number, **values})


def pgettext(context: str, message: str, /, **values: Any) -> str:
    """`message` in the sense that `context` gives."""
    return fill(current().find(message, context), message, values)


def npgettext(context: str, singular: str, plural: str, number: int, /, **values: Any) -> str:
    source = singular if number == 1 else plural
    text = current().find_plural(singular, plural, number, context)
    return fill(text, source, {"num": number, **values})


class LazyText:
    """A text translated when it is shown: for labels and messages that are written when a module is loaded."""

    __slots__ = ("_context", "_message", "_values")

    def __init__(self, message: str, context: str | None = None, values: dict[str, Any] | None = None) -> None:
        self._message, self._context, self._values = message, context, values or {}

    def __str__(self) -> str:
        if self._context is not None:
            return pgettext(self._context, self._message, **self._values)
        return gettext(self._message, **self._values)

    def __html__(self) -> str:
        return escape(str(self))

    def __mod__(self, values: dict[str, Any]) -> str:
        """What WTForms' validators do with their message."""
        return str(LazyText(self._message, self._context, {**self._values, **values}))


def lazy_gettext(message: str, /, **values: Any) -> LazyText:
    return LazyText(message, None, values)


def lazy_pgettext(context: str, message: str, /, **values: Any) -> LazyText:
    return LazyText(message, context, values)


def init_app(app: Flask) -> None:
    """Give the templates the escaping variants."""

    def _gettext(message: str, /, **values: Any) -> Markup:
        return Markup(fill(current().find(message), message, values, escape))

    def _ngettext(singular: str, plural: str, number: int, /, **values: Any) -> Markup:
        source = singular if number == 1 else plural
        text = current().find_plural(singular, plural, number)
        return Markup(fill(text, source, {"num": number, **values}, escape))

    def _pgettext(context: str, message: str, /, **values: Any) -> Markup:
        return Markup(fill(current().find(message, context), message, values, escape))

    def _npgettext(context: str, singular: str, plural: str, number: int, /, **values: Any) -> Markup:
        source = singular if number == 1 else plural
        text = current().find_plural(singular, plural, number, context)
        return Markup(fill(text, source, {"num": number, **values}, escape))

    app.jinja_env.globals.update(
        _=_gettext, gettext=_gettext, ngettext=_ngettext, pgettext=_pgettext, npgettext=_npgettext
    )
