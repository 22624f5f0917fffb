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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Catalogs of a program that says “Order” and “Orders”, updated and translated."""
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    monkeypatch.setattr(translations, "NOTES", tmp_path / "notes.csv")
    monkeypatch.setattr(translations, "extract", lambda: catalog(("Order", ""), ("Orders", "")))
    translations.update()
    path = translations.path_of("ru")
    text = path.read_text(encoding="utf-8")
    text = text.replace('"Order"\nmsgstr ""', '"Order"\nmsgstr "Заказ"').replace(
        '"Orders"\nmsgstr ""', '"Orders"\nmsgstr "Заказы"'
    )
    path.write_text(text, encoding="utf-8")
    return tmp_path


def test_what_is_up_to_date_passes(folder: Path) -> None:
    assert translations.check() == []
    before = {path: path.read_bytes() for path in folder.rglob("*.po*")}
    translations.update()
    assert {path: path.read_bytes() for path in folder.rglob("*.po*")} == before


def test_a_stale_template_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translations, "extract", lambda: catalog(("New", ""), ("Order", "")))
    found = [fault.partition(": ")[2] for fault in translations.check() if "messages.pot: " in fault]
    assert found == [
        "not in messages.pot: 'New'",
        "no longer in the code: 'Orders'",
        "it is stale; run `make translations`",
    ]
    (folder / "messages.pot").unlink()
    assert "it is missing; run `make translations`" in translations.check()[0]


def test_notes_become_comments_and_stale_ones_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "babel.cfg").write_text("[python: **.py]", encoding="utf-8")
    (tmp_path / "a.py").write_text('_("Order")', encoding="utf-8")
    (tmp_path / "notes.csv").write_text("Text,Note\nOrder,a button\nGone,a title\n", encoding="utf-8")
    monkeypatch.setattr(translations, "NOTES", tmp_path / "notes.csv")
    template = translations.extract(tmp_path)
    assert template["Order"].auto_comments == ["a button"]
    monkeypatch.setattr(translations, "extract", lambda: template)
    assert f"{tmp_path / 'notes.csv'}: no longer in the code: 'Gone'" in translations.check()


def test_a_stale_comment_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commented = catalog(("Order", ""), ("Orders", ""))
    commented["Order"].auto_comments.append("Title of a page")
    monkeypatch.setattr(translations, "extract", lambda: commented)
    assert [fault.rpartition("messages.")[2] for fault in translations.check()] == [
        "pot: it is stale; run `make translations`",
        "po: not as `make translations` writes it",
        "po: not as `make translations` writes it",
    ]


def test_faults_of_a_catalog_are_found(folder: Path) -> None:
    path = translations.path_of("ru")
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace('"Заказ"', '"Ордер"'), encoding="utf-8")
    assert [fault.partition("“")[2] for fault in translations.check()] == [
        "Order”: “order” is «заказ» in the glossary.",
        "Order”: Not «Ордер»: the glossary says «заказ».",
    ]
    path.write_text("no catalog", encoding="utf-8")
    assert "Line 1 cannot be read" in translations.check()[0]
    path.unlink()
    assert "No such file" in translations.check()[0]


@pytest.mark.parametrize("text", ["%s orders", "%(sum)d", "100%", "<b>Order</b>", "Terms &amp; policy"])
def test_a_text_that_cannot_be_translated_is_found(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translations, "extract", lambda: catalog((text, "")))
    assert ("HTML in a text" if "<" in text or "&" in text else "a placeholder other than") in translations.check()[0]


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


def test_an_update_keeps_what_translators_wrote(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = translations.path_of("ru")
    text = path.read_text(encoding="utf-8")
    text = text.replace('msgid "Order"', '# as agreed\nmsgid "Order"').replace("Generated-By: Babel", "X-Generator: Po")
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(translations, "extract", lambda: catalog(("Order", ""), ("Order again", "")))
    translations.update()
    done = translations.read(path, "ru")
    assert {message.id: message.string for message in done if message.id} == {"Order": "Заказ", "Order again": ""}
    assert done["Order"].user_comments == ["as agreed"]
    assert "X-Generator" not in path.read_text(encoding="utf-8")
    assert [fault.partition("“")[2] for fault in translations.check()] == ["Order again”: Not translated."]
