"""The document, the letter and the pages of monthly statements (R17)."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from pypdf import PdfReader

from dashboard import clock
from dashboard.extensions import db as database
from dashboard.fulfilment import transfers
from dashboard.ledger import service as ledger
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.resellers.models import Reseller
from dashboard.statements import service
from dashboard.statements.models import Statement
from dashboard.statements.pdf import render_pdf
from dashboard.statements.rules import StatementSnapshot
from tests.client import Client
from tests.factories import make_key, make_reseller, make_user, owner_of, pay, place
from tests.statements.samples import DECEMBER, FIRST, count, owes

Work = Callable[[], int]

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def _on_the_first(app: Flask) -> Iterator[None]:
    with clock.at(FIRST):
        yield


def make(reseller: Reseller) -> StatementSnapshot:
    statement = service.make_statement(reseller.id, DECEMBER)
    assert statement is not None
    return statement.content


# ── The document ────────────────────────────────────────────────────────


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        ("en", ["Monthly statement", "ST-202612-", "31–60 days late", "€250.00", "How to pay", "not a tax invoice"]),
        ("ru", ["Ежемесячный отчёт", "ST-202612-", "31–60 дней", "250,00 €", "Как оплатить"]),
    ],
)
def test_R30_the_document_speaks_the_resellers_language(language: str, facts: list[str]) -> None:
    reseller = make_reseller(currency="EUR", document_language=language)
    owes(reseller, 25_000, 45)
    pdf = render_pdf(make(reseller))
    for fact in facts:
        assert fact in text_of(pdf)
    assert sum(len(page.images) for page in PdfReader(io.BytesIO(pdf)).pages) == 1  # R19


def test_R17_a_statement_of_a_thousand_orders_is_made_in_seconds() -> None:
    reseller = make_reseller()
    for number in range(1000):
        owes(reseller, 1000 + number, number % 150 - 20)
    begin = time.process_time()
    made = make(reseller)
    pdf = render_pdf(made)
    assert time.process_time() - begin < 60
    assert len(PdfReader(io.BytesIO(pdf)).pages) > 20


# ── Pages, letter, command ──────────────────────────────────────────────


@pytest.fixture
def sent(work: Work) -> Reseller:
    make_key()
    reseller = make_reseller(established_by_staff=True)
    place(reseller)
    ledger.open_debt(reseller.id, "INV-OLD-1", Money(7_000, "USD"), placed_on=date(2025, 1, 1), due_on=date(2025, 2, 1))
    service.make_statement(reseller.id, DECEMBER)
    work()
    return reseller


def test_R17_the_letter_brings_the_document_and_says_how_to_pay(sent: Reseller) -> None:
    letter = database.session.query(Letter).filter_by(kind="monthly_statement").one()
    statement = database.session.query(Statement).one()
    assert [one["digest"] for one in letter.attachments] == [statement.document_digest]
    assert letter.subject == f"Statement {statement.number}: ${statement.total.decimal:,} to pay"
    for fact in (statement.number, "One transfer pays them all", "Reference", "Over 90 days late"):
        assert fact in letter.subject + letter.text


def test_R17_paid_orders_with_interest_are_not_called_unpaid(work: Work) -> None:
    make_key()
    reseller = make_reseller(established_by_staff=True)
    with clock.at(clock.utcnow() - timedelta(days=60)):
        order = place(reseller)
    pay(order)
    made = service.make_statement(reseller.id, DECEMBER)
    assert made is not None
    assert (made.content.unpaid, len(made.content.rows)) == (0, 1)
    work()
    letter = database.session.query(Letter).filter_by(kind="monthly_statement").one()
    assert "only interest for late payment is still owed" in " ".join(letter.text.split())
    assert "unpaid" not in letter.text


def test_R17_a_reseller_reads_its_statement_and_fetches_the_invoices(sent: Reseller, client: Client) -> None:
    client.sign_in_as(owner_of(sent))
    number = database.session.query(Statement.number).scalar()
    database.session.commit()
    for page in ("/", "/statements"):
        assert number in client.get(page).html
    page = client.get(f"/statements/{number}").text
    assert "INV-OLD-1" in page
    assert "How to pay" in page
    assert client.get(f"/statements/{number}/pdf").content.startswith(b"%PDF")
    packed = zipfile.ZipFile(io.BytesIO(client.get(f"/statements/{number}/invoices").content))
    (name,) = packed.namelist()
    assert packed.read(name).startswith(b"%PDF")


def test_R17_a_paid_statement_says_so(sent: Reseller, client: Client) -> None:
    statement = database.session.query(Statement).one()
    transfers.confirm_transfer(sent.id, statement.total, clock.today(), text="all", staff_id=None, submit_key="all")
    number = statement.number
    client.sign_in_as(owner_of(sent))
    page = client.get(f"/statements/{number}").text
    assert "How to pay" not in page
    assert "to be paid" not in page


def test_R17_staff_rehearse_and_run(client: Client, work: Work) -> None:
    with clock.at(datetime.now(UTC)):  # a request knows no other time
        owes(make_reseller("Romashka"), 10_000, late=5)
        make_reseller("Vasilek")
        client.sign_in_as(make_user(staff=True))
        page = client.get("/staff/statements/rehearsal")
        assert "Romashka Ltd" in page.text
        assert "Vasilek" not in page.text
        page.submit("Make and mail them")
        with clock.at(datetime.now(UTC) + timedelta(seconds=1)):  # time has gone on meanwhile
            work()
        assert count(Statement) == count(Letter, Letter.kind == "monthly_statement") == 1
        assert "Nothing is left to send" in client.get("/staff/statements/rehearsal").text
        coming = client.get("/staff/statements/rehearsal?month=next")
        assert "Romashka Ltd" in coming.text
        assert "Make and mail them" not in coming.buttons
