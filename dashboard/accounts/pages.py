"""What the views of accounts have in common: forms shown and refused, where a request comes from, where it goes on."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from dashboard.accounts import kept
from dashboard.accounts.rules import local_path
from dashboard.errors import BusinessError
from dashboard.web.access import actor
from dashboard.web.forms import Form
from dashboard.web.fragments import render


def shown(template: str, form: Form, **context: Any) -> Response:
    return render(template, status=422 if form.errors else 200, form=form, **context)


def refused(template: str, form: Form, error: BusinessError, field: str | None = None, **context: Any) -> Response:
    """The form again, with the refusal beside its field; a limit is no fault of the field."""
    form.refuse(error, field if error.status == 422 and field in form else None)
    return render(template, status=error.status, form=form, **context)


def entered(otherwise: str) -> BaseResponse:
    """On to where one wanted to go, by the page that asks for the second factor if there is one to be shown.

    Who wanted to go nowhere finds what this browser has kept.
    """
    if otherwise == "/" and kept.is_kept():
        otherwise = url_for("kept.index")
    target = otherwise if actor.is_authenticated else url_for("second_factor.enter_code", next=otherwise)
    return redirect(target, 303)


def next_page() -> str:
    """Where the address says that one wanted to go."""
    return local_path(request.args.get("next"))


def address() -> str:
    """Where the request comes from, for limits."""
    return request.remote_addr or ""
