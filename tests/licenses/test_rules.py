"""What a license says and until when it holds (R22, R23)."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dashboard.errors import InvalidInput
from dashboard.licenses.rules import (
    MAX_TEXT,
    OPTIONAL,
    SERIAL_ALPHABET,
    LicenseFacts,
    LicenseKind,
    expires_on,
    file_name,
    is_serial,
    legible,
    new_serial,
    updates_until,
)
from tests.licenses.samples import PERMANENT, facts, temporary

ANY_TEXT = st.text(st.characters())  # lone surrogates and control characters too
DAYS = st.dates(date(2000, 1, 1), date(2200, 1, 1))


def test_R23_updates_run_one_year_from_the_issue() -> None:
    assert updates_until(date(2025, 11, 23)) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("previous_end", "until"),
    [
        (date(2026, 2, 1), date(2027, 2, 1)),  # renewed early: nothing is lost
        (date(2025, 11, 23), date(2026, 11, 23)),
        (date(2024, 2, 1), date(2026, 11, 23)),  # renewed late: the gap is not billed
    ],
)
def test_R23_updates_of_a_renewal_run_from_the_later_of_issue_and_old_end(previous_end: date, until: date) -> None:
    assert updates_until(date(2025, 11, 23), previous_end) == until


def test_R23_a_year_from_29_february_ends_on_28_february() -> None:
    assert updates_until(date(2028, 2, 29)) == date(2029, 2, 28)
    assert updates_until(date(2027, 3, 1), previous_end=date(2028, 2, 29)) == date(2029, 2, 28)
    assert updates_until(date(2027, 2, 28)) == date(2028, 2, 28)


@given(DAYS, st.none() | DAYS)
def test_R23_updates_always_last_a_year_and_never_shrink(issued_on: date, previous_end: date | None) -> None:
    start = max(issued_on, previous_end or issued_on)
    assert timedelta(365) <= updates_until(issued_on, previous_end) - start <= timedelta(366)


def test_R22_a_temporary_license_works_30_days() -> None:
    assert expires_on(date(2025, 11, 23)) == date(2025, 12, 23)
    assert expires_on(date(2025, 11, 23), days=14) == date(2025, 12, 7)


def test_R23_serials_are_random_readable_and_checked() -> None:
    serials = [new_serial() for _ in range(500)]
    assert len(set(serials)) == 500
    assert len({serial[:4] for serial in serials}) > 400  # no common beginning, no counter
    assert all(is_serial(serial) for serial in serials)
    assert set("".join(serials)) == set(SERIAL_ALPHABET) | {"-"}
    assert not set("AEIOUY01BLSZ") & set(SERIAL_ALPHABET)


def test_R23_the_check_character_finds_every_mistyped_character() -> None:
    serial = new_serial()
    for place, right in enumerate(serial):
        if right != "-":
            for wrong in set(SERIAL_ALPHABET) - {right}:
                assert not is_serial(serial[:place] + wrong + serial[place + 1 :])


def test_R23_the_check_character_finds_every_swap() -> None:
    serial = new_serial()
    for place, (left, right) in enumerate(pairwise(serial)):
        if left != right:
            assert not is_serial(serial[:place] + right + left + serial[place + 2 :])


@pytest.mark.parametrize("text", ["", "-", "----", PERMANENT.serial.lower(), PERMANENT.serial + "\n", "2222-2222"])
def test_R23_what_is_no_serial(text: str) -> None:
    assert not is_serial(text)


def test_R23_a_license_has_no_field_for_money() -> None:
    assert {field.name for field in fields(LicenseFacts)} == {
        *("serial", "kind", "licensee", "contact", "email", "order_id", "position", "brand", "sku", "product"),
        *("platform", "plan", "quantity", "reseller_name", "reseller_email"),
        *("issued_on", "updates_until", "expires_on"),
    }


@given(ANY_TEXT)
def test_R23_legible_text_is_xml_on_one_line(text: str) -> None:
    clean = legible(text)
    element = etree.Element("text")
    element.text = clean  # lxml refuses what XML 1.0 cannot hold
    assert (etree.fromstring(etree.tostring(element)).text or "") == clean
    assert clean.splitlines() in ([clean], [])
    assert legible(clean) == clean


def test_R23_legible_text_keeps_what_people_write() -> None:
    assert legible("  ООО «Ромашка»\tи Ко \r\n & <Söhne>\x00 日本 🙂") == "ООО «Ромашка» и Ко & <Söhne> 日本 🙂"


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "a\x85b", "\ud800", "\ufffe", "\uffff", "a\nb", "a\tb", " a", "a "])
def test_R23_a_license_refuses_what_is_not_legible(bad: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        facts(licensee=f"x{bad}" if bad != " a" else bad)
    assert legible(refusal.value.values["text"]) == refusal.value.values["text"]


def test_R23_a_license_refuses_what_is_too_long() -> None:
    assert facts(contact="ж" * MAX_TEXT).contact
    with pytest.raises(InvalidInput):
        facts(contact="ж" * (MAX_TEXT + 1))


TEXTS = [field.name for field in fields(LicenseFacts) if field.type == "str" and field.name != "serial"]


@pytest.mark.parametrize("name", TEXTS)
def test_R23_only_a_few_facts_may_be_missing(name: str) -> None:
    if name in OPTIONAL:
        assert getattr(facts(**{name: ""}), name) == ""
    else:
        with pytest.raises(InvalidInput) as refusal:
            facts(**{name: ""})
        assert refusal.value.values == {"field": name}


@pytest.mark.parametrize(
    "changes",
    [
        {"serial": "0000-0000-0000-0000"},
        {"quantity": 0},
        {"position": 0},
        {"updates_until": None},
        {"updates_until": date(2025, 11, 22)},
        {"expires_on": date(2026, 1, 1)},
        {"kind": LicenseKind.TEMPORARY},
        {"kind": LicenseKind.TEMPORARY, "expires_on": date(2026, 1, 1)},
    ],
)
def test_R23_a_license_that_contradicts_itself_cannot_exist(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"serial|count|dates"):
        facts(**changes)


def test_R22_a_temporary_license_expires_and_includes_no_updates() -> None:
    assert temporary().expires_on == date(2025, 12, 23)
    with pytest.raises(ValueError, match="dates"):
        temporary(updates_until=date(2026, 11, 23))


def test_R23_the_file_is_named_after_product_order_and_line() -> None:
    assert file_name(facts()) == "GroupDocs.Viewer-for-.NET-K7M2QX-2.lic"
    assert file_name(temporary()) == "GroupDocs.Viewer-for-.NET-K7M2QX-2-temporary.lic"
    assert file_name(facts(product="Просмотр")) == "GD-VIEWER-NET-DSB-K7M2QX-2.lic"
    assert file_name(facts(product="../../etc/passwd")) == "etc-passwd-K7M2QX-2.lic"


@given(ANY_TEXT.map(legible).filter(bool), ANY_TEXT.map(legible).filter(bool))
def test_R23_file_names_are_safe_everywhere(product: str, order_id: str) -> None:
    name = file_name(facts(product=product[:MAX_TEXT].strip(), order_id=order_id[:MAX_TEXT].strip()))
    assert name.isascii()
    assert len(name) < 140
    assert not set(name) & set("/\\:*?\"<>| '&")
    assert name[0] not in ".-"
