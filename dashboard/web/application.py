"""The application class: guards first, then one transaction around the view."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Flask, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.routing import Rule

from dashboard.extensions import db
from dashboard.web.access import GuardedRule, actor
from dashboard.web.transactions import begin_request


class DashboardApp(Flask):
    """Flask with guarded routes and one commit a request."""

    url_rule_class: type[Rule] = GuardedRule

    def select_jinja_autoescape(self, filename: str | None) -> bool:
        """Everything is escaped, letters' text variants too: those are unescaped once, whole (mail/rendering.py)."""
        return True

    def preprocess_request(self) -> Any:
        """Refuse before anything else looks at the request: 404 comes before CSRF (R26)."""
        begin_request(writes=False)  # the actor is loaded reading, whatever this thread did before
        rule = request.url_rule
        if isinstance(rule, GuardedRule) and not actor.may(rule.requires):
            abort(404 if actor.is_authenticated else 401)
        begin_request(writes=request.method not in {"GET", "HEAD", "OPTIONS"})
        return super().preprocess_request()

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
