"""What people do at the same moment happens once, on both databases; with the locks planted off the tests fail."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts import service as accounts
from dashboard.accounts.models import User
from dashboard.clock import today
from dashboard.errors import BusinessError, Refused
from dashboard.extensions import db as database
from dashboard.fulfilment import letters, licensing, part_cancellations, pricing, service, transfers
from dashboard.fulfilment.service import OrderRequest
from dashboard.invoices import service as invoices
from dashboard.invoices.models import Invoice, Paper
from dashboard.invoices.rules import PaperKind
from dashboard.ledger import balances
from dashboard.ledger.models import LedgerEntry
from dashboard.licenses import service as licenses
from dashboard.licenses.models import License
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.payments import service as payments
from dashboard.payments.models import Transfer
from dashboard.resellers.models import Reseller
from tests.factories import CUSTOMER, VIEWER, make_catalog, make_reseller, owner_of, place
from tests.threads import LONG_PATIENCE, PATIENCE, Locking, Rendezvous, at_once, locks_off

pytestmark = pytest.mark.usefixtures("db")

Action = Callable[[], Any]
_keys = itertools.count(1)


@pytest.fixture(params=["locked", "planted fault"])
def locking(
    request: pytest.FixtureRequest, db: scoped_session[Session], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Locking]:
    """Each test runs twice: as the product is, and with its locks planted off, where its checks must fail."""
    if request.param == "locked":
        yield Locking(nullcontext(), PATIENCE)
    else:
        with locks_off(monkeypatch):
            yield Locking(pytest.raises(AssertionError), LONG_PATIENCE)


def count(model: type[Any], *which: Any) -> int:
    return database.session.scalar(select(func.count()).select_from(model).where(*which)) or 0


def giving_its_id(function: Callable[..., Order], *args: Any, **kwargs: Any) -> Action:
    """Do it, and give the order's ID: the order itself ends with its session."""
    return lambda: function(*args, **kwargs).id


def confirm(order_id: str, total: Money, key: str = "") -> Action:
    """Confirm the order's transfer, in a form of one's own unless a key is given."""
    key = key or f"form{next(_keys)}"
    return giving_its_id(transfers.confirm_payment, order_id, total, today(), text="", staff_id=None, submit_key=key)


def cancel(order_id: str, *, of: int | None = None) -> Action:
    return giving_its_id(service.cancel_order, order_id, "changed our mind", by_staff=of is None, of=of)


def check_no_defect(results: list[Any]) -> None:
    """Whoever came too late was told so in words; no error of the database reached anybody."""
    defects = [one for one in results if isinstance(one, Exception) and not isinstance(one, BusinessError)]
    assert defects == []


def check_sums(reseller_id: int, currency: str) -> None:
    """Every cent that came in is on an order or on account, and nothing is paid twice."""
    entries = list(database.session.scalars(select(LedgerEntry).where(LedgerEntry.reseller_id == reseller_id)))
    received = sum(
        one.minor for one in database.session.scalars(select(Transfer).where(Transfer.reseller_id == reseller_id))
    )
    allocated = sum(-one.minor for one in entries if one.kind == "allocation" and one.receivable_id)
    assert sum(one.minor for one in entries if one.kind == "allocation") == 0
    assert received - allocated == balances.credit_on_account(reseller_id, currency).minor
    for order_id in {one.receivable_id for one in entries if one.receivable_id}:
        assert not balances.open_amount(order_id) < Money.zero(currency)


def check_paid_once(order_id: str, results: list[Any]) -> None:
    check_no_defect(results)
    assert sum(isinstance(one, str) for one in results) == 1
    assert sum(isinstance(one, Refused) for one in results) == len(results) - 1
    order = orders.get_order(order_id)
    assert order.paid_on == today()
    assert [paper.kind for paper in invoices.find_papers(order_id)] == [PaperKind.PRO_FORMA, PaperKind.INVOICE]
    assert len(licenses.of_order(order_id)) == 1
    assert count(Transfer) == 1
    assert count(LedgerEntry, LedgerEntry.kind == "allocation", LedgerEntry.receivable_id == order_id) == 1
    assert balances.open_amount(order_id) == Money(0, "USD")
    for kind in ("payment_received", "license_ready", "customer_license"):
        assert count(Letter, Letter.kind == kind) == 1


@pytest.mark.parametrize("staff", [2, 8])
def test_R18_staff_confirm_one_transfer_at_the_same_moment(
    app: Flask, monkeypatch: pytest.MonkeyPatch, locking: Locking, staff: int
) -> None:
    """Each from a page of one's own: one invoice, one license, one allocation; the others are refused."""
    order = place(make_reseller())
    locking.meeting(staff).before(monkeypatch, payments, "book_transfer")
    locking.meeting_after_writes(staff).before(monkeypatch, licensing, "issue_permanent")
    results = at_once(app, [confirm(order.id, order.total) for _ in range(staff)])
    with locking.checks:
        check_paid_once(order.id, results)


def test_R18_one_form_sent_twice_at_the_same_moment_books_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, locking: Locking
) -> None:
    """A double click: both answers show the paid order, neither is a refusal."""
    order = place(make_reseller())
    locking.meeting(2).after(monkeypatch, payments, "find_transfer")
    results = at_once(app, [confirm(order.id, order.total, key="one form") for _ in range(2)])
    with locking.checks:
        assert results == [order.id] * 2
        assert (count(Transfer), len(licenses.of_order(order.id)), count(Invoice)) == (1, 1, 1)


def placing(reseller: Reseller, submit_key: str) -> Action:
    """Place the order that a review page has shown."""
    make_catalog()
    request = OrderRequest(lines=[(VIEWER, 1)], customer=CUSTOMER)
    seen = pricing.estimate(reseller.id, request.lines).shown()
    return giving_its_id(
        service.place_order, reseller.id, owner_of(reseller), request, seen=seen, submit_key=submit_key
    )


@pytest.mark.parametrize("clicks", [2, 5])
def test_R10_one_review_page_sent_several_times_at_the_same_moment_makes_one_order(
    app: Flask, monkeypatch: pytest.MonkeyPatch, locking: Locking, clicks: int
) -> None:
    reseller = make_reseller()
    locking.meeting(clicks).after(monkeypatch, orders, "find_by_submit_key")
    results = at_once(app, [placing(reseller, "one page")] * clicks)
    with locking.checks:
        check_no_defect(results)
        assert len(set(results)) == 1
        assert (count(Order), count(Paper), count(Letter, Letter.kind == "order_pro_forma")) == (1, 1, 1)
        check_sums(reseller.id, "USD")


def test_R15_the_terms_that_were_reviewed_hold_for_one_of_two_orders_at_the_same_moment(app: Flask) -> None:
    """Both see credit; both get it, since neither makes the other late: no order is lost."""
    reseller = make_reseller(established_by_staff=True)
    results = at_once(app, [placing(reseller, "first"), placing(reseller, "second")])
    check_no_defect(results)
    assert sorted(orders.get_order(one).invoice_number[-6:] for one in results) == ["000001", "000002"]


@pytest.mark.parametrize("by_staff", [True, False])
def test_R12_cancelling_and_confirming_at_the_same_moment(
    app: Flask, monkeypatch: pytest.MonkeyPatch, locking: Locking, by_staff: bool
) -> None:
    """Whoever comes second sees what the first has done."""
    reseller = make_reseller()
    order = place(reseller)
    rendezvous = locking.meeting(2)
    rendezvous.before(monkeypatch, letters, "payment_received")
    rendezvous.after(monkeypatch, licenses, "revoke")
    actions = [confirm(order.id, order.total), cancel(order.id, of=None if by_staff else reseller.id)]
    results = at_once(app, actions)
    with locking.checks:
        check_no_defect(results)
        check_cancelled_or_paid(order.id, by_staff, results)
        check_sums(reseller.id, "USD")


def check_cancelled_or_paid(order_id: str, by_staff: bool, results: list[Any]) -> None:
    confirmed, cancelled = (isinstance(one, str) for one in results)
    order, kinds = orders.get_order(order_id), [paper.kind for paper in invoices.find_papers(order_id)]
    assert confirmed or cancelled
    assert by_staff or confirmed != cancelled
    assert (order.paid_on is not None, order.cancelled_at is not None) == (confirmed, cancelled)
    assert kinds[1:] == [PaperKind.INVOICE] * confirmed + [PaperKind.CREDIT_NOTE] * (confirmed and cancelled)
    assert [one.revoked_at is not None for one in licenses.of_order(order_id)] == [cancelled] * confirmed
    assert balances.open_amount(order_id) == Money(0, "USD")
    account = balances.credit_on_account(order.reseller_id, "USD")
    assert account == (order.total if confirmed and cancelled else Money(0, "USD"))


def test_R12_two_staff_cancel_one_order_at_the_same_moment(
    app: Flask, monkeypatch: pytest.MonkeyPatch, locking: Locking
) -> None:
    order = place(make_reseller(established_by_staff=True))
    locking.meeting(2).before(monkeypatch, licenses, "revoke")
    results = at_once(app, [cancel(order.id), cancel(order.id)])
    with locking.checks:
        check_no_defect(results)
        assert sum(isinstance(one, Refused) for one in results) == 1
        assert [paper.kind for paper in invoices.find_papers(order.id)] == [PaperKind.INVOICE, PaperKind.CREDIT_NOTE]
        assert balances.open_amount(order.id) == Money(0, "USD")


def cancel_part(order_id: str, pieces: int) -> Action:
    """Cancel pieces of the only line, as a page of one's own has shown it."""
    seen = part_cancellations.shown(orders.get_order(order_id))
    return giving_its_id(service.cancel_part, order_id, {1: pieces}, "too many", seen=seen)


@pytest.mark.parametrize("pieces", [(1, 1), (2, 3)])
def test_R12_two_staff_cancel_parts_of_one_line_at_the_same_moment(
    app: Flask, monkeypatch: pytest.MonkeyPatch, locking: Locking, pieces: tuple[int, int]
) -> None:
    """The second one sees that the order was changed: nothing is credited twice, and never more than there is."""
    order = place(make_reseller(established_by_staff=True), [(VIEWER, 4)])
    price = order.lines[0].partner_minor
    locking.meeting(2).before(monkeypatch, part_cancellations, "carry_out")
    results = at_once(app, [cancel_part(order.id, one) for one in pieces])
    with locking.checks:
        check_no_defect(results)
        assert sorted(isinstance(one, Refused) for one in results) == [False, True]
        [done] = [one for one, result in zip(pieces, results, strict=True) if isinstance(result, str)]
        order = orders.get_order(order.id)
        assert (order.lines[0].quantity, order.lines[0].cancelled) == (4 - done, done)
        assert [one.quantity for one in licenses.valid_of(order.id)] == [4 - done]
        notes = [one.total_minor for one in invoices.find_papers(order.id) if one.kind == PaperKind.CREDIT_NOTE]
        assert notes == [-done * price]
        assert balances.open_amount(order.id) == order.total


def test_R12_R18_a_part_is_cancelled_and_the_transfer_confirmed_at_the_same_moment(
    app: Flask, monkeypatch: pytest.MonkeyPatch, locking: Locking
) -> None:
    """Whoever comes first: one license over what is left, and every cent is on the order or on account."""
    reseller = make_reseller()
    order = place(reseller, [(VIEWER, 3)])
    whole = order.total
    rendezvous = locking.meeting(2)
    rendezvous.before(monkeypatch, payments, "book_transfer")
    rendezvous.before(monkeypatch, part_cancellations, "carry_out")
    results = at_once(app, [confirm(order.id, whole), cancel_part(order.id, 1)])
    with locking.checks:
        check_no_defect(results)
        assert results == [order.id] * 2
        order = orders.get_order(order.id)
        assert (order.lines[0].quantity, order.paid_on) == (2, today())
        assert [one.quantity for one in licenses.valid_of(order.id)] == [2]
        charged = sum(one.total_minor for one in invoices.find_papers(order.id) if one.kind != PaperKind.PRO_FORMA)
        assert charged == order.total_minor
        assert balances.open_amount(order.id) == Money.zero("USD")
        assert balances.credit_on_account(reseller.id, "USD") == whole - order.total
        check_sums(reseller.id, "USD")


def test_R22_a_temporary_license_is_asked_for_once_at_the_same_moment(
    app: Flask, settings: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, locking: Locking
) -> None:
    settings(release_temporary_at_once=True)
    reseller = make_reseller()
    order = place(reseller)
    locking.meeting(2).before(monkeypatch, service, "utcnow")
    results = at_once(app, [giving_its_id(service.ask_temporary, order.id, of=reseller.id)] * 2)
    with locking.checks:
        check_no_defect(results)
        assert sum(isinstance(one, Refused) for one in results) == 1
        assert len(licenses.of_order(order.id)) == 1


def test_R14_orders_paid_at_the_same_moment_make_a_reseller_established_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    reseller = make_reseller()
    placed = [place(reseller) for _ in range(3)]
    Rendezvous(3).before(monkeypatch, payments, "book_transfer")
    results = at_once(app, [confirm(order.id, order.total) for order in placed])
    check_no_defect(results)
    assert database.session.get_one(Reseller, reseller.id).established_at is not None
    assert count(Letter, Letter.kind == "reseller_established") == 1
    check_sums(reseller.id, "USD")


def test_R21_two_resellers_sell_to_one_new_customer_at_the_same_moment(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One account is made, and both licenses are attached to it."""
    placed = [place(make_reseller(name)) for name in ("Romashka", "Lotos")]
    Rendezvous(2).before(monkeypatch, accounts, "customer_account")
    results = at_once(app, [confirm(order.id, order.total) for order in placed])
    check_no_defect(results)
    assert count(User, User.email_key == CUSTOMER["email"]) == 1
    assert len({one.user_id for one in database.session.scalars(select(License))}) == 1
    assert count(License) == 2


def numbers_taken_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: a counter that a failing transaction does not put back."""
    counter = itertools.count(1)
    monkeypatch.setattr(invoices, "_next_number", lambda _kind, _year: next(counter))


@pytest.mark.parametrize("planted", [False, True])
def test_R27_invoice_numbers_have_no_gaps_when_some_transactions_fail(
    app: Flask, monkeypatch: pytest.MonkeyPatch, planted: bool
) -> None:
    placed = [place(make_reseller(f"R{number}"), email=f"c{number}@nordwind.example") for number in range(9)]
    if planted:
        numbers_taken_outside(monkeypatch)

    def failing(action: Action) -> Action:
        def carry_out() -> None:
            action()
            raise Refused("Something after the invoice said no.")

        return carry_out

    actions = [confirm(order.id, order.total) for order in placed]
    results = at_once(app, [failing(one) if number % 2 else one for number, one in enumerate(actions[:8])])
    results += at_once(app, actions[8:])
    check_no_defect(results)
    numbers = [int(one.number[-6:]) for one in database.session.scalars(select(Invoice).order_by(Invoice.sequence))]
    assert len(numbers) == 5
    with pytest.raises(AssertionError) if planted else nullcontext():
        assert numbers == [1, 2, 3, 4, 5]


def test_R27_numbers_read_without_the_counters_lock_are_found_out(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: the next number is looked up, not taken."""
    placed = [place(make_reseller(f"R{number}"), email=f"c{number}@nordwind.example") for number in range(2)]
    rendezvous = Locking(nullcontext(), LONG_PATIENCE).meeting_after_writes(2)

    def look_up(_kind: Any, _year: int) -> int:
        last = database.session.scalar(select(func.max(Invoice.sequence))) or 0
        rendezvous.meet()
        return last + 1

    monkeypatch.setattr(invoices, "_next_number", look_up)
    with locks_off(monkeypatch):
        results = at_once(app, [confirm(order.id, order.total) for order in placed])
    with pytest.raises(AssertionError):
        check_no_defect(results)
