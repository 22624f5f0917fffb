"""axe, the accessibility checker, in a real Chromium: pages as they were met, with the product's own style sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, Page, Route, sync_playwright

from dashboard.web.pages import STATIC
from tests.browser.chromium import ARGUMENTS
from tests.programs import program

HOST = "http://pages.example"

#: What is asked: rules of WCAG 2.2 up to AA, and what axe's makers hold for good practice.
EVERYTHING = "{resultTypes: ['violations']}"
#: In the other theme the same elements stand in other colors.
COLORS = "{resultTypes: ['violations'], runOnly: ['color-contrast']}"

_RUN = """async () => (await axe.run(document, %s)).violations.map(
    one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | '))"""


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


def check(browser: Browser, pages: Mapping[str, str], theme: Literal["light", "dark"]) -> dict[str, list[str]]:
    """What axe finds on pages, by the name that each was given; those without a fault are left out.

    Args:
        theme: light pages are looked at wholly, dark ones for their colors.
    """
    with browser.new_context(color_scheme=theme, reduced_motion="reduce") as context:
        page = context.new_page()
        asked = EVERYTHING if theme == "light" else COLORS
        found = {name: _violations(page, html, asked) for name, html in pages.items()}
    return {name: violations for name, violations in found.items() if violations}


def _violations(page: Page, html: str, asked: str) -> list[str]:
    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/page":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif path.startswith("/static/"):
            route.fulfill(path=STATIC / path.removeprefix("/static/"))
        else:
            route.abort()

    page.unroute_all()
    page.route("**/*", answer)
    page.goto(f"{HOST}/page")
    page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    violations: list[str] = page.evaluate(_RUN % asked)
    return violations
