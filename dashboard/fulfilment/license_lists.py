"""The licenses of a company's own orders: found, counted, and by the month in which their updates end (R24, R26)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import aliased

from dashboard.clock import today
from dashboard.extensions import db
from dashboard.fulfilment.renewals import renewed_by
from dashboard.fulfilment.rules import MONTHS_AHEAD, MONTHS_BACK, SOON, Standing, standing
from dashboard.licenses.models import License
from dashboard.licenses.rules import LicenseKind
from dashboard.orders.rules import first_of_month
from dashboard.searching import hold_words

#: Licenses that a page of the list shows, and that a page of renewals shows before it ends with its month.
PAGE, RENEWALS = 40, 60

#: Licenses that one export, and the renewals together, hold at the most.
MOST, MOST_RENEWALS = 20_000, 5_000

#: What the list can be narrowed to.
STANDINGS = ("all", *Standing)


class Row(NamedTuple):
    """A license, and the order that renews it."""

    license: License
    renewed_by: str | None

    @property
    def standing(self) -> Standing:
        return standing_of(self.license)

    @property
    def may_be_renewed(self) -> bool:
        return self.renewed_by is None and self.standing not in {Standing.TEMPORARY, Standing.REVOKED}


@dataclass(frozen=True)
class Page:
    """A page of the list, where the next one begins, and how many each of `STANDINGS` finds."""

    rows: list[Row]
    following: int | None
    counts: dict[str, int]


class Ending(NamedTuple):
    """What the renewals tell of a license."""

    updates_until: date
    serial: str
    order_id: str
    position: int
    sku: str
    product: str
    plan: str
    quantity: int
    licensee: str
    email: str


@dataclass(frozen=True)
class Month:
    """The licenses whose updates end in one calendar month."""

    first_day: date
    licenses: list[Ending]


def standing_of(license_: License, on: date | None = None) -> Standing:
    """How a license stands today, or on another day."""
    return standing(
        temporary=license_.kind == LicenseKind.TEMPORARY, revoked=license_.revoked_at is not None,
        updates_until=license_.updates_until, today=on or today(),
    )  # fmt: skip


def list_licenses(of: int, *, search: str = "", state: str = "all", before: int | None = None) -> Page:
    """A page of the licenses of a reseller's orders, the newest first, with the counts of all states, in one statement.

    Args:
        search: words that all must occur: customer, product, plan, serial, SKU, order; case does not matter, nor on
            which keyboard they were typed.
        state: one of `STANDINGS`.
        before: the id with which an earlier page said that the next one begins.
    """
    conditions, states = _conditions(of, search), _states(today())
    counted = select(*(func.count().filter(states[name]).label(name) for name in STANDINGS)).where(*conditions)
    ids = select(License.id).where(*conditions, states[state])
    if before is not None:
        ids = ids.where(License.id < before)
    page = ids.order_by(License.id.desc()).limit(PAGE + 1).subquery()  # first: else what renews is sought for all
    part = select(License, renewed_by().label("by")).join(page, page.c.id == License.id).subquery()
    counts, listed = counted.subquery(), aliased(License, part)
    query = select(listed, part.c.by, *counts.c).select_from(counts.outerjoin(part, true()))
    found = db.session.execute(query.order_by(listed.id.desc())).all()
    shown = [Row(row[0], row[1]) for row in found if row[0] is not None]
    following = shown[PAGE - 1].license.id if len(shown) > PAGE else None
    return Page(shown[:PAGE], following, dict(zip(STANDINGS, map(int, found[0][2:]), strict=True)))


def all_licenses(of: int, *, search: str = "", state: str = "all", most: int = MOST) -> list[Row]:
    """What the pages of `list_licenses` show together, so many at the most: for an export."""
    query = select(License, renewed_by()).where(*_conditions(of, search), _states(today())[state])
    return [Row(*row) for row in db.session.execute(query.order_by(License.id.desc()).limit(most))]


def renewals(of: int, day: date, search: str = "") -> list[Month]:
    """Every month from `MONTHS_BACK` ago for `MONTHS_AHEAD`, with the licenses whose updates end in it and that nothing
    renews yet, what ends first ahead; one statement.

    Args:
        search: words that all must occur, as in `list_licenses`.
    """
    found = _endings(of, *_near(day), *hold_words(search, License.search_text))
    months = {month: list(ending) for month, ending in groupby(found, lambda one: one.updates_until.replace(day=1))}
    starts = [first_of_month(day, back) for back in range(MONTHS_BACK, -MONTHS_AHEAD, -1)]
    return [Month(start, months.get(start, [])) for start in starts]


def all_renewals(of: int, *, search: str = "", most: int = MOST) -> list[Row]:
    """What the months of `renewals` show together, so many at the most: for an export."""
    query = select(License).where(*_unrenewed(of), *_near(today()), *hold_words(search, License.search_text))
    found = db.session.scalars(query.order_by(License.updates_until, License.id).limit(most))
    return [Row(license_, None) for license_ in found]


def _near(day: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """That updates end in one of the months of renewals."""
    first, beyond = first_of_month(day, MONTHS_BACK), first_of_month(day, -MONTHS_AHEAD)
    return License.updates_until >= first, License.updates_until < beyond


def serials_of_month(of: int, month: date, search: str = "") -> list[str]:
    """The serials of the renewals of one month in which all words of a search occur."""
    found = (one for one in renewals(of, today(), search) if one.first_day == month)
    return [license_.serial for one in found for license_ in one.licenses]


def ending_soon(of: int, day: date) -> list[Ending]:
    """What ends within `SOON` days and nothing renews yet, what ends first ahead; one statement."""
    return _endings(of, _states(day)[Standing.ENDING])


def _endings(of: int, *which: ColumnElement[bool]) -> list[Ending]:
    facts = [getattr(License, name) for name in Ending._fields]
    query = select(*facts).where(*_unrenewed(of), *which)
    found = db.session.execute(query.order_by(License.updates_until, License.id).limit(MOST_RENEWALS))
    return [Ending(*row) for row in found]


def _unrenewed(of: int) -> tuple[ColumnElement[bool], ...]:
    """That a license of the reseller is permanent, holds, and is not renewed."""
    holds = (License.kind == LicenseKind.PERMANENT, License.revoked_at.is_(None), renewed_by().is_(None))
    return License.reseller_id == of, *holds


def _conditions(of: int, search: str) -> list[ColumnElement[bool]]:
    return [License.reseller_id == of, *hold_words(search, License.search_text)]


def _states(day: date) -> dict[str, ColumnElement[bool]]:
    """The same as `standing`, for the database."""
    holds = License.revoked_at.is_(None)
    permanent = and_(holds, License.kind == LicenseKind.PERMANENT)
    soon = day + timedelta(days=SOON)
    return {
        "all": true(),
        Standing.VALID: and_(permanent, License.updates_until > soon),
        Standing.ENDING: and_(permanent, License.updates_until.between(day, soon)),
        Standing.ENDED: and_(permanent, License.updates_until < day),
        Standing.TEMPORARY: and_(holds, License.kind == LicenseKind.TEMPORARY),
        Standing.REVOKED: License.revoked_at.is_not(None),
    }
