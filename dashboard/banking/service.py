"""Read a bank's statement file: the one way in."""

from __future__ import annotations

from dashboard.banking import camt, mt940, one_c, tables
from dashboard.banking.assembly import assemble
from dashboard.banking.detection import format_of, plain_bytes
from dashboard.banking.mappings import CsvMapping, NeedsMapping, propose_mapping
from dashboard.banking.rules import Format, StatementFile


def read_statement(data: bytes, mapping: CsvMapping | None = None) -> StatementFile:
    """What a bank's statement file says (R18). The format is told by the content; nothing is booked here.

    Args:
        data: the file as it was uploaded.
        mapping: what the columns mean, if the file is a table (CSV). Other formats need none and ignore it.

    Raises:
        NeedsMapping: if it is a table and there is no mapping; it carries a proposal, where one can be made.
        UnreadableStatement: if the file is cut off, no statement, hostile or cannot be read, with place and reason.
    """
    data = plain_bytes(data)
    form = format_of(data)
    if form is Format.CAMT:
        return assemble(form, camt.read(data))
    if form is Format.ONE_C:
        return assemble(form, one_c.read(data))
    if form is Format.MT940:
        return assemble(form, mt940.read(data))
    if mapping is None:
        raise NeedsMapping(propose_mapping(data))
    return assemble(form, tables.read(data, mapping))
