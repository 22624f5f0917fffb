"""Reports for staff, as a page and as a file, and what is behind each of their figures."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.home import reports
from dashboard.home.reports import FIGURES, MONTHS, Asked, Kind, Report
from dashboard.money import CURRENCIES, Money
from dashboard.orders.rules import first_of_month
from dashboard.statements.rules import Age
from dashboard.web.access import Permission
from dashboard.web.exports import table_file
from dashboard.web.forms import day_typed
from dashboard.web.fragments import render
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext

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
    asked = _asked()
    found = reports.report(kind, asked)
    return render(
        "home/report.html", "results", report=found, asked=asked, **_words(kind), period=_period(asked, kind),
        kinds=_titles(), currencies=list(CURRENCIES), figures=FIGURES[kind],
    )  # fmt: skip


@bp.get("/interest/export", requires=VIEW, defaults={"kind": Kind.INTEREST})
@bp.get("/ageing/export", requires=VIEW, defaults={"kind": Kind.AGEING})
@bp.get("/products/export", requires=VIEW, defaults={"kind": Kind.PRODUCTS})
@bp.get("/resellers/export", requires=VIEW, defaults={"kind": Kind.RESELLERS})
@bp.get("/sales/export", requires=VIEW, defaults={"kind": Kind.SALES})
def export(kind: Kind) -> ResponseReturnValue:
    """The same table as a file for a spreadsheet: plain amounts, months as in ISO 8601."""
    asked = _asked()
    found, words = reports.report(kind, asked), _words(kind)
    head = [words["about"], _("Currency"), *(words["heads"][name] for name in FIGURES[kind])]
    rows = [_exported(found, line.name, line.figures) for line in found.lines]
    rows.append(_exported(found, _("Total"), found.totals))
    name = f"{kind}-{asked.currency}-{'' if kind is Kind.AGEING else f'{asked.since}-'}{asked.until}"
    return table_file(name, words["title"], head, rows, as_xlsx=request.args.get("format") == "xlsx")


def _exported(report: Report, name: str, figures: tuple[int, ...]) -> list[Any]:
    shown = [report.shown(*one) for one in zip(FIGURES[report.kind], figures, strict=True)]
    return [name, report.asked.currency, *(one.decimal if isinstance(one, Money) else one for one in shown)]


@bp.get("/orders", requires=VIEW)
def orders() -> ResponseReturnValue:
    """The orders behind a figure of the sales."""
    asked, product = _asked(), request.args.get("product", "")
    reseller_id, cursor = _number("reseller"), request.args.get("start", "")
    found = reports.orders_behind(asked, reseller_id=reseller_id, product=product, cursor=cursor)
    kept = {"product": product or None, "reseller": reseller_id}
    kind = Kind.PRODUCTS if product else Kind.SALES if reseller_id is None else Kind.RESELLERS
    return render("home/report_orders.html", found=found, asked=asked, kept=kept, product=product, **_back(kind, asked))


@bp.get("/entries", requires=VIEW)
def entries() -> ResponseReturnValue:
    """The entries of the ledger behind a figure of the interest."""
    asked, figure = _asked(), request.args.get("figure", "")
    figure = figure if figure in FIGURES[Kind.INTEREST] else "booked"
    found = reports.entries_behind(asked, figure=figure, cursor=request.args.get("start", ""))
    return render(
        "home/report_entries.html", found=found, asked=asked, kept={"figure": figure}, figure=figure,
        **_back(Kind.INTEREST, asked),
    )  # fmt: skip


@bp.get("/owed", requires=VIEW)
def owed() -> ResponseReturnValue:
    """The receivables behind a figure of the ageing."""
    asked, figure, reseller_id = _asked(), request.args.get("figure", ""), _number("reseller")
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


def _asked() -> Asked:
    """The currency and the days of the address; without, the last twelve months in the first of our currencies."""
    ours = next(iter(current_settings().vendor.accounts))
    currency = request.args.get("currency", "")
    until = _within(day_typed(request.args.get("until", "")) or today())
    since = _within(day_typed(request.args.get("since", "")) or first_of_month(until, 11))
    since = max(min(since, until), first_of_month(until, MONTHS - 1))
    return Asked(currency if currency in CURRENCIES else ours, since, until)


def _within(day: date) -> date:
    """The day, or the nearest around which months can be counted."""
    return min(max(day, date(1900, 1, 1)), date(2199, 12, 31))


def _number(name: str) -> int | None:
    value = request.args.get(name, type=int)
    return None if value is None else max(0, min(value, 2**31 - 1))


def _period(asked: Asked, kind: Kind) -> dict[str, str]:
    """The report's own address once more: its currency and its days."""
    since = {} if kind is Kind.AGEING else {"since": asked.since.isoformat()}
    return {"currency": asked.currency, **since, "until": asked.until.isoformat()}


def _back(kind: Kind, asked: Asked) -> dict[str, Any]:
    """The report from which one came, and the words of its columns."""
    return {"kind": kind, "period": _period(asked, kind), **_words(kind)}


def _titles() -> dict[Kind, str]:
    return {
        Kind.SALES: _("Sales by month"),
        Kind.RESELLERS: _("Sales by reseller"),
        Kind.PRODUCTS: _("Sales by product"),
        Kind.AGEING: _("Owed by age"),
        Kind.INTEREST: _("Interest by month"),
    }


def _words(kind: Kind) -> dict[str, Any]:
    """What a report is called, what its rows are about, and the heads of its columns."""
    about = {Kind.RESELLERS: _("Reseller"), Kind.PRODUCTS: _("Product"), Kind.AGEING: _("Reseller")}
    heads = {
        "orders": _("Orders"), "pieces": _("Pieces"), "net": _("Without tax"), "tax": _("Tax"), "total": _("With tax"),
        Age.CURRENT: _("Not due yet"), Age.TO_30: _("1–30 days late"), Age.TO_60: _("31–60 days late"),
        Age.TO_90: _("61–90 days late"), Age.OVER_90: _("Over 90 days late"), "interest": _("Interest"),
        "owed": _("Owed together"), "booked": pgettext("interest", "Booked"), "waived": pgettext("interest", "Waived"),
        "paid": pgettext("interest", "Paid"),
    }  # fmt: skip
    return {"title": _titles()[kind], "about": about.get(kind, _("Month")), "heads": heads}
