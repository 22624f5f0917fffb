"""Which characters our documents can print: those that PT Sans draws, in both weights."""

from __future__ import annotations

import unicodedata
from functools import cache

from dashboard.config import ROOT

#: The fonts of all documents; embedded in each, so that it looks the same everywhere.
FONTS = ROOT / "static" / "fonts"
REGULAR, BOLD = FONTS / "PTSans-Regular.ttf", FONTS / "PTSans-Bold.ttf"


def unprintable(text: str) -> str:
    """The characters of `text` that no document of ours can show, each once; empty if all can be shown."""
    return "".join(sorted({char for char in printable_form(text) if not char.isspace() and ord(char) not in _drawn()}))


def printable_form(text: str) -> str:
    """`text` composed, rare spaces made plain ones, invisible marks taken out: what people paste without seeing it."""
    composed = unicodedata.normalize("NFC", text).replace("\u202f", "\u00a0")
    return "".join(
        " " if unicodedata.category(char) == "Zs" and char != "\u00a0" else char
        for char in composed
        if unicodedata.category(char) != "Cf"
    )


@cache
def _drawn() -> frozenset[int]:
    from reportlab.pdfbase.ttfonts import TTFontFile  # slow to import, and most processes never draw

    return frozenset.intersection(*(frozenset(TTFontFile(str(font)).charToGlyph) for font in (REGULAR, BOLD)))
