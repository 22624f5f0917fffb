"""The worker's side of monthly statements (R17) and of reminders (R12, R14, R15)."""

from __future__ import annotations

from typing import Any

from dashboard.clock import today
from dashboard.documents import service as documents
from dashboard.errors import NotYet
from dashboard.invoices import service as invoices
from dashboard.invoices.rules import BankDetails
from dashboard.jobs.work import Outcome, Task, Work, export
from dashboard.ledger.references import printed
from dashboard.mail.service import Attachment, Content
from dashboard.money import Money
from dashboard.orders import service as orders
from dashboard.outbox import service as outbox
from dashboard.outbox.schedule import each_month, each_morning
from dashboard.prose import reading as prose
from dashboard.prose import versions
from dashboard.prose.rules import Kind
from dashboard.resellers import service as resellers
from dashboard.statements import reminders, service
from dashboard.statements.pages import invoices_file
from dashboard.statements.pdf import render_pdf
from dashboard.web.access import Permission
from dashboard.web.languages import LANGUAGES
from dashboard.web.pages import public_url
from dashboard.web.progress import Watch
from dashboard.web.transactions import reading, transaction

#: Resellers whose statements one transaction hands out.
BATCH = 200


def run(payload: dict[str, Any]) -> None:
    """Hand out a month's statements, one effect a reseller, so that all workers share them. Killed, it goes on.

    A run that staff have asked for, `again`, looks at everybody once more.
    """
    with reading():
        owing = service.debtors()
    month, again = payload["month"], payload.get("again", "")
    for start in range(0, len(owing), BATCH):
        with transaction():
            for id_ in owing[start : start + BATCH]:
                outbox.put(service.MAKE, f"{service.MAKE}:{month}:{id_}{again}", month=month, reseller_id=id_)


def run_all(task: Task, watch: Watch) -> Outcome:
    """A month's run that staff have asked for: the statements are made here, each is drawn and mailed by itself."""
    made = service.make_all(service.parse_month(task.payload["month"]), watch)
    return Outcome(endpoint="staff_statements.index", figures={"made": len(made)})


def make(payload: dict[str, Any]) -> None:
    """One reseller's statement of a month."""
    with transaction():
        service.make_statement(payload["reseller_id"], service.parse_month(payload["month"]))


def draw(payload: dict[str, Any]) -> None:
    """Draw a statement as it stands, and keep it. Drawn twice, the first document stays."""
    with reading():
        statement = service.get_by_id(payload["statement_id"])
        if statement.document_digest is not None:
            return
        content, paid_on = statement.content, statement.paid_on
    drawn = render_pdf(content, paid_on)  # slow, so outside any transaction
    with transaction():
        service.rendered(payload["statement_id"], paid_on, documents.keep(drawn, "application/pdf"))


def monthly_statement(payload: dict[str, Any]) -> Content:
    """The letter: what is due and how to pay all of it with one transfer, with the PDF."""
    with reading():
        statement = service.get_by_id(payload["statement_id"])
        if statement.document_digest is None:
            raise NotYet
        content = statement.content
        facts = {
            "statement": content,
            "currency": content.currency,
            "company": content.buyer["name"],
            "bank": BankDetails(**content.bank),
            "reference": printed(statement.reference),
            "link": public_url("statements.show", number=statement.number),
        }
        return Content(facts, [Attachment(statement.file_name, statement.document_digest)])


def remind(_payload: dict[str, Any]) -> None:
    """The reminders of today, a transaction a reseller. Killed, it goes on; nobody is reminded of a step twice."""
    with reading():
        waiting = reminders.to_remind()
    for reseller_id in waiting:
        with transaction():
            reminders.remind(reseller_id)


def reminder(payload: dict[str, Any]) -> Content:
    """The letter: the orders of one step with what is open on them now, and how to pay them."""
    with reading():
        listed = reminders.listed(payload["receivable_ids"])
        text = versions.current(Kind.REMINDERS)
        reseller = resellers.get_reseller(payload["reseller_id"])
        facts = {
            **payload,
            "company": reseller.legal_name or reseller.name,
            "listed": listed,
            "words": {code: prose.document(text, code).below(payload.get("tone", "")) for code in LANGUAGES},
            "credit": orders.credit_of(reseller, today()),
            "total": sum((one.open for one in listed), Money.zero(reseller.currency)),
            "reference": ", ".join(printed(one.reference) for one in listed),
            "rates": {one.interest_rate for one in listed},
            "bank": invoices.bank_details(reseller.currency),
            "link": public_url("orders.show", order_id=listed[0].order_id)
            if len(listed) == 1 and listed[0].order_id
            else public_url("home.index"),
        }
        return Content(facts)


HANDLERS = {service.RUN: run, service.MAKE: make, service.RENDER: draw, reminders.REMIND: remind}
COMPOSERS = {
    "monthly_statement": monthly_statement,
    "payment_reminder": reminder,
    "pro_forma_reminder": reminder,
}
WORK = {
    "month_run": Work(Permission.CONFIRM_PAYMENTS, run_all),
    "statement_invoices": export(Permission.VIEW_OWN_ORDERS, invoices_file),
}
SCHEDULE = [each_month(service.RUN), each_morning(reminders.REMIND)]
