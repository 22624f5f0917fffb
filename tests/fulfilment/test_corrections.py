"""The end customer's letter did not arrive: it is sent again, or the mistyped address is corrected (R21)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from dashboard.accounts import service as accounts
from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.errors import InvalidInput, NotFound, Refused, TooMany
from dashboard.extensions import db
from dashboard.fulfilment import corrections
from dashboard.fulfilment import service as fulfilment
from dashboard.fulfilment.corrections import Correction
from dashboard.licenses import service as licenses
from dashboard.licenses.models import License
from dashboard.mail.models import Letter
from dashboard.orders.models import Order
from tests.client import Client
from tests.factories import CUSTOMER, EDITOR, VIEWER, make_key, make_reseller, make_user, pay, place

pytestmark = pytest.mark.usefixtures("app")

WRONG, RIGHT = "jna@nordwind.example", "jan@nordwind.example"
Work = Callable[[], int]


def issued(**customer: str) -> Order:
    """A paid order whose customer's address was mistyped."""
    make_key()
    owner = make_user(email="owner@romashka.example")
    order = pay(place(make_reseller(owner=owner), [(VIEWER, 2), (EDITOR, 1)], **{"email": WRONG, **customer}))
    db.session.commit()
    return order


def correct(order: Order, email: str = RIGHT, *, by_staff: bool = False, **other: Any) -> Order:
    order_id, of = order.id, None if by_staff else order.reseller_id
    facts = {"company": CUSTOMER["company"], "name": CUSTOMER["name"], "email": email, **other}
    db.session.commit()  # tries are counted in a transaction of their own
    return corrections.correct(order_id, Correction(**facts), by_staff=by_staff, of=of)


def send_again(order: Order, kind: str = "customer_license") -> None:
    order_id, of = order.id, order.reseller_id
    db.session.commit()
    corrections.send_again(order_id, kind, of=of)


def split(order: Order) -> tuple[list[License], list[License]]:
    """The order's permanent licenses: revoked ones, valid ones."""
    db.session.expire_all()
    every = licenses.of_order(order.id)
    return [one for one in every if one.revoked_at], [one for one in every if not one.revoked_at]


def letters(kind: str) -> list[Letter]:
    db.session.expire_all()
    return db.session.query(Letter).filter_by(kind=kind).order_by(Letter.id).all()


def test_R21_a_corrected_address_gets_a_new_file_and_serial_with_the_same_dates() -> None:
    order = issued()
    before = {one.position: (one.issued_on, one.updates_until, one.serial) for one in licenses.of_order(order.id)}
    correct(order)
    old, new = split(order)
    assert len(old) == len(new) == 2
    for one in new:
        assert (one.issued_on, one.updates_until) == before[one.position][:2]
        assert (one.email, one.issue, one.quantity) == (RIGHT, 2, {1: 2, 2: 1}[one.position])
    assert not {one.serial for one in new} & {one.serial for one in old}
    assert set(licenses.revoked_serials()) == {one.serial for one in old}


def test_R21_the_old_account_loses_the_license_and_the_new_one_gets_it() -> None:
    stranger = make_user(email=WRONG)
    order = issued()
    assert len(licenses.of_customer(stranger.id)) == 2
    correct(order)
    assert licenses.of_customer(stranger.id) == []
    owner = accounts.find_user(RIGHT)
    assert owner
    assert {one.serial for one in licenses.of_customer(owner.id)} == {one.serial for one in split(order)[1]}


def test_R21_a_corrected_name_leaves_the_old_license_marked_in_the_same_account(work: Work) -> None:
    order = issued()
    work()
    correct(order, WRONG, company="Nordwind & Söhne GmbH")
    work()
    old, new = split(order)
    assert {one.user_id for one in old} == {one.user_id for one in new}
    assert {one.licensee for one in new} == {"Nordwind & Söhne GmbH"}
    assert order.customer == "Nordwind & Söhne GmbH"
    assert order.shipping_address["company"] == CUSTOMER["company"]  # as it was placed (R8)
    assert letters("customer_revoked") == []  # one letter, with the new file


def test_R21_letters_of_a_correction_go_to_the_right_people(work: Work) -> None:
    order = issued()
    work()
    correct(order)
    work()
    old, new = split(order)
    first, second = letters("customer_license")
    assert (first.recipient, second.recipient) == (WRONG, RIGHT)
    assert all(one.serial in second.text and one.serial not in first.text for one in new)
    (revoked,) = letters("customer_revoked")
    assert revoked.recipient == WRONG
    assert all(one.serial in revoked.text for one in old)
    assert not any(one.serial in revoked.text for one in new)
    again = letters("license_ready")[1]
    assert again.recipient == "owner@romashka.example"
    assert len(again.attachments) == 2


def test_R21_a_letter_that_waited_brings_nobody_the_license_of_the_corrected_address(work: Work) -> None:
    """It would hold a link that opens the new account."""
    order = issued()
    correct(order)
    work()
    first, second = letters("customer_license")
    assert (first.state, first.moot, first.text) == ("dropped", "license_revoked", "")
    assert "/claim/" in second.text
    assert [letter.moot for letter in letters("customer_revoked")] == ["never_told"]


def test_R21_before_the_license_only_the_details_change(work: Work) -> None:
    make_key()
    order = place(make_reseller(), email=WRONG)
    correct(order)
    assert licenses.of_order(order.id) == []
    pay(order)
    (license_,) = licenses.of_order(order.id)
    assert (license_.email, license_.issue) == (RIGHT, 1)
    assert accounts.find_user(WRONG) is None


def test_R21_after_the_first_download_only_staff_correct_it() -> None:
    order = issued()
    licenses.of_order(order.id)[0].downloaded_at = utcnow()
    with pytest.raises(Refused, match="fetched the license file"):
        correct(order)
    assert split(order)[0] == []
    correct(order, by_staff=True)
    assert len(split(order)[0]) == 2
    correct(order, "jan.petersen@nordwind.example")  # nobody has fetched the new one yet


def test_R21_nothing_is_corrected_that_is_cancelled_unchanged_or_anothers() -> None:
    order = issued()
    with pytest.raises(InvalidInput, match="Nothing is changed"):
        correct(order, WRONG)
    with pytest.raises(InvalidInput, match="company or the contact person"):
        correct(order, company="", name="")
    order_id, another = order.id, order.reseller_id + 1
    db.session.commit()
    with pytest.raises(NotFound):
        corrections.correct(order_id, Correction("x", "", RIGHT), by_staff=False, of=another)
    fulfilment.cancel_order(order.id, "no", by_staff=True)
    with pytest.raises(Refused, match="cancelled"):
        correct(order, by_staff=True)


def test_R12_a_cancelled_order_tells_the_corrected_address_of_its_own_licenses(work: Work) -> None:
    order = issued()
    work()
    correct(order)
    work()
    fulfilment.cancel_order(order.id, "returned", by_staff=True)
    work()
    first, second = letters("customer_revoked")
    assert (first.recipient, second.recipient) == (WRONG, RIGHT)
    assert not set(re.findall(r"\S{4}-\S{4}-\S{4}-\S{4}", first.text)) & set(
        re.findall(r"\S{4}-\S{4}-\S{4}-\S{4}", second.text)
    )


#: What differs between any two orders, whoever their customer is.
OWN = re.compile(
    r"R-\d{4}-\d{4}|RF\S+( \S{4})*|[2-9A-Z]{4}(-[2-9A-Z]{4}){3}|(user|billing|owner|who)\S*@\S*|\d\d?:\d\d|\d{4}-\d{6}"
)


def test_R21_the_reseller_cannot_tell_whether_the_address_has_an_account(client: Client, work: Work) -> None:
    """The same pages, letters' states and refusals, through correction, sending again and its limit."""
    make_key()
    owner = make_user(email="owner@romashka.example")
    reseller, told = make_reseller(owner=owner), []
    client.sign_in_as(owner)
    make_user("Somebody", email="who1@nordwind.example")
    make_user("Somebody", email="who2@nordwind.example", confirmed=False)
    for number in (1, 2, 3):
        order = pay(place(reseller, email=f"wrong{number}@nordwind.example"))
        address = f"/orders/{order.id}"
        work()
        correction = client.get(address).click("Correct the details")
        pages = [correction.submit("Correct", email=f"who{number}@nordwind.example")]
        work()
        pages += [client.get(address).submit("Send the letter again") for _ in range(5)]
        work()
        pages += [client.get(address), client.get(f"{address}/customer")]
        assert [page.status for page in pages] == [200, 200, 200, 200, 200, 429, 200, 200]
        assert "The details are corrected." in pages[0].text
        assert f"End customer corrected: who{number}@nordwind.example" in pages[-2].text
        # Sorted: what happened within a second stands in no certain order.
        told.append([sorted(OWN.sub("…", page.text).replace(f"wrong{number}@", "wrong@").split()) for page in pages])
    assert told[0] == told[1] == told[2]


def test_R21_send_again_works_for_both_letters(client: Client, work: Work) -> None:
    order = issued()
    work()
    client.sign_in_as(order.placed_by)
    page = client.get(f"/orders/{order.id}").submit("Send the letter again")
    assert "The letter is sent again." in page.text
    page.submit("Mail the license files again")
    work()
    assert [one.recipient for one in letters("customer_license")] == [WRONG, WRONG]
    assert [len(one.attachments) for one in letters("license_ready")] == [2, 2]
    claims = {re.findall(r"/claim/(\S+)", one.text)[0] for one in letters("customer_license")}
    assert len(claims) == 2  # each with a link that works


def test_R21_sending_again_has_its_limits(work: Work) -> None:
    first, second = issued(), place(make_reseller(), email=WRONG)
    pay(second)
    work()
    for _ in range(3):
        send_again(first)
    for _ in range(2):
        send_again(second)
    with pytest.raises(TooMany):  # the address is the same
        send_again(second)
    send_again(second, "license_ready")


def test_R21_what_was_never_written_or_is_revoked_is_not_sent_again(work: Work) -> None:
    order = place(make_reseller())
    db.session.commit()
    with pytest.raises(Refused, match="no such letter"):
        send_again(order)
    paid = issued()
    work()
    fulfilment.cancel_order(paid.id, "no", by_staff=True)
    work()
    with pytest.raises(Refused, match="no such letter"):
        send_again(paid)


def test_R21_staff_correct_from_their_page(client: Client, work: Work) -> None:
    order = issued()
    work()
    licenses.of_order(order.id)[0].downloaded_at = utcnow()
    client.sign_in_as(order.placed_by)
    page = client.get(f"/orders/{order.id}")
    assert "Correct the details" not in page.links
    assert client.get(f"/orders/{order.id}/correct").status == 409
    client.sign_in_as(make_user(staff=True))
    form = client.get(f"/staff/orders/{order.id}").click("Correct the details")
    assert "The customer has fetched the present file already." in form.text
    assert form.submit("Correct", company="", name="").status == 422
    done = form.submit("Correct", email=RIGHT)
    assert "The details are corrected." in done.text
    assert db.session.query(User).filter_by(email=RIGHT).count() == 1
