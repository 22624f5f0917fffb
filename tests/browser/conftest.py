"""A real browser on the whole running product. Every page is watched: a script error, a breach of the
Content-Security-Policy, a missing file or a request to another host fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from dashboard.config import ROOT
from tests.browser.chromium import ARGUMENTS
from tests.browser.watch import watch
from tests.programs import program
from tests.site import Site, prepare, running_site

#: Modules without tests of their own whose assertions tell what they saw.
pytest.register_assert_rewrite(*(f"tests.browser.{name}" for name in ("ending", "hands", "letters", "people", "story")))
pytest.register_assert_rewrite(*(f"tests.browser.tasks.{name}" for name in ("buying", "interruptions", "staffing")))

#: Of a window in which staff see their queue as a list: the desk has a test of its own.
ROOM = {"width": 1180, "height": 900}

#: Milliseconds within which a page must do what is expected of it, on a busy machine too.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)

LOCALES = {"ru": "ru-RU", "en": "en-US"}
SCREENSHOTS = ROOT / ".build" / "screenshots"

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def prepared_data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's data, made once a run: the first process that asks makes them, and others wait for it."""
    own = tmp_path_factory.getbasetemp()
    common = own.parent if hasattr(request.config, "workerinput") else own
    ready = common / "prepared"
    with (common / "prepared.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not ready.exists():
            making = tmp_path_factory.mktemp("prepared")
            prepare(making)
            making.rename(ready)
    return ready


@pytest.fixture
def site(prepared_data: Path, tmp_path: Path) -> Iterator[Site]:
    """The whole product, running on data of its own."""
    with running_site(prepared_data, tmp_path) as running:
        yield running


@pytest.fixture(params=sorted(LOCALES, reverse=True))
def language(request: pytest.FixtureRequest) -> str:
    """Every test that asks for it, or for a page, runs once in Russian and once in English."""
    return str(request.param)


@pytest.fixture
def new_page(
    browser: Browser, site: Site, language: str, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Browsers of more people: each page has cookies of its own. `new_page(java_script_enabled=False)` and the like."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def make(**options: Any) -> Page:
        settings = {"base_url": site.url, "locale": LOCALES[language], "viewport": ROOM}
        context = browser.new_context(**{**settings, **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        watch(context, site.url, problems)
        return context.new_page()

    yield make
    if request.node.stash.get(FAILED, False):
        _photograph(contexts, request.node.name)
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A visitor's page, in the language of the test; addresses are relative to the site: `page.goto("/sign-in")`."""
    return new_page()


def _photograph(contexts: list[BrowserContext], name: str) -> None:
    """Keep what the pages of a failed test look like."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(page for context in contexts for page in context.pages):
        page.screenshot(path=SCREENSHOTS / f"{name}-{number}.png", full_page=True)
