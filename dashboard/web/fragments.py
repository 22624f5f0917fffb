"""A fragment is a named block of its page: one template, one URL, for a browser and for htmx."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, make_response, request
from markupsafe import Markup


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page; boosted links and history ask for the whole (`HX-Request-Type`)."""
    return request.headers.get("HX-Request-Type") == "partial"


def render(template: str, block: str | None = None, status: int = 200, **context: Any) -> Response:
    """The page, or only its `block` when htmx asks for a fragment.

    A block rendered alone would lack the page's imports and sets; running the page's root up to its first output
    brings them.
    """
    page = current_app.jinja_env.get_template(template)
    context["status"] = status
    current_app.update_template_context(context)
    if block and wants_fragment():
        scope = page.new_context(context)
        root = page.root_render_func(scope)
        next(root, None)
        html = Markup("".join(scope.blocks[block][0](scope)))
    else:
        html = Markup(page.render(context))
    response = make_response(html, status)
    response.vary.update(["HX-Request", "HX-Request-Type"])
    return response


def render_instead(template: str, status: int, **context: Any) -> Response:
    """A notice in the place of the fragment that cannot be sent; the place stays for what is sent another time."""
    response = render(template, status=status, **context)
    response.headers["HX-Reswap"] = "innerHTML"
    return response
