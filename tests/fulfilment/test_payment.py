"""Confirming a transfer by hand, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dashboard.audit import service as audit
from dashboard.clock import at, today, utcnow
from dashboard.errors import InvalidInput, Refused
from dashboard.extensions import db
from dashboard.fulfilment import service, transfers
from dashboard.invoices import service as invoices
from dashboard.invoices.rules import PaperKind
from dashboard.ledger import balances
from dashboard.ledger.models import LedgerEntry
from dashboard.licenses import service as licenses
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.payments.models import Transfer
from tests.factories import make_key, make_reseller, pay, place

pytestmark = pytest.mark.usefixtures("app")


def letters(kind: str) -> list[Letter]:
    return list(db.session.query(Letter).filter_by(kind=kind))


def test_R18_a_confirmed_transfer_does_all_in_one_transaction() -> None:
    with at(utcnow() - timedelta(days=3)):
        order = place(make_reseller())
    pay(order, days_ago=2)
    assert order.paid_on == today() - timedelta(days=2)
    assert balances.open_amount(order.id) == Money(0, "USD")
    assert [paper.kind for paper in invoices.find_papers(order.id)] == [PaperKind.PRO_FORMA, PaperKind.INVOICE]
    assert order.license_state == "issued"
    assert "payment.confirmed" in {entry.action for entry in audit.history(f"order:{order.id}")}


def test_R20_billing_letter_to_billing_license_letter_to_the_member(work: Callable[[], int]) -> None:
    make_key()
    reseller = make_reseller()
    order = pay(place(reseller))
    work()
    (payment,), (license_,) = letters("payment_received"), letters("license_ready")
    assert payment.recipient == reseller.billing_email
    assert license_.recipient.startswith("user")
    assert [one["name"][-4:] for one in payment.attachments] == [".pdf"]
    assert [one["name"][-4:] for one in license_.attachments] == [".lic"]
    assert order.id in payment.text


def test_R21_the_customer_gets_one_price_free_letter(work: Callable[[], int]) -> None:
    make_key()
    reseller = make_reseller()
    pay(place(reseller))
    work()
    (letter,) = letters("customer_license")
    assert letter.recipient == "jan@nordwind.example"
    assert reseller.name in letter.text
    for word in ("1,079", "1079", "1,199", "$", "USD", "discount", "invoice", "price"):
        assert word not in letter.text + letter.html.split("</head>")[-1]


def test_R21_a_confirmed_account_gets_the_license_attached() -> None:
    from tests.factories import make_user

    jan = make_user("Jan", email="JAN@nordwind.example")
    order = pay(place(make_reseller()))
    assert [one.user_id for one in licenses.of_order(order.id)] == [jan.id]


def test_R21_an_unconfirmed_account_of_that_address_cannot_catch_a_license() -> None:
    from dashboard.accounts.models import UserSession
    from tests.factories import make_user

    squatter = make_user("Squatter", email="jan@nordwind.example", confirmed=False)
    squatter.password_hash = "known to somebody else"
    db.session.add(UserSession(token_hash="x", user_id=squatter.id, expires_at=squatter.created_at + timedelta(days=9)))
    db.session.flush()
    pay(place(make_reseller()))
    db.session.expire_all()
    assert squatter.password_hash is None
    assert db.session.query(UserSession).count() == 0


def test_R27_the_invoice_of_a_paid_order_says_paid_and_keeps_its_bytes(work: Callable[[], int]) -> None:
    make_key()
    order = pay(place(make_reseller()))
    work()
    invoice = invoices.find_paper(order.id, PaperKind.INVOICE)
    assert invoice is not None
    assert invoice.content.paid_on == today()
    first = invoices.download(order, invoice.number).data
    assert first.startswith(b"%PDF")
    assert invoices.download(order, invoice.number).data == first


def test_R18_the_same_submission_books_once() -> None:
    order = place(make_reseller())
    for _ in range(2):
        transfers.confirm_payment(order.id, order.total, today(), text="", staff_id=None, submit_key="double click")
    assert db.session.query(Transfer).count() == 1
    assert len(licenses.of_order(order.id)) == 1


def test_R18_a_paid_order_is_not_paid_again() -> None:
    order = pay(place(make_reseller()))
    with pytest.raises(Refused):
        pay(order, Money(100, "USD"))
    assert db.session.query(Transfer).count() == 1


def test_R18_a_cancelled_order_takes_no_transfer() -> None:
    order = place(make_reseller())
    service.cancel_order(order.id, "mistake", by_staff=True)
    with pytest.raises(Refused):
        pay(order, Money(100, "USD"))
    assert db.session.query(Transfer).count() == 0


def test_R18_a_part_keeps_the_order_open_and_names_the_rest(work: Callable[[], int]) -> None:
    order = pay(place(make_reseller()), Money(100_000, "USD"))
    assert order.paid_on is None
    assert balances.open_amount(order.id) == Money(7_910, "USD")
    assert licenses.of_order(order.id) == []
    work()
    (letter,) = letters("payment_received")
    assert "$79.10" in letter.text
    pay(order)
    assert order.paid_on == today()


def test_R18_an_excess_stays_as_credit_on_account() -> None:
    reseller = make_reseller()
    order = pay(place(reseller), Money(110_000, "USD"))
    assert order.paid_on == today()
    assert balances.credit_on_account(reseller.id, "USD") == Money(2_090, "USD")


@pytest.mark.parametrize("minor", [0, -5])
def test_R18_an_amount_must_be_more_than_nothing(minor: int) -> None:
    order = place(make_reseller())
    with pytest.raises(InvalidInput):
        pay(order, Money(minor, "USD") if minor else Money(0, "USD") - Money(0, "USD") + Money(-1, "USD"))


def test_R18_a_day_to_come_is_refused() -> None:
    with pytest.raises(InvalidInput):
        pay(place(make_reseller()), days_ago=-1)


def test_R14_the_third_paid_order_makes_established_and_says_so_once() -> None:
    reseller = make_reseller()
    for _ in range(4):
        pay(place(reseller)) if orders.credit_of(reseller, today()).terms == "prepaid" else place(reseller)
    assert reseller.established_at is not None
    assert len(letters("reseller_established")) == 1


def test_the_entries_of_a_reseller_add_up() -> None:
    reseller = make_reseller()
    pay(place(reseller), Money(110_000, "USD"))
    place(reseller)
    total = sum(entry.minor for entry in db.session.query(LedgerEntry))
    assert total == 107_910 - 110_000 + 107_910


def test_R18_money_that_came_before_an_order_pays_it_on_the_day_of_the_order() -> None:
    """Nothing is paid before it is owed: the order, its entries and its invoice tell one day."""
    order = pay(place(make_reseller()), days_ago=2)
    assert order.paid_on == order.placed_on == today()
