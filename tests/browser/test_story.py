"""The chain from a reseller's click to the customer's license, through the whole running product (R1-R31)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import ending, story
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
)
ENDING = (
    ending.customer_fetches_the_license,
    ending.customer_meets_no_price,
    ending.orders_on_credit,
    ending.cancels_an_order,
    ending.looks_through_the_history,
)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripted", "plain"])
def test_the_chain_runs(
    site: Site, new_page: Callable[..., Page], language: str, tmp_path: Path, scripts: bool
) -> None:
    """Without scripts the chain goes as far as the license: from there on there is nothing that scripts would do."""
    scene = Story(site, new_page, language, tmp_path, scripts)
    for step in (*CHAIN, *(ENDING if scripts else ())):
        step(scene)
