"""A reseller's company: what makes it active (R5), what it says of itself, what staff decide about it (R4, R6, R14)."""

from __future__ import annotations

from dataclasses import asdict
from typing import NamedTuple

from sqlalchemy import ScalarSelect, Select, func, literal, select

from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.config import current_settings
from dashboard.errors import N_, Forbidden, InvalidInput, Refused
from dashboard.extensions import db
from dashboard.mail.service import post
from dashboard.money import WHOLE, Money
from dashboard.places import EU_COUNTRIES
from dashboard.resellers.finding import get_reseller, members_of, owners_of
from dashboard.resellers.models import Reseller
from dashboard.resellers.policies import is_accepted, keep_acceptance
from dashboard.resellers.rules import Details, Place, Step, host_belongs, missing_steps, own_host, web_address
from dashboard.resellers.tax_numbers import normalized
from dashboard.searching import hold_words
from dashboard.web.access import Actor
from dashboard.web.texts import gettext

__all__ = ["get_reseller", "members_of", "owners_of"]  # besides what stands here

#: Resellers a page of the staff's list shows.
PAGE = 50

#: What each step is called where one line lists those that are missing.
STEP_NAMES = {
    Step.LISTING: N_("the page that lists our brands"),
    Step.POLICY: N_("the reseller policy"),
    Step.COMPANY: N_("the company's details"),
}


def currencies() -> set[str]:
    """The currencies in which resellers pay."""
    return set(db.session.scalars(select(Reseller.currency).distinct()))


# ── The way to active (R5) ──────────────────────────────────────────────


def missing_steps_of(reseller: Reseller) -> tuple[Step, ...]:
    """What the reseller has still to do before it is active."""
    return missing_steps(
        listing=bool(reseller.listing_url),
        policy=is_accepted(reseller.id),
        company=reseller.company_completed_at is not None,
    )


def names_of(steps: tuple[Step, ...]) -> str:
    """The steps in one line, in the reader's language."""
    return ", ".join(gettext(STEP_NAMES[step]) for step in steps)


def require_active(actor: Actor) -> None:
    """Let only members of an active reseller pass: partner prices and ordering are theirs (R5, R7).

    Raises:
        Forbidden: naming what is missing and where it is completed, or why the reseller is suspended.
    """
    if not actor.is_active_reseller:
        require_active_company(get_reseller(actor.reseller))


def require_active_company(reseller: Reseller) -> None:
    """As `require_active`, for a reseller that is loaded already."""
    if reseller.suspended_at:
        raise Forbidden(
            N_("Your company is suspended: %(reason)s Write to %(email)s to clear it up."),
            reason=reseller.suspended_reason,
            email=current_settings().vendor.sales_email,
        )
    if not reseller.is_active:
        raise Forbidden(
            N_("Partner prices and orders open when your company is set up. Missing on the page “Company”: %(steps)s."),
            steps=names_of(missing_steps_of(reseller)),
        )


def give_listing(reseller_id: int, url: str) -> None:
    """Note the page, on the company's own domain, that lists the vendor's brands; staff check it afterwards (R5a).

    Raises:
        InvalidInput: if it is no address, or lies elsewhere.
    """
    reseller = get_reseller(reseller_id, lock=True)
    address = web_address(url)
    if not host_belongs(address, reseller.website):
        raise InvalidInput(
            N_("The page must lie on your company's own domain, %(domain)s."), domain=own_host(reseller.website)
        )
    if address != reseller.listing_url:
        reseller.listing_url, reseller.listing_checked_at = address, None
        audit.record("reseller.listing_given", _subject(reseller), url=address)
    _activate_if_complete(reseller)


def accept_policy(reseller_id: int, user_id: int, version: int) -> None:
    """Accept the version of the policy that the member has read, for its company (R5b).

    Raises:
        Refused: if a newer version has been published meanwhile.
    """
    reseller = get_reseller(reseller_id, lock=True)
    keep_acceptance(reseller_id, user_id, version)
    _activate_if_complete(reseller)


def details_of(reseller: Reseller, otherwise: dict[str, str]) -> dict[str, str]:
    """What documents say of the company now; what is still empty is proposed."""
    return {name: getattr(reseller, name) or otherwise.get(name, "") for name in Details.__dataclass_fields__}


def save_details(reseller_id: int, details: Details) -> None:
    """Keep what documents say of the company (R5c). Orders that exist keep what they said (R8).

    Raises:
        InvalidInput: if the tax number cannot be right in the company's country.
    """
    reseller = get_reseller(reseller_id, lock=True)
    changes = asdict(details) | {"tax_number": normalized(reseller.country, details.tax_number)}
    changed = sorted(name for name, value in changes.items() if getattr(reseller, name) != value)
    for name, value in changes.items():
        setattr(reseller, name, value)
    if changed:
        audit.record("reseller.details_saved", _subject(reseller), changed=changed)
    reseller.company_completed_at = reseller.company_completed_at or utcnow()
    _activate_if_complete(reseller)


def _activate_if_complete(reseller: Reseller) -> None:
    """Unlock prices and ordering at the moment when the last step is done; nobody has to look at it before (R5)."""
    db.session.flush()
    if reseller.activated_at or missing_steps_of(reseller):
        return
    reseller.activated_at = utcnow()
    audit.record("reseller.activated", _subject(reseller))
    _tell_owners("reseller_activated", reseller)


# ── What staff decide ───────────────────────────────────────────────────


class Listed(NamedTuple):
    """A page of resellers, how many of the same search have a listing page that nobody has checked, and what each of
    the page owes, if that was asked for.
    """

    resellers: list[Reseller]
    to_check: int
    owed: dict[int, Money]


def list_resellers(
    *, only: str = "", text: str = "", before: int | None = None, owed: ScalarSelect[int] | None = None
) -> Listed:
    """A page of resellers, newest first, in one statement.

    Args:
        only: `check`: active, with a listing page that nobody has checked; `incomplete`; `suspended`; empty: all.
        text: words that the name or the legal name must hold; case does not matter, nor on which keyboard they were
            typed.
        before: only those with a smaller id.
        owed: what a reseller owes, in minor units of its currency (`balances.owed_by_each`).
    """
    query = _listed(only, text).order_by(Reseller.id.desc()).limit(PAGE)
    if before:
        query = query.where(Reseller.id < before)
    to_check = select(func.count()).select_from(_listed("check", text).subquery())
    minor = literal(0) if owed is None else owed
    rows = db.session.execute(query.add_columns(to_check.scalar_subquery(), minor)).all()
    return Listed(
        [row[0] for row in rows],
        rows[0][1] if rows else db.session.scalar(to_check) or 0,
        {row[0].id: Money(int(row[2]), row[0].currency) for row in rows},
    )


def _listed(only: str, text: str) -> Select[Reseller]:
    conditions = {
        "check": (
            Reseller.activated_at.is_not(None),
            Reseller.suspended_at.is_(None),
            Reseller.listing_checked_at.is_(None),
        ),
        "incomplete": (Reseller.activated_at.is_(None),),
        "suspended": (Reseller.suspended_at.is_not(None),),
    }
    return select(Reseller).where(*conditions.get(only, ()), *hold_words(text, Reseller.name, Reseller.legal_name))


def mark_listing_checked(reseller_id: int, url: str) -> None:
    """Staff have looked at the page and found the brands there.

    Raises:
        Refused: if the reseller has given another page than `url`, the one that was looked at.
    """
    reseller = get_reseller(reseller_id, lock=True)
    if reseller.listing_url != url:
        raise Refused(N_("The reseller has given another page meanwhile. Please look at that one."))
    if reseller.listing_checked_at is None:
        reseller.listing_checked_at = utcnow()
        audit.record("reseller.listing_checked", _subject(reseller), url=url)


def confirm_tax_number(reseller_id: int, number: str) -> None:
    """Staff have looked the VAT number up, in the EU's register or elsewhere: it is the company's (R28).

    Raises:
        Refused: if the reseller has given another number than the one that was looked up.
    """
    reseller = get_reseller(reseller_id, lock=True)
    if not number or reseller.tax_number != number:
        raise Refused(N_("The reseller has given another number meanwhile. Please look that one up."))
    if reseller.tax_number_confirmed_at is None:
        reseller.tax_number_confirmed_at = utcnow()
        audit.record("reseller.tax_number_confirmed", _subject(reseller), number=number)


def numbers_to_confirm() -> tuple[list[Reseller], int]:
    """Active resellers that are billed by reverse charge, with a VAT number that nobody has looked up (R28): the first
    of them, and how many there are.
    """
    others = EU_COUNTRIES - {current_settings().vendor.country}
    if current_settings().vendor.country not in EU_COUNTRIES:
        return [], 0
    query = select(Reseller, func.count().over()).where(
        Reseller.activated_at.is_not(None), Reseller.suspended_at.is_(None), Reseller.country.in_(others),
        Reseller.tax_number != "", Reseller.tax_number_confirmed_at.is_(None),
    )  # fmt: skip
    rows = db.session.execute(query.order_by(Reseller.id).limit(PAGE)).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def suspend(reseller_id: int, reason: str) -> None:
    """Lock prices and ordering until staff unlock them; the owners are told why."""
    reseller = get_reseller(reseller_id, lock=True)
    if reseller.suspended_at:
        raise Refused(N_("This reseller is suspended already."))
    reseller.suspended_at, reseller.suspended_reason = utcnow(), reason
    audit.record("reseller.suspended", _subject(reseller), reason=reason)
    _tell_owners("reseller_suspended", reseller, reason=reason)


def reactivate(reseller_id: int) -> None:
    """End a suspension; if all steps are done, prices and ordering are open again."""
    reseller = get_reseller(reseller_id, lock=True)
    if not reseller.suspended_at:
        raise Refused(N_("This reseller is not suspended."))
    reseller.suspended_at, reseller.suspended_reason = None, ""
    audit.record("reseller.reactivated", _subject(reseller))
    if reseller.is_active:
        _tell_owners("reseller_activated", reseller)


def mark_established(reseller_id: int, reason: str) -> None:
    """Give a reseller credit that was established before this program, and tell it (R14)."""
    reseller = get_reseller(reseller_id, lock=True)
    if reseller.established_by_staff:
        raise Refused(N_("This reseller is marked as established already."))
    is_news = reseller.established_at is None
    reseller.established_by_staff, reseller.established_at = True, reseller.established_at or utcnow()
    audit.record("reseller.established", _subject(reseller), reason=reason, by_staff=True)
    for owner in owners_of(reseller_id)[:1] if is_news else []:
        # The letter that fulfilment sends to who becomes established by orders; the key makes them one.
        post(
            "reseller_established",
            to=owner.email,
            language=owner.language,
            key=f"reseller_established:{reseller.id}",
            about=_subject(reseller),
            reseller_id=reseller.id,
        )


def set_discount(reseller_id: int, discount: int) -> None:
    """Give a reseller a discount of its own; orders that exist keep theirs (R6, R11).

    Args:
        discount: parts per million of the retail price.
    """
    if not 0 <= discount < WHOLE:
        raise InvalidInput(N_("The discount lies between 0 and 100 percent."))
    reseller = get_reseller(reseller_id, lock=True)
    audit.record("reseller.discount_set", _subject(reseller), before=reseller.discount, after=discount)
    reseller.discount = discount


def set_currency(reseller_id: int, currency: str) -> None:
    """Bill in another currency from now on. Who calls this has made sure that nothing is open (R4)."""
    reseller = get_reseller(reseller_id, lock=True)
    if currency not in current_settings().vendor.accounts:
        raise InvalidInput(N_("Choose a currency for which there is a bank account."))
    audit.record("reseller.currency_set", _subject(reseller), before=reseller.currency, after=currency)
    reseller.currency = currency


def set_hold(reseller_id: int, on_hold: bool, reason: str = "") -> None:
    """Take credit away or give it back: on hold every new order is prepaid (R15)."""
    reseller = get_reseller(reseller_id, lock=True)
    if reseller.on_hold == on_hold:
        raise Refused(N_("Somebody has done this already."))
    reseller.on_hold = on_hold
    audit.record("reseller.put_on_hold" if on_hold else "reseller.hold_ended", _subject(reseller), reason=reason)


def move(reseller_id: int, place: Place) -> None:
    """Change what only staff may: web site, country, state. What no longer fits has to be given again.

    A tax number of another country would make wrong invoices, and a listing page elsewhere is not the company's: the
    step is open again, and with it the reseller is not active until it is done.
    """
    reseller = get_reseller(reseller_id, lock=True)
    audit.record("reseller.moved", _subject(reseller), **asdict(place))
    reseller.website, reseller.country, reseller.state = web_address(place.website), place.country, place.state
    if not _fits(reseller):
        reseller.tax_number, reseller.company_completed_at, reseller.activated_at = "", None, None
    if reseller.listing_url and not host_belongs(reseller.listing_url, reseller.website):
        reseller.listing_url, reseller.listing_checked_at, reseller.activated_at = "", None, None


def _fits(reseller: Reseller) -> bool:
    try:
        return normalized(reseller.country, reseller.tax_number) == reseller.tax_number
    except InvalidInput:
        return False


def _tell_owners(kind: str, reseller: Reseller, **payload: str) -> None:
    """A letter to every owner, in their language; each time that it happens."""
    for owner in owners_of(reseller.id):
        post(
            kind,
            to=owner.email,
            language=owner.language,
            key=f"{kind}:{reseller.id}:{owner.id}:{utcnow():%Y%m%d%H%M%S}",
            about=_subject(reseller),
            name=owner.name,
            company=reseller.name,
            **payload,
        )


def _subject(reseller: Reseller) -> str:
    return f"reseller:{reseller.id}"
