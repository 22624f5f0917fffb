"""Numbers without gaps, papers that never change, documents drawn once (R27)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.documents import service as documents
from dashboard.errors import NotFound
from dashboard.invoices import jobs, service
from dashboard.invoices.corrections import credit_note_of
from dashboard.invoices.models import CreditNote, Invoice, Paper, ProForma
from dashboard.invoices.rules import PaperKind
from dashboard.outbox.models import OutboxItem
from dashboard.web.transactions import reading, transaction
from tests.invoices.samples import ORDER_ID, a_pro_forma, a_snapshot, an_order

NEW_YEAR = date(2027, 1, 1)


def test_R27_each_series_and_year_counts_by_itself(db: scoped_session[Session]) -> None:
    reseller = an_order(db).reseller_id
    papers = [
        service.issue(snapshot, reseller_id=reseller)
        for snapshot in (
            a_snapshot(),
            a_snapshot(),
            credit_note_of(a_snapshot(), NEW_YEAR),
            a_snapshot(issued_on=NEW_YEAR),
            credit_note_of(a_snapshot(), NEW_YEAR),
            a_snapshot(),
        )
    ]
    assert [paper.number for paper in papers] == [
        "2026-000001", "2026-000002", "CN-2027-000001", "2027-000001", "CN-2027-000002", "2026-000003",
    ]  # fmt: skip
    assert [type(paper) for paper in papers[1:3]] == [Invoice, CreditNote]


def test_R27_the_number_stands_in_the_snapshot(db: scoped_session[Session]) -> None:
    paper = service.issue(a_snapshot(number=""), reseller_id=an_order(db).reseller_id)
    db.expire_all()
    assert paper.content == a_snapshot(number="2026-000001")
    assert (paper.total_minor, paper.currency, paper.issued_on) == (390_276, "EUR", date(2026, 11, 23))


def test_R27_a_rolled_back_issue_leaves_no_gap(db: scoped_session[Session]) -> None:
    reseller = an_order(db).reseller_id
    service.issue(a_snapshot(), reseller_id=reseller)
    db.commit()
    assert service.issue(a_snapshot(), reseller_id=reseller).number == "2026-000002"
    db.rollback()
    assert service.issue(a_snapshot(), reseller_id=reseller).number == "2026-000002"


def test_R27_numbers_taken_at_once_are_gapless(app: Flask, db: scoped_session[Session]) -> None:
    """Four at a time, every third one fails after it took its number."""
    reseller = an_order(db).reseller_id
    db.commit()

    def issue(turn: int) -> None:
        with app.app_context(), transaction():
            service.issue(a_snapshot(), reseller_id=reseller)
            if turn % 3 == 0:
                raise InterruptedError

    with ThreadPoolExecutor(4) as pool:
        errors = [future.exception() for future in [pool.submit(issue, turn) for turn in range(24)]]
    assert {type(error) for error in errors} == {InterruptedError, type(None)}
    with reading():
        sequences = service.db.session.scalars(select(Paper.sequence).order_by(Paper.sequence)).all()
    assert sequences == list(range(1, 17))


def test_R27_a_pro_forma_takes_no_invoice_number(db: scoped_session[Session]) -> None:
    reseller = an_order(db).reseller_id
    pro_forma = service.issue(a_pro_forma(), reseller_id=reseller)
    assert isinstance(pro_forma, ProForma)
    assert (pro_forma.number, pro_forma.sequence) == ("PF-R-2046-3182", None)
    assert service.issue(a_snapshot(), reseller_id=reseller).number == "2026-000001"
    assert service.issue(a_pro_forma(), reseller_id=reseller).number == "PF-R-2046-3182-2", "it replaces the first one"


def test_R27_an_issued_paper_is_neither_changed_nor_deleted(db: scoped_session[Session]) -> None:
    reseller = an_order(db).reseller_id
    paper = service.issue(a_snapshot(), reseller_id=reseller)
    db.commit()
    paper.total_minor = 1
    with pytest.raises(RuntimeError, match="never changes"):
        db.flush()
    db.rollback()
    db.delete(paper)
    with pytest.raises(RuntimeError, match="never deleted"):
        db.flush()
    db.rollback()
    assert paper.total_minor == 390_276


def test_R27_an_order_has_its_papers_in_order(db: scoped_session[Session]) -> None:
    reseller = an_order(db).reseller_id
    issued = [service.issue(paper, reseller_id=reseller) for paper in (a_pro_forma(), a_snapshot())]
    assert service.find_papers(ORDER_ID) == issued
    assert service.find_paper(ORDER_ID, PaperKind.INVOICE) is issued[1]
    assert service.find_paper(ORDER_ID, PaperKind.CREDIT_NOTE) is None


def test_R26_another_resellers_paper_does_not_exist(db: scoped_session[Session]) -> None:
    reseller = an_order(db).reseller_id
    paper = service.issue(a_snapshot(), reseller_id=reseller)
    assert service.get_paper(paper.id, of=reseller) is paper
    with pytest.raises(NotFound):
        service.get_paper(paper.id, of=reseller + 1)
    with pytest.raises(NotFound):
        service.get_paper(paper.id + 1)


def test_R27_the_worker_draws_a_paper_once(db: scoped_session[Session]) -> None:
    paper = service.issue(a_snapshot(), reseller_id=an_order(db).reseller_id)
    db.commit()
    item = db.scalars(select(OutboxItem).where(OutboxItem.kind == service.RENDER)).one()
    payload = dict(item.payload)
    db.commit()
    for _ in range(2):
        jobs.HANDLERS[service.RENDER](payload)
    db.refresh(paper)
    assert paper.document_digest is not None
    assert documents.read(paper.document_digest).startswith(b"%PDF-")


def test_R27_the_first_document_stays(db: scoped_session[Session]) -> None:
    paper = service.issue(a_snapshot(), reseller_id=an_order(db).reseller_id)
    service.rendered(paper.id, paper.content, "a" * 64)
    service.rendered(paper.id, paper.content, "b" * 64)
    db.refresh(paper)
    assert paper.document_digest == "a" * 64


def test_R27_the_vendor_stands_on_its_papers(db: scoped_session[Session]) -> None:
    seller = service.seller("en")
    assert (seller.name, seller.country) == ("Lumivara Software OÜ", "EE")
    assert ("VAT number", "EE123456780") in seller.tax_ids
    assert service.bank_details("EUR").number.startswith("EE")
    with pytest.raises(KeyError):
        service.bank_details("GBP")


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("country", "label"),
    [("DE", "VAT number"), ("RU", "INN"), ("US", "EIN"), ("AU", "Tax number"), ("CH", "Tax number")],
)
def test_R05_a_paper_calls_the_tax_number_what_the_country_does(country: str, label: str) -> None:
    assert service.tax_label(country, "en") == label
