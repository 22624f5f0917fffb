"""QR codes that banking apps read."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
import segno
from segno import helpers

from dashboard.invoices import qr
from dashboard.invoices.corrections import credit_note_of
from dashboard.money import Money
from tests.invoices.samples import a_line, a_pro_forma, a_snapshot

EPC = """BCD
002
1
SCT
DEMOEE2X
Lumivara Software OÜ
EE382200221020145685
EUR3902.76

RF7620463182"""

ST00012 = (
    "ST00012|Name=ООО «Лумивара Рус»|PersonalAcc=40702810900000000017|BankName=Демонстрационный банк, г. Москва"
    "|BIC=044525000|CorrespAcc=30101810400000000000|PayeeINN=7700000000|Sum=390276"
    "|Purpose=Оплата по счёту 2026-000123 за лицензии на программы. RF7620463182"
)


def test_R19_epc_code_for_euros() -> None:
    assert qr.payload(a_snapshot()) == EPC


def test_R19_epc_code_is_what_another_implementation_makes() -> None:
    """segno writes EPC069-12 codes too, from the single facts."""
    theirs = helpers.make_epc_qr(
        name="Lumivara Software OÜ",
        iban="EE382200221020145685",
        amount="3902.76",
        reference="RF7620463182",
        bic="DEMOEE2X",
        encoding=1,
    )
    ours = segno.make_qr(EPC, error="m", boost_error=False, encoding="utf-8")
    assert ours.matrix == theirs.matrix


def test_R19_st00012_code_for_roubles() -> None:
    assert qr.payload(a_snapshot(currency="RUB")) == ST00012


def test_R19_a_separator_in_a_name_starts_no_new_field() -> None:
    paper = a_snapshot(currency="RUB", number="1|Sum=1")
    fields = str(qr.payload(paper)).split("|")
    assert [field for field in fields if field.startswith("Sum=")] == ["Sum=390276"]


def test_R18_the_code_of_a_page_asks_for_what_is_open() -> None:
    paper = a_snapshot()
    rest = qr.Open(paper.number, Money(100, "EUR"), paper.reference, paper.bank)
    assert qr.payload(rest) == EPC.replace("EUR3902.76", "EUR1.00")
    assert qr.picture_of(rest).startswith("data:image/svg+xml")
    assert qr.picture_of(qr.Open(paper.number, Money.zero("EUR"), paper.reference, paper.bank)) == ""


def test_R19_no_code_for_dollars_or_where_nothing_is_to_be_paid() -> None:
    assert qr.payload(a_snapshot(currency="USD")) is None
    assert qr.payload(a_snapshot(paid_on=date(2026, 11, 23))) is None
    assert qr.payload(a_snapshot(a_line(unit_minor=0))) is None
    assert qr.payload(credit_note_of(a_snapshot(), date(2026, 12, 1))) is None
    assert qr.payload(a_pro_forma()) is not None


@pytest.mark.browser
@pytest.mark.parametrize("text", [EPC, ST00012])
def test_R19_a_reader_reads_the_code(text: str, tmp_path: Path) -> None:
    picture = tmp_path / "code.png"
    segno.make_qr(text, error="m", boost_error=False, encoding="utf-8").save(str(picture), scale=6)
    program = shutil.which("zbarimg")
    assert program, "zbarimg is missing"
    read = subprocess.run([program, "--quiet", "--raw", str(picture)], check=True, capture_output=True)
    assert read.stdout.decode().rstrip("\n") == text
