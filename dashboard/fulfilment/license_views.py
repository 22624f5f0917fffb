"""The licenses of a company's own orders, and which are to be renewed (R23, R24, R26)."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from dashboard.clock import today
from dashboard.fulfilment import license_lists as lists
from dashboard.fulfilment.license_files import STANDING_WORDS, asked_licenses
from dashboard.fulfilment.license_lists import Month
from dashboard.fulfilment.rules import SOON
from dashboard.jobs import answers
from dashboard.web.access import Permission, actor
from dashboard.web.forms import day_typed
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _

bp = Blueprint("company_licenses", __name__, url_prefix="/company-licenses")


@bp.get("", requires=Permission.VIEW_OWN_ORDERS)
def index() -> ResponseReturnValue:
    """All licenses of the company's orders, narrowed by words and state, the newest first."""
    search, state = asked_licenses(request.args)
    before = request.args.get("before", type=int)
    before = before if before and 0 < before < 2**31 else None
    return render(
        "fulfilment/licenses.html",
        "results",
        page=lists.list_licenses(actor.reseller, search=search, state=state, before=before),
        search=search,
        state=state,
        is_first_page=before is None,
        states={state: _(words) for state, words in STANDING_WORDS.items()},
        today=today(),
        soon=SOON,
    )


@bp.route("/export", methods=["GET", "POST"], requires=Permission.VIEW_OWN_ORDERS)
def export() -> ResponseReturnValue:
    """What the list or the renewals show, as a file; ISO days and no sums."""
    return answers.export("licenses", of=actor.reseller)


@bp.get("/renewals", requires=Permission.VIEW_OWN_ORDERS)
def renewals() -> ResponseReturnValue:
    """What ended lately and what ends in the next months, narrowed by words, month by month, from the address's on."""
    day, (search, _state) = today(), asked_licenses(request.args)
    months = lists.renewals(actor.reseller, day, search)
    first = day_typed(request.args.get("from", "") + "-01") or months[0].first_day
    shown, following = _part(months, first)
    return render(
        "fulfilment/renewals.html",
        "results",
        search=search,
        months=months,
        shown=shown,
        following=following,
        is_first_page=first <= months[0].first_day,
        count=sum(len(month.licenses) for month in months),
        today=day,
    )


def _part(months: list[Month], first: date) -> tuple[list[Month], date | None]:
    """Whole months from `first` on until they fill a page, and the month that follows."""
    shown: list[Month] = []
    for month in months:
        if month.first_day < first or not month.licenses:
            continue
        if sum(len(one.licenses) for one in shown) >= lists.RENEWALS:
            return shown, month.first_day
        shown.append(month)
    return shown, None
