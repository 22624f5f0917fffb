"""Snapshots add up, survive JSON unchanged, and are taken back to the cent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.invoices.corrections import credit_note_of
from dashboard.invoices.rules import PaperKind, PaperSnapshot, TaxNote, paper_number, pro_forma_number, tax_on
from tests.invoices.samples import a_line, a_pro_forma, a_snapshot

LINES = st.lists(
    st.builds(
        a_line,
        position=st.integers(1, 500),
        quantity=st.integers(1, 10_000),
        unit_minor=st.integers(0, 10**9),
        retail_minor=st.integers(0, 10**9),
    ),
    min_size=1,
    max_size=6,
)
RATES = st.integers(0, 300_000)


def through_json(paper: PaperSnapshot) -> PaperSnapshot:
    return PaperSnapshot.from_json(json.loads(json.dumps(paper.to_json())))


def test_R11_three_pieces_at_the_rounded_partner_price() -> None:
    paper = a_snapshot()
    assert paper.net_minor == 314_739
    assert paper.total_minor == 314_739 + 75_537  # 24 % of 3,147.39 is 755.3736


@pytest.mark.parametrize(
    ("base", "rate", "tax"), [(2, 250_000, 1), (-2, 250_000, -1), (1, 250_000, 0), (1000, 62_500, 63)]
)
def test_R11_tax_is_rounded_half_up_away_from_zero(base: int, rate: int, tax: int) -> None:
    assert tax_on(base, rate) == tax


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": (replace(a_line(), net_minor=314_740),), "net_minor": 314_740},
        {"net_minor": 314_740},
        {"tax_minor": 75_538},
        {"taxes": ()},
        {"taxes": (replace(a_snapshot().taxes[0], amount_minor=75_538),), "tax_minor": 75_538, "total_minor": 390_277},
        {"total_minor": 390_275},
        {"lines": ()},
        {"currency": "GBP", "bank": a_snapshot().bank},
        {"valid_until": date(2026, 12, 23)},
        {"corrects": ("2026-000001", date(2026, 11, 1))},
        {"kind": PaperKind.CREDIT_NOTE},
        {"kind": PaperKind.PRO_FORMA},
    ],
)
def test_R11_a_paper_whose_facts_disagree_cannot_exist(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is wrong"):
        replace(a_snapshot(), **wrong)


@given(LINES, RATES)
def test_R27_a_snapshot_comes_back_from_json_as_it_was(lines: list[Any], rate: int) -> None:
    invoice = a_snapshot(*lines, rate=rate)
    for paper in (invoice, credit_note_of(invoice, date(2026, 12, 1)), a_pro_forma(tax_note=TaxNote.EXPORT)):
        assert through_json(paper) == paper


@given(LINES, RATES)
def test_R27_invoice_and_credit_note_come_to_nothing(lines: list[Any], rate: int) -> None:
    invoice = a_snapshot(*lines, rate=rate)
    note = credit_note_of(invoice, date(2026, 12, 1))
    assert invoice.total_minor + note.total_minor == 0
    assert invoice.net_minor + note.net_minor == 0
    for line, taken_back in zip(invoice.lines, note.lines, strict=True):
        assert line.net_minor + taken_back.net_minor == 0
        assert line.unit_minor == taken_back.unit_minor
    for tax, taken_back in zip(invoice.taxes, note.taxes, strict=True):
        assert tax.amount_minor + taken_back.amount_minor == 0


def test_R12_a_credit_note_names_its_invoice_and_asks_for_nothing() -> None:
    note = credit_note_of(a_snapshot(), date(2026, 12, 1))
    assert note.corrects == ("2026-000123", date(2026, 11, 23))
    assert note.number == ""
    assert (note.due_on, note.is_payable) == (None, False)


def test_R19_only_an_unpaid_paper_with_a_sum_is_payable() -> None:
    assert a_snapshot().is_payable
    assert a_pro_forma().is_payable
    assert not a_snapshot(paid_on=date(2026, 11, 23)).is_payable
    assert not a_snapshot(a_line(unit_minor=0)).is_payable


def test_R27_numbers_by_series() -> None:
    assert paper_number(PaperKind.INVOICE, 2026, 123) == "2026-000123"
    assert paper_number(PaperKind.CREDIT_NOTE, 2026, 1) == "CN-2026-000001"
    assert pro_forma_number("R-2046-3182") == "PF-R-2046-3182"
