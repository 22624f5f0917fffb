"""Searching the price list as one types: pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.catalog.files import read_catalog
from dashboard.catalog.rules import (
    PricedSku,
    Wanted,
    best_first,
    by_product,
    choices,
    find_typed,
    narrow,
)
from dashboard.money import Money
from dashboard.typed import _TO_CYRILLIC, _TO_LATIN
from tests.catalog.samples import DEMO


@pytest.fixture(scope="module")
def skus() -> list[PricedSku]:
    """The real catalog in dollars."""
    rows = read_catalog(DEMO.read_bytes())
    return [
        PricedSku(
            row.code, row.brand, row.product, row.platform, row.plan,
            row.scope_en, row.scope_ru, row.description_en, row.description_ru,
            retail=row.prices["USD"] or Money.zero("USD"),
        )
        for row in rows
    ]  # fmt: skip


def codes(skus: list[PricedSku], search: str) -> list[str]:
    return [sku.code for sku in narrow(skus, Wanted(search=search))]


@pytest.mark.parametrize(
    "search",
    [
        "gd-viewer-net-dsb",
        "DSB viewer gd net-dsb",
        "groupdocs.viewer small developer for .net gd-viewer-net",
        "пв-мшуцук-туе-вы",  # the same keys on a Russian keyboard, one letter short
        "ПВ-МШУЦУК-ТУЕ-ВЫИ",
    ],
)
def test_every_word_is_found_in_any_order_case_and_layout(skus: list[PricedSku], search: str) -> None:
    assert "GD-VIEWER-NET-DSB" in codes(skus, search)
    assert len(codes(skus, search)) <= 2


def test_layouts_mix_word_by_word(skus: list[PricedSku]) -> None:
    assert codes(skus, "мшуцук oem") == codes(skus, "viewer щуь") == codes(skus, "viewer oem") != []
    assert codes(skus, "юТУЕ") == codes(skus, ".net")


def test_a_russian_name_is_found_on_an_english_keyboard() -> None:
    sku = PricedSku("A", "Луч", "Обзор", "Сервер", "Полный", "", "", "", "", retail=Money(1, "RUB"))
    assert narrow([sku], Wanted(search="j,pjh gjkysq")) == [sku]
    assert narrow([sku], Wanted(search="j,pjh xyz")) == []


def test_filters_and_words_all_hold(skus: list[PricedSku]) -> None:
    found = narrow(skus, Wanted(search="words", brand="Aspose", platform="Java", plan="Site OEM"))
    assert [sku.code for sku in found] == ["AS-WORDS-JAVA-SOEM"]
    assert narrow(skus, Wanted(search="words", brand="GroupDocs")) == []
    assert narrow(skus, Wanted()) == skus
    assert narrow(skus, Wanted(brand="No such brand")) == []


@pytest.mark.parametrize(
    "typed",
    ["GD-VIEWER-NET-DSB", " gd-viewer-net-dsb ", "пв-мшуцук-туе-выи", "viewer for .net dsb gd-viewer-net"],
)
def test_a_typed_text_that_fits_one_sku_means_it(skus: list[PricedSku], typed: str) -> None:
    found = find_typed(skus, typed)
    assert found is not None
    assert found.code == "GD-VIEWER-NET-DSB"


@pytest.mark.parametrize("typed", ["", "  ", "viewer", "no such thing"])
def test_a_text_that_fits_none_or_several_means_none(skus: list[PricedSku], typed: str) -> None:
    assert find_typed(skus, typed) is None


def test_the_list_is_grouped_and_offered_in_the_vendors_order(skus: list[PricedSku]) -> None:
    groups = by_product(skus)
    assert [sku for group in groups for sku in group] == skus
    assert {len(group) for group in groups} == {5}
    assert choices(skus)["brand"] == ["GroupDocs", "Aspose", "Conholdate"]
    assert choices(skus)["plan"][0] == "Developer Small Business"


def test_R06_R11_partner_price_and_saving(skus: list[PricedSku]) -> None:
    sku = skus[0]
    assert (sku.retail, sku.partner(100_000), sku.saved(100_000)) == (
        Money(119900, "USD"), Money(107910, "USD"), Money(11990, "USD"),
    )  # fmt: skip
    assert sku.partner(125_000) == Money(104913, "USD")  # 1,049.125 is rounded half up


def test_a_hostile_search_is_cut(skus: list[PricedSku]) -> None:
    assert narrow(skus, Wanted(search="a " * 1_000_000)) == narrow(skus, Wanted(search="a"))


@pytest.mark.parametrize("search", ["pdf", "зва", "ЗВА"])
def test_what_is_named_so_comes_before_what_is_described_so(skus: list[PricedSku], search: str) -> None:
    found = best_first(skus, search)
    named = ["pdf" in sku.names for sku in found]
    assert named == sorted(named, reverse=True)
    assert True in named
    assert False in named


@pytest.mark.parametrize("search", ["просмотр разработчик", "ghjcvjnh hfphf,jnxbr", "view developer documents"])
def test_descriptions_and_plans_are_found_in_both_languages(skus: list[PricedSku], search: str) -> None:
    assert "GD-VIEWER-NET-DSB" in codes(skus, search)


def test_a_code_copied_in_cyrillic_look_alikes_is_found(skus: list[PricedSku]) -> None:
    found = find_typed(skus, "АS-WОRDS-NЕТ-DОЕМ")  # seven of its letters are Cyrillic
    assert found is not None
    assert found.code == "AS-WORDS-NET-DOEM"


@given(data=st.data())
def test_words_of_an_sku_find_it_in_any_order_and_layout(skus: list[PricedSku], data: st.DataObject) -> None:
    sku = data.draw(st.sampled_from(skus))
    words = data.draw(st.permutations(sku.words.split()))[: data.draw(st.integers(1, 6))]
    typed = [word.translate(data.draw(st.sampled_from([_TO_CYRILLIC, {}]))) for word in words if _is_typable(word)]
    assert sku in narrow(skus, Wanted(search=" ".join(typed)))


def _is_typable(word: str) -> bool:
    """Whether both layouts have all of its characters, each once."""
    return word.translate(_TO_CYRILLIC).translate(_TO_LATIN) == word
