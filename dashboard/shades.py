"""The vendor's accent color in shades that can be read wherever they stand, on light and on dark pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

#: Least contrast of text to its ground (WCAG 2.2, 1.4.3).
CONTRAST = 4.5

#: The tints of `static/app.css` on which an accent is hardest to read, and the ink on a dark page's accent.
LIGHT_GROUND, DARK_GROUND, DARK_INK = "#fce9e7", "#12301f", "#0b1524"
WHITE, BLACK = "#ffffff", "#000000"

#: How far the stronger shade, of what the pointer is over, is from the accent itself.
STRONGER = 0.25


class Shades(NamedTuple):
    """Colors such as `#1f5fbf`, for light and dark pages: the accent, stronger under the pointer, the ink upon it."""

    light: str
    light_strong: str
    light_ink: str
    dark: str
    dark_strong: str
    dark_ink: str


#: What `static/app.css` begins with.
OURS = Shades("#1f5fbf", "#174a97", WHITE, "#86b5ff", "#a9caff", DARK_INK)


def shades_of(color: str) -> Shades:
    """The color as it is where it can be read, else as little darker or lighter as that takes.

    Args:
        color: sRGB, as `#1f5fbf`.

    Raises:
        ValueError: if it is no such color.
    """
    if not re.fullmatch("#[0-9A-Fa-f]{6}", color):
        raise ValueError(color)
    light = next(shade for shade in _towards(BLACK, color) if contrast(shade, LIGHT_GROUND) >= CONTRAST)
    dark = next(shade for shade in _towards(WHITE, color) if contrast(shade, DARK_GROUND) >= CONTRAST)
    return Shades(light, _mixed(light, BLACK, STRONGER), WHITE, dark, _mixed(dark, WHITE, STRONGER), DARK_INK)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colors, from 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _towards(end: str, color: str) -> Iterable[str]:
    return (_mixed(color, end, step / 100) for step in range(101))


def _mixed(color: str, other: str, share: float) -> str:
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _luminance(color: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in _channels(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]
