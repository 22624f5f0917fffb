"""What stands on the drawn papers, read back by programs that are not ours."""

from __future__ import annotations

import io
import shutil
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import segno
from flask import Flask
from pypdf import PdfReader

from dashboard.documents.glyphs import printable_form, unprintable
from dashboard.invoices import pdf, pdf_table, qr
from dashboard.invoices.rules import PaperSnapshot, Party, TaxNote, credit_note_of
from tests.invoices.samples import a_line, a_pro_forma, a_snapshot

pytestmark = pytest.mark.usefixtures("app")

PAID = date(2026, 11, 25)
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


def pages(paper: PaperSnapshot) -> list[str]:
    """The text of each page, white space joined."""
    reader = PdfReader(io.BytesIO(pdf.render_pdf(paper)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def pictures(paper: PaperSnapshot) -> int:
    reader = PdfReader(io.BytesIO(pdf.render_pdf(paper)))
    return sum(len(page.images) for page in reader.pages)


def program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is missing"
    return found


def printed_by(name: str, *arguments: str) -> str:
    return subprocess.run([program(name), *arguments], check=True, capture_output=True).stdout.decode()


@pytest.fixture
def written(tmp_path: Path) -> Callable[[PaperSnapshot], str]:
    """Draws a paper into a file; its path."""

    def write(paper: PaperSnapshot) -> str:
        target = tmp_path / "paper.pdf"
        target.write_bytes(pdf.render_pdf(paper))
        return str(target)

    return write


def test_R27_the_same_snapshot_gives_the_same_bytes() -> None:
    assert pdf.render_pdf(a_snapshot()) == pdf.render_pdf(a_snapshot())


def test_R19_an_unpaid_invoice_says_how_to_pay() -> None:
    (page,) = pages(a_snapshot())
    for fact in (
        "RF76 2046 3182",
        "EE38 2200 2210 2014 5685",
        "DEMOEE2X",
        "December 23, 2026",
        "Please transfer €3,902.76 by bank",
        "Page 1 of 1",
    ):
        assert fact in page
    assert pictures(a_snapshot()) == 1


def test_R11_the_sums_on_the_page_are_those_of_the_snapshot() -> None:
    (page,) = pages(a_snapshot())
    for fact in ("€1,199.00 €1,049.13 3 €3,147.39", "€3,597.00", "-€449.61", "VAT 24% on €3,147.39", "€755.37"):
        assert fact in page


def test_R19_a_paid_paper_says_so_and_has_no_code() -> None:
    paid = a_snapshot(paid_on=PAID)
    (page,) = pages(paid)
    assert "Paid on November 25, 2026" in page
    assert "How to pay" not in page
    assert "December 23" not in page
    assert pictures(paid) == 0
    assert "Paid on" not in pages(a_snapshot())[0]


def test_R19_dollars_are_paid_without_a_code() -> None:
    paper = a_snapshot(currency="USD")
    assert "How to pay" in pages(paper)[0]
    assert pictures(paper) == 0


def test_R27_a_pro_forma_is_no_invoice() -> None:
    (page,) = pages(a_pro_forma(number="PF-R-2046-3182"))
    assert "Pro-forma invoice PF-R-2046-3182" in page
    assert "not a tax invoice" in page
    assert "Valid until December 23, 2026" in page


def test_R12_a_credit_note_says_what_it_takes_back() -> None:
    note = replace(credit_note_of(a_snapshot(), PAID), number="CN-2026-000001")
    (page,) = pages(note)
    assert "Credit note CN-2026-000001" in page
    assert "takes back invoice 2026-000123 of November 23, 2026 in full" in page
    assert "-€3,902.76" in page
    assert "How to pay" not in page


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (TaxNote.REVERSE_CHARGE, "Reverse charge"),
        (TaxNote.EXPORT, "Export"),
        (TaxNote.US_EXEMPT, "exemption certificate"),
        (TaxNote.US_NOT_TAXABLE, "does not tax downloaded software"),
    ],
)
def test_R28_a_paper_without_tax_says_why(note: TaxNote, words: str) -> None:
    (page,) = pages(a_snapshot(rate=0, tax_note=note))
    assert words in page
    assert "VAT 24" not in page


def test_R30_a_russian_paper_writes_money_and_dates_the_russian_way() -> None:
    (page,) = pages(a_snapshot(language="ru", currency="RUB"))
    for fact in ("3 902,76 ₽", "23 ноября 2026", "Швеция", "ООО «Лумивара Рус»", "30101810400000000000"):
        assert fact in page


def test_a_long_paper_repeats_its_head_and_counts_its_pages() -> None:
    paper = a_snapshot(*(a_line(position) for position in range(1, 61)))
    texts = pages(paper)
    assert len(texts) > 3
    lines_on = [text.count("GD-VIEWER-NET-DSB") for text in texts]
    assert sum(lines_on) == 60
    for number, (text, lines) in enumerate(zip(texts, lines_on, strict=True), start=1):
        assert f"Page {number} of {len(texts)}" in text
        assert ("Product and plan" in text) == (lines > 0)


def test_xhtml2pdf_calls_our_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing that we take from its insides; without it, no paper would have lines."""
    calls = []
    start = pdf_table.LongTableTag.start

    def counted(tag: Any, context: Any) -> None:
        calls.append(tag)
        start(tag, context)

    monkeypatch.setattr(pdf_table.LongTableTag, "start", counted)
    pdf.render_pdf(a_snapshot())
    assert len(calls) == 1


def test_what_people_type_stays_text() -> None:
    """Names are data: no markup of theirs reaches the page, nor ReportLab's own."""
    named = replace(a_line(), description="A & B <b>bold</b> <img src=x> &amp; %(x)s", plan="<font size=40>big</font>")
    (page,) = pages(a_snapshot(named, ship_to=("<longtable>", "R&D <br> GmbH")))
    for text in (
        "A & B <b>bold</b> <img src=x> &amp; %(x)s",
        "<font size=40>big</font>",
        "<longtable>",
        "R&D <br> GmbH",
    ):
        assert text in page


def test_a_character_without_glyph_fails_instead_of_leaving_a_hole() -> None:
    for paper in (a_snapshot(ship_to=("株式会社",)), a_snapshot(replace(a_line(), description="株式会社"))):
        with pytest.raises(pdf.DrawingError, match="株"):
            pdf.render_pdf(paper)
    assert unprintable("Жуков, Łódź, Őrség 5 € ₽ №") == ""
    assert unprintable("Ж株株🙂") == "株🙂"


def test_invisible_characters_that_people_paste_do_no_harm() -> None:
    assert printable_form("a\u200bb\u00ad\u2009c\u202fd\u00a0e\ufeff é") == "ab c\u00a0d\u00a0e é"
    (page,) = pages(a_snapshot(ship_to=("Nord\u200bwind\u2009GmbH",)))
    assert "Nordwind GmbH" in page


def test_a_page_reads_files_of_its_own_folder_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = tmp_path / "picture.png"
    segno.make_qr("a picture").save(str(picture))
    page = f'<p>text</p><img src="{picture}">'
    with pytest.raises(pdf.DrawingError):
        pdf._draw(page, "a page")
    monkeypatch.setattr(pdf, "FONTS", tmp_path)
    assert pdf._draw(page, "a page").startswith(b"%PDF-")


def test_a_page_fetches_nothing_from_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        with pytest.raises(pdf.DrawingError):
            pdf._draw(f'<p>text</p><img src="http://127.0.0.1:{server.getsockname()[1]}/x.png">', "a page")
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.browser
def test_R30_fonts_are_embedded(written: Callable[[PaperSnapshot], str]) -> None:
    _head, _rule, *fonts = printed_by("pdffonts", written(a_snapshot(language="ru", currency="RUB"))).splitlines()
    used = [font for font in fonts if "PTSans" in font]
    assert len(used) >= 2
    for font in used:
        embedded, subset, unicode = font.split()[-5:-2]
        assert (embedded, subset, unicode) == ("yes", "yes", "yes")


@pytest.mark.browser
def test_R30_text_can_be_copied_in_reading_order(written: Callable[[PaperSnapshot], str]) -> None:
    text = printed_by("pdftotext", "-layout", written(a_snapshot(language="ru", currency="RUB")), "-")
    order = (
        "Lumivara Software OÜ",
        "2026-000123",
        "Nordic Resale AB",
        "GroupDocs.Viewer for .NET",
        "3 902,76 ₽",
        "30101810400000000000",
    )
    places = [text.replace("\u00a0", " ").index(fact) for fact in order]
    assert places == sorted(places)


@pytest.mark.browser
def test_long_words_stay_inside_their_columns(written: Callable[[PaperSnapshot], str]) -> None:
    """Each word that poppler sees lies left of the right margin (18 mm of 210: 544 points)."""
    buyer = Party(LONG_WORD, (LONG_WORD, "Berlin"), "DE", (("VAT number", "DE123456789"),))
    named = replace(a_line(), description=LONG_WORD, plan=LONG_WORD)
    path = written(a_snapshot(named, buyer=buyer, ship_to=(LONG_WORD, LONG_WORD), po_number="X" * 60))
    words = printed_by("pdftotext", "-bbox", path, "-")
    edges = [float(part.split('"')[0]) for part in words.split('xMax="')[1:]]
    assert len(edges) > 50
    assert max(edges) < 545


@pytest.mark.browser
@pytest.mark.parametrize("currency", ["EUR", "RUB"])
def test_R19_a_reader_reads_the_code_on_the_page(
    currency: str, written: Callable[[PaperSnapshot], str], tmp_path: Path
) -> None:
    paper = a_snapshot(currency=currency)
    printed_by("pdftoppm", "-r", "150", "-png", "-singlefile", written(paper), str(tmp_path / "page"))
    assert printed_by("zbarimg", "--quiet", "--raw", str(tmp_path / "page.png")).rstrip("\n") == qr.payload(paper)


def test_drawing_needs_no_request(app: Flask) -> None:
    """The worker has an application context and nothing else, and the paper's language is its own."""
    assert app.name
    assert "Швеция" in pages(a_snapshot(language="ru"))[0]
    assert "Sweden" in pages(a_snapshot(language="en"))[0]
