"""The worker draws issued papers."""

from __future__ import annotations

from typing import Any

from dashboard.documents import service as documents
from dashboard.invoices import service
from dashboard.invoices.pdf import render_pdf
from dashboard.web.transactions import reading, transaction


def draw(payload: dict[str, Any]) -> None:
    """Draw a paper as it stands, and keep it. Drawn twice, the first document stays (R27)."""
    with reading():
        paper = service.get_paper(payload["paper_id"])
        if paper.document_digest is not None:
            return
        content = service.as_it_stands(paper)
    drawn = render_pdf(content)  # slow, so outside any transaction
    with transaction():
        service.rendered(payload["paper_id"], content, documents.keep(drawn, "application/pdf"))


HANDLERS = {service.RENDER: draw}
