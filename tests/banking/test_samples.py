"""Real files are read as they are; what does not add up is told, not refused (R18)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dashboard.banking.rules import Amount, Direction, Format, NoticeKind, StatementFile
from dashboard.banking.service import read_statement
from tests.banking.writers import SAMPLES


def sample(name: str) -> StatementFile:
    return read_statement((SAMPLES / name).read_bytes())


def kinds(file: StatementFile) -> set[NoticeKind]:
    return {notice.kind for notice in file.notices}


@pytest.mark.parametrize("name", ["camt053-v2-minimal.xml", "camt053-v4.xml"])
def test_R18_a_camt_sample_is_read_and_told_to_mix_currencies(name: str) -> None:
    file = sample(name)
    assert file.format is Format.CAMT
    assert kinds(file) == {NoticeKind.CURRENCIES, NoticeKind.PERIOD}
    assert not file.is_sound
    (statement,) = file.statements
    assert (statement.account, statement.currency) == ("NL26VAYB8060476890", "EUR")
    assert statement.opening
    assert statement.closing
    assert (statement.opening.decimal, statement.closing.amount) == (Decimal("18.15"), Amount(-2700, "SEK"))
    (entry,) = statement.entries
    assert (entry.amount, entry.direction) == (Amount(885, "EUR"), Direction.CREDIT)
    assert (entry.booked_on, entry.received_on) == (date(2014, 12, 31), date(2015, 1, 2))
    assert (entry.party.name, entry.party.account) == ("NAME NAME", "NL56AGDH9619008421")
    assert entry.references == ("4654654654654654",)
    assert entry.bank_id == ("" if "v2" in name else "AAAASESS-FP-CN_98765/01")
    assert entry.parts == ()


def test_R18_an_MT940_sample_has_three_statements_that_add_up() -> None:
    file = sample("mt940-generic.sta")
    assert [statement.currency for statement in file.statements] == ["DEM", "EUR", "PLN"]
    assert [len(statement.entries) for statement in file.statements] == [11, 2, 3]
    assert all(statement.adds_up for statement in file.statements)
    assert file.is_sound
    german, polish = file.statements[1], file.statements[2]
    assert (german.bank, german.account, german.sequence) == ("10020030", "1234567", "5/1")
    salary = german.entries[1]
    assert (salary.signed, salary.booked_on, salary.party.name) == (300_000, date(2002, 11, 2), "MUELLER")
    assert (salary.party.account, salary.party.bank) == ("0847564700", "50060400")
    assert salary.text.startswith("Gehalt Oktober")
    assert [entry.signed for entry in polish.entries] == [2_000_000, -1_000_000, 4_000]
    assert polish.entries[0].bank_reference == "8327000090031789"


def test_R18_an_MT940_sample_that_does_not_add_up_tells_the_difference() -> None:
    file = sample("mt940-ing.sta")
    assert [str(notice) for notice in file.notices] == [
        "Line 4: the closing balance differs from the opening balance and the entries by 49.06 EUR."
    ]
    assert not file.is_sound
    assert len(list(file.entries)) == 7
    assert file.statements[0].difference == Amount(4906, "EUR")


def test_R18_a_1C_sample_is_read_although_its_header_lies_about_the_encoding() -> None:
    file = sample("1c-one-day-utf8.txt")
    (statement,) = file.statements
    assert (statement.account, statement.currency, len(statement.entries)) == ("40702810200000000001", "RUB", 13)
    assert file.is_sound
    assert statement.adds_up
    assert not file.notices
    came_in = [entry.amount.minor for entry in statement.entries if entry.direction is Direction.CREDIT]
    went_out = [entry.amount.minor for entry in statement.entries if entry.direction is Direction.DEBIT]
    assert (sum(came_in), sum(went_out)) == (4_000_000, 4_118_400)
