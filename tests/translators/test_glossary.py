"""The glossary is checked, every line of it, and its words are found in any of their forms (R30)."""

from __future__ import annotations

import csv

import pytest

from dashboard.config import ROOT
from dashboard.translators import glossary
from dashboard.translators.glossary import Term
from dashboard.translators.rules import Text

PATH = ROOT / "translations" / "glossary.csv"
TERMS = glossary.load(PATH)
CHECKED = [term for term in TERMS if term.stems]


def said(english: str, russian: str, *notes: str) -> list[str]:
    """What the glossary says of a translation."""
    faults = glossary.faults(Text((english,), (russian,), notes=notes), TERMS)
    return [fault.message % fault.values for fault in faults]


def test_R30_more_than_eighty_terms_are_checked() -> None:
    assert len(CHECKED) >= 80
    assert len({term.name for term in TERMS}) >= len(TERMS) - 1  # “issue” has two senses


@pytest.mark.parametrize("term", CHECKED, ids=lambda term: term.name)
def test_R30_a_missing_term_is_found_and_its_own_translation_is_not(term: Term) -> None:
    assert f"“{term.name}” is «{term.russian}» in the glossary." in said(f"The {term.name} is here", "Вот")
    for russian in term.russian.partition(" (")[0].split(";"):
        if term.name not in {"release", "sign in", "vendor"}:  # verbs, and what is mostly «мы»
            assert f"“{term.name}” is" not in " ".join(said(f"The {term.name} is here", russian)), russian


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("Orders of this company", "Заказов этой компании нет"),
        ("It was ordered", "Его заказали"),
        ("Currencies of all countries", "Валюты всех стран"),
        ("Please sign in to see licenses", "Войдите, чтобы увидеть лицензии"),
        ("Sales tax of Texas", "С налогом с продаж Техаса"),
        ("Reordering is not a term", "Это не термин"),
        ("By e-mail address", "По адресу электронной почты"),
        ("Order %(order)s", "Заказ %(order)s"),
        ("%(invoice)s", "%(invoice)s"),
        ("Please pass the cards", "Передайте счета и учёт"),
    ],
)
def test_words_are_found_in_all_their_forms_and_no_others(english: str, russian: str) -> None:
    assert said(english, russian) == []


def test_the_longest_term_is_meant() -> None:
    assert said("A credit note", "Нота") == ["“credit note” is «кредит-нота» in the glossary."]
    assert said("A sales tax and a tax number", "Налог с продаж и номер") == [
        "“tax number” is «налоговый номер» in the glossary."
    ]


@pytest.mark.parametrize(
    ("word", "wrong"),
    [
        ("счет", True), ("счетом", True), ("счета", False), ("счетов", False), ("счёт", False), ("расчет", False),
        ("учетная", True), ("учётная", False), ("партнерской", True), ("отчеты", True), ("платежа", False),
        ("платежный", True),
    ],
)  # fmt: skip
def test_yo_is_asked_for_where_the_glossary_has_it(word: str, wrong: bool) -> None:
    assert (f"Write ё in «{word}», as the glossary does." in said("A", word)) is wrong


def test_a_term_is_left_out_by_its_name_alone() -> None:
    assert len(said("Order and invoice", "Нет", "glossary: order")) == 1
    assert said("Order and invoice", "Нет", "Glossary: order, invoice") == []
    assert len(said("Order and invoice", "Нет", "order, invoice")) == 2


def test_the_file_is_whole() -> None:
    with PATH.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["English"] and row["Russian"] and None not in row for row in rows)
    assert [row["English"].casefold() for row in rows] == sorted(row["English"].casefold() for row in rows)
