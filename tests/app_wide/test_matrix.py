"""The whole matrix: every page × language × light and dark × phone and desk × empty, normal, 1,000 rows, error.

It takes three quarters of an hour, so only `make prove` runs it; CI looks at each page once (`test_looks.py`). Nu reads
every page too: what it says depends on the language and the filling alone.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask

from tests.app_wide import fills, looks, nu
from tests.app_wide.fills import FILLS, LANGUAGES, Fill
from tests.app_wide.looks import Sheet
from tests.databases import Database

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "thorough", reason="the matrix is for `make prove`"),
]

Sheets = dict[str, dict[str, Sheet]]

#: How many pages there are at the least.
LEAST = {"empty": 50, "normal": 130, "thousand": 130, "error": 60}


@pytest.fixture(scope="module", params=FILLS)
def sheets(
    request: pytest.FixtureRequest, application: Flask, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Fill, Sheets]:
    fill: Fill = request.param
    return fill, fills.sheets(fill, application, database, tmp_path_factory.mktemp("matrix") / fill)


def test_every_page_is_there(sheets: tuple[Fill, Sheets]) -> None:
    fill, pages = sheets
    assert len(pages) >= LEAST[fill]
    assert {language for page in pages.values() for language in page} == set(LANGUAGES)


@pytest.mark.parametrize("width", looks.WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_looks_right_in_light_and_dark(sheets: tuple[Fill, Sheets], language: str, width: int) -> None:
    with looks.chromium() as browser:
        window = looks.Window(browser, width)
        seen = {name: page[language] for name, page in sheets[1].items() if language in page}
        found = {name: window.look(sheet, looks.THEMES) for name, sheet in seen.items()}
        window.close()
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_every_page_is_valid_html(sheets: tuple[Fill, Sheets], tmp_path: Path) -> None:
    sources = {f"{name} in {language}": one.html for name, page in sheets[1].items() for language, one in page.items()}
    assert nu.check(sources, tmp_path / "pages") == {}
