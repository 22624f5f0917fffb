"""What the keyboard does beyond links and buttons: the palette finds and opens, the desk is worked by letters."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from dashboard.demo.accounts import RESELLER, STAFF
from tests.browser.test_pages import signed_in


def test_the_palette_is_opened_searched_and_left_by_keys(new_page: Callable[..., Page], language: str) -> None:
    anna = signed_in(new_page, language, RESELLER)
    page, keys = anna.page, anna.page.keyboard
    palette = page.locator("#palette")
    box, options = palette.get_by_role("combobox"), palette.get_by_role("option")
    link = anna.main.get_by_role("link").first
    link.focus()
    for key in ("Control+k", "/"):
        keys.press(key)
        expect(box).to_be_focused()
        expect(options.first).to_have_attribute("aria-selected", "true")
        assert options.count() > 5  # the pages, while nothing is typed
        keys.press("Escape")
        expect(palette).to_be_hidden()
        expect(link).to_be_focused()
    keys.press("/")
    keys.type("цены")
    expect(options).to_have_count(1)
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    keys.press("Enter")
    page.wait_for_url("**/prices")
    keys.press("/")
    expect(box).to_be_focused()
    keys.type("viewer java")
    expect(palette.locator("#palette-list")).to_have_attribute("data-for", "viewer java")
    expect(options.first).to_have_attribute("aria-selected", "true")
    keys.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")  # round the end
    address = str(options.last.get_attribute("href"))
    keys.press("Enter")
    page.wait_for_url(f"**{address}")
    anna.look()


CONTROL = 2  #: the modifier, as the browser's protocol counts


def press_cyrillic(page: Page, letter: str, code: str, modifiers: int = 0) -> None:
    """What the keyboard sends while its Russian layout is on."""
    browser = page.context.new_cdp_session(page)
    for kind in ("rawKeyDown", "keyUp"):
        browser.send("Input.dispatchKeyEvent", {"type": kind, "key": letter, "code": code, "modifiers": modifiers})


def test_R30_letters_do_the_same_while_the_russian_layout_is_on(new_page: Callable[..., Page], language: str) -> None:
    mari = signed_in(new_page, language, STAFF, viewport={"width": 1280, "height": 900})
    mari.page.goto("/")
    items = mari.page.locator("[data-item]")
    expect(items.first).to_have_attribute("aria-current", "true")
    for letter, code, place in (("о", "KeyJ", 1), ("о", "KeyJ", 2), ("л", "KeyK", 1)):
        press_cyrillic(mari.page, letter, code)
        expect(items.nth(place)).to_be_focused()
    for letter, code, modifiers in (("л", "KeyK", CONTROL), (".", "Slash", 0)):
        press_cyrillic(mari.page, letter, code, modifiers)
        expect(mari.page.locator("#palette")).to_be_visible()
        mari.page.keyboard.press("Escape")
        expect(mari.page.locator("#palette")).to_be_hidden()


def test_the_desk_is_worked_by_letters(new_page: Callable[..., Page], language: str) -> None:
    mari = signed_in(new_page, language, STAFF, viewport={"width": 1280, "height": 900})
    page, keys = mari.page, mari.page.keyboard
    page.goto("/")
    items, detail = page.locator("[data-item]"), page.locator("#detail")
    names = [str(one.get_attribute("data-item")) for one in items.all()]
    place = next(number for number, name in enumerate(names) if name.startswith("application-"))
    expect(items.first).to_have_attribute("aria-current", "true")
    expect(detail.locator(".title")).to_have_count(1)
    keys.press("?")
    expect(page.locator("#keys")).to_be_visible()
    keys.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    for _ in range(place + 1):
        keys.press("j")
    keys.press("k")
    expect(items.nth(place)).to_be_focused()
    expect(items.nth(place)).to_have_attribute("aria-current", "true")
    approve, reason = detail.locator("[data-key=a]"), detail.locator("[data-key=d]")
    expect(approve).to_have_text(mari.t("Approve"))
    keys.press("d")
    expect(reason).to_be_focused()  # nothing is declined by a letter
    items.nth(place).focus()
    keys.press("Enter")
    expect(detail).to_be_focused()
    keys.press("a")
    expect(approve).to_be_focused()
    keys.press("Enter")
    page.wait_for_url(f"**/?at={names[place + 1]}")
    mari.look()
    expect(page.locator("#messages .notice.ok")).to_have_count(1)
    expect(page.locator(f"[data-item={names[place]}]")).to_have_count(0)
    expect(page.locator(f"[data-item={names[place + 1]}]")).to_be_focused()
    expect(detail.locator(".title")).to_have_count(1)
    page.locator("[data-item^=entry-]").first.click()
    expect(detail.locator("[data-key=a]")).to_have_text(mari.t("Book"))
    expect(detail.locator("[data-key=a]")).to_be_visible()  # what its own page offers is offered here
