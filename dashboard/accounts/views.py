"""Registration, confirmation, sign-in, password, address (R1)."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from dashboard.web.access import Permission

bp = Blueprint("accounts", __name__)


@bp.get("/sign-in", requires=Permission.PUBLIC)
def sign_in() -> ResponseReturnValue:
    return ""
