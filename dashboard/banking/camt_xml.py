"""The XML of a camt message as plain nodes: paths without its namespace, sums, days and marks.

A part of the message is turned into nodes once: dozens of look-ups in it are several times faster than in lxml.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from lxml import etree

from dashboard.banking.rules import Amount, Direction
from dashboard.banking.values import BadValue, amount_of, cleaned, clipped, currency_of, iso_date
from dashboard.errors import N_

Element: TypeAlias = etree._Element  #: the only name that lxml gives the type


_NOTHING: Mapping[str, list[Node]] = {}


class Node:
    """An element with what stands in it. Paths leave out the namespace: `Acct/Id/IBAN`."""

    __slots__ = ("_children", "_currency", "_text", "line")

    def __init__(self, element: Element) -> None:
        self._text = element.text
        self._currency = element.get("Ccy")
        self._children: Mapping[str, list[Node]] = _NOTHING
        self.line = 0  #: told of elements that hold others
        if len(element):
            self.line = line_of(element)
            children: dict[str, list[Node]] = {}
            for child in element:
                children.setdefault(local_name(child.tag), []).append(Node(child))
            self._children = children

    def find_all(self, path: str) -> list[Node]:
        """All elements at a path, in their order."""
        first, *rest = _steps(path)
        nodes = self._children.get(first, [])
        for step in rest:
            if len(nodes) == 1:
                nodes = nodes[0]._children.get(step, [])
            elif nodes:
                nodes = [child for node in nodes for child in node._children.get(step, ())]
            else:
                break
        return nodes

    def has(self, path: str) -> bool:
        return bool(self.find_all(path))

    def text(self, *paths: str) -> str:
        """The text at the first of the paths where there is one; of the element itself without a path."""
        if not paths:
            return cleaned(self._text)
        for path in paths:
            if (nodes := self.find_all(path)) and (text := cleaned(nodes[0]._text)):
                return text
        return ""

    def texts(self, path: str) -> list[str]:
        """All texts at a path that are not empty."""
        return [text for node in self.find_all(path) if (text := cleaned(node._text))]

    def day(self, path: str) -> date | None:
        """The day of a choice between day (`Dt`) and instant (`DtTm`)."""
        text = self.text(f"{path}/Dt", f"{path}/DtTm")
        return iso_date(text) if text else None

    def amount(self, path: str) -> Amount | None:
        """The sum at a path with its currency; None if there is none."""
        nodes = self.find_all(path)
        return amount_of(cleaned(nodes[0]._text), currency_of(nodes[0]._currency or "")) if nodes else None

    def direction(self) -> Direction:
        mark = self.text("CdtDbtInd")
        if mark not in {"CRDT", "DBIT"}:
            raise BadValue(N_("Line %(place)s: “%(value)s” is neither credit nor debit."), value=clipped(mark))
        return Direction.CREDIT if mark == "CRDT" else Direction.DEBIT

    def number(self, path: str) -> int | None:
        """A count; None if it is absent or no number."""
        text = self.text(path)
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def line_of(element: Element) -> int:
    """The line on which an element begins."""
    line = element.sourceline
    return line if isinstance(line, int) else 1


@lru_cache(maxsize=1024)
def local_name(tag: object) -> str:
    """The name of an element without its namespace; empty for what is no element."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


@lru_cache(maxsize=256)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))
