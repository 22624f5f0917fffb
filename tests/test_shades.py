"""Whatever color a vendor chooses can be read (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.config import ROOT
from dashboard.shades import BLACK, CONTRAST, DARK_GROUND, LIGHT_GROUND, OURS, WHITE, Shades, contrast, shades_of

COLORS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
CSS = (ROOT / "static" / "app.css").read_text(encoding="utf-8")


def pairs_of(names: str) -> dict[str, tuple[str, ...]]:
    """The colors of these tokens in the style sheet, light and dark."""
    found = re.findall(rf"--({names}): light-dark\(([^)]*)\)", CSS)
    return {name: tuple(pair.replace("#fff,", f"{WHITE},").split(", ")) for name, pair in found}


#: Everything that a link may stand on.
GROUNDS = pairs_of("surface|canvas|sunken|hover|[a-z]+-tint").values()


def assert_readable(shades: Shades) -> None:
    for light, dark in GROUNDS:
        assert min(contrast(accent, light) for accent in (shades.light, shades.light_strong)) >= CONTRAST
        assert min(contrast(accent, dark) for accent in (shades.dark, shades.dark_strong)) >= CONTRAST
    assert contrast(shades.light_ink, shades.light) >= CONTRAST
    assert contrast(shades.dark_ink, shades.dark) >= CONTRAST


@given(COLORS)
def test_every_color_is_made_readable(color: str) -> None:
    assert_readable(shades_of(color))


def test_ours_is_readable_and_the_same_in_the_style_sheet() -> None:
    assert_readable(OURS)
    assert pairs_of("accent[a-z-]*") == {
        "accent": (OURS.light, OURS.dark),
        "accent-strong": (OURS.light_strong, OURS.dark_strong),
        "accent-ink": (OURS.light_ink, OURS.dark_ink),
    }


def test_the_hardest_grounds_are_those_of_the_style_sheet() -> None:
    assert len(GROUNDS) == 8
    assert min(contrast(light, BLACK) for light, _ in GROUNDS) == contrast(LIGHT_GROUND, BLACK)
    assert min(contrast(dark, WHITE) for _, dark in GROUNDS) == contrast(DARK_GROUND, WHITE)


def test_a_color_that_can_be_read_stays_as_it_is() -> None:
    assert shades_of("#0f5f59").light == "#0f5f59"
    assert shades_of("#7fd6c8").dark == "#7fd6c8"


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48)])
def test_contrast_is_that_of_the_guidelines(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize("color", ["", "red", "#fff", "#12345g", "#1f5fbf;}", "#1f5fbf\n"])
def test_what_is_no_color_is_refused(color: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(color)}$"):
        shades_of(color)
