"""Every page that the walk met, and every form with errors, looked at in Chromium: each once, in a language, a theme
and a width of its own, so that any two of these meet on some page. `test_matrix.py` has all with all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from hashlib import sha256

import pytest
from playwright.sync_api import Browser

from tests.app_wide import looks
from tests.app_wide.conftest import Walked
from tests.app_wide.looks import Sheet, Variant
from tests.app_wide.walker import Visit
from tests.app_wide.walks import Walk
from tests.app_wide.world import Role

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("walk")]

WIDE = "W" * 50
NOISE = "".join(sha256(str(number).encode()).hexdigest() for number in range(400))

SMALL = '<button style="all: unset; width: 10px; height: 10px; font-size: 8px">на</button>'

#: What is planted into a good page without a policy, seen on a phone in dark colors, and how it is found.
FAULTS = {
    '<input name="q">': "dark: label: ",
    '<a href="/"></a>': "dark: link-name: ",
    '<img src="data:,">': "dark: image-alt: ",
    '<p style="color: light-dark(#000, #333)">на</p>': "dark: color-contrast: ",
    f'<p class="nowrap">{WIDE}</p>': "sideways scrolling: ",
    f'<div class="panel" style="width: 9rem"><p class="nowrap">{"W" * 12}</p></div>': "sticks out: WWW",
    f'<p class="nowrap" style="overflow: hidden">{WIDE}</p>': "cut off: WWW",
    '<p>one</p><p style="margin-top: -2rem">two</p>': "overlap: ",
    f'<select aria-label="на" style="width: 9rem"><option>{WIDE}</option></select>': "a choice is cut off: WWW",
    f'<div style="display: flex">{2 * SMALL}</div>': "dark: target-size: ",
    '<dialog class="dialog" popover style="margin-bottom: 0">на</dialog>': "a window is not in the middle: на",
    f'<dialog class="dialog" popover><p class="nowrap">{WIDE}</p></dialog>': "sideways scrolling in a window: WWW",
    '<img alt="" src="https://cdn.example/x.png">': "request to another host: ",
    f"<!-- {NOISE} -->": "the first view weighs ",
}


def sheets(visits: Iterable[Visit]) -> dict[str, dict[str, Sheet]]:
    """One page of each rule, and of each form with errors, by language; of other refusals one page a status, which is
    the same everywhere; those of staff apart, whose frame is another.
    """
    found: dict[str, dict[str, Sheet]] = defaultdict(dict)
    for visit in visits:
        if visit.is_page:
            own = visit.rule.rule if visit.status in {200, 422} else "refusal"
            name = f"{own} → {visit.status}{' of staff' * (visit.role is Role.STAFF)}"
            found[name]["pseudo" if "⟦" in visit.html else visit.language] = Sheet.of(visit)
    return found


@pytest.fixture(scope="module")
def pages(walked: Walked) -> dict[str, tuple[Sheet, Variant]]:
    product: Walk = walked.product
    return looks.pairwise(sheets([*product.pages, *product.brackets]))


@pytest.fixture(scope="module")
def browser() -> Iterable[Browser]:
    with looks.chromium() as chromium:
        yield chromium


def test_every_page_looks_right(pages: dict[str, tuple[Sheet, Variant]], browser: Browser) -> None:
    assert len(pages) > 150
    assert {way for _, way in pages.values()} == set(looks.PAIRWISE)
    assert looks.check(browser, pages) == {}


def test_faults_are_found(walked: Walked, browser: Browser) -> None:
    right = next(Sheet.of(page) for page in walked.planted.pages if page.path == "/planted/right")
    window = looks.Window(browser, 360)
    assert window.look(right, ["dark"]) == []
    for planted, told in FAULTS.items():
        found = window.look(Sheet(right.html.replace("</h1>", f"</h1>{planted}"), ""), ["dark"])
        assert [one for one in found if one.startswith(told)], (planted, found)
    styled = Sheet(right.html.replace("</h1>", '</h1><p style="margin: 0">на</p>'), right.policy)
    assert [one for one in window.look(styled, ["dark"]) if one.startswith("console: Applying inline style")]
    window.close()
