"""What a decision about a certificate means for orders: supplementary invoices and credited tax (R27, R29)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.clock import at, today, utcnow
from dashboard.documents.service import read
from dashboard.errors import Refused
from dashboard.fulfilment import bookkeeping, transfers
from dashboard.fulfilment import certificates as decisions
from dashboard.fulfilment import service as fulfilment
from dashboard.invoices import service as invoices
from dashboard.invoices.models import Paper
from dashboard.invoices.rules import PaperKind, TaxNote
from dashboard.ledger import balances
from dashboard.ledger.rules import Account, EntryKind
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from dashboard.tax import certificates
from dashboard.tax.certificates import Claim
from dashboard.tax.models import ExemptionCertificate, TaxRate
from tests.client import Client
from tests.factories import make_key, make_reseller, make_user, owner_of, pay, place

Db = scoped_session[Session]

NET, TAX = 107_910, 6_744  #: 1,199.00 less 10 %, and 6.25 % of that


def texan(*, established: bool = True) -> Reseller:
    return make_reseller(country="US", state="TX", established_by_staff=established)


def upload(reseller: Reseller, content: bytes = b"%PDF-1.7", *, days: int = 100) -> ExemptionCertificate:
    claim = Claim(("TX",), "01-339", today() - timedelta(days=days), today() + timedelta(days=days))
    return certificates.upload(reseller.id, owner_of(reseller), claim, content)


def refuse(one: ExemptionCertificate, reason: str = "The signature is missing.") -> None:
    decisions.refuse(one.id, reason, by=make_user(staff=True).id)


def verify(one: ExemptionCertificate) -> None:
    decisions.verify(one.id, by=make_user(staff=True).id)


def papers(order: Order, kind: PaperKind) -> list[Paper]:
    return [paper for paper in invoices.find_papers(order.id) if paper.kind == kind]


def charged(order: Order) -> int:
    """What invoices and credit notes charge together."""
    return sum(paper.total_minor for paper in invoices.find_papers(order.id) if paper.kind != PaperKind.PRO_FORMA)


def on_account(reseller: Reseller) -> int:
    return balances.credit_on_account(reseller.id, reseller.currency).minor


def test_R29_an_order_and_its_invoice_keep_what_exempted_them(db: Db) -> None:
    reseller = texan()
    one = upload(reseller)
    order = place(reseller)
    kept = {"number": "01-339", "state": "TX", "digest": one.digest}
    assert (order.tax_kind, order.tax_minor, order.total_minor, order.exemption) == ("exempt", 0, NET, kept)
    [invoice] = papers(order, PaperKind.INVOICE)
    assert invoice.content.tax_note is TaxNote.US_EXEMPT
    assert invoice.content.certificate is not None
    assert vars(invoice.content.certificate) == kept


def test_R29_a_refused_certificate_is_billed_by_a_supplementary_invoice(db: Db, work: Callable[[], int]) -> None:
    reseller = texan()
    one = upload(reseller)
    order = place(reseller)
    db.get_one(TaxRate, ("US", "TX", db.scalars(select(TaxRate.valid_from)).first())).rate = 99_999  # later: not ours
    refuse(one)
    [invoice], [supplement] = papers(order, PaperKind.INVOICE), papers(order, PaperKind.SUPPLEMENT)
    content = supplement.content
    assert (content.net_minor, content.tax_minor, content.total_minor) == (0, TAX, TAX)
    assert (content.reason, content.corrects) == ("The signature is missing.", (invoice.number, invoice.issued_on))
    assert (content.due_on, content.paid_on) == (today() + timedelta(days=30), None)
    assert (invoice.sequence, supplement.sequence, supplement.series) == (1, 2, invoice.series)
    assert charged(order) == NET + TAX
    [receivable] = balances.supplements_of(order.id)
    assert (receivable.reference, balances.open_amount(receivable.id).minor) == (content.reference, TAX)
    assert receivable.reference != order.reference
    assert receivable.due_on == content.due_on
    work()
    drawn = db.get_one(Paper, supplement.id)
    db.refresh(drawn)
    assert read(drawn.document_digest or "").startswith(b"%PDF")
    letter = db.scalars(select(Letter).where(Letter.kind == "tax_billed")).one()
    assert "The signature is missing." in letter.text
    assert [file["name"] for file in letter.attachments] == [f"{supplement.number}.pdf"]


def test_R29_the_supplement_is_paid_under_its_own_reference(db: Db) -> None:
    reseller = texan()
    one = upload(reseller)
    order = place(reseller)
    pay(order)
    refuse(one)
    [receivable] = balances.supplements_of(order.id)
    transfers.confirm_transfer(
        reseller.id, Money(TAX, "USD"), today(), targets=[receivable.id], text="", staff_id=None, submit_key="tax"
    )
    assert balances.open_amount(receivable.id).minor == 0
    assert on_account(reseller) == 0
    assert balances.paid_orders(reseller.id) == 1


def test_R19_credit_on_account_pays_the_supplement_and_it_says_so(db: Db) -> None:
    reseller = texan()
    one = upload(reseller)
    order = place(reseller)
    pay(order, Money(NET + TAX + 5, "USD"))
    refuse(one)
    [supplement] = papers(order, PaperKind.SUPPLEMENT)
    assert supplement.content.paid_on == today()
    assert on_account(reseller) == 5


def test_R29_a_prepaid_order_is_billed_with_its_invoice_and_not_before(db: Db) -> None:
    reseller = texan(established=False)
    one = upload(reseller)
    paid, never = place(reseller), place(reseller)
    refuse(one)
    assert papers(paid, PaperKind.SUPPLEMENT) == papers(never, PaperKind.SUPPLEMENT) == []
    pay(paid)
    assert [len(papers(order, PaperKind.SUPPLEMENT)) for order in (paid, never)] == [1, 0]
    assert charged(paid) == NET + TAX


def test_R18_R29_what_a_transfer_brings_more_pays_the_tax_that_is_billed_with_the_invoice(db: Db) -> None:
    reseller = texan(established=False)
    one = upload(reseller)
    order = place(reseller)
    refuse(one)
    pay(order, Money(NET + TAX + 5, "USD"))
    [supplement] = papers(order, PaperKind.SUPPLEMENT)
    assert supplement.content.paid_on == today()
    assert on_account(reseller) == 5


def test_R29_an_order_that_another_certificate_covers_is_not_billed(db: Db) -> None:
    reseller = texan()
    first, second = upload(reseller), upload(reseller, b"\xff\xd8\xff")
    order = place(reseller)
    under, other = (first, second) if order.exemption_id == first.id else (second, first)
    refuse(under)
    assert papers(order, PaperKind.SUPPLEMENT) == []
    assert order.exemption_id == other.id
    refuse(other)
    assert len(papers(order, PaperKind.SUPPLEMENT)) == 1


def test_R29_one_uploaded_after_the_order_does_not_spare_it_until_it_is_verified(db: Db) -> None:
    reseller = texan()
    first = upload(reseller)
    order = place(reseller)
    with at(utcnow() + timedelta(hours=1)):
        second = upload(reseller, b"\xff\xd8\xff")
        refuse(first)
        assert charged(order) == NET + TAX
        verify(second)
        assert charged(order) == NET
        assert [balances.open_amount(one.id).minor for one in balances.supplements_of(order.id)] == [0]


def test_R29_tax_of_an_order_is_credited_when_a_certificate_is_verified_later(db: Db, work: Callable[[], int]) -> None:
    reseller = texan()
    order = place(reseller)
    assert (order.tax_minor, order.total_minor) == (TAX, NET + TAX)
    verify(upload(reseller))
    [note] = papers(order, PaperKind.CREDIT_NOTE)
    assert (note.content.net_minor, note.content.tax_minor, note.total_minor) == (0, -TAX, -TAX)
    assert (charged(order), balances.open_amount(order.id).minor, on_account(reseller)) == (NET, NET, 0)
    assert order.paid_on is None
    work()
    letter = db.scalars(select(Letter).where(Letter.kind == "tax_credited")).one()
    assert [file["name"] for file in letter.attachments] == [f"{note.number}.pdf"]


def test_R29_what_was_paid_of_the_tax_becomes_credit_on_account(db: Db) -> None:
    reseller = texan()
    order = pay(place(reseller))
    verify(upload(reseller))
    assert (balances.open_amount(order.id).minor, on_account(reseller)) == (0, TAX)
    assert balances.paid_orders(reseller.id) == 1, "it is a paid order as before (R14)"


def test_R29_an_order_that_lacked_only_the_tax_is_paid_now(db: Db) -> None:
    reseller = texan()
    order = pay(place(reseller), Money(NET + 1000, "USD"))
    assert order.paid_on is None
    verify(upload(reseller))
    assert order.paid_on == today()
    assert (balances.open_amount(order.id).minor, on_account(reseller)) == (0, 1000)


def test_R29_credited_tax_pays_what_is_owed_next(db: Db) -> None:
    reseller = texan()
    paid, owed = pay(place(reseller)), place(reseller)
    verify(upload(reseller))
    assert balances.open_amount(owed.id).minor == NET - TAX
    assert balances.open_amount(paid.id).minor == 0


def test_R29_an_order_before_or_after_the_certificate_keeps_its_tax(db: Db) -> None:
    reseller = texan()
    with at(utcnow() - timedelta(days=50)):
        before = place(reseller)
    one = upload(reseller, days=49)
    verify(one)
    assert charged(before) == NET + TAX


def test_R27_R29_an_order_that_waits_for_its_transfer_gets_a_pro_forma_without_the_tax(
    db: Db, work: Callable[[], int]
) -> None:
    """A pro-forma is no invoice: it is replaced, and no credit note is made."""
    reseller = texan(established=False)
    order = place(reseller)
    one = upload(reseller)
    verify(one)
    old, new = papers(order, PaperKind.PRO_FORMA)
    assert (old.total_minor, new.total_minor, new.number) == (NET + TAX, NET, f"{old.number}-2")
    assert invoices.withdrawn(order, [old, new]) == [old]
    assert (new.content.tax_note, new.content.certificate is not None) == (TaxNote.US_EXEMPT, True)
    assert (order.tax_kind, order.total_minor, order.exemption_id) == ("exempt", NET, one.id)
    assert balances.open_amount(order.id).minor == NET
    work()
    letter = db.scalars(select(Letter).where(Letter.kind == "tax_spared")).one()
    assert [file["name"] for file in letter.attachments] == [new.file_name]
    assert "$1,079.10" in letter.text
    pay(order)
    assert (papers(order, PaperKind.CREDIT_NOTE), charged(order), on_account(reseller)) == ([], NET, 0)


def test_R18_R29_an_order_that_lacked_only_the_tax_is_paid_by_the_verified_certificate(
    db: Db, work: Callable[[], int]
) -> None:
    make_key()
    reseller = texan(established=False)
    order = pay(place(reseller), Money(NET + 1000, "USD"))
    verify(upload(reseller))
    assert (order.paid_on, order.license_state, on_account(reseller)) == (today(), "issued", 1000)
    [invoice] = papers(order, PaperKind.INVOICE)
    assert (invoice.number, invoice.total_minor) == (order.invoice_number, NET)
    work()
    letter = db.scalars(select(Letter).where(Letter.kind == "tax_spared")).one()
    assert [file["name"] for file in letter.attachments] == [invoice.file_name]


def test_R27_a_decision_takes_the_number_of_an_invoice_before_that_of_a_credit_note(
    db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As cancelling does: else the two could hold one counter each and wait for the other's for ever."""
    reseller = texan(established=False)
    pay(place(reseller))
    lacking = pay(place(reseller), Money(NET, "USD"))
    taken: list[PaperKind] = []
    original = invoices._next_number
    monkeypatch.setattr(invoices, "_next_number", lambda kind, year: taken.append(kind) or original(kind, year))
    verify(upload(reseller))
    assert lacking.paid_on == today()
    assert taken == [PaperKind.INVOICE, PaperKind.CREDIT_NOTE]


def test_R12_R29_a_lapsed_order_is_spared_the_tax_and_gets_no_new_pro_forma(db: Db) -> None:
    reseller = texan(established=False)
    order = place(reseller)
    order.valid_until = today() - timedelta(days=1)
    verify(upload(reseller))
    assert order.total_minor == NET
    assert len(papers(order, PaperKind.PRO_FORMA)) == 1


def test_R12_cancelling_takes_back_all_that_is_charged(db: Db) -> None:
    reseller = texan()
    one = upload(reseller)
    billed = place(reseller)
    refuse(one)
    fulfilment.cancel_order(billed.id, "not wanted", by_staff=True)
    taxed = pay(place(reseller))
    with at(utcnow() + timedelta(hours=1)):
        verify(upload(reseller, b"\xff\xd8\xff"))
        fulfilment.cancel_order(taxed.id, "not wanted", by_staff=True)
    assert (charged(billed), charged(taxed)) == (0, 0)
    assert on_account(reseller) == NET + TAX
    ids = [order.id for order in (billed, taxed)] + [one.id for one in balances.supplements_of(billed.id)]
    assert {rest.minor for rest in balances.open_amounts(ids).values()} == {0}


def test_R29_tax_that_was_written_off_is_credited_and_nothing_falls_below_zero(db: Db) -> None:
    """What was given up shrinks by the tax; nobody has paid it, so nothing comes on account."""
    reseller = texan()
    order = place(reseller)
    bookkeeping.write_off(reseller.id, order.id, "bankrupt")
    with at(utcnow() + timedelta(hours=1)):
        verify(upload(reseller))
    assert (balances.open_amount(order.id).minor, on_account(reseller)) == (0, 0)
    assert balances.sum_on(order.id, Account.PRINCIPAL, EntryKind.WRITE_OFF).minor == -NET
    assert order.written_off_on is not None


def test_R29_an_order_of_which_only_the_tax_was_written_off_is_paid_once_the_tax_is_credited(db: Db) -> None:
    reseller = texan()
    order = place(reseller)
    pay(order, Money(NET, "USD"))
    bookkeeping.write_off(reseller.id, order.id, "they refuse the tax")
    assert balances.paid_orders(reseller.id) == 0
    with at(utcnow() + timedelta(hours=1)):
        verify(upload(reseller))
    assert (balances.open_amount(order.id).minor, on_account(reseller)) == (0, 0)
    assert (order.written_off_on, order.paid_on, balances.paid_orders(reseller.id)) == (None, today(), 1)


def test_R29_a_certificate_is_decided_once(db: Db) -> None:
    reseller = texan()
    one = upload(reseller)
    order = place(reseller)
    refuse(one)
    for again in (refuse, verify):
        with pytest.raises(Refused):
            again(one)
    assert len(papers(order, PaperKind.SUPPLEMENT)) == 1


def test_R29_staff_decide_in_their_queue(db: Db, client: Client) -> None:
    reseller = texan()
    first, second = upload(reseller), upload(reseller, b"\xff\xd8\xff")
    order = place(reseller)
    client.sign_in_as(make_user(staff=True).id)
    assert "Look at an exemption certificate of Romashka" in client.get("/").text
    none_yet = client.get("/staff/certificates?state=decided")
    assert ("Waiting to be looked at 2" in none_yet.text, len(none_yet.statements)) == (True, 2)
    page = client.get(f"/staff/certificates/{first.id}")
    refused = page.submit("Refuse the certificate", reason="")
    assert refused.status == 422
    assert page.submit("Refuse the certificate", reason="unreadable").path == "/staff/certificates"
    client.get(f"/staff/certificates/{second.id}").submit("Verify the certificate")
    db.expire_all()
    assert [one.decision for one in (first, second)] == ["refused", "verified"]
    shown = client.get(f"/staff/orders/{order.id}")
    assert shown.status == 200
    assert "looked at 1" not in client.get("/staff/certificates").text
    assert len(client.get("/staff/certificates?state=decided").tree.xpath("//tbody/tr")) == 2


def test_R29_the_review_shows_why_and_lets_one_upload(db: Db, client: Client) -> None:
    reseller = texan()
    order = place(reseller)
    client.sign_in_as(owner_of(reseller))
    assert "Texas" in client.get(f"/orders/{order.id}").text
    upload(reseller)
    exempt = place(reseller)
    assert "01-339" in client.get(f"/orders/{exempt.id}").text
