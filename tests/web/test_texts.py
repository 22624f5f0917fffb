"""Translated texts are data: no catalog can break a page or bring markup into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from dashboard.web.texts import LazyText, fill, gettext, lazy_gettext, lazy_pgettext, ngettext, npgettext, pgettext
from tests.catalogs import speaking

PlantCatalog = Callable[[Catalog], None]
HELLO, FILES = "Hello %(name)s!", ("%(num)s file", "%(num)s files")


@pytest.fixture
def plant_catalog(application: Flask, tmp_path: Path) -> Iterator[PlantCatalog]:
    """Translate by this catalog, compiled and loaded as the real ones are."""

    with ExitStack() as planted, application.test_request_context("/", headers={"Accept-Language": "ru"}):
        yield lambda catalog: planted.enter_context(speaking(application, tmp_path, catalog))


def russian(*messages: tuple[str | tuple[str, str], str | tuple[str, ...], str | None]) -> Catalog:
    catalog = Catalog(locale="ru")
    for source, translation, context in messages:
        catalog.add(source, translation, context=context)
    return catalog


@pytest.mark.parametrize(
    "translation",
    [
        "Привет, %(nmae)s!",
        "Привет, %(name)d!",
        "Привет, %(name)r!",
        "Привет, %(name)10s!",
        "Привет, %(name)",
        "Привет, %(name",
        "Привет, %s!",
        "Привет, %(name.__class__)s!",
        "Привет, %(name)s и %(other)s!",
        "На 100 % привет, %(name)s!",
        "%",
    ],
)
def test_R30_a_broken_placeholder_falls_back_to_the_source(plant_catalog: PlantCatalog, translation: str) -> None:
    plant_catalog(russian((HELLO, translation, None)))
    assert gettext(HELLO, name="Анна") == "Hello Анна!"
    assert render_template_string('{{ _("Hello %(name)s!", name=name) }}', name="<Анна>") == "Hello &lt;Анна&gt;!"


def test_R30_a_sound_translation_is_used(plant_catalog: PlantCatalog) -> None:
    plant_catalog(russian((HELLO, "%(name)s, привет на 100 %%!", None), ("Bye", "Пока", None), ("Empty", "", None)))
    assert gettext(HELLO, name="Анна") == "Анна, привет на 100\u00a0%!"
    assert gettext("Bye") == "Пока"
    assert gettext("Empty") == "Empty"
    assert gettext("Unknown") == "Unknown"
    assert str(lazy_gettext(HELLO, name="Анна")) == "Анна, привет на 100\u00a0%!"


def test_R30_each_plural_is_a_form_of_its_own(plant_catalog: PlantCatalog) -> None:
    plant_catalog(russian((FILES, ("%(num)s файл", "%(num)s файла", "%(num)s файлов"), None)))
    said = [ngettext(*FILES, n) for n in (1, 2, 5, 11, 21, 22, 25, 111)]
    assert all("\u00a0" in one for one in said)  # the line does not break between a number and its word
    assert [one.replace("\u00a0", " ") for one in said] == [
        *("1 файл", "2 файла", "5 файлов", "11 файлов"),
        *("21 файл", "22 файла", "25 файлов", "111 файлов"),
    ]


def test_R30_a_broken_plural_falls_back_to_the_source(plant_catalog: PlantCatalog) -> None:
    plant_catalog(russian((FILES, ("%(num)s файл", "%(n)s файла", "%d файлов"), None)))
    assert [ngettext(*FILES, n) for n in (1, 2, 5, 21)] == ["1 file", "2 files", "5 files", "21 files"]


def test_R30_a_context_gives_a_text_its_sense(plant_catalog: PlantCatalog) -> None:
    plant_catalog(
        russian(
            ("Order", "Заказ", "noun"),
            ("Order", "Заказать", "verb"),
            (FILES, ("%(num)s папка", "%(num)s папки", "%(num)s папок"), "paper"),
        )
    )
    assert (pgettext("noun", "Order"), pgettext("verb", "Order"), gettext("Order")) == ("Заказ", "Заказать", "Order")
    assert str(lazy_pgettext("verb", "Order")) == "Заказать"
    assert npgettext("paper", *FILES, 3) == "3\u00a0папки"
    shown = render_template_string("{{ pgettext('noun', 'Order') }} {{ npgettext('paper', 'a', 'b', 2) }}")
    assert shown == "Заказ b"


@pytest.mark.parametrize(
    "translation",
    [
        "<script>alert(1)</script>",
        '<a href="javascript:alert(1)">%(name)s</a>',
        "%(name)s<img src=x onerror=alert(1)>",
        "{{ 7 * 7 }}{% raw %}<b>%(name)s</b>",
        "&lt;b&gt;%(name)s",
        '" onmouseover="alert(1)" %(name)s',
    ],
)
def test_a_hostile_translation_cannot_bring_markup(plant_catalog: PlantCatalog, translation: str) -> None:
    context, sense = "sense", "Sense %(name)s"
    plant_catalog(
        russian(
            (HELLO, translation, None),
            (sense, translation, context),
            (FILES, (translation,) * 3, None),
            (FILES, (translation,) * 3, context),
        )
    )
    shown = render_template_string(
        """{{ _(hello, name=name) }}{{ gettext(hello, name=name) }}{{ pgettext("sense", sense, name=name) }}
{{ ngettext(one, many, 2, name=name) }}{{ npgettext("sense", one, many, 2, name=name) }}{{ lazy }}""",
        hello=HELLO, sense=sense, one=FILES[0], many=FILES[1], name="<i>Anna</i>",
        lazy=lazy_gettext(HELLO, name="<i>Anna</i>"),
    )  # fmt: skip
    assert not set("<>\"'") & set(shown)
    assert "49" not in shown
    assert str(escape("<i>Anna</i>")) in shown


def test_a_value_that_is_markup_stays_so_and_no_other(plant_catalog: PlantCatalog) -> None:
    plant_catalog(russian((HELLO, "%(name)s < >", None)))
    shown = render_template_string("{{ _(hello, name=name) }}", hello=HELLO, name=Markup("<a href='/'>Anna</a>"))
    assert shown == "<a href='/'>Anna</a> &lt; &gt;"


def test_a_value_is_not_read_for_placeholders(plant_catalog: PlantCatalog) -> None:
    plant_catalog(russian((HELLO, "Привет, %(name)s!", None)))
    assert gettext(HELLO, name="%(name)s %d %") == "Привет, %(name)s %d %!"


def test_an_unsound_source_is_our_own_defect(plant_catalog: PlantCatalog) -> None:
    plant_catalog(russian())
    with pytest.raises(ValueError, match="unsound message"):
        gettext("100 % of %(name)s", name="it")


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("%()snamed<&\"'{}"), max_size=60), st.text(max_size=20))
def test_no_translation_raises_or_brings_markup(translation: str, value: str) -> None:
    shown = fill(translation, HELLO, {"name": value}, escape)
    assert not set("<>\"'") & set(shown)
    assert shown == str(escape(fill(translation, HELLO, {"name": value})))


@given(st.text(st.characters(exclude_characters="%", codec="utf-8"), max_size=30))
def test_a_text_without_holes_stays_as_it_is(text: str) -> None:
    assert fill(text, "source", {}) == text
    assert fill(text.replace("", "%%"), "source", {}) == text.replace("", "%")


def test_a_lazy_text_takes_the_values_of_a_form_field(plant_catalog: PlantCatalog) -> None:
    plant_catalog(russian(("At most %(max)d", "x", None), ("At most %(max)s", "Не больше %(max)s", None)))
    assert lazy_gettext("At most %(max)s") % {"max": 5, "min": 0} == "Не больше 5"
    assert LazyText("At most %(max)s", values={"max": "<5>"}).__html__() == "Не больше &lt;5&gt;"
