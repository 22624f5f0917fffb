"""The worker draws issued quotes, and writes lists of them that are too long to be waited for."""

from __future__ import annotations

from typing import Any

from dashboard.jobs.work import export
from dashboard.quotes import service
from dashboard.quotes.pages import quotes_file
from dashboard.quotes.pdf import render_pdf
from dashboard.web.access import Permission
from dashboard.web.transactions import reading, transaction


def draw(payload: dict[str, Any]) -> None:
    """Draw a quote as it was issued, and keep it; drawn twice, the first document stays."""
    quote_id, reseller_id = payload["quote_id"], payload["reseller_id"]
    with reading():
        quote = service.get_quote(quote_id, of=reseller_id)
        if quote.document_digest is not None:
            return
        content, logo = quote.content, service.logo_of(quote.content)
    drawn = render_pdf(content, logo)  # slow, so outside any transaction
    with transaction():
        service.rendered(quote_id, reseller_id, drawn)


HANDLERS = {service.RENDER: draw}
WORK = {"quotes": export(Permission.VIEW_OWN_ORDERS, quotes_file)}
