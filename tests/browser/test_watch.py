"""The watch over every page finds what is planted into one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.watch import watch
from tests.site import Site

STYLED = "document.body.setAttribute('style', 'color: red')"
SCRIPT = "document.body.append(Object.assign(document.createElement('script'), {textContent: 'go()'}))"
MISSING = "document.body.append(Object.assign(document.createElement('img'), {src: '/static/missing.png'}))"


@pytest.mark.parametrize(
    ("planted", "problem"),
    [
        (STYLED, "Content Security Policy"),
        (SCRIPT, "Content Security Policy"),
        (MISSING, "404: "),
        ("setTimeout(() => { throw new Error('planted') })", "script: planted"),
        ("console.error('planted')", "console: planted"),
        ("window.location = 'http://127.0.0.1:9/'", "request to another host: http://127.0.0.1:9/"),
    ],
)
def test_a_planted_problem_is_found(browser: Browser, site: Site, planted: str, problem: str) -> None:
    problems: list[str] = []
    context = browser.new_context(base_url=site.url)
    watch(context, site.url, problems)
    page = context.new_page()
    page.goto("/sign-in")
    page.wait_for_load_state("networkidle")
    assert problems == []
    page.evaluate(f"() => {{ {planted} }}")
    page.wait_for_timeout(500)
    context.close()
    assert any(problem in found for found in problems), problems
