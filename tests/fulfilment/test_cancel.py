"""Cancelling, and temporary licenses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dashboard.clock import today, utcnow
from dashboard.config import Settings
from dashboard.errors import NotFound, Refused
from dashboard.extensions import db
from dashboard.fulfilment import service
from dashboard.invoices import service as invoices
from dashboard.invoices.rules import PaperKind
from dashboard.ledger import balances
from dashboard.licenses import service as licenses
from dashboard.licenses.rules import LicenseKind
from dashboard.mail import service as mail
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.outbox.models import OutboxItem
from dashboard.resellers.models import Member
from tests.client import Client
from tests.factories import make_key, make_reseller, make_user, pay, place
from tests.smtp import MailServer, free_port

pytestmark = pytest.mark.usefixtures("app")


def test_R12_a_reseller_cancels_an_order_without_money() -> None:
    reseller = make_reseller()
    order = place(reseller)
    service.cancel_order(order.id, "ordered twice", by_staff=False, of=reseller.id)
    assert order.cancelled_at is not None
    assert balances.open_amount(order.id) == Money(0, "USD")
    assert [paper.kind for paper in invoices.find_papers(order.id)] == [PaperKind.PRO_FORMA]


def test_R12_a_reseller_cannot_cancel_with_money_or_license() -> None:
    reseller = make_reseller()
    part = pay(place(reseller), Money(100, "USD"))
    paid = pay(place(reseller))
    for order in (part, paid):
        with pytest.raises(Refused):
            service.cancel_order(order.id, "no", by_staff=False, of=reseller.id)
        assert order.cancelled_at is None


def test_R12_staff_cancel_a_paid_order_credit_note_and_credit_on_account() -> None:
    reseller = make_reseller()
    order = pay(place(reseller))
    service.cancel_order(order.id, "returned", by_staff=True)
    kinds = [paper.kind for paper in invoices.find_papers(order.id)]
    assert kinds == [PaperKind.PRO_FORMA, PaperKind.INVOICE, PaperKind.CREDIT_NOTE]
    assert sum(paper.total_minor for paper in invoices.find_papers(order.id)[1:]) == 0
    assert balances.credit_on_account(reseller.id, "USD") == order.total
    assert all(one.revoked_at for one in licenses.of_order(order.id))
    with pytest.raises(Refused, match="revoked"):
        licenses.download(licenses.of_order(order.id)[0])


def test_R12_the_customer_is_told_of_a_revoked_license() -> None:
    order = pay(place(make_reseller()))
    service.cancel_order(order.id, "returned", by_staff=True)
    told = {letter.recipient for letter in db.session.query(Letter).filter_by(kind="customer_revoked")}
    assert told == {order.customer_email}


def moot_letters() -> dict[str, str]:
    """Why letters were not sent, by their kind."""
    return {letter.kind: letter.moot for letter in db.session.query(Letter).filter(Letter.moot != "")}


def test_R12_letters_of_a_license_that_was_revoked_meanwhile_do_not_leave(work: Callable[[], int]) -> None:
    """A customer who was never told of the license does not hear that it is gone either."""
    make_key()
    order = pay(place(make_reseller()))
    service.cancel_order(order.id, "returned at once", by_staff=True)
    work()
    assert moot_letters() == {
        "order_pro_forma": "order_cancelled",
        "license_ready": "order_cancelled",
        "customer_license": "license_revoked",
        "customer_revoked": "never_told",
    }


def test_R12_what_asks_for_a_cancelled_orders_money_does_not_leave(
    smtp: MailServer, settings: Callable[..., Settings], work: Callable[[], int], client: Client
) -> None:
    settings(smtp_url=f"smtp://127.0.0.1:{free_port()}")  # nobody listens there
    make_key()
    prepaid = place(make_reseller())
    credit = place(make_reseller(established_by_staff=True))
    service.ask_temporary(prepaid.id, of=prepaid.reseller_id)
    service.release_temporary(prepaid.id)
    pay(prepaid, Money(100, "USD"))
    work()
    assert {letter.state for letter in db.session.query(Letter)} <= {"failing", "waiting"}
    for order in (prepaid, credit):
        service.cancel_order(order.id, "not wanted", by_staff=True)
    settings(smtp_url=smtp.url)
    db.session.query(OutboxItem).update({"not_before": utcnow()})
    work()
    letters = db.session.query(Letter).all()
    assert {letter.kind for letter in letters if letter.sent_at} == {"order_cancelled", "payment_received"}
    assert {letter.kind for letter in letters if letter.state == "dropped"} == {
        "order_pro_forma", "order_invoice", "temporary_license", "license_ready", "customer_license",
        "customer_revoked",
    }  # fmt: skip
    assert not [letter for letter in letters if letter.error]
    [received] = [letter for letter in letters if letter.kind == "payment_received"]
    assert "missing" not in received.text
    client.sign_in_as(make_user(staff=True))
    page = client.get("/staff/mail")
    assert "not sent: the order was cancelled" in page.text
    assert page.buttons.count("Send again") == 3


def test_R12_a_letter_that_was_not_sent_is_not_sent_again(work: Callable[[], int]) -> None:
    make_key()
    service.cancel_order(pay(place(make_reseller())).id, "returned at once", by_staff=True)
    work()
    dropped = db.session.query(Letter).filter_by(kind="customer_license").one()
    with pytest.raises(Refused, match="holds no more"):
        mail.send_again(dropped.id)


def test_R12_cancelling_twice_is_refused() -> None:
    order = place(make_reseller())
    service.cancel_order(order.id, "once", by_staff=True)
    with pytest.raises(Refused):
        service.cancel_order(order.id, "twice", by_staff=True)


def test_R26_another_resellers_order_does_not_exist() -> None:
    order, other = place(make_reseller()), make_reseller("Other")
    with pytest.raises(NotFound):
        service.cancel_order(order.id, "mine?", by_staff=False, of=other.id)
    with pytest.raises(NotFound):
        service.ask_temporary(order.id, of=other.id)


def test_R22_a_temporary_license_is_asked_for_once_and_released_by_staff() -> None:
    reseller = make_reseller()
    order = place(reseller)
    service.ask_temporary(order.id, of=reseller.id)
    assert licenses.of_order(order.id) == []
    service.release_temporary(order.id)
    (license_,) = licenses.of_order(order.id)
    assert license_.kind == LicenseKind.TEMPORARY
    assert license_.expires_on is not None
    assert (license_.expires_on - license_.issued_on).days == 30
    assert license_.user_id is None
    with pytest.raises(Refused):
        service.ask_temporary(order.id, of=reseller.id)
    with pytest.raises(Refused):
        service.release_temporary(order.id)


def test_R22_the_vendors_setting_releases_at_once(settings) -> None:  # type: ignore[no-untyped-def]
    settings(release_temporary_at_once=True)
    reseller = make_reseller()
    order = place(reseller)
    service.ask_temporary(order.id, of=reseller.id)
    assert [one.kind for one in licenses.of_order(order.id)] == [LicenseKind.TEMPORARY]


def test_R22_no_temporary_license_for_a_paid_or_credit_order() -> None:
    reseller = make_reseller(established_by_staff=True)
    for order in (place(reseller), pay(place(make_reseller("New")))):
        with pytest.raises(Refused):
            service.ask_temporary(order.id, of=order.reseller_id)


def test_R22_no_temporary_license_once_the_pro_forma_has_lapsed() -> None:
    reseller = make_reseller()
    order = place(reseller)
    order.valid_until = today() - timedelta(days=1)
    assert not service.may_ask_temporary(order)
    with pytest.raises(Refused):
        service.ask_temporary(order.id, of=reseller.id)


def test_R12_R22_cancelling_withdraws_temporary_licenses() -> None:
    reseller = make_reseller()
    order = place(reseller)
    service.ask_temporary(order.id, of=reseller.id)
    service.release_temporary(order.id)
    service.cancel_order(order.id, "changed our mind", by_staff=False, of=reseller.id)
    assert all(one.revoked_at for one in licenses.of_order(order.id))


def test_R12_R22_a_cancelled_order_asks_for_no_temporary_license() -> None:
    reseller = make_reseller()
    order = place(reseller)
    service.ask_temporary(order.id, of=reseller.id)
    service.cancel_order(order.id, "changed our mind", by_staff=False, of=reseller.id)
    assert order.license_state == "none"
    with pytest.raises(Refused):
        service.release_temporary(order.id)


def test_R22_a_temporary_license_makes_no_account() -> None:
    reseller = make_reseller()
    order = place(reseller)
    service.ask_temporary(order.id, of=reseller.id)
    service.release_temporary(order.id)
    before = make_user("count").id
    pay(order)
    assert licenses.of_order(order.id, kind=LicenseKind.PERMANENT)[0].user_id == before + 1


def test_R22_a_suspended_reseller_gets_no_temporary_license(client: Client) -> None:
    anna = make_user()
    reseller = make_reseller(owner=anna)
    order = place(reseller)
    client.sign_in_as(anna)
    page = client.get(f"/orders/{order.id}")  # opened before
    reseller.suspended_at, reseller.suspended_reason = utcnow(), "The page is gone."
    refused = page.submit("Ask for a temporary license")
    assert refused.status == 403
    assert "Your company is suspended: The page is gone." in refused.text
    assert order.license_state == "none"
    assert "Ask for a temporary license" not in client.get(f"/orders/{order.id}").buttons


@pytest.mark.parametrize("role", ["accountant", "viewer", ""])
def test_R22_nobody_else_asks_for_a_temporary_license(client: Client, role: str) -> None:
    """Who may not order, the end customer among them, finds nothing there."""
    reseller = make_reseller()
    order = place(reseller)
    person = make_user(email=order.customer_email)
    if role:
        db.session.add(Member(user_id=person.id, reseller_id=reseller.id, role=role))
    client.sign_in_as(person)
    shown = client.get(f"/orders/{order.id}")
    assert shown.status == (200 if role else 404)
    assert "Ask for a temporary license" not in shown.buttons
    (token,) = set(shown.tree.xpath("//input[@name='csrf_token']/@value"))
    assert client.post(f"/orders/{order.id}/temporary-license", {"csrf_token": token}).status == 404
    assert order.license_state == "none"
