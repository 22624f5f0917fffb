"""Papers about tax alone: they add up with the invoice that they correct, whatever its sums (R11, R27, R29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.invoices.corrections import credit_note_of, rest_of, supplement_of, tax_credit_of
from dashboard.invoices.pdf import render_pdf
from dashboard.invoices.rules import CertificateCopy, PaperKind, PaperLine, PaperSnapshot, TaxLine, paper_number, tax_on
from dashboard.money import WHOLE, Money
from tests.invoices.samples import a_snapshot

DAY = date(2026, 5, 4)
CERTIFICATE = CertificateCopy("01-339", "TX", "0" * 64)

#: Unit prices and quantities of the lines, and a rate.
SALES = st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 999)), min_size=1, max_size=5)
RATES = st.integers(0, 200_000)


def sale(lines: list[tuple[int, int]], rate: int | None) -> PaperSnapshot:
    """An invoice of these lines, taxed at the rate; exempt without one."""
    made = tuple(
        PaperLine(
            position=place, sku="X", description="X", plan="X", quantity=quantity, retail_minor=unit,
            unit_minor=unit, net_minor=unit * quantity,
        )
        for place, (unit, quantity) in enumerate(lines, start=1)
    )  # fmt: skip
    net = sum(line.net_minor for line in made)
    taxes = () if rate is None else (TaxLine("sales_tax", "US-TX", rate, net, tax_on(net, rate)),)
    tax = sum(one.amount_minor for one in taxes)
    return replace(
        a_snapshot(),
        currency="USD",
        lines=made,
        taxes=taxes,
        net_minor=net,
        tax_minor=tax,
        total_minor=net + tax,
        number="2026-000007",
    )


def supplement(of: PaperSnapshot, rate: int) -> PaperSnapshot:
    tax = TaxLine("sales_tax", "US-TX", rate, of.net_minor, Money(of.net_minor, "USD").share(rate).minor)
    return supplement_of(of, tax, issued_on=DAY, due_on=DAY, reference="RF7620463182", reason="unreadable")


def sums(*papers: PaperSnapshot) -> tuple[int, int, int]:
    return (
        sum(one.net_minor for one in papers),
        sum(one.tax_minor for one in papers),
        sum(one.total_minor for one in papers),
    )


@given(SALES, RATES)
def test_R27_an_invoice_and_its_credit_note_come_to_nothing(lines: list[tuple[int, int]], rate: int) -> None:
    paper = sale(lines, rate)
    assert sums(paper, credit_note_of(paper, DAY)) == (0, 0, 0)


@given(SALES, st.integers(1, 200_000))
def test_R29_credited_tax_and_a_later_credit_note_take_the_invoice_back(
    lines: list[tuple[int, int]], rate: int
) -> None:
    paper = sale(lines, rate)
    tax = tax_credit_of(paper, DAY, CERTIFICATE)
    left = rest_of(paper, [tax])
    assert left is not None
    rest = credit_note_of(left, DAY)
    assert sums(paper, tax) == (paper.net_minor, 0, paper.net_minor)
    assert sums(paper, tax, rest) == (0, 0, 0)


@given(SALES, RATES)
def test_R11_R29_invoice_and_supplement_are_the_order_with_its_tax(lines: list[tuple[int, int]], rate: int) -> None:
    exempt, taxed = sale(lines, None), sale(lines, rate)
    assert sums(exempt, supplement(exempt, rate)) == sums(taxed), "rounded once, on the same sum, at the same rate"
    extra = supplement(exempt, rate)
    assert abs(extra.tax_minor * WHOLE - exempt.net_minor * rate) * 2 <= WHOLE
    assert sums(extra, credit_note_of(replace(extra, number="2026-000008"), DAY)) == (0, 0, 0)


@given(SALES, RATES)
def test_R27_a_paper_about_tax_is_kept_as_it_is(lines: list[tuple[int, int]], rate: int) -> None:
    paper = sale(lines, rate)
    for one in (supplement(paper, rate), tax_credit_of(paper, DAY, CERTIFICATE)):
        assert PaperSnapshot.from_json(one.to_json()) == one


def test_R27_a_snapshot_from_before_certificates_is_read() -> None:
    paper = sale([(100, 1)], 62_500)
    older = {name: value for name, value in paper.to_json().items() if name not in {"certificate", "reason"}}
    assert PaperSnapshot.from_json(older) == paper


def test_R27_a_supplement_is_numbered_among_the_invoices() -> None:
    assert paper_number(PaperKind.SUPPLEMENT, 2026, 7) == "2026-000007" == paper_number(PaperKind.INVOICE, 2026, 7)


def test_R29_only_a_correction_has_no_lines() -> None:
    with pytest.raises(ValueError, match="no lines"):
        replace(sale([(100, 1)], 62_500), lines=(), net_minor=0)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("language", ["en", "ru"])
def test_R29_R30_papers_about_tax_are_drawn(language: str) -> None:
    paper = replace(sale([(107_910, 1)], 62_500), language=language)
    for one in (supplement(paper, 62_500), tax_credit_of(paper, DAY, CERTIFICATE)):
        assert render_pdf(replace(one, number="2026-000009")).startswith(b"%PDF")
    left = rest_of(paper, [tax_credit_of(paper, DAY, CERTIFICATE)])
    assert left is not None
    assert render_pdf(replace(credit_note_of(left, DAY), number="CN-2026-000001")).startswith(b"%PDF")
