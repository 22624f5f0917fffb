"""Every page with a form can be asked for as it was filled, and does nothing then: so does the language switch (R30),
and so does whoever finds again what was posted when a session had ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from flask import Flask
from lxml.etree import _Element as Element

from dashboard.web.access import GuardedRule
from tests.app_wide.trees import elements, fields, parsed, strings
from tests.app_wide.walker import Browser, addresses, local, methods, rule_of
from tests.app_wide.world import Kind, Role, World, make_world
from tests.client import counted_statements

pytestmark = pytest.mark.xdist_group("walk")

#: What is typed into every line and every text.
TYPED = "«Zoë» & half"

#: A field that says itself what it holds: where it belongs to, what it was opened with, or a search.
FOLLOWS = {"revision", "reviewed", "seen", "draft", "key", "sku", "earlier"}

#: The language that a form is shown in is that of the account from then on.
ALLOWED = "UPDATE users SET language"


def _forms(browser: Browser, world: World, app: Flask) -> Iterator[tuple[str, GuardedRule, Element]]:
    """Every form of a page that is sent to the page itself, once a route."""
    seen = set()
    for rule in cast("Iterator[GuardedRule]", app.url_map.iter_rules()):
        if set(methods(rule)) != {"GET", "POST"}:
            continue
        for kinds, path in addresses(rule, world, browser.role, mixed=False):
            page = browser.visit("GET", path, rule) if set(kinds) <= {Kind.OWN} else None
            if page is None or not page.is_page:
                continue
            for form in elements(parsed(page.body.decode()), "//main//form[@method='post']"):
                target = local(path, form.get("action") or path)
                if rule_of(app, "POST", target) is rule and rule.rule not in seen:
                    seen.add(rule.rule)
                    yield target, rule, form


def _filled(form: Element) -> dict[str, str]:
    """The form as somebody sends it who has typed into every field."""
    typed = "self::textarea or @type='text' or @type='email'"
    lines = set(strings(form, f".//input[@type='text' or @type='email']/@name | .//textarea[{typed}]/@name"))
    values = {name: TYPED if name in lines else value for name, value in fields(form)}
    return {**dict.fromkeys(lines, TYPED), **values}


@pytest.mark.parametrize("role", [Role.OWNER, Role.CUSTOMER, Role.NEWCOMER, Role.STAFF])
def test_R30_a_form_comes_back_as_it_was_filled_and_does_nothing(app: Flask, role: Role) -> None:
    world = make_world()
    browser, faults, met = Browser(app, world, role), [], 0
    for path, rule, form in _forms(browser, world, app):
        values = _filled(form)
        buttons = strings(form, ".//button[@name='decision' or @name='action' or @name='step']/@value")
        for button in buttons or [""]:
            pressed = {"action": button, "decision": button, "step": button} if button else {}
            with counted_statements() as statements:
                answer = browser.visit("POST", path, rule, data={**values, **pressed, "_language": "en"})
            writes = [one for one in statements if one.startswith(("INSERT", "UPDATE", "DELETE"))]
            faults += [f"{answer}: {one}" for one in writes if not one.startswith(ALLOWED)]
            if answer.status != 200:
                faults.append(str(answer))
                continue
            met += 1
            again = [dict(fields(one)) for one in elements(parsed(answer.body.decode()), "//form[@method='post']")]
            lost = {
                name
                for name, value in values.items()
                if value == TYPED and not any(one.get(name) == TYPED for one in again)
            }
            faults += [f"{answer}: {name} is lost" for name in lost - FOLLOWS]
    assert faults == []
    assert met > 3
