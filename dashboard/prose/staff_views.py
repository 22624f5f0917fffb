"""Staff write the texts: look, preview, publish, and read every version that there was."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.errors import NotFound
from dashboard.prose import service, versions
from dashboard.prose.changes import compare
from dashboard.prose.forms import TextForm
from dashboard.prose.reading import document
from dashboard.prose.rules import HOLES, Kind
from dashboard.prose.service import Outdated
from dashboard.prose.versions import Version
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render
from dashboard.web.languages import LANGUAGES, is_switching
from dashboard.web.texts import gettext as _

bp = Blueprint("staff_texts", __name__, url_prefix="/staff/texts")

EDIT = Permission.EDIT_TEXTS

#: As large as the databases' numbers can be; anything larger is no page.
NUMBER = "<int(max=2147483647):number>"


@bp.get("", requires=EDIT)
def index() -> ResponseReturnValue:
    """All texts, each with its version in force."""
    return render("prose/staff_index.html", versions=versions.list_current())


@bp.get("/<kind>", requires=EDIT)
def show(kind: str) -> ResponseReturnValue:
    """One text as it is read now, and its history."""
    found = versions.list_versions(_kind(kind))
    return render("prose/staff_show.html", version=found[0], versions=found, texts=_read(found[0]))


@bp.get(f"/<kind>/versions/{NUMBER}", requires=EDIT)
def version(kind: str, number: int) -> ResponseReturnValue:
    """One version, and what it changed."""
    found = versions.get_version(_kind(kind), number)
    before = versions.get_version(found.kind, number - 1) if number else None
    changes = _changes(before, found) if before else None
    return render("prose/staff_version.html", version=found, texts=_read(found), before=before, changes=changes)


@bp.route("/<kind>/edit", methods=["GET", "POST"], requires=EDIT)
def edit(kind: str) -> ResponseReturnValue:
    """Write a new version; `from` names an older one to begin with. Nothing typed is lost, whatever happens."""
    current = versions.current(_kind(kind))
    begin = versions.get_version(current.kind, request.args.get("from", current.number, type=int))
    form = TextForm(begin, base=current.number)
    context: dict[str, Any] = {}
    if form.validate_on_submit() and request.form.get("step") == "publish":
        try:
            return _published(_publish(current.kind, form))
        except Outdated:
            context = _outdated(current.kind, form)
    if form.is_submitted() and not is_switching():
        context["texts"] = _read(Version(current.kind, 0, form.english.data or "", form.russian.data or ""))
    status = 409 if "overtaken" in context else 422 if form.is_refused else 200
    holes = sorted(HOLES[current.kind])
    return render("prose/staff_edit.html", form=form, version=current, holes=holes, status=status, **context)


def _publish(kind: Kind, form: TextForm) -> Version:
    return service.publish(
        kind,
        form.english.data,
        form.russian.data,
        base=form.follows,
        by=actor.user,
        note=form.note.data or "",
        correction=bool(form.correction.data) if "correction" in form else False,
    )


def _published(version: Version) -> ResponseReturnValue:
    flash(_("Version %(number)s is in force.", number=version.number), "ok")
    return redirect(url_for(".show", kind=version.kind), 303)


def _outdated(kind: Kind, form: TextForm) -> dict[str, Any]:
    """What somebody else has published meanwhile; the next attempt follows it."""
    newest = versions.current(kind)
    seen = versions.get_version(kind, min(max(form.follows, 0), newest.number))
    form.go_on_from(seen, newest)
    return {"overtaken": newest, "changes": _changes(seen, newest)}


def _kind(name: str) -> Kind:
    if name not in set(Kind):
        raise NotFound
    return Kind(name)


def _read(version: Version) -> dict[str, Any]:
    """The text in each language, English first."""
    return {language: document(version, language) for language in sorted(LANGUAGES)}


def _changes(before: Version, after: Version) -> dict[str, Any]:
    return {language: compare(before.text(language), after.text(language)) for language in sorted(LANGUAGES)}
