"""Exemption certificates, for staff: those that wait, those decided, their files."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from dashboard.tax import certificates
from dashboard.web.access import Permission
from dashboard.web.fragments import render

bp = Blueprint("staff_tax", __name__, url_prefix="/staff/certificates")


@bp.get("", requires=Permission.REVIEW_RESELLERS)
def index() -> ResponseReturnValue:
    """What waits to be looked at, and what was decided."""
    decided = request.args.get("state") == "decided"
    if decided:
        found, waiting = certificates.decided()
    else:
        found = certificates.waiting()
        waiting = len(found)
    return render("tax/staff_certificates.html", found=found, decided=decided, waiting=waiting)


@bp.get("/<int(max=2147483647):id_>/file", requires=Permission.REVIEW_RESELLERS)
def file(id_: int) -> ResponseReturnValue:
    """The file of any certificate."""
    return certificates.download(certificates.get_certificate(id_))
