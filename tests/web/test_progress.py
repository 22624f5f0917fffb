"""Long work tells how far it is, on standard error."""

from __future__ import annotations

import sys

import pytest

from dashboard.web import progress
from dashboard.web.progress import WORTH_TELLING, told, unwatched

ITEMS = range(WORTH_TELLING)


def test_all_items_come_in_their_order() -> None:
    assert list(told(ITEMS, "Loading")) == list(unwatched(ITEMS, "Loading")) == list(ITEMS)


def test_a_terminal_shows_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert list(told(ITEMS, "Loading")) == list(ITEMS)
    assert list(told(ITEMS[1:], "Little")) == list(ITEMS[1:])
    said = capsys.readouterr()
    assert "Loading" in said.err
    assert "100%" in said.err
    assert "Little" not in said.err
    assert said.out == ""


def test_elsewhere_a_line_comes_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(told(ITEMS, "Loading")) == list(ITEMS)
    assert capsys.readouterr().err == ""
    seconds = iter(range(10_000))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(seconds))
    assert list(told(ITEMS, "Loading")) == list(ITEMS)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"Loading: 4 of {WORTH_TELLING}"
    assert 10 < len(lines) < 30
