"""A bank's statement file is imported: what is certain is booked once, the rest waits for a person (R18)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from dashboard.banking.service import read_statement
from dashboard.clock import at, today, utcnow
from dashboard.config import Settings, current_settings
from dashboard.errors import Refused
from dashboard.extensions import db
from dashboard.fulfilment import bank_entries, service, transfers
from dashboard.ledger import balances
from dashboard.ledger.references import printed
from dashboard.money import Money
from dashboard.payments import imports
from dashboard.payments.models import BankEntry, BankFile, PayerAccount, Transfer
from dashboard.web.transactions import transaction
from tests.banking.writers import IBAN as WRITERS_IBAN
from tests.banking.writers import Row, Written, mt940
from tests.factories import make_reseller, make_user, pay, place
from tests.payments.camt import IBAN, Payment, camt

pytestmark = pytest.mark.usefixtures("app")

PRICE = "1079.10"


def bring(data: bytes, reason: str = "") -> dict[str, int]:
    """Import a file; how many of its entries are in which state afterwards."""
    db.session.commit()
    matched = imports.keep(
        imports.preview(read_statement(data)), data, "file.xml", by=None, accepted_reason=reason
    ).matched
    for entry_id in matched:
        with transaction():
            bank_entries.book_matched(entry_id)
    db.session.expire_all()
    states = [one.state for one in db.session.query(BankEntry)]
    return {state: states.count(state) for state in set(states)}


def the_entry() -> BankEntry:
    return db.session.query(BankEntry).one()


def test_R18_a_transfer_with_the_reference_pays_its_order() -> None:
    order = place(make_reseller())
    assert bring(camt(Payment(PRICE, f"Payment {printed(order.reference)} thanks"))) == {"booked": 1}
    assert order.paid_on == today()
    assert (the_entry().reason, the_entry().targets) == ("reference", [order.id])


def test_R18_the_same_file_and_an_overlapping_one_book_nothing_twice() -> None:
    first, second = place(make_reseller("Romashka")), place(make_reseller("Lotos"))
    one, two = Payment(PRICE, first.reference), Payment(PRICE, second.reference, name="Lotos Ltd")
    assert bring(camt(one)) == {"booked": 1}
    assert bring(camt(one)) == {"booked": 1}
    assert bring(camt(one, two)) == {"booked": 2}
    assert bring(camt(two, one)) == {"booked": 2}
    assert db.session.query(Transfer).count() == 2


def test_R18_two_equal_genuine_transfers_on_one_day_are_two() -> None:
    reseller = make_reseller()
    order = place(reseller)
    assert bring(camt(Payment("500.00", order.reference), Payment("500.00", order.reference))) == {"booked": 2}
    assert balances.open_amount(order.id) == Money(7_910, "USD")


def test_R18_a_payment_that_another_format_tells_of_again_waits_and_is_not_booked_twice() -> None:
    """The two files agree in sum and day alone. A second payment that only one of them has is booked."""
    order, other = place(make_reseller("Romashka")), place(make_reseller("Lotos"))
    assert bring(camt(Payment(PRICE, order.reference, bank_id="B-1"))) == {"booked": 1}
    rows = [Row(107_910, today(), "ROMASHKA", text=one.reference) for one in (order, other)]
    again = mt940(Written(rows)).replace(WRITERS_IBAN.encode(), IBAN.encode()).replace(b"EUR", b"USD")
    assert bring(again) == {"booked": 2, "waiting": 1}
    assert db.session.query(BankEntry).filter_by(state="waiting").one().hurdle == "twice"
    assert (order.paid_on, other.paid_on) == (today(), today())
    assert bring(again) == {"booked": 2, "waiting": 1}


@pytest.mark.parametrize("text", ["Invoice {invoice}", "order {id}", "заказ Р{digits}", "{invoice} / {id}"])
def test_R18_a_number_in_the_text_is_enough(text: str) -> None:
    order = place(make_reseller(established_by_staff=True))
    words = text.format(invoice=order.invoice_number, id=order.id, digits=order.id[1:])
    assert bring(camt(Payment(PRICE, words, name="Somebody else"))) == {"booked": 1}
    assert order.paid_on == today()


def test_R18_an_invoice_number_that_may_be_anybodys_waits_if_the_amount_is_another() -> None:
    order = place(make_reseller(established_by_staff=True))
    assert bring(camt(Payment("77.00", f"Invoice {order.invoice_number}", name="Somebody"))) == {"waiting": 1}
    assert the_entry().hurdle == "other_amount"


def test_R18_one_transfer_pays_the_orders_that_it_names() -> None:
    reseller = make_reseller()
    orders = [place(reseller) for _ in range(3)]
    bring(camt(Payment("2158.20", f"{orders[0].reference} {orders[2].id}, {orders[2].reference}")))
    assert [one.paid_on is not None for one in orders] == [True, False, True]


@pytest.mark.parametrize("named", ["{order.reference} und {other.id}", "{other.invoice_number}, {order.id}"])
def test_R18_orders_that_are_named_in_different_ways_are_all_paid(named: str) -> None:
    """The oldest order is named nowhere and stays open."""
    reseller = make_reseller(established_by_staff=True)
    oldest, order, other = (place(reseller) for _ in range(3))
    bring(camt(Payment("2158.20", named.format(order=order, other=other), name="Somebody")))
    assert [one.paid_on is not None for one in (oldest, order, other)] == [False, True, True]


def test_R18_a_reference_of_one_reseller_and_an_order_of_another_wait_for_a_person() -> None:
    order, other = place(make_reseller("Romashka")), place(make_reseller("Lotos"))
    assert bring(camt(Payment(PRICE, f"{order.reference} {other.id}"))) == {"waiting": 1}
    assert the_entry().hurdle == "several_resellers"


def test_R18_a_cancelled_order_that_is_named_besides_a_reference_hinders_nothing() -> None:
    reseller = make_reseller()
    order, old = place(reseller), place(reseller)
    service.cancel_order(old.id, "mistake", by_staff=True)
    assert bring(camt(Payment(PRICE, f"{order.reference} instead of {old.id}"))) == {"booked": 1}
    assert order.paid_on == today()


def test_R18_a_payer_and_the_only_sum_of_its_open_orders() -> None:
    reseller = make_reseller("Romashka", legal_name="ООО «Ромашка»")
    order = place(reseller)
    assert bring(camt(Payment(PRICE, "for software", name='Общество с ограниченной ответственностью "РОМАШКА"'))) == {
        "booked": 1
    }
    assert order.paid_on == today()
    assert the_entry().reason == "sum"


def test_R18_two_equal_orders_of_one_payer_are_no_certainty() -> None:
    reseller = make_reseller("Romashka", legal_name="Romashka Ltd")
    for _ in range(2):
        place(reseller)
    assert bring(camt(Payment(PRICE, "for software"))) == {"waiting": 1}
    assert (the_entry().hurdle, the_entry().reseller_id) == ("several_sums", reseller.id)


def test_R18_a_payers_account_is_known_only_from_confirmed_matches() -> None:
    reseller = make_reseller("Romashka")
    first = place(reseller)
    unknown = Payment(PRICE, "no word", name="Holding of theirs")
    assert bring(camt(unknown)) == {"waiting": 1}
    bring(camt(Payment(PRICE, first.reference, name="Holding of theirs")))
    assert [one.reseller_id for one in db.session.query(PayerAccount)] == [reseller.id]
    second = place(reseller)
    assert bring(camt(Payment(PRICE, "again no word", name="?"))) == {"waiting": 1, "booked": 2}
    assert second.paid_on == today()


def test_R12_money_for_a_lapsed_pro_forma_waits_and_staff_reinstate_it_at_the_old_price() -> None:
    reseller, staff = make_reseller(), make_user("Mari", staff=True)
    order = place(reseller)
    order.valid_until = today() - timedelta(days=1)
    assert bring(camt(Payment(PRICE, order.reference))) == {"waiting": 1}
    assert the_entry().hurdle == "lapsed"
    bank_entries.decide(the_entry().id, reseller.id, [order.id], staff_id=staff.id)
    assert order.paid_on == today()


def test_R12_or_they_leave_it_as_credit_on_account() -> None:
    reseller, staff = make_reseller(), make_user("Mari", staff=True)
    order = place(reseller)
    order.valid_until = today() - timedelta(days=1)
    bring(camt(Payment(PRICE, order.reference)))
    bank_entries.decide(the_entry().id, reseller.id, [], staff_id=staff.id)
    assert order.paid_on is None
    assert balances.credit_on_account(reseller.id, "USD") == order.total


def test_R12_money_that_was_received_in_time_pays_though_it_is_imported_late() -> None:
    with at(utcnow() - timedelta(days=31)):
        order = place(make_reseller())
    assert order.valid_until == today() - timedelta(days=1)
    assert bring(camt(Payment(PRICE, order.reference, day=today() - timedelta(days=1)))) == {"booked": 1}
    assert order.paid_on == today() - timedelta(days=1)


def test_R18_an_order_that_was_cancelled_meanwhile_leaves_the_entry_to_a_person() -> None:
    order = place(make_reseller())
    data = camt(Payment(PRICE, order.reference))
    db.session.commit()
    (entry_id,) = imports.keep(imports.preview(read_statement(data)), data, "file.xml", by=None).matched
    service.cancel_order(order.id, "mistake", by_staff=True)
    assert not bank_entries.book_matched(entry_id)
    assert (the_entry().state, the_entry().hurdle) == ("waiting", "cancelled")


def test_R18_another_currency_is_never_converted() -> None:
    reseller = make_reseller(currency="EUR")
    order = place(reseller)
    assert bring(camt(Payment(PRICE, order.reference))) == {"waiting": 1}
    assert the_entry().hurdle == "currency"
    with pytest.raises(Refused):
        bank_entries.decide(the_entry().id, reseller.id, [], staff_id=make_user("Mari").id)


def test_R18_a_wrong_match_is_undone_and_what_it_taught_is_forgotten() -> None:
    order, staff = place(make_reseller()), make_user("Mari", staff=True)
    bring(camt(Payment(PRICE, order.reference)))
    bank_entries.undo(the_entry().id, "not theirs", staff_id=staff.id)
    assert (the_entry().state, order.paid_on) == ("waiting", None)
    assert db.session.query(PayerAccount).count() == 0
    other = make_reseller("Lotos")
    owed = place(other)
    bank_entries.decide(the_entry().id, other.id, [owed.id], staff_id=staff.id)
    assert owed.paid_on == today()


def test_R18_money_that_went_back_undoes_its_transfer() -> None:
    order, staff = place(make_reseller()), make_user("Mari", staff=True)
    bring(camt(Payment(PRICE, order.reference)))
    assert bring(camt(Payment(f"-{PRICE}", "returned", reversal=True))) == {"booked": 1, "waiting": 1}
    back = db.session.query(BankEntry).filter_by(hurdle="returned").one()
    paid = db.session.query(Transfer).one()
    bank_entries.settle_return(back.id, paid.id, "recalled by the bank", staff_id=staff.id)
    assert (order.paid_on, back.state) == (None, "booked")


def test_what_the_vendor_pays_to_others_is_not_kept() -> None:
    assert bring(camt(Payment("-50.00", "rent"), Payment("5.00", "?"))) == {"waiting": 1}


def test_R18_the_statement_of_another_account_is_shown_and_never_booked() -> None:
    order = place(make_reseller())
    data = camt(Payment(PRICE, order.reference), account="DE89370400440532013000")
    db.session.commit()
    seen = imports.preview(read_statement(data))
    assert (len(seen.foreign), seen.rows) == (1, [])
    assert bring(data, reason="anyway") == {}


def test_R18_a_file_that_does_not_add_up_needs_a_reason() -> None:
    order = place(make_reseller())
    data = camt(Payment(PRICE, order.reference), wrong_by="0.01")
    with pytest.raises(Refused):
        bring(data)
    assert bring(data, reason="the bank says so") == {"booked": 1}


@pytest.mark.parametrize(
    ("written", "currency", "ours"),
    [
        ("EE382200221020145685", "USD", True),
        ("EE38 2200 2210 2014 5685", "EUR", True),
        ("EE382200221020145685EUR", "EUR", True),
        ("221020145685", "EUR", True),
        ("2200/221020145685", "EUR", True),
        ("DEMOEE2XXXX/221020145685EUR", "EUR", True),
        ("2200/5", "EUR", False),
        ("2200/0", "EUR", False),
        ("40702810900000000017", "RUB", True),
        ("40702810900000000017", "USD", False),
        ("45685", "EUR", False),
        ("DE89370400440532013000", "EUR", False),
        ("", "EUR", False),
    ],
)
def test_R18_an_account_is_ours_however_the_bank_writes_it(written: str, currency: str, ours: bool) -> None:
    assert (imports.find_account(written, currency) is not None) == ours


@pytest.mark.parametrize(
    ("line", "ours"),
    [
        ("25:50010517/1234567", True),
        ("25:INGDDEFF/1234567EUR", True),
        ("25P:1234567\nINGDDEFFXXX", True),
        ("25P:1234567\nDEUTDEFFXXX", False),
        ("25:10020030/1234567", False),
        ("25:50010517/234567", False),
        ("25:1234567", False),
    ],
)
def test_R18_a_short_account_number_is_ours_only_at_our_bank(
    line: str, ours: bool, settings: Callable[..., Settings]
) -> None:
    vendor = current_settings().vendor
    account = replace(vendor.accounts["EUR"], number="DE28500105170001234567", bic="INGDDEFFXXX")
    settings(vendor=replace(vendor, accounts={"EUR": account}))
    data = f":20:1\n:{line}\n:28C:1\n:60F:C260316EUR0,00\n:61:260316C5,00NTRFNONREF\n:62F:C260316EUR5,00\n-"
    assert bool(imports.ours_of(read_statement(data.encode()))) is ours


@pytest.fixture
def run(app: Flask, tmp_path: Path) -> Callable[..., Any]:
    def import_file(data: bytes, *options: str) -> Any:
        db.session.commit()
        file = tmp_path / "statement.xml"
        file.write_bytes(data)
        result = FlaskCliRunner(app).invoke(args=["payments", "import", str(file), *options])
        db.session.expire_all()
        return result

    return import_file


def test_R18_the_command_shows_first_and_books_then(run: Callable[..., Any]) -> None:
    order = place(make_reseller())
    data = camt(Payment(PRICE, order.reference), Payment("5.00", "?", name="Nobody"))
    shown = run(data, "--dry-run")
    assert (shown.exit_code, order.paid_on) == (0, None)
    assert "1 to book, 1 for a person, 0 known already" in shown.output
    assert order.id in shown.output
    done = run(data)
    assert (done.exit_code, order.paid_on) == (0, today())
    assert "1 booked, 1 wait for a person" in done.output


def test_R18_the_command_names_resellers_and_tells_what_it_leaves_alone(run: Callable[..., Any]) -> None:
    order = place(make_reseller("Romashka"))
    shown = run(
        camt(Payment(PRICE, order.reference), Payment("7.00", "to come", status="PDNG"), Payment("-3.00", "a fee")),
        "--dry-run",
    )
    assert f"Romashka: {order.id} (reference)" in shown.output
    assert "1 not booked by the bank yet (pending)" in shown.output
    assert "1 went out or are empty: left out" in shown.output


def test_R18_what_stands_in_a_file_twice_under_one_id_is_announced_once(run: Callable[..., Any]) -> None:
    order = place(make_reseller())
    twice = Payment("5.00", order.reference, bank_id="B-1")
    shown = run(camt(twice, twice), "--dry-run")
    assert "1 to book, 0 for a person, 0 known already" in shown.output
    assert "left out" not in shown.output


def test_R18_a_file_with_any_name_and_a_long_reason_is_booked(app: Flask, tmp_path: Path) -> None:
    order = place(make_reseller())
    file = tmp_path / os.fsdecode("выписка.xml".encode("cp1251"))
    file.write_bytes(camt(Payment(PRICE, order.reference), wrong_by="1", account=f"{IBAN:->80}"))
    db.session.commit()
    done = FlaskCliRunner(app).invoke(args=["payments", "import", str(file), "--accept-imbalance", "because " * 50])
    db.session.expire_all()
    assert (done.exit_code, order.paid_on) == (0, today())
    kept = db.session.query(BankFile).one()
    assert (kept.name, len(kept.accepted_reason)) == ("�������.xml", 300)


def test_R16_R18_money_that_the_bank_credits_later_is_booked_on_that_day(
    run: Callable[..., Any], work: Callable[[], int]
) -> None:
    first, second = place(make_reseller("Romashka")), place(make_reseller("Lotos"))
    later = today() + timedelta(days=2)
    done = run(camt(Payment(PRICE, first.reference, value_day=later), Payment(PRICE, second.reference)))
    assert (done.exit_code, first.paid_on, second.paid_on) == (0, None, today())
    assert "1 of them on their value date" in done.output
    assert "1 booked, 0 wait for a person" in done.output
    work()
    db.session.expire_all()
    assert first.paid_on is None
    with at(utcnow() + timedelta(days=2)):
        work()
        db.session.expire_all()
        assert first.paid_on == later


def test_R18_the_command_refuses_with_the_place(run: Callable[..., Any]) -> None:
    order = place(make_reseller())
    cut = run(camt(Payment(PRICE, order.reference))[:-40])
    assert (cut.exit_code, db.session.query(BankEntry).count()) == (1, 0)
    unsound = camt(Payment(PRICE, order.reference), wrong_by="7")
    assert (run(unsound, "--dry-run").exit_code, run(unsound).exit_code) == (0, 1)
    assert run(unsound, "--accept-imbalance", "the bank says so").exit_code == 0
    assert order.paid_on == today()


def test_R18_what_an_interrupted_import_left_is_booked_by_the_worker(work: Callable[[], int]) -> None:
    order = place(make_reseller())
    data = camt(Payment(PRICE, order.reference))
    db.session.commit()
    imports.keep(imports.preview(read_statement(data)), data, "file.xml", by=None)
    work()
    assert order.paid_on == today()


def test_R18_a_transfer_confirmed_by_hand_meanwhile_leaves_the_money_on_account() -> None:
    """There it pays the order as soon as what was confirmed by hand is undone."""
    order = place(make_reseller())
    pay(order)
    bring(camt(Payment(PRICE, order.reference)))
    assert balances.credit_on_account(order.reseller_id, "USD") == order.total
    assert transfers.undo_transfer(db.session.query(Transfer).order_by(Transfer.id).all()[0].id, "twice") == []
    assert (order.paid_on, balances.credit_on_account(order.reseller_id, "USD").minor) == (today(), 0)
