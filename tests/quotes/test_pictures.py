"""Quotes as pictures: nothing lies in a margin or over something else, and all fonts are in the file (R30)."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.pictures import logo_of
from dashboard.quotes.pdf import render_pdf
from dashboard.quotes.rules import Party, QuoteSnapshot
from tests.invoices.pictures import ink_outside, overlaps, said, words_of
from tests.quotes.samples import a_line, a_logo, a_snapshot

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("app")]


def _lengthy(language: str) -> QuoteSnapshot:
    """A quote with all names as long as they come, and two hundred lines."""
    name = ("Gesellschaft für Software " * 8)[:200]
    party = Party(name, ("Ы" * 200, "An address of several words " * 7), "DE", (("VAT number", "DE123456789"),))
    lines = tuple(a_line(number, description="GroupDocs.Total for Everything " * 6) for number in range(1, 201))
    return a_snapshot(
        language=language, lines=lines, seller=party, customer=party, contact=("W" * 200, "m" * 64 + "@example.com"),
        terms="A term of several words\n\n" * 80, note="n" * 900, reference="W" * 60, tax_label="W" * 40,
    )  # fmt: skip


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
def test_R30_a_quote_looks_right(language: str, long: bool, tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    content = _lengthy(language) if long else a_snapshot(language=language)
    path.write_bytes(render_pdf(content, logo_of(a_logo())))
    assert ink_outside(path) == []
    pages = words_of(path)
    for number, words in enumerate(pages, start=1):
        assert overlaps(words) == [], f"page {number}"
        *_, last = sorted((word for word in words if word.right > 500), key=lambda word: word.bottom)
        assert last.text == str(len(pages)), f"page {number}"
    for font in said("pdffonts", path).splitlines()[2:]:
        assert font.split()[-5:-2] == ["yes", "yes", "yes"], f"{font} (embedded, subset, readable)"
    text = said("pdftotext", "-layout", path, "-")
    assert ("Коммерческое" if language == "ru" else "Quote") in text
