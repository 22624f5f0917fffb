"""The way through the pages."""

from __future__ import annotations

from flask import url_for

from dashboard.web.access import Actor, Permission
from dashboard.web.pages import Link
from dashboard.web.texts import gettext as _


def navigation(actor: Actor) -> list[Link]:
    """The pages that this actor can go to, most used first."""
    entries = [
        (Permission.SIGNED_IN, _("Home"), "home.index"),
    ]
    return [Link(label, url_for(endpoint)) for permission, label, endpoint in entries if actor.may(permission)]
