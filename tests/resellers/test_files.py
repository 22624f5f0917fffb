"""Reading a file of resellers: what a clerk makes, exact, or refused with every bad cell named."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from dashboard.money import Money
from dashboard.resellers.files import CompanyRow, read_resellers
from dashboard.resellers.rules import Role
from dashboard.web.sheets import InvalidSheet
from tests.resellers.samples import BIRCH, EXAMPLE, MORE, RYABINA, file_of

pytestmark = pytest.mark.usefixtures("app")

TODAY = date(2026, 11, 27)


def read(content: bytes) -> list[CompanyRow]:
    return read_resellers(content, currencies=["USD", "EUR", "RUB"], today=TODAY)


def problems_of(*rows: dict[str, str]) -> list[tuple[int, str, str]]:
    with pytest.raises(InvalidSheet) as refusal:
        read(file_of(*rows))
    return [(problem.line, problem.column, str(problem)) for problem in refusal.value.problems]


def test_the_example_of_the_documentation_is_read() -> None:
    birch, ryabina = read(EXAMPLE.read_bytes())
    assert (birch.name, birch.discount, birch.established_because) == (
        "Birch Software", 125_000, "Buys from us since 2019 and pays in time",
    )  # fmt: skip
    assert [(one.email, one.role, one.language) for one in birch.members] == [
        ("olivia@birch.example", Role.OWNER, "en"),
        ("noah@birch.example", Role.BUYER, "en"),
    ]
    assert [(one.number, one.amount) for one in birch.debts] == [
        ("2026-0117", Money(239800, "USD")),
        ("2026-0131", Money(107910, "USD")),
    ]
    assert (ryabina.details.legal_name, ryabina.discount, ryabina.established_because) == (
        "ООО «Рябина Софт»",
        None,
        "",
    )


def test_a_spreadsheet_of_another_country_is_read_alike() -> None:
    row = {
        "discount": "12,5 %",
        "debt_ordered_on": "02.03.2026",
        "debt_due_on": "01.04.2026",
        "debt_amount": "2 398,00",
    }
    content = b"\xef\xbb\xbf" + file_of(BIRCH | row, delimiter=";") + b";" * 24 + b"\r\n"
    assert read(content) == read(file_of(BIRCH))


def test_further_lines_add_members_and_debts() -> None:
    second = MORE | {"member_email": "noah@birch.example", "member_role": "buyer", "member_language": "ru"}
    third = MORE | {
        "name": "Birch Software", "debt_number": "2026-0131", "debt_ordered_on": "2026-05-01",
        "debt_due_on": "2026-05-31", "debt_amount": "1",
    }  # fmt: skip
    company, other = read(file_of(BIRCH, second, RYABINA, third))
    assert [(one.name, one.language) for one in company.members] == [("Olivia Reed", "en"), ("noah", "ru")]
    assert [one.number for one in company.debts] == ["2026-0117", "2026-0131"]
    assert other.name == "Рябина Софт"


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"key": ""}, "key", "is empty"),
        ({"name": ""}, "name", "is empty"),
        ({"name": "x" * 201}, "name", "is longer than 200 characters"),
        ({"name": "a\nb"}, "name", "holds a line break"),
        ({"name": "a\x00b"}, "name", "holds a line break or an invisible"),
        ({"name": "Birch\u202eSoft"}, "name", "holds a line break or an invisible"),
        ({"legal_name": "ビューア"}, "legal_name", "holds characters that documents cannot show: ア"),
        ({"website": "birch"}, "website", "Write the address of a web page"),
        ({"country": "USA"}, "country", "is not one of those that are known"),
        ({"state": ""}, "state", "must be the two letters of the state"),
        ({"state": "Texas"}, "state", "must be the two letters of the state"),
        ({"tax_number": "17"}, "tax_number", "This is not a valid EIN."),
        ({"country": "DE", "state": ""}, "tax_number", "This is not a valid VAT number"),
        ({"country": "AU"}, "state", "must be empty outside the US"),
        ({"billing_email": "billing"}, "billing_email", "An email address must have an @-sign."),
        ({"document_language": "de"}, "document_language", "is not one of those that are known: ru, en"),
        ({"currency": "GBP"}, "currency", "is not one of those that are known: USD, EUR, RUB"),
        ({"discount": "100"}, "discount", "must be a percentage"),
        ({"discount": "-1"}, "discount", "must be a percentage"),
        ({"discount": "ten"}, "discount", "must be a percentage"),
        ({"standing": "old"}, "standing", "is not one of those that are known: new, established"),
        ({"standing_reason": ""}, "standing_reason", "is empty"),
        ({"listing_url": "https://other.example/"}, "listing_url", "does not lie on the company's own domain"),
        ({"member_email": ""}, "member_email", "is empty"),
        ({"member_email": "olivia"}, "member_email", "An email address must have an @-sign."),
        ({"member_role": ""}, "member_role", "is empty"),
        ({"member_role": "boss"}, "member_role", "is not one of those that are known: owner, buyer,"),
        ({"member_language": "de"}, "member_language", "is not one of those"),
        ({"debt_number": ""}, "debt_number", "is empty"),
        ({"debt_amount": ""}, "debt_amount", "is empty"),
        ({"debt_amount": "-5"}, "debt_amount", "Write the amount as a number"),
        ({"debt_amount": "0"}, "debt_amount", "must be more than zero"),
        ({"debt_amount": "1.005"}, "debt_amount", "Write the amount as a number"),
        ({"debt_ordered_on": "03/02/2026"}, "debt_ordered_on", "must be a day"),
        ({"debt_ordered_on": "2026-11-28", "debt_due_on": "2026-12-28"}, "debt_ordered_on", "has not come yet"),
        ({"debt_due_on": "2026-03-01"}, "debt_due_on", "is before the day of the order"),
        ({"debt_due_on": "2026-02-30"}, "debt_due_on", "must be a day"),
    ],
)
def test_a_bad_cell_is_named(row: dict[str, str], column: str, reason: str) -> None:
    [(line, where, why)] = problems_of(RYABINA, BIRCH | row)
    assert (line, where, why[: len(reason)]) == (3, column, reason)


def test_all_bad_cells_are_named_in_one_go() -> None:
    found = problems_of(BIRCH | {"name": "", "discount": "x"}, RYABINA | {"currency": "", "member_role": ""})
    assert [(line, column) for line, column, _ in found] == [
        (2, "name"), (2, "discount"), (3, "currency"), (3, "member_role"),
    ]  # fmt: skip


def test_lines_that_contradict_each_other_are_named() -> None:
    found = problems_of(
        BIRCH,
        MORE | {"name": "Beech", "member_email": "OLIVIA@birch.example", "member_role": "buyer"},
        RYABINA | {"member_email": "olivia@birch.example"},
        MORE | {name: BIRCH[name] for name in BIRCH if name.startswith("debt")},
    )
    assert found == [
        (3, "name", "differs from line 2, which is about the same company"),
        (3, "member_email", "stands on line 2 already"),
        (4, "member_email", "stands on line 2 already, at 1001"),
        (5, "debt_number", "stands on line 2 already"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (file_of(), "The file lists no company."),
        (b"one;two\r\n1;2\r\n", "The first line must name these columns: key, name,"),
        (file_of(RYABINA).decode().encode("cp1251"), "The line is not written in UTF-8."),
        (file_of(BIRCH).decode().encode("utf-16"), "The line is not written in UTF-8."),
        (b"x" * 16_000_001, "The file is larger than"),
    ],
)
def test_a_file_that_is_none_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidSheet) as refusal:
        read(content)
    assert str(refusal.value.problems[0]).startswith(reason)


def test_columns_may_stand_in_any_order_and_those_not_needed_be_left_out(app: Flask) -> None:
    content = b"currency,country,key,name,website,document_language\r\nEUR,EE,7,Kask,kask.example,en\r\n"
    [company] = read(content)
    assert (company.key, company.currency, company.website) == ("7", "EUR", "https://kask.example")
    assert (company.members, company.debts, company.discount) == ([], [], None)
