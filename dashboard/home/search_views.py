"""The page of the search over everything; htmx asks for the same as the list of the palette."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.home.recent import recent_things, remember
from dashboard.home.search import find
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render, wants_fragment
from dashboard.web.texts import gettext as _

bp = Blueprint("search", __name__)
bp.after_app_request(remember)

#: What the page shows of a kind, and the palette.
ON_PAGE, IN_PALETTE = 20, 5


@bp.get("/find", requires=Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """What was found; a number that one thing has leads straight to it."""
    search = request.args.get("q", "")
    limit = IN_PALETTE if wants_fragment() else ON_PAGE
    found = find(actor, search, limit=limit, recent=recent_things())
    if found.only_one and not wants_fragment():
        return redirect(found.only_one.url, 303)
    return render("home/find.html", "palette", found=found)


@bp.app_context_processor
def search_field() -> dict[str, Any]:
    """The search field in every page's bar, for whoever has something to search."""
    searches = request and (actor.may(Permission.CONFIRMED) or actor.is_looked_at)
    sells = actor.may(Permission.VIEW_OWN_ORDERS) or actor.may(Permission.VIEW_ALL_ORDERS) if searches else False
    label = _("Find an order, a document or a customer") if sells else _("Find a license or a page")
    return {"search_url": url_for("search.show"), "search_label": label} if searches else {}
