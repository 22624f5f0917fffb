"""Every plural text in every language, for all kinds of numbers (R30): the right form, filled, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale
from jinja2 import nodes

from dashboard.config import ROOT
from dashboard.translators import po
from dashboard.translators.rules import Text
from dashboard.web import catalogs
from dashboard.web.texts import ngettext, npgettext
from dashboard.wording import holes

#: Numbers that Russian and English count with, and the form that each takes in Russian: заказ, заказа, заказов.
COUNTS = {0: 2, 1: 0, 2: 1, 4: 1, 5: 2, 11: 2, 12: 2, 14: 2, 21: 0, 22: 1, 25: 2, 101: 0, 102: 1, 111: 2, 112: 2,
          1_000: 2, 1_001: 0, 1_000_000: 2}  # fmt: skip

#: Russian words after a number, by the form of the number: what may never stand there.
WRONG = {
    0: re.compile(r"\b(?:дней|дня|заказов|заказа|дел|дела|лицензий|лицензии|попыток|попытки)\b"),
    1: re.compile(r"\b(?:дней|день|заказов|дел|дело|лицензий|лицензия|попыток|попытка)\b"),
    2: re.compile(r"\b(?:дня|день|заказа|заказ|дела|дело|лицензии|лицензия|попытки|попытка)\b"),
}

PLURALS = [text for text in po.read((ROOT / "translations/messages.pot").read_bytes()).texts if len(text.sources) > 1]


def said(text: Text, number: int) -> str:
    """The text as templates say it, every value in its place."""
    singular, plural = text.sources
    values = {name: f"<{name}>" for source in text.sources for name in holes(source)} | {"num": f"{number}"}
    if text.context is None:
        return ngettext(singular, plural, number, **values)
    return npgettext(text.context, singular, plural, number, **values)


def _filled(written: str, number: int) -> str:
    return re.sub(r"%\((\w+)\)s", lambda hole: str(number) if hole[1] == "num" else f"<{hole[1]}>", written)


def test_there_are_plurals_to_walk() -> None:
    assert len(PLURALS) > 20


@pytest.mark.parametrize("text", PLURALS, ids=lambda text: text.sources[0][:40])
def test_R30_every_plural_is_said_right(application: Flask, text: Text) -> None:
    with application.app_context():
        for number, form in COUNTS.items():
            with force_locale("en"):
                english = said(text, number)
                assert english == _filled(text.sources[0 if number == 1 else 1], number)
            with force_locale("ru"):
                russian = said(text, number)
                forms = catalogs.current()._texts[text.context, text.sources[0]]
                assert russian == _filled(forms[form], number)
                assert "%(" not in russian
                assert ("num" in holes(text.sources[1])) == (f"{number}" in russian)
                assert re.search("[а-яё]", russian, re.IGNORECASE) or "SKU" in russian


@pytest.mark.parametrize("text", PLURALS, ids=lambda text: text.sources[0][:40])
def test_R30_the_word_after_the_number_agrees(application: Flask, text: Text) -> None:
    """What stands right after a number in the nominative is in the form that the number asks for."""
    with application.app_context(), force_locale("ru"):
        for number, form in COUNTS.items():
            assert not _disagrees(said(text, number), number, form)


def _disagrees(russian: str, number: int, form: int) -> bool:
    """Whether a counted noun has another form than its number asks for; after «за», «после», «в течение», other cases
    stand."""
    counted = re.search(rf"(?<!течение )(?<!после )(?<!После ){number}\s(\w+)", russian)
    return bool(counted and WRONG[form].fullmatch(counted[1]))


@pytest.mark.parametrize(
    ("russian", "number", "wrong"),
    [
        ("5 дней", 5, False),
        ("5 дня", 5, True),
        ("21 дней", 21, True),
        ("В течение 21 дня", 21, False),
        ("2 заказов", 2, True),
    ],
)
def test_a_word_that_does_not_agree_is_found(russian: str, number: int, wrong: bool) -> None:
    assert _disagrees(russian, number, catalogs.PLURALS["ru"](number)) is wrong


def test_a_wrong_rule_is_found(application: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    files = next(text for text in PLURALS if text.sources[0] == "%(num)s thing")
    monkeypatch.setitem(catalogs.PLURALS, "ru", catalogs.PLURALS["en"])
    catalogs.load.cache_clear()
    with pytest.raises(AssertionError):
        test_R30_every_plural_is_said_right(application, files)
    catalogs.load.cache_clear()


def test_R30_numbers_are_put_into_texts_by_plurals_alone(application: Flask) -> None:
    """`%(num)s` is the hole of plurals: no text without forms has it, and each call gives the number."""
    template = po.read((ROOT / "translations/messages.pot").read_bytes())
    single = [text.sources[0] for text in template.texts if len(text.sources) == 1 and "num" in holes(text.sources[0])]
    assert single == []


def test_R30_every_call_in_a_template_fills_all_holes(application: Flask) -> None:
    """A call that forgets a value would be an error on a page that nobody has walked."""
    found, calls = [], 0
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for call in _calls(application, path):
            calls += 1
            if missing := _missing(call):
                found.append(f"{path.name}:{call.lineno}: {missing}")
    assert calls > 800
    assert found == []


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        ('_("Order %(id)s", id=1)', set()),
        ('_("Order %(id)s", order=1)', {"id"}),
        ('ngettext("%(num)s file of %(all)s", "%(num)s files of %(all)s", 3)', {"all"}),
        ('pgettext("title", "Order %(id)s")', {"id"}),
        ('_("Order %(id)s", **values)', set()),
    ],
)
def test_a_forgotten_value_is_found(application: Flask, tmp_path: Path, call: str, missing: set[str]) -> None:
    (tmp_path / "planted.html").write_text("{{ " + call + " }}", encoding="utf-8")
    [found] = _calls(application, tmp_path / "planted.html")
    assert _missing(found) == missing


#: Where the texts of a call stand among its arguments.
_TEXTS = {"_": (0,), "gettext": (0,), "ngettext": (0, 1), "pgettext": (1,), "npgettext": (1, 2)}


def _calls(application: Flask, path: Path) -> list[nodes.Call]:
    tree = application.jinja_env.parse(path.read_text(encoding="utf-8"))
    return [
        call for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Name) and call.node.name in _TEXTS
    ]


def _missing(call: nodes.Call) -> set[str]:
    """Holes of the texts that the call gives no value for; none if it passes values on."""
    assert isinstance(call.node, nodes.Name)
    texts = [call.args[place] for place in _TEXTS[call.node.name]]
    if call.dyn_kwargs is not None or not all(isinstance(text, nodes.Const) for text in texts):
        return set()
    given = {keyword.key for keyword in call.kwargs} | ({"num"} if len(texts) > 1 else set())
    return {name for text in texts if isinstance(text, nodes.Const) for name in holes(text.value)} - given
