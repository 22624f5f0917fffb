"""What everyone may have to check a license: our certificates and the list of revoked serials (R12, R23)."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from dashboard.config import current_settings
from dashboard.errors import NotFound
from dashboard.licenses import keys, service
from dashboard.web.access import Permission

bp = Blueprint("licenses", __name__)


@bp.get("/licenses/certificates.pem", requires=Permission.PUBLIC)
def certificates() -> ResponseReturnValue:
    """All certificates that license files are verified with."""
    content = keys.bundle(keys.load_certificates(current_settings().license_keys))
    if not content:
        raise NotFound
    return Response(content, mimetype="application/x-pem-file")


@bp.get("/licenses/revoked.xml", requires=Permission.PUBLIC)
def revoked() -> ResponseReturnValue:
    """The signed list of revoked serials."""
    return service.revocation_list()
