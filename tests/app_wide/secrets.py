"""What a customer must never learn (R25): every amount, rate and number of the world, however it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from dashboard.documents import service as documents
from dashboard.extensions import db
from dashboard.invoices.models import Paper
from dashboard.ledger.models import LedgerEntry, Receivable
from dashboard.ledger.references import printed
from dashboard.licenses.models import License
from dashboard.mail.models import Letter
from dashboard.money import Money
from dashboard.orders.models import Order, OrderLine
from dashboard.quotes.models import Quote
from tests.app_wide.matters import RESALE_TAX
from tests.app_wide.world import DISCOUNT, NOTE, PO_NUMBER, TAX_RATE

#: What may stand between the thousands: nothing, a point, a comma, or a space of any kind.
_GROUP = r"(?:[.,'\s\u00a0\u202f\u2009]|&nbsp;|&\#160;|%20|\\u00a0|\\u202f)?"
_POINT = "[.,]?"

#: Words of money that no page of a customer needs, in both languages.
WORDS = re.compile(
    r"[$€₽]|\b(?:USD|EUR|RUB)\b|\bprices?\b|discount|invoice|payment|\b(?:un)?paid\b|overdue|pro-forma|\btax|\bVAT\b|\bNDS\b"
    r"|\bцен[аыуе]?\b|скидк|\bсч[её]т|оплат|оплач|налог|\bНДС\b|просроч|\bдолг",
    re.IGNORECASE,
)


def amount(value: Decimal) -> str:
    """A pattern for a decimal number in every notation: with a point or a comma, grouped or not, in minor units."""
    whole, _, fraction = f"{value:f}".partition(".")
    grouped = "".join(
        digit + (_GROUP if place and place % 3 == 0 else "")
        for digit, place in zip(whole, range(len(whole) - 1, -1, -1), strict=True)
    )
    return rf"(?<!\d){grouped}{_POINT}{fraction}(?!\d)"


def secrets() -> re.Pattern[str]:
    """A pattern that finds everything that was ever said of money in this world."""
    sums: set[tuple[int, str]] = set()
    words = {PO_NUMBER, NOTE}
    for order in db.session.query(Order):
        values = (order.retail_minor, order.net_minor, order.tax_minor, order.total_minor, order.saved.minor)
        sums.update((value, order.currency) for value in values)
        words.update((order.reference, printed(order.reference), order.invoice_number))
    for line, currency in db.session.query(OrderLine, Order.currency).join(Order, Order.id == OrderLine.order_id):
        sums.update((value, currency) for value in (line.retail_minor, line.partner_minor, line.net_minor))
    sums.update((abs(entry.minor), entry.currency) for entry in db.session.query(LedgerEntry))
    for receivable in db.session.query(Receivable).filter(Receivable.number.is_not(None)):
        words.update((receivable.number or "", receivable.reference, printed(receivable.reference)))
    words.update(paper.number for paper in db.session.query(Paper))
    for quote in db.session.query(Quote):
        words.update((quote.id, quote.reference))
        sums.add((quote.total_minor, quote.currency))
        sums.update((line.unit_minor, quote.currency) for line in quote.contents.lines)
    amounts = [amount(Money(minor, currency).decimal) for minor, currency in sums if minor]
    amounts += [amount(Decimal(rate).scaleb(-4)) for rate in (DISCOUNT, TAX_RATE, RESALE_TAX)]
    any_amount = rf"(?<!\d)(?=\d)(?:{'|'.join(amounts)})"  # tried where a number begins, not at every letter
    return re.compile("|".join([any_amount, *(re.escape(word) for word in words if word)]))


def letters_to(addresses: set[str]) -> Iterator[tuple[str, str]]:
    """Every letter to these people: what it is, and all that it holds, its files included."""
    for letter in db.session.query(Letter).filter(Letter.recipient.in_(addresses)):
        files = [documents.read(file["digest"]).decode("utf-8", "replace") for file in letter.attachments]
        files += [file["name"] for file in letter.attachments]
        yield (
            f"{letter.kind} to {letter.recipient}",
            "\n".join([letter.subject, letter.text, letter.html, *files]),
        )


def license_files() -> Iterator[tuple[str, str]]:
    """Every signed license file."""
    for license_ in db.session.query(License).filter(License.digest.is_not(None)):
        yield license_.serial, documents.read(license_.digest or "").decode()
