"""The pure rules: who may apply, in which currency, on whose domain, with which tax number."""

from __future__ import annotations

import pytest

from dashboard.errors import InvalidInput
from dashboard.places import EU_COUNTRIES, EUROZONE, US_STATES
from dashboard.resellers.rules import (
    Step,
    host_belongs,
    is_eligible,
    missing_steps,
    own_host,
    proposed_currency,
    web_address,
)
from dashboard.resellers.tax_numbers import normalized

ACCOUNTS = ("USD", "EUR", "RUB")


@pytest.mark.parametrize(
    ("activity", "may"), [("reselling", True), ("mixed", True), ("consulting", False), ("", False)]
)
def test_R03_only_resellers_of_it_products_qualify(activity: str, may: bool) -> None:
    assert is_eligible(activity) is may


@pytest.mark.parametrize(
    ("country", "accounts", "currency"),
    [
        ("US", ACCOUNTS, "USD"),
        ("DE", ACCOUNTS, "EUR"),
        ("RU", ACCOUNTS, "RUB"),
        ("GB", ACCOUNTS, "USD"),
        ("PL", ACCOUNTS, "USD"),  # in the EU, but not in the eurozone
        ("RU", ("USD", "EUR"), "USD"),
        ("US", ("EUR",), "EUR"),
        ("DE", (), ""),
    ],
)
def test_R04_a_currency_is_proposed_from_the_country(country: str, accounts: tuple[str, ...], currency: str) -> None:
    assert proposed_currency(country, accounts) == currency


def test_R05_each_missing_step_is_named() -> None:
    assert missing_steps(listing=False, policy=False, company=False) == (Step.LISTING, Step.POLICY, Step.COMPANY)
    assert missing_steps(listing=True, policy=False, company=True) == (Step.POLICY,)
    assert missing_steps(listing=True, policy=True, company=True) == ()


@pytest.mark.parametrize(
    ("page", "site", "belongs"),
    [
        ("https://romashka.ru/brands", "https://romashka.ru", True),
        ("https://www.romashka.ru/brands", "http://romashka.ru/about", True),
        ("https://shop.romashka.ru/", "https://www.romashka.ru", True),
        ("https://ромашка.рф/", "https://xn--80aa1ahdhr.xn--p1ai", True),
        ("https://badromashka.ru/", "https://romashka.ru", False),
        ("https://romashka.ru.example.com/", "https://romashka.ru", False),
        ("https://romashka.com/", "https://romashka.ru", False),
        ("https://romashka.ru/", "", False),
    ],
)
def test_R05_the_page_lies_on_the_company_s_own_domain(page: str, site: str, belongs: bool) -> None:
    if "xn--" in site:
        site = f"https://{own_host(page)}"
        assert own_host(page).startswith("xn--")
    assert host_belongs(page, site) is belongs


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("example.com", "https://example.com"),
        ("http://Example.COM/a?b=1#part", "http://example.com/a?b=1"),
        ("https://example.com:8443/x", "https://example.com:8443/x"),
        ("ромашка.рф", "https://ромашка.рф"),
    ],
)
def test_R02_a_web_address_is_completed(typed: str, kept: str) -> None:
    assert web_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "example", "ftp://example.com", "javascript:alert(1)", "javascript://example.com/%0aalert(1)", "//example.com",
     "https://user:secret@example.com", "http://127.0.0.1/", "https://[::1", "https://exa mple.com", "https://.com"],
)  # fmt: skip
def test_R02_what_is_no_web_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        web_address(typed)


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("DE", "136 695 976", "DE136695976"),
        ("DE", "de136695976", "DE136695976"),
        ("GR", "094259216", "EL094259216"),
        ("GR", "GR094259216", "EL094259216"),
        ("RU", "7707083893", "7707083893"),
        ("US", "042103594", "04-2103594"),
        ("US", "", ""),
        ("AU", "any number 7", "any number 7"),
        ("AU", "", ""),
    ],
)
def test_R05_tax_numbers_are_kept_as_documents_show_them(country: str, typed: str, kept: str) -> None:
    assert normalized(country, typed) == kept


@pytest.mark.parametrize(
    ("country", "typed"),
    [("DE", "DE136695977"), ("EE", "FR40303265045"), ("DE", ""), ("RU", "7707083894"), ("RU", ""), ("US", "12")],
)
def test_R05_wrong_tax_numbers_are_refused(country: str, typed: str) -> None:
    with pytest.raises(InvalidInput):
        normalized(country, typed)


def test_places_are_whole() -> None:
    assert len(EU_COUNTRIES) == 27
    assert len(EUROZONE) == 21
    assert len(US_STATES) == 51
