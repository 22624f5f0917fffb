"""What every template can use: the vendor, the actor, static files, the way through the pages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request, send_from_directory, url_for

from dashboard.config import ROOT, current_settings
from dashboard.pictures import size_of
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
    return _kept(send_from_directory(STATIC, filename))


def send_look() -> Response:
    """The vendor's accent as the tokens with which `app.css` draws."""
    shades = current_settings().vendor.shades
    tokens = {
        "accent": (shades.light, shades.dark),
        "accent-strong": (shades.light_strong, shades.dark_strong),
        "accent-ink": (shades.light_ink, shades.dark_ink),
    }
    rules = "".join(f"--{name}:light-dark({light},{dark});" for name, (light, dark) in tokens.items())
    return _kept(Response(f":root:root{{{rules}}}\n", mimetype="text/css"))


def send_logo() -> Response:
    """The vendor's logo."""
    return _kept(Response(current_settings().vendor.logo or abort(404), mimetype="image/png"))


@lru_cache
def _picture(content: bytes) -> tuple[str, tuple[int, int]]:
    """What tells a picture from another one, and its width and height."""
    return hashlib.sha256(content).hexdigest()[:12], size_of(content)


def look() -> dict[str, Any]:
    """What the vendor has chosen to look like, at addresses that change with it; empty where ours is kept."""
    vendor = current_settings().vendor
    chosen: dict[str, Any] = {"style": url_for("look", v=vendor.accent[1:])} if vendor.accent else {}
    if vendor.logo:
        digest, (width, height) = _picture(vendor.logo)
        chosen["logo"] = {"src": url_for("logo", v=digest), "width": width, "height": height}
    return chosen


def _kept(response: Response) -> Response:
    """An answer that a browser may keep for ever, because its address changes with it."""
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
    app.add_url_rule("/look.css", "look", send_look, requires=Permission.PUBLIC)
    app.add_url_rule("/logo.png", "logo", send_logo, requires=Permission.PUBLIC)
    app.context_processor(page_context)
    app.jinja_env.globals.update(static=static, look=look, public_url=public_url)
