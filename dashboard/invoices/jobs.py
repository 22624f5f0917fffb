"""The worker draws issued papers, and writes lists of them that are too long to be waited for."""

from __future__ import annotations

from typing import Any

from dashboard.documents import service as documents
from dashboard.invoices import einvoice, hybrid, service
from dashboard.invoices.pages import invoices_file
from dashboard.invoices.pdf import render_pdf
from dashboard.jobs.work import export
from dashboard.web.access import Permission
from dashboard.web.transactions import reading, transaction


def draw(payload: dict[str, Any]) -> None:
    """Draw a paper as it stands, and keep it; an invoice or credit note also as EN 16931 XML, which its PDF holds too,
    where that fits. Drawn twice, the first documents stay (R27).
    """
    with reading():
        paper = service.get_paper(payload["paper_id"])
        if paper.document_digest is not None:
            return
        content = service.as_it_stands(paper)
    drawn, xml = render_pdf(content), einvoice.to_xml(content)  # slow, so outside any transaction
    if xml is not None:
        drawn = hybrid.embed(drawn, xml, content)
    with transaction():
        digest = documents.keep(drawn, "application/pdf")
        xml_digest = documents.keep(xml, "application/xml") if xml is not None else None
        service.rendered(payload["paper_id"], content, digest, xml_digest)


HANDLERS = {service.RENDER: draw}
WORK = {
    "invoices": export(Permission.VIEW_OWN_ORDERS, invoices_file),
    "staff_invoices": export(Permission.VIEW_ALL_ORDERS, invoices_file),
}
