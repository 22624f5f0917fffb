"""Applications: sent by a person (R2, R3), decided by staff (R4)."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import func, select, true

from dashboard.accounts.models import User
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.config import current_settings
from dashboard.errors import N_, InvalidInput, NotFound, Refused
from dashboard.extensions import db, insert_once
from dashboard.mail.service import post
from dashboard.resellers.models import Application, Member, Reseller
from dashboard.resellers.rules import Role, is_eligible

#: Decided applications a page of the staff's list shows.
PAGE = 50

NOT_ELIGIBLE = N_(
    "The programme is for companies whose main business is reselling IT products. For consulting or your own "
    "development, buy the licenses as a customer: write to %(email)s."
)


@dataclass(frozen=True)
class Request:
    """What an applicant tells about the company."""

    company: str
    website: str
    country: str
    state: str
    activity: str
    description: str
    reasons: str
    first_customer: str


def submit(user_id: int, request: Request, language: str) -> None:
    """Send an application. A second one while the first waits changes nothing: it is the same click twice.

    Args:
        language: that in which the answer is wanted.

    Raises:
        InvalidInput: if the main activity does not qualify (R3).
        Refused: if the person belongs to a reseller already.
    """
    if not is_eligible(request.activity):
        raise InvalidInput(NOT_ELIGIBLE, email=current_settings().vendor.sales_email)
    if db.session.get(Member, user_id):
        raise Refused(N_("Your account belongs to a reseller already."))
    new = insert_once(Application, user_id=user_id, language=language, **asdict(request))
    application = find_latest(user_id)
    if new and application:
        audit.record("application.submitted", f"application:{application.id}", company=request.company)


def find_latest(user_id: int) -> Application | None:
    """The newest application of an account."""
    return db.session.scalar(
        select(Application).where(Application.user_id == user_id).order_by(Application.id.desc()).limit(1)
    )


def get_application(application_id: int) -> Application:
    application = db.session.get(Application, application_id)
    if application is None:
        raise NotFound
    return application


def get_applicant(application: Application) -> User:
    return db.session.get_one(User, application.user_id)


def list_waiting() -> list[Application]:
    """Applications to be decided, oldest first."""
    return list(
        db.session.scalars(select(Application).where(Application.decided_at.is_(None)).order_by(Application.id))
    )


def list_decided(before: int | None = None) -> tuple[list[Application], int]:
    """A page of decided applications, newest first, those with a smaller id than `before`; and how many wait to be
    decided; in one statement.
    """
    ids = select(Application.id).where(Application.decided_at.is_not(None)).order_by(Application.id.desc()).limit(PAGE)
    part = (ids.where(Application.id < before) if before else ids).subquery()
    waits = select(func.count().label("all")).where(Application.decided_at.is_(None)).subquery()
    rows = waits.outerjoin(part, true()).outerjoin(Application, Application.id == part.c.id)
    found = db.session.execute(select(Application, waits.c.all).select_from(rows).order_by(Application.id.desc())).all()
    return [row[0] for row in found if row[0] is not None], found[0][1]


def approve(application_id: int, currency: str, *, by: int) -> Reseller:
    """Make the company a reseller and the applicant its owner, and tell them what comes next (R4).

    Args:
        currency: one for which the vendor has a bank account.
        by: the deciding account.

    Raises:
        Refused: if it has been decided, or the applicant joined a reseller meanwhile.
        InvalidInput: for a currency that the vendor cannot be paid in.
    """
    settings = current_settings()
    application = _take(application_id)
    if currency not in settings.vendor.accounts:
        raise InvalidInput(N_("Choose a currency for which there is a bank account."))
    if db.session.get(Member, application.user_id):
        raise Refused(N_("The applicant belongs to another reseller by now."))
    reseller = Reseller(
        name=application.company,
        website=application.website,
        country=application.country,
        state=application.state,
        currency=currency,
        discount=settings.discount,
        document_language=application.language,
    )
    db.session.add(reseller)
    db.session.flush()
    db.session.add(Member(user_id=application.user_id, reseller_id=reseller.id, role=Role.OWNER))
    application.reseller_id = reseller.id
    _decide(application, approved=True, reason="", by=by)
    audit.record("reseller.created", f"reseller:{reseller.id}", currency=currency, application=application.id)
    return reseller


def decline(application_id: int, reason: str, *, by: int) -> None:
    """Decline an application and tell the applicant why; they may apply again (R3).

    Raises:
        Refused: if it has been decided.
        InvalidInput: without a reason.
    """
    application = _take(application_id)
    if not reason:
        raise InvalidInput(N_("Write the reason; the applicant reads it."))
    _decide(application, approved=False, reason=reason, by=by)


def _take(application_id: int) -> Application:
    """The application, locked and still waiting: two staff decide it once."""
    application = db.session.scalar(
        select(Application)
        .where(Application.id == application_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if application is None:
        raise NotFound
    if not application.is_waiting:
        raise Refused(N_("This application has been decided already."))
    return application


def _decide(application: Application, *, approved: bool, reason: str, by: int) -> None:
    application.approved, application.reason = approved, reason
    application.decided_at, application.decided_by = utcnow(), by
    kind = "application_approved" if approved else "application_declined"
    applicant = get_applicant(application)
    post(
        kind,
        to=applicant.email,
        language=application.language,
        key=f"{kind}:{application.id}",
        about=f"application:{application.id}",
        name=applicant.name,
        company=application.company,
        reason=reason,
    )
    audit.record(kind.replace("_", "."), f"application:{application.id}", reason=reason)
