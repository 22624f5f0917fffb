"""A part of an order is cancelled: sums, papers, licenses, money, letters, pages (R12, R14, R16, R18, R21, R23)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.clock import at, today, utcnow
from dashboard.errors import InvalidInput, Refused
from dashboard.fulfilment import bookkeeping, part_cancellations, service, transfers
from dashboard.invoices import service as invoices
from dashboard.invoices.models import Paper
from dashboard.invoices.rules import PaperKind
from dashboard.ledger import balances
from dashboard.ledger.rules import Account, EntryKind
from dashboard.licenses import service as licenses
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from dashboard.statements import interest
from dashboard.statements import service as statements
from tests.factories import EDITOR, VIEWER, cancel_part, make_key, make_reseller, pay, place

Db = scoped_session[Session]

#: Partner prices of a viewer and an editor.
VIEWER_COSTS, EDITOR_COSTS = 107_910, 53_910


def established(**facts: str) -> Reseller:
    return make_reseller(established_by_staff=True, **facts)


def papers(order: Order, *kinds: PaperKind) -> list[Paper]:
    return [paper for paper in invoices.find_papers(order.id) if paper.kind in kinds]


def charged(order: Order) -> int:
    """What invoices and credit notes charge together."""
    return sum(paper.total_minor for paper in papers(order, *(set(PaperKind) - {PaperKind.PRO_FORMA})))


def on_account(order: Order) -> int:
    return balances.credit_on_account(order.reseller_id, order.currency).minor


def valid(order: Order) -> list[tuple[int, int]]:
    """Position and quantity of each license that holds."""
    return [(one.position, one.quantity) for one in licenses.of_order(order.id) if one.revoked_at is None]


def check_row(order: Order) -> None:
    """The facts that lists show of an order are those of its lines, papers and entries."""
    assert order.net_minor == sum(line.quantity * line.partner_minor for line in order.lines)
    assert order.retail_minor == sum(line.quantity * line.retail_minor for line in order.lines)
    assert order.total_minor == order.net_minor + order.tax_minor
    still_open = balances.open_amount(order.id)
    assert still_open.minor >= 0
    assert (order.paid_on is not None) == (not still_open)
    settled = {EntryKind.ALLOCATION, EntryKind.BANK_FEE}
    entries = [one for one in balances.entries_on(order.id) if one.account == Account.PRINCIPAL]
    assert order.total_minor == sum(one.minor for one in entries if one.kind not in settled)
    if order.invoice_number:
        assert order.total_minor == charged(order)


def test_R12_R27_a_credit_order_gets_a_credit_note_over_the_part(db: Db) -> None:
    order = place(established(), [(VIEWER, 3), (EDITOR, 1)])
    whole = order.total_minor
    cancel_part(order, 2)
    [invoice], [note] = papers(order, PaperKind.INVOICE), papers(order, PaperKind.CREDIT_NOTE)
    assert (invoice.total_minor, note.total_minor) == (whole, -2 * VIEWER_COSTS)
    assert [(line.position, line.quantity) for line in note.content.lines] == [(1, -2)]
    assert note.content.corrects == (invoice.number, invoice.issued_on)
    assert (order.lines[0].quantity, order.lines[0].cancelled, order.total_minor) == (1, 2, whole - 2 * VIEWER_COSTS)
    assert balances.open_amount(order.id) == order.total
    assert (order.due_on, order.cancelled_at) == (today() + timedelta(days=30), None)
    check_row(order)


def test_R12_what_is_left_can_be_cancelled_later_and_comes_to_nothing(db: Db) -> None:
    order = pay(place(make_reseller(country="US", state="TX"), [(VIEWER, 3), (EDITOR, 2)]))
    whole = order.total_minor
    cancel_part(order, 1)
    cancel_part(order, 1, 1)
    check_row(order)
    service.cancel_order(order.id, "all of it", by_staff=True)
    assert (charged(order), on_account(order), balances.open_amount(order.id).minor) == (0, whole, 0)
    assert valid(order) == []
    assert balances.paid_orders(order.reseller_id) == 0


def test_R12_all_pieces_are_the_whole_order(db: Db) -> None:
    order = place(established(), [(VIEWER, 2), (EDITOR, 1)])
    cancel_part(order, 2)
    cancel_part(order, 0, 1)
    assert order.cancelled_at is not None
    assert charged(order) == 0


def test_R12_a_pro_forma_is_replaced_by_one_for_the_rest(db: Db, work: Callable[[], int]) -> None:
    order = place(make_reseller(), [(VIEWER, 2), (EDITOR, 1)])
    until = order.valid_until
    cancel_part(order, 1, 1)
    old, new = papers(order, PaperKind.PRO_FORMA)
    assert (new.number, new.total_minor, new.content.reference) == (f"{old.number}-2", VIEWER_COSTS, order.reference)
    assert new.content.valid_until == until
    assert [(line.position, line.quantity) for line in new.content.lines] == [(1, 1)]
    work()
    with at(utcnow() + timedelta(minutes=1)):  # the first letter waits for the paper that holds
        work()
    with pytest.raises(Refused, match="not to be paid any more"):
        invoices.download(order, old.number)
    assert invoices.download(order, new.number).status_code == 200
    letter = db.scalars(select(Letter).where(Letter.kind == "order_part_cancelled")).one()
    assert [file["name"] for file in letter.attachments] == [new.file_name]
    assert "$1,079.10" in letter.text
    assert "too many" in letter.text
    first = db.scalars(select(Letter).where(Letter.kind == "order_pro_forma")).one()
    assert [file["name"] for file in first.attachments] == [new.file_name], "written late, it brings what holds"
    pay(order)
    [invoice] = papers(order, PaperKind.INVOICE)
    assert (invoice.total_minor, valid(order)) == (VIEWER_COSTS, [(1, 1)])
    check_row(order)


def test_R12_R18_what_came_in_may_pay_the_rest(db: Db, work: Callable[[], int]) -> None:
    """A part of the transfer was missing; now it is enough: license, invoice, and the rest on account."""
    make_key()
    order = pay(place(make_reseller(), [(VIEWER, 2)]), Money(VIEWER_COSTS + 500, "USD"))
    assert order.paid_on is None
    cancel_part(order, 1)
    [invoice] = papers(order, PaperKind.INVOICE)
    assert (order.paid_on, invoice.total_minor, on_account(order)) == (today(), VIEWER_COSTS, 500)
    assert valid(order) == [(1, 1)]
    assert balances.paid_orders(order.reseller_id) == 1
    check_row(order)
    work()
    letter = db.scalars(select(Letter).where(Letter.kind == "order_part_cancelled")).one()
    assert [file["name"] for file in letter.attachments] == [invoice.file_name]


def test_R12_R18_money_that_is_free_pays_what_is_owed_oldest_first(db: Db) -> None:
    reseller = established()
    paid = pay(place(reseller, [(VIEWER, 3)]))
    older, newer = place(reseller, [(EDITOR, 1)]), place(reseller)
    older.placed_on = older.placed_on - timedelta(days=1)
    balances.find_receivables([older.id])[0].due_on = today() + timedelta(days=1)
    cancel_part(paid, 1)
    assert older.paid_on == today()
    assert balances.open_amount(newer.id).minor == VIEWER_COSTS - (VIEWER_COSTS - EDITOR_COSTS)
    assert (paid.paid_on, on_account(paid)) == (today(), 0)
    check_row(paid)


def test_R12_freed_money_is_paid_back_and_told(db: Db, work: Callable[[], int]) -> None:
    order = pay(place(make_reseller(), [(VIEWER, 2)]))
    cancel_part(order, 1)
    seen = balances.newest_entry(order.reseller_id)
    bookkeeping.refund(order.reseller_id, Money(VIEWER_COSTS, "USD"), today(), "asked for it", seen=seen)
    assert on_account(order) == 0
    assert valid(order) == [(1, 1)], "the license of the rest stays"
    work()
    letter = db.scalars(select(Letter).where(Letter.kind == "credit_refunded")).one()
    assert "$1,079.10" in letter.text


def test_R14_a_part_cancelled_order_that_is_paid_counts_and_a_cancelled_one_does_not(db: Db) -> None:
    reseller = make_reseller()
    partly, wholly, third = (pay(place(reseller, [(VIEWER, 2)])) for _ in range(3))
    cancel_part(partly, 1)
    assert balances.paid_orders(reseller.id) == 3
    cancel_part(wholly, 2)
    assert balances.paid_orders(reseller.id) == 2
    cancel_part(third, 1)
    assert balances.paid_orders(reseller.id) == 2


def test_R12_R23_a_smaller_quantity_makes_a_new_file_with_the_same_dates(db: Db, work: Callable[[], int]) -> None:
    make_key()
    with at(utcnow() - timedelta(days=20)):
        order = place(established(), [(VIEWER, 3), (EDITOR, 1)])
        work()
    old = {one.position: one for one in licenses.of_order(order.id)}
    cancel_part(order, 1, 1)
    work()
    db.expire_all()
    [new] = [one for one in licenses.of_order(order.id) if one.revoked_at is None]
    assert (new.quantity, new.position, new.serial != old[1].serial) == (2, 1, True)
    assert (new.issued_on, new.updates_until, new.user_id) == (
        old[1].issued_on, old[1].updates_until, old[1].user_id
    )  # fmt: skip
    assert set(licenses.revoked_serials()) == {old[1].serial, old[2].serial}
    for one in old.values():
        with pytest.raises(Refused, match="revoked"):
            licenses.download(one)
    assert new.digest is not None
    assert order.license_state == "issued"


def test_R21_R25_the_customer_is_told_without_a_word_of_money(db: Db, work: Callable[[], int]) -> None:
    make_key()
    order = place(established(), [(VIEWER, 3), (EDITOR, 1)])
    work()
    viewer, editor = licenses.of_order(order.id)
    cancel_part(order, 1, 1)
    work()
    told = list(db.scalars(select(Letter).where(Letter.recipient == order.customer_email).order_by(Letter.id)))
    assert [letter.kind for letter in told] == ["customer_license", "customer_revoked", "customer_license"]
    assert editor.serial in told[1].text
    assert viewer.serial not in told[1].text
    assert f"takes the place of license {viewer.serial}" in " ".join(told[2].text.split())
    for letter in told:
        assert "$" not in letter.text
        assert "USD" not in letter.text


def test_R21_each_part_is_told_of_by_itself(db: Db, work: Callable[[], int]) -> None:
    make_key()
    order = place(established(), [(VIEWER, 3), (EDITOR, 3)])
    work()
    for pieces in ((1, 0), (0, 1), (2, 0), (0, 1)):
        cancel_part(order, *pieces)
        work()
    kinds = [letter.kind for letter in db.scalars(select(Letter).where(Letter.recipient == order.customer_email))]
    assert sorted(kinds) == ["customer_license"] * 4 + ["customer_revoked"]
    assert len(list(db.scalars(select(Letter).where(Letter.kind == "order_part_cancelled")))) == 4


def test_R12_R22_a_temporary_license_sinks_too(db: Db) -> None:
    order = place(make_reseller(), [(VIEWER, 2), (EDITOR, 1)])
    service.ask_temporary(order.id, of=order.reseller_id)
    service.release_temporary(order.id)
    until = {one.expires_on for one in licenses.of_order(order.id)}
    cancel_part(order, 1, 1)
    assert (valid(order), {one.expires_on for one in licenses.of_order(order.id)}) == ([(1, 1)], until)
    pay(order)
    another = place(make_reseller("Other"), [(VIEWER, 3)])
    service.ask_temporary(another.id, of=another.reseller_id)
    service.release_temporary(another.id)
    pay(another)
    cancel_part(another, 1)
    assert valid(another) == [(1, 2)], "the permanent one alone"


def test_R16_interest_runs_on_the_reduced_principal_from_the_credit_notes_day(db: Db) -> None:
    """2,158.20 for ten days, 1,079.10 for the ten after them, at 12 %: 7.10 and 3.55."""
    with at(utcnow() - timedelta(days=50)):
        order = place(established(), [(VIEWER, 2)])
    balances.find_receivables([order.id])[0].interest_rate = 120_000
    with at(utcnow() - timedelta(days=10)):
        cancel_part(order, 1)
    assert interest.accrued(order.id, today() - timedelta(days=10)).minor == 710
    assert interest.accrued(order.id, today()).minor == 1064
    assert orders.state_of(order) == "overdue"


def test_R16_an_overdue_order_whose_rest_was_paid_is_settled_with_interest(db: Db) -> None:
    with at(utcnow() - timedelta(days=50)):
        order = place(established(), [(VIEWER, 2)])
    balances.find_receivables([order.id])[0].interest_rate = 120_000
    pay(order, Money(VIEWER_COSTS, "USD"), days_ago=20)
    cancel_part(order, 1)
    assert order.paid_on == today()
    assert balances.open_interest(order.id).minor == 710, "1,079.10 were late for twenty days"


def test_R17_the_statement_shows_the_rest(db: Db) -> None:
    order = place(established(), [(VIEWER, 2)])
    cancel_part(order, 1)
    content = statements.rehearse(order.reseller_id, statements.this_month())
    assert content is not None
    assert [(row.total_minor, row.open_minor) for row in content.rows] == [(VIEWER_COSTS, VIEWER_COSTS)]


def test_R18_a_transfer_that_is_undone_opens_the_rest(db: Db) -> None:
    order = pay(place(make_reseller(), [(VIEWER, 2)]))
    cancel_part(order, 1)
    transfers.undo_transfer(balances.transfers_of(order.id)[0], "returned by the bank")
    assert (balances.open_amount(order.id), order.paid_on, on_account(order)) == (order.total, None, 0)
    check_row(order)


def test_R18_R27_a_transfer_that_is_undone_asks_for_the_rest_alone(db: Db) -> None:
    order = pay(place(make_reseller(), [(VIEWER, 2)]))
    cancel_part(order, 1)
    transfers.undo_transfer(balances.transfers_of(order.id)[0], "returned by the bank")
    found = papers(order, PaperKind.PRO_FORMA)
    asked = [paper.total_minor for paper in found if paper not in invoices.withdrawn(order, found)]
    assert asked == [order.total_minor] == [VIEWER_COSTS]


def test_R12_what_was_written_off_sinks_before_money_is_free(db: Db) -> None:
    order = pay(place(established(), [(VIEWER, 3)]), Money(VIEWER_COSTS, "USD"))
    bookkeeping.write_off(order.reseller_id, order.id, "insolvent")
    cancel_part(order, 1)
    assert (on_account(order), order.written_off_on, balances.paid_orders(order.reseller_id)) == (0, today(), 0)
    cancel_part(order, 1)
    assert (on_account(order), order.written_off_on, balances.paid_orders(order.reseller_id)) == (0, None, 1)
    check_row(order)


def test_R18_charges_that_banks_kept_are_nobodys_credit(db: Db) -> None:
    order = place(established(), [(VIEWER, 2)])
    pay(order, order.total - Money(100, "USD"))
    assert order.paid_on is not None, "within the tolerance"
    cancel_part(order, 1)
    assert on_account(order) == VIEWER_COSTS
    service.cancel_order(order.id, "the rest too", by_staff=True)
    assert on_account(order) == 2 * VIEWER_COSTS - 100
    assert charged(order) == 0


def test_R12_a_part_is_refused_that_is_not_there(db: Db) -> None:
    order = place(established(), [(VIEWER, 2)])
    for pieces in ((3,), (-1,), (0,), (1, 1)):
        with pytest.raises(InvalidInput):
            cancel_part(order, *pieces)
    seen = part_cancellations.shown(order)
    cancel_part(order, 1)
    with pytest.raises(Refused, match="changed meanwhile"):
        service.cancel_part(order.id, {1: 1}, "clicked twice", seen=seen)
    assert not service.may_cancel_part(order)
    service.cancel_order(order.id, "all", by_staff=True)
    with pytest.raises(Refused, match="cancelled already"):
        cancel_part(order, 1)


def test_R28_tax_is_credited_at_the_invoices_own_rate(db: Db) -> None:
    order = place(established(country="US", state="TX"), [(VIEWER, 3)])
    cancel_part(order, 1)
    cancel_part(order, 1)
    assert [note.content.tax_minor for note in papers(order, PaperKind.CREDIT_NOTE)] == [-6744, -6745]
    assert (order.tax_minor, charged(order)) == (6744, VIEWER_COSTS + 6744)
    check_row(order)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_R11_R12_random_parts_in_any_order_lose_no_cent(app: object, db: Db, data: st.DataObject) -> None:
    """Paid or not, prepaid or on credit, taxed or not: after every step the row, the papers and the entries agree."""
    state = data.draw(st.sampled_from(["TX", "CA"]))
    reseller = make_reseller(country="US", state=state, established_by_staff=data.draw(st.booleans()))
    order = place(reseller, [(VIEWER, data.draw(st.integers(1, 4))), (EDITOR, data.draw(st.integers(1, 4)))])
    received = 0
    while order.cancelled_at is None:
        if order.paid_on is None and data.draw(st.booleans()):
            amount = data.draw(st.integers(1, order.total_minor + 500))
            transfers.confirm_payment(
                order.id, Money(amount, "USD"), today(), text="", staff_id=None, submit_key=f"{order.id}{received}"
            )
            received += amount
        left = [line.quantity for line in order.lines]
        pieces = data.draw(st.tuples(*(st.integers(0, count) for count in left)).filter(any))
        cancel_part(order, *pieces)
        fees = sum(-one.minor for one in balances.entries_on(order.id) if one.kind == "bank_fee")
        if order.cancelled_at is None:
            check_row(order)
            assert received == on_account(order) + order.total_minor - balances.open_amount(order.id).minor - fees
            if order.license_state == "issued":
                assert valid(order) == [(one.position, one.quantity) for one in order.present_lines]
    assert (charged(order), on_account(order), balances.open_amount(order.id).minor) == (0, received, 0)
    assert valid(order) == []
