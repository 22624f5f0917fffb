"""A fragment is a block of its page: the same address gives either, with the same names in scope."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import nodes

import dashboard
from dashboard.web.access import Permission
from dashboard.web.fragments import render
from tests.client import Client, Page

Plant = Callable[..., Flask]

TEMPLATES = {
    "frame.html": """<!doctype html><html lang="{{ language }}"><head><title>frame</title></head>
<body>{% block content %}{% endblock %}</body></html>""",
    "macros.html": "{% macro loud(text) %}<b>{{ text }}</b>{% endmacro %}",
    "page.html": """{% extends "frame.html" %}
{% import "macros.html" as m %}
{% from "macros.html" import loud %}
{% set greeting = "Hello" %}
{% block content %}<h1>whole</h1>{% block part %}<p id="part">{{ greeting }} {{ m.loud(name) }} {{ loud(name) }}
in {{ language }}</p>{% endblock %}{% endblock %}""",
    "alone.html": """{% set greeting = "Alone" %}<!doctype html><html lang="en"><title>alone</title>
<body>{% block part %}<p>{{ greeting }} {{ name }}</p>{% endblock %}</body></html>""",
}


def page_of(plant: Plant, headers: dict[str, str], template: str = "page.html", **given: Any) -> Page:
    planted = plant(TEMPLATES)

    @planted.get("/planted", requires=Permission.PUBLIC)
    def show() -> Any:
        return render(template, "part", **{"name": "<i>Anna</i>", **given})

    return Client(planted).get("/planted", headers=headers)


PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_a_fragment_is_the_block_with_the_pages_imports_and_sets(plant: Plant) -> None:
    page = page_of(plant, PARTIAL)
    assert page.html.startswith('<p id="part">')
    assert page.text == "Hello <i>Anna</i> <i>Anna</i> in en"
    assert "whole" not in page.html


def test_a_fragment_of_a_page_without_a_frame(plant: Plant) -> None:
    assert page_of(plant, PARTIAL, "alone.html").html == "<p>Alone &lt;i&gt;Anna&lt;/i&gt;</p>"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HX-Request": "true"},
        {"HX-Request": "true", "HX-Request-Type": "full"},
        {"HX-Request": "true", "HX-Boosted": "true"},
        {"HX-Request-Type": ""},
    ],
)
def test_only_a_partial_request_gets_the_block(plant: Plant, headers: dict[str, str]) -> None:
    """`HX-Request` alone comes with boosted links and with history, which want the page."""
    page = page_of(plant, headers)
    assert page.title == "frame"
    assert page.text == "whole Hello <i>Anna</i> <i>Anna</i> in en"


@pytest.mark.parametrize("headers", [{}, PARTIAL])
def test_caches_are_told_that_both_have_one_address(plant: Plant, headers: dict[str, str]) -> None:
    varies = {name.strip() for name in page_of(plant, headers).headers["Vary"].split(",")}
    assert {"HX-Request", "HX-Request-Type", "Cookie", "Accept-Language"} <= varies


@pytest.mark.parametrize("headers", [{}, PARTIAL])
def test_what_is_shown_is_escaped_once(plant: Plant, headers: dict[str, str]) -> None:
    html = page_of(plant, headers).html
    assert "<b>&lt;i&gt;Anna&lt;/i&gt;</b>" in html
    assert "&amp;lt;" not in html


@pytest.mark.parametrize("headers", [{}, PARTIAL])
def test_a_status_is_passed_on(plant: Plant, headers: dict[str, str]) -> None:
    assert page_of(plant, headers, status=422).status == 422


def rendered_blocks() -> Iterator[tuple[str, str]]:
    """Template and block of each `render("…", "…")` in the product."""
    for path in Path(dashboard.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "render":
                given = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
                if len(given) == 2:
                    yield str(given[0]), str(given[1])


def sources(app: Flask, template: str) -> Iterator[nodes.Template]:
    """The template and those that it extends."""
    assert app.jinja_env.loader
    tree = app.jinja_env.parse(app.jinja_env.loader.get_source(app.jinja_env, template)[0])
    yield tree
    for extended in tree.find_all(nodes.Extends):
        yield from sources(app, extended.template.as_const())


def test_every_fragment_is_a_block_of_its_page_that_stands_in_no_loop(application: Flask) -> None:
    """A block in a loop would not know the loop's variable."""
    rendered = set(rendered_blocks())
    assert rendered
    for template, block in rendered:
        trees = list(sources(application, template))
        assert block in {found.name for tree in trees for found in tree.find_all(nodes.Block)}, (template, block)
        scopes = [scope for tree in trees for scope in tree.find_all((nodes.For, nodes.CallBlock, nodes.With))]
        assert block not in {found.name for scope in scopes for found in scope.find_all(nodes.Block)}, (template, block)
