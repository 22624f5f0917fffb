"""The PDF with its XML inside, looked at by poppler, a program that is not ours (R27)."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.invoices import einvoice, hybrid, pdf
from dashboard.invoices.rules import PaperSnapshot
from tests.invoices.samples import a_lines, a_snapshot, lengthy
from tests.programs import run

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("app")]

PAPERS = {"short": a_snapshot(), "long": a_snapshot(*a_lines(30), language="ru", currency="RUB"), "wide": lengthy()}


def both(paper: PaperSnapshot, folder: Path) -> tuple[Path, Path, bytes]:
    """The drawn PDF, the same with its XML inside, and the XML."""
    drawn, xml = pdf.render_pdf(paper), einvoice.to_xml(paper)
    assert xml is not None
    plain, whole = folder / "plain.pdf", folder / "whole.pdf"
    plain.write_bytes(drawn)
    whole.write_bytes(hybrid.embed(drawn, xml, paper))
    return plain, whole, xml


@pytest.mark.parametrize("name", PAPERS)
def test_R27_the_xml_comes_out_byte_for_byte_and_the_pages_look_the_same(name: str, tmp_path: Path) -> None:
    plain, whole, xml = both(PAPERS[name], tmp_path)
    done = run("pdfdetach", "-saveall", "-o", tmp_path, whole)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "factur-x.xml").read_bytes() == xml
    for path in (plain, whole):
        done = run("pdftoppm", "-r", "60", "-png", path, tmp_path / path.stem)
        assert (done.returncode, done.stderr) == (0, "")
    pictures = sorted(tmp_path.glob("plain-*.png"))
    assert pictures
    for picture in pictures:
        other = picture.with_name(picture.name.replace("plain", "whole"))
        assert other.read_bytes() == picture.read_bytes(), picture.name
    assert len(pictures) == len(list(tmp_path.glob("whole-*.png")))


def test_R27_all_fonts_stay_embedded(tmp_path: Path) -> None:
    _plain, whole, _xml = both(PAPERS["short"], tmp_path)
    done = run("pdffonts", whole)
    rows = [line.split() for line in done.stdout.splitlines()[2:]]
    assert (done.returncode, done.stderr) == (0, "")
    assert len(rows) == 2
    assert {row[-5] for row in rows} == {"yes"}
