"""The first page of each person."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from dashboard.web.access import Permission
from dashboard.web.fragments import render

bp = Blueprint("home", __name__)


@bp.get("/", requires=Permission.PUBLIC)
def index() -> ResponseReturnValue:
    """Where everyone arrives."""
    return render("home/index.html")
