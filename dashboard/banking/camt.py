"""camt.053 (ISO 20022, versions 2 to 13): the bank's statement as XML, read entry by entry in bounded memory.

Neither entities nor DTDs nor the network: a file with a document type is refused before it is parsed. What stands
between the entries is thrown away as it comes, so that a file cannot grow in memory beyond its entries.
"""

from __future__ import annotations

import re

from lxml import etree

from dashboard.banking.camt_entries import EntryReader
from dashboard.banking.camt_statement import StatementBuilder
from dashboard.banking.camt_xml import Element, Node, line_of, local_name
from dashboard.banking.rules import Place, Statement, UnreadableStatement
from dashboard.banking.values import MAX_ENTRIES, clipped, faults_of_row, refusing, too_many
from dashboard.errors import N_

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(\d\d)")
_VERSIONS = range(2, 14)

#: What some programs put before the declaration, and a claim of two bytes a character: the bytes have one by now.
_DECLARATION = re.compile(rb"(\s*)(<\?xml\b[^>]*\?>)")
_WIDE_CLAIM = re.compile(rb"(?<=[\"'])(?:utf-?16|ucs-?2|iso-10646-ucs-2)\w*(?=[\"'])", re.IGNORECASE)

#: What the parser calls characters that are not of the declared encoding, or an encoding that it does not know.
_UNREADABLE = {etree.ErrorTypes.ERR_INVALID_ENCODING, etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING}

_STATEMENT = "BkToCstmrStmt"
_OTHERS = {
    "BkToCstmrAcctRpt": N_("This is a camt.052 report of the running day. Download the statement (camt.053) instead."),
    "BkToCstmrDbtCdtNtfctn": N_(
        "This is a camt.054 notification of single payments. Download the statement (camt.053) instead."
    ),
}

#: Bytes that are parsed at once, and tags that may come before the next entry is complete: a batch of some 20,000.
_CHUNK = 64 * 1024
_MAX_TAGS = 2_000_000
_MAX_STATEMENTS = 10_000


def read(data: bytes) -> list[Statement]:
    """The statements of a camt.053 file.

    Raises:
        UnreadableStatement: if it is another message, cut off, broken, or built to do harm.
    """
    for forbidden in (b"<!DOCTYPE", b"<!ENTITY"):
        if (position := data.find(forbidden)) >= 0:
            raise _with_document_type(data.count(b"\n", 0, position) + 1)
    return _Reading().run(_with_plain_declaration(data))


def _with_plain_declaration(data: bytes) -> bytes:
    """The file with its declaration, if any, at the very beginning; each line stays where it is."""
    match = _DECLARATION.match(data)
    return _WIDE_CLAIM.sub(b"UTF-8", match[2]) + match[1] + data[match.end() :] if match else data


class _Reading:
    """One pass over the file."""

    def __init__(self) -> None:
        tags = [f"{{*}}{name}" for name in (_STATEMENT, *_OTHERS, "Stmt", "Ntry", *StatementBuilder.HEADER)]
        self._parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=tags,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        self._is_message = False
        self._entries: EntryReader | None = None
        self._open: StatementBuilder | None = None
        self._done: list[Statement] = []
        self._count = 0
        self._tags = 0

    def run(self, data: bytes) -> list[Statement]:
        try:
            for start in range(0, len(data), _CHUNK):
                chunk = data[start : start + _CHUNK]
                self._tags += chunk.count(b"<")
                self._parser.feed(chunk)
                self._take_events()
                if self._tags > _MAX_TAGS:
                    line = data.count(b"\n", 0, start) + 1
                    raise UnreadableStatement(N_("Line %(place)s: an entry of this size is absurd."), Place(line))
            root = self._parser.close()
            self._take_events()
        except etree.XMLSyntaxError as error:
            message = N_("Line %(place)s: the XML is cut off or broken. Download the file again.")
            if any(found.type in _UNREADABLE for found in self._parser.feed_error_log):
                message = N_("Line %(place)s: the characters cannot be read.")
            raise UnreadableStatement(message, Place(error.lineno or 1)) from error
        if not self._is_message:
            message = N_("This XML file is no bank statement (its root is %(root)s).")
            raise UnreadableStatement(message, root=clipped(etree.QName(root).localname))
        if not self._done:
            raise UnreadableStatement(N_("The file holds no statement."))
        return self._done

    def _take_events(self) -> None:
        for event, element in self._parser.read_events():
            if not isinstance(element, etree._Element):
                continue
            name = local_name(element.tag)
            if event == "start":
                self._begin(name, element)
            else:
                self._end(name, element)

    def _begin(self, name: str, element: Element) -> None:
        if name in _OTHERS:
            raise UnreadableStatement(_OTHERS[name])
        if self._open is not None:
            return
        if name == _STATEMENT:
            _check_namespace(element)
            self._is_message = True
        elif name == "Stmt" and _is_message(element.getparent()):
            place = Place(line_of(element), f"Stmt[{len(self._done) + 1}]")
            self._open = StatementBuilder(element, place)
            self._entries = EntryReader()

    def _end(self, name: str, element: Element) -> None:
        builder = self._open
        if builder is None or self._entries is None:
            return
        if element is builder.element:
            self._done.append(builder.finish(self._entries))
            self._open = None
            element.clear()
            if len(self._done) >= _MAX_STATEMENTS:
                raise UnreadableStatement(N_("Line %(place)s: so many statements are absurd."), builder.place)
            return
        if element.getparent() is not builder.element:
            return
        if name == "Ntry":
            self._count += 1
            place = Place(line_of(element), f"{builder.place.path}/Ntry[{builder.next_number()}]")
            if self._count > MAX_ENTRIES:
                raise too_many(place)
            with faults_of_row(place, builder.faults):
                builder.entries.append(self._entries.read(Node(element), place, builder.account))
        else:
            with refusing(Place(line_of(element), f"{builder.place.path}/{name}")):
                builder.take(name, Node(element))
        self._forget(element)

    def _forget(self, element: Element) -> None:
        """Free what was read: the content of this element, and everything before it."""
        parent = element.getparent()
        element.clear()
        while parent is not None and parent[0] is not element:
            del parent[0]
        self._tags = 0


def _is_message(element: Element | None) -> bool:
    return element is not None and local_name(element.tag) == _STATEMENT


def _check_namespace(element: Element) -> None:
    """Whether the message is one that is known; without any namespace it is taken for what its element says."""
    namespace = etree.QName(element).namespace or ""
    match = _NAMESPACE.fullmatch(namespace)
    if namespace and not (match and int(match[1]) in _VERSIONS):
        message = N_(
            "Line %(place)s: this kind of XML statement is not known (%(namespace)s). Ask the bank for camt.053."
        )
        raise UnreadableStatement(message, Place(line_of(element)), namespace=clipped(namespace[-40:]))
    if element.getroottree().docinfo.internalDTD is not None:
        raise _with_document_type(1)


def _with_document_type(line: int) -> UnreadableStatement:
    message = N_(
        "Line %(place)s: the XML declares a document type or entities. No bank does that; the file is refused."
    )
    return UnreadableStatement(message, Place(line))
