"""A vendor's own color and logo are seen on pages, letters and papers; without them ours are."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from pypdf import PdfReader

from dashboard.config import Settings
from dashboard.invoices.pdf import render_pdf
from dashboard.mail.rendering import render_letter
from dashboard.pictures import logo_of
from dashboard.shades import OURS
from tests.client import Client, Element, Page
from tests.invoices.samples import a_snapshot
from tests.quotes.samples import a_logo

TEAL = "#0f766e"


@pytest.fixture
def dressed(app: Flask, settings: Callable[..., Settings]) -> Settings:
    vendor = app.config["SETTINGS"].vendor
    return settings(vendor=replace(vendor, accent=TEAL, logo=logo_of(a_logo(300, 100))))


def the(page: Page, element: str, **attributes: str) -> Element:
    """The one element of a page whose attributes begin like this."""
    found = [
        one for one in page.tree.iter(element)
        if all(one.get(name, "").startswith(value) for name, value in attributes.items())
    ]  # fmt: skip
    assert len(found) == 1, (page.path, element, found)
    return found[0]


def test_every_page_is_drawn_in_the_vendors_color(client: Client, dressed: Settings) -> None:
    style = client.get(the(client.get("/sign-in"), "link", href="/look.css").get("href", ""))
    assert f"--accent:light-dark({TEAL}," in str(style.content, "utf-8")
    assert style.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in style.headers["Cache-Control"]


def test_the_logo_stands_for_the_name(client: Client, dressed: Settings) -> None:
    logo = the(client.get("/sign-in"), "img", alt=dressed.vendor.name)
    assert (logo.get("width"), logo.get("height")) == ("300", "100")
    picture = client.get(logo.get("src", ""))
    assert picture.content == dressed.vendor.logo
    assert picture.headers["Content-Type"] == "image/png"


def test_another_logo_has_another_address(client: Client, dressed: Settings, settings: Callable[..., Settings]) -> None:
    before = the(client.get("/sign-in"), "img", alt=dressed.vendor.name).get("src")
    settings(vendor=replace(dressed.vendor, logo=logo_of(a_logo(200, 100))))
    assert the(client.get("/sign-in"), "img", alt=dressed.vendor.name).get("src") != before


def test_without_a_choice_nothing_more_is_loaded(client: Client) -> None:
    page = client.get("/sign-in")
    assert "look.css" not in page.html
    assert the(page, "a", **{"class": "brand"}).text == "Lumivara"
    assert client.get("/logo.png").status == 404


def test_letters_have_the_vendors_color(app: Flask, dressed: Settings) -> None:
    letter = render_letter("account_exists", "en", {"name": "Jan", "link": "https://partners.lumivara.example/"}).html
    assert TEAL in letter
    assert dressed.vendor.shades.dark in letter
    assert OURS.light not in letter


def test_R27_papers_bear_the_vendors_logo_and_color(app: Flask, settings: Callable[..., Settings]) -> None:
    plain = render_pdf(a_snapshot())
    vendor = app.config["SETTINGS"].vendor
    settings(vendor=replace(vendor, logo=logo_of(a_logo(300, 100))))
    with_logo = PdfReader(io.BytesIO(render_pdf(a_snapshot())))
    assert len(with_logo.pages[0].images) == len(PdfReader(io.BytesIO(plain)).pages[0].images) + 1
    settings(vendor=replace(vendor, accent=TEAL))
    assert render_pdf(a_snapshot()) != plain
