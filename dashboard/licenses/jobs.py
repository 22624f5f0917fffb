"""The worker's side of licenses: sign the file. Nothing else needs the private key."""

from __future__ import annotations

from typing import Any

from dashboard.config import current_settings
from dashboard.documents import service as documents
from dashboard.errors import NotFound
from dashboard.extensions import db
from dashboard.licenses import files, keys, service
from dashboard.licenses.models import License
from dashboard.web.transactions import reading, transaction

MEDIA_TYPE = "application/xml"


def sign(payload: dict[str, Any]) -> None:
    """Sign one license file outside any transaction and keep it; a signed one is left alone."""
    with reading():
        license_ = db.session.get(License, payload["license_id"])
        if license_ is None:
            raise NotFound
        if license_.digest:
            return
        facts = service.facts_of(license_)
    content = files.sign(facts, keys.load_signing_key(current_settings().license_keys))
    with transaction():
        service.signed(payload["license_id"], documents.keep(content, MEDIA_TYPE))


HANDLERS = {service.SIGN: sign}
