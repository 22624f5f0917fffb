"""What a price list shows and how it is searched: pure (R6, R7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TypeVar

from dashboard.money import Money, partner_price
from dashboard.typed import as_typed, holds_all, typed_words


@dataclass(frozen=True)
class NamedSku:
    """What a SKU is called, in both languages."""

    code: str
    brand: str
    product: str
    platform: str
    plan: str
    scope_en: str
    scope_ru: str
    description_en: str
    description_ru: str

    def scope(self, language: str) -> str:
        """Who may use it and where, in the reader's language."""
        return self.scope_ru if language == "ru" else self.scope_en

    def description(self, language: str) -> str:
        """What the product does, in the reader's language."""
        return self.description_ru if language == "ru" else self.description_en

    @cached_property
    def names(self) -> str:
        """What it is called, in one case."""
        return f"{self.code} {self.brand} {self.product} {self.platform} {self.plan}".casefold()

    @cached_property
    def words(self) -> str:
        """All that a search looks at, in both languages and in one case."""
        told = f"{self.scope_en} {self.scope_ru} {self.description_en} {self.description_ru}"
        return f"{self.names} {told.casefold()}"


@dataclass(frozen=True)
class PricedSku(NamedSku):
    """A SKU that is on sale, with its retail price in one currency."""

    retail: Money

    def partner(self, discount: int) -> Money:
        """The partner unit price (R6) at a discount in parts per million."""
        return partner_price(self.retail, discount)

    def saved(self, discount: int) -> Money:
        """What a partner saves on one piece."""
        return self.retail - self.partner(discount)


@dataclass(frozen=True)
class StoredSku(NamedSku):
    """A SKU of the catalog, sold or not, with the retail prices that hold on one day."""

    prices: dict[str, Money]  #: by currency; in one that is not there it is not sold


#: A SKU with or without prices: whatever is searched is given back as it is.
Found = TypeVar("Found", bound=NamedSku)


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for in the price list; what is empty does not narrow it."""

    search: str = ""
    brand: str = ""
    product: str = ""
    platform: str = ""
    plan: str = ""

    def __bool__(self) -> bool:
        return bool(self.search.strip() or self.brand or self.product or self.platform or self.plan)


def narrow(skus: Iterable[Found], wanted: Wanted) -> list[Found]:
    """The SKUs that fit: all filters hold, and every word of the search is found, in any order."""
    words = typed_words(wanted.search)
    return [
        sku
        for sku in skus
        if wanted.brand in {"", sku.brand}
        and wanted.product in {"", sku.product}
        and wanted.platform in {"", sku.platform}
        and wanted.plan in {"", sku.plan}
        and holds_all(sku.words, words)
    ]


def best_first(skus: Iterable[PricedSku], search: str) -> list[PricedSku]:
    """What fits a search, those ahead whose names hold it all: `pdf` means Aspose.PDF before a viewer of PDF files."""
    words = typed_words(search)
    return sorted(narrow(skus, Wanted(search=search)), key=lambda sku: not holds_all(sku.names, words))


def find_typed(skus: Sequence[PricedSku], text: str) -> PricedSku | None:
    """The one SKU that a typed text means: its code in any case or layout, or a search that fits nothing else."""
    if sku := find_code({sku.code.casefold(): sku for sku in skus}, text):
        return sku
    found = narrow(skus, Wanted(search=text)) if text.strip() else []
    return found[0] if len(found) == 1 else None


def find_code(by_code: Mapping[str, PricedSku], text: str) -> PricedSku | None:
    """The SKU whose code a text is, in any case or layout; `by_code` holds codes in one case."""
    variants = as_typed(text.strip().casefold())
    return next((by_code[variant] for variant in variants if variant in by_code), None)


def by_product(skus: Iterable[PricedSku]) -> list[list[PricedSku]]:
    """The SKUs of each product together, in the vendor's order."""
    return [list(plans) for _, plans in groupby(skus, key=lambda sku: sku.product)]


def choices(skus: Iterable[NamedSku]) -> dict[str, list[str]]:
    """What the filters offer: each value once, in the vendor's order."""
    found: dict[str, dict[str, None]] = {"brand": {}, "product": {}, "platform": {}, "plan": {}}
    for sku in skus:
        for name, values in found.items():
            values[getattr(sku, name)] = None
    return {name: list(values) for name, values in found.items()}
