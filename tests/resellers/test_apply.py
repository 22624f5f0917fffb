"""Applying, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts.models import User
from dashboard.config import Settings
from dashboard.errors import InvalidInput, Refused
from dashboard.mail.models import Letter
from dashboard.outbox.worker import work_off
from dashboard.resellers import applications
from dashboard.resellers.models import Application, Member, Reseller
from dashboard.web.transactions import begin_request
from tests.client import Client, Page
from tests.factories import make_reseller, make_user
from tests.resellers.conftest import APPLICATION

SEND = "Send the application"
Database = scoped_session[Session]


def apply(client: Client, **other: Any) -> Page:
    return client.get("/apply").submit(SEND, **{**APPLICATION, **other})


def token_of(client: Client) -> str:
    """The CSRF token of the form, for a submission that no browser would make."""
    found: list[str] = client.get("/apply").tree.xpath("//form[@id='application']//input[@name='csrf_token']/@value")
    return found[0]


def application_of(user: User) -> Application:
    found = applications.find_latest(user.id)
    assert found is not None
    return found


def letter(db: Database, kind: str) -> Letter:
    db.commit()
    work_off()
    return db.scalars(select(Letter).where(Letter.kind == kind)).one()


def test_R02_an_application_keeps_what_was_typed(client: Client, applicant: User, db: Database) -> None:
    page = apply(client, first_customer="Nordwind, five seats")
    assert page.path == "/application"
    assert "Your application is with us." in page.text
    kept = application_of(applicant)
    assert (kept.company, kept.website, kept.country) == ("Romashka Soft", "https://www.romashka.example", "DE")
    assert kept.description == "We sell developer tools.\nTwenty people."
    assert kept.first_customer == "Nordwind, five seats"
    assert kept.language == "en"


def test_R02_the_sales_address_is_still_shown(client: Client, applicant: User) -> None:
    assert client.get("/apply").links["sales@lumivara.example"] == "mailto:sales@lumivara.example"


def test_R02_only_who_has_confirmed_the_address_applies(client: Client, db: Database) -> None:
    assert client.get("/apply", follow=False).location == "/sign-in?next=/apply"
    client.sign_in_as(make_user(confirmed=False).id)
    assert client.get("/apply").path == "/confirm"


def test_R02_each_error_is_said_and_nothing_typed_is_lost(client: Client, applicant: User) -> None:
    page = apply(client, company="", website="nonsense", country="US", activity="mixed")
    assert page.status == 422
    assert "Fill in this field." in page.text
    assert "Write the address of a web page" in page.text
    assert "Choose the state: US sales tax depends on it." in page.text
    assert "Our customers ask for them." in page.html
    assert applications.find_latest(applicant.id) is None


def test_R02_a_state_is_kept_for_the_us_alone(client: Client, applicant: User, db: Database) -> None:
    apply(client, country="DE", state="TX")
    assert application_of(applicant).state == ""


def test_R02_an_unknown_choice_is_refused_in_our_words(client: Client, applicant: User) -> None:
    page = client.post("/apply", {**APPLICATION, "country": "XX", "activity": "other", "csrf_token": token_of(client)})
    assert page.status == 422
    assert page.text.count("Choose one of these.") >= 2


def test_R30_switching_the_language_keeps_what_was_typed(client: Client, applicant: User) -> None:
    page = client.get("/apply").submit("RU Русский", company="Ромашка", country="RU", activity="mixed")
    assert page.tree.get("lang") == "ru"
    assert 'value="Ромашка"' in page.html
    assert page.status == 200
    assert applications.find_latest(applicant.id) is None


def test_R03_consulting_stops_the_form_and_keeps_it(client: Client, applicant: User) -> None:
    page = apply(client, activity="consulting", reasons="")
    assert page.status == 422
    assert "whose main business is reselling IT products" in page.text
    assert "sales@lumivara.example" in page.text
    assert "Fill in this field." not in page.text  # nothing else is asked for
    assert 'value="Romashka Soft"' in page.html
    assert applications.find_latest(applicant.id) is None


def test_R03_consulting_is_refused_by_the_service_too(applicant: User) -> None:
    wanted = {**APPLICATION, "website": "https://a.example", "activity": "consulting"}
    with pytest.raises(InvalidInput):
        applications.submit(applicant.id, applications.Request(**wanted), "en")


def test_R03_a_mixed_business_is_marked_for_staff(client: Client, applicant: User, staff: Client) -> None:
    apply(client, activity="mixed")
    assert "mixed business" in staff.get("/staff/applications").text


def test_R03_one_application_waits_at_a_time(client: Client, applicant: User, db: Database) -> None:
    form = client.get("/apply")
    form.submit(SEND, **APPLICATION)
    again = form.submit(SEND, **APPLICATION)  # the same form once more: a double click, the back button
    assert again.path == "/application"
    assert client.get("/apply").path == "/application"
    applications.submit(applicant.id, applications.Request(**{**APPLICATION, "company": "Second"}), "en")
    assert [one.company for one in db.scalars(select(Application))] == ["Romashka Soft"]


def test_R03_after_a_refusal_one_may_apply_again(client: Client, applicant: User, staff: Client) -> None:
    apply(client)
    kept = application_of(applicant)
    none_yet = staff.get("/staff/applications?state=decided")
    assert ("Waiting 1" in none_yet.text, len(none_yet.statements)) == (True, 2)
    staff.get(f"/staff/applications/{kept.id}").submit("Decline", reason="Your site offers consulting only.")
    decided = staff.get("/staff/applications?state=decided&before=99999")
    assert "Romashka Soft" in decided.click("← To the beginning").links
    page = client.get("/application")
    assert "Your site offers consulting only." in page.text
    form = page.click("Apply again")
    assert 'value="Romashka Soft"' in form.html
    assert form.submit(SEND, description="We resell now.").path == "/application"
    assert application_of(applicant).is_waiting


def test_R03_members_of_a_reseller_do_not_apply(client: Client, db: Database) -> None:
    member = make_user()
    make_reseller(owner=member)
    client.sign_in_as(member.id)
    assert client.get("/apply").path == "/company"
    with pytest.raises(Refused):
        applications.submit(member.id, applications.Request(**APPLICATION), "en")


def test_R04_approving_makes_a_reseller_and_its_owner(
    client: Client, applicant: User, staff: Client, db: Database, settings: Callable[..., Settings]
) -> None:
    settings(discount=125_000)
    apply(client)
    page = staff.get(f"/staff/applications/{application_of(applicant).id}")
    assert page.tree.xpath("//select[@name='currency']/option[@selected]/@value") == ["EUR"]
    assert page.submit("Approve").path == "/staff/applications"
    reseller = db.scalars(select(Reseller)).one()
    assert (reseller.name, reseller.currency, reseller.discount) == ("Romashka Soft", "EUR", 125_000)
    assert not reseller.is_active
    assert db.get_one(Member, applicant.id).role == "owner"
    assert client.get("/application").click("Go on to your company").status == 200


def test_R04_the_applicant_is_told_in_the_language_of_the_application(
    new_client: Callable[..., Client], staff: Client, db: Database
) -> None:
    user = make_user("Анна", language="ru")
    browser = new_client(language="ru")
    browser.sign_in_as(user.id)
    browser.post("/apply", {**APPLICATION, "csrf_token": token_of(browser)})
    staff.get(f"/staff/applications/{application_of(user).id}").submit("Approve")
    sent = letter(db, "application_approved")
    assert (sent.recipient, sent.language) == (user.email, "ru")
    assert "Romashka Soft" in sent.text
    assert "/company" in sent.text
    assert "GroupDocs" in sent.text


def test_R04_declining_needs_a_reason_and_sends_it(
    client: Client, applicant: User, staff: Client, db: Database
) -> None:
    apply(client)
    kept = application_of(applicant)
    page = staff.get(f"/staff/applications/{kept.id}").submit("Decline")
    assert page.status == 422
    assert "Write the reason; the applicant reads it." in page.text
    assert application_of(applicant).is_waiting
    page.submit("Decline", reason="Only <consulting>.")
    sent = letter(db, "application_declined")
    assert "Only <consulting>." in sent.text
    assert "Only &lt;consulting&gt;." in sent.html


def test_R04_only_a_currency_with_a_bank_account(client: Client, applicant: User) -> None:
    apply(client)
    with pytest.raises(InvalidInput):
        applications.approve(application_of(applicant).id, "GBP", by=applicant.id)
    assert application_of(applicant).is_waiting


def test_R04_an_application_is_decided_once(client: Client, applicant: User, staff: Client, db: Database) -> None:
    apply(client)
    page = staff.get(f"/staff/applications/{application_of(applicant).id}")
    page.submit("Approve")
    again = page.submit("Decline", reason="Changed my mind")
    assert again.status == 409
    assert "decided already" in again.text
    assert application_of(applicant).approved
    assert len(db.scalars(select(Reseller)).all()) == 1


def test_R04_two_staff_at_the_same_moment_decide_once(app: Flask, applicant: User, db: Database) -> None:
    applications.submit(applicant.id, applications.Request(**APPLICATION), "en")
    number, person = application_of(applicant).id, applicant.id
    db.commit()
    start = Barrier(2)

    def decide(currency: str) -> str:
        with app.app_context():
            begin_request(writes=True)
            start.wait()
            try:
                applications.approve(number, currency, by=person)
                db.commit()
            except Refused:
                return "refused"
            return "approved"

    with ThreadPoolExecutor(2) as staff:
        outcomes = sorted(staff.map(decide, ["EUR", "USD"]))
    assert outcomes == ["approved", "refused"]
    assert len(db.scalars(select(Reseller)).all()) == 1


def test_R26_the_queue_is_for_staff(client: Client, applicant: User) -> None:
    apply(client)
    number = application_of(applicant).id
    for path in ("/staff/applications", f"/staff/applications/{number}", "/staff/resellers", "/staff/resellers/1"):
        assert client.get(path).status == 404


def test_an_unknown_application_does_not_exist(staff: Client) -> None:
    assert staff.get("/staff/applications/77").status == 404
    assert staff.get("/staff/applications/99999999999999999999").status == 404
