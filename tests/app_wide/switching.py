"""Pages with a form, asked for as they were filled: by the language switch (R30), and by whoever finds again what was
posted when a session had ended. They come back with all that was typed, and nothing is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

import lxml.html
from lxml.etree import _Element as Element

from dashboard.web.access import GuardedRule
from tests.app_wide.trees import elements, parsed, strings
from tests.app_wide.walker import Browser, Visit, addresses, local, methods, rule_of
from tests.app_wide.world import Kind, World
from tests.client import counted_statements

#: What is typed into every line and every text.
TYPED = "«Zoë» & half"

#: Fields into which people type.
LINES = (
    ".//input[@type='text' or @type='email'][not(@readonly)][not(@inputmode='numeric')] | .//textarea[not(@readonly)]"
)

#: The language in which a form is shown is that of the account from then on.
ALLOWED = "UPDATE users SET language"


def forms(browser: Browser, world: World, rules: Iterable[GuardedRule]) -> Iterator[tuple[Visit, str, Element]]:
    """A form of every page that is sent to the page itself: the page, where it goes to, the form."""
    for rule in rules:
        own = [path for kinds, path in addresses(rule, world, browser.role, mixed=False) if set(kinds) <= {Kind.OWN}]
        if {"GET", "POST"} <= set(methods(rule)) and own:
            page = browser.visit("GET", own[0], rule)
            found = elements(parsed(page.body.decode()), "//main//form[@method='post']") if page.is_page else []
            for form in found:
                target = local(page.path, form.get("action") or page.path)
                if rule_of(browser.app, "POST", target) is rule:
                    yield page, target, form
                    break


def switch(browser: Browser, world: World, rules: Iterable[GuardedRule]) -> Iterator[tuple[Visit, list[str]]]:
    """Every such form, filled, with each of its buttons: the answer, and what is wrong with it."""
    for page, target, form in forms(browser, world, rules):
        lines = set(strings(form, "|".join(f"{part}/@name" for part in LINES.split(" | "))))
        filled = {**dict(_fields(form)), **dict.fromkeys(lines, TYPED), "_language": browser.language}
        buttons = elements(form, ".//button[@name][not(starts-with(@value, 'remove:'))]") or [form]
        for button in buttons:
            pressed = {button.get("name"): button.get("value", "")} if button is not form else {}
            with counted_statements() as statements:
                answer = browser.visit("POST", target, page.rule, data={**filled, **pressed}, sends_token=True)
            yield answer, [*_done(statements), *_lost(answer, lines - set(pressed))]


def _done(statements: Iterable[str]) -> Iterator[str]:
    for statement in statements:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")) and not statement.startswith(ALLOWED):
            yield f"does {statement[:60]}"


def _lost(answer: Visit, lines: Iterable[str]) -> Iterator[str]:
    if not answer.is_page:
        yield "shows no form"
        return
    shown = [dict(_fields(form)) for form in elements(parsed(answer.body.decode()), "//form[@method='post']")]
    yield from (f"loses {name}" for name in lines if all(one.get(name) != TYPED for one in shown))


def _fields(form: Element) -> list[tuple[str, str]]:
    """What the form would send; a text begins after the line end that the page puts before it."""
    return [(name, (value or "").strip()) for name, value in cast(lxml.html.FormElement, form).form_values()]
