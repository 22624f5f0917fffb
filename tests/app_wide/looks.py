"""Pages as they were met, looked at in a real Chromium with the product's own style sheets and scripts: axe, the
accessibility checker, what `look.js` can tell of the layout, and all that the browser complains of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import brotli
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from dashboard.web.compression import without_comments
from dashboard.web.pages import STATIC
from tests.app_wide.walker import Visit
from tests.browser.chromium import ARGUMENTS
from tests.programs import program

HOST = "http://pages.example"

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
#: A narrow phone and a desk, in CSS pixels.
WIDTHS = (360, 1280)

#: Rules of WCAG 2.2 up to AA, the size of targets among them, and what axe's makers hold for good practice.
_RUN = """async () => (await axe.run(
    document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})).violations.map(
    one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | '))"""

#: Adds up how far things jump that nobody touched.
_SHIFT = """window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""

_PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

#: The most that the first view of a page may weigh as it is sent, and the scripts of it, in bytes. A form from which
#: one chooses among all countries or time zones, or in which a whole text is written, is nobody's first page: when it
#: comes, styles and scripts are there.
WEIGHT, LONG_FORM, SCRIPTS = 40 * 1024, 45 * 1024, 20 * 1024
#: So many choices, or so long a text in a field, make such a form.
MANY_CHOICES, _LONG_TEXT = 150, re.compile(r"<textarea[^>]*>[^<]{3000}")


class Variant(NamedTuple):
    """How a page is looked at; any two of the choices meet in the six of `PAIRWISE`."""

    language: str
    theme: Theme
    width: int


#: The languages are Russian, English and the one made for looking, a third longer (`pseudo`).
PAIRWISE = (
    Variant("ru", "light", 360),
    Variant("ru", "dark", 1280),
    Variant("en", "light", 1280),
    Variant("en", "dark", 360),
    Variant("pseudo", "light", 360),
    Variant("pseudo", "dark", 1280),
)


class Sheet(NamedTuple):
    """A page as it was answered."""

    html: str
    policy: str  #: its Content-Security-Policy

    @classmethod
    def of(cls, visit: Visit) -> Sheet:
        return cls(visit.html, visit.headers.get("Content-Security-Policy", ""))


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


class Window:
    """A browser of one width; a phone has a coarse pointer."""

    def __init__(self, browser: Browser, width: int) -> None:
        size = {"width": width, "height": 740 if width < 500 else 900}
        self._context: BrowserContext = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            has_touch=width < 500,
            reduced_motion="reduce",
        )
        self._context.add_init_script(_SHIFT)
        self._page: Page = self._context.new_page()
        self._said: list[str] = []
        self._sheet = Sheet("", "")
        self._page.on("console", lambda message: self._said.append(f"console: {message.text}"))
        self._page.on("pageerror", lambda error: self._said.append(f"script: {error}"))
        self._page.route("**/*", self._answer)

    def close(self) -> None:
        self._context.close()

    def _answer(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if f"{address.scheme}://{address.netloc}" != HOST:
            self._said.append(f"request to another host: {route.request.url}")
            route.abort()
        elif address.path == "/page":
            headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": self._sheet.policy}
            route.fulfill(body=self._sheet.html, headers=headers)
        elif address.path.startswith("/static/"):
            route.fulfill(path=STATIC / address.path.removeprefix("/static/"))
        else:
            route.fulfill(status=204)  # what a page asks for by itself, later

    def look(self, sheet: Sheet, themes: Iterable[Theme]) -> list[str]:
        """Everything wrong with a page, in each of the themes."""
        self._sheet, self._said[:] = sheet, []
        found: list[str] = []
        for number, theme in enumerate(themes):
            self._page.emulate_media(color_scheme=theme)
            if not number:
                self._page.goto(f"{HOST}/page")
                self._page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
                self._page.evaluate(_PAINTED)
                found += self._page.evaluate(_layout())
            found += [f"{theme}: {violation}" for violation in self._page.evaluate(_RUN)]
        return [*found, *self._said, *_too_heavy(sheet)]


@cache
def _layout() -> str:
    return (Path(__file__).parent / "look.js").read_text(encoding="utf-8").partition("*/")[2].strip().rstrip(";")


@cache
def _packed(path: str) -> int:
    content = (STATIC / path).read_bytes()
    return len(brotli.compress(without_comments(content) if path.endswith(".css") else content, quality=11))


def weight(sheet: Sheet) -> int:
    """Bytes of a first view: page, styles and scripts, as they are sent."""
    scripts = _packed("vendor/htmx/htmx.min.js") + _packed("app.js")
    styles = _packed("vendor/pico/pico.min.css") + _packed("app.css")
    assert scripts <= SCRIPTS
    return scripts + styles + len(brotli.compress(sheet.html.encode(), quality=5))


def _too_heavy(sheet: Sheet) -> list[str]:
    bytes_, most = weight(sheet), LONG_FORM if _is_long_form(sheet.html) else WEIGHT
    is_made_up = "⟦" in sheet.html  # nobody loads it
    return [f"the first view weighs {bytes_} bytes"] if bytes_ > most and not is_made_up else []


def _is_long_form(html: str) -> bool:
    return html.count("<option") > MANY_CHOICES or bool(_LONG_TEXT.search(html))


def check(browser: Browser, pages: Mapping[str, tuple[Sheet, Variant]]) -> dict[str, list[str]]:
    """What is wrong with pages, each seen in one way, by the name that each was given; good ones are left out."""
    windows = {width: Window(browser, width) for width in WIDTHS}
    found = {name: windows[way.width].look(sheet, [way.theme]) for name, (sheet, way) in pages.items()}
    for window in windows.values():
        window.close()
    return {name: faults for name, faults in found.items() if faults}


def pairwise(pages: Mapping[str, Mapping[str, Sheet]]) -> dict[str, tuple[Sheet, Variant]]:
    """Each page once, in a way of its own: any two choices meet on some page.

    Args:
        pages: by name, then by language; a page that there is not in the wanted language is seen in another.
    """
    ways = cycle(PAIRWISE)
    chosen = {}
    for name, sheets in pages.items():
        way = next(ways)
        language = way.language if way.language in sheets else next(iter(sheets))
        chosen[f"{name} in {language}, {way.theme}, {way.width}"] = sheets[language], way
    return chosen
