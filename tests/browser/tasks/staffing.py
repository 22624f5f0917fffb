"""What the vendor's people come for (see `buying`)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from playwright.sync_api import expect
from sqlalchemy import select

from dashboard.banking.service import read_statement
from dashboard.enquiries import service as enquiries
from dashboard.enquiries.models import EnquiryMessage
from dashboard.enquiries.rules import Kind
from dashboard.enquiries.service import Request as Question
from dashboard.orders.models import Order
from dashboard.payments import imports
from dashboard.payments.models import BankEntry, BankFile, Transfer
from dashboard.resellers import applications
from dashboard.resellers.applications import Request
from dashboard.resellers.models import Application
from tests.browser.people import wait_until
from tests.browser.tasks.interruptions import Submit
from tests.browser.tasks.stage import Stage
from tests.payments.camt import Payment, camt

Task = Iterator[Submit]


def _total(stage: Stage, order_id: str) -> str:
    minor = stage.backstage.found(select(Order.total_minor).where(Order.id == order_id))
    return str(Decimal(minor) / 100)


def _reference(stage: Stage, order_id: str) -> str:
    return str(stage.backstage.found(select(Order.reference).where(Order.id == order_id)))


def _account(stage: Stage) -> str:
    """An account of the payer's own: what is known of one payer says nothing of others."""
    return f"GB29NWBK601613{stage.number:08d}"


def books_a_bank_file(stage: Stage) -> Task:
    """The statement of the bank: looked at, then booked (R18)."""
    company = stage.company()
    order_id = stage.order(company)
    mari = stage.enter(stage.account("Mari", staff=True))
    t = mari.t
    amount, reference = _total(stage, order_id), _reference(stage, order_id)
    paid = Payment(amount, reference, company.name, _account(stage), currency="EUR")
    file = stage.folder / f"statement {stage.number}.xml"
    file.write_bytes(camt(paid, currency="EUR"))
    mari.open("/staff/payments")
    look = Submit(mari, t("Look at it"), files={"file": file})
    look.fill()
    yield look
    mari.reads(order_id)
    assert stage.count(Transfer, Transfer.reseller_id == company.id) == 0
    yield Submit(mari, t("Book it"))
    wait_until(mari.page, lambda: stage.count(Transfer, Transfer.reseller_id == company.id) == 1)
    assert stage.count(BankFile, BankFile.name == file.name) == 1
    mari.open(f"/staff/orders/{order_id}")
    mari.reads(t.p("order", "paid"))


def confirms_a_match(stage: Stage) -> Task:
    """A transfer that names nothing, and the order that it may be for: two actions (R18)."""
    company = stage.company()
    order_id = stage.order(company, 40 + stage.number)
    mari = stage.enter(stage.account("Mari", staff=True))
    entry = _waiting(stage, _total(stage, order_id), f"Holding {stage.number}")
    mari.open(f"/staff/payments/entries/{entry}")
    mari.reads(order_id)
    yield Submit(mari, mari.t("Book"), within=".proposals li:first-child")
    wait_until(mari.page, lambda: stage.count(Transfer, Transfer.reseller_id == company.id) == 1)
    mari.open(f"/staff/orders/{order_id}")
    mari.reads(mari.t.p("order", "paid"))


def _waiting(stage: Stage, amount: str, payer: str) -> int:
    """An entry of a bank's file that waits for a person."""
    data = camt(Payment(amount, "no word", payer, _account(stage), currency="EUR"), currency="EUR")
    with stage.backstage.app.app_context():
        kept = imports.keep(imports.preview(read_statement(data)), data, f"waiting {stage.number}.xml", by=None)
    return stage.backstage.found(select(BankEntry.id).where(BankEntry.file_id == kept.file_id))


def decides_and_answers(stage: Stage) -> Task:
    """An application is declined with the reason, an enquiry answered: what is typed is typed once (R4, R32)."""
    company, applicant = stage.company(), stage.account("Kai")
    name = f"Kedr {stage.number}"
    wish = Request(name, "https://kedr.example", "NL", "", "mixed", "We resell.", "Customers ask.", "")
    asked = Question(Kind.OTHER, "Training", "Do you train?", "", {})
    with stage.backstage.writing():
        applications.submit(applicant.id, wish, stage.language)
        enquiry = enquiries.keep_enquiry(company.id, company.owner.id, asked, submit_key=f"tasks {stage.number}").id
    mari = stage.enter(stage.account("Mari", staff=True))
    t = mari.t
    application = stage.backstage.found(select(Application.id).where(Application.company == name))
    mari.open(f"/staff/applications/{application}")
    decision = Submit(mari, t("Decline"), {"reason": "Own development,\nas you write."})
    decision.fill()
    yield decision
    mari.open(f"/staff/applications/{application}")
    mari.reads("Own development")
    mari.open(f"/staff/enquiries/{enquiry}")
    answer = Submit(mari, t("Send"), {"text": "Yes, we do:\nin writing."})
    answer.fill()
    yield answer
    mari.open(f"/staff/enquiries/{enquiry}")
    expect(mari.main.get_by_text("in writing.")).to_have_count(1)
    assert stage.count(EnquiryMessage, EnquiryMessage.enquiry_id == enquiry) == 2
