"""A customer's search: through the customer's own licenses, which know no price (R25)."""

from __future__ import annotations

from dashboard.licenses import service
from dashboard.licenses.models import License
from dashboard.typed import holds_all, typed_words


def find_licenses(user_id: int, search: str) -> list[License]:
    """The account's licenses in which all words are found, the newest first; one statement.

    A serial or an order's number is found without its dashes, too.
    """
    typed = typed_words(search)
    if not typed:
        return []
    compact = typed_words(search.replace("-", "").replace(" ", ""))
    return [
        one
        for one in service.of_customer(user_id)
        if holds_all(_words(one), typed) or (compact and holds_all(_numbers(one), compact))
    ]


def _words(one: License) -> str:
    facts = (one.product, one.platform, one.plan, one.sku, one.order_id, one.serial, one.licensee, one.reseller_name)
    return " ".join(facts).casefold()


def _numbers(one: License) -> str:
    return f"{one.order_id} {one.serial}".replace("-", "").casefold()
