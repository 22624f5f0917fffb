"""Forms: input is trimmed and cleaned, refusals speak the reader's language, switching the language loses nothing."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st
from wtforms import HiddenField, SelectField, StringField, SubmitField, TextAreaField
from wtforms.fields.core import UnboundField

from dashboard.errors import N_, InvalidInput, Refused
from dashboard.prose import versions
from dashboard.prose.rules import Kind
from dashboard.web import forms
from dashboard.web.access import Permission
from dashboard.web.forms import DayField, Form, trimmed
from dashboard.web.fragments import render
from tests.client import Client, Page

Plant = Callable[..., Flask]

PAGE = """{% extends "base.html" %}{% set main_form = "main-form" %}
{% block title %}Planted{% endblock %}
{% block content %}<h1>Planted</h1>
<form id="main-form" method="post" action="{{ request.full_path }}">{{ form.csrf_token }}
<ul id="errors">{% for field in form %}
{% for error in field.errors %}<li>{{ field.name }}: {{ error }}</li>{% endfor %}{% endfor %}
{% for error in form.form_errors %}<li>{{ error }}</li>{% endfor %}</ul>
{{ form.key }} <label>Name {{ form.name }}</label> <label>Address {{ form.address }}</label>
<label>Day {{ form.day }}</label> <label>Choice {{ form.choice }}</label> <label>Note {{ form.note }}</label>
<button>Send</button></form>{% endblock %}"""


class PlantedForm(Form):
    key = HiddenField()
    name = StringField("Name", forms.line(20))
    address = StringField("Address", forms.email())
    day = DayField("Day", [forms.required()])
    choice = SelectField("Choice", [forms.chosen()], choices=["a", "b"])
    note = TextAreaField("Note", [forms.optional(), forms.at_most(50)])
    submit = SubmitField("Send")


GOOD = {"name": "Anna", "address": "anna@example.com", "day": "2027-03-31", "choice": "b", "note": ""}


@pytest.fixture
def accepted() -> list[dict[str, Any]]:
    """What the planted form let through."""
    return []


@pytest.fixture
def open_form(plant: Plant, accepted: list[dict[str, Any]]) -> Callable[..., Page]:
    """Open the planted form's page, in a language; `refusal` is what its service says."""

    def show(language: str = "en", refusal: Exception | None = None, field: str | None = None) -> Page:
        planted = plant({"planted.html": PAGE})

        @planted.route("/planted", methods=["GET", "POST"], requires=Permission.PUBLIC)
        def planted_view() -> Any:
            form = PlantedForm(key="k")
            if form.validate_on_submit():
                if refusal is None:
                    accepted.append(form.data)
                else:
                    form.refuse(refusal, field)  # type: ignore[arg-type]
            return render("planted.html", status=422 if form.is_refused else 200, form=form)

        return Client(planted, language).get("/planted?a=b")

    return show


def errors(page: Page) -> list[str]:
    return [str(item.text) for item in page.tree.findall(".//ul[@id='errors']/li")]


def shown(page: Page, name: str) -> str | None:
    field = page.tree.find(f".//*[@name='{name}']")
    assert field is not None
    return field.text if field.tag == "textarea" else field.get("value")


def test_what_fits_is_accepted(open_form: Callable[..., Page], accepted: list[dict[str, Any]]) -> None:
    assert open_form().submit("Send", **GOOD).status == 200
    assert (accepted[0]["name"], str(accepted[0]["day"]), accepted[0]["key"]) == ("Anna", "2027-03-31", "k")


def test_input_is_trimmed_and_cleaned(open_form: Callable[..., Page], accepted: list[dict[str, Any]]) -> None:
    typed = GOOD | {
        "name": " \u00a0An\x00na\x1b \t",
        "address": "  Anna@EXAMPLE.com ",
        "note": " one\r\n\ttwo\x7f\x9b \n",
    }
    assert errors(open_form().submit("Send", **typed)) == []
    got = accepted[0]
    assert (got["name"], got["address"], got["note"]) == ("Anna", "Anna@example.com", "one\r\n\ttwo")


@given(st.text(st.characters()))
def test_nothing_that_breaks_xml_or_a_database_comes_through(text: str) -> None:
    clean = trimmed(text)
    assert clean == clean.strip()
    assert all(char in "\t\n\r" or ord(char) >= 32 for char in clean)
    assert "\x00" not in clean
    clean.encode("utf-8")  # no lone surrogates


@pytest.mark.parametrize(
    ("name", "wrong", "english"),
    [
        ("name", "   ", "Fill in this field."),
        ("name", "x" * 21, "Write at most 20 characters."),
        ("name", "Anna\nBcc: everyone@example.com", "Write this in one line."),
        ("name", "Anna\u2028Bcc", "Write this in one line."),
        ("address", "anna@", "Write an e-mail address, for example name@example.com."),
        ("address", "a@example.com, b@example.com", "Write an e-mail address, for example name@example.com."),
        ("address", "Anna <a@example.com>", "Write an e-mail address, for example name@example.com."),
        ("day", "31.13.2027", "Write a day, for example 2027-03-31."),
        ("note", "x" * 51, "Write at most 50 characters."),
    ],
)
def test_R30_a_refusal_stands_beside_its_field_in_the_readers_language(
    open_form: Callable[..., Page], accepted: list[dict[str, Any]], name: str, wrong: str, english: str
) -> None:
    page = open_form().submit("Send", **(GOOD | {name: wrong}))
    assert (page.status, accepted) == (422, [])
    assert f"{name}: {english}" in errors(page)
    russian = errors(open_form("ru").submit("Send", **(GOOD | {name: wrong})))
    assert russian
    assert english not in " ".join(russian)
    assert any("а" <= letter <= "я" for letter in russian[0])


def test_a_refused_form_keeps_what_was_typed(open_form: Callable[..., Page]) -> None:
    page = open_form().submit("Send", **(GOOD | {"address": "anna@", "note": "<b>&\n two"}))
    assert shown(page, "address") == "anna@"
    assert (shown(page, "note") or "").strip() == "<b>&\n two"
    assert page.tree.find(".//option[@selected]").get("value") == "b"  # type: ignore[union-attr]
    assert page.path == "/planted?a=b"


def test_R30_switching_the_language_keeps_what_was_typed_and_sends_nothing(
    open_form: Callable[..., Page], accepted: list[dict[str, Any]]
) -> None:
    page = open_form().submit("RU Русский", **(GOOD | {"name": "", "address": "anna@", "note": "half"}))
    assert page.tree.get("lang") == "ru"
    assert (page.status, page.path, errors(page), accepted) == (200, "/planted?a=b", [], [])
    assert (shown(page, "address"), shown(page, "day"), (shown(page, "note") or "").strip()) == (
        "anna@",
        "2027-03-31",
        "half",
    )
    again = page.submit("EN English")
    assert (again.tree.get("lang"), shown(again, "address")) == ("en", "anna@")
    assert accepted == []


@pytest.mark.parametrize(("field", "expected"), [("name", "name: At most 5 pieces."), (None, "At most 5 pieces.")])
def test_a_refusal_of_the_service_is_one_line(open_form: Callable[..., Page], field: str | None, expected: str) -> None:
    refusal = Refused(N_("At most %(count)s pieces."), count=5)
    page = open_form(refusal=refusal, field=field).submit("Send", **GOOD)
    assert (page.status, errors(page)) == (422, [expected])


def test_R30_a_refusal_of_the_service_speaks_the_readers_language(open_form: Callable[..., Page]) -> None:
    refusal = InvalidInput("Write the amount as a number, for example 1234.50.")
    (error,) = errors(open_form("ru", refusal).submit("Send", **GOOD))
    assert error != refusal.message
    assert "1234,50" in error or "1234.50" in error


def test_a_form_without_its_token_is_refused(plant: Plant, open_form: Callable[..., Page]) -> None:
    page = open_form()
    assert page._client.post("/planted", GOOD).status == 400


def test_a_choice_that_was_not_offered_is_refused(open_form: Callable[..., Page], accepted: list[Any]) -> None:
    page = open_form()
    token = shown(page, "csrf_token")
    answer = page._client.post("/planted", GOOD | {"choice": "zzz", "csrf_token": token})
    assert (answer.status, accepted) == (422, [])
    assert errors(answer) == ["choice: Choose one of these."]


def all_forms(base: type[Form] = Form) -> set[type[Form]]:
    """Every form of the product."""
    made = {form for form in base.__subclasses__() if form.__module__.startswith("dashboard")}
    return made.union(*(all_forms(form) for form in made))


#: What forms cannot be made without, where a country would not do.
FACTS: dict[str, Any] = {"version": versions.shipped(Kind.POLICY), "base": 0}


@pytest.mark.parametrize("typed", ["", "\u2028x" * 3000, "99999999999999999999", "-1", "<b>", "0x1f", "\x00"])
def test_R30_every_refusal_of_every_form_is_translated(application: Flask, typed: str) -> None:
    """WTForms has messages of its own, in English only."""
    strange = []
    assert len(all_forms()) > 10
    for form_class in all_forms():
        names = [field for field in dir(form_class) if isinstance(getattr(form_class, field), UnboundField)]
        with application.test_request_context("/", method="POST", data=dict.fromkeys(names, typed)), force_locale("ru"):
            facts = {name: FACTS.get(name, "DE") for name in needed(form_class)}
            form = form_class(meta={"csrf": False}, **facts)
            form.validate()
            messages = [*flat(form.errors), *map(str, form.form_errors)]
        strange += [(form_class.__name__, text) for text in messages if not re.search("[а-я]", text)]
    assert strange == []


def needed(form_class: type[Form]) -> list[str]:
    """Facts that a form cannot be made without, such as the country of the company."""
    asked = list(inspect.signature(form_class.__init__).parameters.values())[1:]
    return [
        one.name
        for one in asked
        if one.default is one.empty and one.kind is not one.VAR_KEYWORD and one.kind is not one.VAR_POSITIONAL
    ]


def flat(found: Any) -> Iterator[str]:
    """The messages in errors of fields, of forms in forms, and of lists of them."""
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list | tuple):
        for part in found:
            yield from flat(part)
    else:
        yield str(found)
