"""Somebody at a browser. Every page that is come to is looked at: one heading, its language, no sideways scrolling."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Download, Locator, Page, expect

from tests.browser.hands import Hand, MouseHand
from tests.browser.texts import OTHER, Texts

#: Folder for pictures of the pages that people come to, at two widths; none are taken without it.
SCREENSHOTS = os.environ.get("STORY_SCREENSHOTS", "")
PHONE, DESK = {"width": 400, "height": 850}, {"width": 1280, "height": 900}


def squeezed(text: str) -> str:
    """A text with single plain spaces, as Playwright reads a page."""
    return " ".join(text.split())


class Person:
    """A browser of its own and the words of its language."""

    def __init__(self, page: Page, language: str, hand: Callable[[Page], Hand] = MouseHand) -> None:
        self.page = page
        self.hand = hand(page)
        self.t = Texts(language)

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    @property
    def path(self) -> str:
        """Path of the present page."""
        return re.sub(r"^https?://[^/]+|[?#].*$", "", self.page.url)

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.look()

    def look(self) -> None:
        """What holds on every page."""
        expect(self.page.locator("h1")).to_have_count(1)
        expect(self.page.locator("html")).to_have_attribute("lang", self.t.language)
        expect(self.page.locator("body")).not_to_contain_text("%(")
        self.page.wait_for_load_state()
        assert self.sideways() <= 0, f"{self.path} is {self.sideways()} px too wide"
        if self.page.locator(".error-summary").count():
            expect(self.page.locator(".error-summary")).to_be_focused()
        self.hand.rest()
        if SCREENSHOTS:
            self.photograph()

    def sideways(self) -> int:
        """Pixels by which the page can be scrolled sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def photograph(self) -> None:
        """Keep what the page looks like at a desk and on a phone."""
        folder = Path(SCREENSHOTS) / self.t.language
        folder.mkdir(parents=True, exist_ok=True)
        number = len(list(folder.iterdir())) // 2 + 1
        name = re.sub(r"[^\w-]+", "_", self.path)[:50].strip("_") or "home"
        for label, size in (("phone", PHONE), ("desk", DESK)):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            self.page.screenshot(path=folder / f"{number:03d}-{name}-{label}.png", full_page=True)

    def heading(self, text: str) -> None:
        """Make sure that the page is the one with this heading."""
        expect(self.page.locator("h1")).to_contain_text(squeezed(text))

    def reads(self, *texts: str) -> None:
        """Make sure that the page says this."""
        for text in texts:
            expect(self.main).to_contain_text(squeezed(text))

    def reads_not(self, *texts: str) -> None:
        for text in texts:
            expect(self.main).not_to_contain_text(squeezed(text))

    def button(self, text: str, within: Locator | None = None) -> Locator:
        return (within or self.main).get_by_role("button", name=squeezed(text), exact=True)

    def link(self, text: str, within: Locator | None = None) -> Locator:
        return (within or self.main).get_by_role("link", name=squeezed(text), exact=True)

    def field(self, name: str) -> Locator:
        return self.main.locator(f"[name={name}]:not([type=hidden])")

    def fill(self, **values: str) -> None:
        """Type into fields, choose in lists and among choices, by the fields' names."""
        for name, value in values.items():
            field = self.field(name)
            kind = field.first.evaluate("element => element.type")
            if kind == "radio":
                self.hand.tick(self.main.locator(f"[name={name}][value={value}]"))
            elif kind == "select-one":
                self.hand.choose(field, value)
            else:
                self.hand.write(field, value)

    def holds(self, **values: str) -> None:
        """Make sure that fields hold these values."""
        for name, value in values.items():
            if self.field(name).first.evaluate("element => element.type") == "radio":
                expect(self.main.locator(f"[name={name}][value={value}]")).to_be_checked()
            else:
                expect(self.field(name)).to_have_value(value)

    def press(self, text: str, /, *, within: Locator | None = None, **values: str) -> None:
        """Fill in fields and press a button; a new page is looked at."""
        self.fill(**values)
        self.go(self.button(text, within).first)

    def pick(self, text: str) -> None:
        """Choose from the list that a search field offers."""
        self.hand.pick(self.main.get_by_role("option").filter(has_text=text).first)
        self.look()

    def follow(self, text: str, *, within: Locator | None = None) -> None:
        self.go(self.link(text, within).first)

    def go(self, locator: Locator) -> None:
        """Press what leads to another page, and look at that."""
        self.hand.press(locator)
        self.look()

    def download(self, locator: Locator) -> bytes:
        """What a link gives to be saved; its name is not empty."""
        with self.page.expect_download() as waiting:
            self.hand.press(locator)
        return content_of(waiting.value)

    def fetch(self, address: str) -> bytes:
        """What stands at an address, for this person."""
        answer = self.page.request.get(address)
        assert answer.ok, f"{address}: {answer.status}"
        return answer.body()

    def switch_language(self) -> None:
        """Press the other language in the page's head; from then on this person reads it."""
        other = OTHER[self.t.language]
        self.hand.press(self.page.locator(f".languages [lang={other}]"))
        expect(self.page.locator("html")).to_have_attribute("lang", other)
        self.t = Texts(other)
        self.look()

    def sign_in(self, email: str, password: str) -> None:
        """Sign in with the form; who reads another language then switches to this test's."""
        self.page.goto("/sign-in")
        self.fill(email=email, password=password)
        self.hand.press(self.button(self.t("Sign in")).first)
        expect(self.page.locator("details.account")).to_have_count(1)
        if self.page.locator("html").get_attribute("lang") != self.t.language:
            self.t = Texts(OTHER[self.t.language])
            self.switch_language()
        self.look()

    def sign_out(self) -> None:
        menu = self.open_menu()
        self.hand.press(self.button(self.t("Sign out"), within=menu))
        expect(menu).to_have_count(0)
        self.look()

    def open_menu(self) -> Locator:
        """The menu of the account, opened."""
        menu = self.page.locator("details.account")
        self.hand.press(menu.locator("summary"))
        return menu


def content_of(download: Download) -> bytes:
    assert download.suggested_filename
    return Path(download.path()).read_bytes()


def wait_until(page: Page, there: Any, seconds: float = 20) -> None:
    """Open the page anew until `there()` holds: what a person without scripts does while the worker works."""
    for _ in range(int(seconds * 2)):
        if there():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"{page.url} did not change within {seconds} s")
