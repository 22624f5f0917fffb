"""Everything that people read, rendered in one language: pages and fragments, letters, papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from flask import Flask, current_app
from flask_babel import force_locale
from sqlalchemy import select

from dashboard.clock import today
from dashboard.enquiries import service as enquiries
from dashboard.enquiries.rules import Kind as EnquiryKind
from dashboard.enquiries.rules import Side
from dashboard.enquiries.service import Request
from dashboard.errors import NotYet
from dashboard.extensions import db
from dashboard.fulfilment import certificates, part_cancellations, transfers
from dashboard.fulfilment import letters as fulfilment_letters
from dashboard.fulfilment import service as fulfilment
from dashboard.home.service import staff_queue
from dashboard.invoices import pdf
from dashboard.invoices.models import Paper
from dashboard.invoices.rules import PaperSnapshot
from dashboard.jobs.jobs import UNEXPECTED
from dashboard.ledger import balances
from dashboard.ledger.models import Receivable
from dashboard.mail import jobs as mail_jobs
from dashboard.mail.models import Letter
from dashboard.mail.rendering import Rendered, render_letter
from dashboard.mail.service import Content, Moot, post
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.outbox.worker import work_off
from dashboard.payments.models import Transfer
from dashboard.resellers import invitations
from dashboard.resellers.models import Reseller
from dashboard.statements import reminders
from dashboard.statements import service as statements
from dashboard.tax import certificates as exemptions
from dashboard.tax.certificates import Claim
from tests.app_wide.walker import FRAGMENT, TOKEN
from tests.app_wide.world import Role, World
from tests.client import Client
from tests.factories import VIEWER, make_key, make_reseller, make_user, owner_of, pay, place


@dataclass(frozen=True)
class Page:
    """An answer to somebody, with the one-time values of forms taken out."""

    name: str
    status: int
    html: str


#: Who looks at what; a name in braces is a place of the world.
LOOKS: Sequence[tuple[Role, str]] = (
    (Role.VISITOR, "/"),
    (Role.VISITOR, "/programme"),
    (Role.VISITOR, "/sign-in"),
    (Role.VISITOR, "/no-such-page"),
    (Role.CUSTOMER, "/licenses"),
    (Role.CUSTOMER, "/how-to-apply"),
    (Role.APPLICANT, "/application"),
    (Role.OWNER, "/orders"),
    (Role.OWNER, "{/orders/<order_id>}"),
    (Role.OWNER, "{/order/<draft_id>}"),
    (Role.OWNER, "/prices"),
    (Role.OWNER, "/enquiries"),
    (Role.STAFF, "{/staff/orders/<order_id>}"),
    (Role.STAFF, "{/staff/resellers/<id_>}"),
    (Role.STAFF, "{/staff/mail/<letter_id>}"),
)


class Readers:
    """People in front of the world's pages, reading `language`; their accounts must say so too (`world.speak`)."""

    def __init__(self, app: Flask, world: World, language: str = "ru") -> None:
        self._world = world
        self._clients = {role: Client(app, language) for role in {role for role, _ in LOOKS}}
        for role, client in self._clients.items():
            if person := world.people[role]:
                client.sign_in_as(person)

    def pages(self, looks: Sequence[tuple[Role, str]] = LOOKS) -> Iterator[Page]:
        """Pages, and one of them as the fragment that htmx asks for."""
        for role, where in looks:
            yield self._page(role, self._address(where, role))
        yield self._page(Role.OWNER, "/orders", **FRAGMENT)

    def _address(self, where: str, role: Role) -> str:
        if not where.startswith("{"):
            return where
        prefix = where.strip("{}")
        return prefix.partition("<")[0] + self._world.place(prefix).own[role]

    def _page(self, role: Role, path: str, **headers: str) -> Page:
        answer = self._clients[role].get(path, headers=headers)
        return Page(f"{role} {path}{' as fragment' * bool(headers)}", answer.status, TOKEN.sub(r"\1", answer.html))


def write_every_letter() -> None:
    """A letter of every kind and a paper of every kind, of a small world; committed."""
    make_key()
    user = make_user()
    new, established = make_reseller(owner=user), make_reseller("Vasilek", established_by_staff=True)
    facts = {"user_id": user.id, "email": user.email, "name": user.name, "company": new.name, "reason": user.name}
    facts |= {"left": 9}
    for kind in _OF_PEOPLE:
        post(kind, to=user.email, language="ru", key=kind, wanted="new@nordwind.example", **facts)
    job = {"work": "orders", "token": "0" * 32, "facts": {}, "result": {"file": "orders.csv"}, "kept_days": 7}
    for kind in ("job_done", "job_failed"):
        post(kind, to=user.email, language="ru", key=kind, error=UNEXPECTED, error_values={}, name=user.name, **job)
    post("reseller_welcome", to=user.email, language="ru", key="welcome", reseller_id=new.id, user_id=user.id)
    invitations.enlist(new.id, "new@nordwind.example", "buyer", language="ru", by_name=user.name)
    fulfilment_letters.established(established, user)
    _enquiry(new)
    place(established)
    reduced = place(established, [(VIEWER, 3)], email="four@nordwind.example")
    paid, part, asked = pay(place(new)), place(new, email="two@nordwind.example"), place(new)
    pay(part, balances.open_amount(part.id).share(500_000))
    fulfilment.ask_temporary(asked.id, of=new.id)
    fulfilment.release_temporary(asked.id)
    declined = place(new, email="five@nordwind.example")
    fulfilment.ask_temporary(declined.id, of=new.id)
    fulfilment.decline_temporary(declined.id, user.name)
    db.session.commit()
    work_off()
    _what_time_brings(established, part)
    seen = part_cancellations.shown(orders.get_order(reduced.id))
    fulfilment.cancel_part(reduced.id, {1: 1}, user.name, seen=seen)
    fulfilment.cancel_order(paid.id, "not wanted any more", by_staff=True)
    fulfilment_letters.refunded(new, paid.total, today(), 1)
    transfers.undo_transfer(db.session.scalars(select(Transfer.id).order_by(Transfer.id)).first() or 0, "not theirs")
    db.session.commit()
    work_off()


def _enquiry(reseller: Reseller) -> None:
    """One that was answered."""
    staff = make_user("Toomas", staff=True)
    facts = {"customer": "Nordwind", "contact": "Jan", "email": "jan@nordwind.example", "needs": "A", "advised": "B"}
    asked = Request(EnquiryKind.HANDOVER, reseller.name, reseller.name, "", facts)
    made = enquiries.keep_enquiry(reseller.id, owner_of(reseller), asked, submit_key="opened")
    enquiries.answer(made.id, Side.VENDOR, staff.id, reseller.name, submit_key="answered")


def _what_time_brings(established: Reseller, part: Order) -> None:
    """A statement of what is owed, reminders of what is due and of a pro-forma that ends, the morning's letter."""
    waiting = place(established, email="three@nordwind.example")
    db.session.query(Receivable).filter_by(id=waiting.id).update({"due_on": today(), "placed_on": long_ago()})
    part.valid_until, part.placed_on = today() + timedelta(days=1), long_ago()
    _certificates(make_user("Mari", staff=True).id)
    counts = dict.fromkeys(staff_queue().counts, 2)
    post("staff_digest", to="mari@lumivara.example", language="ru", key="digest", counts=counts, name="Mari")
    db.session.flush()
    statements.make_statement(established.id, statements.this_month())
    for reseller_id in reminders.to_remind():
        reminders.remind(reseller_id)
    db.session.commit()
    work_off()


def _certificates(staff_id: int) -> None:
    """One that is refused, so that its tax is billed; one that is verified, so that it is credited, and ends soon."""
    texan = make_reseller("Landysh", country="US", state="TX", established_by_staff=True)
    upload = partial(exemptions.upload, texan.id, owner_of(texan))
    claim = Claim(("TX",), "01-339", long_ago(), today() + timedelta(days=20))
    refused = upload(claim, b"%PDF-1.7 refused")
    place(texan)
    certificates.refuse(refused.id, "unreadable", by=staff_id)
    certificates.verify(upload(claim, b"%PDF-1.7 good").id, by=staff_id)
    waiting = make_reseller("Kalina", country="US", state="TX")
    place(waiting)
    certificates.verify(exemptions.upload(waiting.id, owner_of(waiting), claim, b"%PDF-1.7").id, by=staff_id)
    exemptions.remind_of_ending(today())


def long_ago() -> date:
    return today() - timedelta(days=30)


#: Letters that are not about orders.
_OF_PEOPLE = (
    *("account_confirm", "account_reset", "account_change", "account_exists"),
    *("account_change_notice", "account_password_changed", "account_recovery_code"),
    *("account_second_factor_on", "account_second_factor_off"),
    *("application_approved", "application_declined", "reseller_activated", "reseller_suspended"),
    "team_removed",
)


def letters(language: str = "ru") -> dict[str, tuple[Letter, Rendered]]:
    """A letter of each kind that the world has and whose documents are ready."""
    kept = list(db.session.query(Letter).order_by(Letter.id))
    db.session.expunge_all()
    db.session.commit()
    found = {}
    for letter in kept:
        composer = current_app.extensions["mail_composers"].get(letter.kind, Content)
        with suppress(NotYet, Moot):
            found[letter.kind] = letter, render_letter(letter.kind, language, composer(letter.payload).context)
    return found


def messages(language: str = "ru") -> list[bytes]:
    """The same letters as they go over the line."""
    return [mail_jobs._message(letter, rendered, []).as_bytes() for letter, rendered in letters(language).values()]


def papers(language: str = "ru") -> dict[str, str]:
    """The page of a paper of each kind, as it is drawn."""
    with force_locale(language):
        return {kind: pdf._page("pdf/paper.html", paper, {}) for kind, paper in _papers(language).items()}


def drawn(language: str = "ru") -> dict[str, bytes]:
    """A paper of each kind as PDF."""
    return {kind: pdf.render_pdf(paper) for kind, paper in _papers(language).items()}


def _papers(language: str) -> dict[str, PaperSnapshot]:
    kept = {paper.kind: paper.content for paper in db.session.query(Paper).order_by(Paper.id)}
    db.session.commit()
    return {kind: replace(paper, language=language) for kind, paper in kept.items()}
