"""Staff decide about an exemption certificate; what follows for orders follows at once (R29)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.fulfilment import certificates as decisions
from dashboard.fulfilment.forms import RefusalForm
from dashboard.orders import service as orders
from dashboard.resellers import service as resellers
from dashboard.tax import certificates
from dashboard.web.access import Permission, actor
from dashboard.web.fragments import render
from dashboard.web.languages import is_switching
from dashboard.web.texts import gettext as _

bp = Blueprint("staff_certificates", __name__, url_prefix="/staff/certificates")


@bp.route("/<int(max=2147483647):id_>", methods=["GET", "POST"], requires=Permission.REVIEW_RESELLERS)
def show(id_: int) -> ResponseReturnValue:
    """One certificate, to be verified or refused with a reason."""
    certificate = certificates.get_certificate(id_)
    form = RefusalForm()
    if request.form.get("decision") == "verify" and not is_switching():
        decisions.verify(id_, by=actor.user)
        flash(_("The certificate is verified, and the reseller is told."), "ok")
        return redirect(url_for("staff_tax.index"), 303)
    if form.validate_on_submit():
        decisions.refuse(id_, form.reason.data, by=actor.user)
        flash(
            _("The certificate is refused. The reseller is told why; orders placed under it are billed their tax."),
            "ok",
        )
        return redirect(url_for("staff_tax.index"), 303)
    return render(
        "fulfilment/certificate.html",
        status=422 if form.is_refused else 200,
        form=form,
        certificate=certificate,
        reseller=resellers.get_reseller(certificate.reseller_id),
        orders=orders.exempted_by(id_, lock=False),
    )
