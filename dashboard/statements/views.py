"""A reseller's monthly statements (R17)."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from dashboard.documents import service as documents
from dashboard.jobs import answers
from dashboard.statements import pages, service
from dashboard.web.access import Permission, actor

bp = Blueprint("statements", __name__, url_prefix="/statements")


@bp.get("", requires=Permission.VIEW_OWN_ORDERS)
def index() -> ResponseReturnValue:
    """All statements of the company, the newest first."""
    return pages.index(of=actor.reseller, by_staff=False)


@bp.get("/<number>", requires=Permission.VIEW_OWN_ORDERS)
def show(number: str) -> ResponseReturnValue:
    """One statement, and how to pay all of it with one transfer."""
    return pages.show(service.get_statement(number, of=actor.reseller), by_staff=False)


@bp.get("/<number>/pdf", requires=Permission.VIEW_OWN_ORDERS)
def pdf(number: str) -> Response:
    """The statement as it was sent; paid, it says so (R19)."""
    return documents.download(*service.document_of(service.get_statement(number, of=actor.reseller)))


@bp.route("/<number>/invoices", methods=["GET", "POST"], requires=Permission.VIEW_OWN_ORDERS)
def invoices(number: str) -> ResponseReturnValue:
    """The invoices of the statement's orders in one ZIP."""
    statement = service.get_statement(number, of=actor.reseller)
    return answers.export("statement_invoices", of=actor.reseller, number=statement.number)
