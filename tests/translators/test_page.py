"""The translators' page: how far the catalogs are, the files, the check, and what translators hand in (R30)."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from dashboard.accounts.models import User
from dashboard.config import ROOT
from dashboard.extensions import db
from dashboard.translators.models import HandedIn
from tests.client import Client, Page
from tests.factories import make_user
from tests.translators.samples import TEMPLATE, WHOLE, changed


@pytest.fixture
def vera(app: Flask, client: Client, tmp_path: Path) -> Iterator[Client]:
    """A translator's browser; the program has three texts, one of which is not translated yet."""
    root = tmp_path / "translations"
    for language, content in (("ru", changed('"Вход"', '""').decode()), ("en", "")):
        folder = root / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "messages.po").write_text(content)
        shutil.copy(ROOT / "translations" / language / "LC_MESSAGES" / "messages.mo", folder)
    (root / "messages.pot").write_text(TEMPLATE)
    shutil.copy(ROOT / "translations" / "glossary.csv", root)
    real, app.config["TRANSLATIONS"] = app.config["TRANSLATIONS"], root
    vera = make_user("Vera")
    vera.is_translator = True
    client.sign_in_as(vera)
    yield client
    app.config["TRANSLATIONS"] = real


def send(client: Client, content: bytes, button: str = "Hand it in") -> Page:
    return client.get("/translations").submit(button, file=(io.BytesIO(content), "messages.po"))


def test_a_translator_arrives_at_the_catalogs_and_their_progress(vera: Client) -> None:
    page = vera.get("/")
    assert page.path == "/translations"
    assert "Translations" in page.links
    assert "2 of 3 texts 1 text is not translated." in page.text
    assert "Nothing has been handed in yet." in page.text


def test_the_files_to_work_with_are_fetched_by_name(vera: Client) -> None:
    page = vera.get("/translations")
    for label, name in (("Russian: messages.po", "ru.po"), ("Template: messages.pot", "messages.pot")):
        file = page.click(label)
        assert file.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert b'msgid "Sign in"' in file.content
    assert b"reseller" in page.click("Glossary").content
    for name in ("messages.mo", "..%2Fru.po", "tlh.po"):
        assert vera.get(f"/translations/{name}").status == 404


def test_faults_are_told_with_their_line_in_the_translators_language(vera: Client) -> None:
    wrong = changed("Заказ %(id)s оплачен", "Заказ оплачен")
    page = send(vera, wrong)
    assert page.status == 422
    assert "Order %(id)s is paid: %(sum)s." in page.text
    assert "The placeholder %(id)s is missing. Copy it from the English text." in page.text
    line = int(page.tree.xpath("string(//tr[td[contains(., 'The placeholder')]]/td[1])"))
    assert wrong.decode().splitlines()[line - 1].startswith("msgstr")
    db.session.query(User).filter_by(name="Vera").one().language = "ru"
    page = send(vera, wrong, "Сдать файл")
    assert "Order %(id)s is paid: %(sum)s." in page.text
    assert "Нет подстановки %(id)s" in page.text
    assert db.session.query(HandedIn).count() == 0


def test_what_has_no_fault_is_handed_in_once_and_fetched_by_staff(vera: Client, app: Flask) -> None:
    assert "No faults in 3 texts." in send(vera, WHOLE.encode(), "Only check it").text
    assert db.session.query(HandedIn).count() == 0
    for _ in range(2):
        page = send(vera, WHOLE.encode())
        assert "the file has no faults and is handed in" in page.text
    (kept,) = db.session.query(HandedIn)
    assert (kept.language, kept.changed, kept.name) == ("ru", 1, "Vera")
    assert page.click("Download").content == WHOLE.encode()
    other = make_user("Boris")
    other.is_translator = True
    vera.sign_in_as(other)
    assert vera.get(f"/translations/handed-in/{kept.id}").status == 404
    vera.sign_in_as(make_user("Mari", staff=True))
    assert vera.get("/translations").click("Download").content == WHOLE.encode()


@pytest.mark.parametrize(
    "content", [b"", b"MZ\x00\x01", b"hello", WHOLE.replace("Language: ru", "Language: tlh").encode()]
)
def test_what_is_no_catalog_of_ours_is_refused_with_the_reason(vera: Client, content: bytes) -> None:
    page = send(vera, content)
    assert page.status == 422
    assert page.tree.xpath("//*[@id='file-error']")
    assert db.session.query(HandedIn).count() == 0


def test_nobody_else_finds_the_page(client: Client) -> None:
    client.sign_in_as(make_user("Jan"))
    for path in ("/translations", "/translations/ru.po", "/translations/handed-in/1"):
        assert client.get(path).status == 404
