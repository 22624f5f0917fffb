"""Credit notes over parts: in whatever order, with their invoice they come to nothing, never below (R11, R12, R27)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.invoices.corrections import credit_note_of, part_credit_of, rest_of, tax_credit_of
from dashboard.invoices.pdf import render_pdf
from dashboard.invoices.rules import PaperSnapshot, Taken, tax_on
from tests.invoices.test_tax_papers import CERTIFICATE, DAY, RATES, SALES, sale, sums, supplement

#: Which line is chosen, and how much of what is left of it, in parts of a hundred.
STEPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 100)), max_size=8)


def left(paper: PaperSnapshot, notes: list[PaperSnapshot]) -> PaperSnapshot:
    found = rest_of(paper, notes)
    assert found is not None
    return found


def parts(paper: PaperSnapshot, steps: list[tuple[int, int]]) -> list[PaperSnapshot]:
    """The credit notes of those part cancellations; at least one piece of the invoice is left."""
    notes: list[PaperSnapshot] = []
    for place, share in steps:
        rest = left(paper, notes)
        line = rest.lines[place % len(rest.lines)]
        pieces = min(max(line.quantity * share // 100, 1), sum(one.quantity for one in rest.lines) - 1, line.quantity)
        if pieces and (note := part_credit_of(rest, {line.position: pieces}, line.unit_minor * pieces, DAY)):
            notes.append(note)
    return notes


@given(SALES, st.none() | RATES, STEPS)
def test_R11_R12_all_that_is_cancelled_in_parts_comes_to_nothing(
    lines: list[tuple[int, int]], rate: int | None, steps: list[tuple[int, int]]
) -> None:
    paper = sale(lines, rate)
    notes = parts(paper, steps)
    for count in range(len(notes) + 1):
        rest = left(paper, notes[:count])
        assert sums(paper, *notes[:count]) == sums(rest)
        assert rest.tax_minor == (0 if rate is None else tax_on(rest.net_minor, rate)), "rounded once on what stands"
        assert min(sums(rest)) >= 0
    assert all(max(sums(note)) <= 0 for note in notes)
    last = credit_note_of(left(paper, notes), DAY)
    assert sums(paper, *notes, last) == (0, 0, 0)
    assert rest_of(paper, [*notes, last]) is None
    assert last.taken is (Taken.REST if notes else Taken.WHOLE)


@given(SALES, st.integers(1, 200_000), STEPS, STEPS)
def test_R29_tax_that_is_credited_between_parts_is_credited_once(
    lines: list[tuple[int, int]], rate: int, before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    paper = sale(lines, rate)
    notes = parts(paper, before)
    if (rest := left(paper, notes)).tax_minor:
        notes.append(tax_credit_of(rest, DAY, CERTIFICATE))
        assert sums(paper, *notes)[1] == 0
        for place, share in after:
            more = left(paper, notes)
            line = more.lines[place % len(more.lines)]
            pieces = min(line.quantity * share // 100, sum(one.quantity for one in more.lines) - 1)
            if pieces and (note := part_credit_of(more, {line.position: pieces}, line.unit_minor * pieces, DAY)):
                notes.append(note)
    assert sums(paper, *notes, credit_note_of(left(paper, notes), DAY)) == (0, 0, 0)


@given(SALES, st.integers(1, 200_000), st.integers(1, 100))
def test_R29_the_tax_of_a_supplementary_invoice_sinks_with_its_order(
    lines: list[tuple[int, int]], rate: int, share: int
) -> None:
    exempt = sale(lines, None)
    extra = replace(supplement(exempt, rate), number="2026-000008")
    net = exempt.net_minor * share // 100
    note = part_credit_of(extra, {1: 1}, net, DAY)
    rest = tax_on(exempt.net_minor - net, rate)
    assert extra.tax_minor + (note.tax_minor if note else 0) == rest
    if note and rest:
        assert sums(extra, note, credit_note_of(left(extra, [note]), DAY)) == (0, 0, 0)


@given(SALES, RATES, STEPS)
def test_R27_a_credit_note_over_a_part_is_kept_as_it_is(
    lines: list[tuple[int, int]], rate: int, steps: list[tuple[int, int]]
) -> None:
    for note in parts(sale(lines, rate), steps):
        assert PaperSnapshot.from_json(note.to_json()) == note


def test_R11_the_tax_of_two_halves_is_the_tax_of_the_whole() -> None:
    """6.25 % of 2.00 is 0.13, of 1.00 it is 0.06: the part that goes first takes 0.07 along."""
    paper = sale([(100, 2)], 62_500)
    half = part_credit_of(paper, {1: 1}, 100, DAY)
    assert half is not None
    rest = left(paper, [half])
    assert [paper.tax_minor, half.tax_minor, rest.tax_minor] == [13, -7, 6]
    with pytest.raises(ValueError, match="the tax at a rate"):
        replace(half, taxes=(replace(half.taxes[0], amount_minor=-6),), tax_minor=-6, total_minor=-106)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("language", ["en", "ru"])
def test_R27_R30_credit_notes_over_parts_are_drawn(language: str) -> None:
    paper = replace(sale([(100, 2), (59_900, 1)], 62_500), language=language)
    half = part_credit_of(paper, {1: 1}, 100, DAY)
    assert half is not None
    for one in (half, credit_note_of(left(paper, [half]), DAY)):
        assert render_pdf(replace(one, number="CN-2026-000001")).startswith(b"%PDF")
