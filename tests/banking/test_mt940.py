"""MT940: the fields as SWIFT describes them, and the texts as banks write them (R18)."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.banking.rules import Amount, Entry, NoticeKind, Party, StatementFile, Status, UnreadableStatement
from dashboard.banking.service import read_statement

HEAD = [":20:1", ":25:NL34RABO0327101691EUR", ":28C:1/1", ":60F:C240101EUR1000,00"]


def read(*lines: str, end: str = ":62F:C240131EUR1000,00\n-\n", head: list[str] = HEAD) -> StatementFile:
    return read_statement("\n".join([*head, *lines, end]).encode())


def only(*lines: str) -> Entry:
    (entry,) = read(*lines).entries
    return entry


@pytest.mark.parametrize(
    ("line", "signed", "booked_on", "value_on"),
    [
        ("2401020102C10,00NTRFNONREF", 1000, date(2024, 1, 2), date(2024, 1, 2)),
        ("240102C10,NTRFNONREF", 1000, date(2024, 1, 2), date(2024, 1, 2)),
        ("2312310102CR10,5NTRFNONREF", 1050, date(2024, 1, 2), date(2023, 12, 31)),
        ("2401011231D0,01N654NONREF", -1, date(2023, 12, 31), date(2024, 1, 1)),
        ("2402290301DR000000000010,00FMSC", -1000, date(2024, 3, 1), date(2024, 2, 29)),
        ("240102    C10,00S103NONREF//ABC", 1000, date(2024, 1, 2), date(2024, 1, 2)),
    ],
)
def test_R18_an_entry_is_read(line: str, signed: int, booked_on: date, value_on: date) -> None:
    entry = only(f":61:{line}")
    assert (entry.signed, entry.booked_on, entry.value_on) == (signed, booked_on, value_on)


@pytest.mark.parametrize(
    ("mark", "sign", "reversal", "status"),
    [
        ("C", 1, False, Status.BOOKED),
        ("D", -1, False, Status.BOOKED),
        ("RC", -1, True, Status.BOOKED),
        ("RD", 1, True, Status.BOOKED),
        ("RDR", 1, True, Status.BOOKED),
        ("EC", 1, False, Status.PENDING),
    ],
)
def test_R18_the_mark_tells_direction_and_reversal(mark: str, sign: int, reversal: bool, status: Status) -> None:
    entry = only(f":61:240102{mark}10,00NTRFNONREF")
    assert (entry.signed, entry.is_reversal, entry.status) == (1000 * sign, reversal, status)


DIALECTS = {
    "Germany": (
        (
            "166?00GUTSCHRIFT?109310?20EREF+RE-17?21SVWZ+RF76 2046 3182 order p?22aid"
            "?30COBADEFF?31DE75512108001245126199?32MUSTER GMBH UND COMPANY KOE?33LN"
        ),
        Party("MUSTER GMBH UND COMPANY KOELN", "DE75512108001245126199", "COBADEFF"),
        ("RE-17", "RF76 2046 3182 order paid"),
    ),
    "Germany, a question mark in the text": (
        "166?00X?20Was kostet das?99 Euro?32A",
        Party("A"),
        ("", "Was kostet das?99 Euro"),
    ),
    "ABN AMRO": (
        "/TRTP/SEPA OVERBOEKING/IBAN/FR7612345678901234/BIC/GEFRADAM/NAME/QASD JGRED/REMI/Dit/dat/EREF/NOTPROVIDED",
        Party("QASD JGRED", "FR7612345678901234", "GEFRADAM"),
        ("", "Dit/dat"),
    ),
    "ABN AMRO, older": (
        (
            "SEPA Overboeking                 IBAN: NL44RABO0123456789        BIC: RABONL2U                    "
            "Naam: R Jansma                  Omschrijving: Factuur 12        Kenmerk: K-9"
        ),
        Party("R Jansma", "NL44RABO0123456789", "RABONL2U"),
        ("K-9", "Factuur 12"),
    ),
    "Rabobank": (
        "/EREF/123/ORDP//NAME/Stichting Gratis Geld/ADDR/TOERNOOIVELD 100/REMI/Gratis geld/ISDT/2015-01-08",
        Party("Stichting Gratis Geld"),
        ("123", "Gratis geld"),
    ),
    "ING": (
        "/CNTP/NL32INGB0000012345/INGBNL2A/ING BANK NV/AMSTERDAM//REMI/USTD//EV10001REP/EREF/EV-1/",
        Party("ING BANK NV", "NL32INGB0000012345", "INGBNL2A"),
        ("EV-1", "EV10001REP"),
    ),
    "Bulgaria": (
        "020+14+20FAKTURA 17      +21                         +30        /      +31NL16RABO9082037890+32MIG OOD",
        Party("MIG OOD", "NL16RABO9082037890", "/"),
        ("", "FAKTURA 17"),
    ),
    "a plus in plain text": ("123 +45 and 17+4", Party(), ("", "123 +45 and 17+4")),
    "a code in front of plain text": ("123?45 what?", Party(), ("", "?45 what?")),
    "plain words": ("EREF+RE-17 SVWZ+Invoice 17", Party(), ("RE-17", "Invoice 17")),
    "plain text": ("Invoice 17 from A: thanks", Party(), ("", "Invoice 17 from A: thanks")),
}


@pytest.mark.parametrize("bank", DIALECTS)
def test_R18_the_text_is_read_as_the_bank_writes_it(bank: str) -> None:
    text, party, (end_to_end_id, purpose) = DIALECTS[bank]
    lines = [f":86:{text}"[start : start + 65] for start in range(0, len(text) + 4, 65)]
    entry = only(":61:240102C10,00NTRFNONREF", *lines)
    assert (entry.party, entry.end_to_end_id, entry.text) == (party, end_to_end_id, purpose)


def test_R18_structured_references_returns_and_foreign_money_are_told() -> None:
    entry = only(
        ":61:240102C10,00NTRFEREF//24010200000001",
        "/OCMT/USD12,50/CHGS/EUR1,/",
        ":86:/RTRN/AC04/CNTP/NL32INGB0000012345/INGBNL2A/A///REMI/STRD/CUR/RF76 2046 3182/",
    )
    assert (entry.references, entry.is_return) == (("RF7620463182",), True)
    assert (entry.original, entry.charges) == (Amount(1250, "USD"), Amount(100, "EUR"))
    assert (entry.bank_reference, entry.end_to_end_id) == ("24010200000001", "")
    assert only(":61:240102C10,00NRTINONREF").is_return
    assert only(":61:240102C1,00NTRFNONREF", ":86:159?00RETOURE?20X").is_return


def test_R18_the_other_account_may_stand_on_the_second_line() -> None:
    assert only(":61:240102C10,00N541EREF", "NL12ABNA9876543210", ":86:x").party.account == "NL12ABNA9876543210"


def test_R18_numbered_lines_of_a_bank_of_its_own_are_read() -> None:
    entry = only(":61:240102C10,00NTRFNONREF", ":NS:01Invoice", "02number 17", "15Muster GmbH", "1812345")
    assert (entry.text, entry.party.name) == ("Invoice number 17", "Muster GmbH")


def test_R18_the_account_is_told_without_currency_and_bank() -> None:
    accounts = {
        "NL34RABO0327101691EUR": ("", "NL34RABO0327101691"),
        "NL24RABO0169207587 EUR": ("", "NL24RABO0169207587"),
        "10020030/1234567": ("10020030", "1234567"),
        "BPHKPLPK/320000546101": ("BPHKPLPK", "320000546101"),
        "0001234567EUR": ("", "0001234567"),
    }
    for written, told in accounts.items():
        (statement,) = read(head=[HEAD[0], f":25:{written}", *HEAD[2:]]).statements
        assert (statement.bank, statement.account) == told


def test_R18_the_bank_may_stand_below_the_account() -> None:
    (statement,) = read(head=[HEAD[0], ":25P:0001234567", "ABNANL2A", *HEAD[2:]]).statements
    assert (statement.bank, statement.account) == ("ABNANL2A", "0001234567")


@pytest.mark.parametrize(
    "line",
    [
        "240102C1000NTRFNONREF",
        "240102C10.00NTRFNONREF",
        "240102C10,005NTRFNONREF",
        "240230C10,00NTRFNONREF",
        "2401021301C10,00NTRFNONREF",
        "240102X10,00NTRFNONREF",
        "240102C-10,00NTRFNONREF",
        "",
    ],
)
def test_R18_a_bad_entry_is_a_fault_with_its_line_and_never_zero(line: str) -> None:
    file = read(":61:240102C5,00NTRFNONREF", ":86:good", f":61:{line}", ":86:bad")
    assert [entry.signed for entry in file.entries] == [500]
    assert [fault.place.line for fault in file.faults] == [7]
    assert not file.is_sound


@pytest.mark.parametrize("line", [":6I:240102C10,00NTRF", " :61:240102C10,00NTRF", ":99:x", ":62:C240102EUR1,00"])
def test_R18_a_line_that_looks_like_a_field_is_never_taken_for_text(line: str) -> None:
    file = read(":61:240102C5,00NTRFNONREF", ":86:good", line)
    assert [fault.place.line for fault in file.faults] == [7]
    assert not file.is_sound


def test_R18_envelopes_headers_and_summaries_stand_outside() -> None:
    message = "\n".join(
        [*HEAD, ":61:240102C10,00NTRFNONREF", ":86:x", ":62F:C240131EUR1010,00", ":64:C240131EUR1010,00"]
    )
    summary = ":86:/SUM/0/1/0,00/10,00/"
    enveloped = f"{{1:F01INGBNL2ABXXX0000000000}}{{2:I940INGBNL2AXXXN}}{{4:\n{message}\n{summary}\n-}}{{5:}}\n"
    headed = f"ABNANL2A\n940\nABNANL2A\n{message}\n{summary}\n-\n"
    bare = f"{message}\n"
    for text in (enveloped * 2, headed * 2, bare * 2, headed.replace("\n", "\r\n") + headed):
        file = read_statement(text.encode())
        assert [entry.text for entry in file.entries] == ["x", "x"]
        assert all(statement.adds_up for statement in file.statements)


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("utf-8", "Grüße"),
        ("utf-8-sig", "Оплата"),
        ("latin-1", "Grüße"),
        ("cp1252", "Müller – €"),
        ("cp1251", "Оплата"),
        ("cp866", "Оплата"),
    ],
)
def test_R18_encodings_of_banks_are_read(encoding: str, word: str) -> None:
    text = "\n".join([*HEAD, ":61:240102C10,00NTRFNONREF", f":86:{word}", ":62F:C240131EUR1010,00", "-", ""])
    (entry,) = read_statement(text.encode(encoding)).entries
    assert entry.text == word


@pytest.mark.parametrize("end", ["@@", "\r", "\r\n"])
def test_R18_fields_are_found_however_lines_end(end: str) -> None:
    lines = [*HEAD, ":61:240102C10,00NTRFNONREF", ":86:Rechnung", ":62F:C240131EUR1010,00", "-"]
    (statement,) = read_statement(end.join(lines).encode()).statements
    assert ([entry.text for entry in statement.entries], statement.adds_up) == (["Rechnung"], True)


def test_R18_a_statement_that_begins_mid_day_says_so_unless_the_file_holds_what_was_before() -> None:
    first = "\n".join([*HEAD, ":61:240102C10,00NTRFNONREF", ":62M:C240102EUR1010,00", "-"])
    second = "\n".join(
        [*HEAD[:3], ":60M:C240102EUR1010,00", ":61:240102C5,00NTRFNONREF", ":62F:C240102EUR1015,00", "-"]
    )
    assert {notice.kind for notice in read_statement(second.encode()).notices} == {NoticeKind.MID_DAY}
    assert not read_statement(f"{first}\n{second}".encode()).notices


@pytest.mark.parametrize(
    ("lines", "place", "says"),
    [
        ([*HEAD, ":61:240102C10,00NTRF"], 5, "cut off"),
        ([*HEAD, ":61:240102C10,00NTRF", "", *HEAD, ":62F:C240131EUR0,00"], 7, "cut off"),
        ([*HEAD, ":62F:C240131EUR84437"], 5, "cannot be read"),
        ([*HEAD, HEAD[3], ":62F:C240131EUR1,00"], 5, "twice"),
        ([HEAD[0], *HEAD[2:], ":62F:C240131EUR1,00"], 1, "lacks the field"),
        ([*HEAD[:3], ":62F:C240131EUR1,00"], 1, "lacks the field"),
        ([":61:240102C10,00NTRF", *HEAD], 1, "before the statement"),
        ([*HEAD, ":61:240102C12345678901234,00NTRF", ":62F:C240131EUR1,00"], 5, "absurd"),
        (["{1:F01X}{2:I940X}{4:", *HEAD, ":62F:C240131EUR1000,00"], 6, "cut off"),
    ],
)
def test_R18_a_statement_that_is_not_whole_is_refused_with_its_place(lines: list[str], place: int, says: str) -> None:
    with pytest.raises(UnreadableStatement) as refusal:
        read_statement("\n".join(lines).encode())
    assert says in refusal.value.message
    assert refusal.value.place
    assert refusal.value.place.line == place
