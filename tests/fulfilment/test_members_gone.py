"""Letters when who ordered has left the company, and copies for members who want them (R20, R25)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboard.accounts.models import User
from dashboard.extensions import db
from dashboard.fulfilment import corrections
from dashboard.fulfilment import service as fulfilment
from dashboard.licenses.models import License
from dashboard.mail.models import Letter
from dashboard.orders import pages
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.resellers import team
from dashboard.resellers.models import Member, Reseller
from dashboard.statements import recipients
from dashboard.tax import certificates
from tests.app_wide.matters import certificate
from tests.factories import make_key, make_reseller, make_user, pay, place

pytestmark = pytest.mark.usefixtures("app")

Work = Callable[[], int]
BUYER, OWNER = "boris@romashka.example", "olga@romashka.example"


@pytest.fixture
def buyer() -> User:
    """A buyer of Romashka, whose owner is Olga, who reads Russian."""
    make_key()
    reseller = make_reseller(owner=make_user("Olga", email=OWNER, language="ru"))
    user = make_user("Boris", email=BUYER)
    db.session.add(Member(user_id=user.id, reseller_id=reseller.id, role="buyer"))
    db.session.commit()
    return user


def ordered(buyer: User) -> Order:
    """An order that the buyer placed."""
    reseller = db.session.get_one(Reseller, db.session.get_one(Member, buyer.id).reseller_id)
    order = place(reseller)
    order.placed_by, order.placed_by_name = buyer.id, buyer.name
    db.session.commit()
    return order


def letters(kind: str) -> list[Letter]:
    db.session.expire_all()
    return db.session.query(Letter).filter_by(kind=kind).order_by(Letter.id).all()


def test_R20_license_letters_go_to_who_ordered(buyer: User, work: Work) -> None:
    pay(ordered(buyer))
    work()
    [letter] = letters("license_ready")
    assert letter.recipient == BUYER
    assert letter.text.startswith("Hello Boris,")
    assert "because you placed order" in letter.text


def test_R20_once_that_member_has_left_they_go_to_an_owner(buyer: User, work: Work) -> None:
    order = ordered(buyer)
    team.leave(order.reseller_id, buyer.id)
    pay(order)
    work()
    [letter] = letters("license_ready")
    assert (letter.recipient, letter.language) == (OWNER, "ru")
    assert letter.text.startswith("Здравствуйте, Olga!")
    assert "Boris" in letter.text
    [paid] = letters("payment_received")
    assert "The license files go to Olga" in paid.text
    assert {one.reseller_email for one in db.session.query(License)} == {OWNER}


def test_R26_what_is_sent_again_goes_to_nobody_who_has_left(buyer: User, work: Work) -> None:
    order = pay(ordered(buyer))
    order_id, reseller_id = order.id, order.reseller_id
    work()
    team.remove(reseller_id, buyer.id)
    db.session.commit()
    corrections.send_again(order_id, "license_ready", of=reseller_id)
    work()
    first, again = letters("license_ready")
    assert (first.recipient, again.recipient, again.language) == (BUYER, OWNER, "ru")
    assert again.text.startswith("Здравствуйте, Olga!")


def test_customers_are_sent_to_nobody_who_has_left(buyer: User, work: Work) -> None:
    order = pay(ordered(buyer))
    work()
    assert {one.reseller_email for one in db.session.query(License)} == {BUYER}
    team.leave(order.reseller_id, buyer.id)
    work()
    db.session.expire_all()
    assert {one.reseller_email for one in db.session.query(License)} == {OWNER}


def test_R29_what_becomes_of_a_certificate_is_told_to_members_alone(buyer: User, work: Work) -> None:
    reseller_id = db.session.get_one(Member, buyer.id).reseller_id
    found = certificates.get_certificate(int(certificate(db.session.get_one(Reseller, reseller_id))), of=reseller_id)
    found.uploaded_by = buyer.id
    assert told(found.id) == {OWNER, BUYER}
    db.session.query(Letter).delete()
    team.leave(reseller_id, buyer.id)
    assert told(found.id) == {OWNER}


def told(certificate_id: int) -> set[str]:
    certificates._tell("certificate_verified", certificates.get_certificate(certificate_id))
    db.session.flush()
    return {letter.recipient for letter in letters("certificate_verified")}


def test_R20_members_who_want_copies_get_them_in_their_language_and_the_order_names_the_letter_once(
    buyer: User, work: Work
) -> None:
    buyer.copies_of_orders, buyer.language = True, "ru"
    order = ordered(buyer)
    work()
    own, copy = letters("order_pro_forma")
    assert (own.recipient, own.language) == (order.billing_address["billing_email"], "en")
    assert "You get this copy" not in own.text
    assert (copy.recipient, copy.language) == (BUYER, "ru")
    assert "Вы получили эту копию, потому что выбрали это в своём профиле." in copy.text
    assert copy.attachments == own.attachments
    shown = pages.order_context(orders.get_order(order.id), by_staff=False)["letters"]
    assert [letter.id for letter in shown if letter.kind == "order_pro_forma"] == [own.id]


def test_R20_who_has_left_gets_no_copies_and_nobody_gets_two(buyer: User, work: Work) -> None:
    buyer.copies_of_orders = True
    order = ordered(buyer)
    order.billing_address = {**order.billing_address, "billing_email": BUYER.upper()}
    reseller_id = order.reseller_id
    db.session.query(Letter).delete()
    fulfilment.cancel_order(order.id, "ordered twice", by_staff=True)
    assert len(letters("order_cancelled")) == 1
    team.leave(reseller_id, buyer.id)
    place(db.session.get_one(Reseller, reseller_id))
    assert len(letters("order_pro_forma")) == 1


def test_R17_copies_of_reminders_are_a_choice_of_their_own(buyer: User) -> None:
    reseller = db.session.get_one(Reseller, db.session.get_one(Member, buyer.id).reseller_id)
    recipients.write_to(reseller, "payment_reminder", key="one", receivable_ids=[])
    buyer.copies_of_reminders = True
    recipients.write_to(reseller, "payment_reminder", key="two", receivable_ids=[])
    db.session.flush()
    assert [letter.recipient == BUYER for letter in letters("payment_reminder")] == [False, False, True]
