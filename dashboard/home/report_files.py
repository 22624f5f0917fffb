"""Reports as files for a spreadsheet, and the words of their columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.home import reports
from dashboard.home.reports import FIGURES, MONTHS, Asked, Kind, Report
from dashboard.jobs.work import Wish
from dashboard.money import CURRENCIES, Money
from dashboard.orders.rules import first_of_month
from dashboard.statements.rules import Age
from dashboard.web.exports import SavedFile, table_file
from dashboard.web.forms import day_typed
from dashboard.web.progress import Watch
from dashboard.web.texts import gettext as _
from dashboard.web.texts import pgettext


def asked_report(args: Mapping[str, str]) -> Asked:
    """The currency and the days of an address; without, the last twelve months in the first of our currencies."""
    ours = next(iter(current_settings().vendor.accounts))
    currency = args.get("currency", "")
    until = _within(day_typed(args.get("until", "")) or today())
    since = _within(day_typed(args.get("since", "")) or first_of_month(until, 11))
    since = max(min(since, until), first_of_month(until, MONTHS - 1))
    return Asked(currency if currency in CURRENCIES else ours, since, until)


def _within(day: date) -> date:
    """The day, or the nearest around which months can be counted."""
    return min(max(day, date(1900, 1, 1)), date(2199, 12, 31))


def report_file(wish: Wish, watch: Watch) -> SavedFile:
    """A report's table as a file: plain amounts, months as in ISO 8601."""
    kind, asked = Kind(wish.args["kind"]), asked_report(wish.args)
    found, words = reports.report(kind, asked), report_words(kind)
    wish.check(found.lines)
    head = [words["about"], _("Currency"), *(words["heads"][name] for name in FIGURES[kind])]
    rows = [_row(found, line.name, line.figures) for line in found.lines]
    rows.append(_row(found, _("Total"), found.totals))
    name = f"{kind}-{asked.currency}-{'' if kind is Kind.AGEING else f'{asked.since}-'}{asked.until}"
    return table_file(name, words["title"], head, rows, as_xlsx=wish.as_xlsx, watch=watch)


def _row(report: Report, name: str, figures: tuple[int, ...]) -> list[Any]:
    shown = [report.shown(*one) for one in zip(FIGURES[report.kind], figures, strict=True)]
    return [name, report.asked.currency, *(one.decimal if isinstance(one, Money) else one for one in shown)]


def report_titles() -> dict[Kind, str]:
    return {
        Kind.SALES: _("Sales by month"),
        Kind.RESELLERS: _("Sales by reseller"),
        Kind.PRODUCTS: _("Sales by product"),
        Kind.AGEING: _("Owed by age"),
        Kind.INTEREST: _("Interest by month"),
    }


def report_words(kind: Kind) -> dict[str, Any]:
    """What a report is called, what its rows are about, and the heads of its columns."""
    about = {Kind.RESELLERS: _("Reseller"), Kind.PRODUCTS: _("Product"), Kind.AGEING: _("Reseller")}
    heads = {
        "orders": _("Orders"), "pieces": _("Pieces"), "net": _("Without tax"), "tax": _("Tax"), "total": _("With tax"),
        Age.CURRENT: _("Not due yet"), Age.TO_30: _("1–30 days late"), Age.TO_60: _("31–60 days late"),
        Age.TO_90: _("61–90 days late"), Age.OVER_90: _("Over 90 days late"), "interest": _("Interest"),
        "owed": _("Owed together"), "booked": pgettext("interest", "Booked"), "waived": pgettext("interest", "Waived"),
        "paid": pgettext("interest", "Paid"),
    }  # fmt: skip
    return {"title": report_titles()[kind], "about": about.get(kind, _("Month")), "heads": heads}
