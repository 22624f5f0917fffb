"""What a file is, by its content alone: names and headers lie. What is no statement is told what it looks like."""

from __future__ import annotations

import codecs
import re

from dashboard.banking.rules import Format, Place, UnreadableStatement
from dashboard.errors import N_

#: Largest file, in bytes: some 100,000 entries of a talkative bank.
MAX_BYTES = 128 * 1024 * 1024

#: How much of a file is looked at to tell what it is, in bytes.
_HEAD = 4096

#: Other kinds of files, by their first bytes.
_SIGNATURES: dict[bytes, str] = {
    b"%PDF": N_("This is a PDF document, not a statement file. Download the statement as camt.053, MT940 or CSV."),
    b"\xd0\xcf\x11\xe0": N_("This is an Excel or Word document. Save the table as CSV, or ask the bank for camt.053."),
    b"\x1f\x8b": N_("This file is compressed. Unpack it first."),
    b"Rar!": N_("This file is compressed. Unpack it first."),
    b"7z\xbc\xaf": N_("This file is compressed. Unpack it first."),
    b"BZh": N_("This file is compressed. Unpack it first."),
    b"\x89PNG": N_("This is a picture, not a statement file."),
    b"\xff\xd8\xff": N_("This is a picture, not a statement file."),
    b"GIF8": N_("This is a picture, not a statement file."),
    b"{\\rtf": N_("This is a text document, not a statement file."),
}
_EXCEL = N_("This is an Excel workbook. Save the table as CSV, or ask the bank for camt.053.")
_ZIP = N_("This file is compressed. Unpack it first.")
_HTML = N_("This is a web page, not a statement file: perhaps the bank's sign-in page was saved instead.")
_OTHER = {
    "OFX": re.compile(rb"\s*(OFXHEADER|(<\?[^>]*\?>\s*)*<OFX>)"),
    "QIF": re.compile(rb"\s*!(Type|Account|Option):"),
    "JSON": re.compile(rb"\s*(\{\s*\"|\[\s*[\[{\"])"),
    "MT942": re.compile(rb"\{2:[IO]942|[\s\S]*?^:34F:[\s\S]*^:90[CD]:", re.MULTILINE),
}

_HTML_START = re.compile(rb"\s*(<!--[\s\S]*?-->\s*)*<(!doctype\s+html|html|head|body|script|meta)\b", re.IGNORECASE)
_XML_START = re.compile(rb"\s*<[?!\w]")
_MT940 = re.compile(rb"^:20:|^:25P?:|^:60[FM]:|^:61:\d{6}|^\{1:F01|\{2:[IO]940", re.MULTILINE)
_COLUMNS = re.compile(rb"[,;\t|]")
_ONE_C = re.compile(rb"\s*1CClientBankExchange\b")

#: Two plain characters of two bytes each.
_WIDE = {"utf-16-le": re.compile(rb"(?:[\t-~]\0){2}"), "utf-16-be": re.compile(rb"(?:\0[\t-~]){2}")}


def plain_bytes(data: bytes) -> bytes:
    """The file as it can be read: not too large, without NUL bytes, UTF-16 turned into UTF-8.

    Raises:
        UnreadableStatement: if it is empty, too large or not text.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableStatement(N_("The file is larger than %(max)s MB."), max=MAX_BYTES // 1024 // 1024)
    if not re.search(rb"\S", data):
        raise UnreadableStatement(N_("The file is empty."))
    refuse_other_files(data)
    if wide := _wide_encoding(data):
        try:
            data = data.decode(wide).encode("utf-8")
        except UnicodeError as error:
            raise UnreadableStatement(N_("The file is not text: it cannot be read.")) from error
    if (position := data.find(b"\0")) >= 0:
        place = Place(data.count(b"\n", 0, position) + 1)
        raise UnreadableStatement(N_("Line %(place)s: the file holds bytes that are not text."), place)
    return data.removeprefix(codecs.BOM_UTF8)


def _wide_encoding(data: bytes) -> str:
    """The encoding of two bytes a character that the file begins with; empty for any other."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return next((encoding for encoding, pattern in _WIDE.items() if pattern.match(data)), "")


def refuse_other_files(data: bytes) -> None:
    """Say of a file of another kind what it looks like."""
    head = data[:_HEAD].removeprefix(codecs.BOM_UTF8)
    if head.startswith(b"PK"):
        raise UnreadableStatement(_EXCEL if b"xl/" in data[:100_000] or b"[Content_Types]" in head else _ZIP)
    for signature, message in _SIGNATURES.items():
        if head.startswith(signature):
            raise UnreadableStatement(message)
    if _HTML_START.match(head):
        raise UnreadableStatement(_HTML)
    for name, pattern in _OTHER.items():
        if pattern.match(head):
            message = N_("This is a file of the format %(format)s. What can be read: camt.053, MT940, 1C and CSV.")
            raise UnreadableStatement(message, format=name)


def format_of(data: bytes) -> Format:
    """The format of a file; whatever is none of the others is a table.

    Raises:
        UnreadableStatement: if it has no columns either.
    """
    if _ONE_C.match(data):
        return Format.ONE_C
    if _XML_START.match(data):
        return Format.CAMT
    if _MT940.search(data[:_HEAD]):
        return Format.MT940
    if not _COLUMNS.search(data):
        raise UnreadableStatement(N_("This is neither a bank statement nor a table: no line of it has columns."))
    return Format.CSV


def decoded(data: bytes, *encodings: str) -> str:
    """The text of a file in the first of the encodings in which it can be read, with plain line ends.

    Raises:
        UnreadableStatement: naming the line that cannot be read in any of them.
    """
    farthest = 0
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            farthest = max(farthest, error.start)
        except LookupError as error:
            message = N_("The encoding %(encoding)s is not known.")
            raise UnreadableStatement(message, encoding=encoding) from error
        else:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    place = Place(data.count(b"\n", 0, farthest) + 1)
    raise UnreadableStatement(N_("Line %(place)s: the characters cannot be read."), place)
