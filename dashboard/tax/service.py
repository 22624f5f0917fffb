"""Look rates up, decide the tax of a sale, load rates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from functools import partial

from sqlalchemy import select

from dashboard.config import current_settings
from dashboard.extensions import db, put_rows
from dashboard.money import Money
from dashboard.tax.files import Rates, zip_code_of
from dashboard.tax.models import TaxRate, ZipRate
from dashboard.tax.rules import Exemption, KnownRate, TaxDecision, rate_country, tax_on

#: Rows of one statement.
CHUNK = 1000


def tax_of(
    *,
    country: str,
    state: str,
    postal_code: str = "",
    on: date,
    has_vat_number: bool = False,
    exemption: Exemption | None = None,
) -> Callable[[Money], TaxDecision]:
    """What decides the tax on sums for a reseller of that place, at the rate that holds `on` the day, looked up once.

    Args:
        postal_code: of the reseller's billing address: in the US its ZIP code decides; the state's rate holds where
            no table has it.
        has_vat_number: the reseller has a VAT number whose form and check digit are right.
        exemption: a certificate of the reseller for that state and day.
    """
    seller = current_settings().vendor.country
    of_rate = rate_country(seller=seller, country=country, has_vat_number=has_vat_number)
    rate = _known_rate(of_rate, state, postal_code, on)
    return partial(
        tax_on,
        seller=seller,
        country=country,
        state=state,
        rate=rate,
        has_vat_number=has_vat_number,
        exemption=exemption,
    )


def load_rates(rates: Rates) -> None:
    """Keep rates beside those of earlier days; a rate of the same place and day is replaced."""
    for model, rows in ((TaxRate, rates.places), (ZipRate, rates.zips)):
        for start in range(0, len(rows), CHUNK):
            put_rows(model, [asdict(row) for row in rows[start : start + CHUNK]])
    db.session.expire_all()


def has_rate(country: str, on: date) -> bool:
    """Whether a rate of the country as a whole holds on the day (R28)."""
    return _known_rate(country, "", "", on) is not None


def _known_rate(country: str, state: str, postal_code: str, on: date) -> KnownRate | None:
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
    if found is None:
        return None
    rate, applies = found
    local = _local_rate(state, zip_code_of(postal_code), on) if country == "US" and applies else None
    return KnownRate(rate if local is None else local, applies)


def _local_rate(state: str, zip_code: str, on: date) -> int | None:
    return db.session.scalar(
        select(ZipRate.rate)
        .where(ZipRate.state == state, ZipRate.zip_code == zip_code, ZipRate.valid_from <= on)
        .order_by(ZipRate.valid_from.desc())
        .limit(1)
    )
