"""Two-step sign-in: a code of an app, or a recovery code, after the password (R1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, scoped_session

from dashboard import clock
from dashboard.accounts import second_factor, service
from dashboard.accounts.models import HalfSession, Limit, RecoveryCode, SecondFactor, User, UserSession
from dashboard.accounts.second_factor import _step_of
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.extensions import db as database
from dashboard.web.transactions import transaction
from tests.accounts.conftest import PASSWORD, Received
from tests.client import Client, Page

Letters = Callable[[str], list[Received]]
Browsers = Callable[..., Client]
Database = scoped_session[Session]

#: Of RFC 6238, appendix B (SHA-1): the key, and its codes of 8 digits, of which ours are the last 6.
RFC_KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {
    59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037",
    20000000000: "65353130",
}  # fmt: skip


class Phone:
    """An app that was shown a key. Its clock stands still: a step of 30 seconds may begin while a test runs."""

    def __init__(self, key: str) -> None:
        self.app = pyotp.TOTP(key)
        self.step = self.app.timecode(utcnow())

    def code(self, *, later: int = 0) -> str:
        """The code that it shows `later` steps from now."""
        return self.app.generate_otp(self.step + later)


@pytest.fixture
def phone(anna: User, db: Database) -> Phone:
    """The phone of Anna, whose account has a second factor; its present code was taken when that was set up."""
    key = second_factor.new_key()
    db.add(SecondFactor(user_id=anna.id, sealed_key=second_factor.seal(second_factor.AT_REST, key), last_step=0))
    phone = Phone(key)
    db.query(SecondFactor).one().last_step = phone.step
    db.commit()
    return phone


@pytest.fixture
def recovery(anna: User, phone: Phone, db: Database) -> list[str]:
    """Anna's recovery codes."""
    codes = second_factor._new_codes(anna.id)
    db.commit()
    return codes


def show_password(client: Client, email: str, password: str = PASSWORD, path: str = "/sign-in?next=/profile") -> Page:
    return client.get(path).submit("Sign in", email=email, password=password)


def show_code(page: Page, code: str, *, follow: bool = True) -> Page:
    return page.submit("Go on", code=code, follow=follow)


def wait(db: Database) -> None:
    """Until nothing that was counted holds any more."""
    db.execute(update(Limit).values(until=utcnow() - timedelta(seconds=1)))
    db.commit()


def key_on(page: Page) -> str:
    return str(page.tree.find(".//button[@data-copy]").get("data-copy"))


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES.items())
def test_R01_codes_are_those_of_rfc_6238(app: Flask, seconds: int, code: str) -> None:
    with clock.at(datetime.fromtimestamp(seconds, UTC)):
        assert _step_of(RFC_KEY, code[2:]) == seconds // 30


@pytest.mark.parametrize(("later", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_R01_the_phones_clock_may_be_one_step_wrong(app: Flask, later: int, accepted: bool) -> None:
    with clock.at(datetime.fromtimestamp(1111111109, UTC)):
        assert (_step_of(RFC_KEY, Phone(RFC_KEY).code(later=later)) is not None) == accepted


def test_R01_it_is_set_up_with_key_code_and_password(
    client: Client, new_client: Browsers, anna: User, letters: Letters, db: Database
) -> None:
    client.sign_in_as(anna)
    stolen = new_client()
    stolen.sign_in_as(anna)
    page = client.get("/profile").click("Set up two-step sign-in")
    phone = Phone(key_on(page))
    done = page.submit("Switch on", code=phone.code(), password=PASSWORD)
    assert done.path == "/profile/two-step/codes"
    codes = re.findall(r"\b(?:[2-9a-z]{4}-){3}[2-9a-z]{4}\b", done.text)
    assert len(set(codes)) == 10
    assert all(code in unquote(done.links["Download"]) for code in codes)
    assert stolen.get("/profile").path == "/sign-in?next=/profile"
    assert "Two-step sign-in on" in done.submit("I have kept them").click("Profile").text
    assert letters(anna.email)[-1].kind == "account_second_factor_on"
    assert [entry.action for entry in audit.history(f"account:{anna.id}")][-1] == "account.second_factor_on"
    for code in (phone.code(later=1), codes[3]):
        browser = new_client()
        assert show_code(show_password(browser, anna.email), code).path == "/profile"


def test_R01_the_picture_the_link_and_the_text_hold_the_same_key(client: Client, anna: User) -> None:
    client.sign_in_as(anna)
    page = client.get("/profile/two-step/set-up")
    key = key_on(page)
    link = pyotp.parse_uri(page.links["open the app"])
    assert (link.secret, link.name, link.issuer) == (key, anna.email, "Lumivara")
    picture = page.tree.find(".//p[@class='scan']/img").get("src")
    assert picture == second_factor.picture_of(page.links["open the app"])
    assert page.tree.find(".//p/span/code").text.replace(" ", "") == key


@pytest.mark.parametrize("wrong", ["code", "password"])
def test_R01_setting_it_up_needs_code_and_password(client: Client, anna: User, db: Database, wrong: str) -> None:
    client.sign_in_as(anna)
    page = client.get("/profile/two-step/set-up")
    key = key_on(page)
    typed = {"code": Phone(key).code(), "password": PASSWORD, wrong: "000000"}
    refused = page.submit("Switch on", **typed)
    assert refused.status == 422
    assert f"{wrong.title()}: The {wrong} is not right." in refused.text
    assert db.query(SecondFactor).count() == 0
    assert key_on(refused) == key_on(client.get("/profile/two-step/set-up")) == key


def test_R30_switching_the_language_keeps_the_key_and_the_codes(client: Client, anna: User) -> None:
    client.sign_in_as(anna)
    page = client.get("/profile/two-step/set-up")
    russian = page.submit("RU Русский")
    assert russian.path == "/profile/two-step/set-up"
    assert key_on(russian) == key_on(page)
    codes = russian.submit("Включить", code=Phone(key_on(page)).code(), password=PASSWORD)
    english = codes.submit("EN English")
    assert english.tree.find(".//pre/code").text == codes.tree.find(".//pre/code").text


def test_R01_recovery_codes_are_shown_until_they_are_kept_and_ten_minutes_at_most(
    client: Client, anna: User, recovery: list[str], phone: Phone
) -> None:
    client.sign_in_as(anna)
    page = client.get("/profile/two-step/new-codes")
    page.submit("Make new codes", password=PASSWORD, code=phone.code(later=1))
    shown = client.get("/profile/two-step/codes")
    assert shown.tree.find(".//pre/code") is not None
    assert shown.submit("I have kept them").path == "/profile/two-step"
    assert client.get("/profile/two-step/codes").path == "/profile/two-step"


def test_R01_the_password_alone_opens_nothing(client: Client, anna: User, phone: Phone, db: Database) -> None:
    page = show_password(client, anna.email, path="/sign-in?next=/profile/address")
    assert page.path == "/sign-in/code?next=/profile/address"
    for path in ("/profile", "/profile/two-step", "/profile/two-step/set-up", "/licenses"):
        assert client.get(path).path.startswith("/sign-in?next=")
    assert db.scalar(select(func.count()).select_from(UserSession)) == 0
    assert show_code(page, phone.code(later=1)).path == "/profile/address"
    assert db.scalar(select(func.count()).select_from(HalfSession)) == 0


def test_R01_a_code_is_read_as_people_type_it(client: Client, anna: User, phone: Phone) -> None:
    code = phone.code(later=1)
    assert show_code(show_password(client, anna.email), f" {code[:3]} {code[3:]} ").path == "/profile"


def test_R01_a_code_is_taken_once(client: Client, new_client: Browsers, anna: User, phone: Phone) -> None:
    used = show_code(show_password(client, anna.email), phone.code())
    assert used.status == 422
    assert "This code was used already." in used.text
    assert show_code(used, phone.code(later=1)).path == "/profile"
    for later in (1, 0, -1):
        again = show_code(show_password(new_client(), anna.email), phone.code(later=later))
        assert again.status == 422


def test_R01_a_recovery_code_works_once_and_its_owner_is_told(
    client: Client, new_client: Browsers, anna: User, recovery: list[str], letters: Letters
) -> None:
    page = show_password(client, anna.email).click("Use a recovery code")
    assert page.path == "/sign-in/code?next=/profile&recovery=1"
    assert show_code(page, recovery[0].upper().replace("-", " ")).path == "/profile"
    again = show_code(show_password(new_client(), anna.email), recovery[0])
    assert again.status == 422
    assert "it was used already" in again.text
    assert show_code(again, recovery[1]).path == "/profile"
    first, second = (letter for letter in letters(anna.email) if letter.kind == "account_recovery_code")
    assert "9 codes are left." in first.text
    assert "8 codes are left." in second.text
    assert "Recovery codes left 8" in client.get("/profile/two-step").text
    assert [entry.action for entry in audit.history(f"account:{anna.id}")][-1] == "account.recovery_code_used"


def test_R01_a_recovery_code_is_no_one_elses(client: Client, anna: User, recovery: list[str], db: Database) -> None:
    boris = service.add_user("boris@example.com", "Boris", PASSWORD)
    sealed = second_factor.seal(second_factor.AT_REST, second_factor.new_key())
    db.add(SecondFactor(user_id=boris.id, sealed_key=sealed, last_step=0))
    db.commit()
    assert show_code(show_password(client, boris.email), recovery[0]).status == 422


def test_R01_after_five_wrong_codes_an_account_rests(client: Client, anna: User, phone: Phone, db: Database) -> None:
    page = show_password(client, anna.email)
    for _ in range(5):
        page = show_code(page, "000000")
        assert page.status == 422
    tired = show_code(page, phone.code(later=1))
    assert tired.status == 429
    assert "Please try again in 15 min." in tired.text
    assert show_code(show_password(client, anna.email), phone.code(later=1)).status == 429
    wait(db)
    assert show_code(show_password(client, anna.email), phone.code(later=1)).path == "/profile"


def test_R01_nobody_guesses_codes_for_days(client: Client, anna: User, phone: Phone, db: Database) -> None:
    """5 in a quarter of an hour would be 480 a day: a chance of 1 in 700, day after day."""
    page = show_password(client, anna.email)
    for _ in range(30):
        db.query(Limit).filter(Limit.until < utcnow() + timedelta(hours=1)).delete()
        assert show_code(page, "000000").status == 422
    db.query(Limit).filter(Limit.until < utcnow() + timedelta(hours=1)).delete()
    assert show_code(page, phone.code(later=1)).status == 429


def test_R01_a_place_rests_after_fifty_wrong_codes(client: Client, anna: User, phone: Phone, db: Database) -> None:
    page = show_password(client, anna.email)
    for _ in range(50):
        for rate in (second_factor.WRONG_CODES, second_factor.WRONG_CODES_A_DAY):
            second_factor.limits.forget(rate, str(anna.id))
        assert show_code(page, "000000").status == 422
    for rate in (second_factor.WRONG_CODES, second_factor.WRONG_CODES_A_DAY):
        second_factor.limits.forget(rate, str(anna.id))
    assert show_code(page, phone.code(later=1)).status == 429


def test_R01_a_right_code_uses_up_no_limit(client: Client, anna: User, recovery: list[str], db: Database) -> None:
    for code in recovery[:6]:
        assert show_code(show_password(client, anna.email), code).path == "/profile"
        client.sign_out()
    assert set(db.scalars(select(Limit.count))) == {0}


def test_R01_the_second_step_lapses_after_ten_minutes(client: Client, anna: User, phone: Phone, db: Database) -> None:
    page = show_password(client, anna.email)
    [left] = db.scalars(select(HalfSession.expires_at))
    assert timedelta(minutes=9) < left - utcnow() <= timedelta(minutes=10)
    db.execute(update(HalfSession).values(expires_at=utcnow()))
    lapsed = show_code(page, phone.code(later=1))
    assert lapsed.path == "/sign-in?next=/profile"
    assert "That took too long." in lapsed.text
    assert client.get("/profile").path == "/sign-in?next=/profile"


def test_R01_without_a_password_there_is_no_second_step(client: Client, anna: User, phone: Phone) -> None:
    assert client.get("/sign-in/code?next=/profile").path == "/sign-in?next=/profile"


def test_R01_a_changed_password_ends_the_second_step(
    client: Client, new_client: Browsers, anna: User, phone: Phone
) -> None:
    page, owner = show_password(client, anna.email), new_client()
    owner.sign_in_as(anna)
    owner.get("/profile/password").submit("Change the password", present=PASSWORD, password="another good password")
    assert show_code(page, phone.code(later=1)).path == "/sign-in?next=/profile"


def test_R01_signing_in_as_somebody_with_two_steps_ends_the_former_session(
    client: Client, anna: User, phone: Phone, db: Database
) -> None:
    boris = service.add_user("boris@example.com", "Boris", PASSWORD)
    waiting = client.get("/sign-in")
    client.sign_in_as(boris)
    token = client.get("/profile").tree.find(".//input[@name='csrf_token']").get("value")
    data = {"email": anna.email, "password": PASSWORD, "csrf_token": token}
    assert waiting.status == 200
    assert client.post("/sign-in", data).path == "/sign-in/code?next=/"
    assert client.get("/profile").path == "/sign-in?next=/profile"
    assert db.scalar(select(func.count()).select_from(UserSession)) == 0


def test_R01_a_mailed_link_for_a_password_is_no_second_factor(
    client: Client, anna: User, phone: Phone, letters: Letters
) -> None:
    client.get("/reset-password").submit("Send the link", email=anna.email)
    [letter] = letters(anna.email)
    page = client.get(letter.path).submit("Set the password", password="another good password")
    assert page.path == "/sign-in/code?next=/"
    assert client.get("/profile").path == "/sign-in?next=/profile"
    show_code(page, phone.code(later=1), follow=False)
    assert "Two-step sign-in on" in client.get("/profile").text


def test_R30_the_second_step_speaks_the_language_that_was_chosen(client: Client, anna: User, phone: Phone) -> None:
    signing_in = client.get("/sign-in?next=/profile").submit("RU Русский")
    page = signing_in.submit("Войти", email=anna.email, password=PASSWORD)
    assert page.path == "/sign-in/code?next=/profile"
    assert page.title.startswith("Второй шаг")
    english = page.submit("EN English")
    assert english.path == "/sign-in/code?next=/profile"
    assert show_code(english, phone.code(later=1)).path == "/profile"


def test_R01_it_is_switched_off_with_password_and_code(
    client: Client, new_client: Browsers, phone: Phone, letters: Letters, db: Database
) -> None:
    anna, other = db.query(User).one(), new_client()
    other.sign_in_as(anna)
    client.sign_in_as(anna)
    page = client.get("/profile/two-step").click("Switch off")
    assert "The password is not right." in page.submit("Switch off", password="wrong", code=phone.code(later=1)).text
    assert "The code is not right." in page.submit("Switch off", password=PASSWORD, code="000000").text
    assert page.submit("Switch off", password=PASSWORD, code=phone.code()).status == 422
    assert db.query(SecondFactor).count() == 1
    done = page.submit("Switch off", password=PASSWORD, code=phone.code(later=1))
    assert done.path == "/profile"
    assert "Two-step sign-in off" in done.text
    assert other.get("/profile").path == "/sign-in?next=/profile"
    assert db.query(SecondFactor).count() == db.query(RecoveryCode).count() == 0
    assert letters(anna.email)[-1].kind == "account_second_factor_off"
    assert show_password(new_client(), anna.email).path == "/profile"


def test_R01_new_recovery_codes_need_both_and_end_the_old_ones(
    client: Client, new_client: Browsers, anna: User, phone: Phone, recovery: list[str]
) -> None:
    client.sign_in_as(anna)
    page = client.get("/profile/two-step").click("New recovery codes")
    assert page.submit("Make new codes", password="wrong", code=recovery[0]).status == 422
    assert page.submit("Make new codes", password=PASSWORD, code="000000").status == 422
    renewed = page.submit("Make new codes", password=PASSWORD, code=recovery[0])
    new = renewed.tree.find(".//pre/code").text.split()
    assert len(new) == 10
    assert not set(new) & set(recovery)
    assert show_code(show_password(new_client(), anna.email), recovery[1]).status == 422
    assert show_code(show_password(new_client(), anna.email), new[0]).path == "/profile"


@pytest.mark.parametrize("path", ["/profile/two-step", "/profile/two-step/new-codes", "/profile/two-step/off"])
def test_R01_who_has_none_is_led_to_setting_it_up(client: Client, anna: User, path: str) -> None:
    client.sign_in_as(anna)
    assert client.get(path).path == "/profile/two-step/set-up"


def test_R01_the_database_holds_neither_key_nor_codes(
    anna: User, phone: Phone, recovery: list[str], db: Database
) -> None:
    kept = " ".join(
        str(row) for table in ("second_factors", "recovery_codes") for row in db.execute(text(f"SELECT * FROM {table}"))
    )
    assert phone.app.secret not in kept
    assert not any(code in kept or code.replace("-", "") in kept for code in recovery)


def test_R01_two_browsers_cannot_use_one_code_at_the_same_time(
    client: Client, anna: User, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code is used elsewhere after it was counted and before it is looked at."""
    page = show_password(client, anna.email)
    real = second_factor._count_try

    def overtaken(user_id: int, address: str) -> None:
        real(user_id, address)
        with transaction():
            database.session.execute(update(SecondFactor).values(last_step=phone.step + 1))

    monkeypatch.setattr(second_factor, "_count_try", overtaken)
    assert show_code(page, phone.code(later=1)).status == 422
