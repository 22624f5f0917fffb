"""What stands on the paper of a quote, read back by a program that is not ours (R25, R30)."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from dashboard.invoices.pdf import DrawingError
from dashboard.pictures import logo_of
from dashboard.quotes.pdf import render_pdf
from dashboard.quotes.rules import Party, QuoteSnapshot
from tests.quotes.samples import a_line, a_logo, a_snapshot

pytestmark = pytest.mark.usefixtures("app")


def reader(content: QuoteSnapshot, logo: bytes | None = None) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(content, logo)))


def pages(content: QuoteSnapshot, logo: bytes | None = None) -> list[str]:
    """The text of each page, white space joined."""
    return [" ".join(page.extract_text().split()) for page in reader(content, logo).pages]


def test_the_same_quote_gives_the_same_bytes() -> None:
    logo = logo_of(a_logo())
    assert render_pdf(a_snapshot(), logo) == render_pdf(a_snapshot(), logo)


def test_R11_all_that_was_agreed_stands_on_it() -> None:
    (page,) = pages(a_snapshot())
    for fact in (
        "Quote Q-1234-5678", "This is a quote, not an invoice.", "Romashka OÜ", "VAT number EE100931558",
        "Nordwind GmbH", "Jan Petersen", "Anna Kask", "anna@romashka.example", "November 23, 2026",
        "December 23, 2026", "Our reference KP-17", "€1,250.00 3 €3,750.00", "Net amount €3,750.00",
        "VAT 24% €900.00", "Total €4,650.00", "Pay within 10 days.", "As agreed.", "Page 1 of 1",
    ):  # fmt: skip
        assert fact in page


def test_R30_a_russian_quote_is_a_commercial_proposal_and_no_invoice() -> None:
    (page,) = pages(a_snapshot(language="ru", currency="RUB", tax_label="НДС"))
    for fact in ("Коммерческое предложение", "а не счёт", "4 650,00 ₽", "23 декабря 2026", "НДС 24 %", "Германия"):
        assert fact in page
    assert "Счёт-фактура" not in page


@pytest.mark.parametrize("language", ["en", "ru"])
def test_R25_it_is_the_resellers_paper_and_asks_for_no_payment(language: str) -> None:
    (page,) = pages(a_snapshot(language=language))
    for foreign in ("Lumivara", "IBAN", "BIC", "RF", "Partner", "партнёр", "Retail", "Розничн", "margin", "маржа"):
        assert foreign not in page
    assert sum(len(page.images) for page in reader(a_snapshot()).pages) == 0


def test_without_a_tax_there_is_one_sum() -> None:
    (page,) = pages(a_snapshot(tax_label="", tax_rate=0, tax_minor=0, total_minor=375_000))
    assert "Total €3,750.00" in page
    assert "Net amount" not in page
    (page,) = pages(a_snapshot(tax_label="VAT not charged", tax_rate=0, tax_minor=0, total_minor=375_000))
    assert "VAT not charged €0.00" in page


def test_a_file_says_what_it_is_and_from_whom() -> None:
    said = reader(a_snapshot()).metadata
    assert said is not None
    assert (said.title, said.author, said.subject) == ("Quote Q-1234-5678", "Romashka OÜ", "Nordwind GmbH")
    assert said.creation_date is not None
    assert said.creation_date.date() == a_snapshot().issued_on


@pytest.mark.parametrize("size", [(300, 100), (1200, 10), (10, 600), (1, 1)])
def test_the_logo_fits_into_its_frame(size: tuple[int, int]) -> None:
    drawn = reader(a_snapshot(), logo_of(a_logo(*size)))
    assert len(drawn.pages) == 1
    assert len(drawn.pages[0].images) == 1
    assert "Romashka OÜ" in drawn.pages[0].extract_text()


def test_a_long_quote_repeats_its_head_and_counts_its_pages() -> None:
    name = "GroupDocs.Total for Everything at Once " * 4
    lines = tuple(a_line(number, description=name) for number in range(1, 201))
    texts = pages(a_snapshot(lines=lines))
    assert len(texts) > 10
    assert sum(text.count("VIEWER-DSB") for text in texts) == 200
    for number, text in enumerate(texts, start=1):
        assert f"Page {number} of {len(texts)}" in text
        assert ("Product and plan" in text) == ("VIEWER-DSB" in text)


def test_long_names_and_long_terms_find_their_place() -> None:
    party = Party("W" * 200, ("Ы" * 200, "i" * 100), "DE")
    terms = "\n".join(["A line of the terms, as long as people write them " * 3] * 26)[:4000]
    texts = pages(
        a_snapshot(seller=party, customer=party, contact=("W" * 200, "m" * 64 + "@example.com"), terms=terms,
                   note="n" * 4000, reference="W" * 60, tax_label="W" * 40)
    )  # fmt: skip
    whole = "".join(texts).replace(" ", "")
    assert whole.count("W" * 40) >= 3
    assert whole.count("n" * 20) >= 100
    assert whole.count("Alineoftheterms") == terms.count("A line")


def test_what_people_type_stays_text() -> None:
    words = "A & B <b>bold</b> <img src=x> &amp; %(x)s"
    (page,) = pages(
        a_snapshot(terms=words, note=f"<pdf:nextpage> {words}", reference="<longtable>", tax_label="R&D <i>")
    )
    for text in (words, "<pdf:nextpage>", "<longtable>", "R&D <i>"):
        assert text in page


def test_a_character_without_glyph_fails_instead_of_leaving_a_hole() -> None:
    with pytest.raises(DrawingError, match="株"):
        render_pdf(replace(a_snapshot(), terms="株"))
