"""One entry of the bank on its page: what is proposed, decided, and taken back (R12, R18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dashboard.clock import at, today, utcnow
from dashboard.extensions import db
from dashboard.fulfilment import service, transfers
from dashboard.ledger import balances
from dashboard.money import Money
from dashboard.orders import service as orders_service
from dashboard.payments.models import BankEntry, Transfer
from dashboard.statements import service as statements
from tests.client import Client, Page
from tests.factories import VIEWER, make_reseller, pay, place
from tests.payments.camt import Payment, camt
from tests.payments.hands import bring, open_entry, the_entry

PRICE = "1079.10"


def test_R18_a_proposal_is_confirmed_with_one_button_and_tells_its_reason(
    mari: Client, work: Callable[[], int]
) -> None:
    reseller = make_reseller("Romashka")
    order = place(reseller)
    bring(mari, work, camt(Payment(PRICE, "no word", name="Holding of theirs")))
    home = mari.get("/")
    assert "A transfer of $1,079.10 from Holding of theirs waits" in home.text
    page = open_entry(mari)
    assert "An open order of exactly this sum" in page.text
    booked = page.submit("Book")
    db.session.expire_all()
    assert order.paid_on == today()
    assert "decided by staff" in booked.text
    assert order.id in booked.text


def test_R18_another_resellers_order_of_that_sum_is_not_proposed_where_the_payer_is_known(
    mari: Client, work: Callable[[], int]
) -> None:
    payer, other = make_reseller("Romashka", legal_name="Romashka Ltd"), make_reseller("Lotos", legal_name="Lotos Ltd")
    owed, foreign = place(payer, [(VIEWER, 2)]), place(other)
    bring(mari, work, camt(Payment(PRICE, "no word")))
    page = open_entry(mari)
    assert owed.id in page.text
    assert foreign.id not in page.text


def test_R18_who_got_the_money_that_went_back_is_no_payer(mari: Client, work: Callable[[], int]) -> None:
    bring(mari, work, camt(Payment("-5.00", "returned", reversal=True)))
    assert "Recipient Romashka Ltd" in open_entry(mari).text
    bring(mari, work, camt(Payment("-6.00", "returned", name="", reversal=True)))
    page = open_entry(mari).text
    assert "Money that went back" in page
    assert "payer not stated" not in page.partition("Which transfer")[0].partition("Money that went back")[2]


def test_R18_a_mistyped_reference_proposes_the_order_that_was_meant(mari: Client, work: Callable[[], int]) -> None:
    order = place(make_reseller())
    digits = f"{order.id[2:6]}{order.id[7:]}"
    wrong = f"{(int(digits[0]) % 9) + 1}{digits[1:]}"
    bring(mari, work, camt(Payment("77.00", f"order R-{wrong}", name="Somebody")))
    page = open_entry(mari)
    assert "A number in the purpose differs from it by one digit." in page.text
    assert f"{order.id} · Nordwind GmbH" in page.text


def test_R18_a_mistyped_reference_of_a_statement_proposes_all_that_is_open_on_it(
    mari: Client, work: Callable[[], int]
) -> None:
    """The last digit of the reseller's number is wrong; the sum is what the statement asked for."""
    reseller = make_reseller("Romashka", established_by_staff=True)
    orders = [place(reseller) for _ in range(2)]
    statement = statements.make_statement(reseller.id, statements.this_month())
    assert statement is not None
    wrong = statement.reference[:-2] + f"{(int(statement.reference[-2]) + 1) % 10}{statement.reference[-1]}"
    bring(mari, work, camt(Payment("2158.20", f"statement {wrong}", name="Somebody")))
    page = open_entry(mari)
    assert "differs by one digit from the reference of a statement with these orders." in page.text
    page.submit("Book")
    db.session.expire_all()
    assert [order.paid_on for order in orders] == [today(), today()]


def test_R18_whoever_decides_second_is_told_and_nothing_is_booked_twice(mari: Client, work: Callable[[], int]) -> None:
    place(make_reseller())
    bring(mari, work, camt(Payment(PRICE, "no word", name="Somebody")))
    page = open_entry(mari)
    page.submit("Book")
    second = page.submit("Book")
    assert second.status == 409
    assert "Somebody has decided this already." in second.text
    assert page.submit("Put it aside", reason="late").status == 422
    assert db.session.query(Transfer).count() == 1


def test_R12_money_for_a_lapsed_pro_forma_offers_both_choices(mari: Client, work: Callable[[], int]) -> None:
    order = place(make_reseller())
    order.valid_until = today() - timedelta(days=1)
    bring(mari, work, camt(Payment(PRICE, order.reference)))
    page = open_entry(mari)
    assert "booking reinstates it at the old price" in page.text
    assert "the rest stays as credit on account" in page.text
    page.submit("Reinstate and book")
    db.session.expire_all()
    assert order.paid_on == today()


def test_R12_the_other_choice_leaves_the_money_on_account(mari: Client, work: Callable[[], int]) -> None:
    order = place(make_reseller())
    order.valid_until = today() - timedelta(days=1)
    bring(mari, work, camt(Payment(PRICE, order.reference)))
    open_entry(mari).submit("Credit on account")
    db.session.expire_all()
    assert order.paid_on is None
    assert balances.credit_on_account(order.reseller_id, "USD") == order.total


def test_R18_money_for_a_cancelled_order_is_said_to_pay_another_before_it_does(
    mari: Client, work: Callable[[], int]
) -> None:
    reseller = make_reseller()
    old, other = place(reseller), place(reseller)
    service.cancel_order(old.id, "mistake", by_staff=True)
    bring(mari, work, camt(Payment(PRICE, old.reference)))
    page = open_entry(mari)
    assert (
        f"{old.id}, which cannot be paid any more: what is owed is paid, oldest first, then prepaid orders" in page.text
    )
    page.submit("Credit on account")
    db.session.expire_all()
    assert other.paid_on == today()


def test_R18_an_entry_can_be_booked_for_orders_that_were_searched_for(mari: Client, work: Callable[[], int]) -> None:
    reseller = make_reseller("Lotos")
    orders = [place(reseller), place(reseller)]
    bring(mari, work, camt(Payment("2158.20", "no word", name="Somebody")))
    page = open_entry(mari).submit("Find", q="lotos")
    page.submit("Book for the chosen orders", order=[one.id for one in orders])
    db.session.expire_all()
    assert [one.paid_on for one in orders] == [today(), today()]


def test_R18_what_was_searched_for_and_chosen_is_kept_where_it_cannot_be_booked(
    mari: Client, work: Callable[[], int]
) -> None:
    orders = [place(make_reseller("Lotos")), place(make_reseller("Lotos Two"))]
    bring(mari, work, camt(Payment("2158.20", "no word", name="Somebody")))
    page = open_entry(mari).submit("Find", q="lotos")
    page = page.submit("Book for the chosen orders", order=[one.id for one in orders])
    assert page.status == 422
    assert "Nothing was booked. These orders belong to different resellers. Choose those of one." in page.text
    ticked = page.tree.findall(".//input[@name='order'][@checked]")
    assert {one.get("value") for one in ticked} == {one.id for one in orders}
    page.submit("Book for the chosen orders", order=orders[1].id)
    assert balances.open_amount(orders[1].id).minor == 0


def test_R18_an_open_order_is_found_behind_many_that_are_paid(
    mari: Client, work: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders_service, "PAGE", 2)
    reseller = make_reseller("Lotos")
    open_ = place(reseller)
    for _ in range(2):
        pay(place(reseller))
    bring(mari, work, camt(Payment("3.00", "no word", name="Somebody")))
    assert open_.id in open_entry(mari).submit("Find", q="lotos").text


def test_R18_an_entry_can_go_to_a_resellers_account(mari: Client, work: Callable[[], int]) -> None:
    reseller = make_reseller("Lotos")
    bring(mari, work, camt(Payment("50.00", "no word", name="Somebody")))
    open_entry(mari).submit("Find", q="lotos").submit("To their account")
    assert balances.credit_on_account(reseller.id, "USD") == Money(5_000, "USD")


def test_R18_an_entry_is_put_aside_with_a_reason_and_taken_up_again(mari: Client, work: Callable[[], int]) -> None:
    bring(mari, work, camt(Payment("50.00", "cash back", name="Our bank")))
    page = open_entry(mari)
    assert page.submit("Put it aside").status == 422
    page = page.submit("Put it aside", reason="A bonus of the bank")
    assert (the_entry().state, the_entry().note) == ("dismissed", "A bonus of the bank")
    page.submit("Take it back", reason="No, it is not")
    assert the_entry().state == "waiting"


def test_R18_undoing_tells_before_and_after_what_it_cannot_take_back(mari: Client, work: Callable[[], int]) -> None:
    order = place(make_reseller())
    bring(mari, work, camt(Payment(PRICE, order.reference)))
    page = open_entry(mari)
    assert f"The licenses of {order.id} are issued and stay in force" in page.text
    after = page.submit("Take it back", reason="Not theirs")
    assert f"The licenses of {order.id} stay in force" in after.text
    db.session.expire_all()
    assert (the_entry().state, order.paid_on) == ("waiting", None)


def test_R18_an_order_of_which_a_transfer_paid_only_the_interest_is_not_warned_of(
    mari: Client, work: Callable[[], int]
) -> None:
    with at(utcnow() - timedelta(days=60)):
        order = place(make_reseller(established_by_staff=True))
    pay(order)
    bring(mari, work, camt(Payment("5.00", order.reference)))
    page = mari.get(f"/staff/payments/transfers/{the_entry().transfer_id}").text
    assert order.id in page  # its interest is paid
    assert "stay in force" not in page


def test_R18_a_transfer_that_came_by_a_file_is_undone_with_its_entry(mari: Client, work: Callable[[], int]) -> None:
    order = place(make_reseller())
    bring(mari, work, camt(Payment(PRICE, order.reference)))
    page = mari.get(f"/staff/payments/transfers/{the_entry().transfer_id}")
    assert order.id in page.text
    assert page.submit("Undo the transfer").status == 422
    undone = page.submit("Undo the transfer", reason="Not theirs")
    assert the_entry().state == "waiting"
    assert ("The entry" in undone.text, "by hand" in undone.text) == (True, False)


def test_R18_a_transfer_confirmed_by_hand_is_undone_with_a_reason(mari: Client) -> None:
    order = pay(place(make_reseller()))
    transfer = db.session.query(Transfer).one()
    mari.get(f"/staff/payments/transfers/{transfer.id}").submit("Undo the transfer", reason="The wrong order")
    db.session.expire_all()
    assert (order.paid_on, transfer.undone_reason) == (None, "The wrong order")


def test_R12_R18_a_transfer_that_was_paid_back_stays_and_its_pages_say_why(
    mari: Client, work: Callable[[], int]
) -> None:
    reseller = make_reseller("Romashka")
    bring(mari, work, camt(Payment("500.00", "in advance", name="Romashka")))
    open_entry(mari).submit("Credit on account")
    transfers.refund(reseller.id, Money(50_000, "USD"), today(), "asked for it")
    entry = the_entry()
    for path, button in (
        (f"/staff/payments/entries/{entry.id}", "Take it back"),
        (f"/staff/payments/transfers/{entry.transfer_id}", "Undo the transfer"),
    ):
        page = mari.get(path).submit(button, reason="A mistake")
        assert page.status == 422
        assert "Some of this money was paid back already" in page.text
        assert "This transfer is undone" not in page.text
        assert "Undone on" not in page.text


def test_R18_money_that_went_back_proposes_the_transfer_of_its_account(mari: Client, work: Callable[[], int]) -> None:
    order, other = place(make_reseller("Romashka")), place(make_reseller("Lotos"))
    pay(other)
    bring(mari, work, camt(Payment(PRICE, order.reference)))
    bring(mari, work, camt(Payment(f"-{PRICE}", "returned", reversal=True)))
    page = open_entry(mari)
    assert page.text.index("It came from the same account.") < page.text.index("It has the same sum.")
    first = db.session.query(BankEntry).filter(BankEntry.minor > 0).one().transfer_id
    mari.post(f"{page.path}/return", {"transfer": str(first), "csrf_token": _token(page)})
    db.session.expire_all()
    assert (order.paid_on, other.paid_on) == (None, today())


def _token(page: Page) -> str:
    field = page.tree.find(".//input[@name='csrf_token']")
    assert field is not None
    return str(field.get("value"))
