"""1CClientBankExchange: encodings, directions, several accounts and days (R18)."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.banking.rules import Direction, NoticeKind, StatementFile, UnreadableStatement
from dashboard.banking.service import read_statement
from tests.banking import writers
from tests.banking.writers import ACCOUNT_1C, DAY, Row, Written, one_c_document, one_c_section

OTHER = "40702978200000000002"
HEAD = ["1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", f"РасчСчет={ACCOUNT_1C}"]


def read(*lines: str, head: list[str] = HEAD) -> StatementFile:
    return read_statement("\r\n".join([*head, *lines, "КонецФайла"]).encode("cp1251"))


def changed(before: str, after: str) -> list[str]:
    return [line.replace(before, after) for line in one_c_document(Row(text="Оплата"))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "cp866", "utf-16"])
def test_R18_the_encoding_is_told_by_the_keys_not_by_the_header(encoding: str) -> None:
    file = read_statement(writers.one_c(Written([Row(name="ООО Ромашка")]), encoding))
    (entry,) = file.entries
    assert entry.party.name == "ООО Ромашка"
    assert file.is_sound


def test_R18_the_direction_comes_from_the_dates_not_from_the_accounts() -> None:
    wrong_side = changed(f"ПолучательСчет={ACCOUNT_1C}", f"ПлательщикСчет={ACCOUNT_1C}")
    (entry,) = read(*wrong_side).entries
    assert entry.direction is Direction.CREDIT
    out = [line.replace("ДатаПоступило", "ДатаСписано") for line in one_c_document(Row())]
    (entry,) = read(*out).entries
    assert entry.direction is Direction.DEBIT


def test_R18_a_transfer_between_two_accounts_of_the_file_stands_in_both_statements() -> None:
    second = ACCOUNT_1C[:-1] + "9"
    document = [
        *("СекцияДокумент=Платежное поручение", "Номер=5", "Дата=16.03.2026", "Сумма=10", "ДатаСписано=16.03.2026"),
        *("ДатаПоступило=16.03.2026", f"ПлательщикСчет={ACCOUNT_1C}", f"ПолучательСчет={second}", "КонецДокумента"),
    ]
    file = read(*document, head=[*HEAD, f"РасчСчет={second}"])
    assert [(s.account, [entry.signed for entry in s.entries]) for s in file.statements] == [
        (ACCOUNT_1C, [-1000]),
        (second, [1000]),
    ]


def test_R18_each_account_has_its_statement_in_its_currency() -> None:
    period = ["ДатаНачала=16.03.2026", "ДатаКонца=16.03.2026"]
    sections = [*one_c_section(ACCOUNT_1C, period, 0, 119_900), *one_c_section(OTHER, period, 500, 700)]
    file = read(*sections, *one_c_document(Row()), *one_c_document(Row(200), account=OTHER))
    assert [(s.account, s.currency, s.adds_up) for s in file.statements] == [
        (ACCOUNT_1C, "RUB", True),
        (OTHER, "EUR", True),
    ]
    assert file.is_sound


def test_R18_an_account_may_be_written_in_groups() -> None:
    (statement,) = read(*one_c_document(Row()), head=[*HEAD[:3], "РасчСчет=40702 81020 00000 00001"]).statements
    assert (statement.account, len(statement.entries)) == (ACCOUNT_1C, 1)


def test_R18_sections_of_single_days_make_one_statement() -> None:
    days = [[f"ДатаНачала={day}.03.2026", f"ДатаКонца={day}.03.2026"] for day in (16, 17)]
    second = one_c_section(ACCOUNT_1C, days[1], 119_900, 119_900 * 2)
    first = one_c_section(ACCOUNT_1C, days[0], 0, 119_900)
    documents = [*one_c_document(Row()), *one_c_document(Row(day=date(2026, 3, 17)))]
    (statement,) = read(*second, *first, *documents).statements
    assert (statement.period_from, statement.period_to) == (DAY, date(2026, 3, 17))
    assert statement.adds_up
    broken = one_c_section(ACCOUNT_1C, days[1], 119_800, 119_900 * 2)
    assert {notice.kind for notice in read(*broken, *first, *documents).notices} == {NoticeKind.TOTALS}


def test_R18_totals_that_are_not_those_of_the_entries_are_told() -> None:
    section = one_c_section(ACCOUNT_1C, [], 0, 119_900)
    section.insert(2, "ВсегоПоступило=1200.00")
    file = read(*section, *one_c_document(Row()))
    assert {notice.kind for notice in file.notices} == {NoticeKind.TOTALS}
    assert not file.is_sound


def test_R18_totals_that_are_both_wrong_are_told_once() -> None:
    section = one_c_section(ACCOUNT_1C, [], 0, 119_900)
    section[2:2] = ["ВсегоПоступило=1200.00", "ВсегоСписано=5.00"]
    file = read(*section, *one_c_document(Row()))
    assert [notice.kind for notice in file.notices] == [NoticeKind.TOTALS]


def test_R18_a_purpose_may_go_on_over_lines_and_a_name_carry_the_tax_number() -> None:
    document = changed("НазначениеПлатежа=Оплата", "НазначениеПлатежа=Оплата по счёту\r\nRF7620463182, без НДС")
    document = [line.replace("Плательщик1=", "Плательщик=ИНН 7707083893 ") for line in document]
    (entry,) = read(*document).entries
    assert entry.text == "Оплата по счёту RF7620463182, без НДС"
    assert entry.party.name == "Softline Ltd"
    lines = changed("НазначениеПлатежа=Оплата", "НазначениеПлатежа1=Оплата\r\nНазначениеПлатежа2=по счёту")
    assert [entry.text for entry in read(*lines).entries] == ["Оплата по счёту"]


@pytest.mark.parametrize("purpose", ["НазначениеПлатежа", "НазначениеПлатежа1"])
def test_R18_a_purpose_that_stands_in_several_keys_is_read_whole_and_once(purpose: str) -> None:
    lines = changed(
        "НазначениеПлатежа=Оплата", f"НазначениеПлатежа=Оплата\r\n{purpose}=Оплата по счёту\r\n{purpose}=17"
    )
    assert [entry.text for entry in read(*lines).entries] == ["Оплата по счёту 17"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ДатаПоступило=16.03.2026", "ДатаПоступило=16.03.2026 10:15:00"),
        ("ДатаПоступило=16.03.2026", "ДатаПоступило=2026-03-16"),
        ("ДатаПоступило=16.03.2026", "ДатаПоступило=2026-03-16T00:00:00"),
        ("ДатаПоступило=16.03.2026", "ДатаПоступило=16.03.26"),
        ("ДатаПоступило=16.03.2026", "ДатаПоступило=16.03.2026\r\nДатаСписано=  .  .    "),
        ("ДатаПоступило=16.03.2026", "ДатаПоступило=16.03.2026\r\nДатаСписано=00.00.0000"),
        ("Сумма=1199.00", "Сумма=1 199.00"),
        ("Сумма=1199.00", "Сумма=1\u00a0199,00"),
    ],
)
def test_R18_days_and_sums_are_read_as_programs_write_them(before: str, after: str) -> None:
    (entry,) = read(*changed(before, after)).entries
    assert (entry.signed, entry.booked_on) == (119_900, DAY)


def test_R18_lines_before_the_name_of_the_format_do_no_harm() -> None:
    data = b"\r\n" + writers.one_c(Written(), "cp1251")
    assert [entry.signed for entry in read_statement(data).entries] == [119_900]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Сумма=1199.00", "Сумма=1199.001"),
        ("Сумма=1199.00", "Сумма="),
        ("Сумма=1199.00", "Сумма=-1199.00"),
        ("Сумма=1199.00", "Сумма=11 99.00"),
        ("Сумма=1199.00", "Сумма=1199.00\r\nСумма=1.00"),
        ("ДатаПоступило=16.03.2026", "ДатаПоступило=30.02.2026"),
        ("ДатаПоступило=16.03.2026", "ДатаПоступило="),
        ("ДатаПоступило=16.03.2026", "ДатаПоступило=03/16/2026"),
    ],
)
def test_R18_a_bad_document_is_a_fault_with_its_line_and_never_zero(before: str, after: str) -> None:
    file = read(*one_c_document(Row()), *changed(before, after))
    assert [entry.signed for entry in file.entries] == [119_900]
    assert [fault.place.line for fault in file.faults] == [15]
    assert not file.is_sound


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (one_c_document(Row())[:-1], "not closed"),
        ([*one_c_document(Row())[:-1], *one_c_document(Row())], "not closed"),
        (["просто строка"], "cannot be read here"),
        (["КонецФайла", "СекцияРасчСчет"], "goes on after"),
        (["РасчСчет=40702999200000000002"], "currency"),
        (changed("Сумма=1199.00", "Сумма=99999999999999"), "absurd"),
        (changed("ДатаПоступило=16.03.2026", "ДатаПоступило=16.03.1026"), "absurd"),
    ],
)
def test_R18_a_file_that_is_not_whole_is_refused(lines: list[str], says: str) -> None:
    with pytest.raises(UnreadableStatement) as refusal:
        read(*lines)
    assert says in refusal.value.message
    assert refusal.value.place
