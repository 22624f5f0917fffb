"""What an order would cost a reseller now: prices, tax, terms and policy put together (R10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from dashboard.catalog import service as catalog
from dashboard.catalog.rules import PricedSku
from dashboard.clock import today
from dashboard.config import current_settings
from dashboard.errors import N_, InvalidInput
from dashboard.fulfilment.estimates import Estimate, EstimateLine
from dashboard.invoices.service import has_account
from dashboard.money import Money
from dashboard.orders.service import credit_of
from dashboard.resellers import policies
from dashboard.resellers import service as resellers
from dashboard.resellers.models import Reseller
from dashboard.resellers.tax_numbers import has_vat_number
from dashboard.tax import certificates
from dashboard.tax.rules import TaxDecision
from dashboard.tax.service import tax_of

#: SKUs and quantities of one order.
Lines = Sequence[tuple[str, int]]


def estimate(reseller_id: int, wanted: Lines) -> Estimate:
    """An order of these SKUs and quantities as it would be placed today.

    Raises:
        InvalidInput: for a SKU that is not offered, in this reseller's currency; if we have no bank account for
            it; for an order that costs nothing, which no transfer could pay (choice: people write to us instead).
    """
    (estimate,) = estimates_for(resellers.get_reseller(reseller_id), [wanted], today())
    return estimate


def estimates(reseller_id: int, wanted: Sequence[Lines]) -> list[Estimate]:
    """Several orders as they would be placed today, together; as many statements as for one.

    Raises:
        as `estimate`.
    """
    return estimates_for(resellers.get_reseller(reseller_id), wanted, today())


def estimates_for(reseller: Reseller, wanted: Sequence[Lines], on: date) -> list[Estimate]:
    """The same for a reseller that is at hand (locked, when the orders are placed)."""
    if not has_account(reseller.currency):
        raise InvalidInput(
            N_("At present we take no orders in %(currency)s. Please write to %(email)s."),
            currency=reseller.currency, email=current_settings().vendor.sales_email,
        )  # fmt: skip
    offered = catalog.priced({sku for lines in wanted for sku, _ in lines}, reseller.currency, on)
    tax, credit = _tax(reseller, on), credit_of(reseller, on)
    policy, to_accept = policies.current_policy(), policies.must_accept_policy(reseller.id) is not None
    found = []
    for lines in wanted:
        own_lines = _lines(lines, offered, reseller.discount)
        estimate = Estimate(
            currency=reseller.currency,
            discount=reseller.discount,
            lines=own_lines,
            tax=tax(sum((line.net for line in own_lines), Money.zero(reseller.currency))),
            credit=credit,
            credit_days=current_settings().credit_days,
            policy=policy,
            policy_to_accept=to_accept,
        )
        if not estimate.total:
            raise InvalidInput(
                N_("An order that costs nothing cannot be placed here. Please write to %(email)s."),
                email=current_settings().vendor.sales_email,
            )
        found.append(estimate)
    return found


def _tax(reseller: Reseller, on: date) -> Callable[[Money], TaxDecision]:
    """The tax of the reseller's place (R28), and what takes it away (R29)."""
    in_us = reseller.country == "US"
    return tax_of(
        country=reseller.country,
        state=reseller.state,
        postal_code=reseller.postal_code,
        on=on,
        has_vat_number=has_vat_number(reseller.country, reseller.tax_number),
        exemption=certificates.find_exemption(reseller.id, reseller.state, on) if in_us else None,
    )


def _lines(wanted: Lines, offered: Mapping[str, PricedSku], discount: int) -> tuple[EstimateLine, ...]:
    lines = []
    for sku, quantity in wanted:
        item = offered.get(sku)
        if item is None:
            raise InvalidInput(N_("%(sku)s is not offered. Remove it or choose another."), sku=sku)
        lines.append(
            EstimateLine(
                sku=sku,
                brand=item.brand,
                product=item.product,
                platform=item.platform,
                plan=item.plan,
                scope_en=item.scope_en,
                scope_ru=item.scope_ru,
                quantity=quantity,
                retail=item.retail,
                partner=item.partner(discount),
            )
        )
    return tuple(lines)
