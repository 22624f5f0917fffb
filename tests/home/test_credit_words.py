"""The answer to "if I order this now" in the same words wherever a reseller reads it (R14, R15, R30)."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale

from dashboard.clock import today
from dashboard.extensions import db
from dashboard.ledger.models import Receivable
from dashboard.ledger.rules import CreditDecision
from dashboard.mail.models import Letter
from dashboard.orders import service as orders
from dashboard.orders.models import Order
from dashboard.resellers.models import Reseller
from dashboard.statements import reminders
from tests.client import Client
from tests.factories import CUSTOMER, VIEWER, make_catalog, make_key, make_reseller, make_user, pay, place

#: The headline and all sentences, one a line, as `components/credit.html` has them.
WORDS = """{% import "components/credit.html" as c with context %}{{ c.headline(credit) }}
{%- call(sentence) c.each(credit) %}|{{ sentence }}{% endcall %}"""


def sentences(app: Flask, credit: CreditDecision, language: str) -> list[str]:
    with app.test_request_context("/"), force_locale(language):
        return html.unescape(render_template_string(WORDS, credit=credit)).split("|")


def late(reseller: Reseller) -> Order:
    """An order on credit that is three days late."""
    order = place(reseller)
    for row in (order, db.session.get_one(Receivable, order.id)):
        row.placed_on, row.due_on = today() - timedelta(days=33), today() - timedelta(days=3)
    return order


def new(reseller: Reseller) -> str:
    pay(place(reseller))
    place(reseller)
    return "order_pro_forma"


def in_time(reseller: Reseller) -> str:
    reseller.established_by_staff = True
    place(reseller)
    return "order_invoice"


def third(reseller: Reseller) -> str:
    for _ in range(3):
        pay(place(reseller))
    return "reseller_established"


def overdue(reseller: Reseller) -> str:
    reseller.established_by_staff = True
    late(reseller)
    reminders.remind(reseller.id)
    return "payment_reminder"


def on_hold(reseller: Reseller) -> str:
    reseller.on_hold = True
    return overdue(reseller)


#: What brings a reseller there and which letter tells it; and words that must be among the answer's.
SITUATIONS: list[tuple[Callable[[Reseller], str], dict[str, str]]] = [
    (new, {"en": "after 2 more paid orders; so far 1 of 3", "ru": "осталось 2 оплаченных заказа; пока оплачено 1"}),
    (in_time, {"en": "prepaid, unless $1,079.10 for", "ru": "новые заказы будут по предоплате, если до"}),
    (third, {"en": "reseller: 3 orders are paid in full.", "ru": "полностью оплачены 3 заказа."}),
    (overdue, {"en": "your transfer of $1,079.10 is confirmed.", "ru": "как только мы подтвердим ваш перевод на 1"}),
    (on_hold, {"en": "Credit is on hold for your company.", "ru": "Отсрочка для вашей компании приостановлена."}),
]


def plain(text: str) -> str:
    """The text in one line, with plain spaces: letters break their lines."""
    return " ".join(text.split())


def reviewed(client: Client) -> str:
    """Address of a draft that is ready to be reviewed."""
    page = client.get("/order?new=1").submit("Add", sku=VIEWER)
    return page.submit("Review the order", **{name: value for name, value in CUSTOMER.items() if value}).path


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(("happens", "words"), SITUATIONS, ids=[one[0].__name__ for one in SITUATIONS])
def test_R14_R15_order_form_review_home_account_and_letter_say_the_same(
    app: Flask, work: Callable[[], int], language: str, happens: Callable[[Reseller], str], words: dict[str, str]
) -> None:
    make_key()
    make_catalog()
    anna, client = make_user(), Client(app)
    reseller = make_reseller(owner=anna, document_language=language)
    client.sign_in_as(anna)
    review = reviewed(client)
    anna.language = language
    kind = happens(reseller)
    work()
    letter = db.session.query(Letter).filter_by(kind=kind).order_by(Letter.id.desc()).first()
    expected = sentences(app, orders.credit_of(reseller, today()), language)
    assert words[language] in plain(" ".join(expected))
    places = {path: client.get(path).text for path in ("/", "/account", review, review.removesuffix("/review"))}
    for where, text in (places | {kind: letter.text if letter else ""}).items():
        for sentence in expected:
            assert plain(sentence) in plain(text), where
