"""The drawn papers as pictures: how they look to poppler, a program that is not ours, and to a reader of codes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from dashboard.invoices import pdf, qr
from dashboard.invoices.corrections import credit_note_of
from dashboard.invoices.rules import PaperSnapshot, TaxNote
from tests.invoices.pictures import ink_outside, overlaps, said, words_of
from tests.invoices.samples import NOVEMBER, a_lines, a_pro_forma, a_snapshot, lengthy

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("app")]

CURRENCIES = {"EUR": "€", "USD": "$", "RUB": "₽"}


def _kinds(language: str, currency: str) -> dict[str, PaperSnapshot]:
    """Every kind of paper, short and long, taxed and not, plain and with all names as long as they come."""
    own = {"language": language, "currency": currency}
    invoice = a_snapshot(**own)
    return {
        "pro-forma": a_pro_forma(number="PF-R-2046-3182", **own),
        "paid pro-forma": a_pro_forma(number="PF-R-2046-3182", paid_on=NOVEMBER, **own),
        "invoice": a_snapshot(*a_lines(30), **own),
        "paid invoice": a_snapshot(rate=0, tax_note=TaxNote.EXPORT, paid_on=NOVEMBER, **own),
        "long invoice": lengthy(tax_note=TaxNote.US_NOT_TAXABLE, rate=0, **own),
        "credit note": credit_note_of(invoice, date(2026, 12, 1)),
        "long credit note": credit_note_of(lengthy(**own), date(2026, 12, 1)),
    }


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    """Keeps a drawn paper for other programs."""

    def write(content: bytes) -> Path:
        path = tmp_path / "paper.pdf"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_R30_papers_of_every_kind_look_right(language: str, currency: str, written: Callable[[bytes], Path]) -> None:
    """Nothing lies in a margin or over something else, the page is counted at its right, all fonts are in the file."""
    for kind, paper in _kinds(language, currency).items():
        path = written(pdf.render_pdf(paper))
        assert ink_outside(path) == [], kind
        pages = words_of(path)
        for number, words in enumerate(pages, start=1):
            assert overlaps(words) == [], f"{kind}, page {number}"
            *_, before, last = sorted((word for word in words if word.right > 500), key=lambda word: word.bottom)
            assert last.text == str(len(pages)), f"{kind}, page {number}: {before.text} {last.text}"
        for font in said("pdffonts", path).splitlines()[2:]:
            assert font.split()[-5:-2] == ["yes", "yes", "yes"], f"{kind}: {font} (embedded, subset, readable)"
        for picture in path.parent.glob("paper-*"):
            picture.unlink()


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_R30_text_can_be_copied_in_reading_order(
    language: str, currency: str, written: Callable[[bytes], Path]
) -> None:
    paper = a_snapshot(language=language, currency=currency)
    text = said("pdftotext", "-layout", written(pdf.render_pdf(paper)), "-").replace("\u00a0", " ")
    total = f"3 902,76 {CURRENCIES[currency]}" if language == "ru" else f"{CURRENCIES[currency]}3,902.76"
    if (language, currency) == ("en", "RUB"):
        total = "RUB 3,902.76"
    seller, number, buyer, product = "Lumivara Software OÜ", "2026-000123", "Nordic Resale AB", "GroupDocs.Viewer"
    places = [text.index(fact) for fact in (seller, number, buyer, product, total, paper.bank.bank)]
    assert places == sorted(places)
    assert ("Швеция" if language == "ru" else "Sweden") in text


@pytest.mark.parametrize("currency", ["EUR", "RUB"])
def test_R19_a_reader_reads_the_code_on_the_page(
    currency: str, written: Callable[[bytes], Path], tmp_path: Path
) -> None:
    paper = a_snapshot(currency=currency)
    said("pdftoppm", "-r", "150", "-png", "-singlefile", written(pdf.render_pdf(paper)), tmp_path / "page")
    assert said("zbarimg", "--quiet", "--raw", tmp_path / "page.png").rstrip("\n") == qr.payload(paper)


def test_planted_faults_of_a_page_are_seen(written: Callable[[bytes], Path]) -> None:
    """Text up to the edge; figures wider than their columns."""
    wide = "<style>@page { size: a4; margin: 5mm }</style><p>text</p>"
    assert ink_outside(written(pdf._draw(wide, "a page", NOVEMBER))) == ["paper-1.pgm"]
    row = "<longrow><longcell right>1</longcell><longcell right>12345678901234567890</longcell></longrow>"
    narrow = f'<style>@page {{ size: a4; margin: 20mm }}</style><longtable widths="20 5">{row * 2}</longtable>'
    narrow = narrow.replace(">1<", ">1234567890<")
    (words,) = words_of(written(pdf._draw(f"{_FONT}{narrow}", "a page", NOVEMBER)))
    assert ("12345678901234567890", "1234567890") in overlaps(words)


_FONT = """<style>@font-face { font-family: ptsans; src: url(PTSans-Regular.ttf); }
@font-face { font-family: ptsans; src: url(PTSans-Bold.ttf); font-weight: bold; }</style>"""
