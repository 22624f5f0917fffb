"""What an order would cost now, under which terms, and what has changed since somebody looked (R10, R11)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.errors import N_, Refused
from dashboard.ledger.rules import CreditDecision, Terms
from dashboard.money import Money
from dashboard.prose.versions import Version
from dashboard.tax.rules import TaxDecision


@dataclass(frozen=True)
class EstimateLine:
    """A SKU and a quantity at today's prices."""

    sku: str
    brand: str
    product: str
    platform: str
    plan: str
    scope_en: str
    scope_ru: str
    quantity: int
    retail: Money  #: of one
    partner: Money  #: of one; rounded, then multiplied (R11)

    @property
    def net(self) -> Money:
        return self.partner * self.quantity


@dataclass(frozen=True)
class Difference:
    """Something that is not as it was shown: a price of a SKU, the tax, the terms, the policy."""

    what: str
    sku: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Estimate:
    """An order as it would be placed now."""

    currency: str
    discount: int
    lines: tuple[EstimateLine, ...]
    tax: TaxDecision
    credit: CreditDecision
    credit_days: int  #: of an order on credit; part of its terms
    policy: Version
    policy_to_accept: bool

    @property
    def terms(self) -> Terms:
        return self.credit.agreed

    @property
    def due_on(self) -> date | None:
        return self.credit.due_on

    @property
    def retail(self) -> Money:
        return sum((line.retail * line.quantity for line in self.lines), Money.zero(self.currency))

    @property
    def net(self) -> Money:
        return sum((line.net for line in self.lines), Money.zero(self.currency))

    @property
    def saved(self) -> Money:
        return self.retail - self.net

    @property
    def total(self) -> Money:
        return self.net + self.tax.amount

    def facts(self) -> dict[str, Any]:
        """What a review page shows, as plain values: what must not change unseen."""
        return {
            "currency": self.currency,
            "lines": {line.sku: [line.quantity, line.retail.minor, line.partner.minor] for line in self.lines},
            "tax": [self.tax.kind, self.tax.place, self.tax.rate, self.tax.amount.minor],
            "exemption": self.tax.exemption.number if self.tax.exemption else "",
            "total": self.total.minor,
            "terms": [self.terms, self.credit_days if self.terms is Terms.NET30 else 0],
            "policy": self.policy.number,
        }

    def shown(self) -> str:
        """The facts in one string, for a hidden field; nothing in it is trusted, it is only compared."""
        return json.dumps(self.facts(), separators=(",", ":"), sort_keys=True)


class EstimateChanged(Refused):
    """What was reviewed is no longer so; nothing was placed (R10)."""

    def __init__(self, estimate: Estimate, changes: list[Difference]) -> None:
        super().__init__(N_("Something has changed since you looked. Please check the marked places and place again."))
        self.estimate = estimate
        self.changes = changes


def differences(seen: str, now: Estimate) -> list[Difference]:
    """What of the reviewed facts `seen` is not so any more; something unreadable counts as all changed."""
    try:
        before = json.loads(seen)
        return list(_compare(before, now.facts()))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return [Difference("review", "", None, None)]


def _compare(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Difference]:
    for sku in sorted(before["lines"].keys() | after["lines"].keys()):
        old, new = before["lines"].get(sku), after["lines"].get(sku)
        if old != new:
            what = "line" if old is None or new is None or old[0] != new[0] else "price"
            yield Difference(what, sku, old and int(old[2]), new and new[2])
    for what in ("currency", "tax", "exemption", "total", "terms", "policy"):
        if before[what] != after[what]:
            yield Difference(what, "", before[what], after[what])
