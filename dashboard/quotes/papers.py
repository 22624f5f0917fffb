"""From a draft to the paper that is issued: copies of all that stands on it, in its language (R11, R30)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from dashboard.documents.glyphs import unprintable
from dashboard.errors import N_, InvalidInput
from dashboard.invoices.service import tax_label
from dashboard.quotes.rules import PaperLine, Party, QuoteSnapshot, amounts

if TYPE_CHECKING:
    from dashboard.catalog.rules import PricedSku
    from dashboard.quotes.models import Quote
    from dashboard.resellers.models import Reseller


def snapshot_of(
    quote: Quote, reseller: Reseller, member: tuple[str, ...], offered: Mapping[str, PricedSku], issued_on: date
) -> QuoteSnapshot:
    """What the paper of a draft says from now on.

    Args:
        member: name and address of who made it.
        offered: the products that are on sale, by SKU.

    Raises:
        InvalidInput: if one of its SKUs is not on sale.
    """
    contents, language = quote.contents, quote.customer.get("language") or "en"
    sums = amounts(contents.lines, contents.tax_rate, quote.currency)
    lines = []
    for position, line in enumerate(contents.lines, start=1):
        item = offered.get(line.sku)
        if item is None:
            raise InvalidInput(N_("%(sku)s is not offered. Remove it or choose another."), sku=line.sku)
        lines.append(
            PaperLine(
                position, line.sku, item.product, item.plan, item.scope(language), line.quantity, line.unit_minor,
                line.unit_minor * line.quantity,
            )
        )  # fmt: skip
    return QuoteSnapshot(
        number=quote.id,
        issued_on=issued_on,
        valid_until=contents.valid_until,
        language=language,
        currency=quote.currency,
        seller=_seller(reseller, language),
        customer=_customer(contents.customer),
        lines=tuple(lines),
        net_minor=sums.net.minor,
        tax_minor=sums.tax.minor,
        total_minor=sums.total.minor,
        website=reseller.website,
        contact=tuple(fact for fact in member if fact and not unprintable(fact)),
        logo=reseller.logo_digest or "",
        tax_label=contents.tax_label,
        tax_rate=contents.tax_rate,
        terms=contents.terms,
        note=contents.note,
        reference=contents.reference,
    )


def _seller(reseller: Reseller, language: str) -> Party:
    """The reseller as its own letterhead names it; in the US a tax number is no matter for customers."""
    number = "" if reseller.country == "US" else reseller.tax_number
    return Party(
        name=reseller.legal_name or reseller.name,
        address=_lines(reseller.street, " ".join(filter(None, (reseller.city, reseller.state, reseller.postal_code)))),
        country=reseller.country,
        tax_ids=((tax_label(reseller.country, language), number),) if number else (),
    )


def _customer(facts: Mapping[str, str]) -> Party:
    company, name = facts.get("company", ""), facts.get("name", "")
    place = " ".join(filter(None, (facts.get("postal_code"), facts.get("city"))))
    return Party(
        name=company or name,
        address=_lines(name if company else "", facts.get("street", ""), place, facts.get("state", "")),
        country=facts.get("country", ""),
        email=facts.get("email", ""),
    )


def _lines(*lines: str) -> tuple[str, ...]:
    return tuple(line for line in lines if line)
