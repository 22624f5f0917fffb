"""Transfers that pay several orders, too little, too much; taken back; paid back (R12, R18, R20)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from dashboard.clock import at, today, utcnow
from dashboard.errors import Refused
from dashboard.extensions import db
from dashboard.fulfilment import service, transfers
from dashboard.invoices import service as invoices
from dashboard.invoices.rules import PaperKind
from dashboard.ledger import balances
from dashboard.ledger import service as ledger
from dashboard.ledger.extracts import Extract
from dashboard.ledger.models import LedgerEntry
from dashboard.ledger.rules import Account, EntryKind
from dashboard.licenses import service as licenses
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.payments.models import Transfer
from dashboard.resellers.models import Reseller
from dashboard.statements import interest
from tests.factories import VIEWER, cancel_part, make_key, make_reseller, pay, place

pytestmark = pytest.mark.usefixtures("app")

_keys = count(1)
PRICE = 107_910  #: of one order, in cents


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def transfer(
    reseller: Reseller, minor: int, *targets: Order, days_ago: int = 0, within: Sequence[Order] = ()
) -> Transfer:
    return transfers.confirm_transfer(
        reseller.id, usd(minor), today() - timedelta(days=days_ago), targets=[one.id for one in targets],
        within=[one.id for one in within], text="", staff_id=None, submit_key=f"entry{next(_keys)}",
    )  # fmt: skip


def letter(work: Callable[[], int], kind: str = "payment_received") -> Letter:
    """The one letter of a kind, as it went out."""
    make_key()
    work()
    return db.session.query(Letter).filter_by(kind=kind).one()


def test_R18_R20_one_transfer_pays_many_orders_and_one_letter_brings_all_invoices(work: Callable[[], int]) -> None:
    reseller = make_reseller()
    first, second = place(reseller), place(reseller)
    transfer(reseller, 2 * PRICE, first, second)
    assert (first.paid_on, second.paid_on) == (today(), today())
    sent = letter(work)
    assert {one["name"] for one in sent.attachments} == {f"{one.invoice_number}.pdf" for one in (first, second)}
    assert first.id in sent.text
    assert second.id in sent.text


def test_R18_several_transfers_pay_one_order() -> None:
    reseller = make_reseller()
    order = place(reseller)
    for part in (50_000, 50_000):
        transfer(reseller, part, order)
        assert order.paid_on is None
    transfer(reseller, PRICE - 100_000, order)
    assert order.paid_on == today()
    assert len(licenses.of_order(order.id)) == 1


@pytest.mark.parametrize(("short", "counts_as_paid"), [(1, True), (2_000, True), (2_001, False)])
def test_R18_a_shortfall_within_the_tolerance_is_a_bank_fee(short: int, counts_as_paid: bool) -> None:
    reseller = make_reseller()
    order = place(reseller)
    transfer(reseller, PRICE - short, order)
    fees = [one.minor for one in db.session.query(LedgerEntry).filter_by(kind="bank_fee")]
    assert (order.paid_on is not None, fees) == (counts_as_paid, [-short] if counts_as_paid else [])
    assert balances.open_amount(order.id) == usd(0 if counts_as_paid else short)


def test_R18_the_tolerance_is_for_a_whole_transfer_not_for_each_order(settings: Callable[..., Any]) -> None:
    settings(bank_fee_tolerance=100)
    reseller = make_reseller(established_by_staff=True)
    orders = [place(reseller), place(reseller)]
    transfer(reseller, 2 * PRICE - 101, within=orders)
    assert sum(one.paid_on is not None for one in orders) == 1
    third = [place(reseller), place(reseller)]
    transfer(reseller, 101 + 2 * PRICE - 100, within=[*orders, *third])
    assert all(one.paid_on for one in [*orders, *third])


def test_R18_a_part_that_happens_to_leave_little_is_no_bank_fee() -> None:
    """Nobody said what the transfer was for: the rest of the oldest order stays open."""
    reseller = make_reseller(established_by_staff=True)
    order = place(reseller)
    transfer(reseller, PRICE - 1)
    assert order.paid_on is None


def test_R18_an_excess_pays_what_is_owed_and_then_a_prepaid_order_that_it_covers_whole() -> None:
    reseller = make_reseller()
    named, later = place(reseller), place(reseller)
    transfer(reseller, 2 * PRICE + 5, named)
    assert (named.paid_on, later.paid_on) == (today(), today())
    assert balances.credit_on_account(reseller.id, "USD") == usd(5)


def test_R18_credit_on_account_pays_an_order_that_is_placed_later(work: Callable[[], int]) -> None:
    """It needs no transfer, so it gets no pro-forma: the invoice comes at once."""
    reseller = make_reseller()
    transfer(reseller, PRICE)
    db.session.query(Letter).delete()
    order = place(reseller)
    assert order.paid_on == today()
    assert [paper.kind for paper in invoices.find_papers(order.id)] == ["invoice"]
    assert "on account" in letter(work).text
    assert not db.session.query(Letter).filter_by(kind="order_pro_forma").count()


def test_R18_credit_on_account_pays_a_part_of_a_credit_order() -> None:
    reseller = make_reseller(established_by_staff=True)
    transfer(reseller, 7_910)
    order = place(reseller)
    assert balances.open_amount(order.id) == usd(100_000)
    assert order.paid_on is None


def test_R12_a_lapsed_pro_forma_is_not_paid_by_an_excess() -> None:
    reseller = make_reseller()
    lapsed = place(reseller)
    lapsed.valid_until = today() - timedelta(days=1)
    transfer(reseller, PRICE)
    assert lapsed.paid_on is None
    assert balances.credit_on_account(reseller.id, "USD") == usd(PRICE)


def test_R12_the_money_of_a_cancelled_order_pays_what_is_owed() -> None:
    reseller = make_reseller(established_by_staff=True)
    first = pay(place(reseller))
    owed = place(reseller)
    service.cancel_order(first.id, "mistake", by_staff=True)
    assert owed.paid_on == today()
    assert balances.credit_on_account(reseller.id, "USD") == usd(0)


def test_R18_an_undone_transfer_leaves_the_order_open_and_every_sum_as_before(work: Callable[[], int]) -> None:
    reseller = make_reseller()
    order, other = place(reseller), place(reseller)
    transfer(reseller, 100, other)
    wrong = transfer(reseller, PRICE + 900, order)
    assert transfers.undo_transfer(wrong.id, "not theirs") == [order]
    assert order.paid_on is None
    assert (balances.open_amount(order.id), balances.open_amount(other.id)) == (usd(PRICE), usd(PRICE - 100))
    assert balances.credit_on_account(reseller.id, "USD") == usd(0)
    assert sum(entry.minor for entry in balances.entries_from(wrong.id)) == 0
    assert order.license_state == "issued"  # what cannot be taken back stays
    assert order.id in letter(work, "payment_undone").text


def test_R18_a_transfer_is_undone_once() -> None:
    reseller = make_reseller()
    wrong = transfer(reseller, PRICE, place(reseller))
    transfers.undo_transfer(wrong.id, "not theirs")
    with pytest.raises(Refused):
        transfers.undo_transfer(wrong.id, "not theirs")


def test_R18_undoing_takes_back_what_its_money_paid_after_a_cancelled_order() -> None:
    reseller = make_reseller()
    wrong = transfer(reseller, PRICE, place(reseller))
    first = db.session.query(Order).one()
    service.cancel_order(first.id, "mistake", by_staff=True)
    second = place(reseller)
    assert second.paid_on == today()
    assert transfers.undo_transfer(wrong.id, "not theirs") == [second]
    assert balances.open_amount(second.id) == usd(PRICE)
    assert balances.open_amount(first.id) == usd(0)


def test_R12_R27_an_order_that_was_paid_when_placed_is_asked_for_once_that_money_is_taken_back() -> None:
    """Money on account had paid it at once, so that it never had a pro-forma."""
    reseller = make_reseller()
    wrong = transfer(reseller, PRICE)
    order = place(reseller)
    assert (order.paid_on, invoices.find_paper(order.id, PaperKind.PRO_FORMA)) == (today(), None)
    transfers.undo_transfer(wrong.id, "not theirs")
    asked = invoices.find_paper(order.id, PaperKind.PRO_FORMA)
    assert asked is not None
    assert (asked.total_minor, asked.content.paid_on) == (PRICE, None)


def test_R12_other_money_that_takes_its_place_leaves_nothing_to_ask_for() -> None:
    reseller = make_reseller()
    wrong = transfer(reseller, PRICE)
    order = place(reseller)
    transfer(reseller, PRICE)
    assert transfers.undo_transfer(wrong.id, "not theirs") == []
    assert (order.paid_on, invoices.find_paper(order.id, PaperKind.PRO_FORMA)) == (today(), None)


def test_R12_credit_on_account_is_paid_back_once() -> None:
    reseller = make_reseller()
    paid_back = transfer(reseller, 5_000)
    transfers.refund(reseller.id, usd(3_000), today(), "asked for it")
    assert balances.credit_on_account(reseller.id, "USD") == usd(2_000)
    with pytest.raises(Refused):
        transfers.refund(reseller.id, usd(2_001), today(), "again")
    with pytest.raises(Refused):
        transfers.undo_transfer(paid_back.id, "not theirs")


def test_R12_a_cancelled_order_owes_nothing_when_its_transfer_is_taken_back_with_the_bank_fee() -> None:
    """The credit note takes the whole invoice back, and with it what the banks were said to have kept."""
    reseller = make_reseller()
    order = place(reseller)
    paid = transfer(reseller, PRICE - 1_500, order)
    service.cancel_order(order.id, "mistake", by_staff=True)
    assert balances.credit_on_account(reseller.id, "USD") == usd(PRICE - 1_500)
    transfers.undo_transfer(paid.id, "wrong account")
    assert balances.open_amount(order.id) == usd(0)
    assert not balances.open_items(reseller.id, "USD")
    transfer(reseller, PRICE)
    assert [one.revoked_at is None for one in licenses.of_order(order.id)] == [False]


def test_R16_freed_money_does_not_pay_on_the_earlier_day_of_the_money_that_comes_with_it() -> None:
    reseller = make_reseller(established_by_staff=True)
    paid = place(reseller)
    transfer(reseller, PRICE, paid)
    large = place(reseller, [(VIEWER, 2)])
    with at(utcnow() + timedelta(days=60)):
        reseller.on_hold = True
        ledger.cancel(paid.id, today(), invoiced=True)  # the money is free, nothing is spent yet
        transfer(reseller, PRICE, large, days_ago=20)
        assert (balances.open_amount(large.id), large.paid_on) == (usd(0), today())
        late = [(one.after, one.until) for one in interest.entries_of(large.id)]
        assert late == [(large.due_on, today())]
        evening = today() - timedelta(days=5)
        then = Extract(reseller.id, "USD", until=evening, due=evening).standing()
        assert (then.overdue, then.on_account) == (usd(PRICE), usd(0))


def test_R16_interest_that_is_paid_with_earlier_money_is_owed_on_the_day_of_that_money() -> None:
    """The account of any evening between shows nothing below zero."""
    reseller = make_reseller(established_by_staff=True)
    order = place(reseller)
    with at(utcnow() + timedelta(days=60)):
        transfer(reseller, PRICE + 10_000, order, days_ago=20)
        booked = interest.entries_of(order.id)
        assert [(one.until, one.minor) for one in booked] == [(today() - timedelta(days=20), 296)]
        for ago in (20, 10, 0):
            evening = today() - timedelta(days=ago)
            then = Extract(reseller.id, "USD", until=evening, due=evening).standing()
            assert (then.interest, then.on_account) == (usd(0), usd(10_000 - 296))


def test_R16_interest_of_a_statement_is_not_paid_before_it_was_booked() -> None:
    reseller = make_reseller(established_by_staff=True)
    order = place(reseller)
    with at(utcnow() + timedelta(days=60)):
        interest.book(order.id, today(), today())
    with at(utcnow() + timedelta(days=70)):
        transfer(reseller, PRICE, order, days_ago=10)
        transfer(reseller, 10_000, days_ago=15)
        evening = today() - timedelta(days=12)
        then = Extract(reseller.id, "USD", until=evening, due=evening).standing()
        assert (then.interest, then.on_account) == (usd(0), usd(10_000))
        assert balances.interest_owed(reseller) == usd(0)


def test_R16_R18_earlier_money_for_principal_and_interest_is_booked_though_it_lowers_the_interest() -> None:
    reseller = make_reseller(established_by_staff=True)
    order = place(reseller)
    with at(utcnow() + timedelta(days=60)):
        asked = interest.book(order.id, today(), today())
    with at(utcnow() + timedelta(days=62)):
        transfer(reseller, PRICE + asked.minor, order, days_ago=12)
        lower = balances.sum_on(order.id, Account.INTEREST, EntryKind.INTEREST)
        assert usd(0) < lower < asked
        assert balances.interest_owed(reseller) == usd(0)
        assert balances.credit_on_account(reseller.id, "USD") == asked - lower


def test_R18_new_interest_comes_before_a_prepaid_order() -> None:
    """Interest that is booked because its order is paid now takes its share of the same money."""
    reseller = make_reseller(established_by_staff=True)
    order = place(reseller)
    with at(utcnow() + timedelta(days=60)):
        prepaid = place(reseller)
        assert prepaid.due_on is None
        transfer(reseller, 2 * PRICE)
        assert (order.paid_on, prepaid.paid_on) == (today(), None)
        assert balances.interest_owed(reseller) == usd(0)


def test_R18_undoing_opens_no_order_again_that_other_money_has_paid(work: Callable[[], int]) -> None:
    """The undone money had paid a part that was cancelled since: nothing of the order is open, and no letter asks."""
    reseller = make_reseller(established_by_staff=True)
    with at(utcnow() - timedelta(days=10)):
        order = place(reseller, [(VIEWER, 2)])
    transfer(reseller, PRICE, order, days_ago=8)
    wrong = transfer(reseller, PRICE, order, days_ago=5)
    cancel_part(order, 1)
    assert transfers.undo_transfer(wrong.id, "not theirs") == []
    assert (order.paid_on, balances.open_amount(order.id)) == (today() - timedelta(days=5), usd(0))
    assert order.id not in letter(work, "payment_undone").text


def test_R16_R18_undoing_lets_money_on_account_pay_what_is_owed_again(work: Callable[[], int]) -> None:
    """It pays on the day on which it came: interest ends there, and nobody is asked for what lies on account."""
    reseller = make_reseller(established_by_staff=True)
    with at(utcnow() - timedelta(days=50)):
        order = place(reseller)
    wrong = transfer(reseller, PRICE, order, days_ago=25)
    transfer(reseller, 2 * PRICE, days_ago=10)
    assert transfers.undo_transfer(wrong.id, "not theirs") == []
    assert (order.paid_on, balances.open_amount(order.id)) == (today() - timedelta(days=10), usd(0))
    assert balances.credit_on_account(reseller.id, "USD") == usd(PRICE - 296), "and the interest of ten days"
    assert order.id not in letter(work, "payment_undone").text


def test_R12_undoing_leaves_a_lapsed_order_to_staff() -> None:
    """A pro-forma that was valid when the undone money came, and is no more, is not paid from the account."""
    reseller = make_reseller()
    with at(utcnow() - timedelta(days=20)):
        paid, lapsed = place(reseller), place(reseller)
    wrong = transfer(reseller, PRICE, paid, days_ago=10)
    lapsed.valid_until = today() - timedelta(days=5)
    cancelled = place(reseller)
    transfer(reseller, PRICE, cancelled)
    service.cancel_order(cancelled.id, "mistake", by_staff=True)
    transfers.undo_transfer(wrong.id, "not theirs")
    assert (paid.paid_on, lapsed.paid_on) == (today(), None)


def test_R16_R20_what_freed_interest_pays_in_full_is_not_said_to_be_short(work: Callable[[], int]) -> None:
    """An earlier value date gives interest back, and that pays the little that the transfer itself had left open."""
    reseller = make_reseller(established_by_staff=True)
    with at(utcnow() - timedelta(days=60)):
        order = place(reseller)
    wrong = transfer(reseller, PRICE, order, days_ago=10)
    transfer(reseller, 591, days_ago=10)
    transfers.undo_transfer(wrong.id, "not theirs")
    right = transfer(reseller, PRICE - 200, order, days_ago=20)
    assert balances.open_amount(order.id) == usd(0)
    letter(work, "payment_undone")
    with at(utcnow() + timedelta(minutes=1)):
        work()  # the other letter has waited for its invoice
    written = db.session.query(Letter).filter_by(key=f"payment_received:{right.id}").one()
    assert written.subject.startswith(f"Order {order.id} is paid")
    assert "still missing" not in written.text
