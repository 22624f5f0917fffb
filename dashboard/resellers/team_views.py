"""The team of a company: who belongs to it and as what, invitations, leaving; and the link of an invitation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.clock import utcnow
from dashboard.errors import BusinessError, InvalidInput, NotFound, Refused
from dashboard.resellers import invitations, service, team
from dashboard.resellers.forms import AcceptForm, InvitationForm, JoinForm, LeaveForm, RoleForm
from dashboard.resellers.rules import INVITATION_LIFETIME, Way
from dashboard.web.access import Permission, actor
from dashboard.web.formats import language
from dashboard.web.forms import Form
from dashboard.web.fragments import render
from dashboard.web.parts import part_of
from dashboard.web.texts import gettext as _

bp = Blueprint("team", __name__)

#: As large as the databases' ids can be; anything larger is no page.
ID = "<int(max=2147483647):id_>"


@bp.get("/company/team", requires=Permission.VIEW_OWN_COMPANY)
def index() -> ResponseReturnValue:
    """Who belongs to the company, and who is invited."""
    return _team(InvitationForm())


@bp.post("/company/team", requires=Permission.MANAGE_TEAM)
def invite() -> ResponseReturnValue:
    """Invite somebody; the answer is the same whether or not the address has an account here (R26)."""
    form = InvitationForm()
    if form.validate_on_submit():
        try:
            invitations.invite(actor.reseller, form.email.data, form.role.data, language=language(), by=actor)
        except BusinessError as error:
            form.refuse(error, "email" if isinstance(error, InvalidInput) else None)
            return _team(form, error.status)
        flash(_("The invitation is on its way to %(email)s.", email=form.email.data), "ok")
        return redirect(url_for(".index"), 303)
    return _team(form, 422 if form.is_refused else 200)


@bp.post(f"/company/team/invitations/{ID}/again", requires=Permission.MANAGE_TEAM)
def send_again(id_: int) -> ResponseReturnValue:
    """Mail a new link to somebody who is invited."""
    email = invitations.send_again(actor.reseller, id_, by=actor)
    flash(_("The invitation is on its way to %(email)s.", email=email), "ok")
    return redirect(url_for(".index"), 303)


@bp.post(f"/company/team/invitations/{ID}/take-back", requires=Permission.MANAGE_TEAM)
def take_back(id_: int) -> ResponseReturnValue:
    """End an invitation."""
    email = invitations.take_back(actor.reseller, id_)
    flash(_("The invitation of %(email)s is taken back.", email=email), "ok")
    return redirect(url_for(".index"), 303)


@bp.route(f"/company/team/members/{ID}", methods=["GET", "POST"], requires=Permission.MANAGE_TEAM)
def member(id_: int) -> ResponseReturnValue:
    """One member: another role, or out of the company."""
    found = [(user, role) for user, role in service.members_of(actor.reseller) if user.id == id_]
    if not found:
        raise NotFound
    user, role = found[0]
    form = RoleForm(data={"role": role})
    if form.validate_on_submit():
        try:
            team.set_role(actor.reseller, id_, form.role.data)
        except Refused as error:
            return _refused("resellers/member.html", form, error, user=user)
        flash(_("%(name)s has another role now.", name=user.name), "ok")
        return redirect(url_for(".index"), 303)
    return _shown("resellers/member.html", form, user=user)


@bp.post(f"/company/team/members/{ID}/remove", requires=Permission.MANAGE_TEAM)
def remove(id_: int) -> ResponseReturnValue:
    """Take somebody out of the company; they are told by mail."""
    user = team.remove(actor.reseller, id_)
    flash(_("%(name)s is no longer in your company, and was told by mail.", name=user.name), "ok")
    return redirect(url_for(".index") if user.id != actor.user_id else "/", 303)


@bp.route("/company/team/leave", methods=["GET", "POST"], requires=Permission.VIEW_OWN_COMPANY)
def leave() -> ResponseReturnValue:
    """Leave the company that the page names; the account stays."""
    form = LeaveForm(data={"company": str(actor.reseller)})
    if form.validate_on_submit() and form.company.data == str(actor.reseller):
        company = actor.reseller_name
        try:
            team.leave(actor.reseller, actor.user)
        except Refused as error:
            return _refused("resellers/leave.html", form, error)
        flash(_("You have left %(company)s.", company=company), "ok")
        return redirect("/", 303)
    return _shown("resellers/leave.html", form)


@bp.route("/invitation/<token>", methods=["GET", "POST"], requires=Permission.PUBLIC)
def accept(token: str) -> ResponseReturnValue:
    """The mailed link: one click for whoever is signed in under the address, else an account or the way to sign in."""
    opened = invitations.open_link(token)
    way = opened.way_of(actor)
    form = JoinForm() if way is Way.REGISTER else AcceptForm()
    if way is Way.REGISTER:
        form.email.data = opened.email
    if form.validate_on_submit():
        try:
            if way is Way.REGISTER:
                invitations.register(token, form.name.data, form.password.data, language())
            else:
                invitations.accept(token, actor)
        except BusinessError as error:
            return _refused("resellers/invitation.html", form, error, opened=opened, way=way)
        flash(_("Welcome: you belong to %(company)s now.", company=opened.company), "ok")
        return redirect("/", 303)
    return _shown("resellers/invitation.html", form, opened=opened, way=way)


def _shown(template: str, form: Form, **context: Any) -> ResponseReturnValue:
    return render(template, status=422 if form.is_refused else 200, form=form, **context)


def _refused(template: str, form: Form, error: BusinessError, **context: Any) -> ResponseReturnValue:
    form.refuse(error)
    return render(template, status=error.status, form=form, **context)


def _team(form: Form, status: int = 200) -> ResponseReturnValue:
    """The page of the team, with what was typed into its form."""
    return render(
        "resellers/team.html",
        form=form,
        members=service.members_of(actor.reseller),
        invited=part_of(invitations.waiting(actor.reseller), request.args.get("begin", ""), lambda one: one.id),
        now=utcnow(),
        days=INVITATION_LIFETIME.days,
        status=status,
    )
