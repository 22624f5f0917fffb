"""The application class: guards first, then one transaction around the view."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import SecurityError
from werkzeug.routing import Rule

from dashboard.extensions import db, login_manager
from dashboard.web.access import GuardedRule, actor, refuse_while_looking
from dashboard.web.error_pages import bare_answer
from dashboard.web.transactions import begin_request

#: Control characters that no address of ours holds, and that no page and no database takes.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class DashboardApp(Flask):
    """Flask with guarded routes and one commit a request."""

    url_rule_class: type[Rule] = GuardedRule

    def select_jinja_autoescape(self, filename: str | None) -> bool:
        """Everything is escaped, letters' text variants too: those are unescaped once, whole (mail/rendering.py)."""
        return True

    def preprocess_request(self) -> Any:
        """Refuse before anything else looks at the request: 404 comes before CSRF (R26)."""
        begin_request(writes=False)  # the actor is loaded reading, whatever this thread did before
        self._load_actor()
        if not _is_readable():
            return bare_answer(400)
        rule = request.url_rule
        is_safe = request.method in SAFE
        if not is_safe and not (isinstance(rule, GuardedRule) and rule.ends_view):
            refuse_while_looking()
        if isinstance(rule, GuardedRule) and not actor.may(rule.requires):
            abort(404 if actor.is_authenticated else 401)
        begin_request(writes=not is_safe)
        return super().preprocess_request()

    @staticmethod
    def _load_actor() -> None:
        """Find out who asks. If that fails, the page that says so is made for a visitor: it must not fail again."""
        try:
            actor.get_id()
        except Exception:
            login_manager._update_request_context_with_user()
            raise

    def dispatch_request(self) -> ResponseReturnValue:
        """Commit once, before hooks, session and the first byte: a failing commit is an error page.

        An answer that refuses (4xx, 5xx) has changed nothing, however far the service had come before it said no.
        """
        try:
            answer = self.make_response(super().dispatch_request())
            if answer.status_code < HTTPStatus.BAD_REQUEST:
                db.session.commit()
            else:
                db.session.rollback()
        except BaseException:
            db.session.rollback()
            raise
        return answer


def _is_readable() -> bool:
    """Whether the address names a host of ours and holds only text."""
    given = (request.path, *request.args.keys(), *(value for _, value in request.args.items(multi=True)))
    return not isinstance(request.routing_exception, SecurityError) and not any(map(_CONTROL.search, given))
