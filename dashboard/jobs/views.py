"""The page of a job, and the list of one's own."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from dashboard.jobs import service
from dashboard.jobs.rules import KEPT
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render, wants_fragment

bp = Blueprint("jobs", __name__, url_prefix="/jobs")


@bp.get("", requires=Permission.CONFIRMED)
def index() -> ResponseReturnValue:
    """What one has asked for lately."""
    return render("jobs/index.html", jobs=service.list_jobs(actor), kept_days=KEPT.days)


@bp.get("/<token>", requires=Permission.CONFIRMED)
def show(token: str) -> ResponseReturnValue:
    """How far a job is, and what came of it."""
    return render("jobs/show.html", "job", job=service.get_job(token, actor), kept=KEPT, is_part=wants_fragment())


@bp.get("/<token>/file", requires=Permission.CONFIRMED)
def file(token: str) -> ResponseReturnValue:
    """The file that a job has made."""
    return service.get_file(service.get_job(token, actor)).response()


@bp.post("/<token>/again", requires=Permission.CONFIRMED)
def again(token: str) -> ResponseReturnValue:
    """Have a job that failed carried out once more."""
    service.try_again(service.get_job(token, actor))
    return redirect(url_for(".show", token=token), 303)
