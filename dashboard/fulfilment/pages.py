"""Pages of what both a reseller and staff do with an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask.typing import ResponseReturnValue

from dashboard.errors import N_, Refused
from dashboard.fulfilment.rules import may_correct
from dashboard.licenses import service as licenses
from dashboard.web.fragments import render

if TYPE_CHECKING:
    from dashboard.fulfilment.forms import CorrectionForm
    from dashboard.orders.models import Order


def correction_page(order: Order, form: CorrectionForm, *, by_staff: bool) -> ResponseReturnValue:
    """The form that corrects a mistyped address or name of the end customer (R21).

    Raises:
        Refused: if it is not to be corrected any more.
    """
    issued = licenses.valid_of(order.id)
    fetched = any(license_.downloaded_at for license_ in issued)
    if not may_correct(by_staff=by_staff, cancelled=order.cancelled_at is not None, fetched=fetched):
        raise Refused(N_("The end customer's details cannot be corrected here any more. Please write to us."))
    if not form.is_submitted():
        form.process(data=order.end_customer)
    return render(
        "fulfilment/correct.html",
        status=422 if form.is_refused else 200,
        form=form,
        order=order,
        issued=issued,
        fetched=fetched,
        by_staff=by_staff,
    )
