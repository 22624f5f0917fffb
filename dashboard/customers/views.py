"""The customer's page: each license in words, its file, how to apply it. No price can be reached from here (R25)."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from dashboard.clock import today
from dashboard.customers.finding import find_licenses
from dashboard.licenses import service
from dashboard.prose import reading
from dashboard.prose.rules import Kind
from dashboard.web.access import Permission, actor
from dashboard.web.formats import language
from dashboard.web.fragments import render
from dashboard.web.parts import part_of
from dashboard.web.transactions import transaction

bp = Blueprint("customers", __name__)

#: With more licenses than these, the page begins with a search and a list of them.
LISTED_FROM = 10


@bp.get("/licenses", requires=Permission.VIEW_OWN_LICENSES)
def licenses() -> ResponseReturnValue:
    """All licenses of the signed-in person, whichever reseller they came through."""
    search = request.args.get("q", "").strip()[:100]
    found = find_licenses(actor.user, search) if search else service.of_customer(actor.user)
    return render(
        "customers/licenses.html",
        "results",
        part=part_of(found, request.args.get("begin", ""), lambda license_: license_.serial),
        search=search,
        are_many=bool(search) or len(found) > LISTED_FROM,
        today=today(),
    )


@bp.get("/licenses/<serial>/file", requires=Permission.VIEW_OWN_LICENSES)
def license_file(serial: str) -> ResponseReturnValue:
    """The license file, for its owner; the first download is noted (R21)."""
    license_ = service.get_license(serial, of_user=actor.user)
    answer = service.download(license_)
    if license_.downloaded_at is None and request.method == "GET":  # HEAD fetches nothing
        with transaction():
            service.downloaded(license_.id)
    return answer


@bp.get("/how-to-apply", requires=Permission.PUBLIC)
def how_to_apply() -> ResponseReturnValue:
    """How to apply a license on each platform, in the vendor's words, and how to check its signature (R20). What
    concerns the license from which somebody came stands first.
    """
    text = reading.read(Kind.INSTRUCTIONS, language())
    return render("customers/how_to_apply.html", text=text.beginning_with(request.args.getlist("of")))
