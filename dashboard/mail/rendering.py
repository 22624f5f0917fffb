"""From a letter's template to its subject, text and HTML: one template, two layouts, one set of sentences."""

from __future__ import annotations

import html
import re
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import force_locale


class Rendered(NamedTuple):
    subject: str
    text: str
    html: str


def render_letter(kind: str, language: str, context: dict[str, Any]) -> Rendered:
    """The letter in `language`. Everything was escaped exactly once, so the text variant is unescaped once, whole."""
    with force_locale(language):
        as_html = _render(kind, "html", context)
        as_text = _render(kind, "txt", context)
    return Rendered(_flat(as_text[0]), html.unescape(as_text[1]).strip() + "\n", as_html[1])


def _render(kind: str, form: str, given: dict[str, Any]) -> tuple[str, str]:
    environment = current_app.jinja_env
    template = environment.get_template(f"mail/{kind}.html")
    context: dict[str, Any] = {**given, "layout": f"mail/layout.{form}"}
    current_app.update_template_context(context)
    macros = "mail/_html.html" if form == "html" else "mail/_text.txt"
    context["m"] = environment.get_template(macros).make_module(context)
    subject = "".join(template.blocks["subject"](template.new_context(context)))
    return subject, template.render(context)


def _flat(subject: str) -> str:
    """A subject of one line: what a template wrote in several is joined; the no-break spaces of sums stay."""
    return re.sub(r"[^\S\u00a0\u202f]+", " ", html.unescape(subject)).strip()
