"""What every template can use: the vendor, the actor, static files, the way through the pages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request, send_from_directory, url_for

from dashboard.config import ROOT, current_settings
from dashboard.web.access import Actor, Permission, actor
from dashboard.web.formats import language
from dashboard.web.languages import LANGUAGES

STATIC = ROOT / "static"


@dataclass(frozen=True)
class Link:
    """One entry of the navigation."""

    label: str
    url: str
    #: The entries of a group; a group has no page of its own and opens as a menu.
    links: tuple[Link, ...] = ()
    #: Addresses of further pages that belong to this entry.
    also: tuple[str, ...] = ()

    @property
    def current(self) -> bool:
        """Whether the present page lies below this entry, or below one of its group."""
        return any(link.current for link in self.links) or any(_is_below(url) for url in (self.url, *self.also) if url)


def _is_below(url: str) -> bool:
    return request.path == url or (url != "/" and request.path.startswith(url.rstrip("/") + "/"))


#: Gives the navigation of an actor; `create_app` wires in the one that knows the features.
Navigation = Callable[[Actor], list[Link]]


@lru_cache
def _digest(path: str, _changed: float) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def static(path: str) -> str:
    """Address of a static file, changing with its content so that browsers may keep it for ever."""
    changed = (STATIC / path).stat().st_mtime
    return url_for("static", filename=path, v=_digest(path, changed))


def public_url(endpoint: str, **values: Any) -> str:
    """Address of a page as people outside see it, for letters and documents; needs no request."""
    public = urlsplit(current_settings().public_url)
    adapter = current_app.url_map.bind(public.netloc, public.path or "/", url_scheme=public.scheme)
    return str(adapter.build(endpoint, values, force_external=True))


def send_static(filename: str) -> Response:
    response = send_from_directory(STATIC, filename)
    if request.args.get("v"):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def page_context() -> dict[str, Any]:
    """The context of every template."""
    navigation: Navigation = current_app.extensions["navigation"]
    spoken = language()
    return {
        "actor": actor,
        "may": lambda name: actor.may(Permission[name]),
        "vendor": current_settings().vendor,
        "settings": current_settings(),
        "language": spoken,
        "languages": LANGUAGES,
        "other_languages": [code for code in LANGUAGES if code != spoken],
        "theme": actor.theme or request.cookies.get("theme") if request else None,
        "nav": navigation(actor) if request else [],
    }


def init_app(app: Flask) -> None:
    app.add_url_rule("/static/<path:filename>", "static", send_static, requires=Permission.PUBLIC)
    app.context_processor(page_context)
    app.jinja_env.globals.update(static=static, public_url=public_url)
