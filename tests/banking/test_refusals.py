"""What is no statement, or is built to do harm, is refused whole, and the reason is told (R18)."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from dashboard.banking import detection, values
from dashboard.banking.rules import UnreadableStatement
from dashboard.banking.service import read_statement
from tests.banking import writers
from tests.banking.writers import MAPPING, Row, Written, camt_document, camt_entry


def zipped(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"0" * 1_000_000)
    return buffer.getvalue()


def refusal_of(data: bytes) -> UnreadableStatement:
    with pytest.raises(UnreadableStatement) as refusal:
        read_statement(data, MAPPING)
    message = refusal.value.message % refusal.value.values
    assert message
    return refusal.value


OTHER_FILES = {
    "PDF": (b"%PDF-1.7\n...", "PDF"),
    "XLSX": (zipped("xl/workbook.xml"), "Excel"),
    "XLS": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "Excel"),
    "ZIP": (zipped("statement.xml"), "compressed"),
    "GZIP": (gzip.compress(writers.camt(Written())), "compressed"),
    "HTML": (b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
    "HTML without a type": (b"<html><form></form></html>", "web page"),
    "PNG": (b"\x89PNG\r\n\x1a\n", "picture"),
    "OFX": (b"OFXHEADER:100\nDATA:OFXSGML\n", "format"),
    "JSON": (b'{"error": "login"}', "format"),
    "MT942": (b":20:1\n:25:1\n:28C:1\n:34F:EUR0,\n:13D:2601010000+0100\n:90D:0EUR0,\n:90C:0EUR0,\n-\n", "format"),
    "a letter": ("Здравствуйте! Выписку пришлём завтра.\n".encode(), "neither"),
    "nothing": (b"", "empty"),
    "blanks": (b" \r\n\t", "empty"),
    "UTF-16 that is none": (b"\xff\xfe\x00\xd8", "not text"),
}


@pytest.mark.parametrize("kind", OTHER_FILES)
def test_R18_a_file_of_another_kind_is_told_what_it_looks_like(kind: str) -> None:
    data, says = OTHER_FILES[kind]
    assert says in refusal_of(data).message


def test_R18_NUL_bytes_are_refused_with_their_line() -> None:
    refusal = refusal_of(b"date;amount\n16.03.2026;1\x00,00\n")
    assert refusal.place
    assert refusal.place.line == 2


DOCTYPES = {
    "billion laughs": b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    "external entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "external DTD": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "parameter entity": b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]>',
}


@pytest.mark.parametrize("kind", DOCTYPES)
def test_R18_XML_with_entities_or_a_DTD_is_refused(kind: str) -> None:
    data = writers.camt(Written()).replace(b"\n<Document", b"\n" + DOCTYPES[kind] + b"<Document", 1)
    assert "document type" in refusal_of(data).message


def test_R18_a_DTD_in_another_encoding_is_refused_as_well() -> None:
    text = writers.camt(Written()).decode().replace('encoding="UTF-8"?>', 'encoding="IBM037"?><!DOCTYPE x>')
    refusal_of(text.encode("cp037"))


@pytest.mark.parametrize(
    "inside",
    [
        "<x>" * 100_000,
        "<Ntry>" + "<a>" * 300 + "</a>" * 300 + "</Ntry>",
        "<Ntry>" + "<a/>" * 2_100_000 + "</Ntry>",
        "<a/>" * 2_100_000,
        "<Ntry><Amt Ccy='EUR'>&undeclared;</Amt></Ntry>",
        f"<Ntry><AddtlNtryInf>{'x' * 11_000_000}</AddtlNtryInf></Ntry>",
        camt_entry(Row()).replace("1199.00", "9" * 30),
        camt_entry(Row()).replace("2026-03-16", "0001-03-16"),
    ],
)
def test_R18_XML_that_is_built_to_do_harm_is_refused_with_its_place(inside: str) -> None:
    data = camt_document(f"<Stmt><Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>{inside}</Stmt>")
    assert refusal_of(data).place


def test_R18_XML_in_another_encoding_than_it_says_is_not_called_cut_off() -> None:
    data = b'<?xml version="1.0" encoding="UTF-8"?>\n<Document>M\xfcller</Document>'
    assert refusal_of(data).message == "Line %(place)s: the characters cannot be read."
    assert "cut off" in refusal_of(writers.camt(Written())[:-40]).message  # whatever was read before


@pytest.mark.parametrize(
    "data",
    [
        writers.camt(Written())[:-40],
        writers.mt940(Written())[:-30],
        writers.one_c(Written())[:-20],
        b"1CClientBankExchange\r\n",
    ],
)
def test_R18_who_has_a_file_that_is_cut_off_is_told_what_to_do(data: bytes) -> None:
    assert "again" in refusal_of(data).message


def test_R18_larger_files_and_more_entries_than_the_limits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    two = Written([Row(), Row(5)])
    for module in ("camt", "mt940", "one_c", "tables"):
        monkeypatch.setattr(f"dashboard.banking.{module}.MAX_ENTRIES", 1)
    for data in (writers.camt(two), writers.mt940(two), writers.one_c(two), writers.table(two)):
        assert "more than" in refusal_of(data).message
    monkeypatch.setattr(detection, "MAX_BYTES", 100)
    assert "larger" in refusal_of(writers.camt(two)).message
    assert values.MAX_ENTRIES < 1_000_000


def test_R18_a_refusal_reads_no_file_and_no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The content is never taken for the name of a file, as the library mt-940 does."""
    path = tmp_path / "statement.sta"
    path.write_bytes(writers.mt940(Written()))
    refusal_of(str(path).encode())
