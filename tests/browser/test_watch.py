"""The watch over every page finds what is planted into one, and so does the hand at the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PATIENCE
from tests.browser.ending import MONEY, sums_in
from tests.browser.hands import KeyboardHand
from tests.browser.people import Person
from tests.browser.watch import watch
from tests.site import Site, running_site

pytestmark = pytest.mark.xdist_group("watch")  # one site runs for all

STYLED = "document.body.setAttribute('style', 'color: red')"
SCRIPT = "document.body.append(Object.assign(document.createElement('script'), {textContent: 'go()'}))"
MISSING = "document.body.append(Object.assign(document.createElement('img'), {src: '/static/missing.png'}))"


@pytest.fixture(scope="module")
def site(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all of them: they change nothing in it."""
    with running_site(prepared_data, tmp_path_factory.mktemp("watched")) as running:
        yield running


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


@pytest.mark.parametrize(
    "planted",
    [
        "document.body.append(document.createElement('h1'))",
        "document.documentElement.lang = 'de'",
        "document.body.append('%(name)s')",
        "document.querySelector('form').append(Object.assign(document.createElement('canvas'), {width: 3000}))",
    ],
)
def test_a_planted_fault_of_a_page_is_seen(browser: Browser, site: Site, planted: str) -> None:
    context = browser.new_context(base_url=site.url, locale="en-US")
    person = Person(context.new_page(), "en")
    person.open("/sign-in")
    person.page.evaluate(f"() => {{ {planted} }}")
    expect.set_options(timeout=500)
    try:
        with pytest.raises(AssertionError):
            person.look()
    finally:
        expect.set_options(timeout=PATIENCE)
        context.close()


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ("button.style.outline = 0", "has no ring"),
        ("button.style.opacity = 0", "is not seen"),
        ("button.style.cssText = 'height: 1px; width: 1px; min-height: 0; padding: 0; border: 0'", "is too small"),
        ("button.style.cssText = 'position: fixed; top: -500px'", "is not on the screen"),
        ("document.body.append(veil)", "lies under <canvas"),
        ("button.parentElement.style.cssText = 'overflow: clip; width: fit-content; padding: 0'", "cut off"),
        ("button.tabIndex = -1", "does not reach"),
        ("button.addEventListener('keydown', () => button.remove())", "the focus is lost"),
    ],
)
def test_a_planted_obstacle_stops_the_keyboard(browser: Browser, site: Site, planted: str, fault: str) -> None:
    context = browser.new_context(base_url=site.url, locale="en-US")
    person = Person(context.new_page(), "en", KeyboardHand)
    person.open("/sign-in")
    veil = "veil.style.cssText = 'position: fixed; inset: 0; width: 100vw; height: 100vh'"
    begin = "const button = document.querySelector('#sign-in-form .button'), veil = document.createElement('canvas')"
    person.page.evaluate(f"() => {{ {begin}; {veil}; {planted}; }}")
    with pytest.raises(AssertionError, match=fault):
        person.press("Sign in")
    context.close()


@pytest.mark.parametrize("text", ["1 079,10 ₽", "USD", "a Discount", "invoices", "без скидки", "по цене", "НДС"])
def test_a_planted_word_of_money_is_seen(text: str) -> None:
    assert MONEY.search(text)


@pytest.mark.parametrize("text", ["Лицензия", "evaluation mode", "updates until May 1", "Обновления включены до 1 мая"])
def test_a_word_without_money_is_let_through(text: str) -> None:
    assert not MONEY.search(text)


@pytest.mark.parametrize(("text", "found"), [("3 237,30", True), ("3,237.30", True), ("323730", True), ("3237", False)])
def test_a_planted_sum_is_seen(text: str, found: bool) -> None:
    assert bool(sums_in(f"a {text} b", {Decimal("3237.30")})) == found
