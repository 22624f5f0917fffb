"""The programme, the application, the company's own pages and the policy (R2-R5, R31)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.clock import day_of
from dashboard.errors import BusinessError, NotFound
from dashboard.prose import reading
from dashboard.prose.rules import Kind
from dashboard.resellers import applications, logos, policies, service
from dashboard.resellers.forms import ApplicationForm, DetailsForm, ListingForm, LogoForm
from dashboard.resellers.rules import own_host
from dashboard.resellers.tax_numbers import kind_of
from dashboard.web.access import Permission, actor
from dashboard.web.formats import language
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _

bp = Blueprint("resellers", __name__)


@bp.get("/programme", requires=Permission.PUBLIC)
def programme() -> ResponseReturnValue:
    """What a reseller asks before becoming one (R31)."""
    latest = applications.find_latest(actor.user) if actor.is_authenticated and not actor.reseller_id else None
    text = reading.read(Kind.PROGRAMME, language())
    return render("resellers/programme.html", latest=latest, text=text)


@bp.route("/apply", methods=["GET", "POST"], requires=Permission.CONFIRMED)
def apply() -> ResponseReturnValue:
    """Apply, or look at what became of it (R2, R3)."""
    if actor.reseller_id:
        return redirect(url_for(".company"), 303)
    latest = applications.find_latest(actor.user)
    if latest and latest.is_waiting:
        return redirect(url_for(".application"), 303)
    form = ApplicationForm(obj=latest)
    if form.validate_on_submit():
        try:
            applications.submit(actor.user, form.request(), language())
        except BusinessError as error:
            form.refuse(error)
        else:
            return redirect(url_for(".application"), 303)
    return render("resellers/apply.html", form=form, latest=latest, status=422 if form.is_refused else 200)


@bp.get("/application", requires=Permission.CONFIRMED)
def application() -> ResponseReturnValue:
    """The state of one's own newest application."""
    latest = applications.find_latest(actor.user)
    if latest is None:
        raise NotFound
    return render("resellers/application.html", application=latest)


@bp.get("/company", requires=Permission.VIEW_OWN_COMPANY)
def company() -> ResponseReturnValue:
    """The company as the vendor knows it, and what is missing until it is active (R5)."""
    reseller = service.get_reseller(actor.reseller)
    return render(
        "resellers/company.html",
        reseller=reseller,
        missing=service.missing_steps_of(reseller),
        acceptance=policies.find_acceptance(reseller.id),
        to_accept=policies.must_accept_policy(reseller.id),
        number_kind=kind_of(reseller.country),
    )


@bp.route("/company/listing", methods=["GET", "POST"], requires=Permission.EDIT_OWN_COMPANY)
def listing() -> ResponseReturnValue:
    """Give the page that lists the vendor's brands (R5a)."""
    reseller = service.get_reseller(actor.reseller)
    form = ListingForm(obj=reseller)
    if form.validate_on_submit():
        try:
            service.give_listing(reseller.id, form.listing_url.data)
        except BusinessError as error:
            form.refuse(error, "listing_url")
        else:
            return _saved()
    domain = own_host(reseller.website)
    return render("resellers/listing.html", form=form, domain=domain, status=422 if form.is_refused else 200)


@bp.route("/company/details", methods=["GET", "POST"], requires=Permission.EDIT_OWN_COMPANY)
def details() -> ResponseReturnValue:
    """Say what documents say of the company (R5c)."""
    reseller = service.get_reseller(actor.reseller)
    proposed = {"legal_name": reseller.name, "billing_email": actor.email}
    form = DetailsForm(reseller.country, data=service.details_of(reseller, otherwise=proposed))
    if form.validate_on_submit():
        service.save_details(reseller.id, form.details())
        return _saved()
    kind, status = kind_of(reseller.country), 422 if form.is_refused else 200
    return render("resellers/details.html", form=form, reseller=reseller, number_kind=kind, status=status)


@bp.route("/company/logo", methods=["GET", "POST"], requires=Permission.EDIT_OWN_COMPANY)
def logo() -> ResponseReturnValue:
    """Upload the picture that stands on the company's quotes."""
    form = LogoForm()
    if form.validate_on_submit():
        try:
            logos.upload(actor.reseller, form.content())
        except BusinessError as error:
            form.refuse(error, "file")
        else:
            return _saved()
    reseller = service.get_reseller(actor.reseller)
    return render("resellers/logo.html", form=form, reseller=reseller, status=422 if form.is_refused else 200)


@bp.post("/company/logo/remove", requires=Permission.EDIT_OWN_COMPANY)
def remove_logo() -> ResponseReturnValue:
    """Quotes have no picture any more; those that were issued keep theirs."""
    logos.remove(actor.reseller)
    return _saved()


@bp.get("/company/logo/picture", requires=Permission.VIEW_OWN_COMPANY)
def logo_picture() -> ResponseReturnValue:
    """The picture itself, for the company's members."""
    return logos.picture(actor.reseller)


@bp.get("/policy", requires=Permission.PUBLIC)
def policy() -> ResponseReturnValue:
    """The version in force, in the reader's language; a member accepts it here (R5b)."""
    current = policies.current_policy()
    return render(
        "resellers/policy.html",
        policy=current,
        since=day_of(current.published_at) if current.published_at else None,
        text=reading.document(current, language()),
        to_accept=policies.must_accept_policy(actor.reseller) if actor.reseller_id else None,
        acceptance=policies.find_acceptance(actor.reseller) if actor.reseller_id else None,
    )


@bp.post("/policy", requires=Permission.ACCEPT_POLICY)
def accept_policy() -> ResponseReturnValue:
    """Accept the version that was read."""
    service.accept_policy(actor.reseller, actor.user, request.form.get("policy", -1, type=int))
    return _saved()


def _saved() -> ResponseReturnValue:
    """Back to the company's page, which says what is next, or that all is done."""
    reseller = service.get_reseller(actor.reseller)
    if reseller.is_active and not actor.is_active_reseller:
        flash(_("All steps are done: partner prices and ordering are open to your company."), "ok")
    else:
        flash(_("Saved."), "ok")
    return redirect(url_for(".company"), 303)
