"""The quotes that a company of the demo has made for its customers: one is out, one was ordered, one has expired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta

from dashboard.accounts import service as accounts
from dashboard.audit import service as audit
from dashboard.catalog import service as catalog
from dashboard.checkout import service as checkout
from dashboard.checkout.rules import Buyer
from dashboard.clock import today
from dashboard.demo.agenda import Agenda
from dashboard.demo.history import sku
from dashboard.demo.people import CUSTOMERS
from dashboard.demo.stories import DATA, Joined
from dashboard.fulfilment import pricing
from dashboard.quotes import service as quotes
from dashboard.quotes.rules import Contents, Line, marked_up
from dashboard.resellers import logos

#: Whose quotes they are.
COMPANY = "Ромашка Софт"

TERMS = (
    "Оплата — в течение 10 дней со дня выставления счёта.\n"
    "Файл лицензии отправляем по электронной почте в день поступления оплаты. Обновления — один год."
)


@dataclass(frozen=True)
class DemoQuote:
    """A quote issued `days_ago`; its prices are the retail prices and so many parts per million of them."""

    days_ago: int
    customer: str
    lines: tuple[tuple[str, int], ...]
    markup: int
    reference: str
    note: str = ""
    ordered: bool = False  #: a day after it was issued


QUOTES = (
    DemoQuote(52, "poliklinika", ((sku("REDACT"), 2),), 50_000, "КП-41"),
    DemoQuote(
        5, "neva", ((sku("SIGN"), 1), (sku("CONV"), 1)), -20_000, "КП-57", "Цены — со скидкой 2 % постоянному клиенту.",
        ordered=True,
    ),
    DemoQuote(
        3, "volga", ((sku("VIEWER"), 3), (sku("COMP"), 3), (sku("ANNOT"), 1)), 0, "КП-58",
        "Состав согласован с вами по телефону. Если разработчиков станет больше, пересчитаем в тот же день.",
    ),
)  # fmt: skip


def offer(reseller: str, joined: Joined, agenda: Agenda) -> None:
    """Plan the logo of the company, and its quotes."""
    if reseller != COMPANY:
        return
    agenda.plan(60, time(18, 50), _as_owner(joined, lambda _of: _upload(joined.id)))
    for number, told in enumerate(QUOTES):
        agenda.plan(told.days_ago, time(18, 51 + number), _as_owner(joined, _issued(told, f"demo-{number}", agenda)))


def _upload(reseller_id: int) -> None:
    logos.upload(reseller_id, (DATA / "logo.png").read_bytes())


def _as_owner(joined: Joined, step: Callable[[Buyer], object]) -> Callable[[], None]:
    def done() -> None:
        owner = joined.buyers[0]
        with audit.done_by(owner, accounts.get_user(owner).name):
            step(Buyer(joined.id, owner))

    return done


def _issued(told: DemoQuote, key: str, agenda: Agenda) -> Callable[[Buyer], None]:
    def step(of: Buyer) -> None:
        prices = catalog.priced({code for code, _ in told.lines}, "RUB", today())
        lines = tuple(
            Line(code, count, marked_up(prices[code].retail, told.markup).minor) for code, count in told.lines
        )
        until = today() + timedelta(days=30)
        customer = CUSTOMERS[told.customer]._asdict()
        contents = Contents(lines, customer, until, "НДС", 220_000, TERMS, told.note, told.reference)
        number = quotes.begin(of, contents, submit_key=key).id
        quotes.issue(number, of.reseller_id)
        if told.ordered:
            agenda.plan(told.days_ago - 1, time(18, 55), lambda: _order(number, of))

    return step


def _order(quote_id: str, of: Buyer) -> None:
    """The customer has accepted: the order that the quote fills in is placed as it was reviewed (R10)."""
    draft_id = quotes.make_order(quote_id, of)
    contents = checkout.get_draft(draft_id, of)
    seen = pricing.estimate(of.reseller_id, contents.lines).shown()
    with audit.done_by(of.user_id, accounts.get_user(of.user_id).name):
        checkout.place_draft(draft_id, of, seen=seen, reviewed=contents.fingerprint)
