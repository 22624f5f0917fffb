"""Loads the demo through the same services that people use, each step at the time when it happened.

The same day has the same history in every database, to the last order ID and serial. Only what must be secret
differs: passwords' hashes, keys, signatures, and with them the files that are signed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import flask_migrate
from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select, update

from dashboard import chance, clock
from dashboard.accounts import passwords
from dashboard.accounts import service as accounts
from dashboard.accounts.models import User
from dashboard.audit import service as audit
from dashboard.catalog import editing
from dashboard.catalog import loading as catalog
from dashboard.catalog.files import read_catalog
from dashboard.config import current_settings
from dashboard.demo import bank, correspondence, history, offers, stories
from dashboard.demo.accounts import ACCOUNTS, EVERYBODY, RESELLER, STAFF, TRANSLATOR
from dashboard.demo.agenda import Agenda
from dashboard.demo.companies import APPLICANTS, RESELLERS
from dashboard.demo.people import CUSTOMERS, WITH_ACCOUNT
from dashboard.errors import N_, Refused
from dashboard.extensions import db
from dashboard.jobs import asking
from dashboard.licenses import keys
from dashboard.mail import jobs as mail_jobs
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.outbox import service as outbox
from dashboard.outbox.models import OutboxItem
from dashboard.outbox.service import GIVE_UP_AFTER, Claim
from dashboard.prose import service as prose
from dashboard.prose import versions
from dashboard.prose.rules import Kind
from dashboard.resellers.actors import find_actor
from dashboard.tax import service as tax
from dashboard.tax.files import read_rates
from dashboard.translators import catalogs
from dashboard.web.transactions import reading, transaction

#: Days that the demo's past goes back: fourteen months.
PAST = 430

#: Chance begins here, so that it is the same each time.
SEED = "Lumivara"

#: What says that a database is the demo's: an entry that is never changed or deleted.
MARK = "demo:loaded"

#: Drafts that wait to be finished, by the place of their reseller in the list.
DRAFTS = {
    0: (
        history.DemoOrder(4, "neva", ((history.sku("SIGN"), 1),)),
        history.DemoOrder(1, "volga", ((history.sku("VIEWER"), 3), (history.sku("COMP"), 3))),
    ),
    2: (history.DemoOrder(1, "redwood", ((history.sku("REDACT"), 2),), note="Waiting for their quantity"),),
}

#: A line of the Russian catalog, and how the translator would rather have it.
REWORDED = ('\nmsgstr "Сначала старые"\n'.encode(), '\nmsgstr "Сначала более старые"\n'.encode())

#: An address at which no mail server answers.
NO_SERVER = "smtp://127.0.0.1:9"


def is_loaded() -> bool:
    """Whether there is anything in the database already: then the demo leaves it alone."""
    with reading():
        return db.session.scalar(select(User.id).limit(1)) is not None


def load() -> None:
    """Load the demo into an empty database."""
    agenda = Agenda(clock.today())
    hashed = passwords.hash_password(EVERYBODY)
    listed = [passwords.hash_password(account.password) for account in ACCOUNTS]
    with chance.seeded(SEED):
        agenda.plan(PAST, time(8), lambda: _load_basis(listed, hashed))
        for place, reseller in enumerate(RESELLERS):
            joined = stories.join(reseller, agenda, hashed)
            stories.trade(reseller, joined, agenda)
            for draft in DRAFTS.get(place, ()):
                stories.keep_draft(reseller, joined, draft, agenda)
            correspondence.write(reseller.name, joined, agenda)
            offers.offer(reseller.name, joined, agenda)
        agenda.plan(3, time(10, 20), _announce_prices)
        for applicant in APPLICANTS:
            stories.ask_to_join(applicant, agenda, hashed)
        agenda.plan(2, time(15, 25), _hand_in_catalog)
        agenda.tell()
        bank.import_file(agenda.today)
    for applicant in APPLICANTS:
        if applicant.reason:
            _lose_letter("application_declined", applicant.email)
    _leave_to_worker()
    with chance.seeded(f"{SEED} files"):
        _ask_for_files()


def reset() -> None:
    """Delete the demo, with all that was done in it, and load it anew.

    Raises:
        Refused: if the database holds anything but the demo; nothing is deleted.
    """
    if is_loaded():
        with reading():
            if not audit.history(MARK):
                raise Refused(N_("This database was not filled by the demo. Nothing was deleted."))
        flask_migrate.downgrade(revision="base")
        flask_migrate.upgrade()
    load()


def _load_basis(listed: list[str], hashed: str) -> None:
    """Keys, rates, catalog, policy, and the accounts that are there before anything happens."""
    audit.record("demo.loaded", MARK)
    folder = current_settings().license_keys
    if not keys.load_certificates(folder):
        keys.new_key(folder, current_settings().vendor.name)
    tax.load_rates(read_rates((stories.DATA / "tax_rates.csv").read_bytes()))
    catalog.load_catalog(read_catalog((stories.DATA / "catalog.csv").read_bytes()), clock.today())
    policy = versions.shipped(Kind.POLICY)
    prose.publish(Kind.POLICY, policy.english, policy.russian)  # as a vendor does who has read it and finds it good
    for account, own in zip(ACCOUNTS, listed, strict=True):
        accounts.add_hashed_user(
            account.email, account.name, own, language=account.language, staff=account is STAFF,
            translator=account is TRANSLATOR,
        )  # fmt: skip
    for customer in (CUSTOMERS[key] for key in WITH_ACCOUNT):
        if accounts.find_user(customer.email) is None:
            accounts.add_hashed_user(customer.email, customer.name, hashed, language=customer.language)


def _announce_prices() -> None:
    """Prices of a SKU that are still to come, set by staff."""
    staff = accounts.find_user(STAFF.email)
    assert staff is not None
    prices = {"USD": Money(124_900, "USD"), "EUR": Money(114_900, "EUR"), "RUB": Money(11_490_000, "RUB")}
    with audit.done_by(staff.id, staff.name):
        editing.set_prices(history.sku("VIEWER"), prices, clock.today() + timedelta(days=30))


def _hand_in_catalog() -> None:
    """A Russian catalog in which the translator says one text otherwise."""
    translator = accounts.find_user(TRANSLATOR.email)
    assert translator is not None
    catalog = catalogs.file_of("ru.po").get_data()
    with audit.done_by(translator.id, translator.name):
        catalogs.hand_in(catalog.replace(*REWORDED, 1), "ru", user_id=translator.id, name=translator.name)


def _ask_for_files() -> None:
    """Long files that the worker makes when it comes to them: all orders, and those of one company."""
    with transaction():
        for account, kind in ((STAFF, "staff_orders"), (RESELLER, "orders")):
            user = accounts.find_user(account.email)
            assert user is not None
            of = find_actor(user.id)
            with force_locale(account.language):
                asking.start(
                    kind, f"demo:{kind}", by=user.id, of=of.reseller_id if of else None, payload={"format": "xlsx"}
                )  # fmt: skip


def _lose_letter(kind: str, recipient: str) -> None:
    """A letter that could not leave, and that the worker has given up: it waits for staff."""
    with reading():
        letter = db.session.scalars(select(Letter).where(Letter.kind == kind, Letter.recipient == recipient)).one()
        item = db.session.scalars(select(OutboxItem).where(OutboxItem.key == f"mail:{letter.key}")).one()
    settings = current_settings()
    current_app.config["SETTINGS"] = replace(settings, smtp_url=NO_SERVER)
    try:
        with clock.at(letter.created_at + timedelta(days=4)):
            try:
                mail_jobs.send(item.payload)
            except OSError as error:
                with transaction():
                    db.session.execute(update(Letter).where(Letter.id == letter.id).values(tries=GIVE_UP_AFTER))
                    outbox.failed(Claim(item.id, item.kind, item.payload, GIVE_UP_AFTER), str(error))
    finally:
        current_app.config["SETTINGS"] = settings


def _leave_to_worker() -> None:
    """All that is open is due from now on: files first, then letters, which bring them; the newest first, because
    that is what people look at first. `outbox.claim` puts whatever they do themselves before it.
    """
    now, second = clock.utcnow(), timedelta(seconds=1)
    with transaction():
        for item in db.session.scalars(select(OutboxItem).where(OutboxItem.failed_at.is_(None))):
            age = (now - item.created_at) / timedelta(days=2 * PAST)
            item.not_before = now + second * age + second * (item.kind == "mail")
