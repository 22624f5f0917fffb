"""Tables (CSV): read by the mapping that a person gave; a mapping is proposed, never used unseen (R18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dashboard.banking.mappings import CsvMapping, NeedsMapping, likely_delimiter, propose_mapping
from dashboard.banking.rules import NoticeKind, StatementFile, UnreadableStatement
from dashboard.banking.service import read_statement
from dashboard.errors import InvalidInput
from tests.banking import writers
from tests.banking.writers import IBAN, MAPPING, Row, Written

PLAIN = CsvMapping(booked_on=0, amount=1, text=(2,), currency="EUR", account=IBAN)


def read(*lines: str, mapping: CsvMapping = PLAIN) -> StatementFile:
    return read_statement("\n".join(["date;amount;text", *lines, ""]).encode(mapping.encoding), mapping)


@pytest.mark.parametrize(
    ("amount", "decimal", "signed"),
    [
        ("1.199,00", ",", 119_900),
        ("-1.199,00", ",", -119_900),
        ("\u22121\u00a0199,00", ",", -119_900),
        ("1 199,5", ",", 119_950),
        ("1,199.00", ".", 119_900),
        ("1'199.00", ".", 119_900),
        ("+1199", ".", 119_900),
        ("1199.00-", ".", -119_900),
        ("1199.00 EUR", ".", 119_900),
        ("EUR 1,199.00", ".", 119_900),
        ("-€1,199.00", ".", -119_900),
        ("1 199,00 €", ",", 119_900),
        ("(1,199.00)", ".", -119_900),
        ("(1.199,00)", ",", -119_900),
    ],
)
def test_R18_sums_are_read_as_written_in_that_country(amount: str, decimal: str, signed: int) -> None:
    (entry,) = read(f"16.03.2026;{amount};x", mapping=replace(PLAIN, decimal=decimal)).entries
    assert entry.signed == signed


@pytest.mark.parametrize(
    "amount", ["$5.00", "", "1.19,00", "1,199.00", "12,345", "abc", "1.1.1", "--5", "1,2,3", "(5,00", "(-5,00)"]
)
def test_R18_a_bad_row_is_a_fault_with_its_line_and_never_zero(amount: str) -> None:
    file = read("16.03.2026;5,00;good", f"16.03.2026;{amount};bad", "17.03.2026", "31.02.2026;5,00;bad")
    assert [entry.signed for entry in file.entries] == [500]
    assert [fault.place.line for fault in file.faults] == [3, 4, 5]
    assert not file.is_sound


def test_R18_debit_and_credit_may_have_columns_of_their_own_or_a_word() -> None:
    two = replace(PLAIN, amount=None, debit=1, credit=2, text=())
    assert [entry.signed for entry in read("16.03.2026;5,00;", "16.03.2026;;7,00", mapping=two).entries] == [-500, 700]
    assert [entry.signed for entry in read("16.03.2026;-5,00;0,00", mapping=two).entries] == [-500]
    assert len(read("16.03.2026;5,00;7,00", "16.03.2026;;", mapping=two).faults) == 2
    word = replace(PLAIN, sign=2)
    assert [entry.signed for entry in read("16.03.2026;5,00;Af", "16.03.2026;7,00;bij", mapping=word).entries] == [
        -500,
        700,
    ]
    assert len(read("16.03.2026;5,00;?", mapping=word).faults) == 1
    words = {"K": 700, "Пополнение": 700, "Gutschrift": 700, "Списание": -700, "Lastschrift": -700, "Debet": -700}
    for written, signed in words.items():
        assert [entry.signed for entry in read(f"16.03.2026;7,00;{written}", mapping=word).entries] == [signed]


def test_R18_a_day_may_have_a_time() -> None:
    file = read("16.03.2026 10:15;5,00;x", "17.03.2026 09:00:01;5,00;x")
    assert [entry.booked_on.day for entry in file.entries] == [16, 17]


def test_R18_totals_below_a_table_are_told_and_no_fault() -> None:
    file = read("16.03.2026;5,00;x", "Итого;5,00;", ";1,00;")
    assert [(notice.kind, notice.place.line) for notice in file.notices] == [
        (NoticeKind.TOTAL_ROWS, 3), (NoticeKind.NO_BALANCES, 2),
    ]  # fmt: skip
    assert file.is_sound
    between = read("16.03.2026;5,00;x", "Итого;5,00;", "16.03.2026;7,00;y")
    assert [fault.place.line for fault in between.faults] == [3]


def test_R18_rows_that_say_they_are_no_entries_are_left_out_and_told() -> None:
    mapping = replace(PLAIN, row_type=2, entry_type="20")
    file = read("01.03.2026;500,00;10", "16.03.2026;5,00;20", "31.03.2026;505,00;86", mapping=mapping)
    assert [entry.signed for entry in file.entries] == [500]
    assert [(notice.kind, notice.place.line) for notice in file.notices] == [
        (NoticeKind.TOTAL_ROWS, 2), (NoticeKind.NO_BALANCES, 2),
    ]  # fmt: skip
    with pytest.raises(UnreadableStatement, match="no row is marked"):
        read("01.03.2026;500,00;10", mapping=mapping)
    unmarked = read("16.03.2026;5,00;20", "17.03.2026;7,00;", mapping=mapping)
    assert ([entry.signed for entry in unmarked.entries], len(unmarked.faults)) == ([500], 1)
    word = read(
        "16.03.2026;5,00;entry", "31.03.2026;5,00;total", mapping=replace(PLAIN, row_type=2, entry_type="Entry")
    )
    assert [entry.signed for entry in word.entries] == [500]


def test_R18_a_month_of_balances_alone_brings_no_money() -> None:
    text, _ = HEADS["Estonian with balances"]
    data = "".join(line for line in text.splitlines(keepends=True) if '"20"' not in line).encode()
    mapping = propose_mapping(data)
    assert mapping is not None
    assert (mapping.row_type, mapping.entry_type) == (1, "20")
    with pytest.raises(UnreadableStatement, match="nothing to book"):
        read_statement(data, mapping)


def test_R18_kinds_of_rows_that_nobody_knows_are_not_proposed() -> None:
    mapping = propose_mapping("Дата;Тип строки;Сумма\n16.03.2026;Документ;5,00\n".encode())
    assert mapping is not None
    assert (mapping.row_type, mapping.entry_type) == (None, "")


def test_R18_balances_beside_the_entries_prove_the_table_in_either_order() -> None:
    rows = [Row(1000, date(2026, 3, 16)), Row(-300, date(2026, 3, 16), text="b"), Row(50, date(2026, 3, 17))]
    lines = writers.table(Written(rows)).decode().splitlines()
    for ordered in (lines, [lines[0], *lines[:0:-1]]):
        (statement,) = read_statement("\n".join(ordered).encode(), MAPPING).statements
        assert statement.adds_up
        assert not statement.notices
    missing = "\n".join([*lines[:2], lines[3]]).encode()
    assert not read_statement(missing, MAPPING).is_sound


def test_R18_without_balances_nothing_proves_a_table_whole_and_that_is_told() -> None:
    assert {notice.kind for notice in read("16.03.2026;5,00;x").notices} == {NoticeKind.NO_BALANCES}


def test_R18_cells_may_hold_line_ends_and_places_are_lines_of_the_file() -> None:
    file = read('16.03.2026;5,00;"one\ntwo"', "16.03.2026;bad;x")
    assert [entry.text for entry in file.entries] == ["one two"]
    assert [fault.place.line for fault in file.faults] == [4]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"date;amount;text\n", "no rows"),
        (b'date;amount;text\n16.03.2026;5,00;"open\n', "quotation"),
        (b"date;amount;text\n16.03.2026;5,00;\xff\n", "characters"),
        (b"date;amount;text\n16.03.2026;99999999999999,00;x\n", "absurd"),
        (b"date;amount;text\n16.03.1826;1,00;x\n", "absurd"),
    ],
)
def test_R18_a_table_that_cannot_be_read_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(UnreadableStatement) as refusal:
        read_statement(data, PLAIN)
    assert says in refusal.value.message


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": None},
        {"debit": 1, "credit": 2},
        {"currency": ""},
        {"delimiter": ";;"},
        {"decimal": "'"},
        {"booked_on": -1},
        {"amount": None, "debit": 1, "credit": 2, "sign": 3},
        {"row_type": 2},
        {"entry_type": "20"},
    ],
)
def test_R18_an_ambiguous_mapping_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        replace(PLAIN, **wrong)


def test_R18_a_table_of_several_accounts_is_refused() -> None:
    with pytest.raises(UnreadableStatement, match="several accounts"):
        read("16.03.2026;5,00;A", "16.03.2026;5,00;B", mapping=replace(PLAIN, account_column=2))


HEADS = {
    "German": (
        (
            "Auftragskonto;Buchungstag;Valutadatum;Verwendungszweck;Beguenstigter/Zahlungspflichtiger;"
            "Kontonummer/IBAN;BIC (SWIFT-Code);Betrag;Waehrung\n"
            "DE02120300000000202051;16.03.26;16.03.26;Rechnung 17;Softline;NL56AGDH9619008421;X;1.199,00;EUR\n"
        ),
        "utf-8",
    ),
    "Dutch": (
        (
            '"Datum";"Naam / Omschrijving";"Rekening";"Tegenrekening";"Code";"Af Bij";"Bedrag (EUR)";"Mededelingen"\n'
            '"20260316";"Softline";"DE02120300000000202051";"NL56AGDH9619008421";"OV";"Bij";"1199,00";"Rechnung 17"\n'
        ),
        "utf-8",
    ),
    "English": (
        (
            "Account,Date,Description,Paid out,Paid in,Balance\n"
            "DE02120300000000202051,2026-03-16,Rechnung 17,,1199.00,2000.00\n"
        ),
        "utf-8",
    ),
    "Russian": (
        (
            "Выписка\nДата операции;Счёт;Контрагент;Сумма;Валюта;Назначение платежа\n"
            "16.03.2026;DE02120300000000202051;ООО Ромашка;1199,00;EUR;Rechnung 17\n"
        ),
        "cp1251",
    ),
    "Estonian": (
        (
            '"Kliendi konto";"Reatüüp";"Kuupäev";"Saaja/Maksja";"Selgitus";"Summa";"Valuuta";"Deebet/Kreedit"\n'
            '"DE02120300000000202051";"20";"16.03.2026";"Softline";"Rechnung 17";"1199,00";"EUR";"K"\n'
        ),
        "utf-8",
    ),
    "Estonian with balances": (
        (
            '"Client account";"Row type";"Date";"Beneficiary/Payer";"Details";"Amount";"Currency";'
            '"Debit/Credit";"Record ID"\n'
            '"DE02120300000000202051";"10";"01.03.2026";"";"Opening balance";"500,00";"EUR";"K";""\n'
            '"DE02120300000000202051";"20";"16.03.2026";"Softline";"Rechnung 17";"1199,00";"EUR";"K";"2026031600"\n'
            '"DE02120300000000202051";"82";"31.03.2026";"";"Turnover";"1199,00";"EUR";"K";""\n'
            '"DE02120300000000202051";"86";"31.03.2026";"";"Closing balance";"1699,00";"EUR";"K";""\n'
        ),
        "utf-8",
    ),
    "Latvian": (
        (
            '"Klienta konts";"Ieraksta tips";"Datums";"Saņēmējs/Maksātājs";"Informācija saņēmējam";"Summa";'
            '"Valūta";"Debets/Kredīts"\n'
            '"DE02120300000000202051";"10";"01.03.2026";"";"Sākuma atlikums";"500,00";"EUR";"K"\n'
            '"DE02120300000000202051";"20";"16.03.2026";"Softline";"Rechnung 17";"1199,00";"EUR";"K"\n'
        ),
        "utf-8",
    ),
    "Russian of DOS": (
        (
            "Дата операции;Счёт;Контрагент;Сумма;Валюта;Назначение платежа\n"
            "16.03.2026;DE02120300000000202051;ООО РОМАШКА;1199,00;EUR;Rechnung 17\n"
        ),
        "cp866",
    ),
    "Swiss": (
        (
            "Datum von:;2026-03-16\n\nBuchungsdatum;Valuta;Buchungstext;Belastung;Gutschrift;Saldo;Konto\n"
            "16.03.2026;16.03.2026;Rechnung 17;;1'199.00;2'000.00;DE02120300000000202051\n"
        ),
        "utf-8",
    ),
    "American": (
        (
            "Account Number,Post Date,Transaction Description,Debit,Credit,Balance\n"
            "DE02120300000000202051,3/16/2026,Rechnung 17,,€1199.00,€2000.00\n"
        ),
        "utf-8",
    ),
    "with totals": (
        (
            "Дата проводки;Счёт;Контрагент;Сумма по дебету;Сумма по кредиту;Валюта;Назначение платежа\n"
            "16.03.2026 10:15:00;DE02120300000000202051;ООО Ромашка;;1\u00a0199,00;EUR;Rechnung 17\n"
            "Итого;;;0,00;1\u00a0199,00;;\n"
        ),
        "cp1251",
    ),
    "with a word": (
        (
            "Дата операции;Номер счёта;Контрагент;Тип операции (пополнение/списание);Сумма;Валюта;Назначение платежа\n"
            "16.03.2026;DE02120300000000202051;ООО Ромашка;Пополнение;1199,00;EUR;Rechnung 17\n"
        ),
        "cp1251",
    ),
}


def test_R18_a_column_of_many_accounts_is_that_of_the_payers() -> None:
    mapping = propose_mapping("Дата;Счёт;Сумма\n16.03.2026;1;5,00\n16.03.2026;2;5,00\n".encode())
    assert mapping is not None
    assert (mapping.account_column, mapping.party_account) == (None, 1)


def test_R18_a_column_of_words_that_nobody_knows_is_not_proposed_for_the_sign() -> None:
    mapping = propose_mapping("Дата;Тип операции;Сумма;Назначение\n16.03.2026;Оплата;5,00;x\n".encode())
    assert mapping is not None
    assert (mapping.sign, mapping.amount, mapping.currency) == (None, 2, "RUB")


@pytest.mark.parametrize("bank", HEADS)
def test_R18_a_mapping_is_proposed_from_the_head_and_reads_the_file(bank: str) -> None:
    text, encoding = HEADS[bank]
    data = text.encode(encoding)
    with pytest.raises(NeedsMapping) as refusal:
        read_statement(data)
    assert refusal.value.proposal is not None
    file = read_statement(data, refusal.value.proposal)
    (entry,) = file.entries
    assert not file.faults
    assert (entry.signed, entry.booked_on, entry.text) == (119_900, date(2026, 3, 16), "Rechnung 17")
    assert file.statements[0].account == IBAN


def test_R18_a_mapping_is_proposed_for_a_table_with_brackets_around_what_went_out() -> None:
    data = b"Date\tDescription\tAmount\n11/26/2026\tRF66 9715 4375\t1,234.56\n11/25/2026\tfee\t(2.00)\n"
    mapping = propose_mapping(data)
    assert mapping is not None
    assert (mapping.delimiter, mapping.decimal, mapping.date_format) == ("\t", ".", "%m/%d/%Y")


def test_R18_the_columns_are_shown_parted_even_where_nothing_can_be_proposed() -> None:
    assert likely_delimiter(b"Posted\tWhat\tMoved\n1 May\trent, power\tmuch\n") == "\t"
    assert likely_delimiter(b"Dear Sir") == ";"


@pytest.mark.parametrize("data", [b"Dear Sir,\nplease find enclosed\n", b"a;b\n1;2\n", b"date;amount\nnever;much\n"])
def test_R18_what_looks_like_no_table_gets_no_proposal(data: bytes) -> None:
    assert propose_mapping(data) is None
