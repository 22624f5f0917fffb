"""The logo of a company: for its own quotes, shown to nobody but its members (R25, R26)."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select

from dashboard.audit import service as audit
from dashboard.documents import service as documents
from dashboard.documents.models import Document
from dashboard.errors import NotFound
from dashboard.extensions import db, get_row
from dashboard.pictures import logo_of
from dashboard.resellers.models import Reseller


def upload(reseller_id: int, content: bytes) -> None:
    """Keep a company's logo, drawn anew from what was uploaded; quotes that were issued keep the one before.

    Raises:
        InvalidInput: if it is too large, or no PNG or JPEG.
    """
    picture = logo_of(content)
    reseller = _reseller(reseller_id, lock=True)
    reseller.logo_digest = documents.keep(picture, "image/png")
    audit.record("reseller.logo_saved", f"reseller:{reseller_id}")


def remove(reseller_id: int) -> None:
    """The company has no logo any more; removed twice, nothing happens."""
    reseller = _reseller(reseller_id, lock=True)
    if reseller.logo_digest is not None:
        reseller.logo_digest = None
        audit.record("reseller.logo_removed", f"reseller:{reseller_id}")


def picture(reseller_id: int) -> Response:
    """A company's logo.

    Raises:
        NotFound: if it has none.
    """
    query = select(Document).join(Reseller, Reseller.logo_digest == Document.digest)
    document = db.session.scalar(query.where(Reseller.id == reseller_id))
    if document is None:
        raise NotFound
    return documents.download(document.digest, "logo.png")  # the session has it at hand


def _reseller(reseller_id: int, *, lock: bool = False) -> Reseller:
    return get_row(select(Reseller).where(Reseller.id == reseller_id), lock=lock)
