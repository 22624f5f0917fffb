"""How the demo's companies join and how their orders go, step by step, through the services that people use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard import chance
from dashboard.accounts import service as accounts
from dashboard.accounts.models import User
from dashboard.audit import service as audit
from dashboard.checkout import service as checkout
from dashboard.checkout.rules import Buyer, Contents
from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.demo.accounts import STAFF
from dashboard.demo.history import DemoOrder, Then
from dashboard.demo.people import CUSTOMERS, WITH_ACCOUNT
from dashboard.demo.rhythm import tell
from dashboard.documents import service as documents
from dashboard.extensions import db
from dashboard.fulfilment import pricing, transfers
from dashboard.fulfilment import service as fulfilment
from dashboard.fulfilment.service import OrderRequest
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.rules import Terms
from dashboard.licenses import files, keys
from dashboard.licenses import service as licenses
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.rules import LicenseState
from dashboard.resellers import applications, invitations, policies
from dashboard.resellers import service as resellers
from dashboard.resellers.models import Member
from dashboard.resellers.rules import Role
from dashboard.resellers.tax_numbers import kind_of
from dashboard.tax import certificates
from dashboard.tax.certificates import Claim

if TYPE_CHECKING:
    from dashboard.demo.agenda import Agenda, Step
    from dashboard.demo.companies import DemoApplicant, DemoReseller
    from dashboard.orders.models import Order

#: Files that the demo brings along.
DATA = Path(__file__).parent / "data"

#: Days from a payment to its return, and from a license to the day on which the customer fetches it.
RETURNED_AFTER, FETCHED_AFTER = 20, 2

#: Why an order was cancelled, in the language of the letter that says so.
REASONS = {"ru": "Клиент изменил свои планы.", "en": "The customer has changed its plans."}

#: Why staff decline a temporary license.
DECLINED = {
    "ru": "Клиент уже пользуется временной лицензией на этот продукт.",
    "en": "The customer is using a temporary license of this product already.",
}


@dataclass
class Joined:
    """A reseller of the demo that has joined: the ids of what its history needs."""

    id: int = 0
    buyers: tuple[int, ...] = ()


def join(reseller: DemoReseller, agenda: Agenda, hashed: str) -> Joined:
    """Plan how a company applies, is approved, becomes active, and what staff decide about it later (R2-R6)."""
    joined = Joined()
    _, owner_name, owner_email = reseller.people[0]

    def apply() -> None:
        owner = _account(owner_email, owner_name, reseller.language, hashed)
        with _done_by(owner):
            applications.submit(owner, reseller.request, reseller.language)

    def approve() -> None:
        owner = _known(owner_email)
        joined.id = applications.approve(_application_of(owner), reseller.currency, by=_known(STAFF.email)).id
        joined.buyers = (owner, *_add_colleagues(reseller, joined.id, hashed))

    def complete() -> None:
        resellers.give_listing(joined.id, f"{reseller.request.website}/brands")
        if reseller.details:
            resellers.accept_policy(joined.id, joined.buyers[0], policies.current_policy().number)
            resellers.save_details(joined.id, reseller.details)

    agenda.plan(reseller.joined, time(9, 30), apply)
    agenda.plan(reseller.joined, time(14, 5), _by(STAFF.email, approve))
    agenda.plan(reseller.joined, time(16, 40), _by(owner_email, complete))
    _plan_decisions(reseller, joined, agenda)
    if reseller.certificate:
        upload = _by(owner_email, lambda: _upload(joined.id, reseller))
        agenda.plan(reseller.certificate.days_ago, time(12, 40), upload)
    if reseller.invited:
        days_ago, role, email = reseller.invited

        def invite() -> None:
            invitations.enlist(joined.id, email, role, language=reseller.language, by_name=owner_name)

        agenda.plan(days_ago, time(11, 15), _by(owner_email, invite))
    return joined


def _upload(reseller_id: int, reseller: DemoReseller) -> None:
    """An exemption certificate for the company's own state, valid from this day: staff have not looked at it (R29)."""
    told = reseller.certificate
    assert told is not None
    claim = Claim((reseller.request.state,), told.number, today(), today() + timedelta(days=told.days))
    certificates.upload(reseller_id, _known(reseller.people[0][2]), claim, (DATA / told.file).read_bytes())


def _add_colleagues(reseller: DemoReseller, reseller_id: int, hashed: str) -> list[int]:
    """The other people of a company; the ids of those who may order."""
    buyers = []
    for role, name, email in reseller.people[1:]:
        user_id = _account(email, name, reseller.language, hashed)
        db.session.add(Member(user_id=user_id, reseller_id=reseller_id, role=role))
        buyers += [user_id] if role in {Role.OWNER, Role.BUYER} else []
    return buyers


def _known(email: str) -> int:
    """The id of an account that is there."""
    user = accounts.find_user(email)
    assert user is not None, email
    return user.id


@contextmanager
def _done_by(user_id: int) -> Iterator[None]:
    """The audit trail names this person for what is done meanwhile."""
    person = db.session.get_one(User, user_id)
    with audit.done_by(person.id, person.name):
        yield


def _by(email: str, step: Step) -> Step:
    """The step as the doing of whoever has that address."""

    def done() -> None:
        with _done_by(_known(email)):
            step()

    return done


def _application_of(user_id: int) -> int:
    application = applications.find_latest(user_id)
    assert application is not None, user_id
    return application.id


def _account(email: str, name: str, language: str, hashed: str) -> int:
    user = accounts.find_user(email) or accounts.add_hashed_user(email, name, hashed, language=language)
    return user.id


def _confirm_number(reseller_id: int) -> None:
    resellers.confirm_tax_number(reseller_id, resellers.get_reseller(reseller_id).tax_number)


def _plan_decisions(reseller: DemoReseller, joined: Joined, agenda: Agenda) -> None:
    standing, url = reseller.standing, f"{reseller.request.website}/brands"
    decisions: list[tuple[int, Callable[[], None]]] = []
    if reseller.details and not standing.listing_unchecked:
        decisions.append((reseller.joined - 1, lambda: resellers.mark_listing_checked(joined.id, url)))
        if kind_of(reseller.request.country) == "vat":
            decisions.append((reseller.joined - 1, lambda: _confirm_number(joined.id)))
    if standing.established:
        ago, told = standing.established
        decisions.append((ago, lambda: resellers.mark_established(joined.id, told)))
    if standing.on_hold:
        days_ago, reason = standing.on_hold
        decisions.append((days_ago, lambda: resellers.set_hold(joined.id, True, reason)))
    if standing.suspended:
        day, why = standing.suspended
        decisions.append((day, lambda: resellers.suspend(joined.id, why)))
    if debt := reseller.debt:
        owed = Money(debt.minor, reseller.currency)
        decisions.append((debt.days_ago, lambda: _owe(joined.id, debt.number, owed)))
    for days_ago, decide in decisions:
        agenda.plan(days_ago, time(17, 45), _by(STAFF.email, decide))


def _owe(reseller_id: int, number: str, amount: Money) -> None:
    """A debt from before this program, of this day, due like an order of today."""
    due_on = today() + timedelta(days=current_settings().credit_days)
    ledger.open_debt(reseller_id, number, amount, placed_on=today(), due_on=due_on)
    transfers.pay_from_account(resellers.get_reseller(reseller_id, lock=True), today())


def ask_to_join(applicant: DemoApplicant, agenda: Agenda, hashed: str) -> None:
    """Plan an application that waits, or is declined."""

    def apply() -> None:
        user_id = _account(applicant.email, applicant.name, applicant.language, hashed)
        with _done_by(user_id):
            applications.submit(user_id, applicant.request, applicant.language)

    def decline() -> None:
        applications.decline(_application_of(_known(applicant.email)), applicant.reason, by=_known(STAFF.email))

    agenda.plan(applicant.days_ago, time(11, 20), apply)
    if applicant.reason:
        agenda.plan(applicant.days_ago, time(15, 10), _by(STAFF.email, decline))


def keep_draft(reseller: DemoReseller, joined: Joined, draft: DemoOrder, agenda: Agenda) -> None:
    """Plan that the owner begins an order and leaves it."""

    def begin() -> None:
        contents = Contents(draft.lines, _address(draft.customer), note=draft.note)
        draft_id = f"{draft.days_ago}{reseller.name.encode().hex():0<24}"[:24]
        checkout.save_draft(draft_id, Buyer(joined.id, joined.buyers[0]), contents)

    agenda.plan(draft.days_ago, time(17, 20), begin)


def trade(reseller: DemoReseller, joined: Joined, agenda: Agenda) -> None:
    """Plan all orders of a reseller."""
    told = tell(reseller.rhythm, agenda.today, chance.source()) if reseller.rhythm else []
    for number, order in enumerate(sorted([*told, *reseller.orders], key=lambda one: -one.days_ago)):
        po_number = reseller.po_style.format(100 + number) if reseller.po_style and (number + 1) % 3 else ""
        minute = time(9 + chance.source().randrange(4), chance.source().randrange(60))
        key = f"demo-{reseller.joined}-{number}"
        placed = Placed(replace(order, po_number=po_number), joined, reseller.language, key, agenda)
        agenda.plan(order.days_ago, minute, placed.place)


@dataclass
class Placed:
    """One order on its way."""

    told: DemoOrder
    joined: Joined
    language: str
    key: str
    agenda: Agenda
    id: str = ""
    buyer: int = 0

    def place(self) -> None:
        """Place the order as it was reviewed, and plan what comes of it: that depends on the terms it got (R14)."""
        told = self.told
        request = OrderRequest(told.lines, _address(told.customer), told.po_number, told.note)
        seen = pricing.estimate(self.joined.id, told.lines).shown()
        self.buyer = chance.source().choice(self.joined.buyers)
        with _done_by(self.buyer):
            order = fulfilment.place_order(self.joined.id, self.buyer, request, seen=seen, submit_key=self.key)
        self.id = order.id
        self._plan_fetching(order, told.days_ago)
        if told.then not in {Then.NOTHING, Then.RETURNED}:
            self.agenda.plan(told.days_ago, time(15, 30), self.go_on)
        if told.paid_after is not None:
            prepaid = order.terms == Terms.PREPAID
            waited = min(told.paid_after, 1 + told.paid_after // 5) if prepaid else told.paid_after
            pay = _by(STAFF.email, lambda: self.pay(told.days_ago - waited))
            self.agenda.plan(told.days_ago - waited, time(16, 15), pay)

    def go_on(self) -> None:
        """What the reseller or staff do on the same day."""
        then, reason = self.told.then, REASONS[self.language]
        if then is Then.CANCELLED:
            with _done_by(_known(STAFF.email)):
                fulfilment.cancel_order(self.id, reason, by_staff=True)
            return
        with _done_by(self.buyer):
            if then is Then.WITHDRAWN:
                fulfilment.cancel_order(self.id, reason, by_staff=False, of=self.joined.id)
            else:
                fulfilment.ask_temporary(self.id, of=self.joined.id)
        if then is Then.TEMPORARY_RELEASED:
            with _done_by(_known(STAFF.email)):
                fulfilment.release_temporary(self.id)
        if then is Then.TEMPORARY_DECLINED:
            with _done_by(_known(STAFF.email)):
                fulfilment.decline_temporary(self.id, DECLINED[self.language])

    def pay(self, days_ago: int) -> None:
        """The transfer comes, and staff confirm it; unless money that was on account has paid the order already."""
        amount = balances.open_amount(self.id)
        if not amount:
            return
        order = transfers.confirm_payment(
            self.id, amount.share(self.told.percent * 10_000), today(), text=orders.get_order(self.id).reference,
            staff_id=_known(STAFF.email), submit_key=f"{self.key}-paid",
        )  # fmt: skip
        self._plan_fetching(order, days_ago)
        if self.told.then is Then.RETURNED:
            self.agenda.plan(days_ago - RETURNED_AFTER, time(15, 30), _by(STAFF.email, self.give_back))

    def give_back(self) -> None:
        """Staff cancel an order that was paid: licenses are revoked, the money is on account (R12)."""
        fulfilment.cancel_order(self.id, REASONS[self.language], by_staff=True)

    def _plan_fetching(self, order: Order, days_ago: int) -> None:
        if order.license_state == LicenseState.ISSUED and self.told.customer in WITH_ACCOUNT:
            fetch = _by(CUSTOMERS[self.told.customer].email, self.fetch)
            self.agenda.plan(days_ago - FETCHED_AFTER, time(13, 50), fetch)

    def fetch(self) -> None:
        """The customer fetches the license files, which the worker has signed by then (R21)."""
        key = keys.load_signing_key(current_settings().license_keys)
        for license_ in licenses.of_order(self.id):
            if license_.user_id and license_.digest is None:
                content = files.sign(licenses.facts_of(license_), key)
                licenses.signed(license_.id, documents.keep(content, "application/xml"))
                licenses.downloaded(license_.id)


def _address(customer: str) -> dict[str, str]:
    return CUSTOMERS[customer]._asdict()
