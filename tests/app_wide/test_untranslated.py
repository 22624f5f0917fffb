"""No text that people read was forgotten (R30): in a language made for looking, every text stands in brackets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask

from dashboard.config import ROOT
from dashboard.web.pseudo import bracketed
from tests.app_wide import pseudo
from tests.app_wide.conftest import Walked
from tests.app_wide.everything import letters, papers, write_every_letter
from tests.app_wide.walks import Walk, own_words
from tests.catalogs import speaking

pytestmark = pytest.mark.xdist_group("walk")  # one process walks for all


@pytest.fixture(scope="module")
def own(walked: Walked) -> set[str]:
    return walked.record.words | walked.record.russian


def bare(walk: Walk, own: set[str]) -> dict[str, list[str]]:
    """Texts outside of brackets, by the addresses of their pages."""
    pages = {(page.html): page.path for page in walk.brackets if page.is_html}
    checked = {path: pseudo.bare_on_page(html, own) for html, path in pages.items()}
    return {path: texts for path, texts in checked.items() if texts}


def test_R30_no_text_of_a_page_was_forgotten(walked: Walked, own: set[str]) -> None:
    met = [page for page in walked.product.brackets if page.status == 200 and page.is_page]
    assert len({page.rule.rule for page in met}) > 30
    assert all("⟦" in page.html for page in met)
    assert bare(walked.product, own) == {}


def test_R30_no_text_of_an_export_was_forgotten(walked: Walked, own: set[str]) -> None:
    heads = {
        visit.path: visit.body.decode("utf-8-sig").splitlines()[0]
        for visit in walked.product.brackets
        if visit.headers.get("Content-Type", "").startswith("text/csv")
        and visit.status == 200
        and not visit.path.startswith("/jobs/")  # written before, in the language of whoever asked
        and visit.path != "/staff/catalog/export"  # its columns have the names that a load reads
    }
    assert len(heads) >= 2
    assert {path: pseudo.bare(head, own) for path, head in heads.items()} == {path: [] for path in heads}


def test_R30_no_text_of_a_letter_or_paper_was_forgotten(app: Flask, tmp_path: Path) -> None:
    write_every_letter()
    own = own_words() | pseudo.russian_words()
    with speaking(app, tmp_path, pseudo.catalog()):
        sent = {kind: rendered for kind, (_, rendered) in letters().items()}
        drawn = papers()
    assert sent.keys() == {path.stem for path in (ROOT / "templates" / "mail").glob("[!_]*.html")} - {"layout"}
    assert drawn.keys() == {"pro_forma", "invoice", "credit_note", "supplement"}
    plain = {kind: pseudo.bare(f"{one.subject} {one.text}", own) for kind, one in sent.items()}
    assert {kind: words for kind, words in plain.items() if words} == {}
    pages = {kind: one.html for kind, one in sent.items()} | drawn
    found = {kind: pseudo.bare_on_page(html, own) for kind, html in pages.items()}
    assert {kind: texts for kind, texts in found.items() if texts} == {}


#: Texts into which a day goes with its time of day, so without a full stop at its end.
WITH_TIME = {"Cancelled on %(day)s.", "Suspended on %(date)s.", "Undone on %(day)s."}


def test_R30_no_russian_date_brings_a_second_full_stop() -> None:
    """A date in words ends with «г.»: a sentence must not end right behind it."""
    with (ROOT / "translations" / "ru" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        said = {text.id: text.string for text in read_po(file) if isinstance(text.string, str)}
    assert {key for key, text in said.items() if re.search(r"%\((day|date|until)\)s\.", text)} == WITH_TIME


@pytest.mark.parametrize(("name", "text"), [("literal", "Never translated"), ("attribute", "Sign out")])
def test_R30_a_forgotten_text_is_found(walked: Walked, own: set[str], name: str, text: str) -> None:
    found = bare(walked.planted, own)
    assert text in found[f"/planted/{name}"]
    assert "Образчик" in found[f"/planted/{name}"]
    assert "Never translated" not in found["/planted/marked"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("⟦Order ⟧R-2046-3187⟦ is paid⟧", []),
        ("⟦Order ⟧R-2046-3187 is paid", ["is", "paid"]),
        ("⟦Order ⟧unpaid⟦ again⟧", ["unpaid"]),
        ("⟦По ⟧5 заказов", ["заказов"]),
        ("⟦From ⟧Romashka⟦ to ⟧me@x.example", []),
    ],
)
def test_words_outside_of_brackets_are_found(text: str, found: list[str]) -> None:
    assert pseudo.bare(text, {"Romashka"}) == found


def test_values_stand_outside_of_brackets() -> None:
    assert bracketed("Order %(id)s: 5 %% off") == "⟦Óórdéér ⟧%(id)s⟦: 5 %% óóff⟧"
    assert bracketed("%(done)s / %(all)s") == "%(done)s / %(all)s"
