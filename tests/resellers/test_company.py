"""The three steps from approved to active, and the policy's versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts.models import User
from dashboard.audit import service as audit
from dashboard.errors import Forbidden, Refused
from dashboard.mail.models import Letter
from dashboard.outbox.worker import work_off
from dashboard.prose import service as prose
from dashboard.prose import versions
from dashboard.prose.models import TextVersion
from dashboard.prose.rules import Kind
from dashboard.resellers import policies, service
from dashboard.resellers.models import Member, PolicyAcceptance, Reseller
from dashboard.resellers.rules import Role, Step
from dashboard.web.access import Actor
from tests.client import Client
from tests.factories import make_policy, make_reseller, make_user, publish_policy

Database = scoped_session[Session]

DETAILS = {
    "legal_name": "Romashka Soft GmbH",
    "street": "Hafenstraße 7",
    "city": "Hamburg",
    "postal_code": "20457",
    "tax_number": "136 695 976",
    "billing_email": "invoices@romashka.example",
    "document_language": "ru",
}


@pytest.fixture
def owner(db: Database, client: Client) -> User:
    """The owner, signed in in `client`, of a reseller that was just approved."""
    make_policy()
    user = make_user("Anna")
    make_reseller(owner=user, active=False, country="DE", currency="EUR")
    client.sign_in_as(user.id)
    return user


def reseller_of(db: Database, user: User) -> Reseller:
    db.commit()
    db.expire_all()
    return db.scalars(select(Reseller).join(Member).where(Member.user_id == user.id)).one()


def give_listing(client: Client) -> None:
    page = client.get("/company").click("Give the page")
    assert page.submit("Save", listing_url="romashka.example/brands").path == "/company"


def accept_policy(client: Client) -> None:
    page = client.get("/company").click("Read and accept")
    assert page.submit("Accept the policy").path == "/company"


def save_details(client: Client) -> None:
    page = client.get("/company").click("Complete the details")
    assert page.submit("Save", **DETAILS).path == "/company"


STEPS = {Step.LISTING: give_listing, Step.POLICY: accept_policy, Step.COMPANY: save_details}


@pytest.mark.parametrize("last", Step)
def test_R05_the_last_step_unlocks_at_once_whichever_it_is(
    client: Client, owner: User, db: Database, last: Step
) -> None:
    for step, do in STEPS.items():
        if step is not last:
            do(client)
    assert service.missing_steps_of(reseller_of(db, owner)) == (last,)
    assert client.get("/company").text.count("missing") == 1
    assert not reseller_of(db, owner).is_active
    STEPS[last](client)
    assert reseller_of(db, owner).is_active
    assert "not active yet" not in client.get("/company").text
    work_off()
    sent = db.scalars(select(Letter).where(Letter.kind == "reseller_activated")).one()
    assert sent.recipient == owner.email
    assert "/prices" in sent.text


def test_R05_what_is_missing_is_named_where_it_locks(client: Client, owner: User, db: Database) -> None:
    give_listing(client)
    page = client.get("/prices")
    assert page.status == 403
    assert "the reseller policy, the company's details" in page.text
    assert "the page that lists our brands" not in page.text


def test_R05_who_is_active_passes(db: Database) -> None:
    reseller = make_reseller()
    service.require_active(Actor(reseller_id=reseller.id, is_active_reseller=True))
    service.require_active_company(reseller)


def test_R05_the_page_must_lie_on_the_own_domain(client: Client, owner: User, db: Database) -> None:
    page = client.get("/company/listing").submit("Save", listing_url="https://romashka.evil.example/brands")
    assert page.status == 422
    assert "on your company's own domain, romashka.example" in page.text
    assert 'value="https://romashka.evil.example/brands"' in page.html
    page = client.get("/company/listing").submit("Save", listing_url="javascript:alert(1)")
    assert "Write the address of a web page" in page.text
    assert reseller_of(db, owner).listing_url == ""


def test_R05_another_page_has_to_be_checked_anew(client: Client, owner: User, staff: Client, db: Database) -> None:
    for do in STEPS.values():
        do(client)
    number = reseller_of(db, owner).id
    looked_at = staff.get(f"/staff/resellers/{number}")
    client.get("/company/listing").submit("Save", listing_url="romashka.example/other")
    assert looked_at.submit("The brands are there").status == 409
    assert reseller_of(db, owner).listing_checked_at is None
    staff.get(f"/staff/resellers/{number}").submit("The brands are there")
    assert reseller_of(db, owner).listing_checked_at is not None


def test_R05_the_tax_number_is_checked_by_country(client: Client, owner: User, db: Database) -> None:
    page = client.get("/company/details").submit("Save", **{**DETAILS, "tax_number": "DE136695977"})
    assert page.status == 422
    assert "not a valid VAT number" in page.text
    page = page.submit("Save", tax_number="")
    assert "Fill in this field." in page.text
    page.submit("Save", tax_number="136695976")
    assert reseller_of(db, owner).tax_number == "DE136695976"


def test_R27_details_that_no_paper_can_show_are_refused(client: Client, owner: User, db: Database) -> None:
    page = client.get("/company/details").submit("Save", **{**DETAILS, "legal_name": "東京ソフト"})
    assert page.status == 422
    assert "Our documents cannot show" in page.text
    assert reseller_of(db, owner).legal_name == ""


def test_R05_the_details_are_kept_and_shown(client: Client, owner: User, db: Database) -> None:
    opened = client.get("/company/details")
    assert f'value="{owner.email}"' in opened.html  # proposed for the invoices
    save_details(client)
    kept = reseller_of(db, owner)
    assert (kept.legal_name, kept.city, kept.document_language) == ("Romashka Soft GmbH", "Hamburg", "ru")
    assert "Hafenstraße 7, 20457 Hamburg, Germany" in client.get("/company").text


def test_R08_country_and_state_are_not_the_reseller_s_to_change(client: Client, owner: User, db: Database) -> None:
    page = client.get("/company/details")
    assert "Germany" in page.text
    assert not page.tree.xpath("//form[@id='details']//*[@name='country' or @name='state']")
    token = page.tree.xpath("//form[@id='details']//input[@name='csrf_token']/@value")[0]
    client.post("/company/details", {**DETAILS, "country": "US", "state": "TX", "csrf_token": token})
    assert (reseller_of(db, owner).country, reseller_of(db, owner).state) == ("DE", "")
    assert reseller_of(db, owner).city == "Hamburg"


@pytest.mark.parametrize(
    ("role", "edits", "accepts"),
    [(Role.OWNER, True, True), (Role.BUYER, False, True), (Role.ACCOUNTANT, False, False), (Role.VIEWER, False, False)],
)
def test_R05_who_may_do_which_step(
    new_client: Callable[..., Client], owner: User, db: Database, *, role: Role, edits: bool, accepts: bool
) -> None:
    member = make_user()
    db.add(Member(user_id=member.id, reseller_id=reseller_of(db, owner).id, role=role))
    browser = new_client()
    browser.sign_in_as(member.id)
    assert ("Give the page" in browser.get("/company").links) is edits
    assert (browser.get("/company/listing").status == 200) is edits
    assert (browser.get("/company/details").status == 200) is edits
    assert ("Accept the policy" in browser.get("/policy").buttons) is accepts
    assert (browser.post("/policy", {"policy": "1"}).status != 404) is accepts


def test_R05_who_accepted_which_version_when_is_kept(client: Client, owner: User, db: Database) -> None:
    accept_policy(client)
    kept = db.scalars(select(PolicyAcceptance)).one()
    assert (kept.policy_id, kept.user_id) == (policies.current_policy().id, owner.id)
    assert kept.accepted_at is not None
    accepted = policies.find_acceptance(kept.reseller_id)
    assert accepted is not None
    assert accepted.by == "Anna"
    assert "Anna accepted version" in client.get("/policy").text


def test_R05_a_policy_that_was_replaced_meanwhile_is_not_accepted(client: Client, owner: User, db: Database) -> None:
    page = client.get("/policy")
    publish_policy("New words.", "Новые слова.")
    answer = page.submit("Accept the policy")
    assert answer.status == 409
    assert "A newer version" in answer.text
    assert db.scalars(select(PolicyAcceptance)).all() == []


def test_R05_a_new_version_must_be_accepted_again(client: Client, owner: User, db: Database) -> None:
    for do in STEPS.values():
        do(client)
    reseller = reseller_of(db, owner)
    assert policies.must_accept_policy(reseller.id) is None
    newest = publish_policy("New words.", "Новые слова.")
    assert policies.must_accept_policy(reseller.id) == newest
    page = client.get("/company")
    assert "There is a new version of the reseller policy." in page.text
    assert reseller_of(db, owner).is_active  # reading and paying go on
    page.click("Read the new version").submit("Accept the policy")
    assert policies.must_accept_policy(reseller.id) is None


def test_R05_a_correction_does_not_ask_again(db: Database, app: Flask) -> None:
    reseller = make_reseller()
    publish_policy("Be fair!", "Будьте честны!", correction=True)
    assert policies.must_accept_policy(reseller.id) is None
    fresh = make_reseller("Fresh", active=False)
    newest = publish_policy("Be fair.", "Будьте честны.", correction=True)
    assert policies.must_accept_policy(fresh.id) is not None
    service.accept_policy(fresh.id, make_user().id, newest.id)  # the corrected words are what was read
    assert policies.must_accept_policy(fresh.id) is None


def test_R05_the_policy_speaks_the_reader_s_language(new_client: Callable[..., Client], db: Database) -> None:
    publish_policy("# Policy\n\n## Fair <b>play\n\n- one", "# Политика\n\n## Честность\n\n- раз")
    page = new_client().get("/policy")
    assert page.tree.xpath("//main//h1/text()") == ["Policy"]
    assert page.tree.xpath("//main//h2/text()") == ["Fair <b>play"]
    assert page.tree.xpath("//main//li/text()")[-1] == "one"
    assert "Честность" in new_client(language="ru").get("/policy").text


def test_R05_the_product_s_own_policy_is_kept_word_for_word_when_it_is_accepted(db: Database, app: Flask) -> None:
    reseller, anna = make_reseller(active=False), make_user()
    assert policies.current_policy().number == 0
    assert Step.POLICY in service.missing_steps_of(reseller)
    for _ in range(2):
        service.accept_policy(reseller.id, anna.id, 0)
    assert Step.POLICY not in service.missing_steps_of(reseller)
    (kept,) = db.scalars(select(TextVersion))
    assert (kept.number, kept.text_en) == (0, versions.shipped(Kind.POLICY).english)
    assert policies.current_policy().id == kept.id == db.scalars(select(PolicyAcceptance)).one().policy_id
    publish_policy("Be fair.", "Будьте честны.", correction=True)
    assert policies.must_accept_policy(reseller.id) is None  # a correction of what was accepted
    assert publish_policy("Be fairer.", "Будьте честнее.") == policies.must_accept_policy(reseller.id)


def test_R05_an_acceptance_of_the_product_s_own_policy_that_comes_late_is_none_of_a_newer_one(
    db: Database, app: Flask
) -> None:
    """Its row is made after that of the newer version: what counts is the number."""
    reseller, anna = make_reseller(active=False), make_user()
    own = policies.current_policy()
    newer = publish_policy("Be fair.", "Будьте честны.")
    late = prose.keep(own)
    assert newer.id is not None
    assert late > newer.id
    db.add(PolicyAcceptance(reseller_id=reseller.id, policy_id=late, user_id=anna.id))
    assert policies.must_accept_policy(reseller.id) == newer


def test_R05_the_first_version_always_asks(app: Flask) -> None:
    assert publish_policy("a", "б", correction=True).asks_acceptance


def test_R05_suspended_is_said_with_its_reason(client: Client, owner: User, staff: Client, db: Database) -> None:
    for do in STEPS.values():
        do(client)
    number = reseller_of(db, owner).id
    form = staff.get(f"/staff/resellers/{number}/suspend")
    assert form.submit("Suspend the reseller").status == 422
    form.submit("Suspend the reseller", reason="The page is gone.")
    assert "The page is gone." in client.get("/company").text
    assert "The page is gone." in client.get("/prices").text
    with pytest.raises(Refused):
        service.suspend(number, "twice")
    with pytest.raises(Forbidden):
        service.require_active_company(reseller_of(db, owner))
    staff.get(f"/staff/resellers/{number}").submit("End the suspension")
    assert client.get("/prices").status == 200
    work_off()
    kinds = [one.kind for one in db.scalars(select(Letter).order_by(Letter.id))]
    assert kinds.count("reseller_suspended") == 1


def test_R26_a_company_sees_itself_alone(client: Client, owner: User, db: Database) -> None:
    make_reseller("Competitor")
    assert "Competitor" not in client.get("/company").text


def test_everything_is_audited(client: Client, owner: User, db: Database) -> None:
    for do in STEPS.values():
        do(client)
    actions: list[Any] = [entry.action for entry in audit.history(f"reseller:{reseller_of(db, owner).id}")]
    assert actions == [
        "reseller.listing_given", "policy.accepted", "reseller.details_saved", "reseller.activated",
    ]  # fmt: skip
