"""The translators' page: how far the catalogs are, the files to work with, the check, and what was handed in (R30).

Nobody's file changes the running program: whoever maintains it fetches the file and puts it into its place.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.documents import service as documents
from dashboard.errors import InvalidInput
from dashboard.translators import catalogs, po, service
from dashboard.translators.forms import CatalogForm
from dashboard.translators.service import Checked
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _

bp = Blueprint("translations", __name__, url_prefix="/translations")

#: Faults that the page tells of.
SHOWN = 200


@bp.route("", methods=["GET", "POST"], requires=Permission.TRANSLATE)
def index() -> ResponseReturnValue:
    """How far the catalogs are; a file that is sent is checked, and handed in if nothing is wrong with it."""
    form, checked = CatalogForm(), None
    if form.validate_on_submit():
        try:
            content = form.file.data.read(po.LARGEST + 1)
            checked = service.check(content)
            if not checked.faults and request.form.get("action") == "hand_in":
                catalogs.hand_in(content, checked.language, user_id=actor.user, name=actor.name)
                flash(_("Thank you: the file has no faults and is handed in."), "ok")
                return redirect(url_for(".index"), 303)
        except InvalidInput as error:
            form.refuse(error, "file")
    return _page(form, checked)


@bp.get("/<name>", requires=Permission.TRANSLATE)
def file(name: str) -> ResponseReturnValue:
    """One of the files to work with, as the running program has it."""
    return catalogs.file_of(name)


@bp.get("/handed-in/<int(max=2147483647):id_>", requires=Permission.TRANSLATE)
def handed_in(id_: int) -> ResponseReturnValue:
    """A file that was handed in: one's own, or to staff anybody's."""
    found = catalogs.get_handed_in(id_, by=_whose())
    return documents.download(found.digest, found.file_name)


def _whose() -> int | None:
    return None if actor.is_staff else actor.user


def _page(form: CatalogForm, checked: Checked | None) -> ResponseReturnValue:
    faults = checked.faults if checked else []
    return render(
        "translators/index.html",
        status=422 if form.is_refused or faults else 200,
        form=form,
        checked=checked,
        faults=[(fault, service.values_shown(fault)) for fault in faults[:SHOWN]],
        left_out=max(len(faults) - SHOWN, 0),
        shown=service.shown,
        progress=catalogs.progress(),
        handed_in=catalogs.handed_in(by=_whose()),
    )
