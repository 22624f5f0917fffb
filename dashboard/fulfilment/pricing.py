"""What an order would cost a reseller now: prices, tax, terms and policy put together (R10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboard.catalog import service as catalog
from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.errors import N_, InvalidInput
from dashboard.fulfilment.quotes import Quote, QuoteLine
from dashboard.invoices.service import has_account
from dashboard.money import Money, partner_price
from dashboard.orders.service import credit_of
from dashboard.resellers import policies
from dashboard.resellers import service as resellers
from dashboard.resellers.models import Reseller
from dashboard.resellers.tax_numbers import has_vat_number
from dashboard.tax import certificates
from dashboard.tax.rules import TaxDecision
from dashboard.tax.service import decide_tax


def quote(reseller_id: int, wanted: Sequence[tuple[str, int]]) -> Quote:
    """An order of these SKUs and quantities as it would be placed today.

    Raises:
        InvalidInput: for a SKU that is not offered, in this reseller's currency; if we have no bank account for
            it; for an order that costs nothing, which no transfer could pay (choice: people write to us instead).
    """
    return quote_for(resellers.get_reseller(reseller_id), wanted, today())


def quote_for(reseller: Reseller, wanted: Sequence[tuple[str, int]], on: date) -> Quote:
    """The same for a reseller that is at hand (locked, when the order is placed)."""
    if not has_account(reseller.currency):
        raise InvalidInput(
            N_("At present we take no orders in %(currency)s. Please write to %(email)s."),
            currency=reseller.currency, email=current_settings().vendor.sales_email,
        )  # fmt: skip
    lines = _lines(reseller, wanted, on)
    net = sum((line.net for line in lines), Money.zero(reseller.currency))
    quoted = Quote(
        currency=reseller.currency,
        discount=reseller.discount,
        lines=lines,
        tax=_tax(reseller, net, on),
        credit=credit_of(reseller, on),
        credit_days=current_settings().credit_days,
        policy=policies.current_policy(),
        policy_to_accept=policies.must_accept_policy(reseller.id) is not None,
    )
    if not quoted.total:
        raise InvalidInput(
            N_("An order that costs nothing cannot be placed here. Please write to %(email)s."),
            email=current_settings().vendor.sales_email,
        )
    return quoted


def _tax(reseller: Reseller, net: Money, on: date) -> TaxDecision:
    """The tax of the reseller's place (R28), and what takes it away (R29)."""
    in_us = reseller.country == "US"
    return decide_tax(
        net,
        country=reseller.country,
        state=reseller.state,
        postal_code=reseller.postal_code,
        on=on,
        has_vat_number=has_vat_number(reseller.country, reseller.tax_number),
        exemption=certificates.find_exemption(reseller.id, reseller.state, on) if in_us else None,
    )


def _lines(reseller: Reseller, wanted: Sequence[tuple[str, int]], on: date) -> tuple[QuoteLine, ...]:
    offered = catalog.priced([sku for sku, _ in wanted], reseller.currency, on)
    for sku, _ in wanted:
        if sku not in offered:
            raise InvalidInput(N_("%(sku)s is not offered. Remove it or choose another."), sku=sku)
    lines = []
    for sku, quantity in wanted:
        item = offered[sku]
        lines.append(
            QuoteLine(
                sku=sku,
                brand=item.brand,
                product=item.product,
                platform=item.platform,
                plan=item.plan,
                scope_en=item.scope_en,
                scope_ru=item.scope_ru,
                quantity=quantity,
                retail=item.retail,
                partner=partner_price(item.retail, reseller.discount),
            )
        )
    return tuple(lines)
