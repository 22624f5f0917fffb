"""The few marks of a text, a small part of Markdown:

    # Title                         - item            [words](https://address)
    ## Heading {#place}             1. step           **strong**
    ### Smaller heading             ``` code ```      `code`

Everything else is a paragraph; an empty line parts two. Holes such as `%(vendor)s` are filled once the marks are read,
so that no value can bring marks in, and never inside code. The result is plain data: templates write the elements and
escape the words, so no text, however hostile, makes markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache


@dataclass(frozen=True)
class Piece:
    """A run of words: `kind` is text, strong, code or link; only a link has a target."""

    kind: str
    text: str
    target: str = ""


Line = tuple[Piece, ...]


@dataclass(frozen=True)
class Block:
    """One block of a text: `kind` is title, heading, subheading, paragraph, list, steps or code.

    Only a list and steps have several lines; `anchor` is the place of a heading within the page.
    """

    kind: str
    lines: tuple[Line, ...]
    anchor: str = ""

    @property
    def words(self) -> str:
        """What one reads, without marks."""
        return " ".join(plain(line) for line in self.lines)


FENCE = "```"
HOLE = re.compile(r"%\((\w*)\)s?")

#: Where a link may lead: the web, a mail program, a page of this site, a place of this page. Nothing else is a link.
_TARGET = re.compile(r"https?://[^\s\"'<>\\]+|mailto:[^\s\"'<>\\]+|/(?![/\\])[^\s\"'<>\\]*|#[\w-]+")

_HEADING = re.compile(r"(#{1,3})\s+(.+?)(?:\s+\{#([A-Za-z][\w-]*)\})?")
_ITEM = re.compile(r"(-|\d{1,3}[.)])\s+(.+)")
_MARK = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\[\]]+)\]\(((?:[^\s()]|\([^\s()]*\))*)\)")
_HEADINGS = ("title", "heading", "subheading")


@lru_cache(maxsize=64)  # a page shows the same text again and again, and a text of 400 lines takes milliseconds
def parse(text: str, values: tuple[tuple[str, str], ...] = ()) -> tuple[Block, ...]:
    """The blocks of a text, the named holes filled with these values; a hole without a value stays as written."""
    return tuple(_with_anchors(_filled(block, dict(values)) for block in _blocks(text)))


def holes(text: str) -> set[str]:
    """The holes of a text, as they are written: `%(vendor)s`."""
    words = [piece.text + piece.target for piece in _pieces(text) if piece.kind != "code"]
    return {hole.group() for part in words for hole in HOLE.finditer(part)}


def targets(text: str) -> set[str]:
    """Where the links of a text lead, as it is written."""
    return {piece.target for piece in _pieces(text) if piece.kind == "link"}


def may_lead_to(target: str) -> bool:
    """Whether a link may have this target."""
    return _TARGET.fullmatch(target) is not None


def is_open(text: str) -> bool:
    """Whether a block of code is opened and not closed."""
    return sum(line.strip().startswith(FENCE) for line in text.splitlines()) % 2 == 1


def plain(line: Line) -> str:
    return "".join(piece.text for piece in line)


def _pieces(text: str) -> Iterator[Piece]:
    return (piece for block in _blocks(text) for line in block.lines for piece in line)


def _blocks(text: str) -> Iterator[Block]:
    """The blocks with their holes unfilled and their anchors as written."""
    found: list[tuple[str, list[str], str]] = []
    lines = iter(text.splitlines())
    goes_on = False  # whether the next line can belong to the block before it
    for line in lines:
        if line.strip().startswith(FENCE):
            found.append(("code", list(_until_fence(lines)), ""))
            goes_on = False
        elif not line.strip():
            goes_on = False
        elif heading := _HEADING.fullmatch(line.strip()):
            found.append((_HEADINGS[len(heading[1]) - 1], [heading[2]], heading[3] or ""))
            goes_on = False
        elif item := _ITEM.fullmatch(line.strip()):
            kind = "list" if item[1] == "-" else "steps"
            if found and found[-1][0] == kind:
                found[-1][1].append(item[2])
            else:
                found.append((kind, [item[2]], ""))
            goes_on = True
        elif goes_on:
            found[-1][1][-1] += " " + line.strip()
        else:
            found.append(("paragraph", [line.strip()], ""))
            goes_on = True
    for kind, words, anchor in found:
        is_code = kind == "code"
        yield Block(kind, ((Piece("code", "\n".join(words)),),) if is_code else tuple(map(_line, words)), anchor)


def _until_fence(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.strip().startswith(FENCE):
            return
        yield line


def _line(words: str) -> Line:
    pieces, start = [], 0
    for mark in _MARK.finditer(words):
        pieces.append(Piece("text", words[start : mark.start()]))
        code, strong, label, target = mark.groups()
        if label is not None:
            pieces.append(Piece("link", label, target))
        else:
            pieces.append(Piece("code", code) if strong is None else Piece("strong", strong))
        start = mark.end()
    return tuple(piece for piece in (*pieces, Piece("text", words[start:])) if piece.text)


def _filled(block: Block, values: Mapping[str, str]) -> Block:
    def fill(text: str) -> str:
        return HOLE.sub(lambda hole: values.get(hole[1], hole[0]) if hole[0].endswith("s") else hole[0], text)

    def filled(piece: Piece) -> Piece:
        if piece.kind == "code":
            return piece
        target = fill(piece.target)
        kind = "text" if piece.kind == "link" and not may_lead_to(target) else piece.kind
        return Piece(kind, fill(piece.text), target if kind == "link" else "")

    return replace(block, lines=tuple(tuple(map(filled, line)) for line in block.lines))


#: Places that the pages around a text have already.
_TAKEN = frozenset({"main", "messages", "announcer", "verify"})


def _with_anchors(blocks: Iterator[Block]) -> Iterator[Block]:
    """Every heading with a place of its own: the one that is written with it, else one made of its words."""
    taken = set(_TAKEN)
    for block in blocks:
        if block.kind != "heading":
            yield block
            continue
        wanted = block.anchor or re.sub(r"[\W_]+", "-", block.words.lower()).strip("-") or "part"
        anchor, number = wanted, 1
        while anchor in taken:
            number += 1
            anchor = f"{wanted}-{number}"
        taken.add(anchor)
        yield replace(block, anchor=anchor)
