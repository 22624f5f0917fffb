"""Issue, find, revoke licenses. The facts come in; no price, tax or order object is known here (R25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from flask import Response
from sqlalchemy import func, select, update

from dashboard import chance
from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.config import current_settings
from dashboard.documents import service as documents
from dashboard.errors import N_, NotFound, Refused
from dashboard.extensions import db
from dashboard.licenses.models import License, RevocationIssue
from dashboard.licenses.rules import (
    LicenseFacts,
    LicenseKind,
    expires_on,
    file_name,
    legible,
    new_serial,
    updates_until,
)
from dashboard.outbox import service as outbox
from dashboard.typed import search_text

#: Outbox effect that signs a license file.
SIGN = "licenses.sign"

#: Outbox effect that publishes the list of revoked serials anew.
SIGN_REVOCATIONS = "licenses.revocations"


@dataclass(frozen=True)
class Grant:
    """What a license is issued for: one line of one order, and the people around it."""

    order_id: str
    position: int
    brand: str
    sku: str
    product: str
    platform: str
    plan: str
    quantity: int
    licensee: str
    contact: str
    email: str
    language: str
    reseller_id: int
    reseller_name: str
    reseller_email: str
    renews: str = ""  #: serial of the license that this one goes on from


def issue(
    grant: Grant, kind: LicenseKind, on: date, *, user_id: int | None = None, previous_end: date | None = None
) -> License:
    """Issue a license and have the worker sign its file (R22, R23).

    Args:
        on: the day of issue.
        user_id: the end customer's account, for a permanent license; a temporary one goes to the reseller alone.
        previous_end: of a renewal, until when the updates of the renewed license run.
    """
    permanent = kind is LicenseKind.PERMANENT
    return _write(
        grant,
        kind,
        issued_on=on,
        updates_until=updates_until(on, previous_end) if permanent else None,
        expires_on=None if permanent else expires_on(on, current_settings().temporary_days),
        user_id=user_id,
    )


def _write(grant: Grant, kind: LicenseKind, **dates_and_owner: Any) -> License:
    """The license of a grant, as the next of its line, to be signed by the worker."""
    issued_before = db.session.scalar(
        select(func.count()).where(
            License.order_id == grant.order_id, License.position == grant.position, License.kind == kind
        )
    )
    facts = {name: legible(value) if isinstance(value, str) else value for name, value in vars(grant).items()}
    serial = new_serial(chance.source())
    license_ = License(
        **facts,
        serial=serial,
        search_text=search_text(
            serial, grant.order_id, grant.sku, grant.product, grant.plan, grant.licensee, grant.contact, grant.email
        ),
        kind=kind,
        issue=(issued_before or 0) + 1,
        **dates_and_owner,
    )
    db.session.add(license_)
    db.session.flush()
    facts_of(license_)  # refuses now, not in the worker, what cannot stand in a file
    outbox.put(SIGN, f"{SIGN}:{license_.serial}", license_id=license_.id)
    return license_


def revoke(order_id: str) -> list[License]:
    """Revoke the licenses of an order: downloads close, serials go on the revocation list (R12)."""
    query = select(License).where(License.order_id == order_id, License.revoked_at.is_(None))
    revoked = list(db.session.scalars(query))
    for license_ in revoked:
        license_.revoked_at = utcnow()
    if revoked:
        _publish(revoked[-1])
    return revoked


def resize(order_id: str, left: Mapping[int, int]) -> tuple[list[License], list[License]]:
    """Bring the licenses of some lines to a smaller quantity (R12): each gets a new file and serial with the same
    dates. Where nothing is left it is revoked, as is a temporary one that a permanent one has followed.

    Args:
        left: what is left of each of these lines, by its position.

    Returns:
        those that were revoked and have no successor, and those that are new.
    """
    valid = [one for one in of_order(order_id) if one.revoked_at is None and one.position in left]
    permanent = {one.position for one in valid if one.kind == LicenseKind.PERMANENT}
    revoked, fresh = [], []
    for one in valid:
        if not left[one.position] or (one.kind == LicenseKind.TEMPORARY and one.position in permanent):
            one.revoked_at = utcnow()
            _publish(one)
            revoked.append(one)
        else:
            fresh.append(reissue(one, user_id=one.user_id, quantity=left[one.position]))
    return revoked, fresh


def reissue(old: License, *, user_id: int | None, keep_old: bool = True, **changes: Any) -> License:
    """A new file and serial with the same dates; the old one is revoked (R12, R21).

    Args:
        user_id: the account that the new one is attached to.
        keep_old: whether the old one stays on its account's page, marked as revoked; it does not where it came to a
            stranger's.
        changes: what the new one says in another way, of the facts of a `Grant`.
    """
    grant = {field.name: getattr(old, field.name) for field in fields(Grant)}
    old.revoked_at = utcnow()
    _publish(old)
    if not keep_old:
        old.user_id = None
    return _write(
        Grant(**grant | changes), LicenseKind(old.kind), issued_on=old.issued_on, updates_until=old.updates_until,
        expires_on=old.expires_on, user_id=user_id,
    )  # fmt: skip


def _publish(revoked: License) -> None:
    """Have the list of revoked serials published anew."""
    outbox.put(SIGN_REVOCATIONS, f"{SIGN_REVOCATIONS}:{revoked.serial}")


def predecessor(license_: License) -> License | None:
    """The license of the same line whose place a license took, if it took one's."""
    query = select(License).where(
        License.order_id == license_.order_id, License.position == license_.position, License.kind == license_.kind,
        License.issue == license_.issue - 1,
    )  # fmt: skip
    return db.session.scalar(query)


def of_order(order_id: str, *, kind: LicenseKind | None = None) -> list[License]:
    """All licenses of an order, by line."""
    query = select(License).where(License.order_id == order_id).order_by(License.position, License.id)
    return list(db.session.scalars(query if kind is None else query.where(License.kind == kind)))


def valid_of(order_id: str) -> list[License]:
    """The permanent licenses of an order that are not revoked, by line."""
    return [one for one in of_order(order_id, kind=LicenseKind.PERMANENT) if one.revoked_at is None]


def of_letter(order_id: str, serials: Sequence[str] | None) -> list[License]:
    """The permanent licenses that a letter about an order is written of.

    Args:
        serials: as the letter names them; one that was written before letters did so tells of the first files.
    """
    issued = of_order(order_id, kind=LicenseKind.PERMANENT)
    return [one for one in issued if (one.issue == 1 if serials is None else one.serial in serials)]


def of_customer(user_id: int) -> list[License]:
    """The licenses of an account, newest first."""
    query = select(License).where(License.user_id == user_id).order_by(License.issued_on.desc(), License.id.desc())
    return list(db.session.scalars(query))


def get_license(serial: str, *, of_user: int | None = None, of_reseller: int | None = None) -> License:
    """A license by its serial; with `of_user` or `of_reseller`, only if it is theirs.

    Raises:
        NotFound: if there is none, or it is somebody else's (R26).
    """
    query = select(License).where(License.serial == serial)
    if of_user is not None:
        query = query.where(License.user_id == of_user)
    if of_reseller is not None:
        query = query.where(License.reseller_id == of_reseller)
    license_ = db.session.scalar(query)
    if license_ is None:
        raise NotFound
    return license_


def facts_of(license_: License) -> LicenseFacts:
    """What the license's file says."""
    names = [field.name for field in fields(LicenseFacts)]
    facts = {name: getattr(license_, name) for name in names}
    return LicenseFacts(**facts | {"kind": LicenseKind(license_.kind)})


def facts_to_sign(license_id: int) -> LicenseFacts | None:
    """What the file of a license will say; None if it is signed already."""
    license_ = db.session.get_one(License, license_id)
    return None if license_.digest else facts_of(license_)


def publish_revocations(digest: str) -> None:
    """Put a signed list of revoked serials in the place of the one before."""
    db.session.add(RevocationIssue(digest=digest))


def revocation_list() -> Response:
    """The signed list that is in force.

    Raises:
        NotFound: while no license was ever revoked.
    """
    newest = select(RevocationIssue.digest).order_by(RevocationIssue.id.desc()).limit(1)
    digest = db.session.scalar(newest)
    if digest is None:
        raise NotFound
    return documents.download(digest, "revoked.xml")


def download(license_: License) -> Response:
    """The signed file, to be saved.

    Raises:
        Refused: if it is revoked, or not signed yet.
    """
    if license_.revoked_at is not None:
        raise Refused(N_("This license was revoked. Please ask whom you bought it from."))
    if license_.digest is None:
        raise Refused(N_("The license file is being made. Please try again in a minute."))
    return documents.download(license_.digest, file_name(facts_of(license_)))


def signed(license_id: int, digest: str) -> None:
    """Note the signed file; the first one stays."""
    db.session.execute(update(License).where(License.id == license_id, License.digest.is_(None)).values(digest=digest))


def downloaded(license_id: int) -> None:
    """Note the customer's first download (R21)."""
    db.session.execute(
        update(License).where(License.id == license_id, License.downloaded_at.is_(None)).values(downloaded_at=utcnow())
    )


def change_contact(reseller_id: int, before: str, after: str) -> None:
    """Name another address of a reseller on the pages and in letters of its customers' licenses."""
    named = update(License).where(License.reseller_id == reseller_id, License.reseller_email == before)
    db.session.execute(named.values(reseller_email=after).execution_options(synchronize_session=False))


def revoked_serials() -> Sequence[str]:
    """Serials on the published revocation list (R12)."""
    return list(db.session.scalars(select(License.serial).where(License.revoked_at.is_not(None)).order_by(License.id)))


def holder(license_: License) -> User | None:
    """The account that a license is attached to."""
    return db.session.get(User, license_.user_id) if license_.user_id else None
