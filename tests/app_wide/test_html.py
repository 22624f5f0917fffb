"""Every page and fragment that anybody meets: valid, whole, named, and in the reader's language (R30)."""

from __future__ import annotations

import pytest

from tests.app_wide import pages
from tests.app_wide.conftest import Walked
from tests.app_wide.planted import ENGLISH, MARKUP
from tests.app_wide.walks import Walk

pytestmark = pytest.mark.xdist_group("walk")  # one process walks for all


def broken(walk: Walk) -> dict[str, list[str]]:
    """What is wrong with the pages, by their addresses."""
    checked = {page.path: pages.faults(page.html, page.language, whole=page.is_page) for page in walk.pages}
    return {path: faults for path, faults in checked.items() if faults}


def english(walk: Walk, own: set[str]) -> dict[str, list[str]]:
    """What Russian pages say in English, by their addresses."""
    checked = {page.path: pages.left_in_english(page.html, own) for page in walk.pages if page.language == "ru"}
    return {path: texts for path, texts in checked.items() if texts}


def test_every_page_is_valid_and_whole(walked: Walked) -> None:
    met = walked.product.pages
    assert {(page.language, page.is_page) for page in met} >= {("en", True), ("en", False), ("ru", True)}
    assert {200, 400, 403, 404, 409, 410, 422} <= {page.status for page in met}
    assert broken(walked.product) == {}


@pytest.mark.parametrize("name", MARKUP)
def test_faults_of_a_page_are_found(walked: Walked, name: str) -> None:
    found = broken(walked.planted).get(f"/planted/{name}", [])
    assert MARKUP[name][1] in " ".join(found)
    assert len(found) == (0 if name == "right" else 1)


def test_a_wrong_language_is_found(walked: Walked) -> None:
    assert broken(walked.planted)["/planted/lang"] == ["lang is 'x'"]


def test_R30_no_english_is_left_on_russian_pages(walked: Walked) -> None:
    assert english(walked.product, walked.record.words) == {}


@pytest.mark.parametrize("name", ENGLISH)
def test_R30_english_on_a_russian_page_is_found(walked: Walked, name: str) -> None:
    found = english(walked.planted, walked.record.words).get(f"/planted/{name}", [])
    assert ENGLISH[name][1] in " ".join(found)
    assert len(found) == (0 if name == "marked" else 1)
