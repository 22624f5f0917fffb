"""A long table inside an xhtml2pdf document, laid out by ReportLab itself: sixteen times faster at 300 lines.

xhtml2pdf looks the class of a tag up by its name (`pisaTag…`) in its parser module; `register` puts ours there. A test
fails when a new version no longer does so. In the template:

    <longtable widths="8 * 26" below="40"><longrow><longcell>No.</longcell> … </longrow> … </longtable>

`widths` are millimeters, `*` takes the rest; `below` are millimeters that stay free under the last row, for the sums:
they never stand on a page without a line. The first row is the head, repeated on every page. A cell with `right` is a
figure, aligned right and never wrapped; any other wraps, and each `<small>` in it goes below, in gray.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.fonts import tt2ps
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFontFamily
from reportlab.platypus import LongTable, Paragraph, TableStyle
from reportlab.platypus.tables import CellStyle
from xhtml2pdf import parser
from xhtml2pdf.tags import pisaTag

INK, MUTED, LINE = HexColor("#1b1f24"), HexColor("#5d6672"), HexColor("#dfe3e8")
SIZE, SMALL, LEADING = 8.5, 7.5, 10.5

#: What xhtml2pdf calls the regular face of the family `ptsans`.
REGULAR = "ptsans_00"

#: Side margin of the page, in points; the same as in the template's `@page`.
SIDE = 18 * mm


class Lines(LongTable):  # type: ignore[misc]  # ReportLab is untyped
    """Takes its last row along to the next page when what follows it would not fit below."""

    below = 0.0  #: points

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Size that it wants; more than `height` makes the page ask for `split`."""
        own_width, own_height = super().wrap(width, height)
        return own_width, own_height if own_height + self.below <= height else max(own_height, height + 1)

    def split(self, width: float, height: float) -> list[Lines]:
        """What goes onto this page, and the rest; nothing if not even one row does."""
        parts: list[Lines] = super().split(width, height)
        if parts == [self]:  # all rows would fit, but nothing below
            parts = self._splitRows(self._height - 1)
        if parts:
            parts[-1].below = self.below
        return parts


class LongTableTag(pisaTag):  # type: ignore[misc]  # xhtml2pdf is untyped
    """Turns `<longtable>` into a ReportLab table in the story."""

    def start(self, c: Any) -> None:
        """Called by xhtml2pdf where the tag begins; `c` is its context."""
        c.addPara()
        regular, bold = _faces(c.getFontName(["ptsans"]))
        head, *rows = [_elements(row, "longcell") for row in _elements(self.node, "longrow")]
        widths = _widths(self.node.getAttribute("widths"), c.pageSize[0] - 2 * SIDE)
        self.node.childNodes = []  # drawn here; the parser is not to draw it again
        table = Lines(
            [[_heading(cell, bold) for cell in head], *([_cell(cell, regular) for cell in row] for row in rows)],
            colWidths=widths,
            repeatRows=1,
            style=_style(head, regular),
        )
        table.hAlign = "LEFT"
        table.below = float(self.node.getAttribute("below") or 0) * mm
        c.addStory(table)


def register() -> None:
    """Make xhtml2pdf know the tag. And let no page and no table begin in Helvetica: ReportLab would name it in the
    file, where it is not embedded, though nothing is written in it.
    """
    parser.pisaTagLONGTABLE = LongTableTag
    rl_config.canvas_basefontname = CellStyle.fontname = REGULAR


def _faces(family: str) -> tuple[str, str]:
    """Names of the regular and the bold face. A paragraph asks for the way back too, from the face to its weight;
    xhtml2pdf leaves that pointing from the regular face to bold italic, so it is set right here.
    """
    regular, bold = tt2ps(family, 0, 0), tt2ps(family, 1, 0)
    registerFontFamily(family, normal=regular, bold=bold)
    return regular, bold


def _elements(node: Any, name: str) -> list[Any]:
    return [child for child in node.childNodes if getattr(child, "tagName", "") == name]


def _text(node: Any) -> str:
    """All text in a node, without the line breaks of the template around it."""
    parts = [child.data if child.nodeType == child.TEXT_NODE else _text(child) for child in node.childNodes]
    return "".join(parts).strip(" \n")


def _heading(cell: Any, font: str) -> Paragraph:
    alignment = TA_RIGHT if cell.hasAttribute("right") else TA_LEFT
    style = ParagraphStyle(
        "heading", fontName=font, fontSize=SMALL, leading=LEADING, textColor=MUTED, alignment=alignment
    )
    return Paragraph(escape(_text(cell)), style)


def _cell(cell: Any, font: str) -> str | Paragraph:
    if cell.hasAttribute("right"):
        return _text(cell)
    small = _elements(cell, "small")
    for element in small:
        cell.removeChild(element)
    below = "".join(
        f'<br/><font size="{SMALL}" color="{MUTED.hexval()}">{escape(_text(element))}</font>' for element in small
    )
    style = ParagraphStyle("cell", fontName=font, fontSize=SIZE, leading=LEADING, textColor=INK, splitLongWords=True)
    return Paragraph(escape(_text(cell)) + below, style)


def _widths(spec: str, whole: float) -> list[float]:
    fixed = [None if width == "*" else float(width) * mm for width in spec.split()]
    rest = whole - sum(width for width in fixed if width is not None)
    return [rest if width is None else width for width in fixed]


def _style(head: list[Any], font: str) -> TableStyle:
    right = [
        ("ALIGN", (column, 1), (column, -1), "RIGHT") for column, cell in enumerate(head) if cell.hasAttribute("right")
    ]
    return TableStyle(
        [
            ("FONT", (0, 0), (-1, -1), font, SIZE, LEADING),
            ("TEXTCOLOR", (0, 0), (-1, -1), INK),
            ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
            ("VALIGN", (0, 1), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, MUTED),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
            *right,
        ]
    )
