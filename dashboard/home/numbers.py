"""Numbers of the program in what somebody typed: with or without dashes and spaces, in any case, on either keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dashboard.enquiries.rules import number_of
from dashboard.invoices.rules import PREFIX, pro_forma_number
from dashboard.ledger.references import find_order_ids, find_references
from dashboard.licenses.rules import SERIAL_GROUP, is_serial
from dashboard.typed import MAX_SEARCH, as_typed

_BETWEEN = re.compile(r"[\s\-–—_./#№]+")
_PAPER = re.compile(
    rf"({'|'.join(filter(None, (prefix.rstrip('-') for prefix in PREFIX.values())))})?(\d{{4}})(\d{{1,6}})"
)
_PRO_FORMA = re.compile(r"PF(R?\d{8})(\d?)")
_STATEMENT = re.compile(r"ST(\d{6})(\d{1,5})")
_ENQUIRY = re.compile(r"E?(\d{8})")


@dataclass
class Numbers:
    """What a text may be the number of, each as it is written in the database; all empty for mere words."""

    orders: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    enquiries: list[str] = field(default_factory=list)
    papers: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    serials: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(vars(self).values())


def numbers_in(text: str) -> Numbers:
    """What the whole text may be the number of."""
    found = Numbers()
    for variant in sorted(as_typed(text[:MAX_SEARCH].strip().casefold())):
        compact = _BETWEEN.sub("", variant).upper()
        found.orders += _order_ids(compact)
        found.references += [one for one in find_references(variant) if _is_whole(one, compact)]
        found.enquiries += [number_of(int(match[1])) for match in [_ENQUIRY.fullmatch(compact)] if match]
        found.papers += _papers(compact)
        found.statements += [f"ST-{match[1]}-{match[2]}" for match in [_STATEMENT.fullmatch(compact)] if match]
        found.serials += _serials(compact)
    for name, values in vars(found).items():
        setattr(found, name, list(dict.fromkeys(values)))
    return found


def _order_ids(compact: str) -> list[str]:
    return [one for one in find_order_ids(compact, bare=True) if len(compact) <= len("R20463182")]


def _is_whole(reference: str, compact: str) -> bool:
    """Whether nothing but the reference was typed; banks fill it up with zeros."""
    return len(re.sub(r"[^A-Z0-9]", "", compact)) <= max(len(reference), 21)


def _papers(compact: str) -> Iterator[str]:
    if match := _PAPER.fullmatch(compact):
        prefix = f"{match[1]}-" if match[1] else ""
        yield f"{prefix}{match[2]}-{int(match[3]):06}"
    if match := _PRO_FORMA.fullmatch(compact):
        yield from (pro_forma_number(one, int(match[2] or 1)) for one in find_order_ids(match[1], bare=True))


def _serials(compact: str) -> Iterator[str]:
    serial = "-".join(re.findall("." * SERIAL_GROUP, compact))
    if is_serial(serial) and len(serial.replace("-", "")) == len(compact):
        yield serial
