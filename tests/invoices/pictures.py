"""How a drawn paper looks to poppler, a program that is not ours."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from tests.programs import run

#: Dots an inch of the pictures in which ink is looked for.
COARSE = 40
#: Margins of the page in millimeters: left, top, right, bottom; the footer reaches down to the last.
MARGINS = (18, 16, 18, 9)


def said(name: str, *arguments: str | Path) -> str:
    """What a program prints."""
    done = run(name, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Word(NamedTuple):
    """A word where poppler sees it, in points from the page's left and top."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


def words_of(path: Path) -> list[list[Word]]:
    """The words of each page."""
    box = re.compile(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>')
    pages = said("pdftotext", "-bbox", path, "-").split("<page ")[1:]
    return [[Word(*map(float, found[:4]), found[4]) for found in box.findall(page)] for page in pages]


def overlaps(words: list[Word]) -> list[tuple[str, str]]:
    """Words that are written over each other; boxes of neighbors may touch, and reach into the next line's."""
    return [
        (one.text, other.text)
        for one, other in combinations(words, 2)
        if min(one.right, other.right) - max(one.left, other.left) > 1
        and min(one.bottom, other.bottom) - max(one.top, other.top) > 4
    ]


def ink_outside(path: Path) -> list[str]:
    """Pages with something in their margins."""
    said("pdftoppm", "-r", str(COARSE), "-gray", path, path.with_suffix(""))
    return [picture.name for picture in sorted(path.parent.glob("paper-*.pgm")) if _has_ink_outside(picture)]


def _has_ink_outside(picture: Path) -> bool:
    with Image.open(picture) as page:
        left, top, right, bottom = (side * COARSE / 25.4 - 2 for side in MARGINS)  # two dots for what is smoothed
        box = page.point(lambda shade: 255 if shade < 250 else 0).getbbox()
        assert box is not None, f"{picture.name} is empty"
        return box[0] < left or box[1] < top or box[2] > page.width - right or box[3] > page.height - bottom
