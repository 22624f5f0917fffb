"""Reports for staff, as a page and as a file, and what is behind each of their figures."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.home import reports
from dashboard.home.report_files import asked_report, report_titles, report_words
from dashboard.home.reports import FIGURES, Asked, Kind
from dashboard.jobs import answers
from dashboard.money import CURRENCIES, Money
from dashboard.web.access import Permission
from dashboard.web.forms import row_id
from dashboard.web.fragments import render

bp = Blueprint("reports", __name__, url_prefix="/staff/reports")

VIEW = Permission.VIEW_REPORTS


@bp.get("", requires=VIEW)
def index() -> ResponseReturnValue:
    """The first of the reports."""
    return redirect(url_for(".show", kind=Kind.SALES), 303)


@bp.get("/interest", requires=VIEW, defaults={"kind": Kind.INTEREST})
@bp.get("/ageing", requires=VIEW, defaults={"kind": Kind.AGEING})
@bp.get("/products", requires=VIEW, defaults={"kind": Kind.PRODUCTS})
@bp.get("/resellers", requires=VIEW, defaults={"kind": Kind.RESELLERS})
@bp.get("/sales", requires=VIEW, defaults={"kind": Kind.SALES})
def show(kind: Kind) -> ResponseReturnValue:
    """A report: its chart, its table, and where each sum leads."""
    asked = asked_report(request.args)
    found = reports.report(kind, asked)
    return render(
        "home/report.html", "results", report=found, asked=asked, **report_words(kind), period=_period(asked, kind),
        kinds=report_titles(), currencies=list(CURRENCIES), figures=FIGURES[kind],
    )  # fmt: skip


@bp.route("/interest/export", methods=["GET", "POST"], requires=VIEW, defaults={"kind": Kind.INTEREST})
@bp.route("/ageing/export", methods=["GET", "POST"], requires=VIEW, defaults={"kind": Kind.AGEING})
@bp.route("/products/export", methods=["GET", "POST"], requires=VIEW, defaults={"kind": Kind.PRODUCTS})
@bp.route("/resellers/export", methods=["GET", "POST"], requires=VIEW, defaults={"kind": Kind.RESELLERS})
@bp.route("/sales/export", methods=["GET", "POST"], requires=VIEW, defaults={"kind": Kind.SALES})
def export(kind: Kind) -> ResponseReturnValue:
    """The same table as a file for a spreadsheet: plain amounts, months as in ISO 8601."""
    return answers.export("report", of=None, kind=kind)


@bp.get("/orders", requires=VIEW)
def orders() -> ResponseReturnValue:
    """The orders behind a figure of the sales."""
    asked, product = asked_report(request.args), request.args.get("product", "")
    reseller_id, cursor = request.args.get("reseller", type=row_id), request.args.get("start", "")
    found = reports.orders_behind(asked, reseller_id=reseller_id, product=product, cursor=cursor)
    kept = {"product": product or None, "reseller": reseller_id}
    kind = Kind.PRODUCTS if product else Kind.SALES if reseller_id is None else Kind.RESELLERS
    return render("home/report_orders.html", found=found, asked=asked, kept=kept, product=product, **_back(kind, asked))


@bp.get("/entries", requires=VIEW)
def entries() -> ResponseReturnValue:
    """The entries of the ledger behind a figure of the interest."""
    asked, figure = asked_report(request.args), request.args.get("figure", "")
    figure = figure if figure in FIGURES[Kind.INTEREST] else "booked"
    found = reports.entries_behind(asked, figure=figure, cursor=request.args.get("start", ""))
    return render(
        "home/report_entries.html", found=found, asked=asked, kept={"figure": figure}, figure=figure,
        **_back(Kind.INTEREST, asked),
    )  # fmt: skip


@bp.get("/owed", requires=VIEW)
def owed() -> ResponseReturnValue:
    """The receivables behind a figure of the ageing."""
    asked, figure, reseller_id = (
        asked_report(request.args),
        request.args.get("figure", ""),
        request.args.get("reseller", type=row_id),
    )
    rows, start = reports.owed(asked, reseller_id, figure), request.args.get("start", "")
    ids = [row.id for row in rows]
    at = ids.index(start) if start in ids else 0
    page, following = rows[at : at + reports.PAGE], next(iter(ids[at + reports.PAGE :]), None)
    nothing = Money.zero(asked.currency)
    sums = {name: sum((getattr(row, name) for row in rows), nothing) for name in ("principal", "interest")}
    return render(
        "home/report_owed.html", rows=page, sums=sums, following=following, asked=asked, figure=figure,
        kept={"figure": figure or None, "reseller": reseller_id}, **_back(Kind.AGEING, asked),
    )  # fmt: skip


def _period(asked: Asked, kind: Kind) -> dict[str, str]:
    """The report's own address once more: its currency and its days."""
    since = {} if kind is Kind.AGEING else {"since": asked.since.isoformat()}
    return {"currency": asked.currency, **since, "until": asked.until.isoformat()}


def _back(kind: Kind, asked: Asked) -> dict[str, Any]:
    """The report from which one came, and the words of its columns."""
    return {"kind": kind, "period": _period(asked, kind), **report_words(kind)}
