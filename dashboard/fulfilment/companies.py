"""Take over a reseller that the vendor has already, as a file has it; and bring it up to date by a later file (R14).

What staff decide (place, discount, standing, members) follows the file. What the company says of itself does so only
until it is active: from then on it is the company's own. What a file does not say stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from sqlalchemy import func, or_, select

from dashboard.accounts import service as accounts
from dashboard.accounts.sessions import end_all_sessions
from dashboard.audit import service as audit
from dashboard.config import current_settings
from dashboard.extensions import db, locking
from dashboard.mail.service import post
from dashboard.money import percent_of
from dashboard.resellers import service
from dashboard.resellers.files import CompanyRow, MemberRow
from dashboard.resellers.models import Member, Reseller
from dashboard.resellers.rules import Details, Place
from dashboard.resellers.tax_numbers import is_required
from dashboard.web.sheets import Problem


@dataclass
class Changes:
    """What a file changes, in lines for the operator: `+` is new, `~` changed, `=` left alone although it differs."""

    lines: list[str] = field(default_factory=list)
    new: set[str] = field(default_factory=set)  #: keys of companies
    touched: set[str] = field(default_factory=set)  #: keys of companies of which anything is new or changed

    def tell(self, sign: str, key: str, text: str) -> None:
        self.lines.append(f"{sign} {key} {text}")
        if sign != "=":
            self.touched.add(key)


def find_by_key(key: str) -> Reseller | None:
    """The reseller that files call `key`, locked for a change."""
    return db.session.scalar(locking(select(Reseller).where(Reseller.external_key == key)))


def load_company(row: CompanyRow, changes: Changes) -> tuple[Reseller | None, list[Problem]]:
    """Make the company and its members what the file says; None for one that cannot be made."""
    reseller = find_by_key(row.key)
    if reseller is None:
        if in_the_way := list(_in_the_way(row)):
            return None, in_the_way
        reseller = _create(row, changes)
    else:
        _bring_up_to_date(reseller, row, changes)
    problems = [problem for member in row.members for problem in _load_member(reseller, member, changes)]
    if not problems and not service.owners_of(reseller.id):
        problems.append(Problem(row.line, "the company needs a member who is its owner", column="member_role"))
    return reseller, problems


def _in_the_way(row: CompanyRow) -> Iterator[Problem]:
    """Resellers of the same name that came by themselves: two companies would be made of one."""
    names = {name.lower() for name in (row.name, row.details.legal_name) if name}
    same = or_(func.lower(Reseller.name).in_(names), func.lower(Reseller.legal_name).in_(names))
    for reseller in db.session.scalars(select(Reseller).where(Reseller.external_key.is_(None), same)):
        reason = f"{reseller.name} is a reseller already, by its own application: take it out of the file"
        yield Problem(row.line, reason, column="name")


def _create(row: CompanyRow, changes: Changes) -> Reseller:
    reseller = Reseller(
        external_key=row.key,
        name=row.name,
        website=row.website,
        country=row.country,
        state=row.state,
        currency=row.currency,
        discount=current_settings().discount if row.discount is None else row.discount,
        document_language=row.details.document_language,
    )
    db.session.add(reseller)
    db.session.flush()
    audit.record("reseller.loaded", f"reseller:{reseller.id}", key=row.key, currency=row.currency)
    if row.established_because:  # before it has members: their first letter tells them
        service.mark_established(reseller.id, row.established_because)
    _keep_own(reseller, _own_of(reseller, row))
    terms = f"{row.country}, {row.currency}, {percent_of(reseller.discount):f} %"
    changes.new.add(row.key)
    changes.tell("+", row.key, f"{row.name} ({terms}{', established' * bool(row.established_because)})")
    return reseller


def _bring_up_to_date(reseller: Reseller, row: CompanyRow, changes: Changes) -> None:
    """What staff decide becomes what the file says; what the company says of itself only while it is not active."""
    for what, before, after in _decided(reseller, row):
        changes.tell("~", row.key, f"{what}: {before or '—'} -> {after or '—'}")
    own = _own_of(reseller, row)
    changed = {name: value for name, value in own.items() if value != getattr(reseller, name)}
    is_its_own = reseller.activated_at is not None
    for name, value in changed.items():
        why = " (kept: the company is active, this is its own)" * is_its_own
        changes.tell("=" if is_its_own else "~", row.key, f"{name}: {getattr(reseller, name) or '—'} -> {value}{why}")
    if changed and not is_its_own:
        _keep_own(reseller, own)


def _decided(reseller: Reseller, row: CompanyRow) -> Iterator[tuple[str, str, str]]:
    """Carry out what staff decide otherwise in the file: what it is called, before, after."""
    for name in ("name", "website", "country", "state", "currency"):
        if getattr(row, name) != getattr(reseller, name):
            yield name, getattr(reseller, name), getattr(row, name)
    if row.name != reseller.name:
        audit.record("reseller.renamed", f"reseller:{reseller.id}", before=reseller.name, after=row.name)
        reseller.name = row.name
    if (row.website, row.country, row.state) != (reseller.website, reseller.country, reseller.state):
        service.move(reseller.id, Place(row.website, row.country, row.state))
    if row.currency != reseller.currency:
        service.set_currency(reseller.id, row.currency)
    if row.discount is not None and row.discount != reseller.discount:
        yield "discount", f"{percent_of(reseller.discount):f}", f"{percent_of(row.discount):f}"
        service.set_discount(reseller.id, row.discount)
    if row.established_because and not reseller.established_by_staff:
        yield "standing", "established by its orders" if reseller.established_at else "new", "established"
        service.mark_established(reseller.id, row.established_because)


def _own_of(reseller: Reseller, row: CompanyRow) -> dict[str, str]:
    """What the company says of itself (R5): the file's words, and what stands already where it has none."""
    said = {**asdict(row.details), "listing_url": row.listing_url}
    return {name: value or getattr(reseller, name) for name, value in said.items()}


def _keep_own(reseller: Reseller, own: dict[str, str]) -> None:
    """Keep it; a step of R5 is done when all that it asks for is there."""
    details = {name: value for name, value in own.items() if name != "listing_url"}
    may_lack = set() if is_required(reseller.country) else {"tax_number"}
    if all(value or name in may_lack for name, value in details.items()):
        service.save_details(reseller.id, Details(**details))
    for name, value in details.items():
        setattr(reseller, name, value)
    if own["listing_url"]:
        service.give_listing(reseller.id, own["listing_url"])


def _load_member(reseller: Reseller, member: MemberRow, changes: Changes) -> Iterator[Problem]:
    known = accounts.find_user(member.email)
    membership = db.session.get(Member, known.id) if known else None
    if membership is None:
        _add_member(reseller, member)
        changes.tell("+", str(reseller.external_key), f"member {member.email} ({member.role})")
    elif membership.reseller_id != reseller.id:
        other = service.get_reseller(membership.reseller_id)
        yield Problem(member.line, f"is a member of {other.name} already", column="member_email")
    elif membership.role != member.role:
        audit.record("reseller.role_set", f"reseller:{reseller.id}", email=member.email, role=member.role)
        changes.tell("~", str(reseller.external_key), f"member {member.email}: {membership.role} -> {member.role}")
        membership.role = member.role
        end_all_sessions(membership.user_id)  # what they may do has changed (R1)


def _add_member(reseller: Reseller, member: MemberRow) -> None:
    """Make the person a member, with an account to be claimed by the mailed link, and tell them what this is."""
    user = accounts.member_account(member.email, member.name, member.language)
    db.session.add(Member(user_id=user.id, reseller_id=reseller.id, role=member.role))
    db.session.flush()
    post(
        "reseller_welcome",
        to=user.email,
        language=user.language,
        key=f"reseller_welcome:{reseller.id}:{user.id}",
        about=f"reseller:{reseller.id}",
        reseller_id=reseller.id,
        user_id=user.id,
    )
