"""The marks of the texts: what is read, and that nothing hostile becomes more than words."""

from __future__ import annotations

import time

import pytest

from dashboard.prose.changes import Row, Run, compare
from dashboard.prose.markup import Block, Piece, holes, is_open, parse, targets


def text(words: str) -> tuple[Piece, ...]:
    return (Piece("text", words),)


def test_the_few_marks() -> None:
    source = (
        "# Title\n\nTwo\nlines <b>.\n\n## Part {#first}\nAt once:\n- one\n  goes on\n- two - and a dash\n\n- three\n\n"
        "1. step\n2) next\n\n### C#\n\n```csharp\n## no heading\n\n    indented\n```\nafter"
    )
    assert parse(source) == (
        Block("title", (text("Title"),)),
        Block("paragraph", (text("Two lines <b>."),)),
        Block("heading", (text("Part"),), "first"),
        Block("paragraph", (text("At once:"),)),
        Block("list", (text("one goes on"), text("two - and a dash"), text("three"))),
        Block("steps", (text("step"), text("next"))),
        Block("subheading", (text("C#"),)),
        Block("code", ((Piece("code", "## no heading\n\n    indented"),),)),
        Block("paragraph", (text("after"),)),
    )


def test_marks_within_a_line() -> None:
    (block,) = parse("See **this**, `code` and [the forum](https://f.example/a_(b)), please.")
    assert block.lines[0] == (
        Piece("text", "See "),
        Piece("strong", "this"),
        Piece("text", ", "),
        Piece("code", "code"),
        Piece("text", " and "),
        Piece("link", "the forum", "https://f.example/a_(b)"),
        Piece("text", ", please."),
    )
    assert block.words == "See this, code and the forum, please."


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "//evil.example", "/\\evil.example",
     "vbscript:x", "https:evil", 'https://x.example/"onclick="x', "ftp://x.example", "", "\tjavascript:x"],
)  # fmt: skip
def test_a_link_to_anything_but_a_page_is_only_words(target: str) -> None:
    (block,) = parse(f"[words]({target})")
    assert all(piece.kind == "text" for piece in block.lines[0])


@pytest.mark.parametrize(
    "target", ["https://x.example/a?b=c#d", "http://x.example", "mailto:a@b.example", "/policy", "#payment"]
)
def test_links_lead_to_pages(target: str) -> None:
    (block,) = parse(f"[words]({target})")
    assert block.lines[0] == (Piece("link", "words", target),)


def test_holes_are_filled_after_the_marks_are_read() -> None:
    values = (("vendor", "**Acme** [x](javascript:x)"), ("forum_url", "https://f.example/"), ("bad", "javascript:x"))
    (block,) = parse("%(vendor)s, 100 %, [here](%(forum_url)s), [there](%(bad)s), `%(vendor)s`, %(other)s", values)
    assert block.lines[0] == (
        Piece("text", "**Acme** [x](javascript:x), 100 %, "),
        Piece("link", "here", "https://f.example/"),
        Piece("text", ", "),
        Piece("text", "there"),
        Piece("text", ", "),
        Piece("code", "%(vendor)s"),
        Piece("text", ", %(other)s"),
    )


def test_holes_and_targets_are_found_as_they_are_written_but_not_in_code() -> None:
    source = "# %(a)s\n\n- [%(b)s](mailto:%(c)s)\n\n**%(d)** %(vendor)s\n\n```\n%(code)s\n```\n`%(more)s`"
    assert holes(source) == {"%(a)s", "%(b)s", "%(c)s", "%(d)", "%(vendor)s"}
    assert targets(source) == {"mailto:%(c)s"}


def test_every_heading_has_a_place_of_its_own() -> None:
    blocks = parse("## Same\n\n## Same\n\n## Оплата и счёт?\n\n## !\n\n## Main\n\n## Verify {#same}")
    assert [block.anchor for block in blocks] == ["same", "same-2", "оплата-и-счёт", "part", "main-2", "same-3"]


def test_code_that_is_not_closed_is_noticed() -> None:
    assert is_open("a\n```\nb")
    assert not is_open("a\n```\nb\n```\n")


@pytest.mark.parametrize("source", ["", "#", "##", "-", "```", "[](", "**", "`", "%(", "%()s", "{#x}", "# {#x}", "1."])
def test_whatever_is_written_can_be_read(source: str) -> None:
    parse(source)
    parse(f"a\n{source}\nb", (("a", "b"),))


def test_only_what_has_changed_is_shown_word_by_word() -> None:
    before = "# Title\n\none\n\ntwo three four\n\nfive"
    assert compare(before, before) == []
    assert compare(before, before.replace("three", "3")) == [
        Row(),
        Row((Run("same", ""),)),
        Row((Run("same", "two "), Run("del", "three"), Run("ins", "3"), Run("same", " four"))),
        Row((Run("same", ""),)),
        Row(),
    ]
    assert Row((Run("ins", "six"),)) in compare(before, before + "\n\nsix\n\nseven")
    assert Row((Run("del", "one"),)) in compare(before, before.replace("one\n\n", ""))


@pytest.mark.parametrize(
    ("before", "after"),
    [("a b c d " * 3700, "b c a d " * 3700), ("a " * 99 + "\n", "a b" * 66 + "\n"), ("a\n" * 9999, "b\na\n" * 5000)],
)
def test_strange_texts_are_compared_in_time(before: str, after: str) -> None:
    start = time.process_time()
    assert compare(before * (30_000 // len(before)), after * (30_000 // len(after)))
    assert time.process_time() - start < 5
