"""Payment is by bank transfer only: there is no card payment anywhere."""

from __future__ import annotations

import re

from flask import Flask

from dashboard.config import ROOT

#: What a way to pay by card would bring: its companies, its fields, its words.
CARDS = re.compile(
    r"stripe|paypal|adyen|braintree|yookassa|cloudpayments|cvv|cvc|cc-number|credit card|card number|номер карты", re.I
)


def traces(text: str) -> list[str]:
    """Signs of a card payment in a text."""
    return CARDS.findall(text)


def test_R13_nothing_takes_a_card(app: Flask) -> None:
    files = [
        *ROOT.glob("dashboard/**/*.py"),
        *ROOT.glob("templates/**/*.html"),
        *ROOT.glob("static/*.*"),
        *ROOT.glob("translations/*/LC_MESSAGES/*.po"),
        *ROOT.glob("requirements*.lock"),
    ]
    assert len(files) > 100
    assert {path.name: found for path in files if (found := traces(path.read_text(encoding="utf-8")))} == {}
    assert [rule.rule for rule in app.url_map.iter_rules() if traces(rule.rule)] == []


def test_R13_a_card_field_would_be_found() -> None:
    assert traces('<input autocomplete="cc-number">')
    assert traces("Номер карты")
