"""The gallery shows every piece of the design system, and there are no icons but those that are used."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from dashboard.config import ROOT

COMPONENTS = ROOT / "templates" / "components"

#: What comes with another piece, or with the page itself.
WITHIN = {"attributes", "messages", "hidden", "error_summary", "username"}


def macros_of(name: str) -> Iterator[str]:
    found = re.findall(r"{% macro (\w+)\(", (COMPONENTS / f"{name}.html").read_text())
    return (macro for macro in found if not macro.startswith("_") and macro not in WITHIN)


@pytest.mark.parametrize(("file", "called"), [("ui", "ui"), ("tables", "t"), ("forms", "f"), ("charts", "charts")])
def test_every_component_is_in_the_gallery(file: str, called: str) -> None:
    gallery = (COMPONENTS / "gallery.html").read_text()
    assert [macro for macro in macros_of(file) if f"{called}.{macro}(" not in gallery] == []
    assert "prose.snippet(" in gallery
    assert "t.pager(newest=" in gallery


def test_the_icons_are_those_that_are_used() -> None:
    drawn = set(re.findall(r'name == "(\w+)"', (COMPONENTS / "icons.html").read_text()))
    pages = [path.read_text() for path in (ROOT / "templates").rglob("*.html") if path.name != "gallery.html"]
    named = {name for text in pages for name in re.findall(r'\bicon(?:_name=|\()"(\w+)"', text)}
    tones = {"ok", "warn", "bad", "info"}
    assert drawn == named | tones | {"up", "down"}
    gallery = (COMPONENTS / "gallery.html").read_text()
    assert [name for name in drawn if f'"{name}"' not in gallery] == []
