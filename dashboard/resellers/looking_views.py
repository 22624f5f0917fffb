"""Staff look at the pages of a company or a customer, read-only, and come back to their own."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.accounts import looking
from dashboard.accounts import service as accounts
from dashboard.errors import NotFound
from dashboard.resellers import service
from dashboard.web.access import Permission, actor
from dashboard.web.forms import row_id
from dashboard.web.texts import gettext as _

bp = Blueprint("looking", __name__)


@bp.post("/staff/view", requires=Permission.VIEW_AS_OTHERS)
def begin() -> ResponseReturnValue:
    """Look at the pages of the `reseller`, or of the customer with the `account`, that the form names."""
    reseller_id, user_id = (request.form.get(name, type=row_id) for name in ("reseller", "account"))
    if reseller_id:
        looking.begin("reseller", service.get_reseller(reseller_id).id, actor.person)
        return redirect(url_for("home.index"), 303)
    if user_id:
        looking.begin("account", accounts.get_user(user_id).id, actor.person)
        return redirect(url_for("customers.licenses"), 303)
    raise NotFound


@bp.post("/view/end", requires=Permission.SIGNED_IN, ends_view=True)
def end() -> ResponseReturnValue:
    """Back to one's own pages; without a view there is nothing to do."""
    view = looking.end()
    if view is None:
        return redirect(url_for("home.index"), 303)
    flash(_("You are back on your own pages."), "info")
    if view.kind == "reseller":
        return redirect(url_for("staff_resellers.show", id_=view.id), 303)
    return redirect(url_for("home.index"), 303)
