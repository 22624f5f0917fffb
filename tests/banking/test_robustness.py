"""What was written is read back; what was cut or damaged is never taken for less (R18)."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.banking.mappings import CsvMapping
from dashboard.banking.rules import Format, Statement, StatementFile, UnreadableStatement
from dashboard.banking.service import read_statement
from tests.banking import writers
from tests.banking.writers import MAPPING, SAMPLES, Row, Written

WORDS = st.text(st.sampled_from("abcdefgzAZ089 .,äßéñ&<>()'+%"), max_size=60).map(lambda text: " ".join(text.split()))
ROWS = st.builds(
    Row,
    minor=st.integers(-(10**12), 10**12).filter(bool),
    day=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    name=WORDS.filter(bool),
    account=st.sampled_from(["NL56AGDH9619008421", "DE75512108001245126199", "1234567890"]),
    text=WORDS.filter(bool),
    end_to_end_id=st.sampled_from(["", "RE-2026-17", "E2E1"]),
)
STATEMENTS = st.builds(Written, rows=st.lists(ROWS, min_size=1, max_size=6), opening=st.integers(-(10**12), 10**12))
UNHURRIED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check_round_trip(written: Written, data: bytes, mapping: CsvMapping | None = None) -> None:
    file = read_statement(data, mapping)
    assert writers.facts(file) == writers.expected(written)
    assert not file.faults
    assert file.is_sound
    (statement,) = file.statements
    assert statement.opening
    assert statement.closing
    assert (statement.opening.amount.minor, statement.closing.amount.minor) == (written.opening, written.closing)


@UNHURRIED
@given(written=STATEMENTS, version=st.integers(2, 13))
def test_R18_camt_is_read_as_it_was_written(written: Written, version: int) -> None:
    check_round_trip(written, writers.camt(written, version))


@UNHURRIED
@given(written=STATEMENTS)
def test_R18_MT940_is_read_as_it_was_written(written: Written) -> None:
    check_round_trip(written, writers.mt940(written))


@UNHURRIED
@given(written=STATEMENTS, encoding=st.sampled_from(["utf-8", "cp1251", "cp866"]))
def test_R18_1C_is_read_as_it_was_written(written: Written, encoding: str) -> None:
    rows = [
        Row(
            row.minor,
            row.day,
            f"ООО {row.name}".translate(_NO_LATIN),
            row.account,
            f"Счёт {row.text}".translate(_NO_LATIN),
        )
        for row in written.rows
    ]
    plain = Written(rows, written.opening)
    check_round_trip(plain, writers.one_c(plain, encoding))


_NO_LATIN = str.maketrans(dict.fromkeys("äßéñ", "ё"))


@UNHURRIED
@given(written=STATEMENTS)
def test_R18_a_table_is_read_as_it_was_written(written: Written) -> None:
    rows = sorted(written.rows, key=lambda row: row.day)
    in_order = Written(rows, written.opening)
    check_round_trip(in_order, writers.table(in_order), MAPPING)


TWO = Written([Row(bank_id="REFERENCE1"), Row(minor=-5_000, text="Coffee", bank_id="REFERENCE2")])
WHOLE: dict[str, Callable[[], bytes]] = {
    "camt": lambda: writers.camt(TWO),
    "mt940": lambda: writers.mt940(TWO),
    "mt940 in an envelope": lambda: b"{1:F01X}{2:I940X}{4:\n" + writers.mt940(TWO, end="-}\n"),
    "1c": lambda: writers.one_c(TWO),
    "1c in DOS": lambda: writers.one_c(TWO, "cp866"),
    **{path.name: path.read_bytes for path in sorted(SAMPLES.iterdir()) if path.suffix in {".xml", ".sta"}},
}


def _facts(statement: Statement) -> list[tuple[object, ...]]:
    return writers.facts(StatementFile(format=Format.CAMT, statements=(statement,)))


def cut(data: bytes, at: int) -> StatementFile | None:
    try:
        return read_statement(data[:at])
    except UnreadableStatement:
        return None


@pytest.mark.parametrize("name", WHOLE)
def test_R18_a_file_cut_off_at_any_byte_is_refused_or_told_never_silently_shorter(name: str) -> None:
    data = WHOLE[name]()
    whole = [_facts(statement) for statement in read_statement(data).statements]
    refused = 0
    for at in range(len(data)):
        file = cut(data, at)
        if file is None:
            refused += 1
            continue
        for statement, full in zip(file.statements, whole, strict=False):
            assert _facts(statement) == full or not statement.is_sound, at
    assert refused > len(data) * 0.3


def test_R18_the_1C_sample_cut_off_anywhere_is_refused() -> None:
    data = (SAMPLES / "1c-one-day-utf8.txt").read_bytes()
    ends = len(data.rstrip())
    for at in (*range(0, ends - 200, 97), *range(ends - 200, ends)):
        assert cut(data, at) is None, at


@pytest.mark.parametrize("name", [*WHOLE, "1c-one-day-utf8.txt"])
def test_R18_damaged_bytes_crash_nothing(name: str) -> None:
    data = WHOLE[name]() if name in WHOLE else (SAMPLES / name).read_bytes()
    dice = random.Random(name)
    for _ in range(400):
        damaged = bytearray(data)
        for _ in range(dice.choice((1, 1, 2, 8))):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        cut(bytes(damaged), len(damaged))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_R18_any_bytes_are_read_or_refused(data: bytes) -> None:
    for head in (b"", b":20:1\n:25:1\n:60F:C240101EUR0,\n", "1CClientBankExchange\nВерсияФормата=1\n".encode()):
        cut(head + data, len(head) + len(data))
        with suppress(UnreadableStatement):
            read_statement(data, MAPPING)
