"""Content of the letters to resellers: found when they are sent, once their documents are ready (R20). Long imports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from dashboard.accounts import service as accounts
from dashboard.audit import service as audit
from dashboard.clock import today
from dashboard.documents import service as documents
from dashboard.errors import NotYet
from dashboard.fulfilment import bank_entries, licensing
from dashboard.fulfilment.account_lines import account_file
from dashboard.fulfilment.license_files import licenses_file
from dashboard.invoices import service as invoices
from dashboard.invoices.rules import PaperKind
from dashboard.jobs.work import Outcome, Task, Work, export
from dashboard.ledger import balances
from dashboard.ledger.references import printed
from dashboard.licenses import service as licenses
from dashboard.licenses.rules import LicenseKind, file_name
from dashboard.mail.service import Attachment, Composer, Content, Moot
from dashboard.orders import service as orders
from dashboard.orders.rules import PaymentState
from dashboard.payments import entries, imports, uploads
from dashboard.prose import reading as prose
from dashboard.prose import versions
from dashboard.prose.rules import Kind
from dashboard.resellers import service as resellers
from dashboard.resellers import team
from dashboard.web.access import Permission
from dashboard.web.languages import LANGUAGES
from dashboard.web.pages import public_url
from dashboard.web.progress import Watch
from dashboard.web.transactions import reading, transaction

if TYPE_CHECKING:
    from dashboard.invoices.models import Paper
    from dashboard.licenses.models import License
    from dashboard.orders.models import Order

#: Bytes of attachments that one letter carries; what is more is linked (R20).
MAX_ATTACHED = 10_000_000


def with_paper(kind: PaperKind, *, needed: bool = True, asks_to_pay: bool = False) -> Composer:
    """A composer of a letter about one order that brings the order's paper of that `kind`.

    Args:
        needed: whether the letter waits for the paper.
        asks_to_pay: whether it is moot once the order is cancelled (R12).
    """

    def compose(payload: dict[str, Any]) -> Content:
        with reading():
            order = orders.get_order(payload["order_id"])
            if asks_to_pay and order.cancelled_at:
                raise Moot("order_cancelled")
            found = invoices.find_papers(order.id)
            papers = [one for one in found if one.kind == kind and one not in invoices.withdrawn(order, found)]
            if not papers and needed:
                raise NotYet
            attached = _attached(_papers(papers))
            credit = orders.credit_of(resellers.get_reseller(order.reseller_id), today())
            return Content(
                _facts(order, payload)
                | {"papers": papers, "attached": attached, "credit": credit, "paid": payload.get("paid", 0)},
                attached,
            )

    return compose


def changed(payload: dict[str, Any]) -> Content:
    """A letter about one order that costs less now, with the papers that follow, as far as they still hold (R12)."""
    with reading():
        order, found = orders.get_order(payload["order_id"]), invoices.find_papers(payload["order_id"])
        papers = [one for one in found if one.id in payload["paper_ids"]]
        if order.cancelled_at and not any(one.kind == PaperKind.CREDIT_NOTE for one in papers):
            raise Moot("order_cancelled")
        papers = [one for one in papers if one not in invoices.withdrawn(order, found)]
        attached = _attached(_papers(papers))
        may_be_paid = orders.state_of(order) in {PaymentState.WAITING, PaymentState.DUE, PaymentState.OVERDUE}
        open_ = balances.open_amount(order.id) if may_be_paid else None
        return Content(_facts(order, payload) | {"papers": papers, "attached": attached, "open": open_}, attached)


def refunded(payload: dict[str, Any]) -> Content:
    """Tells a company that credit on account was paid back."""
    with reading():
        reseller = resellers.get_reseller(payload["reseller_id"])
        facts = {"company": reseller.legal_name or reseller.name, "day": date.fromisoformat(payload["day"])}
        return Content({**payload, **facts, "link": public_url("account.show")})


def tax_correction(payload: dict[str, Any]) -> Content:
    """A letter about one order that brings a paper about its tax alone."""
    with reading():
        order, paper = orders.get_order(payload["order_id"]), invoices.get_paper(payload["paper_id"])
        attached = _attached(_papers([paper]))
        content = paper.content
        facts = {"paper": content, "attached": attached, "reference": printed(content.reference)}
        return Content(_facts(order, payload) | facts, attached)


def payment(payload: dict[str, Any]) -> Content:
    """What a company's money has paid, with the invoices of what is paid, and what is missing (R20)."""
    with reading():
        reseller = resellers.get_reseller(payload["reseller_id"])
        paid = orders.find_orders(payload.get("paid", ()))
        part = [order for order in orders.find_orders(payload["part"]) if not order.cancelled_at]  # nobody asks for it
        papers = [paper for order in paid if (paper := invoices.find_paper(order.id, PaperKind.INVOICE))]
        attached = _attached(_papers(papers))
        facts = {
            **payload,
            "company": reseller.legal_name or reseller.name,
            "credit": orders.credit_of(reseller, today()),
            "paid": paid,
            "part": part,
            "missing": payload["part"],
            "attached": attached,
            "readers": sorted({team.contact_of(one.reseller_id, one.placed_by).name for one in paid}),
            "references": {order.id: printed(order.reference) for order in part},
            "bank": invoices.bank_of_order(part[0].id, payload["currency"]) if part else None,
            "others": _others(payload.get("others", {})),
            "interest": payload.get("interest", 0),  # letters of before this fact was kept have none
            "link": public_url("orders.show", order_id=[*paid, *part][0].id)
            if len(paid) + len(part) == 1
            else public_url("orders.index"),
        }
        return Content(facts, attached)


def with_licenses(kind: LicenseKind) -> Composer:
    """A composer of a letter to the member who ordered, or to an owner instead, with the license files of that `kind`
    that are not revoked.
    """

    def compose(payload: dict[str, Any]) -> Content:
        with reading():
            order = orders.get_order(payload["order_id"])
            issued = licenses.of_order(order.id, kind=kind)
            valid = [one for one in issued if one.revoked_at is None]  # the letter may leave, or leave again, later
            if issued and not valid:
                raise Moot("order_cancelled" if order.cancelled_at else "license_revoked")
            if not issued or any(one.digest is None for one in valid):
                raise NotYet
            attached = _attached([Attachment(file_name(licenses.facts_of(one)), one.digest or "") for one in valid])
            facts = _facts(order, payload) | _how_to_apply(valid)
            return Content(facts | {"licenses": valid, "attached": attached}, attached)

    return compose


def temporary_declined(payload: dict[str, Any]) -> Content:
    """Tells who asked that there is no temporary license."""
    with reading():
        order = orders.get_order(payload["order_id"])
        if order.cancelled_at:
            raise Moot("order_cancelled")
        asked_by = accounts.get_user(payload["asked_by"]).name
        enquiry_url = public_url("enquiries.new", kind="other", order=order.id)
        waits = orders.state_of(order) is PaymentState.WAITING
        facts = {"asked_by_name": asked_by, "enquiry_url": enquiry_url, "waits": waits}
        return Content(_facts(order, payload) | facts)


def established(payload: dict[str, Any]) -> Content:
    """Tells a reseller that it may pay later from now on."""
    with reading():
        reseller = resellers.get_reseller(payload["reseller_id"])
        credit = orders.credit_of(reseller, today())
        return Content({"reseller_name": reseller.name, "credit": credit, "link": public_url("home.index")})


def _others(open_: dict[str, int]) -> list[dict[str, Any]]:
    """What a company owes besides orders, with what is open of it in minor units: debts from before this program, by
    the number that both sides know, and supplementary invoices.
    """
    found = balances.find_receivables(open_)
    return [
        {
            "number": one.number or one.id,
            "order_id": one.order_id,
            "open": open_[one.id],
            "reference": printed(one.reference),
            "bank": invoices.bank_of_order(one.order_id or "", one.currency),
        }
        for one in found
    ]


def _facts(order: Order, payload: dict[str, Any]) -> dict[str, Any]:
    return {
        **payload,
        "order": order,
        "lines": order.present_lines,
        "currency": order.currency,
        "reference": printed(order.reference),
        "bank": invoices.bank_of_order(order.id, order.currency),
        "on_account": balances.credit_on_account(order.reseller_id, order.currency),
        "order_url": public_url("orders.show", order_id=order.id),
    }


def _how_to_apply(issued: Iterable[License]) -> dict[str, Any]:
    """The instructions that customers read too, and which of their sections these licenses need (R20)."""
    version = versions.current(Kind.INSTRUCTIONS)
    return {
        "instructions": {code: prose.document(version, code) for code in LANGUAGES},
        "headings": {name for one in issued for name in (one.platform, one.brand, one.product)},
        "how_to_apply_url": public_url("customers.how_to_apply"),
    }


def _papers(papers: Iterable[Paper]) -> list[Attachment]:
    if any(paper.document_digest is None for paper in papers):
        raise NotYet
    return [Attachment(paper.file_name, paper.document_digest or "") for paper in papers]


def _attached(files: list[Attachment]) -> list[Attachment]:
    """The files, unless they are too large for a letter: the page of the order has them all."""
    return files if documents.size([file.digest for file in files]) <= MAX_ATTACHED else []


def book_entry(payload: dict[str, Any]) -> None:
    """Book a matched entry of a bank's statement, if its import has not done so."""
    with transaction():
        bank_entries.book_matched(payload["entry_id"])


def import_upload(task: Task, watch: Watch) -> Outcome:
    """Keep the transfers of an uploaded file and book what is matched (R18). Begun anew, it finds what it has done."""
    with audit.done_by(task.user_id, task.user_name):
        file_id = uploads.book_upload(task.payload["digest"], task.payload["reason"], by=task.user_id, watch=watch)
    with reading():
        matched = entries.matched_of(file_id)
    bank_entries.book_all(matched, watch)
    with reading():
        counts = entries.get_file(file_id).counts
    return Outcome(endpoint="staff_payments.file", values={"file_id": file_id}, figures=counts)


def member_gone(payload: dict[str, Any]) -> None:
    """Somebody has left a company: customers are not sent to that address any more."""
    with transaction():
        licensing.name_another_contact(payload["reseller_id"], payload["user_id"])


HANDLERS = {imports.BOOK: book_entry, team.GONE: member_gone}

WORK = {
    "account": export(Permission.VIEW_OWN_ORDERS, account_file),
    "staff_account": export(Permission.VIEW_ALL_ORDERS, account_file),
    "bank_import": Work(Permission.CONFIRM_PAYMENTS, import_upload),
    "licenses": export(Permission.VIEW_OWN_ORDERS, licenses_file),
}

COMPOSERS = {
    "order_pro_forma": with_paper(PaperKind.PRO_FORMA, asks_to_pay=True),
    "order_invoice": with_paper(PaperKind.INVOICE, asks_to_pay=True),
    "payment_received": payment,
    "payment_undone": payment,
    "order_part_cancelled": changed,
    "tax_spared": changed,
    "credit_refunded": refunded,
    "tax_billed": tax_correction,
    "tax_credited": tax_correction,
    "order_cancelled": with_paper(PaperKind.CREDIT_NOTE, needed=False),
    "license_ready": with_licenses(LicenseKind.PERMANENT),
    "temporary_license": with_licenses(LicenseKind.TEMPORARY),
    "temporary_declined": temporary_declined,
    "reseller_established": established,
}
