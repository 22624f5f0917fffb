"""Staff send a letter again: to where a fresh one would go now (R20)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, update

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.enquiries import service as enquiries
from dashboard.enquiries.rules import Kind, Side
from dashboard.extensions import db
from dashboard.home.letters import BILLING, PERSONAL
from dashboard.mail import service as mail
from dashboard.mail.models import Letter
from dashboard.orders.models import Order
from dashboard.outbox.models import OutboxItem
from dashboard.resellers.models import Member, Reseller
from tests.client import Client
from tests.factories import make_key, make_reseller, make_user, owner_of, pay, place

#: Sent again to where it went: about an order's money, to the address that the order keeps (R14); to a customer; to
#: somebody as a person or as staff; to an address that is to be proved.
WHERE_IT_WENT = {
    "order_cancelled", "order_invoice", "order_part_cancelled", "order_pro_forma",
    "tax_billed", "tax_credited", "tax_spared",
    "customer_license", "customer_revoked",
    "account_change", "account_change_notice", "account_confirm", "account_exists", "account_password_changed",
    "account_recovery_code", "account_reset", "account_second_factor_off", "account_second_factor_on",
    "application_approved", "application_declined", "enquiry_message", "job_done", "job_failed", "staff_digest",
    "team_invitation", "team_removed",
}  # fmt: skip


@pytest.fixture
def reseller(client: Client) -> Reseller:
    """A company with an owner and a buyer; a member of the staff is signed in."""
    make_key()
    reseller = make_reseller()
    db.session.add(Member(user_id=make_user("Boris", language="ru").id, reseller_id=reseller.id, role="buyer"))
    client.sign_in_as(make_user("Sofia", staff=True))
    return reseller


def buyer() -> User:
    return db.session.query(User).filter_by(name="Boris").one()


def leave(user: User) -> None:
    db.session.execute(delete(Member).where(Member.user_id == user.id))
    db.session.commit()


def sent_again(client: Client, kind: str, told: str, to: str = "") -> Letter:
    """The letter that *Send again* makes of the first one of its kind, or of that to an address."""
    letters = db.session.query(Letter).filter_by(kind=kind, **({"recipient": to} if to else {})).order_by(Letter.id)
    first = letters.first()
    assert first is not None
    assert told in client.get(f"/staff/mail/{first.id}").submit("Send again").text
    return (
        db.session.query(Letter).filter(Letter.kind == kind, Letter.id >= first.id).order_by(Letter.id.desc()).first()
        or first
    )


def ordered_by_buyer(reseller: Reseller, work: Callable[[], int]) -> Order:
    order = place(reseller)
    order.placed_by, order.placed_by_name = buyer().id, "Boris"
    pay(order)
    work()
    return order


def test_R20_licenses_go_to_an_owner_once_the_buyer_has_left(
    client: Client, reseller: Reseller, work: Callable[[], int]
) -> None:
    ordered_by_buyer(reseller, work)
    assert sent_again(client, "license_ready", "The letter is sent again.").recipient == buyer().email
    leave(buyer())
    owner = db.session.get_one(User, owner_of(reseller))
    letter = sent_again(client, "license_ready", f"The letter is sent to {owner.email}")
    assert (letter.recipient, letter.language) == (owner.email, owner.language)
    assert (letter.payload["name"], letter.payload["has_ordered"]) == (owner.name, False)
    work()
    assert "is no longer in the company" in letter.text


def test_R20_letters_about_money_go_to_the_present_billing_address(
    client: Client, reseller: Reseller, work: Callable[[], int]
) -> None:
    ordered_by_buyer(reseller, work)
    reseller.billing_email = "new@romashka.example"
    letter = sent_again(client, "payment_received", "The letter is sent to new@romashka.example")
    assert letter.recipient == "new@romashka.example"


def test_R20_the_end_customers_letter_goes_where_it_went(
    client: Client, reseller: Reseller, work: Callable[[], int]
) -> None:
    order = ordered_by_buyer(reseller, work)
    leave(buyer())
    assert sent_again(client, "customer_license", "The letter is sent again.").recipient == order.customer_email


def test_a_copy_is_not_sent_to_somebody_who_has_left(
    client: Client, reseller: Reseller, work: Callable[[], int]
) -> None:
    buyer().copies_of_orders = True
    ordered_by_buyer(reseller, work)
    leave(buyer())
    address = buyer().email
    copy = db.session.query(Letter).filter_by(kind="order_pro_forma", recipient=address).one()
    answer = client.get(f"/staff/mail/{copy.id}").submit("Send again")
    assert answer.status == 409
    assert "somebody who has left the company" in answer.text
    assert db.session.query(Letter).filter_by(kind="order_pro_forma", recipient=address).count() == 1


def test_R32_an_answer_goes_to_an_owner_once_who_asked_has_left(client: Client, reseller: Reseller) -> None:
    asked = enquiries.Request(Kind.OTHER, "A question", "Do they grow?")
    made = enquiries.keep_enquiry(reseller.id, buyer().id, asked, submit_key="k")
    staff = db.session.query(User).filter_by(is_staff=True).one()
    enquiries.answer(made.id, Side.VENDOR, staff.id, "They do.", submit_key="a")
    leave(buyer())
    owner = db.session.get_one(User, owner_of(reseller))
    letter = sent_again(client, "enquiry_answer", f"The letter is sent to {owner.email}", buyer().email)
    assert (letter.recipient, letter.payload["name"]) == (owner.email, owner.name)
    assert letter.payload["thread"] == made.token


def test_R32_an_answer_goes_to_the_present_address_of_who_asked(client: Client, reseller: Reseller) -> None:
    asked = enquiries.Request(Kind.OTHER, "A question", "Do they grow?")
    made = enquiries.keep_enquiry(reseller.id, buyer().id, asked, submit_key="k")
    staff = db.session.query(User).filter_by(is_staff=True).one()
    enquiries.answer(made.id, Side.VENDOR, staff.id, "They do.", submit_key="a")
    old, user = buyer().email, buyer()
    user.email, user.email_key = "boris@new.example", "boris@new.example"
    letter = sent_again(client, "enquiry_answer", "The letter is sent to boris@new.example", old)
    assert (letter.recipient, letter.language, letter.payload["name"]) == ("boris@new.example", "ru", "Boris")


def test_R20_a_letter_to_an_address_that_nobody_has_any_more_goes_to_an_owner(
    client: Client, reseller: Reseller
) -> None:
    mail.post(
        "certificate_refused", to="gone@romashka.example", language="ru", key="c", about=f"reseller:{reseller.id}",
        reseller_id=reseller.id,
    )  # fmt: skip
    owner = db.session.get_one(User, owner_of(reseller))
    letter = sent_again(client, "certificate_refused", f"The letter is sent to {owner.email}")
    assert (letter.recipient, letter.language) == (owner.email, owner.language)


def test_R20_every_kind_of_letter_says_where_it_goes_when_it_is_sent_again(app: Flask) -> None:
    kinds = {one for one in app.jinja_env.list_templates() if one.startswith("mail/") and one[5] != "_"}
    assert {one[5:-5] for one in kinds if "layout" not in one} == PERSONAL | BILLING | WHERE_IT_WENT
    assert not PERSONAL & BILLING


def test_R20_staff_read_whether_a_letter_is_tried_again(client: Client, reseller: Reseller) -> None:
    place(reseller)
    letter = db.session.query(Letter).filter_by(kind="order_pro_forma").one()
    letter.error, letter.tries = "ConnectionRefusedError: refused", 2
    address, item = f"/staff/mail/{letter.id}", OutboxItem.key == f"mail:{letter.key}"
    assert "2 tries failed; the next one comes by itself." in client.get(address).text
    db.session.execute(update(OutboxItem).where(item).values(failed_at=utcnow()))
    assert "2 tries failed; no other follows by itself." in client.get(address).text
