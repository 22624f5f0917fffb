"""Invitations to a company: by mail, by one click or with a new account; nobody learns who has an account (R5, R26)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts import passwords
from dashboard.accounts.models import User, UserSession
from dashboard.audit import service as audit
from dashboard.clock import utcnow
from dashboard.extensions import db as database
from dashboard.mail.models import Letter
from dashboard.outbox.models import OutboxItem
from dashboard.resellers import invitations
from dashboard.resellers.models import Invitation, InvitationLink, Member, Reseller
from dashboard.resellers.rules import INVITATION_LIFETIME, Way, way_in
from tests.client import Client, Page
from tests.factories import make_reseller, make_user
from tests.smtp import MailServer

Database = scoped_session[Session]
Browsers = Callable[..., Client]
Work = Callable[[], int]

BORIS, PASSWORD = "boris@romashka.example", "correct horse battery"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm without its cost."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._hash_of_nobody.cache_clear()


@pytest.fixture
def owner(db: Database, client: Client) -> User:
    """The owner of a company, who reads Russian, signed in in `client`."""
    user = make_user("Olga", language="ru")
    make_reseller(owner=user)
    client.sign_in_as(user.id)
    return user


def invite(client: Client, email: str = BORIS, role: str = "buyer") -> Page:
    return client.get("/company/team").submit("Отправить приглашение", email=email, role=role)


def links(db: Database, work: Work, email: str = BORIS) -> list[str]:
    """The paths of the links that were mailed to an address, oldest first."""
    work()
    letters = db.query(Letter).filter_by(kind="team_invitation", recipient=email).order_by(Letter.id)
    return [re.findall(r"http://127\.0\.0\.1:8000(/invitation/\S+)", letter.text)[0] for letter in letters]


def member(db: Database, email: str) -> tuple[str, str] | None:
    """The company and the role of an address."""
    db.expire_all()
    query = db.query(Reseller.name, Member.role).join(Member, Member.reseller_id == Reseller.id)
    row = query.join(User, User.id == Member.user_id).filter(User.email_key == email).first()
    return tuple(row) if row else None


def shown(page: Page) -> str:
    """The page without what differs by the address and the time."""
    text = re.sub(r"\S+@\S+", "…", page.text)
    return re.sub(r"\d\d\.\d\d\.\d{4}, \d+:\d\d", "…", text)


def test_how_one_gets_in() -> None:
    assert way_in("a@x", "a@x", has_account=True) is Way.CLICK
    assert way_in("a@x", "b@x", has_account=True) is Way.SIGN_OUT
    assert way_in("a@x", None, has_account=True) is Way.SIGN_IN
    assert way_in("a@x", None, has_account=False) is Way.REGISTER


def test_who_has_no_account_makes_one_by_the_link_which_confirms_the_address(
    client: Client, owner: User, db: Database, work: Work, new_client: Browsers
) -> None:
    assert "Приглашение отправляется на boris@romashka.example" in invite(client).text
    [link] = links(db, work)
    boris = new_client()
    page = boris.get(link)
    assert "Olga invites you." in page.text
    page = page.submit("Create the account and accept", name="Boris", password=PASSWORD)
    assert "Welcome: you belong to Romashka now." in page.text
    assert boris.get("/prices").status == 200
    assert member(db, BORIS) == ("Romashka", "buyer")
    assert db.query(User).filter_by(email_key=BORIS).one().confirmed_at is not None
    history = audit.history(f"reseller:{db.query(Reseller).one().id}")
    assert [(one.actor_name, one.action) for one in history] == [
        ("Olga", "reseller.member_invited"),
        ("Boris", "reseller.member_joined"),
    ]
    assert boris.get(link).status == 410
    assert "boris@romashka.example" in client.get("/company/team").text
    boris.sign_out()
    assert boris.get("/sign-in").submit("Sign in", email=BORIS, password=PASSWORD).path == "/"


def test_who_has_an_account_signs_in_and_accepts_by_one_click(
    client: Client, owner: User, db: Database, work: Work, new_client: Browsers
) -> None:
    user = make_user("Boris", email=BORIS, language="en")
    invite(client, "Boris@Romashka.Example")
    [link] = links(db, work, "Boris@romashka.example")
    assert db.query(Letter).filter_by(kind="team_invitation").one().language == "en"  # that of the account
    boris = new_client()
    page = boris.get(link)
    assert page.links["Sign in"] == f"/sign-in?next={link}"
    boris.sign_in_as(user.id)
    assert "you belong to Romashka now" in boris.get(link).submit("Accept the invitation").text
    assert member(db, BORIS) == ("Romashka", "buyer")


def test_the_letter_is_in_the_inviters_language_where_nobody_knows_the_invitees(
    client: Client, owner: User, db: Database, work: Work
) -> None:
    invite(client)
    work()
    letter = db.query(Letter).filter_by(kind="team_invitation").one()
    assert letter.language == "ru"
    assert "Romashka приглашает вас" in letter.subject


def test_R21_an_account_that_somebody_else_made_for_the_address_is_taken_over(
    client: Client, owner: User, db: Database, work: Work, new_client: Browsers
) -> None:
    squatter = make_user("Squatter", email=BORIS, confirmed=False)
    thief = new_client()
    thief.sign_in_as(squatter.id)
    invite(client)
    [link] = links(db, work)
    page = new_client().get(link).submit("Create the account and accept", name="Boris", password=PASSWORD)
    assert "you belong to Romashka now" in page.text
    assert thief.get("/profile").path == "/sign-in?next=/profile"
    assert db.get_one(User, squatter.id).name == "Boris"
    assert db.query(UserSession).filter_by(user_id=squatter.id).count() == 1


def test_who_is_signed_in_under_another_address_cannot_accept(
    client: Client, owner: User, db: Database, work: Work, new_client: Browsers
) -> None:
    other = new_client()
    other.sign_in_as(make_user("Other").id)
    invite(client)
    [link] = links(db, work)
    page = other.get(link)
    assert "The invitation is for another address." in page.text
    token = page.tree.find(".//input[@name='csrf_token']").get("value")
    assert other.post(link, {"csrf_token": token}).status == 409
    assert member(db, BORIS) is None


def test_R26_the_inviter_cannot_tell_whether_an_address_has_an_account_or_a_company(
    client: Client, owner: User, db: Database, work: Work
) -> None:
    make_user("Member", email="member@vasilek.example")
    make_reseller("Vasilek", owner=make_user("Boss", email="boss@vasilek.example"))
    make_user("Unconfirmed", email="new@vasilek.example", confirmed=False)
    pages, statements = [], []
    for email in ("nobody@a.example", "member@vasilek.example", "boss@vasilek.example", "new@vasilek.example"):
        page = invite(client, email)
        pages.append(shown(page))
        statements.append(page.statements)
        [row] = db.query(Invitation).filter_by(closed_at=None)
        assert row.email == email
        work()
        again = client.get("/company/team")
        assert email in again.text
        again.submit("Отозвать")
    assert len(set(pages)) == 1
    assert len({len(one) for one in statements}) == 1


def test_R26_who_belongs_to_another_company_is_told_when_accepting(
    client: Client, owner: User, db: Database, work: Work, new_client: Browsers
) -> None:
    boss = make_user("Boris", email=BORIS)
    make_reseller("Vasilek", owner=boss)
    before = shown(invite(client))
    [link] = links(db, work)
    boris = new_client()
    boris.sign_in_as(boss.id)
    page = boris.get(link).submit("Accept the invitation")
    assert page.status == 409
    assert "You belong to another reseller here" in page.text
    assert member(db, BORIS) == ("Vasilek", "owner")
    assert boris.get(link).status == 200  # once free, one may still come
    assert shown(invite(client)) == before


def test_an_invitation_with_another_role_takes_the_place_of_the_first(
    client: Client, owner: User, db: Database, work: Work, new_client: Browsers
) -> None:
    invite(client, role="viewer")
    links(db, work)
    invite(client, role="accountant")
    before, after = links(db, work)
    assert new_client().get(before).status == 410
    assert "Accountant" in new_client().get(after).text
    [row] = db.query(Invitation).filter_by(closed_at=None)
    assert row.role == "accountant"


def test_the_same_invitation_again_mails_a_new_link_and_leaves_the_old_one(
    client: Client, owner: User, db: Database, work: Work, new_client: Browsers
) -> None:
    invite(client)
    links(db, work)
    db.execute(update(Letter).values(key="an hour ago"))
    db.execute(update(OutboxItem).values(key=OutboxItem.kind))
    client.get("/company/team").submit("Отправить ещё раз")
    before, after = links(db, work)
    assert before != after
    assert [new_client().get(link).status for link in (before, after)] == [200, 200]
    assert db.query(Invitation).count() == 1


def test_an_invitation_that_is_taken_back_is_dead_and_so_is_an_old_one(
    client: Client, owner: User, db: Database, work: Work, new_client: Browsers
) -> None:
    invite(client)
    [link] = links(db, work)
    assert new_client().get(link).status == 200
    db.execute(update(InvitationLink).values(expires_at=utcnow()))
    assert new_client().get(link).status == 410
    db.execute(update(InvitationLink).values(expires_at=utcnow() + INVITATION_LIFETIME))
    page = client.get("/company/team").submit("Отозвать")
    assert "Приглашение для boris@romashka.example отозвано." in page.text
    assert new_client().get(link).status == 410
    assert db.query(InvitationLink).count() == 0


def test_a_letter_that_waited_until_its_invitation_was_taken_back_is_not_sent(
    client: Client, owner: User, db: Database, work: Work
) -> None:
    invite(client)
    invitation = db.query(Invitation).one()
    invitations.write_letter(invitation.id, "a letter that waits")
    invitations.take_back(invitation.reseller_id, invitation.id)
    work()
    assert [letter.state for letter in db.query(Letter).filter_by(kind="team_invitation")] == ["dropped"]


def test_a_link_is_kept_as_a_hash_and_its_letter_only_without_a_mail_server(
    client: Client, owner: User, work: Work, settings: Callable[..., object], smtp: MailServer
) -> None:
    settings(smtp_url=smtp.url)
    invite(client)
    work()
    letter = database.session.query(Letter).filter_by(kind="team_invitation").one()
    assert (letter.text, letter.html, letter.state) == ("", "", "sent")
    assert "token" not in str(letter.payload)


def test_letters_to_one_address_are_limited(client: Client, owner: User, db: Database) -> None:
    for _ in range(5):
        assert invite(client).path == "/company/team"
    page = invite(client)
    assert page.status == 429
    assert BORIS in page.html  # what was typed is not lost


def test_a_colleague_is_not_invited_again(client: Client, owner: User, db: Database) -> None:
    page = invite(client, owner.email)
    assert page.status == 422
    assert "Этот человек уже в вашей компании." in page.text


def test_R05_staff_invite_an_owner_with_a_reason_that_is_kept(
    owner: User, db: Database, work: Work, staff: Client, new_client: Browsers
) -> None:
    reseller_id = db.query(Reseller).one().id
    page = staff.get(f"/staff/resellers/{reseller_id}").click("Invite an owner")
    assert page.submit("Invite an owner", email=BORIS, reason="").status == 422
    page = page.submit("Invite an owner", email=BORIS, reason="Olga has retired.")
    assert "Olga has retired." in page.text
    assert "boris@romashka.example" in page.text
    [entry] = audit.history(f"reseller:{reseller_id}")
    assert (entry.actor_name, entry.action) == ("Sam", "reseller.member_invited")
    [link] = links(db, work)
    page = new_client().get(link).submit("Create the account and accept", name="Boris", password=PASSWORD)
    assert member(db, BORIS) == ("Romashka", "owner")


def test_staff_take_back_what_they_mistyped(
    owner: User, db: Database, work: Work, staff: Client, new_client: Browsers
) -> None:
    reseller_id = db.query(Reseller).one().id
    page = staff.get(f"/staff/resellers/{reseller_id}/owner").submit("Invite an owner", email=BORIS, reason="Gone.")
    [link] = links(db, work)
    assert "Saved." in page.submit("Take back").text
    assert new_client().get(link).status == 410
