"""Which language is spoken: the user's choice, then the browser's (R30). Switching keeps the page and what was typed.

The switch in the page's head is a submit button of the page's own main form, carrying `_language`. So the browser
sends what was typed to the page's own address; `Form` (web/forms.py) sees the field and does not act but shows the
page again, in the other language. Pages without a form have a small form that posts to `/language`.
"""

from __future__ import annotations

from flask import Flask, Response, g, has_request_context, request
from flask_babel import refresh

from dashboard.web.access import actor

LANGUAGES = {"ru": "Русский", "en": "English"}
FIELD = "_language"
COOKIE = "language"
YEAR = 365 * 24 * 3600


def choose_language() -> str:
    """Language of the present request; commands and the worker speak English unless a letter says otherwise."""
    if not has_request_context():
        return "en"
    if "language" in g:
        return str(g.language)
    if actor.language in LANGUAGES:
        return str(actor.language)
    return language_of_visitor()


def language_of_visitor() -> str:
    """What a visitor chose before, else what the browser asks for, else English."""
    kept = request.cookies.get(COOKIE, "")
    return kept if kept in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "en"


def is_switching() -> bool:
    """Whether the present request only asks for another language, with what was typed so far."""
    return request.method == "POST" and request.form.get(FIELD) in LANGUAGES


def switch_language(language: str) -> None:
    """Speak `language` from now on, to this visitor; an account keeps its own (accounts/service.py)."""
    g.language = language
    refresh()


def keep_cookie(response: Response) -> Response:
    if "language" in g:
        response.set_cookie(COOKIE, g.language, max_age=YEAR, samesite="Lax", secure=request.is_secure, httponly=True)
    return response


def init_app(app: Flask) -> None:
    app.after_request(keep_cookie)
