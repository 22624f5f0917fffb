"""A catalog that somebody made to do harm does none (R30): no error, no markup, no address, no header, no 500."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

import pytest
from flask import Flask

from dashboard.mail.rendering import Rendered
from dashboard.outbox.worker import work_off
from dashboard.web import catalogs
from tests.app_wide.everything import LOOKS, Readers, drawn, letters, messages, papers
from tests.app_wide.world import make_world, speak
from tests.catalogs import HEADER, Said, compiled, forms, speaking
from tests.conftest import disconnect, fresh
from tests.databases import Database

pytestmark = pytest.mark.xdist_group("hostile")  # one process makes the shop for all

#: Says that a text has been taken over, wherever it turns up.
MARK = "ОКАНАРЕЙКА"

_TAG = re.compile(r"<[^>]*>")
_UNBROKEN = re.compile(r'<span class="nowrap">([^<]*)</span>')
_VALUE = re.compile(r'"[^"]*"')


def each(text: Callable[[str], str], header: str = HEADER) -> bytes:
    """Every text replaced by one made of its source."""
    return compiled(lambda said: forms(said, text), header)


def _one_form(said: Said) -> list[str]:
    return [MARK + said.sources[-1]]


def _five_forms(said: Said) -> list[str]:
    return [MARK + said.sources[-1]] * 5


#: Nothing of these is shown: every text is the English one of the code.
LEFT_OUT = {
    "script": each(lambda s: f"{s}<script>alert(1)</script>"),
    "picture": each(lambda s: f"<img src=x onerror=alert(1)>{s}"),
    "end of the element": each(lambda s: f"</p></div></td></title></textarea>{s}"),
    "comment": each(lambda s: f"<!-- {s}"),
    "entities": each(lambda s: f"&lt;script&gt;{s}"),
    "template": each(lambda s: f"{s}{{{{ config }}}}{{# "),
    "style of a PDF": each(lambda s: f'<font size="99">{s}</font><pdf:nextpage/>'),
    "script address": each(lambda s: f"javascript:alert(1) {s}"),
    "web address": each(lambda s: f"{s} https://evil.example/?{MARK}"),
    "mail address": each(lambda s: f"{s} boss@evil.example"),
    "domain with another point": each(lambda s: f"{s} evil\u3002example"),
    "unknown placeholder": each(lambda s: f"{s}%(password)s"),
    "placeholder of an attribute": each(lambda s: f"{s}%(num.__class__)s"),
    "other conversions": each(lambda s: f"{s}%(num)r%(num)d%(num)*s"),
    "by position": each(lambda s: f"{s}%s%s%s%n"),
    "endless width": each(lambda s: f"{s}%(num)999999999s"),
    "lone percent sign": each(lambda s: f"{s}%"),
    "open placeholder": each(lambda s: f"{s}%("),
    "line end in a header": each(lambda s: f"{s}\r\nBcc: boss@evil.example\r\n\r\n{MARK}"),
    "line end alone": each(lambda s: f"{s}\n{MARK}"),
    "other line ends": each(lambda s: f"{s}\u2028{MARK}\x85{MARK}\x0b{MARK}"),
    "NUL": each(lambda s: f"{s}\x01{MARK}"),
    "escape of a terminal": each(lambda s: f"{s}\x1b[2J"),
    "right to left": each(lambda s: f"\u202e{s}"),
    "zero width": each(lambda s: f"\u200b{s}\ufeff"),
    "half a character": each(lambda s: f"{s}\ud800"),
    "gigantic": each(lambda s: s + MARK * 600),
    "too few plural forms": compiled(lambda said: _one_form(said) if len(said.sources) > 1 else [""]),
    "empty": each(lambda _s: ""),
    "blank": each(lambda _s: " "),
    "too many plural forms": compiled(lambda said: _five_forms(said) if len(said.sources) > 1 else [""]),
    "no catalog": b"words of no use",
    "nothing": b"",
    "cut off": each(lambda s: s)[:5000],
    "counts more than it has": each(lambda s: s)[:8] + b"\xff\xff\xff\x7f" + each(lambda s: s)[12:],
    "header of no use": each(lambda s: MARK + s, header="Plural-Forms: nplurals=many; plural=;\n"),
    "dates of no use": each(lambda s: MARK + s, header="POT-Creation-Date: yesterday\n"),
    "another charset": each(lambda s: MARK + s, header=HEADER.replace("utf-8", "utf-7")),
    "unknown charset": each(lambda s: MARK + s, header=HEADER.replace("utf-8", "no-such-charset")),
    "too large": each(lambda s: s) + b"\0" * catalogs.LARGEST,
}  # fmt: skip

#: These are shown as they are: the plain words that they are.
SHOWN = {
    "quotation marks": each(lambda s: f"{s}\" onmouseover=\"alert(1)\" x='y' `{MARK}"),
    "angle brackets": each(lambda s: f"{s} < {MARK} > &"),
    "braces": each(lambda s: f"{s} {{{MARK}}} $"),
    "plural expression of 99": each(lambda s: MARK + s, header=HEADER.replace("(n!=1)", "99")),
    "plural expression that divides": each(lambda s: MARK + s, header=HEADER.replace("(n!=1)", "n/0")),
    "plural expression without end": each(lambda s: MARK + s, header=HEADER.replace("(n!=1)", "(" * 9999)),
}  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """The application with a world in it, and how it looks without any catalog."""

    app: Flask
    readers: Readers
    folder: Path
    pages: dict[str, str]
    letters: dict[str, Rendered]
    papers: dict[str, str]


@pytest.fixture(scope="module")
def shop(application: Flask, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("catalogs")
    with fresh(application, database, tmp_path_factory.mktemp("hostile") / "data"):
        world = make_world()
        speak("ru")
        work_off()
        readers = Readers(application, world)
        with speaking(application, folder, b""):
            pages = {page.name: page.html for page in readers.pages()}
            shop = Shop(application, readers, folder, pages, _letters(), papers())
        yield shop
        disconnect()


def _letters() -> dict[str, Rendered]:
    """The world's letters, by their kinds, without the secrets in their links: each rendering has its own."""
    return {kind: _without_secret(rendered) for kind, (_, rendered) in letters().items()}


def _without_secret(letter: Rendered) -> Rendered:
    parts = (re.sub(r"(?<=/invitation/)[\w-]+", "token", part) for part in (letter.subject, letter.text, letter.html))
    return Rendered(*parts)


def skeleton(html: str) -> list[str]:
    """The tags of a page with the names of their attributes; but for those that keep a number in one line."""
    return _TAG.findall(_VALUE.sub('""', _UNBROKEN.sub(r"\1", html)))


def test_there_are_twenty_and_more() -> None:
    assert len(LEFT_OUT) + len(SHOWN) >= 20


@pytest.mark.parametrize("name", LEFT_OUT)
def test_R30_a_hostile_catalog_leaves_the_source(shop: Shop, name: str) -> None:
    with speaking(shop.app, shop.folder, LEFT_OUT[name]):
        for page in shop.readers.pages(LOOKS[::3]):  # what is left out cannot show on some page alone
            assert page.status < 500
            assert page.html == shop.pages[page.name], page.name
        assert _letters() == shop.letters
        assert papers() == shop.papers


@pytest.mark.parametrize("name", SHOWN)
def test_R30_what_is_shown_is_words(shop: Shop, name: str) -> None:
    with speaking(shop.app, shop.folder, SHOWN[name]):
        _assert_words(shop)


@pytest.mark.parametrize("name", ["script", "end of the element", "entities", "template", "style of a PDF"])
def test_R30_even_unfiltered_markup_is_words(shop: Shop, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The escaping at the root holds by itself: here nothing is left out."""
    monkeypatch.setattr(catalogs, "_is_sound", lambda *_: True)
    with speaking(shop.app, shop.folder, LEFT_OUT[name]):
        _assert_words(shop)
        if "PDF" in name:
            assert all(content.startswith(b"%PDF") for content in drawn().values())


@pytest.mark.parametrize("name", ["line end in a header", "other line ends", "NUL", "escape of a terminal"])
def test_R30_even_unfiltered_line_ends_make_no_header(shop: Shop, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogs, "_is_sound", lambda *_: True)
    with speaking(shop.app, shop.folder, LEFT_OUT[name]):
        sent = messages()
    assert len(sent) == len(shop.letters)
    for message in map(message_from_bytes, sent):
        assert set(message.keys()) == {
            *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
            *("MIME-Version", "Content-Type", "Content-Language"),
        }


@pytest.mark.parametrize(
    "name", ["placeholder of an attribute", "other conversions", "lone percent sign", "by position"]
)
def test_R30_even_unfiltered_placeholders_fall_back(shop: Shop, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogs, "_is_sound", lambda *_: True)
    with speaking(shop.app, shop.folder, LEFT_OUT[name]):
        for page in shop.readers.pages():
            assert page.html == shop.pages[page.name], page.name


def _assert_words(shop: Shop) -> None:
    """Pages, letters and papers are built as before, though other words stand in them."""
    pages = list(shop.readers.pages())
    assert any(page.html != shop.pages[page.name] for page in pages)
    for page in pages:
        assert page.status < 500
        assert skeleton(page.html) == skeleton(shop.pages[page.name]), page.name
    for kind, letter in _letters().items():
        assert skeleton(letter.html) == skeleton(shop.letters[kind].html), kind
        assert len(letter.subject.splitlines()) == 1
    for kind, paper in papers().items():
        assert skeleton(paper) == skeleton(shop.papers[kind]), kind
