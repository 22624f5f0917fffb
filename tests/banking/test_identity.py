"""The same entry is the same in every file; two equal transfers are two (R18)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import pytest

from dashboard.banking.rules import NoticeKind
from dashboard.banking.service import read_statement
from tests.banking import writers
from tests.banking.writers import MAPPING, Row, Written, later

FORMATS: dict[str, Callable[[Written], bytes]] = {
    "camt": writers.camt,
    "mt940": writers.mt940,
    "1c": writers.one_c,
    "csv": writers.table,
}


def identities(name: str, *rows: Row) -> list[str]:
    file = read_statement(FORMATS[name](Written(rows)), MAPPING)
    return [entry.identity for entry in file.entries]


each_format = pytest.mark.parametrize("name", FORMATS)


@each_format
def test_R18_a_file_read_twice_gives_the_same_identities(name: str) -> None:
    assert identities(name, Row(), Row(5_000)) == identities(name, Row(), Row(5_000))


@pytest.mark.parametrize("name", ["camt", "mt940", "csv"])
def test_R18_two_equal_genuine_transfers_are_two_and_told(name: str) -> None:
    file = read_statement(FORMATS[name](Written([Row(), Row(7), Row()])), MAPPING)
    assert len({entry.identity for entry in file.entries}) == 3
    assert {notice.kind for notice in file.notices} == {NoticeKind.EQUALS}
    assert file.is_sound


@each_format
def test_R18_overlapping_files_name_the_same_entries(name: str) -> None:
    monday, tuesday, wednesday = ([Row(day=later(days)), Row(day=later(days))] for days in (0, 1, 2))
    first, second = identities(name, *monday, *tuesday), identities(name, *tuesday, *wednesday)
    assert first[2:] == second[:2]
    assert len({*first, *second}) == 6


@pytest.mark.parametrize("name", ["camt", "mt940", "csv"])
def test_R18_the_order_in_the_file_does_not_matter(name: str) -> None:
    rows = [Row(), Row(), Row(5_000), Row(text="else")]
    assert len({frozenset(identities(name, *order)) for order in permutations(rows)}) == 1


@each_format
@pytest.mark.parametrize(
    "change",
    [{"minor": 119_901}, {"minor": -119_900}, {"day": later(1)}, {"account": "1234567890"}, {"text": "Invoice 18"}],
)
def test_R18_another_entry_has_another_identity(name: str, change: dict[str, object]) -> None:
    assert identities(name, Row()) != identities(name, replace(Row(), **change))  # type: ignore[arg-type]  # its own fields


def test_R18_the_banks_own_id_survives_a_text_that_the_bank_writes_anew() -> None:
    before, after = Row(bank_id="2026-ABC", text="Invoice 17"), Row(bank_id="2026-ABC", text="INVOICE 17 / LATE")
    assert identities("camt", before) == identities("camt", after)
    assert identities("camt", before) != identities("camt", replace(after, bank_id="2026-ABD"))
    assert identities("camt", replace(before, bank_id="NONREF")) != identities("camt", replace(after, bank_id="NONREF"))


def test_R18_the_same_entry_twice_in_a_file_counts_once_and_is_told() -> None:
    file = read_statement(writers.camt(Written([Row(bank_id="2026-ABC")] * 2)))
    assert len({entry.identity for entry in file.entries}) == 1
    assert {notice.kind for notice in file.notices} == {NoticeKind.DUPLICATES}
    assert not file.is_sound


def test_R18_a_statement_that_stands_twice_in_a_file_counts_once_and_is_told() -> None:
    one = writers.mt940(Written([Row(), Row()]))
    file = read_statement(one + one)
    first, second = file.statements
    assert [entry.identity for entry in first.entries] == [entry.identity for entry in second.entries]
    assert NoticeKind.DUPLICATES in {notice.kind for notice in second.notices}
    assert not file.is_sound


def test_R18_equal_transfers_on_two_pages_of_a_day_are_two() -> None:
    one = writers.mt940(Written([Row()])) + writers.mt940(Written([Row()], opening=100_000 + 119_900))
    assert len({entry.identity for entry in read_statement(one).entries}) == 2


def test_R18_lines_that_the_bank_breaks_anew_change_nothing() -> None:
    text = writers.mt940(Written([Row(text="one two three")]))
    assert identities("mt940", Row(text="one two three")) == [
        entry.identity for entry in read_statement(text.replace(b"one two three", b"one\ntwo three")).entries
    ]


def test_R18_the_number_of_a_pending_entry_is_no_number_of_a_booked_one() -> None:
    pending = writers.camt_entry(Row()).replace("BOOK", "PDNG")
    booked = read_statement(writers.camt(Written([Row()])))
    both = read_statement(writers.camt(Written([]), more=pending + writers.camt_entry(Row())))
    assert [entry.identity for entry in booked.entries] == [entry.identity for entry in both.entries][1:]
    assert len({entry.identity for entry in both.entries}) == 2


def test_R18_an_identity_never_changes() -> None:
    """Identities are kept in databases: this one must stay as it is."""
    assert identities("camt", Row(bank_id="2026-ABC")) == [
        "c4502cd1538030ff1a9ea2222b86efd03dcc5a105d2489da6ec9164827cfad05"
    ]
    assert identities("mt940", Row()) == ["f3becf2c6fe875c6c49bc74ca86afb76686ea1442dc3ab8e94871f0ac0d80c22"]
