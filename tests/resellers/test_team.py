"""The team of a company: roles, leaving, removal, and the owner who cannot go (R5, R24, R26)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts.models import User
from dashboard.audit import service as audit
from dashboard.errors import NotFound, Refused
from dashboard.mail.models import Letter
from dashboard.resellers import service, team
from dashboard.resellers.actors import MEMBER
from dashboard.resellers.models import Member, Reseller
from dashboard.resellers.rules import Role, is_last_owner
from dashboard.web.access import Permission
from tests.client import Client
from tests.factories import make_reseller, make_user
from tests.threads import at_once

Database = scoped_session[Session]
Browsers = Callable[..., Client]


@pytest.fixture
def owner(db: Database, client: Client) -> User:
    """The owner of a company, signed in in `client`."""
    user = make_user("Olga", email="olga@romashka.example")
    make_reseller(owner=user)
    client.sign_in_as(user.id)
    return user


def company(db: Database, user: User) -> Reseller:
    return db.get_one(Reseller, db.get_one(Member, user.id).reseller_id)


def colleague(db: Database, owner: User, role: str = "buyer", **facts: Any) -> User:
    """Another member of the owner's company."""
    user = make_user("Boris", **facts)
    db.add(Member(user_id=user.id, reseller_id=company(db, owner).id, role=role))
    db.commit()
    return user


def did(db: Database, owner: User) -> list[tuple[str, str]]:
    """What the company's history says of its team: who did what."""
    db.expire_all()
    history = audit.history(f"reseller:{company(db, owner).id}")
    return [(one.actor_name, one.action.removeprefix("reseller.")) for one in history if "email" in one.detail]


def test_who_may_do_what() -> None:
    may = {role: MEMBER[role] for role in Role}
    assert may[Role.OWNER] > may[Role.BUYER] > may[Role.ACCOUNTANT] > may[Role.VIEWER]
    assert may[Role.OWNER] - may[Role.BUYER] == {Permission.EDIT_OWN_COMPANY, Permission.MANAGE_TEAM}
    assert may[Role.BUYER] - may[Role.ACCOUNTANT] == {Permission.PLACE_ORDERS, Permission.ACCEPT_POLICY}
    assert may[Role.ACCOUNTANT] - may[Role.VIEWER] == {Permission.WRITE_ENQUIRIES, Permission.UPLOAD_CERTIFICATES}


def test_the_last_owner_is_one_who_can_sign_in() -> None:
    assert is_last_owner(1, [1])
    assert not is_last_owner(1, [1, 2])
    assert not is_last_owner(2, [1])


def test_every_member_sees_the_team_and_owners_alone_change_it(
    client: Client, owner: User, db: Database, new_client: Browsers
) -> None:
    buyer, other = colleague(db, owner), new_client()
    assert "Boris" in client.get("/company").click("Team").text
    assert "Send the invitation" in client.get("/company/team").buttons
    other.sign_in_as(buyer.id)
    page = other.get("/company/team")
    assert "olga@romashka.example" in page.text
    assert "Send the invitation" not in page.buttons
    assert other.get(f"/company/team/members/{owner.id}").status == 404


def test_R01_a_role_changes_at_once_and_its_sessions_end(
    client: Client, owner: User, db: Database, new_client: Browsers
) -> None:
    viewer, other = colleague(db, owner, "viewer"), new_client()
    other.sign_in_as(viewer.id)
    assert other.get("/company/certificates/new").status == 404
    page = client.get(f"/company/team/members/{viewer.id}").submit("Save", role="accountant")
    assert "Boris has another role now." in page.text
    assert other.get("/company/certificates/new").path.startswith("/sign-in")
    other.sign_in_as(viewer.id)
    assert other.get("/company/certificates/new").status == 200
    assert did(db, owner) == [("Olga", "role_set")]


def test_R26_who_is_removed_loses_the_company_at_once_and_is_told(
    client: Client, owner: User, db: Database, new_client: Browsers, work: Callable[[], int]
) -> None:
    buyer, other = colleague(db, owner, email="boris@romashka.example"), new_client()
    other.sign_in_as(buyer.id)
    assert other.get("/orders").status == 200
    page = client.get(f"/company/team/members/{buyer.id}").submit("Remove")
    assert page.path == "/company/team"
    assert "Boris is no longer in your company" in page.text
    assert other.get("/orders").path.startswith("/sign-in")
    other.sign_in_as(buyer.id)
    assert other.get("/orders").status == 404
    work()
    [letter] = db.query(Letter).filter_by(kind="team_removed")
    assert letter.recipient == "boris@romashka.example"
    assert "You are no longer in the team of Romashka" in letter.subject
    assert did(db, owner) == [("Olga", "member_removed")]


def test_anybody_may_leave_the_company_that_the_page_names(
    client: Client, owner: User, db: Database, new_client: Browsers
) -> None:
    buyer, other = colleague(db, owner), new_client()
    other.sign_in_as(buyer.id)
    page = other.get("/company/team").click("Leave the company")
    assert client.get("/company/team/leave").status == 200
    token = page.tree.find(".//input[@name='csrf_token']").get("value")
    assert other.post("/company/team/leave", {"csrf_token": token, "company": "999"}).path == "/company/team/leave"
    assert "You have left Romashka." in page.submit("Leave the company").text
    assert other.get("/company/team").status == 404
    assert did(db, owner) == [("Boris", "member_left")]


def test_R05_the_last_owner_can_neither_leave_nor_be_removed_nor_lose_the_role(
    client: Client, owner: User, db: Database
) -> None:
    colleague(db, owner, "owner", confirmed=False)  # nobody who could do anything
    for page in (
        client.get("/company/team/leave").submit("Leave the company"),
        client.get(f"/company/team/members/{owner.id}").submit("Save", role="viewer"),
    ):
        assert page.status == 409
        assert "A company needs an owner." in page.text
    with pytest.raises(Refused):
        team.remove(company(db, owner).id, owner.id)
    db.rollback()
    assert db.get_one(Member, owner.id).role == "owner"


def test_R05_of_two_owners_who_leave_at_once_one_stays(owner: User, db: Database, app: Any) -> None:
    other = colleague(db, owner, "owner")
    reseller_id, ids = company(db, owner).id, [owner.id, other.id]
    db.commit()
    results = at_once(app, [partial(team.leave, reseller_id, one) for one in ids])
    assert sorted(type(one).__name__ for one in results) == ["NoneType", "Refused"]
    db.expire_all()
    assert len(service.owners_of(reseller_id)) == 1


def test_R26_a_member_of_another_company_is_not_there(owner: User, db: Database) -> None:
    stranger = make_user()
    make_reseller("Vasilek", owner=stranger)
    reseller_id = company(db, owner).id
    for act in (
        lambda: team.remove(reseller_id, stranger.id),
        lambda: team.set_role(reseller_id, stranger.id, "viewer"),
        lambda: team.leave(reseller_id, stranger.id),
    ):
        with pytest.raises(NotFound):
            act()


def test_letters_for_who_has_gone_go_to_an_owner_who_can_sign_in(owner: User, db: Database) -> None:
    colleague(db, owner, "owner", confirmed=False)
    buyer, reseller_id = colleague(db, owner), company(db, owner).id
    assert team.contact_of(reseller_id, buyer.id).id == buyer.id
    team.remove(reseller_id, buyer.id)
    assert team.contact_of(reseller_id, buyer.id).id == owner.id
