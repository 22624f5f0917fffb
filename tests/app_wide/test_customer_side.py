"""Not a byte of what a customer gets speaks of money (R25): pages, fragments, errors, headers, letters, files."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from dashboard.web.access import Permission
from tests.app_wide import answers, pages, secrets
from tests.app_wide.conftest import Walked
from tests.app_wide.walker import Visit
from tests.app_wide.walks import Walk
from tests.app_wide.world import Role

pytestmark = pytest.mark.xdist_group("walk")  # one process walks for all

#: Where a member of a reseller, too, sees what the customer sees.
PRICE_FREE = {"/orders/<order_id>/customer", "/how-to-apply"}


def customers_side(walk: Walk) -> list[Visit]:
    """All that a customer meets anywhere, and the customer's pages whoever looks at them."""
    return [
        visit
        for visit in walk.visits
        if visit.role is Role.CUSTOMER
        or visit.rule.requires is Permission.VIEW_OWN_LICENSES
        or visit.rule.rule in PRICE_FREE
    ]


def test_R25_no_answer_to_a_customer_holds_a_sum_or_a_number(walked: Walked) -> None:
    side = customers_side(walked.product)
    assert {(Role.CUSTOMER, "en"), (Role.CUSTOMER, "ru"), (Role.BOTH, "en"), (Role.BOTH, "ru"), (Role.OWNER, "ru")} <= {
        (visit.role, visit.language) for visit in side
    }
    assert any(visit.headers.get("Content-Disposition", "").startswith("attachment") for visit in side)
    assert list(answers.leaks(side, walked.record.secrets)) == []


def test_R25_a_sum_on_a_page_or_in_a_header_is_found_in_both_languages(walked: Walked) -> None:
    found = {visit.partition(" →")[0] for visit in answers.leaks(customers_side(walked.planted), walked.record.secrets)}
    for role in (Role.CUSTOMER, Role.OWNER):
        for page in ("en: GET /planted/told", "en: fragment of GET /planted/told", "ru: GET /planted/told"):
            assert f"{role}/{page}" in found
        assert f"{role}/en: GET /planted/whispered" in found


def test_R25_the_sums_stand_where_they_belong(walked: Walked) -> None:
    """What is looked for is really there: on the reseller's own pages."""
    for language in ("en", "ru"):
        own = [one for one in walked.product.visits if one.role is Role.OWNER and one.language == language]
        found = {fault.split()[2] for fault in answers.leaks(own, walked.record.secrets)}
        assert {"/", "/orders", "/prices"} <= found


def test_R25_no_letter_to_a_customer_and_no_license_file_holds_a_sum(walked: Walked) -> None:
    assert {name.partition(" ")[0] for name, _ in walked.record.letters} == {"customer_license", "customer_revoked"}
    assert len(walked.record.files) >= 3
    sent = [*walked.record.letters, *walked.record.files]
    assert [name for name, content in sent if walked.record.secrets.search(content)] == []


def test_R25_no_word_of_money_is_said_to_a_customer(walked: Walked) -> None:
    spoken = {
        (visit.path, text)
        for visit in walked.product.visits
        if visit.role is Role.CUSTOMER and visit.is_html
        if visit.rule.endpoint.startswith(("customers.", "home.help")) or visit.status >= 400
        for text in pages.texts(visit.html, visit.language)
    }
    assert len(spoken) > 100
    assert [(path, text) for path, text in spoken if secrets.WORDS.search(text)] == []
    assert [name for name, letter in walked.record.letters if secrets.WORDS.search(letter)] == []


@pytest.mark.parametrize(
    "written",
    [
        "7431.97",
        "7,431.97",
        "7 431,97",
        "7\u00a0431,97",
        "7\u202f431,97",
        "7&nbsp;431,97",
        "7.431,97",
        "743197",
        "€7,431.97",
    ],
)
def test_an_amount_is_found_however_it_is_written(written: str) -> None:
    pattern = re.compile(secrets.amount(Decimal("7431.97")))
    assert pattern.search(f"<b>{written}</b>")
    assert not pattern.search(f"1{written.lstrip('€')}")


@pytest.mark.parametrize("word", ["Discount", "unpaid", "your invoice", "$", "Счёт", "не оплачен", "цена", "скидки"])
def test_words_of_money_are_found(word: str) -> None:
    assert secrets.WORDS.search(f"a {word} b")
