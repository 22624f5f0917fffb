"""The language made for looking takes the place of English in the demo, if one asks for it (R30)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from dashboard.config import Settings
from dashboard.web import texts
from dashboard.web.pseudo import LONGER, bracketed
from tests.catalogs import all_said
from tests.client import Client


def test_what_a_catalog_knows_is_in_brackets_and_the_rest_is_plain(
    app: Flask, settings: Callable[..., Settings]
) -> None:
    settings(pseudo=True)
    page = Client(app, "en").get("/sign-in")
    assert "⟦Pááššwóórd⟧" in page.text
    assert page.tree.get("lang") == "en"
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert texts.gettext("Nobody translated this") == "Nobody translated this"
        assert texts.ngettext("%(num)s order", "%(num)s orders", 2) == "2⟦ óórdéérš⟧"
    assert "⟦" not in Client(app, "ru").get("/sign-in").text
    settings(pseudo=False)
    assert "⟦" not in Client(app, "en").get("/sign-in").text


def test_texts_are_a_third_longer() -> None:
    long = [text for said in all_said() for text in said.sources if len(text) > 60]
    assert len(long) > 300
    grown = sum(len(bracketed(text)) for text in long) / sum(map(len, long))
    assert 1 + LONGER - 0.05 < grown < 1 + LONGER + 0.1


@pytest.mark.parametrize("kept", ["www.example.com", "sales@lumivara.example", "app.lic", "https://x.example/a"])
def test_addresses_and_names_of_files_stay(kept: str) -> None:
    assert kept in bracketed(f"See {kept} for more")
