"""camt.053: versions, batches, returns, foreign money, and what is no camt.053 (R18)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dashboard.banking.rules import Amount, Balance, Direction, Entry, NoticeKind, Status, UnreadableStatement
from dashboard.banking.service import read_statement
from tests.banking import writers
from tests.banking.writers import DAY, Row, Written, camt_balance, camt_details, camt_document, camt_entry


def only(entry: str, version: int = 8) -> Entry:
    (found,) = read_statement(writers.camt(Written([]), version, more=entry)).entries
    return found


@pytest.mark.parametrize("version", [2, 4, 8])
def test_R18_a_batch_has_parts_that_sum_up(version: int) -> None:
    rows = [Row(10_000, name="First Ltd", text="RF7620463182"), Row(5_000, name="Second Ltd", text="17")]
    one, two = (
        camt_details(row, version, f'<AmtDtls><TxAmt><Amt Ccy="EUR">{row.amount}</Amt></TxAmt></AmtDtls>')
        if version == 2
        else camt_details(row, version, f'<Amt Ccy="EUR">{row.amount}</Amt>')
        for row in rows
    )
    details = f"<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>{one}{two}</NtryDtls>"
    entry = only(camt_entry(Row(15_000), version, details), version)
    assert [(part.signed, part.party.name, part.text) for part in entry.parts] == [
        (10_000, "First Ltd", "RF7620463182"),
        (5_000, "Second Ltd", "17"),
    ]
    assert len({entry.identity, *(part.identity for part in entry.parts)}) == 3
    assert str(entry.parts[1].place).endswith("Stmt[1]/Ntry[1]/TxDtls[2]")


@pytest.mark.parametrize(
    "details",
    [
        '<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch><TxDtls><Amt Ccy="EUR">100.00</Amt></TxDtls></NtryDtls>',
        "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch></NtryDtls>",
        '<NtryDtls><TxDtls><Amt Ccy="EUR">100</Amt></TxDtls><TxDtls><Amt Ccy="EUR">49.99</Amt></TxDtls></NtryDtls>',
        '<NtryDtls><TxDtls><Amt Ccy="EUR">100</Amt></TxDtls><TxDtls><Amt Ccy="USD">50</Amt></TxDtls></NtryDtls>',
        '<NtryDtls><TxDtls><Amt Ccy="EUR">100</Amt></TxDtls><TxDtls><Amt Ccy="EUR">fifty</Amt></TxDtls></NtryDtls>',
    ],
)
def test_R18_a_batch_whose_parts_do_not_sum_up_is_kept_whole_and_told(details: str) -> None:
    file = read_statement(writers.camt(Written([]), more=camt_entry(Row(15_000), details=details)))
    (entry,) = file.entries
    assert (entry.signed, entry.parts) == (15_000, ())
    assert NoticeKind.BATCH in {notice.kind for notice in file.notices}


def test_R18_foreign_money_charges_and_references_are_told() -> None:
    details = """<NtryDtls><TxDtls><Refs><EndToEndId>E2E-1</EndToEndId></Refs><Amt Ccy="EUR">90.00</Amt>
        <AmtDtls><InstdAmt><Amt Ccy="USD">100.00</Amt></InstdAmt></AmtDtls>
        <Chrgs><Rcrd><Amt Ccy="EUR">1.50</Amt></Rcrd><Rcrd><Amt Ccy="EUR">2.50</Amt></Rcrd></Chrgs>
        <RltdPties><Dbtr><Pty><Nm>A</Nm><Id><OrgId><Othr><Id>7707083893</Id><SchmeNm><Cd>TXID</Cd></SchmeNm></Othr>
        </OrgId></Id></Pty></Dbtr></RltdPties>
        <RltdAgts><DbtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></DbtrAgt></RltdAgts>
        <RmtInf><Ustrd>one</Ustrd><Ustrd>two</Ustrd>
        <Strd><CdtrRefInf><Ref>RF76 2046 3182</Ref></CdtrRefInf></Strd></RmtInf>
        </TxDtls></NtryDtls>"""
    entry = only(camt_entry(Row(9_000), details=details))
    assert (entry.original, entry.charges) == (Amount(10_000, "USD"), Amount(400, "EUR"))
    assert (entry.references, entry.text, entry.end_to_end_id) == (("RF7620463182",), "one two", "E2E-1")
    assert (entry.party.bank, entry.party.tax_number) == ("COBADEFF", "7707083893")


def test_R18_reversals_and_returns_are_marked_and_keep_their_direction() -> None:
    back = camt_entry(Row(-5_000), before="<RvslInd>true</RvslInd>")
    returned = camt_entry(Row(5_000), details="<NtryDtls><TxDtls><RtrInf/></TxDtls></NtryDtls>")
    file = read_statement(writers.camt(Written([]), more=back + returned))
    reversal, return_ = file.entries
    assert (reversal.direction, reversal.is_reversal, reversal.is_return) == (Direction.DEBIT, True, False)
    assert (return_.direction, return_.is_reversal, return_.is_return) == (Direction.CREDIT, False, True)


@pytest.mark.parametrize(
    ("code", "status"), [("PDNG", Status.PENDING), ("INFO", Status.INFO), ("FUTR", Status.PENDING)]
)
@pytest.mark.parametrize("form", ["<Sts>{}</Sts>", "<Sts><Cd>{}</Cd></Sts>"])
def test_R18_what_is_not_booked_does_not_count(code: str, status: Status, form: str) -> None:
    entry = camt_entry(Row()).replace("<Sts><Cd>BOOK</Cd></Sts>", form.format(code))
    file = read_statement(writers.camt(Written([]), more=entry))
    (statement,) = file.statements
    assert [entry.status for entry in statement.entries] == [status]
    assert statement.adds_up
    assert {notice.kind for notice in file.notices} == {NoticeKind.NOTHING_BOOKED}


def test_R18_an_instant_is_the_day_that_the_bank_wrote_and_a_missing_booking_date_the_value_date() -> None:
    written = camt_entry(Row()).replace(f"<Dt>{DAY}</Dt>", f"<DtTm>{DAY}T23:59:00+03:00</DtTm>")
    assert (only(written).booked_on, only(written).value_on) == (DAY, DAY)
    unbooked = only(camt_entry(Row()).replace(f"<BookgDt><Dt>{DAY}</Dt></BookgDt>", ""))
    assert (unbooked.booked_on, unbooked.has_booking_date) == (DAY, False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1199.00", "1199.001"),
        ("1199.00", ""),
        ("1199.00", "-1199.00"),
        ("1199.00", "1,199.00"),
        ("1199.00", "1e3"),
        ("1199.00", "NaN"),
        ('Ccy="EUR"', 'Ccy="€"'),
        ("CRDT", "CREDIT"),
        ("BOOK", "XXXX"),
        (str(DAY), "2026-02-30"),
        (str(DAY), "16.03.2026"),
    ],
)
def test_R18_a_bad_row_is_a_fault_with_its_place_and_never_zero(before: str, after: str) -> None:
    bad = camt_entry(Row()).replace(before, after)
    file = read_statement(writers.camt(Written([Row()]), more=bad))
    assert [entry.signed for entry in file.entries] == [119_900]
    (fault,) = file.faults
    assert str(fault.place) == "6, Stmt[1]/Ntry[2]"
    assert str(fault).startswith("Line 6, Stmt[1]/Ntry[2]: ")
    assert not file.is_sound


def test_R18_several_statements_and_accounts_stand_in_one_file() -> None:
    account = "<Acct><Id><Othr><Id>4711</Id></Othr></Id></Acct>"
    one = f"<Stmt><Id>1</Id><ElctrncSeqNb>7</ElctrncSeqNb>{account}{camt_entry(Row())}</Stmt>"
    two = f"<Stmt><Id>2</Id>{account.replace('4711', '4712')}{camt_entry(Row())}</Stmt>"
    file = read_statement(camt_document(one + two))
    assert [(s.account, s.currency, s.statement_id, s.sequence) for s in file.statements] == [
        ("4711", "EUR", "1", "7"),
        ("4712", "EUR", "2", ""),
    ]
    assert {notice.kind for notice in file.notices} == {NoticeKind.NO_BALANCES}
    assert len({entry.identity for entry in file.entries}) == 2


def test_R18_a_period_and_totals_that_do_not_fit_are_told() -> None:
    period = "<FrToDt><FrDtTm>2026-03-01T00:00:00</FrDtTm><ToDtTm>2026-03-15T00:00:00</ToDtTm></FrToDt>"
    totals = "<TxsSummry><TtlCdtNtries><Sum>1</Sum></TtlCdtNtries></TxsSummry>"
    file = read_statement(writers.camt(Written(), more=period + totals))
    assert {notice.kind for notice in file.notices} == {NoticeKind.PERIOD, NoticeKind.TOTALS}


def test_R18_fewer_entries_than_the_bank_counted_are_a_cut_off_file() -> None:
    totals = "<TxsSummry><TtlNtries><NbOfNtries>{}</NbOfNtries></TtlNtries></TxsSummry>"
    with pytest.raises(UnreadableStatement, match="cut off"):
        read_statement(writers.camt(Written(), more=totals.format(2)))
    assert read_statement(writers.camt(Written(), more=totals.format(1))).is_sound


@pytest.mark.parametrize(
    ("kind", "message", "says"),
    [
        ("052", "BkToCstmrAcctRpt", "camt.052"),
        ("054", "BkToCstmrDbtCdtNtfctn", "camt.054"),
        ("055", "Other", "no bank"),
    ],
)
def test_R18_other_messages_are_refused_with_a_clear_word(kind: str, message: str, says: str) -> None:
    with pytest.raises(UnreadableStatement) as refusal:
        read_statement(camt_document("<Stmt/>", message=message, kind=kind))
    assert says in refusal.value.message


def test_R18_sums_have_the_digits_of_their_currency() -> None:
    account = "<Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>"
    entries = [
        camt_entry(Row()).replace('"EUR">1199.00', text) for text in ('"JPY">1199', '"KWD">1.5', '"EUR">7.50000')
    ]
    file = read_statement(camt_document(f"<Stmt>{account}{''.join(entries)}</Stmt>"))
    assert [str(entry.amount) for entry in file.entries] == ["1199 JPY", "1.500 KWD", "7.50 EUR"]
    assert NoticeKind.CURRENCIES in {notice.kind for notice in file.notices}


def test_R16_the_value_date_counts_else_the_booking_date() -> None:
    entry = camt_entry(Row()).replace(f"<ValDt><Dt>{DAY}</Dt></ValDt>", "<ValDt><Dt>2026-03-14</Dt></ValDt>")
    assert only(entry).received_on == date(2026, 3, 14)


def test_R18_every_message_of_an_envelope_is_read() -> None:
    one = camt_document(writers.camt_statement(Written()))
    two = camt_document(writers.camt_statement(Written([Row(500)]), statement="2"))
    body = b"".join(data.partition(b"\n")[2] for data in (one, two))
    file = read_statement(b'<?xml version="1.0"?>\n<Envelope>' + body + b"</Envelope>")
    assert [entry.signed for entry in file.entries] == [119_900, 500]
    assert file.is_sound


def test_R18_balances_of_each_day_make_those_of_the_statement() -> None:
    days = camt_balance("OPBD", 219_900, DAY + timedelta(1)) + camt_balance("CLBD", 220_400, DAY + timedelta(1))
    (statement,) = read_statement(
        writers.camt(Written(), more=days + camt_entry(Row(500, DAY + timedelta(1))))
    ).statements
    assert (statement.opening, statement.closing) == (
        Balance(Amount(100_000, "EUR"), DAY), Balance(Amount(220_400, "EUR"), DAY + timedelta(1)),
    )  # fmt: skip
    assert statement.is_sound


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-16", "utf-16"),
        ("utf-16", "utf-16-be"),
        ("UTF-16LE", "utf-16-le"),
        ("utf-16", "utf-8"),
        ("ISO-8859-1", "latin-1"),
        ("windows-1252", "cp1252"),
    ],
)
def test_R18_the_encoding_is_that_of_the_bytes(declared: str, encoding: str) -> None:
    text = writers.camt(Written([Row(name="Müller")])).decode().replace("UTF-8", declared)
    (entry,) = read_statement(text.encode(encoding)).entries
    assert entry.party.name == "Müller"


def test_R18_lines_before_the_declaration_do_no_harm() -> None:
    file = read_statement(b"\r\n\r\n" + writers.camt(Written(), more="<Ntry/>"))
    assert [entry.signed for entry in file.entries] == [119_900]
    assert [fault.place.line for fault in file.faults] == [8]
