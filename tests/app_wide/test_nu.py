"""Every page and fragment that anybody meets on the walk, in both languages, before the Nu HTML checker."""

from __future__ import annotations

import pytest

from tests.app_wide import nu
from tests.app_wide.conftest import Walked
from tests.app_wide.walks import Walk

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("walk")]  # Java is a program of the system

#: What the checker says of planted pages (`planted.py`).
FOUND = {
    "stray": "Stray end tag “em”.",
    "double": "Duplicate ID “a”.",
    "no-alt": "An “img” element must have an “alt” attribute",
    "no-target": "must be the ID of a non-hidden form control",
    "no-html": "Attribute “hx-get” not allowed on element “p” at this point.",
}


def sources(walk: Walk) -> dict[str, str]:
    """Every page and fragment that differs from the others."""
    return {f"{number} {page}": page.html for number, page in enumerate(walk.pages)}


@pytest.fixture(scope="module")
def complaints(walked: Walked, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What the checker says of the product's pages and of the planted ones."""
    return nu.check({**sources(walked.product), **sources(walked.planted)}, tmp_path_factory.mktemp("nu") / "pages")


def test_every_page_is_valid_html(walked: Walked, complaints: dict[str, set[str]]) -> None:
    checked = sources(walked.product)
    assert len(checked) > 1000
    assert {page.language for page in walked.product.pages} == {"en", "ru"}
    assert {name: said for name, said in complaints.items() if name in checked} == {}


@pytest.mark.parametrize("name", FOUND)
def test_an_invalid_page_is_found(complaints: dict[str, set[str]], name: str) -> None:
    said = [message for page, messages in complaints.items() if f" /planted/{name} " in page for message in messages]
    assert any(FOUND[name] in message for message in said), said


def test_a_valid_page_beside_them_is_let_through(walked: Walked, complaints: dict[str, set[str]]) -> None:
    assert any(" /planted/right " in page for page in sources(walked.planted))
    assert not [page for page in complaints if " /planted/right " in page]
