"""The check of the catalogs finds each planted fault; extraction finds every way to mark a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tools import translations

Text = str | tuple[str, str]


def catalog(*texts: tuple[Text, str | Sequence[str]], language: str | None = None) -> Catalog:
    made = Catalog(locale=language, fuzzy=False)
    for source, translated in texts:
        made.add(source, translated)
    return made


ONE = ("One order", "%(num)s orders")
ORDERS = ("%(num)s order", "%(num)s orders")


def faults(source: Text, translated: str | Sequence[str], language: str = "ru") -> list[str]:
    template, done = catalog((source, "")), catalog((source, translated), language=language)
    return list(translations.faults_of_catalog(template, done, may_be_empty=language == "en"))


def test_a_whole_translation_passes() -> None:
    assert faults("Order %(id)s", "Заказ %(id)s") == []
    assert faults(ORDERS, ("%(num)s заказ", "%(num)s заказа", "%(num)s заказов")) == []
    assert faults(ONE, ("", ""), "en") == []


@pytest.mark.parametrize(
    ("source", "translated", "fault"),
    [
        ("Order", "", "not translated: 'Order'"),
        (ORDERS, ("%(num)s заказ", "%(num)s заказа", ""), "not translated: '%(num)s order'"),
        (ORDERS, ("%(num)s заказ", "%(num)s заказа"), "not translated: '%(num)s order'"),
        ("Order %(id)s", "Заказ", "other placeholders than ['id']: 'Заказ'"),
        ("Order %(id)s", "Заказ %(ид)s", "other placeholders than ['id']: 'Заказ %(ид)s'"),
        ("Order %(id)s", "Заказ %(id)d", "other placeholders than ['id']: 'Заказ %(id)d'"),
        ("Order", "Заказ %", "other placeholders than []: 'Заказ %'"),
        (ORDERS, ("один заказ", "%(num)s заказа", "%(num)s заказов"), "other placeholders than ['num']: 'один заказ'"),
        (ONE, ("Заказ", "%(num)s заказа", "%(num)s заказов"), "other placeholders than ['num']: 'Заказ'"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found(source: Text, translated: str | Sequence[str], fault: str) -> None:
    assert faults(source, translated) == [fault]


def test_fuzzy_is_found() -> None:
    done = catalog(("Order", "Заказ"), language="ru")
    done["Order"].flags.add("fuzzy")
    assert list(translations.faults_of_catalog(catalog(("Order", "")), done, may_be_empty=False)) == ["fuzzy: 'Order'"]


def test_a_missing_text_is_found() -> None:
    found = translations.faults_of_catalog(catalog(("Order", "")), catalog(language="ru"), may_be_empty=False)
    assert list(found) == ["not in the catalog: 'Order'"]


def test_a_stale_template_is_found() -> None:
    now, kept = catalog(("New", ""), ("Same", "")), catalog(("Old", ""), ("Same", ""))
    found = list(translations.faults_of_template(now, kept))
    assert found == ["not in messages.pot: 'New'", "no longer in the code: 'Old'"]


@pytest.mark.parametrize("text", ["%s orders", "%(sum)d", "100%", "<b>Order</b>", "Terms &amp; policy"])
def test_a_text_that_cannot_be_translated_is_found(text: str) -> None:
    assert len(list(translations.faults_of_template(catalog((text, "")), catalog((text, ""))))) == 1


def test_every_mark_is_extracted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "babel.cfg").write_text(Path("babel.cfg").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "dashboard").mkdir()
    (tmp_path / "templates" / "mail").mkdir(parents=True)
    code = '_("a1"); N_("a2"); _l("a3"); ngettext("a4", "a4s", n); pgettext("verb", "a5"); lazy_pgettext("verb", "a6")'
    (tmp_path / "dashboard" / "a.py").write_text(f"{code}\n", encoding="utf-8")
    (tmp_path / "templates" / "a.html").write_text('{{ _("b1") }}{{ pgettext("noun", "b2") }}', encoding="utf-8")
    (tmp_path / "templates" / "mail" / "a.txt").write_text('{{ ngettext("b3", "b3s", n) }}', encoding="utf-8")
    found = {(message.context, message.id) for message in translations.extract(tmp_path) if message.id}
    in_code = {(None, "a1"), (None, "a2"), (None, "a3"), (None, ("a4", "a4s")), ("verb", "a5"), ("verb", "a6")}
    assert found == in_code | {(None, "b1"), ("noun", "b2"), (None, ("b3", "b3s"))}


def test_an_update_keeps_translations_and_changes_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    monkeypatch.setattr(translations, "extract", lambda: catalog(("Order", ""), ("Orders", "")))
    old = catalog(("Order", "Заказ"), ("Ordered", "Заказано"), language="ru")
    translations.write(translations.path_of("ru"), old)
    translations.update()
    updated = translations.path_of("ru").read_bytes()
    done = translations.read(translations.path_of("ru"), "ru")
    assert {message.id: message.string for message in done if message.id} == {"Order": "Заказ", "Orders": ""}
    translations.update()
    assert translations.path_of("ru").read_bytes() == updated
    assert translations.check() == [f"{translations.path_of('ru')}: not translated: 'Orders'"]
