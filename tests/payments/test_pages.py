"""Staff bring in a bank's file, look, book, and decide what waits (R12, R18)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskCliRunner

from dashboard.banking.service import read_statement
from dashboard.clock import today
from dashboard.extensions import db
from dashboard.fulfilment import service
from dashboard.ledger import balances
from dashboard.orders.models import Order
from dashboard.payments import imports
from dashboard.payments.models import BankEntry, BankFile, BankUpload, TableMapping
from dashboard.web.transactions import reading
from tests.client import Client
from tests.factories import make_reseller, make_user, place
from tests.payments.camt import IBAN, Payment, camt
from tests.payments.hands import bring, open_entry, the_entry, upload

PRICE = "1079.10"


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


def test_R16_R18_what_the_bank_credits_later_is_announced_and_no_page_waits_for_it(
    mari: Client, work: Callable[[], int]
) -> None:
    order = place(make_reseller("Romashka"))
    later = today() + timedelta(days=2)
    page = upload(mari, camt(Payment(PRICE, order.reference, value_day=later)))
    assert "0 transfers are booked at once. 1 on its value date, which has not come yet." in page.text
    page = bring(mari, work, camt(Payment(PRICE, order.reference, value_day=later)))
    assert "1 transfer is booked on its value date, which has not come yet." in page.text
    assert page.tree.find(".//progress") is None
    assert "load delay" not in page.html
    assert "on the value date" in mari.get("/staff/payments").text
    assert "It is booked on its value date" in open_entry(mari).text


def test_R16_R18_a_decision_about_money_that_the_bank_credits_later_waits_for_that_day(
    mari: Client, work: Callable[[], int]
) -> None:
    make_reseller("Romashka")
    bring(mari, work, camt(Payment("5.00", "?", value_day=today() + timedelta(days=2))))
    page = open_entry(mari).submit("Credit on account")
    assert page.status == 409
    assert "The value date of this transfer has not come yet" in page.text
    assert the_entry().state == "waiting"


def test_R18_a_second_click_books_nothing_and_leads_to_what_the_first_did(mari: Client) -> None:
    order = place(make_reseller())
    page = upload(mari, camt(Payment(PRICE, order.reference)))
    first, second = page.submit("Book it"), page.submit("Book it")
    assert first.path == second.path == mari.get(page.path).path
    assert (db.session.query(BankFile).count(), db.session.query(BankEntry).count()) == (1, 1)


def test_R18_two_clicks_at_once_make_one_file(mari: Client) -> None:
    """Both have looked at the upload before either keeps its entries; the last of three comes when it is gone."""
    order = place(make_reseller())
    data = camt(Payment(PRICE, order.reference))
    page = upload(mari, data)
    digest = db.session.query(BankUpload).one().digest
    db.session.commit()
    with reading():
        seen = imports.preview(read_statement(data))
    first, second = (imports.keep(seen, data, "one.xml", by=None, upload=digest) for _ in range(2))
    assert page.submit("Book it").path == f"/staff/payments/files/{first.file_id}"
    third = imports.keep(seen, data, "one.xml", by=None, upload=digest)
    assert first.file_id == second.file_id == third.file_id
    assert (db.session.query(BankFile).count(), db.session.query(BankEntry).count()) == (1, 1)
    upload(mari, data)
    again = mari.post(f"/staff/payments/uploads/{digest}/book")  # by intention, later: another file, nothing new in it
    assert again.path != f"/staff/payments/files/{first.file_id}"


def test_R18_known_transfers_are_folded_away(mari: Client, work: Callable[[], int]) -> None:
    order = place(make_reseller())
    data = camt(Payment(PRICE, order.reference))
    bring(mari, work, data)
    page = upload(mari, data)
    assert "0 transfers are booked at once" in page.text
    assert "1 transfer that is known already" in page.text
    assert "Nothing in this file is new: there is nothing to book." in page.text
    assert "Book it" not in page.text


def test_R18_what_is_short_or_beyond_is_told_before_anything_is_booked(mari: Client) -> None:
    reseller = make_reseller()
    short, nearly, beyond = (place(reseller).reference for _ in range(3))
    page = upload(mari, camt(Payment("1000.00", short), Payment("1078.00", nearly), Payment("1080.00", beyond)))
    assert "$79.10 less than is open " in page.text
    assert "$1.10 less than is open, as banks may keep it" in page.text
    assert "$0.90 more than is open" in page.text
    halves = upload(mari, camt(Payment("500.00", short), Payment("579.10", short)))
    assert "than is open" not in halves.text


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


def test_R18_balances_among_the_entries_and_characters_of_dos_are_read_as_proposed(mari: Client) -> None:
    def month(purpose: str) -> bytes:
        rows = ["Счёт;Row type;Дата;Сумма;Валюта;Контрагент;Назначение платежа"]
        rows += [
            f"{IBAN};10;{today():%d.%m.%Y};500,00;USD;;остаток",
            f"{IBAN};20;{today():%d.%m.%Y};1079,10;USD;Ромашка;{purpose}",
        ]
        return "\n".join(rows).encode("cp866")

    order = place(make_reseller("Ромашка"))
    page = upload(mari, month(order.reference), "table.csv")
    assert "Назначение платежа" in page.text
    seen = page.submit("Read the file", name="Our bank")
    assert (order.id in seen.text, "500.00" in seen.text) == (True, False)
    again = upload(mari, month("?"), "table.csv")
    kept = {name: again.tree.find(f".//input[@id='{name}']").get("value") for name in ("name", "entry_type")}
    assert kept == {"name": "Our bank", "entry_type": "20"}


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


def test_R18_an_account_that_a_file_tells_of_twice_is_named_once(mari: Client, work: Callable[[], int]) -> None:
    one, two = (camt(Payment(sum_, "?", name="Nobody")) for sum_ in ("5.00", "6.00"))
    first, second = (data[data.index(b"<Stmt>") : data.index(b"</BkToCstmrStmt>")] for data in (one, two))
    bring(mari, work, one.replace(first, first + second))
    assert mari.get("/staff/payments").text.count(IBAN) == 1


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
    assert ("Waiting 1" in booked.text, len(booked.statements)) == (True, 2)
    dismissed = mari.get("/staff/payments/waiting?state=dismissed")
    assert ("Waiting 1" in dismissed.text, len(dismissed.statements)) == (True, 2)
    assert ("Nobody" in booked.text, "Paid Ltd" in booked.text) == (False, True)


def test_from_a_further_page_of_a_file_one_gets_back_to_its_beginning(mari: Client, work: Callable[[], int]) -> None:
    first = bring(mari, work, camt(Payment("5.00", "?", name="Nobody"), Payment("6.00", "?", name="Somebody")))
    assert "← To the beginning" not in first.links
    further = mari.get(f"{first.path}?state=waiting&beyond={the_entry().id - 1}")
    assert "Nobody" not in further.text
    assert "Nobody" in further.click("← To the beginning").text


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
