"""The few marks of the policy's text: `# title`, `## heading`, `- item`; everything else is a paragraph.

The result is plain data: the template writes the elements, and escapes the words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """One piece of a text; `kind` is title, heading, list or paragraph, and only a list has several lines."""

    kind: str
    lines: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """The pieces of a text that are parted by empty lines; lines of one paragraph are joined."""
    return [_block(piece.strip()) for piece in re.split(r"\n\s*\n", text) if piece.strip()]


def _block(piece: str) -> Block:
    if piece.startswith("# "):
        return Block("title", (_joined(piece[2:]),))
    if piece.startswith("## "):
        return Block("heading", (_joined(piece[3:]),))
    if piece.startswith("- "):
        return Block("list", tuple(_joined(item) for item in re.split(r"^- ", piece, flags=re.MULTILINE) if item))
    return Block("paragraph", (_joined(piece),))


def _joined(lines: str) -> str:
    return " ".join(lines.split())
