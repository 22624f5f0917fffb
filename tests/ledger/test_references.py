"""Order IDs and payment references: made, printed, and found again in what people and banks make of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import damm, iso11649

from dashboard.ledger.references import (
    find_order_ids,
    find_references,
    is_order_id,
    near_order_ids,
    near_statement_references,
    new_order_id,
    order_reference,
    printed,
    statement_reference,
)


def order_id_of(number: int) -> str:
    digits = f"{number}{damm.calc_check_digit(str(number))}"
    return f"R-{digits[:4]}-{digits[4:]}"


ORDER_IDS = st.builds(order_id_of, st.integers(1_000_000, 9_999_999))
GAPS = st.sampled_from(["", "", "", " ", "  ", "\u00a0", "\n", "-", ".", "/", " - "])
LOOK_ALIKES = {"R": "RrРр", "F": "FfФф", "0": "0OoОо", "1": "1lIІ", "3": "3Зз"}


def test_R9_an_order_id_is_short_and_has_a_check_digit() -> None:
    assert is_order_id("R-2046-3182")
    for wrong in (
        "R-2046-3183",
        "R-2064-3182",
        "r-2046-3182",
        "R20463182",
        "R-2046-3182 ",
        "R-0000-0000",
        "R-٢٠٤٦-3182",
        "",
    ):
        assert not is_order_id(wrong)


def test_R9_order_ids_are_not_sequential() -> None:
    made = [new_order_id() for _ in range(200)]
    assert all(is_order_id(order_id) for order_id in made)
    assert len(set(made)) > 195
    assert made != sorted(made)


def test_R19_the_reference_holds_the_digits_of_the_order() -> None:
    assert order_reference("R-2046-3182") == "RF7620463182"
    assert printed("RF7620463182") == "RF76 2046 3182"
    with pytest.raises(ValueError, match="no order ID"):
        order_reference("R-2046-3183")


@given(ORDER_IDS)
def test_R19_a_reference_is_a_valid_creditor_reference(order_id: str) -> None:
    assert iso11649.is_valid(order_reference(order_id))
    assert find_references(printed(order_reference(order_id))) == [order_reference(order_id)]


@given(ORDER_IDS, st.data())
def test_R19_found_however_it_was_mangled(order_id: str, data: st.DataObject) -> None:
    reference = order_reference(order_id)
    zeros = "0" * data.draw(st.integers(0, 13))
    padded = reference[:4] + zeros + reference[4:]
    mangled = "".join(data.draw(st.sampled_from(LOOK_ALIKES.get(char, char))) + data.draw(GAPS) for char in padded)
    before = data.draw(st.sampled_from(["", "Оплата по счёту ", "/RFB/", "invoice 2026-000123, ", "INV", "RF"]))
    after = data.draw(st.sampled_from(["", ", спасибо", " order", ";", "\nEUR"]))
    assert find_references(before + mangled + after) == [reference]


@given(ORDER_IDS, st.integers(2, 11), st.sampled_from("0123456789"))
def test_R19_a_wrong_digit_is_no_reference(order_id: str, place: int, digit: str) -> None:
    reference = order_reference(order_id)
    assume(reference[place] != digit)
    assert find_references(reference[:place] + digit + reference[place + 1 :]) == []


@given(ORDER_IDS, st.integers(2, 10))
def test_R19_two_digits_exchanged_are_no_reference(order_id: str, place: int) -> None:
    reference = order_reference(order_id)
    exchanged = reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]
    assume(exchanged != reference)
    assert find_references(exchanged) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RF76 2046 3182 and again rf7620463182", ["RF7620463182"]),
        ("RF76 2046 3182, RF90 1209 9881", ["RF7620463182", "RF9012099881"]),
        ("RF76204631829", []),  # more digits: another creditor's reference
        ("RF18 5390 0754 7034", []),  # valid, but not made of an order ID
        ("76 2046 3182", []),
        ("R-2046-3182", []),
        ("", []),
    ],
)
def test_R19_only_our_own_references_are_found(text: str, found: list[str]) -> None:
    assert find_references(text) == found


@given(st.text(max_size=300))
def test_R19_any_text_can_be_searched(text: str) -> None:
    for reference in find_references(text):
        assert iso11649.is_valid(reference)


MONTHS = st.dates(date(2020, 1, 1), date(2099, 12, 31))


@given(MONTHS, st.integers(1, 99_999))
def test_R19_a_statement_has_a_reference_of_its_own(month: date, reseller_id: int) -> None:
    reference = statement_reference(month, reseller_id)
    assert iso11649.is_valid(reference)
    assert find_references(f"pays {printed(reference)} 12 pcs") == [reference]


@given(ORDER_IDS, MONTHS, st.integers(1, 99_999))
def test_R19_both_kinds_are_found_in_the_order_of_the_text(order_id: str, month: date, reseller_id: int) -> None:
    both = [order_reference(order_id), statement_reference(month, reseller_id)]
    assert find_references(" / ".join(map(printed, both))) == both
    assert find_references(", ".join(reversed(both))) == both[::-1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Order R-2046-3182.", ["R-2046-3182"]),
        ("заказ Р-2046-3182", ["R-2046-3182"]),  # a Cyrillic letter
        ("r20463182 and R 2046 3182", ["R-2046-3182"]),
        ("R-2046-3183", []),
        ("IR-2046-3182", []),
        ("R-2046-31825", []),
        ("2046-3182", []),
    ],
)
def test_R18_order_ids_are_found_in_a_text(text: str, found: list[str]) -> None:
    assert find_order_ids(text) == found


def test_R18_a_bare_number_is_found_only_where_it_is_asked_for() -> None:
    assert find_order_ids("заказ 2046-3182 от 12.03", bare=True) == ["R-2046-3182"]


@given(order_id=ORDER_IDS, place=st.integers(0, 7), digit=st.sampled_from("0123456789"), data=st.data())
def test_R18_what_somebody_mistyped_is_among_the_near_ones(
    order_id: str, place: int, digit: str, data: st.DataObject
) -> None:
    digits = order_id[2:6] + order_id[7:]
    wrong = digits[:place] + digit + digits[place + 1 :]
    text = data.draw(
        st.sampled_from([f"R-{wrong[:4]}-{wrong[4:]}", f"RF99 {wrong[:4]} {wrong[4:]}", f"заказ Р{wrong}"])
    )
    assert order_id in near_order_ids(text)


@given(month=MONTHS, reseller_id=st.integers(1, 99_999), place=st.integers(1, 9), digit=st.sampled_from("0123456789"))
def test_R18_the_statement_that_somebody_meant_is_among_the_near_ones(
    month: date, reseller_id: int, place: int, digit: str
) -> None:
    reference = statement_reference(month, reseller_id)
    body = reference[4:]
    assert reference in near_statement_references(f"RF99 {body[:place]}{digit}{body[place + 1 :]}")


def test_R18_neighbors_that_changed_places_are_near() -> None:
    assert "R-2046-3182" in near_order_ids("R-2064-3182")
    assert near_order_ids("no number, but RF and 12345678901") == []
