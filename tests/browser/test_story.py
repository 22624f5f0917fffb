"""The chain from a visitor's first look to the customer's license, through the whole running product (R1-R31)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import ending, story
from tests.browser.hands import Hand, KeyboardHand, MouseHand
from tests.browser.scene import Story
from tests.site import Site

CHAIN = (
    story.becomes_an_applicant,
    story.recovers_the_account,
    story.is_approved,
    story.becomes_active,
    story.finds_products,
    story.places_the_order,
    story.fetches_the_pro_forma,
    story.gets_a_temporary_license,
    story.pays,
    ending.customer_fetches_the_license,
    ending.customer_meets_no_price,
    ending.orders_on_credit,
    ending.cancels_an_order,
    ending.looks_through_the_history,
)

#: Scripts and hand. With the languages every two values meet, in four stories instead of eight.
WAYS = {
    "ru-scripted-mouse": ("ru", True, MouseHand),
    "ru-plain-keyboard": ("ru", False, KeyboardHand),
    "en-scripted-keyboard": ("en", True, KeyboardHand),
    "en-plain-mouse": ("en", False, MouseHand),
}


@pytest.fixture
def new_story(
    site: Site, new_page: Callable[..., Page], language: str, tmp_path: Path
) -> Callable[[bool, Callable[[Page], Hand]], Story]:
    """A story's beginning, in the language of the test."""
    return lambda scripts, hand: Story(site, new_page, language, tmp_path, scripts, hand)


@pytest.mark.parametrize(("language", "scripts", "hand"), WAYS.values(), ids=WAYS)
def test_the_chain_runs(
    new_story: Callable[[bool, Callable[[Page], Hand]], Story], scripts: bool, hand: Callable[[Page], Hand]
) -> None:
    """Everybody comes to the end of it, the customer and staff too: without scripts, and without a mouse."""
    scene = new_story(scripts, hand)
    for step in CHAIN:
        step(scene)
