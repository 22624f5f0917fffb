"""One line for each thing that happened, as key=value, for people and machines to search; nobody's data in it.

A request's line names the rule of its address, never the address itself: mailed links are secrets, and what people
search for is theirs. Faults bring words of libraries along, so every line is scrubbed once more before it is written.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, has_request_context, request, request_finished, request_started

from dashboard.config import current_settings

log = logging.getLogger("dashboard.request")

HEADER = "X-Request-Id"

#: What is asked for all the time and says nothing while it goes well.
QUIET = frozenset({"/static/<path:filename>", "/healthz", "/readyz"})

_REQUEST_ID, _STARTED = "dashboard.request_id", "dashboard.started"
_SOUND_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PLAIN = re.compile(r"[^\s\"=]+")

#: What every record has; everything else was given as `extra`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

#: E-mail addresses (passwords in addresses of servers, too), mailed secrets, and the rows that PostgreSQL quotes.
_PRIVATE = (
    (re.compile(r"[^\s@<>\"'(),:;=/\[\]{}]+@[^\s@<>\"'(),:;=/\[\]{}]+"), "<address>"),
    (re.compile(r"(?<![\w-])[\w-]{40,}(?![\w-])"), "<secret>"),
    (re.compile(r"^DETAIL:.*?(?=^(?:HINT|CONTEXT|\[SQL|The above|During)|\Z)", re.M | re.S), "DETAIL: <withheld>\n"),
)


class LineFormatter(logging.Formatter):
    """A record as one line: time (UTC), level, logger, the request's id, the message, then what came as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        facts: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if has_request_context():
            facts["request"] = request_id()
        facts["message"] = record.getMessage()
        facts |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            facts["fault"] = self.formatException(record.exc_info)
        return " ".join(f"{name}={_quoted(scrub(str(value)))}" for name, value in facts.items())


def scrub(text: str) -> str:
    """The text without what could name or harm a person."""
    for pattern, instead in _PRIVATE:
        text = pattern.sub(instead, text)
    return text


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def request_id() -> str:
    """The id of the present request: the proxy's, so that its lines and ours can be joined, else a new one."""
    if _REQUEST_ID not in request.environ:
        given = request.headers.get(HEADER, "") if current_settings().behind_proxy else ""
        request.environ[_REQUEST_ID] = given if _SOUND_ID.fullmatch(given) else secrets.token_hex(8)
    return str(request.environ[_REQUEST_ID])


def _note_start(_app: Flask, **_more: Any) -> None:
    request.environ[_STARTED] = time.perf_counter()


def _note_end(_app: Flask, response: Response, **_more: Any) -> None:
    """Tell the id to the caller and write the request's line; the last thing that happens before the answer leaves."""
    response.headers[HEADER] = request_id()
    rule = request.url_rule.rule if request.url_rule else "-"
    quiet = rule in QUIET and response.status_code < 400
    log.log(
        logging.DEBUG if quiet else logging.INFO,
        "answered",
        extra={
            "method": request.method,
            "route": rule,
            "status": response.status_code,
            "ms": round((time.perf_counter() - request.environ.get(_STARTED, time.perf_counter())) * 1000),
        },
    )


def init_app(app: Flask) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    request_started.connect(_note_start, app)
    request_finished.connect(_note_end, app)
