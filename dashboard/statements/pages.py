"""What the pages of a statement show, to its reseller and to staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from dashboard.documents import service as documents
from dashboard.invoices import service as invoices
from dashboard.invoices.rules import BankDetails
from dashboard.ledger.references import printed
from dashboard.statements import rules, service
from dashboard.web.exports import SavedFile, zip_file
from dashboard.web.fragments import render

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from dashboard.jobs.work import Wish
    from dashboard.statements.models import Statement
    from dashboard.web.progress import Watch


def index(*, of: int | None, by_staff: bool) -> ResponseReturnValue:
    """A page of statements, the newest first; with `of`, those of that reseller."""
    found = service.list_statements(of=of, before=request.args.get("before", type=int))
    older = found[-1][0].id if len(found) == service.PAGE else None
    return render("statements/index.html", statements=found, older=older, of=of, by_staff=by_staff)


def invoices_file(wish: Wish, watch: Watch) -> SavedFile:
    """The invoices of a statement's orders in one ZIP."""
    statement = service.get_statement(wish.args["number"], of=wish.of)
    digests = service.invoices_of(statement)
    wish.check(digests, rules.INVOICES_AT_ONCE)
    return zip_file(
        f"{statement.number}-invoices.zip", list(digests), lambda name: documents.read(digests[name]), watch
    )  # fmt: skip


def show(statement: Statement, *, by_staff: bool) -> ResponseReturnValue:
    """One statement as it was sent, and what of it is open today."""
    content, open_ = statement.content, service.open_of(statement)
    return render(
        "statements/show.html",
        statement=statement,
        content=content,
        open=open_,
        transfer_code=invoices.transfer_code(statement.number, open_, statement.reference, BankDetails(**content.bank)),
        reference=printed(statement.reference),
        newest=service.latest_of(statement.reseller_id),
        by_staff=by_staff,
    )
