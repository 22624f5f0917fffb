"""Draw a paper, or a page that looks like one, as PDF (R19, R27, R30): in HTML by xhtml2pdf, its lines by ReportLab.

The same snapshot gives the same bytes. Drawing holds a lock of the whole process and its libraries take a second to
import: it belongs into the worker.
"""

from __future__ import annotations

import base64
import io
import os
from datetime import UTC, date, datetime, time
from threading import Lock
from typing import Any, Protocol

from flask import current_app
from flask_babel import force_locale
from markupsafe import Markup
from stdnum import iban

from dashboard.config import current_settings
from dashboard.documents.glyphs import FONTS, printable_form, unprintable
from dashboard.invoices import qr
from dashboard.invoices.rules import PaperSnapshot
from dashboard.ledger.references import printed
from dashboard.pictures import size_of
from dashboard.web.countries import country_name

#: Seconds that one paper may take; 200 lines take less than one.
LONGEST = 60

#: The frame that a logo is fitted into, in millimeters.
LOGO = (60, 22)

#: One at a time: the date of a file is told to ReportLab by a variable of the whole process.
DRAWING = Lock()


class DrawingError(Exception):
    """The paper cannot be drawn without a fault; a person has to look."""


class Drawable(Protocol):
    """What a page is made of: it is dated, numbered, and in one language."""

    @property
    def number(self) -> str: ...

    @property
    def issued_on(self) -> date: ...

    @property
    def language(self) -> str: ...


class Payable(Drawable, qr.Payable, Protocol):
    """A page that asks for one sum."""


def render_pdf(paper: PaperSnapshot) -> bytes:
    """The paper as PDF, in its own language.

    Raises:
        DrawingError: if the page has a fault, or a character that the font does not have. A half-right paper is
            worse than a late one.
    """
    return draw_page("pdf/paper.html", paper)


def draw_page(template: str, paper: Payable, **facts: Any) -> bytes:
    """A page that may ask for money by a QR code (R19), as `draw` makes it.

    Args:
        facts: what the template needs beside the paper.

    Raises:
        DrawingError: as `render_pdf`.
    """
    code, number = qr.code_of(paper), paper.bank.number
    return draw(
        template,
        paper,
        reference=printed(paper.reference),
        qr=str(code.png_data_uri(scale=8, border=2)) if code else None,
        letterhead=current_settings().vendor.logo,
        is_iban=iban.is_valid(number),
        account=iban.format(number) if iban.is_valid(number) else number,
        **facts,
    )


def draw(template: str, paper: Drawable, *, letterhead: bytes = b"", **facts: Any) -> bytes:
    """A page of `templates/pdf/` as PDF, in the language of the paper.

    Args:
        letterhead: the sender's logo, as `pictures.logo_of` has made it; empty: the page does without.
        facts: what the template needs beside the paper.

    Raises:
        DrawingError: as `render_pdf`.
    """
    with force_locale(paper.language):
        html = printable_form(_page(template, paper, {"logo": _logo(letterhead), **facts}))
    if missing := unprintable(html):
        raise DrawingError(f"{paper.number}: the font has no {' '.join(missing)}")
    return _draw(html, paper.number, paper.issued_on)


def _page(template: str, paper: Drawable, facts: dict[str, Any]) -> str:
    return current_app.jinja_env.get_template(template).render(
        paper=paper,
        accent=current_settings().vendor.shades.light,
        country_name=country_name,
        page=Markup('<pdf:pagenumber example="00"></pdf:pagenumber>'),
        pages=Markup("<pdf:pagecount></pdf:pagecount>"),
        **facts,
    )


def _logo(content: bytes) -> dict[str, str]:
    """A logo as a picture inside the page, as large as the frame lets it be."""
    if not content:
        return {}
    width, height = size_of(content)
    scale = min(LOGO[0] / width, LOGO[1] / height)
    return {
        "source": f"data:image/png;base64,{base64.b64encode(content).decode()}",
        "width": f"{width * scale:.2f}mm",
        "height": f"{height * scale:.2f}mm",
    }


def _draw(html: str, title: str, issued_on: date) -> bytes:
    import reportlab.rl_config
    from xhtml2pdf.config.resources import ResourceAccessPolicy
    from xhtml2pdf.document import pisaDocument

    from dashboard.invoices import pdf_table

    reportlab.rl_config.invariant = 1  # no clock and no chance in the file: the same paper, the same bytes
    pdf_table.register()
    policy = ResourceAccessPolicy.server(FONTS, allow_remote=False, max_render_seconds=LONGEST)
    target = io.BytesIO()
    with DRAWING:
        # What ReportLab dates a file by. At noon it is the same day nearly everywhere.
        os.environ["SOURCE_DATE_EPOCH"] = str(int(datetime.combine(issued_on, time(12), UTC).timestamp()))
        page = html.encode()  # as bytes, or a long page would go through a file
        result = pisaDocument(page, target, path=str(FONTS / "page.html"), encoding="utf-8", resource_policy=policy)
    if result.err or result.warn:
        faults = sorted({str(fault) for _kind, _line, fault, _where in result.log})
        raise DrawingError(f"{title}: {'; '.join(faults)}")
    return target.getvalue()
