"""The worker's side of licenses: sign the file. Nothing else needs the private key."""

from __future__ import annotations

from typing import Any

from dashboard.clock import utcnow
from dashboard.config import current_settings
from dashboard.documents import service as documents
from dashboard.errors import NotYet
from dashboard.licenses import files, keys, service
from dashboard.web.transactions import reading, transaction

MEDIA_TYPE = "application/xml"


def sign(payload: dict[str, Any]) -> None:
    """Sign one license file outside any transaction and keep it; a signed one is left alone."""
    with reading():
        facts = service.facts_to_sign(payload["license_id"])
    if facts is None:
        return
    content = files.sign(facts, keys.load_signing_key(current_settings().license_keys))
    with transaction():
        service.signed(payload["license_id"], documents.keep(content, MEDIA_TYPE))


def sign_revocations(_payload: dict[str, Any]) -> None:
    """Sign and publish the list of revoked serials as it is now (R12).

    Raises:
        NotYet: if one was revoked while it was signed: an older list must never replace a newer one.
    """
    with reading():
        revoked = files.RevocationList(issued_at=utcnow(), serials=frozenset(service.revoked_serials()))
    content = files.sign_revocations(revoked, keys.load_signing_key(current_settings().license_keys))
    with transaction():
        if revoked.serials != frozenset(service.revoked_serials()):
            raise NotYet
        service.publish_revocations(documents.keep(content, MEDIA_TYPE))


HANDLERS = {service.SIGN: sign, service.SIGN_REVOCATIONS: sign_revocations}
