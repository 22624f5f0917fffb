"""Look rates up, decide the tax of a sale, load rates from a file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from dashboard.config import current_settings
from dashboard.errors import N_, InvalidInput
from dashboard.extensions import db
from dashboard.money import WHOLE, Money, parse_rate
from dashboard.places import US_STATES
from dashboard.tax.models import TaxRate
from dashboard.tax.rules import KnownRate, TaxDecision, tax_on

_COUNTRY = re.compile("[A-Z]{2}")

COLUMNS = ("country", "state", "valid_from", "rate_percent", "applies")


def decide_tax(net: Money, *, country: str, state: str, on: date) -> TaxDecision:
    """The tax on `net` for a reseller of that place, at the rate that holds `on` the day."""
    found = db.session.execute(
        select(TaxRate.rate, TaxRate.applies)
        .where(
            TaxRate.country == country,
            TaxRate.state == (state if country == "US" else ""),
            TaxRate.valid_from <= on,
        )
        .order_by(TaxRate.valid_from.desc())
        .limit(1)
    ).first()
    seller = current_settings().vendor.country
    return tax_on(net, seller=seller, country=country, state=state, rate=KnownRate(*found) if found else None)


def load_rates(lines: Iterable[str]) -> int:
    """Load rates from CSV with the columns of `COLUMNS`; all or nothing. A rate of the same day is replaced.

    Raises:
        InvalidInput: naming the line that cannot be read.
    """
    reader = csv.DictReader(lines)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise InvalidInput(N_("The first line must name these columns: %(columns)s."), columns=", ".join(COLUMNS))
    count = 0
    for row in reader:
        try:
            db.session.merge(_rate(row))
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(N_("Line %(line)s cannot be read."), line=reader.line_num) from error
        count += 1
    db.session.flush()
    return count


def _rate(row: dict[str, str]) -> TaxRate:
    """The rate that a line tells of; ValueError, KeyError or TypeError if it is no rate of a place."""
    country, state, rate = row["country"], row["state"], parse_rate(row["rate_percent"])
    known_place = state in US_STATES if country == "US" else not state and _COUNTRY.fullmatch(country)
    if not known_place or not 0 <= rate <= WHOLE or set(row) != set(COLUMNS):
        raise ValueError(row)
    return TaxRate(
        country=country,
        state=state,
        valid_from=date.fromisoformat(row["valid_from"]),
        rate=rate,
        applies={"yes": True, "no": False}[row["applies"]],
    )
