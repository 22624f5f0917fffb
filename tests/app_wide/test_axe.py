"""Every page that the walk met, and every form with errors, before axe in Chromium."""

from __future__ import annotations

import pytest

from tests.app_wide import axe
from tests.app_wide.conftest import Walked
from tests.app_wide.walks import Walk
from tests.app_wide.world import Role

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("walk")]

#: What axe says of planted pages (`planted.py`).
FOUND = {"no-label": "label: ", "nameless": "link-name: ", "no-alt": "image-alt: "}

#: Text that is hard to read in dark colors only.
DARK = "<p style='color: light-dark(#000, #333)'>на</p>"


def sources(walk: Walk) -> dict[str, str]:
    """One page of each rule, and of each form with errors; of other refusals one page a status, which is the same
    everywhere; those of staff apart, whose frame is another. One language will do: what axe looks at is the same in
    both, and a page takes it a second.
    """
    own = {200, 422}
    kinds = {
        (page.rule.rule if page.status in own else "", page.status, page.role is Role.STAFF): page
        for page in walk.pages
        if page.is_page
    }
    return {str(page): page.html for page in kinds.values()}


def planted(walk: Walk) -> dict[str, str]:
    """A good page and some that have faults."""
    pages = {page.path: page.html for page in walk.pages}
    chosen = {name: pages[f"/planted/{name}"] for name in ("right", *FOUND)}
    return {**chosen, "dark": chosen["right"].replace("</h1>", f"</h1>{DARK}")}


@pytest.fixture(scope="module")
def light(walked: Walked) -> dict[str, list[str]]:
    with axe.chromium() as browser:
        return axe.check(browser, {**sources(walked.product), **planted(walked.planted)}, "light")


@pytest.fixture(scope="module")
def dark(walked: Walked) -> dict[str, list[str]]:
    pages = {name: html for name, html in sources(walked.product).items() if name.endswith("→ 200")}
    with axe.chromium() as browser:
        return axe.check(browser, {**pages, **planted(walked.planted)}, "dark")


def test_every_page_is_accessible(walked: Walked, light: dict[str, list[str]]) -> None:
    checked = sources(walked.product)
    assert len(checked) > 120
    assert {name: found for name, found in light.items() if name in checked} == {}


def test_dark_pages_can_be_read(walked: Walked, dark: dict[str, list[str]]) -> None:
    assert {name: found for name, found in dark.items() if name in sources(walked.product)} == {}


@pytest.mark.parametrize("name", FOUND)
def test_an_inaccessible_page_is_found(light: dict[str, list[str]], name: str) -> None:
    assert [found for found in light[name] if found.startswith(FOUND[name])]


def test_text_that_is_hard_to_read_is_found(light: dict[str, list[str]], dark: dict[str, list[str]]) -> None:
    assert "right" not in light.keys() | dark.keys()
    assert "dark" not in light
    assert [found for found in dark["dark"] if found.startswith("color-contrast: ")]
