"""Check the templates for what a policy, a translator or an attacker would stumble over.

Found are: inline styles and scripts, which the Content-Security-Policy stops; htmx's ways to run text as script;
`|safe` outside the allow-list; and visible words that are not in `_()`. Templates of letters and papers may have
styles: mail programs and the PDF library know no other way.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, TemplateSyntaxError, nodes

TEMPLATES = Path("templates")

#: Folders whose templates no browser shows.
NOT_FOR_BROWSERS = {"mail", "pdf"}

#: Templates that may say `|safe`, with the reason.
MAY_BE_UNSAFE: dict[str, str] = {}

#: Templates that only developers see, in English.
FOR_DEVELOPERS = {"components/gallery.html"}

#: Blocks that stand inside an attribute: what they hold is not read.
INSIDE_ATTRIBUTES = re.compile(r"{%-?\s*block (width)\b.*?endblock\b.*?%}", re.DOTALL)

#: Words that are the same in all languages.
INTERNATIONAL = {"IBAN", "BIC", "SWIFT", "PDF", "XML", "SKU", "ID", "e", "mail"}

#: Elements whose text is no language.
WORDLESS = {"script", "style", "code", "kbd"}

#: Attributes that people read or hear.
READ = {"placeholder", "title", "alt", "label", "aria-label", "aria-description", "aria-roledescription"}

#: What stands in the HTML for an expression or statement of Jinja.
HOLE = "\ue000"

UNTRANSLATED = "not translated"

WORD = re.compile(r"[^\W\d_]+")
SENTENCE = re.compile(r"[A-ZА-ЯЁ][a-zа-яё]+([ ,.:;!?…—–-].*)?", re.DOTALL)
TRANSLATORS = {"_", "gettext", "ngettext", "pgettext", "npgettext"}


class Fault(NamedTuple):
    """Something to be mended, with its place."""

    line: int
    message: str


def check(name: str, source: str) -> list[Fault]:
    """All faults of one template; `name` is its path below the templates' folder."""
    jinja = Environment(autoescape=True)
    try:
        tree = jinja.parse(source, name)
    except TemplateSyntaxError as error:
        return [Fault(error.lineno, str(error.message))]
    faults = list(_faults_of_expressions(tree, may_be_unsafe=name in MAY_BE_UNSAFE))
    html = "".join(_with_holes(jinja, INSIDE_ATTRIBUTES.sub(lambda block: "\n" * block[0].count("\n"), source)))
    if name.endswith(".html"):
        page = _Page(for_browsers=name.partition("/")[0] not in NOT_FOR_BROWSERS)
        page.feed(html)
        page.close()
        faults += page.faults
    else:
        lines = enumerate(html.splitlines(), start=1)
        faults += [Fault(number, f"{UNTRANSLATED}: {line.strip()}") for number, line in lines if _has_words(line)]
    return sorted(fault for fault in faults if name not in FOR_DEVELOPERS or UNTRANSLATED not in fault.message)


def _with_holes(jinja: Environment, source: str) -> Iterator[str]:
    """The template's text, its Jinja parts replaced by holes that keep the lines."""
    depth = 0
    for _line, kind, text in jinja.lex(source):
        if kind.endswith("_begin") and kind != "raw_begin":
            depth += 1
        if kind == "data":
            yield text
        else:
            yield "\n" * text.count("\n")
        if kind.endswith("_end") and kind != "raw_end":
            depth -= 1
            yield HOLE if not depth and kind != "comment_end" else ""


def _has_words(text: str) -> bool:
    return any(word not in INTERNATIONAL for word in WORD.findall(text.replace(HOLE, " ")))


def _faults_of_expressions(tree: nodes.Template, *, may_be_unsafe: bool) -> Iterator[Fault]:
    """What the HTML does not show: `|safe`, autoescape switched off, words handed to macros."""
    for node in tree.find_all(nodes.Filter):
        if node.name == "safe" and not may_be_unsafe:
            yield Fault(node.lineno, "|safe is not allowed here (see MAY_BE_UNSAFE)")
    for scope in tree.find_all(nodes.ScopedEvalContextModifier):
        yield Fault(scope.lineno, "autoescape must stay on")
    for words in _words(tree):
        yield Fault(words.lineno, f"{UNTRANSLATED}: {words.value}")
    for call in tree.find_all(nodes.Call):
        composed = (nodes.Concat, nodes.Add, nodes.Mod)
        if _translates(call) and any(isinstance(part, composed) for part in call.args):
            yield Fault(call.lineno, "a text put together from pieces cannot be translated; use %(name)s")


def _words(node: nodes.Node) -> Iterator[nodes.Const]:
    """Constants that read like words of English or Russian, and are neither translated nor only compared."""
    if isinstance(node, nodes.Compare) or (isinstance(node, nodes.Call) and _translates(node)):
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and SENTENCE.fullmatch(node.value):
        yield node
    for child in node.iter_child_nodes():
        yield from _words(child)


def _translates(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in TRANSLATORS


class _Page(HTMLParser):
    """Reads the HTML around the holes."""

    def __init__(self, *, for_browsers: bool) -> None:
        super().__init__()
        self.faults: list[Fault] = []
        self._for_browsers = for_browsers
        self._wordless = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._wordless += tag in WORDLESS
        given = {name.strip(HOLE): value or "" for name, value in attrs}
        if self._for_browsers:
            self._look_for_scripts(tag, given)
        for name, value in given.items():
            read = name in READ or (name == "value" and given.get("type") in {"submit", "button", "reset"})
            if (read and _has_words(value)) or (name.startswith("data-") and SENTENCE.fullmatch(value)):
                self._fault(f"{UNTRANSLATED}: {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._wordless -= tag in WORDLESS

    def handle_data(self, data: str) -> None:
        if not self._wordless and _has_words(data):
            lead = len(data) - len(data.lstrip())
            words = " ".join(data.replace(HOLE, "…").split())
            self.faults.append(Fault(self.getpos()[0] + data[:lead].count("\n"), f"{UNTRANSLATED}: {words}"))

    def _look_for_scripts(self, tag: str, given: dict[str, str]) -> None:
        if tag == "style" or (tag == "script" and "src" not in given):
            self._fault(f"<{tag}> inside the page")
        for name, value in given.items():
            if name == "style":
                self._fault("style= inside the page; use a class")
            elif name.startswith(("on", "hx-on", "data-hx-on")):
                self._fault(f"{name}= is a script; use app.js")
            elif name.startswith("hx-"):
                self._fault(f"{name}= is no HTML; write data-{name}=")
            elif name.startswith("data-hx-trigger") and "[" in value:
                self._fault("a trigger filter is a script; use app.js")
            elif value.strip().lower().startswith(("js:", "javascript:")):
                self._fault(f"{name}= holds a script")

    def _fault(self, message: str) -> None:
        self.faults.append(Fault(self.getpos()[0], message))


def main() -> int:
    count = 0
    for path in sorted(TEMPLATES.rglob("*.*")):
        for fault in check(path.relative_to(TEMPLATES).as_posix(), path.read_text(encoding="utf-8")):
            print(f"{path}:{fault.line}: {fault.message}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
