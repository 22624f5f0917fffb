"""How somebody works a page: with a mouse, or by the keyboard alone. The story is the same for both.

The keyboard's hand goes from stop to stop as the browser does and looks at each: it is seen, it has its ring, nothing
lies over it, and what was pressed does not throw the focus away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import CDPSession, Locator, Page, expect

#: Stops after which the hand gives up: a filtered price list has some sixty.
MOST_STOPS = 150


class Hand(Protocol):
    """Does on a page what people do."""

    def press(self, target: Locator) -> None:
        """Press a button, follow a link, open a menu."""

    def pick(self, option: Locator) -> None:
        """Choose from the list that a search field offers."""

    def press_twice(self, target: Locator) -> None:
        """What an impatient person does to a button."""

    def write(self, field: Locator, text: str) -> None:
        """Make a text the whole content of a field."""

    def choose(self, field: Locator, value: str) -> None:
        """Choose from a list, by the value of an option."""

    def tick(self, choice: Locator) -> None:
        """Choose one of a group."""

    def rest(self) -> None:
        """Called when a page has been looked at."""


class MouseHand:
    """Points and clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def press_twice(self, target: Locator) -> None:
        target.dblclick()

    def pick(self, option: Locator) -> None:
        option.click()

    def write(self, field: Locator, text: str) -> None:
        field.fill(text)

    def choose(self, field: Locator, value: str) -> None:
        field.select_option(value)

    def tick(self, choice: Locator) -> None:
        choice.check()

    def rest(self) -> None:
        pass


#: Tells where the focus is, seen from where it is wanted, and what is wrong with where it is.
STOP = (Path(__file__).parent / "stop.js").read_text(encoding="utf-8")


class KeyboardHand:
    """Tab, Shift-Tab, arrows, Enter, the space bar, and typing.

    Raises:
        AssertionError: if something cannot be reached or worked, or the focus is not seen at a stop on the way.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self._keys: CDPSession | None = None

    def press(self, target: Locator) -> None:
        self._reach(target)
        key = "Space" if target.evaluate("element => element.tagName") == "BUTTON" else "Enter"
        target.evaluate("element => { element.ownerDocument.worked = true }")
        target.press(key)  # it has the focus already; other than the page's `press` this waits for a page that comes

    def pick(self, option: Locator) -> None:
        """By arrows from the field in which the list was asked for; without scripts an option is a button."""
        expect(option).to_be_visible()
        if option.evaluate("element => element.tabIndex") >= 0:
            self.press(option)
            return
        for _ in range(MOST_STOPS):
            if option.get_attribute("aria-selected") == "true":
                break
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")

    def press_twice(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        self._reach(field)
        if field.get_attribute("type") == "date":
            self._write_day(field, text)
            return
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)
        expect(field).to_have_value(text)

    def _write_day(self, field: Locator, text: str) -> None:
        """Part by part, in the order in which this browser has them."""
        year, month, day = text.split("-")
        for parts in ((month, day, year), (day, month, year)):
            field.press("Delete")
            self.page.keyboard.type("".join(parts))
            if field.input_value() == text:
                return
            self.page.keyboard.press("Shift+Tab")
            self.page.keyboard.press("Shift+Tab")
        raise AssertionError(f"{self.page.url}: the keyboard writes no day into {field}")

    def choose(self, field: Locator, value: str) -> None:
        """Type the option's words, as far as the list needs them to tell it from others."""
        self._reach(field)
        for letter in field.locator(f"option[value='{value}']").inner_text():
            if field.input_value() == value:
                break
            self._type(letter)
        expect(field).to_have_value(value)

    def tick(self, choice: Locator) -> None:
        self._reach(choice)
        for _ in range(MOST_STOPS):
            if choice.evaluate("element => element === document.activeElement"):
                break
            self.page.keyboard.press("ArrowDown")
        if not choice.is_checked():
            self.page.keyboard.press("Space")
        expect(choice).to_be_checked()

    def rest(self) -> None:
        """On a page that stays, what was worked has not thrown the focus away."""
        lost = "document.worked && document.activeElement === document.body"
        assert not self.page.evaluate(lost), f"{self.page.url}: the focus is lost"

    def _reach(self, target: Locator) -> None:
        """Go to `target`, past the page's head by the link that skips it."""
        self.rest()
        expect(target).to_be_visible()
        self.page.bring_to_front()
        stop = self._stop(target)
        for _ in range(MOST_STOPS):
            if stop["reached"]:
                return
            if stop["skips"]:
                self.page.keyboard.press("Enter")
                expect(self.page.locator("main")).to_be_focused()
            self.page.keyboard.press("Tab" if stop["forward"] else "Shift+Tab")
            stop = self._stop(target)
        raise AssertionError(f"{self.page.url}: the keyboard does not reach {target}")

    def _stop(self, target: Locator) -> dict[str, Any]:
        stop: dict[str, Any] = target.evaluate(STOP)
        assert not stop["fault"], f"{self.page.url}: {stop['name']} {stop['fault']}"
        return stop

    def _type(self, letter: str) -> None:
        """A key of any alphabet: Playwright knows those of an American keyboard, and lists listen to keys alone."""
        self._keys = self._keys or self.page.context.new_cdp_session(self.page)
        facts = {"key": letter, "text": letter, "unmodifiedText": letter}
        self._keys.send("Input.dispatchKeyEvent", {"type": "keyDown", **facts})
        self._keys.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": letter})
