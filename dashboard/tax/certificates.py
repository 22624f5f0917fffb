"""Exemption certificates: uploaded by resellers, looked at by staff, asked for by every sale in the US (R28, R29).

What a decision of staff means for orders is the business of `fulfilment`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from flask import Response
from sqlalchemy import func, select, true

from dashboard.audit import service as audit
from dashboard.clock import day_of, utcnow
from dashboard.config import current_settings
from dashboard.documents import service as documents
from dashboard.errors import N_, InvalidInput, NotFound, Refused
from dashboard.extensions import db
from dashboard.mail.service import post
from dashboard.resellers import service as resellers
from dashboard.resellers.models import Reseller
from dashboard.resellers.rules import Role
from dashboard.tax.models import ExemptionCertificate
from dashboard.tax.rules import MAX_FILE, CertificateState, Exemption, file_type, reminder_step

#: Certificates of one reseller that may wait for staff at a time: nobody fills our disk.
MOST_WAITING = 20

#: Certificates that the staff's list of decided ones shows.
SHOWN = 50


@dataclass(frozen=True)
class Claim:
    """What a reseller says of the certificate that it uploads."""

    states: Sequence[str]
    number: str
    valid_from: date
    valid_until: date


class Listed(NamedTuple):
    """A certificate in the staff's list, with the name of its reseller."""

    certificate: ExemptionCertificate
    reseller_name: str


def upload(reseller_id: int, user_id: int, claim: Claim, content: bytes) -> ExemptionCertificate:
    """Keep a certificate; from now on it exempts, until staff decide, where the settings say so (R29).

    The same file with the same words again is the one that waits already.

    Raises:
        InvalidInput: if the file is too large, or no PDF, JPEG or PNG.
        Refused: if too many wait.
    """
    if len(content) > MAX_FILE:
        raise InvalidInput(N_("The file is larger than 5 MB."))
    kind = file_type(content)
    if kind is None:
        raise InvalidInput(N_("The file must be a PDF, JPEG or PNG. Its content is something else, whatever its name."))
    resellers.get_reseller(reseller_id, lock=True)
    waiting = [one for one in of_reseller(reseller_id) if one.decision == CertificateState.WAITING]
    certificate = ExemptionCertificate(
        reseller_id=reseller_id,
        states=sorted(claim.states),
        number=claim.number,
        valid_from=claim.valid_from,
        valid_until=claim.valid_until,
        digest=documents.keep(content, kind[0]),
        uploaded_by=user_id,
    )
    for one in waiting:
        if _said(one) == _said(certificate):
            return one
    if len(waiting) >= MOST_WAITING:
        raise Refused(N_("Many of your certificates wait to be looked at. Please upload more when they are decided."))
    db.session.add(certificate)
    db.session.flush()
    audit.record("certificate.uploaded", f"reseller:{reseller_id}", certificate=certificate.id, number=claim.number)
    return certificate


def get_certificate(certificate_id: int, *, of: int | None = None, lock: bool = False) -> ExemptionCertificate:
    """A certificate; with `of`, only if it is that reseller's. With `lock` its reseller's row is locked too.

    Raises:
        NotFound: if there is none, or it is another reseller's (R26).
    """
    certificate = db.session.get(ExemptionCertificate, certificate_id)
    if certificate is None or (of is not None and certificate.reseller_id != of):
        raise NotFound
    if lock:
        resellers.get_reseller(certificate.reseller_id, lock=True)
        db.session.refresh(certificate)
    return certificate


def of_reseller(reseller_id: int) -> list[ExemptionCertificate]:
    """All certificates of a reseller, those that end last first."""
    query = select(ExemptionCertificate).where(ExemptionCertificate.reseller_id == reseller_id)
    return list(db.session.scalars(query.order_by(ExemptionCertificate.valid_until.desc(), ExemptionCertificate.id)))


def waiting() -> list[Listed]:
    """What waits for staff, first come first."""
    query = select(ExemptionCertificate, Reseller.name).join(Reseller)
    query = query.where(ExemptionCertificate.decision == CertificateState.WAITING).order_by(ExemptionCertificate.id)
    return [Listed(*row) for row in db.session.execute(query)]


def decided() -> tuple[list[Listed], int]:
    """What staff have decided, the newest first, and how much waits for them; in one statement."""
    newest = (ExemptionCertificate.decided_at.desc(), ExemptionCertificate.id.desc())
    ids = select(ExemptionCertificate.id).where(ExemptionCertificate.decision != CertificateState.WAITING)
    part = ids.order_by(*newest).limit(SHOWN).subquery()
    waits = (
        select(func.count().label("all")).where(ExemptionCertificate.decision == CertificateState.WAITING).subquery()
    )
    rows = waits.outerjoin(part, true()).outerjoin(ExemptionCertificate, ExemptionCertificate.id == part.c.id)
    rows = rows.outerjoin(Reseller, Reseller.id == ExemptionCertificate.reseller_id)
    query = select(ExemptionCertificate, Reseller.name, waits.c.all).select_from(rows).order_by(*newest)
    found = db.session.execute(query).all()
    return [Listed(row[0], row[1]) for row in found if row[0] is not None], found[0][2]


def find_exemption(reseller_id: int, state: str, on: date, *, at: datetime | None = None) -> Exemption | None:
    """What exempts an order of this day from the sales tax of a state: a verified certificate before one that waits.

    Args:
        at: when the order was placed, if it is one that exists: one that waits counts only if it was there by then.
    """
    all_ = of_reseller(reseller_id)
    good = [one for one in all_ if one.covers(state, on)]
    verified = [one for one in good if one.decision == CertificateState.VERIFIED]
    provisional = [
        one
        for one in good
        if one.decision == CertificateState.WAITING
        and (at is None or one.uploaded_at <= at)
        and _holds(one, state, all_)
    ]
    found = next(iter([*verified, *provisional]), None)
    return _exemption(found, state) if found else None


def _holds(one: ExemptionCertificate, state: str, all_: Sequence[ExemptionCertificate]) -> bool:
    """Whether one that waits exempts already: by the settings, or as the renewal of a verified one (R29)."""
    return current_settings().exempt_provisionally or any(
        old.decision == CertificateState.VERIFIED
        and old.covers(state, day_of(one.uploaded_at))
        and old.valid_until < one.valid_until
        for old in all_
    )


def _exemption(one: ExemptionCertificate, state: str) -> Exemption:
    return Exemption(one.id, one.number, state, one.digest, one.decision == CertificateState.VERIFIED)


def download(certificate: ExemptionCertificate) -> Response:
    """The file as it was uploaded, to be saved and never shown inside a page of ours."""
    kind = file_type(documents.read(certificate.digest))
    return documents.download(certificate.digest, f"certificate-{certificate.id}.{kind[1] if kind else 'bin'}")


def decide(certificate: ExemptionCertificate, decision: CertificateState, by: int, reason: str = "") -> None:
    """Note what staff found, and tell the company's owners and the uploader. The certificate is locked.

    Raises:
        Refused: if it was decided before.
    """
    if certificate.decision != CertificateState.WAITING:
        raise Refused(N_("Somebody has decided about this certificate already."))
    certificate.decision, certificate.reason = decision, reason
    certificate.decided_at, certificate.decided_by = utcnow(), by
    db.session.flush()
    audit.record(
        f"certificate.{decision}", f"reseller:{certificate.reseller_id}", certificate=certificate.id,
        number=certificate.number, reason=reason,
    )  # fmt: skip
    _tell(f"certificate_{decision}", certificate)


def remind_of_ending(on: date) -> int:
    """Write to the companies whose certificates end soon and have no successor; each step once (R29).

    Returns:
        how many certificates were looked at as ending.
    """
    last = func.max(ExemptionCertificate.valid_until)
    companies = select(ExemptionCertificate.reseller_id).group_by(ExemptionCertificate.reseller_id).having(last >= on)
    count = 0
    for reseller_id in db.session.scalars(companies).all():
        for one in ending(reseller_id, on):
            _tell("certificate_ends", one, step=reminder_step(one.valid_until, on) or 0)
            count += 1
    return count


def ending(reseller_id: int, on: date) -> list[ExemptionCertificate]:
    """The certificates of a reseller that end soon and have no successor, those that end first ahead (R29)."""
    all_ = [one for one in of_reseller(reseller_id) if one.decision != CertificateState.REFUSED]
    return [
        one
        for one in reversed(all_)
        if reminder_step(one.valid_until, on) and one.valid_from <= on and not _is_renewed(one, all_)
    ]


def _is_renewed(one: ExemptionCertificate, all_: Sequence[ExemptionCertificate]) -> bool:
    """Whether each of its states has a certificate that goes on where it ends."""
    next_day = one.valid_until + timedelta(days=1)
    return all(any(other.covers(state, next_day) for other in all_) for state in one.states)


def _tell(kind: str, certificate: ExemptionCertificate, step: int = 0) -> None:
    """A letter to the owners and to who uploaded it, if still in the company, each in their language, once."""
    members = resellers.members_of(certificate.reseller_id)
    for person in [user for user, role in members if role is Role.OWNER or user.id == certificate.uploaded_by]:
        post(
            kind,
            to=person.email,
            language=person.language,
            key=f"{kind}:{certificate.id}:{person.id}" + (f":{step}" if step else ""),
            about=f"reseller:{certificate.reseller_id}",
            certificate_id=certificate.id,
            name=person.name,
        )


def _said(one: ExemptionCertificate) -> tuple[object, ...]:
    return (one.digest, list(one.states), one.number, one.valid_from, one.valid_until)
