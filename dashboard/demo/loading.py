"""Loads the demo through the same services that people use, each step at the time when it happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path

from sqlalchemy import select

from dashboard import clock
from dashboard.accounts import service as accounts
from dashboard.accounts.models import User
from dashboard.catalog import service as catalog
from dashboard.catalog.files import read_catalog
from dashboard.config import current_settings
from dashboard.demo.accounts import ACCOUNTS
from dashboard.demo.history import (
    APPLICANT,
    APPLICATION,
    CUSTOMERS,
    RESELLERS,
    DemoOrder,
    DemoReseller,
)
from dashboard.extensions import db
from dashboard.fulfilment import pricing
from dashboard.fulfilment import service as fulfilment
from dashboard.fulfilment.service import OrderRequest
from dashboard.ledger import service as ledger
from dashboard.ledger.references import order_reference
from dashboard.licenses import keys
from dashboard.prose import service as prose
from dashboard.prose import versions
from dashboard.prose.rules import Kind
from dashboard.resellers import policies
from dashboard.resellers.models import Application, Member, Reseller
from dashboard.resellers.rules import Activity, Role
from dashboard.tax import service as tax
from dashboard.web.transactions import reading, transaction

DATA = Path(__file__).parent / "data"

#: The demo's past goes back so far.
PAST = timedelta(days=430)

#: Password of the accounts that the sign-in page does not list.
PASSWORD = "demo-2026-demo"

#: Why the one order that is cancelled was: it is a Russian reseller's, so its letter is Russian.
REASON = "Клиент изменил свои планы."


def is_loaded() -> bool:
    """Whether there is anything in the database already: then the demo leaves it alone."""
    with reading():
        return db.session.scalar(select(User.id).limit(1)) is not None


def load() -> None:
    """Load the demo into an empty database, in the order in which it happened: invoices are numbered by it."""
    now = datetime.now(UTC)
    with step(now - PAST):
        _load_basis()
        members = [_load_reseller(reseller) for reseller in RESELLERS]
    events = [
        event
        for reseller, member in zip(RESELLERS, members, strict=True)
        for number, order in enumerate(reseller.orders)
        for event in _events(order, f"demo-{member[0]}-{number}", member, now)
    ]
    for happened_at, action in sorted(events, key=itemgetter(0)):
        with step(happened_at):
            action()
    with step(now - timedelta(hours=20)):
        _load_application()


@contextmanager
def step(at: datetime) -> Iterator[None]:
    """One step of the history: a transaction at its own time."""
    with clock.at(at), transaction():
        yield


def _load_basis() -> None:
    """Keys, rates, catalog, policy, and the accounts that the sign-in page lists."""
    folder = current_settings().license_keys
    if not keys.load_certificates(folder):
        keys.new_key(folder, current_settings().vendor.name)
    tax.load_rates((DATA / "tax_rates.csv").read_text(encoding="utf-8").splitlines())
    catalog.load_catalog(read_catalog((DATA / "catalog.csv").read_bytes()), clock.today())
    policy = versions.shipped(Kind.POLICY)
    prose.publish(Kind.POLICY, policy.english, policy.russian)  # as a vendor does who has read it and finds it good
    for account in ACCOUNTS:
        accounts.add_user(
            account.email, account.name, account.password, language=account.language,
            staff=account.email.startswith("mari@"), translator=account.email.startswith("vera@"),
        )  # fmt: skip


def _load_reseller(reseller: DemoReseller) -> tuple[int, int]:
    """A reseller that is active already, with its owner; their ids."""
    name, email = reseller.owner
    owner = accounts.find_user(email) or accounts.add_user(email, name, PASSWORD, language=reseller.language)
    now = clock.utcnow()
    row = Reseller(
        name=reseller.name,
        website=reseller.website,
        country=reseller.country,
        state=reseller.state,
        currency=reseller.currency,
        discount=current_settings().discount,
        legal_name=reseller.legal_name,
        street=reseller.street,
        city=reseller.city,
        postal_code=reseller.postal_code,
        tax_number=reseller.tax_number,
        billing_email=reseller.billing_email,
        document_language=reseller.language,
        listing_url=f"{reseller.website}/brands",
        listing_checked_at=now if reseller.listing_checked else None,
        company_completed_at=now,
        activated_at=now,
    )
    db.session.add(row)
    db.session.flush()
    db.session.add(Member(user_id=owner.id, reseller_id=row.id, role=Role.OWNER))
    policies.keep_acceptance(row.id, owner.id, policies.current_policy().number)
    return row.id, owner.id


def _events(
    order: DemoOrder, key: str, member: tuple[int, int], now: datetime
) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """What happens to one order, and when."""
    reseller_id, owner_id = member
    placed_at = now - timedelta(days=order.days_ago, hours=3)
    ids: list[str] = []  # known once it is placed

    def place() -> None:
        request = OrderRequest(order.lines, asdict(CUSTOMERS[order.customer]), order.po_number)
        seen = pricing.quote(reseller_id, order.lines).shown()
        ids.append(fulfilment.place_order(reseller_id, owner_id, request, seen=seen, submit_key=key).id)

    def go_on() -> None:
        if order.then == "cancelled":
            fulfilment.cancel_order(ids[0], REASON, by_staff=True)
        elif order.then.startswith("temporary"):
            fulfilment.ask_temporary(ids[0], of=reseller_id)
        if order.then == "temporary released":
            fulfilment.release_temporary(ids[0])

    def pay() -> None:
        amount = ledger.open_amount(ids[0])
        fulfilment.confirm_payment(
            ids[0], amount, clock.today(), text=order_reference(ids[0]), staff_id=None, submit_key=f"{key}-paid"
        )

    yield placed_at, place
    yield placed_at + timedelta(hours=2), go_on
    if order.paid_after is not None:
        yield placed_at + timedelta(days=order.paid_after), pay


def _load_application() -> None:
    applicant = accounts.add_user(APPLICANT[1], APPLICANT[0], PASSWORD)
    db.session.add(
        Application(user_id=applicant.id, activity=Activity.RESELLING, language="en", state="", **APPLICATION)
    )
