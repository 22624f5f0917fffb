"""What applies to everybody, for staff to look up: the settings of this server and the vendor's facts."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from dashboard.web.access import Permission
from dashboard.web.fragments import render

bp = Blueprint("staff_settings", __name__, url_prefix="/staff/settings")


@bp.get("", requires=Permission.VIEW_SETTINGS)
def index() -> ResponseReturnValue:
    """The settings in words; templates have them at hand (`web/pages.py`). No secret is among what is shown."""
    return render("home/settings.html")
