"""A customer's search: through the customer's own licenses, which know no price (R25)."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.licenses import service
from dashboard.licenses.models import License
from dashboard.typed import holds_all, typed_words

#: Licenses on one page.
PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Page:
    """Some licenses of an account, the newest first."""

    rows: list[License]
    count: int  #: of all that were found
    following: str  #: the serial with which the next page begins; empty on the last one


def list_licenses(user_id: int, search: str = "", begin: str = "") -> Page:
    """A page of the account's licenses, of those that a search finds if there is one; one statement.

    Args:
        begin: the serial with which an earlier page said that the next one begins; any other begins anew.
    """
    found = find_licenses(user_id, search) if search else service.of_customer(user_id)
    first = next((number for number, one in enumerate(found) if one.serial == begin), 0)
    later = found[first + PER_PAGE :]
    return Page(found[first : first + PER_PAGE], len(found), later[0].serial if later else "")


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
        if holds_all(_words(one), typed) or holds_all(_numbers(one), compact)
    ]


def _words(one: License) -> str:
    facts = (one.product, one.platform, one.plan, one.sku, one.order_id, one.serial, one.licensee, one.reseller_name)
    return " ".join(facts).casefold()


def _numbers(one: License) -> str:
    return f"{one.order_id} {one.serial}".replace("-", "").casefold()
