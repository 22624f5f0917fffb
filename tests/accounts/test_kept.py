"""Nothing typed is lost when a session has ended: it is kept for its sender, and nothing is done without a press."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, scoped_session
from wtforms import PasswordField

from dashboard.accounts import kept, second_factor, service
from dashboard.accounts.models import KeptPost, SecondFactor, User, UserSession
from dashboard.clock import utcnow
from dashboard.enquiries.models import Enquiry, EnquiryMessage
from dashboard.extensions import db as database
from dashboard.outbox.models import OutboxItem
from dashboard.resellers.models import Member, Reseller
from dashboard.resellers.rules import Role
from dashboard.web.forms import Form
from tests.accounts.conftest import PASSWORD, Received
from tests.client import Client, Page
from tests.factories import make_catalog, make_reseller

Browsers = Callable[..., Client]
Letters = Callable[[str], list[Received]]
Database = scoped_session[Session]
CITY = "Nizhny Novgorod"
OURS, FOREIGN = {"Origin": "http://localhost"}, {"Origin": "https://elsewhere.example"}


@pytest.fixture
def company(anna: User, db: Database) -> Reseller:
    """Anna is its owner."""
    reseller = make_reseller("Romashka", owner=anna)
    db.commit()
    return reseller


def typed(client: Client, address: str = "/company/details") -> Page:
    """A page that is open while its session ends elsewhere."""
    page = client.get(address)
    assert page.status == 200
    database.session.execute(delete(UserSession))
    database.session.commit()
    return page


def sign_in(page: Page, email: str = "anna@romashka.example") -> Page:
    assert page.path.startswith("/sign-in")
    return page.submit("Sign in", email=email, password=PASSWORD)


def held(page: Page, name: str) -> str:
    return str(page.tree.xpath(f"string(//main//*[@name='{name}']/@value)"))


def token_of(page: Page) -> str:
    return held(page, "csrf_token")


def sent(page: Page, **headers: str) -> Page:
    """The details as a browser sends them that says where the page is from."""
    data = {"csrf_token": token_of(page), "city": CITY}
    return page._client.open("POST", "/company/details", data=data, headers=headers)


def rows() -> int:
    database.session.commit()
    return database.session.query(KeptPost).count()


def test_who_signs_in_again_finds_the_form_as_it_was(client: Client, anna: User, company: Reseller) -> None:
    client.sign_in_as(anna)
    asked = typed(client).submit("Save", city=CITY, street="Lenina 1\u00a0б & «в»")
    assert "What you entered is kept" in asked.text
    again = sign_in(asked)
    assert (again.path, again.buttons.count("Go on with the form")) == ("/kept", 1)
    assert "Lenina 1 б & «в»" in again.text
    form = again.submit("Go on with the form")
    assert (form.status, form.path, held(form, "city")) == (200, "/company/details", CITY)
    assert held(form, "street") == "Lenina 1\u00a0б & «в»"
    database.session.refresh(company)
    assert company.city != CITY  # nothing is done without a press
    assert rows() == 0
    assert form.submit("Save").status == 200
    database.session.refresh(company)
    assert company.city == CITY
    assert client.get("/kept").path == "/"


def test_the_second_factor_stands_between(client: Client, anna: User, company: Reseller, db: Database) -> None:
    app = pyotp.TOTP(second_factor.new_key())
    sealed = second_factor.seal(second_factor.AT_REST, app.secret)
    db.add(SecondFactor(user_id=anna.id, sealed_key=sealed, last_step=0))
    client.sign_in_as(anna)
    code = sign_in(typed(client).submit("Save", city=CITY))
    assert code.path == "/sign-in/code?next=/kept"
    assert client.get("/kept").path == "/sign-in?next=/kept"  # the password alone opens nothing
    form = code.submit("Go on", code=app.at(utcnow())).submit("Go on with the form")
    assert held(form, "city") == CITY


def test_another_person_gets_nothing_and_it_is_deleted(client: Client, anna: User, company: Reseller) -> None:
    service.add_user("boris@romashka.example", "Boris", PASSWORD)
    client.sign_in_as(anna)
    other = sign_in(typed(client).submit("Save", city=CITY), "boris@romashka.example")
    assert other.path != "/kept"
    assert CITY not in other.html
    assert rows() == 0


def test_another_browser_of_the_same_person_has_nothing(
    client: Client, new_client: Browsers, anna: User, company: Reseller
) -> None:
    client.sign_in_as(anna)
    typed(client).submit("Save", city=CITY)
    other = new_client()
    other.sign_in_as(anna)
    assert other.get("/kept").path == "/"
    assert rows() == 1


@pytest.mark.parametrize("headers", [{}, FOREIGN, {"Sec-Fetch-Site": "cross-site", **OURS}, {"Sec-Fetch-Site": "none"}])
def test_what_comes_from_elsewhere_is_not_kept(
    client: Client, new_client: Browsers, anna: User, company: Reseller, headers: dict[str, str]
) -> None:
    """Without the token of this browser, or with a token that an attacker has from a page of ours."""
    client.sign_in_as(anna)
    page = typed(client)
    victim = new_client()
    for token in (token_of(page), "", "forged", token_of(page)[:-1]):
        data = {"csrf_token": token, "city": CITY}
        assert victim.open("POST", "/company/details", data=data, headers=headers).path == "/sign-in"
    victim.sign_in_as(anna)
    data = {"csrf_token": token_of(page), "city": CITY}
    assert victim.open("POST", "/company/details", data=data, headers=headers).status == 400
    assert rows() == 0


@pytest.mark.parametrize("headers", [OURS, {"Sec-Fetch-Site": "same-origin"}])
def test_who_signs_out_in_another_tab_loses_nothing(
    client: Client, anna: User, company: Reseller, headers: dict[str, str]
) -> None:
    """The cookie is gone with the token in it; the browser says that the page is ours, and the form whose it is."""
    client.sign_in_as(anna)
    page = client.get("/company/details")
    client.get("/profile").submit("Sign out")
    again = sign_in(sent(page, **headers))
    assert held(again.submit("Go on with the form"), "city") == CITY


@pytest.mark.parametrize("htmx", [False, True])
def test_a_page_of_an_earlier_session_loses_nothing_either(
    client: Client, anna: User, company: Reseller, htmx: bool
) -> None:
    """Another password in another tab makes another session."""
    client.sign_in_as(anna)
    page = client.get("/company/details")
    client.get("/profile/password").submit("Change the password", present=PASSWORD, password="four quiet gray mice")
    fragment = {"HX-Request": "true", "HX-Request-Type": "partial"} if htmx else {}
    kept_page = sent(page, **OURS, **fragment)
    if htmx:  # the page stays, and with it what was typed
        assert (kept_page.status, rows()) == (400, 0)
        assert "What you entered is still here" in kept_page.text
    else:
        assert held(kept_page.submit("Go on with the form"), "city") == CITY


def test_a_page_of_somebody_else_is_not_sent_as_ones_own(client: Client, anna: User, company: Reseller) -> None:
    boris = service.add_user("boris@romashka.example", "Boris", PASSWORD)
    client.sign_in_as(anna)
    page = client.get("/profile")
    client.sign_in_as(boris)
    data = {"csrf_token": token_of(page), "name": "Anna the Second"}
    refused = client.open("POST", "/profile", data=data, headers=OURS)
    assert (refused.status, rows()) == (400, 0)
    assert "made for somebody else" in refused.text


def test_a_visitors_page_of_an_earlier_session_is_shown_again(client: Client) -> None:
    page = client.get("/register")
    client._http.delete_cookie("session")
    data = {"csrf_token": token_of(page), "name": "Olga", "email": "olga@example.com", "password": PASSWORD}
    again = client.open("POST", "/register?next=/orders", data=data, headers=OURS)
    assert (again.status, rows()) == (400, 0)
    assert PASSWORD not in again.html
    form = again.submit("Go on with the form")
    assert (form.path, held(form, "name"), held(form, "password")) == ("/register?next=/orders", "Olga", "")


def test_what_a_mailed_link_sends_is_not_written_down(client: Client, anna: User, letters: Letters) -> None:
    """The address is a secret, as a password is, and the form still stands behind it."""
    client.get("/reset-password").submit("Send the link", email=anna.email)
    link = letters(anna.email)[-1].path
    page = client.get(link)
    client._http.delete_cookie("session")
    data = {"csrf_token": token_of(page), "password": PASSWORD}
    again = client.open("POST", link, data=data, headers=OURS)
    assert (again.status, rows()) == (400, 0)
    assert "Go on with the form" not in again.buttons


def test_who_has_signed_in_in_another_tab_need_not_do_it_again(client: Client, anna: User) -> None:
    page = client.get("/sign-in?next=/profile")
    client.get("/sign-in").submit("Sign in", email=anna.email, password=PASSWORD)
    data = {"csrf_token": token_of(page), "email": anna.email, "password": PASSWORD}
    assert client.open("POST", "/sign-in?next=/profile", data=data, headers=OURS).path == "/profile"


def test_a_button_that_acts_at_once_is_pressed_once_more(
    client: Client, anna: User, company: Reseller, db: Database
) -> None:
    """It is not pressed by signing in, and twice is once."""
    client.sign_in_as(anna)
    client.get("/enquiries/new?kind=other").submit("Send the enquiry", text="First", subject="Licenses")
    enquiry = db.query(Enquiry).one()
    address = f"/enquiries/{enquiry.id}"
    page = typed(client, address)
    data = {"csrf_token": token_of(page), "key": held(page, "key"), "text": "Two lines,\r\nof mine"}
    referer = {"Referer": f"http://localhost{address}"}
    again = sign_in(client.open("POST", address, data=data, headers=referer))
    assert db.query(EnquiryMessage).count() == 1
    assert again.links["Back to the page"] == address
    for _ in range(2):  # the second time by the back button
        assert again.submit("Send it now").status == 200
        assert [one.text for one in db.query(EnquiryMessage).order_by(EnquiryMessage.id)] == [
            "First",
            "Two lines,\nof mine",
        ]
    assert rows() == 0


def test_a_page_on_which_somebody_types_is_left_alone(client: Client, anna: User, company: Reseller) -> None:
    """What a field sends by itself is not kept, nor does it lead away: all of the form is sent by its button."""
    make_catalog()
    client.sign_in_as(anna)
    page = typed(client, "/order?new=1")
    data = {"csrf_token": token_of(page), "draft": held(page, "draft"), "company": "Nordwind GmbH"}
    partial = {"HX-Request": "true", "HX-Request-Type": "partial"}
    answer = client.open("POST", "/order?new=1", data=data | {"action": "typed"}, headers=partial)
    assert (answer.status, answer.headers["HX-Reswap"], rows()) == (401, "innerHTML", 0)
    assert "You were signed out." in answer.text
    button = data | {"action": "update", "city": "Lübeck"}
    form = sign_in(client.open("POST", "/order?new=1", data=button)).submit("Go on with the form")
    assert (form.path, held(form, "company"), held(form, "city")) == ("/order?new=1", "Nordwind GmbH", "Lübeck")


def test_files_are_asked_for_again(client: Client, anna: User, company: Reseller) -> None:
    client.sign_in_as(anna)
    page = typed(client, "/company/logo")
    asked = page.submit("Upload the logo", file=(io.BytesIO(b"\x89PNG"), "our logo.png"))
    assert "Please choose again: our logo.png" in sign_in(asked).text


def test_the_desk_keeps_what_is_sent_from_it(client: Client) -> None:
    service.add_user("mari@lumivara.example", "Mari", PASSWORD, staff=True)
    client.sign_in_as(database.session.query(User).one())
    page = typed(client, "/profile")
    data = {"csrf_token": token_of(page), "name": "Mari Tamm", "_desk": "x"}
    assert client.open("POST", "/profile", data=data, follow=False).location == "/sign-in?next=/kept"


def test_who_goes_nowhere_after_a_forgotten_password_finds_it(
    client: Client, anna: User, company: Reseller, letters: Callable[[str], list[Any]]
) -> None:
    client.sign_in_as(anna)
    typed(client).submit("Save", city=CITY)
    client.get("/reset-password").submit("Send the link", email=anna.email)
    page = client.get(letters(anna.email)[-1].path).submit("Set the password", password="four quiet gray mice")
    assert page.path == "/kept"


def test_nobody_sends_what_he_may_not_any_more(client: Client, anna: User, company: Reseller, db: Database) -> None:
    client.sign_in_as(anna)
    page = client.get("/company/details")
    db.execute(update(Member).values(role=Role.VIEWER))
    db.execute(delete(UserSession))
    db.commit()
    assert sign_in(page.submit("Save", city=CITY)).path == "/"


def test_it_is_kept_for_an_hour_and_then_deleted(
    client: Client, anna: User, company: Reseller, db: Database, work: Callable[[], int]
) -> None:
    client.sign_in_as(anna)
    asked = typed(client).submit("Save", city=CITY)
    row = db.query(KeptPost).one()
    assert timedelta(minutes=59) < row.expires_at - utcnow() <= timedelta(hours=1)
    db.execute(update(KeptPost).values(expires_at=utcnow()))
    db.commit()
    assert sign_in(asked).path == "/"
    db.execute(update(OutboxItem).where(OutboxItem.kind == kept.FORGET).values(not_before=utcnow()))
    work()
    assert rows() == 0


def test_no_more_than_five_are_kept(client: Client, anna: User, company: Reseller) -> None:
    client.sign_in_as(anna)
    page = typed(client)
    for number in range(7):
        asked = page.submit("Save", city=f"City of {number}")
    assert rows() == 5
    again = sign_in(asked)
    assert again.buttons.count("Go on with the form") == 5
    cities = again.tree.xpath("//main//input[@name='city']/@value")
    assert cities == [f"City of {number}" for number in (6, 5, 4, 3, 2)]


def test_what_is_kept_can_be_read_from_the_database_by_nobody(
    client: Client, anna: User, company: Reseller, db: Database
) -> None:
    client.sign_in_as(anna)
    typed(client).submit("Save", city=CITY)
    [row] = db.scalars(select(KeptPost))
    assert CITY not in row.sealed
    assert second_factor.unseal(f"kept post {row.key_hash}", row.sealed) is None
    with client._http.session_transaction() as cookie:
        [key] = cookie["kept"]
    assert key not in (row.key_hash, row.sealed)
    assert CITY in str(second_factor.unseal(f"kept post {key}", row.sealed))


def test_passwords_codes_and_tokens_are_not_kept(client: Client, anna: User, db: Database) -> None:
    client.sign_in_as(anna)
    page = typed(client, "/profile/two-step/set-up")
    again = sign_in(page.submit("Switch on", code="123456", password="a secret of mine"))
    form = again.tree.xpath("//main//form[@id='kept-1']//input/@name")
    assert set(form) == {"csrf_token", "_kept", "_language"}
    assert "123456" not in again.html
    assert "a secret of mine" not in again.html


def test_every_password_of_a_form_is_known_as_a_secret(app: Flask) -> None:
    def forms(base: type[Form]) -> Iterator[type[Form]]:
        for form in base.__subclasses__():
            yield form
            yield from forms(form)

    names = {
        name
        for form in forms(Form)
        for name in dir(form)
        if getattr(getattr(form, name), "field_class", None) is PasswordField
    }
    assert {"password", "present"} <= names <= kept.SECRET


@pytest.mark.parametrize("length", [1000, 3_000_000])
def test_more_than_a_form_takes_is_no_fault(client: Client, anna: User, company: Reseller, length: int) -> None:
    client.sign_in_as(anna)
    page = typed(client)
    answer = client.open("POST", "/company/details", data={"csrf_token": token_of(page), "city": "x" * length})
    assert (answer.status, answer.path.startswith("/sign-in")) == (200, True)
    assert rows() == (length < 100_000)


def test_a_role_that_changes_ends_no_work(client: Client, anna: User, company: Reseller, db: Database) -> None:
    """Who becomes a buyer while typing an order finds the order again."""
    make_catalog()
    colleague = service.add_user("boris@romashka.example", "Boris", PASSWORD)
    db.add(Member(reseller_id=company.id, user_id=colleague.id, role=Role.OWNER))
    client.sign_in_as(colleague)
    page = client.get("/order?new=1")
    db.commit()
    db.execute(update(Member).where(Member.user_id == colleague.id).values(role=Role.BUYER))
    db.execute(delete(UserSession))
    again = sign_in(page.submit("Review the order", company="Nordwind GmbH"), "boris@romashka.example")
    assert held(again.submit("Go on with the form"), "company") == "Nordwind GmbH"
