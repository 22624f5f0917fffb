"""What stands on the drawn papers, read back by programs that are not ours."""

from __future__ import annotations

import io
import socket
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import segno
from flask import Flask
from pypdf import PdfReader

from dashboard.documents.glyphs import printable_form, unprintable
from dashboard.invoices import pdf, pdf_table
from dashboard.invoices.corrections import credit_note_of
from dashboard.invoices.rules import PaperSnapshot, Party, TaxNote
from tests.invoices.samples import a_line, a_lines, a_pro_forma, a_snapshot

pytestmark = pytest.mark.usefixtures("app")

PAID = date(2026, 11, 25)


def pages(paper: PaperSnapshot) -> list[str]:
    """The text of each page, white space joined."""
    reader = PdfReader(io.BytesIO(pdf.render_pdf(paper)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def pictures(paper: PaperSnapshot) -> int:
    reader = PdfReader(io.BytesIO(pdf.render_pdf(paper)))
    return sum(len(page.images) for page in reader.pages)


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


def test_R30_a_file_says_what_it_is_and_when_it_was_issued() -> None:
    reader = PdfReader(io.BytesIO(pdf.render_pdf(a_snapshot(language="ru"))))
    said = reader.metadata
    assert said is not None
    assert (said.title, said.author) == ("Счёт-фактура 2026-000123", "Lumivara Software OÜ")
    assert said.subject == "Заказ R-2046-3182"
    assert said.creation_date is not None
    assert said.creation_date.date() == a_snapshot().issued_on
    assert reader.trailer["/Root"]["/Lang"] == "ru"


def test_R19_a_paid_pro_forma_says_so_and_asks_for_nothing() -> None:
    (page,) = pages(a_pro_forma(paid_on=PAID))
    for fact in ("Paid on November 25, 2026", "has been paid", "not a tax invoice"):
        assert fact in page
    assert "Valid until" not in page
    assert pictures(a_pro_forma(paid_on=PAID)) == 0


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


def test_R30_a_russian_paper_writes_countries_with_yo() -> None:
    paper = a_snapshot(language="ru")
    (page,) = pages(replace(paper, buyer=replace(paper.buyer, country="US")))
    assert "Соединённые Штаты" in page


def test_a_long_paper_repeats_its_head_and_counts_its_pages() -> None:
    texts = pages(a_snapshot(*a_lines(200)))
    assert len(texts) > 10
    lines_on = [text.count("GD-VIEWER-NET-DSB") for text in texts]
    assert sum(lines_on) == 200
    for number, (text, lines) in enumerate(zip(texts, lines_on, strict=True), start=1):
        assert f"Page {number} of {len(texts)}" in text
        assert ("Product and plan" in text) == (lines > 0)


@pytest.mark.parametrize("taxed", [True, False], ids=["taxed", "untaxed"])
def test_the_sums_stand_on_no_page_without_a_line(taxed: bool) -> None:
    """Of these counts some fill a page so far that the sums have no room below."""
    rate, pages_with_sums = 240_000 if taxed else 0, set()
    for count in (9, 10, 11, 12, 13):
        texts = pages(a_snapshot(*a_lines(count), rate=rate))
        (number, text) = next((number, text) for number, text in enumerate(texts, start=1) if "Net amount" in text)
        assert "GD-VIEWER-NET-DSB" in text, f"{count} lines: page {number} begins with the sums"
        pages_with_sums.add(number)
    assert pages_with_sums == {1, 2}


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


@pytest.mark.parametrize(
    "where",
    [
        {"ship_to": ("A株🙂",)},
        {"po_number": "A株🙂"},
        {"buyer": Party("A株🙂", (), "DE")},
        {"buyer": Party("A", ("A株🙂",), "DE")},
        {"seller": Party("A", (), "DE", (("A株🙂", "1"),))},
        {"bank": replace(a_snapshot().bank, bank="A株🙂")},
        {"lines": (replace(a_line(), description="A株🙂"),)},
        {"lines": (replace(a_line(), scope="A株🙂"),)},
    ],
)
def test_a_character_without_glyph_fails_instead_of_leaving_a_hole(where: dict[str, Any]) -> None:
    with pytest.raises(pdf.DrawingError, match="株 🙂"):
        pdf.render_pdf(a_snapshot(**where))


def test_the_characters_without_glyph_are_known() -> None:
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
        pdf._draw(page, "a page", PAID)
    monkeypatch.setattr(pdf, "FONTS", tmp_path)
    assert pdf._draw(page, "a page", PAID).startswith(b"%PDF-")


def test_a_page_fetches_nothing_from_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        with pytest.raises(pdf.DrawingError):
            pdf._draw(f'<p>text</p><img src="http://127.0.0.1:{server.getsockname()[1]}/x.png">', "a page", PAID)
        with pytest.raises(TimeoutError):
            server.accept()


def test_drawing_needs_no_request(app: Flask) -> None:
    """The worker has an application context and nothing else, and the paper's language is its own."""
    assert app.name
    assert "Швеция" in pages(a_snapshot(language="ru"))[0]
    assert "Sweden" in pages(a_snapshot(language="en"))[0]
