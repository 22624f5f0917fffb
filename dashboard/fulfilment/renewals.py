"""A renewal is a new order of the SKU at the current price; its line names the license that it renews (R23)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import aliased

from dashboard.accounts.rules import email_key
from dashboard.errors import N_, InvalidInput, NotFound, Refused
from dashboard.extensions import db
from dashboard.licenses import service as licenses
from dashboard.licenses.models import License
from dashboard.licenses.rules import LicenseKind
from dashboard.orders.models import Order, OrderLine


def renewable(serial: str, *, of: int) -> License:
    """The license, if it can be renewed: permanent, of reseller `of`, not revoked, and not in a renewal already.

    Raises:
        NotFound: if the reseller has no such license (R26).
        Refused: if it cannot be renewed.
    """
    license_ = licenses.get_license(serial, of_reseller=of)
    if license_.kind != LicenseKind.PERMANENT or license_.revoked_at:
        raise Refused(N_("License %(serial)s holds no more and cannot be renewed."), serial=serial)
    if order_id := db.session.scalar(select(renewed_by()).where(License.id == license_.id)):
        raise Refused(N_("License %(serial)s is renewed by order %(id)s already."), serial=serial, id=order_id)
    return license_


def renewed_by() -> ScalarSelect[str]:
    """Of each `License` of a query, the order that renews it: that renews any file of its line, for one that was
    corrected since says the same under another serial (R21).
    """
    file = aliased(License)
    return (
        select(Order.id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(file, file.serial == OrderLine.renews)
        .where(
            file.order_id == License.order_id,
            file.position == License.position,
            OrderLine.quantity > 0,
            Order.cancelled_at.is_(None),
        )
        .limit(1)
        .correlate(License)
        .scalar_subquery()
    )


def find_renewable(*, of: int, order_id: str = "", serials: Collection[str] = ()) -> list[License]:
    """What reseller `of` can renew of an order, or of these serials, what ends first ahead; one statement."""
    query = select(License).where(
        License.reseller_id == of, License.kind == LicenseKind.PERMANENT, License.revoked_at.is_(None),
        License.order_id == order_id if order_id else License.serial.in_(serials), renewed_by().is_(None),
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(License.updates_until, License.order_id, License.position)))


def require_renewable(renews: Mapping[str, str], email: str, *, of: int) -> None:
    """Make sure that each SKU renews a license of that SKU and of this customer.

    Raises:
        InvalidInput: saying which does not, and what to do.
    """
    for sku, serial in renews.items():
        try:
            license_ = renewable(serial, of=of)
        except (NotFound, Refused) as error:
            raise InvalidInput(REMOVE, sku=sku, serial=serial) from error
        if license_.sku != sku or email_key(license_.email) != email_key(email):
            raise InvalidInput(REMOVE, sku=sku, serial=serial)


REMOVE = N_(
    "%(sku)s cannot renew license %(serial)s: it is renewed already, holds no more, or belongs to another customer. "
    "Remove the line and add the product anew to order it without renewal."
)


def end_of_updates(serial: str, *, of: int) -> date | None:
    """Until when the updates of a license run that is renewed; of its newest file, if it was corrected since (R21)."""
    if not serial:
        return None
    renewed = licenses.get_license(serial, of_reseller=of)
    ends = [one.updates_until for one in licenses.valid_of(renewed.order_id) if one.position == renewed.position]
    return next(iter(ends), None)
