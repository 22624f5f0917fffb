"""Orders that do not go the straight way, as both sides see them (R5, R12, R14, R18, R21)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.audit import service as audit
from dashboard.clock import at, today, utcnow
from dashboard.errors import Refused
from dashboard.fulfilment import bookkeeping, service, transfers
from dashboard.invoices import service as invoices
from dashboard.invoices.rules import PaperKind
from dashboard.ledger import balances
from dashboard.licenses import service as licenses
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.resellers import service as resellers
from tests.client import Client
from tests.factories import VIEWER, cancel_part, make_key, make_reseller, make_user, pay, place

Db = scoped_session[Session]


def kinds(db: Db) -> list[str]:
    return [letter.kind for letter in db.scalars(select(Letter).order_by(Letter.id))]


def test_R12_refunded_after_the_license_went_out(client: Client, db: Db, work: Callable[[], int]) -> None:
    """Cancelled, revoked, credited, paid back: each with its letter, and the account comes to nothing."""
    make_key()
    anna = make_user()
    reseller = make_reseller(owner=anna)
    order = pay(place(reseller))
    work()
    service.cancel_order(order.id, "returned", by_staff=True)
    total = balances.credit_on_account(reseller.id, "USD")
    seen = balances.newest_entry(reseller.id)
    bookkeeping.refund(reseller.id, total, today(), "returned", seen=seen)
    work()
    assert kinds(db)[-3:] == ["order_cancelled", "customer_revoked", "credit_refunded"]
    letter = db.scalars(select(Letter).where(Letter.kind == "credit_refunded")).one()
    assert (letter.recipient, str(total.decimal) in letter.text.replace(",", "")) == (reseller.billing_email, True)
    assert licenses.valid_of(order.id) == []
    assert not balances.credit_on_account(reseller.id, "USD")
    client.sign_in_as(anna)
    account = client.get("/account").text
    for words in ("Credit note", "Payment taken back to the account", "Paid back"):
        assert words in account
    shown = client.get(f"/orders/{order.id}").text
    assert "revoked on" in shown
    assert "cancelled" in shown


def test_R12_a_lapsed_order_that_is_paid_late_is_confirmed_by_staff_at_the_old_price(db: Db) -> None:
    order = place(make_reseller())
    order.valid_until = today() - timedelta(days=1)
    pay(order)
    assert (order.paid_on, order.license_state) == (today(), "issued")
    assert "order.reinstated" in [event.action for event in audit.history(f"order:{order.id}")]


def test_R12_a_part_that_comes_late_reinstates_the_order_so_that_the_rest_may_follow(db: Db) -> None:
    order = place(make_reseller())
    order.valid_until = today() - timedelta(days=1)
    pay(order, Money(50_000, "USD"))
    assert (order.paid_on, order.valid_until) == (None, today() + timedelta(days=30))


def test_R12_what_is_reinstated_is_asked_for_as_it_is_now(db: Db) -> None:
    """A part of it was cancelled while it had lapsed, when there was nothing to ask for."""
    order = place(make_reseller(), [(VIEWER, 2)])
    order.valid_until = today() - timedelta(days=1)
    cancel_part(order, 1)
    pay(order, Money(50_000, "USD"))
    asked = invoices.find_paper(order.id, PaperKind.PRO_FORMA)
    assert asked is not None
    assert (asked.content.net_minor, asked.content.valid_until) == (order.net_minor, order.valid_until)


def test_R12_what_is_open_again_and_smaller_is_asked_for_as_it_is_now(db: Db) -> None:
    order = pay(place(make_reseller(), [(VIEWER, 2)]))
    transfers.undo_transfer(balances.transfers_of(order.id)[0], "not theirs")
    cancel_part(order, 1)
    asked = invoices.find_paper(order.id, PaperKind.PRO_FORMA)
    assert asked is not None
    assert asked.content.net_minor == order.net_minor


def test_R12_a_cancelled_order_says_no_more_that_it_is_paid(client: Client, db: Db) -> None:
    anna = make_user()
    order = pay(place(make_reseller(owner=anna)))
    client.sign_in_as(anna)
    assert "Paid on" in client.get(f"/orders/{order.id}").text
    service.cancel_order(order.id, "returned", by_staff=True)
    assert "Paid on" not in client.get(f"/orders/{order.id}").text


def test_R12_nothing_is_paid_back_before_it_came(db: Db) -> None:
    order = pay(place(make_reseller()))
    reseller_id = order.reseller_id
    service.cancel_order(order.id, "returned", by_staff=True)
    seen, yesterday = balances.newest_entry(reseller_id), today() - timedelta(days=1)
    with pytest.raises(Refused, match="had come in"):
        bookkeeping.refund(reseller_id, order.total, yesterday, "returned", seen=seen)
    assert balances.credit_on_account(reseller_id, "USD") == order.total


def test_R18_an_undone_transfer_leaves_license_and_invoice_and_opens_the_order(db: Db) -> None:
    order = pay(place(make_reseller()))
    transfers.undo_transfer(balances.transfers_of(order.id)[0], "not theirs")
    assert (order.paid_on, order.invoice_number != "", len(licenses.valid_of(order.id))) == (None, True, 1)
    pay(order)
    assert (order.paid_on, len(licenses.of_order(order.id))) == (today(), 1)
    assert kinds(db).count("license_ready") == 1


def test_R12_money_of_a_cancelled_order_pays_what_is_owed_and_the_letter_says_so(
    db: Db, work: Callable[[], int]
) -> None:
    reseller = make_reseller(established_by_staff=True)
    order, other = pay(place(reseller)), place(reseller)
    service.cancel_order(order.id, "returned", by_staff=True)
    work()
    letter = db.scalars(select(Letter).where(Letter.kind == "order_cancelled")).one()
    assert other.paid_on == today()
    assert "$1,079.10 were paid for it. They pay what you owe, oldest first" in " ".join(letter.text.split())


def test_R12_the_letter_about_an_unpaid_order_speaks_of_no_payment(db: Db, work: Callable[[], int]) -> None:
    service.cancel_order(place(make_reseller()).id, "mistake", by_staff=True)
    work()
    assert "were paid for it" not in db.scalars(select(Letter).where(Letter.kind == "order_cancelled")).one().text


def test_R18_only_what_is_open_again_is_asked_for_when_a_transfer_is_undone(db: Db, work: Callable[[], int]) -> None:
    """Of the first order the transfer paid the interest alone: the order itself stays paid."""
    with at(utcnow() - timedelta(days=60)):
        first = place(make_reseller(established_by_staff=True))
    pay(first)
    interest = balances.interest_owed(resellers.get_reseller(first.reseller_id))
    second = place(resellers.get_reseller(first.reseller_id))
    pay(second, second.total + interest)
    (transfer,) = balances.transfers_of(second.id)
    assert [order.id for order in transfers.undo_transfer(transfer, "not theirs")] == [second.id]
    work()
    text = " ".join(db.scalars(select(Letter).where(Letter.kind == "payment_undone")).one().text.split())
    assert (second.id in text, first.id in text, "$0.00" in text) == (True, False, False)
    assert f"Interest for late payment that you owe now: ${interest.decimal}." in text
    assert first.paid_on == today()


def test_R12_staff_do_not_read_of_a_payment_where_a_debt_was_given_up(client: Client) -> None:
    reseller = make_reseller(established_by_staff=True)
    order = place(reseller)
    bookkeeping.write_off(reseller.id, order.id, "bankrupt")
    client.sign_in_as(make_user("Mari", staff=True))
    page = client.get(f"/staff/orders/{order.id}").text
    assert ("Rest written off on" in page, "Paid on" in page) == (True, False)


def test_R5_a_suspended_reseller_still_pays_and_gets_its_license(db: Db) -> None:
    reseller = make_reseller()
    order = place(reseller)
    resellers.suspend(reseller.id, "The page is gone.")
    pay(order)
    assert (order.paid_on, order.license_state) == (today(), "issued")
    assert "reseller_suspended" in kinds(db)


def test_R14_one_that_staff_established_orders_on_credit_and_is_told(db: Db) -> None:
    reseller = make_reseller()
    assert place(reseller).terms == "prepaid"
    resellers.mark_established(reseller.id, "a partner for years")
    order = place(reseller)
    assert (order.terms, order.license_state, order.due_on) == ("net30", "issued", today() + timedelta(days=30))
    assert kinds(db).count("reseller_established") == 1


def test_R22_R23_an_order_that_is_open_again_keeps_its_license_and_gets_no_temporary_one(db: Db) -> None:
    """Else it would be given a second permanent one when it is paid again."""
    order = pay(place(make_reseller()))
    transfers.undo_transfer(balances.transfers_of(order.id)[0], "not theirs")
    assert not service.may_ask_temporary(order)
    with pytest.raises(Refused, match="waits for its transfer"):
        service.ask_temporary(order.id, of=order.reseller_id)
    pay(order)
    assert [one.kind for one in licenses.of_order(order.id)] == ["permanent"]
