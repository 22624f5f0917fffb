"""Staff decide about applications and resellers (R4-R6, R14, R15)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.audit import service as audit
from dashboard.clock import day_of, today, utcnow
from dashboard.config import current_settings
from dashboard.errors import BusinessError, InvalidInput
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.money import percent_of
from dashboard.resellers import applications, invitations, policies, service
from dashboard.resellers.forms import CurrencyForm, DecisionForm, DiscountForm, OwnerForm, PlaceForm, ReasonForm
from dashboard.resellers.rules import Role, proposed_currency
from dashboard.resellers.tax_numbers import kind_of
from dashboard.web.access import Permission, actor
from dashboard.web.forms import Form
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _
from dashboard.web.transactions import reading

if TYPE_CHECKING:
    from dashboard.resellers.models import Reseller

bp = Blueprint("staff_resellers", __name__, url_prefix="/staff")

REVIEW = Permission.REVIEW_RESELLERS

#: As large as the databases' ids can be; anything larger is no page.
ID = "<int(max=2147483647):id_>"


@bp.get("/applications", endpoint="applications", requires=REVIEW)
def list_applications() -> ResponseReturnValue:
    """The queue of applications, or those that were decided."""
    decided = request.args.get("state") == "decided"
    before = _before()
    if decided:
        found, waiting = applications.list_decided(before)
    else:
        found = applications.list_waiting()
        waiting = len(found)
    older = url_for(".applications", state="decided", before=found[-1].id) if len(found) == applications.PAGE else ""
    return render(
        "resellers/staff_applications.html",
        applications=found,
        decided=decided,
        waiting=waiting,
        older=older if decided else "",
        is_first_page=before is None or not decided,
    )


@bp.route(f"/applications/{ID}", methods=["GET", "POST"], requires=REVIEW)
def application(id_: int) -> ResponseReturnValue:
    """One application, to be approved or declined (R4)."""
    found = applications.get_application(id_)
    currency = proposed_currency(found.country, current_settings().vendor.accounts)
    form = DecisionForm(data={"currency": currency})
    decision = request.form.get("decision")
    if decision and form.validate_on_submit():
        try:
            if decision == "approve":
                reseller = applications.approve(id_, form.currency.data, by=actor.user)
                flash(_("%(company)s is a reseller now, and was told by mail.", company=reseller.name), "ok")
            else:
                applications.decline(id_, form.reason.data, by=actor.user)
                flash(_("The application is declined, and the applicant was told why."), "ok")
        except InvalidInput as error:
            form.refuse(error, "currency" if decision == "approve" else "reason")
        else:
            return redirect(url_for(".applications"), 303)
    return render(
        "resellers/staff_application.html",
        application=found,
        applicant=applications.get_applicant(found),
        form=form,
        status=422 if form.is_refused else 200,
    )


@bp.get("/resellers", requires=REVIEW)
def index() -> ResponseReturnValue:
    """All resellers, or those that wait for a person."""
    only, text = request.args.get("only", ""), request.args.get("q", "").strip()
    found = service.list_resellers(only=only, text=text, before=_before(), owed=balances.owed_by_each())
    more = len(found.resellers) == service.PAGE
    return render(
        "resellers/staff_index.html",
        resellers=found.resellers,
        only=only,
        text=text,
        to_check=found.to_check,
        owed=found.owed,
        is_first_page=_before() is None,
        older=url_for(".index", only=only or None, q=text or None, before=found.resellers[-1].id) if more else "",
    )


@bp.get(f"/resellers/{ID}", requires=REVIEW)
def show(id_: int) -> ResponseReturnValue:
    """One reseller: facts, and what staff may decide about it."""
    reseller = service.get_reseller(id_)
    return render(
        "resellers/staff_reseller.html",
        reseller=reseller,
        since=day_of(reseller.created_at),
        missing=service.names_of(service.missing_steps_of(reseller)),
        members=service.members_of(id_),
        invitations=invitations.waiting(id_),
        now=utcnow(),
        number_kind=kind_of(reseller.country),
        acceptance=policies.find_acceptance(id_),
        history=audit.history(f"reseller:{id_}"),
        debts=[debt for debt in balances.debts_of(id_) if debt.open],
        today=today(),
    )


@bp.post(f"/resellers/{ID}/listing", requires=REVIEW)
def check_listing(id_: int) -> ResponseReturnValue:
    """The page was looked at and lists the brands (R5)."""
    service.mark_listing_checked(id_, request.form.get("url", ""))
    return _done(id_)


@bp.post(f"/resellers/{ID}/tax-number", requires=REVIEW)
def confirm_tax_number(id_: int) -> ResponseReturnValue:
    """The VAT number was looked up and is the company's (R28)."""
    service.confirm_tax_number(id_, request.form.get("number", ""))
    return _done(id_)


@bp.route(f"/resellers/{ID}/suspend", methods=["GET", "POST"], requires=REVIEW)
def suspend(id_: int) -> ResponseReturnValue:
    """Suspend, with a reason that the owners read (R5)."""
    form = ReasonForm()
    return _decide(id_, form, lambda: service.suspend(id_, form.reason.data))


@bp.post(f"/resellers/{ID}/reactivate", requires=REVIEW)
def reactivate(id_: int) -> ResponseReturnValue:
    """End a suspension."""
    service.reactivate(id_)
    return _done(id_)


@bp.route(f"/resellers/{ID}/established", methods=["GET", "POST"], requires=REVIEW)
def establish(id_: int) -> ResponseReturnValue:
    """Mark as established, with a reason (R14)."""
    form = ReasonForm()
    return _decide(id_, form, lambda: service.mark_established(id_, form.reason.data))


@bp.route(f"/resellers/{ID}/hold", methods=["GET", "POST"], requires=REVIEW)
def hold(id_: int) -> ResponseReturnValue:
    """Take credit away, with a reason (R15)."""
    form = ReasonForm()
    return _decide(id_, form, lambda: service.set_hold(id_, True, form.reason.data))


@bp.route(f"/resellers/{ID}/owner", methods=["GET", "POST"], requires=REVIEW)
def invite_owner(id_: int) -> ResponseReturnValue:
    """Invite an owner, for a company whose owner has gone, with the reason (R5)."""
    with reading():  # the limits of letters come before the request's first statement
        reseller = service.get_reseller(id_)
    form = OwnerForm()
    if form.validate_on_submit():
        email, language = form.email.data, reseller.document_language
        try:
            invitations.invite(id_, email, Role.OWNER, language=language, by=actor, reason=form.reason.data)
        except BusinessError as error:
            form.refuse(error, "email" if error.status == 422 else None)
        else:
            return _done(id_)
    return _form(form, reseller, "invite_owner")


@bp.post(f"/resellers/{ID}/invitations/<int(max=2147483647):invitation_id>/take-back", requires=REVIEW)
def take_back_invitation(id_: int, invitation_id: int) -> ResponseReturnValue:
    """End an invitation, for whoever mistyped an address."""
    invitations.take_back(id_, invitation_id)
    return _done(id_)


@bp.post(f"/resellers/{ID}/end-hold", requires=REVIEW)
def end_hold(id_: int) -> ResponseReturnValue:
    """Give credit back."""
    service.set_hold(id_, False)
    return _done(id_)


@bp.route(f"/resellers/{ID}/discount", methods=["GET", "POST"], requires=REVIEW)
def discount(id_: int) -> ResponseReturnValue:
    """Set a discount of its own (R6)."""
    form = DiscountForm(data={"percent": f"{percent_of(service.get_reseller(id_).discount):f}"})
    return _decide(id_, form, lambda: service.set_discount(id_, form.discount), "percent")


@bp.route(f"/resellers/{ID}/place", methods=["GET", "POST"], requires=REVIEW)
def place(id_: int) -> ResponseReturnValue:
    """Change web site, country and state (R8)."""
    form = PlaceForm(obj=service.get_reseller(id_))
    return _decide(id_, form, lambda: service.move(id_, form.place()))


@bp.route(f"/resellers/{ID}/currency", methods=["GET", "POST"], requires=REVIEW)
def currency(id_: int) -> ResponseReturnValue:
    """Change the currency while nothing is open (R4)."""
    form = CurrencyForm(obj=service.get_reseller(id_))

    def change() -> None:
        service.get_reseller(id_, lock=True)
        ledger.require_settled(id_)
        service.set_currency(id_, form.currency.data)

    return _decide(id_, form, change)


def _decide(id_: int, form: Form, act: Callable[[], None], field: str | None = None) -> ResponseReturnValue:
    """The page of one decision: its form, and what happens when it is sent."""
    reseller = service.get_reseller(id_)
    if form.validate_on_submit():
        try:
            act()
        except InvalidInput as error:
            form.refuse(error, field)
        else:
            return _done(id_)
    return _form(form, reseller, (request.endpoint or "").rpartition(".")[2])


def _form(form: Form, reseller: Reseller, action: str) -> ResponseReturnValue:
    status = 422 if form.is_refused else 200
    return render("resellers/staff_form.html", form=form, reseller=reseller, action=action, status=status)


def _done(id_: int) -> ResponseReturnValue:
    flash(_("Saved."), "ok")
    return redirect(url_for(".show", id_=id_), 303)


def _before() -> int | None:
    """Where a further page of a list begins."""
    before = request.args.get("before", type=int)
    return None if before is None else min(before, 2**31 - 1)
