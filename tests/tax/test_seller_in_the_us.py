"""A vendor in the United States: no VAT there, each state has its own sales tax."""

from __future__ import annotations

import pytest

from dashboard.money import Money
from dashboard.tax.rules import KnownRate, TaxKind, tax_on


@pytest.mark.parametrize(("applies", "kind", "tax"), [(True, TaxKind.SALES_TAX, 63), (False, TaxKind.NOT_TAXABLE, 0)])
def test_R28_sales_tax_follows_the_reseller_s_state_for_a_vendor_in_the_us(
    applies: bool, kind: TaxKind, tax: int
) -> None:
    rate = KnownRate(rate=62_500, applies=applies)
    decision = tax_on(Money(1000, "USD"), seller="US", country="US", state="TX", rate=rate)
    assert (decision.kind, decision.place, decision.amount) == (kind, "US-TX", Money(tax, "USD"))
