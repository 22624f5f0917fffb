"""A company's exemption certificates: the list, the upload, the files (R29)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.errors import BusinessError
from dashboard.resellers.service import get_reseller
from dashboard.tax import certificates
from dashboard.tax.forms import CertificateForm
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render
from dashboard.web.parts import part_of
from dashboard.web.texts import gettext as _

bp = Blueprint("tax", __name__, url_prefix="/company/certificates")

#: As large as the databases' ids can be; anything larger is no page.
ID = "<int(max=2147483647):id_>"


@bp.get("", requires=Permission.VIEW_OWN_COMPANY)
def index() -> ResponseReturnValue:
    """The company's certificates and what staff found."""
    return render(
        "tax/certificates.html",
        part=part_of(certificates.of_reseller(actor.reseller), request.args.get("begin", ""), lambda one: one.id),
        provisional=current_settings().exempt_provisionally,
        today=today(),
    )


@bp.route("/new", methods=["GET", "POST"], requires=Permission.UPLOAD_CERTIFICATES)
def new() -> ResponseReturnValue:
    """Upload a certificate: from the company's page, or on the way to placing an order, which is gone on with."""
    draft = request.args.get("draft", "")[:40]
    form = CertificateForm(data={"states": [get_reseller(actor.reseller).state], "valid_from": today()})
    if form.validate_on_submit():
        try:
            certificates.upload(actor.reseller, actor.user, form.claim(), form.content())
        except BusinessError as error:
            form.refuse(error, "file" if error.status == 422 else None)
        else:
            flash(_("The certificate is uploaded. We look at it and write to you."), "ok")
            return redirect(url_for("checkout.review", draft_id=draft) if draft else url_for(".index"), 303)
    return render("tax/upload.html", form=form, draft=draft, status=422 if form.is_refused else 200)


@bp.get(f"/{ID}/file", requires=Permission.VIEW_OWN_COMPANY)
def file(id_: int) -> ResponseReturnValue:
    """The file of one's own certificate."""
    return certificates.download(certificates.get_certificate(id_, of=actor.reseller))
