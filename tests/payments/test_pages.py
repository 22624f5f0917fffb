"""Staff bring in a bank's file, look, book, and decide what waits (R12, R18)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from dashboard.clock import at, today, utcnow
from dashboard.extensions import db
from dashboard.fulfilment import service
from dashboard.ledger import balances
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.payments.models import BankEntry, BankFile, BankUpload, TableMapping, Transfer
from dashboard.statements import service as statements
from tests.client import Client, Page
from tests.factories import VIEWER, make_reseller, make_user, pay, place
from tests.payments.camt import IBAN, Payment, camt

PRICE = "1079.10"


@pytest.fixture
def mari(client: Client) -> Client:
    """The browser of a member of staff."""
    client.sign_in_as(make_user("Mari", staff=True))
    return client


def upload(mari: Client, data: bytes, name: str = "statement.xml") -> Page:
    return mari.get("/staff/payments").submit("Look at it", file=(io.BytesIO(data), name))


def bring(mari: Client, work: Callable[[], int], data: bytes) -> Page:
    """Bring a file in, and let the worker book it; the page of the file."""
    page = upload(mari, data).submit("Book it")
    work()
    db.session.expire_all()
    return mari.get(page.path)


def the_entry() -> BankEntry:
    db.session.expire_all()
    return db.session.query(BankEntry).order_by(BankEntry.id.desc()).first()  # type: ignore[return-value]


def open_entry(mari: Client) -> Page:
    return mari.get(f"/staff/payments/entries/{the_entry().id}")


def test_R18_a_file_is_looked_at_first_and_books_nothing(mari: Client) -> None:
    order = place(make_reseller("Romashka"))
    page = upload(mari, camt(Payment(PRICE, order.reference), Payment("5.00", "?", name="Nobody")))
    assert "1 transfer is booked at once. 1 waits for a person." in page.text
    assert f"Romashka {order.id} · by the payment reference" in page.text
    assert "It names nothing of ours, and the payer is not known." in page.text
    assert page.text.index("Nobody") < page.text.index("by the payment reference")  # what needs a person comes first
    assert db.session.query(BankEntry).count() == 0
    assert order.paid_on is None


def test_R18_what_the_bank_has_only_announced_is_said_to_wait_for_a_later_file(mari: Client) -> None:
    page = upload(mari, camt(Payment("5.00", "?", status="PDNG"), Payment("6.00", "?")))
    assert "1 is not booked by the bank yet: it counts once a later statement says so." in page.text


def test_R18_what_was_looked_at_is_booked_by_the_worker_and_its_page_tells_how_far_it_is(
    mari: Client, work: Callable[[], int]
) -> None:
    order = place(make_reseller())
    page = upload(mari, camt(Payment(PRICE, order.reference))).submit("Book it")
    assert "0 of 1" in page.text
    work()
    db.session.expire_all()
    page = mari.get(page.path)
    assert ("0 of 1" not in page.text, order.paid_on) == (True, today())
    assert db.session.query(BankUpload).count() == 0  # the bytes are kept no longer than they are needed


def test_R18_a_second_click_books_nothing_and_leads_to_what_the_first_did(mari: Client) -> None:
    order = place(make_reseller())
    page = upload(mari, camt(Payment(PRICE, order.reference)))
    first, second = page.submit("Book it"), page.submit("Book it")
    assert first.path == second.path == mari.get(page.path).path
    assert (db.session.query(BankFile).count(), db.session.query(BankEntry).count()) == (1, 1)


def test_R18_known_transfers_are_folded_away(mari: Client, work: Callable[[], int]) -> None:
    order = place(make_reseller())
    data = camt(Payment(PRICE, order.reference))
    bring(mari, work, data)
    page = upload(mari, data)
    assert "0 transfers are booked at once" in page.text
    assert "1 transfer that is known already" in page.text
    assert "Nothing new in this file" in page.submit("Book it").text


def test_R18_a_file_that_does_not_add_up_is_booked_only_with_a_typed_reason(mari: Client) -> None:
    page = upload(mari, camt(Payment("5.00", "?"), wrong_by="0.01"))
    assert "no, they differ by $0.01" in page.text
    refused = page.submit("Book it")
    assert (refused.status, db.session.query(BankFile).count()) == (422, 0)
    refused.submit("Book it", reason="The bank confirms it")
    assert db.session.query(BankFile).one().accepted_reason == "The bank confirms it"


def test_R18_the_statement_of_another_account_is_marked(mari: Client) -> None:
    page = upload(mari, camt(Payment(PRICE, "?"), account="DE89370400440532013000"))
    assert "This is no account of yours." in page.text


def test_R18_what_is_no_statement_is_refused_at_once_with_the_reason(mari: Client) -> None:
    page = upload(mari, b"%PDF-1.7 and so on")
    assert page.status == 422
    assert "This is a PDF document" in page.text
    assert upload(mari, camt(Payment(PRICE))[:-40]).status == 422
    assert mari.get("/staff/payments").submit("Look at it").status == 422
    assert db.session.query(BankUpload).count() == 0


TABLE = "Buchungstag;Betrag;Auftraggeber;Verwendungszweck\n{day};1079,10;Romashka Ltd;{text}\n"


def table(text: str) -> bytes:
    return TABLE.format(day=f"{today():%d.%m.%Y}", text=text).encode()


def test_R18_the_columns_of_a_table_are_proposed_and_kept_for_the_next_one(
    mari: Client, work: Callable[[], int]
) -> None:
    order = place(make_reseller("Romashka"))
    page = upload(mari, table(order.reference), "table.csv")
    assert "Columns of the table" in page.title
    assert "Verwendungszweck" in page.text
    seen = page.submit("Read the file", name="Our bank", currency="USD", account=IBAN)
    assert order.id in seen.text
    again = upload(mari, table("something else"), "table.csv")
    assert again.tree.find(".//input[@id='name']").get("value") == "Our bank"
    assert again.tree.find(".//input[@id='currency']").get("value") == "USD"
    assert db.session.query(TableMapping).count() == 1


def test_R18_the_command_reads_a_table_by_a_mapping_of_that_name(mari: Client, app: Flask, tmp_path: Path) -> None:
    order = place(make_reseller())
    upload(mari, table("?"), "table.csv").submit("Read the file", name="Our bank", currency="USD", account=IBAN)
    file = tmp_path / "table.csv"
    file.write_bytes(table(order.reference))
    db.session.commit()
    run = FlaskCliRunner(app).invoke
    refused = run(args=["payments", "import", str(file), "--mapping", "Theirs"])
    assert (refused.exit_code, "Our bank" in refused.output) == (1, True)
    done = run(args=["payments", "import", str(file), "--mapping", "Our bank"])
    db.session.expire_all()
    assert (done.exit_code, order.paid_on) == (0, today()), done.output


def test_R18_columns_that_cannot_be_read_are_refused_and_nothing_is_kept(mari: Client) -> None:
    page = upload(mari, table("?"), "table.csv")
    refused = page.submit("Read the file", name="Our bank", amount="", currency="USD", account=IBAN)
    assert refused.status == 422
    assert "Choose either one column for the sum" in refused.text
    assert db.session.query(TableMapping).count() == 0


def test_R18_a_table_that_does_not_tell_its_account_asks_for_it_beside_the_field(mari: Client) -> None:
    page = upload(mari, table("?"), "table.csv")
    refused = page.submit("Read the file", name="Our bank", currency="USD", account="")
    assert refused.status == 422
    assert "Choose the column with your account, or write its number." in refused.text
    assert refused.tree.xpath("//*[@id='account_column']/@aria-invalid") == ["true"]


def test_R18_our_account_is_proposed_by_the_currency_of_the_table(mari: Client) -> None:
    data = f"Date;Amount;Currency;Payer;Purpose\n{today():%d.%m.%Y};1079,10;USD;Romashka Ltd;?\n".encode()
    page = upload(mari, data, "table.csv")
    assert page.tree.xpath("//input[@id='account']/@value") == [IBAN]


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


def test_R18_an_account_that_a_file_tells_of_twice_is_named_once(mari: Client, work: Callable[[], int]) -> None:
    one, two = (camt(Payment(sum_, "?", name="Nobody")) for sum_ in ("5.00", "6.00"))
    first, second = (data[data.index(b"<Stmt>") : data.index(b"</BkToCstmrStmt>")] for data in (one, two))
    bring(mari, work, one.replace(first, first + second))
    assert mari.get("/staff/payments").text.count(IBAN) == 1


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
    page.submit("Undo the transfer", reason="Not theirs")
    assert the_entry().state == "waiting"


def test_R18_a_transfer_confirmed_by_hand_is_undone_with_a_reason(mari: Client) -> None:
    order = pay(place(make_reseller()))
    transfer = db.session.query(Transfer).one()
    mari.get(f"/staff/payments/transfers/{transfer.id}").submit("Undo the transfer", reason="The wrong order")
    db.session.expire_all()
    assert (order.paid_on, transfer.undone_reason) == (None, "The wrong order")


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


def test_R18_what_the_vendors_reseller_may_not_see(client: Client) -> None:
    anna = make_user()
    make_reseller(owner=anna)
    client.sign_in_as(anna)
    assert client.get("/staff/payments").status == 404


def test_R18_the_list_of_entries_narrows_to_what_waits(mari: Client, work: Callable[[], int]) -> None:
    order: Order = place(make_reseller())
    bring(mari, work, camt(Payment(PRICE, order.reference, name="Paid Ltd"), Payment("5.00", "?", name="Nobody")))
    page = mari.get("/staff/payments/waiting")
    assert ("Nobody" in page.text, "Paid Ltd" in page.text) == (True, False)
    booked = page.click("Booked")
    assert ("Nobody" in booked.text, "Paid Ltd" in booked.text) == (False, True)


def test_R18_an_order_that_was_cancelled_is_named_and_only_the_account_is_proposed(
    mari: Client, work: Callable[[], int]
) -> None:
    order = place(make_reseller())
    service.cancel_order(order.id, "mistake", by_staff=True)
    bring(mari, work, camt(Payment(PRICE, order.reference)))
    page = open_entry(mari)
    assert f"The purpose names {order.id}, which cannot be paid any more" in page.text
    page.submit("Credit on account")
    assert balances.credit_on_account(order.reseller_id, "USD") == order.total


def in_russian(mari: Client) -> Client:
    mari.sign_in_as(make_user("Мария", staff=True, language="ru"))
    return mari


def test_R30_the_page_of_a_file_tells_days_and_balances_as_the_reader_writes_them(
    mari: Client, work: Callable[[], int]
) -> None:
    order = place(make_reseller())
    page = bring(mari, work, camt(Payment(PRICE, order.reference)))
    assert "Opening balance $1,000.00" in page.text
    assert "Closing balance $2,079.10" in page.text
    russian = in_russian(mari).get(page.path)
    assert "Исходящий остаток 2 079,10 $" in russian.text


def test_R30_what_a_file_lacks_is_told_as_a_sum_in_the_readers_language(mari: Client) -> None:
    page = (
        in_russian(mari)
        .get("/staff/payments")
        .submit("Посмотреть", file=(io.BytesIO(camt(Payment(PRICE, "?"), wrong_by="1234.5")), "statement.xml"))
    )
    assert "разница — 1 234,50 $" in page.text


def test_R18_what_the_vendor_paid_to_others_is_counted_as_left_out(mari: Client) -> None:
    order = place(make_reseller())
    page = upload(mari, camt(Payment(PRICE, order.reference), Payment("-5.00", "Rent", name="Landlord")))
    assert "1 transfer is booked at once. 1 went out or is empty, and is left out." in page.text


def test_R30_the_expected_sum_stands_in_the_form_as_the_reader_writes_it_and_is_taken_so(mari: Client) -> None:
    order = place(make_reseller())
    page = in_russian(mari).get(f"/staff/orders/{order.id}/payment")
    assert page.tree.xpath("//input[@name='amount']/@value") == ["1079,10"]
    page.submit("Подтвердить оплату")
    db.session.expire_all()
    assert db.session.get_one(Order, order.id).paid_on == today()
