"""Every refusal and every fault becomes a page in the reader's language, in one place."""

from __future__ import annotations

import logging
import sqlite3
from urllib.parse import urlsplit

from flask import Flask, Response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as BaseResponse

from dashboard.errors import N_, BusinessError
from dashboard.extensions import db
from dashboard.web.fragments import render, render_instead, wants_fragment
from dashboard.web.texts import gettext

log = logging.getLogger(__name__)

#: What happened, by status; a business refusal brings its own words.
MESSAGES = {
    400: N_("The request could not be read. Go back, reload the page and try again."),
    403: N_("You may not do this."),
    404: N_("This page does not exist, or it is not yours to see."),
    405: N_("This address is used by a form. Go back and use the form."),
    409: N_("This cannot be done in the present state."),
    413: N_("That is too large. Send a smaller file."),
    429: N_("That was too often. Wait a little and try again."),
    500: N_("Something went wrong on our side. Nothing was changed; please try again."),
    503: N_("We are busy at the moment. Please try again in a minute."),
}


#: Seconds after which it is worth asking again when the database is away.
RETRY_AFTER = 30

#: What SQLite says of a statement that is wrong: a defect of ours, unlike a full disk or a lock that is held.
WRONG_STATEMENT = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY})


def error_page(status: int, message: str | None = None) -> Response:
    text = message or gettext(MESSAGES.get(status) or MESSAGES[500 if status >= 500 else 400])
    if wants_fragment():
        return render_instead("errors/_fragment.html", status, message=text)
    return render("errors/error.html", status=status, message=text, explained=message is not None, back=way_back())


def way_back() -> str:
    """The page of ours from which the reader came, or an empty text."""
    came_from = urlsplit(request.referrer or "")
    path = came_from.path + ("?" + came_from.query if came_from.query else "")
    is_ours = came_from.netloc == request.host and path.startswith("/") and not path.startswith("//")
    is_new = request.method != "GET" or path != request.full_path.rstrip("?")
    is_plain = "\\" not in path and path.isprintable()  # browsers read a backslash as a slash
    return path if is_ours and is_new and is_plain else ""


def bare_answer(status: int) -> Response:
    """What happened, in one line: for an address that no page can be made for."""
    return Response(gettext(MESSAGES[status]), status, mimetype="text/plain")


def refused(error: BusinessError) -> Response:
    """A refusal of a service that no form caught. What is not there looks like an unknown address (R26)."""
    return error_page(error.status, None if error.status == 404 else gettext(error.message, **error.values))


def http_error(error: HTTPException) -> Response | BaseResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    page = error_page(error.code)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        page.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return page


def fault(error: Exception) -> Response:
    """A defect of ours: one line for the operator with what is needed to find it, nothing personal."""
    db.session.rollback()
    log.error("request failed: %s %s", request.method, request.url_rule, exc_info=error)
    return error_page(500)


def database_away(error: OperationalError) -> Response:
    """The database is stopped, full or overloaded: one line for the operator, and the reader may come back."""
    if getattr(error.orig, "sqlite_errorcode", None) in WRONG_STATEMENT:
        return fault(error)
    db.session.rollback()
    log.error("the database cannot be used: %s", str(error.orig).partition("\n")[0])
    page = error_page(503)
    page.headers["Retry-After"] = str(RETRY_AFTER)
    return page


def init_app(app: Flask) -> None:
    app.register_error_handler(BusinessError, refused)
    app.register_error_handler(HTTPException, http_error)
    if not app.config["TESTING"]:
        app.register_error_handler(Exception, fault)
        app.register_error_handler(OperationalError, database_away)
