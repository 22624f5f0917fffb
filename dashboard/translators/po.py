"""Read a .po file, strictly: what a translator's program writes, and nothing that two programs could read in two ways.

Plural expressions are compared, never evaluated (rules.py); a charset other than UTF-8 is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dashboard.errors import N_, InvalidInput
from dashboard.translators.rules import Catalog, Text

#: Larger than any catalog of ours will be, in bytes.
LARGEST = 4 * 1024 * 1024

#: More plural forms than any language has.
MOST_FORMS = 6

_KEYWORD = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d{1,9})\])?)[ \t]*(".*)')
_STRING = re.compile(r'"((?:[^"\\]|\\["\\ntr])*)"')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass
class _Draft:
    """A text of the file while it is being read."""

    line: int = 0
    fuzzy: bool = False
    notes: list[str] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)
    forms: dict[int, str] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)


def read(content: bytes) -> Catalog:
    """The catalog that a .po file holds.

    Raises:
        InvalidInput: if it is none, or one that cannot be read without a doubt; the message says where and why.
    """
    drafts = list(_drafts(_decoded(content)))
    if not drafts or drafts[0].parts.get("msgid") != "":
        raise InvalidInput(N_("This is not a .po file of translations: it does not begin with a header."))
    header = dict(_header(drafts[0].forms.get(0, "")))
    charset = re.search(r"charset=([\w-]+)", header.get("content-type", ""))
    if charset and charset[1].casefold() not in {"utf-8", "charset"}:
        raise InvalidInput(
            N_("The file says that it is written in %(charset)s. Save it as UTF-8."), charset=charset[1][:20]
        )
    texts = tuple(map(_text, drafts[1:]))
    return Catalog(header.get("language", ""), header.get("plural-forms", ""), texts)


def _decoded(content: bytes) -> str:
    if len(content) > LARGEST:
        raise InvalidInput(
            N_("The file is larger than %(max)s MB: this is not a catalog of ours."), max=LARGEST // 1024**2
        )
    if content[:4] in {b"\xde\x12\x04\x95", b"\x95\x04\x12\xde"}:
        raise InvalidInput(N_("This is a compiled catalog (.mo). Check the .po file from which it was made."))
    if b"\x00" in content:
        raise InvalidInput(N_("The file holds NUL bytes: this is not a text file in UTF-8."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInput(N_("Line %(line)s is not UTF-8 text. Save the file as UTF-8."), line=line) from error


def _drafts(source: str) -> Iterator[_Draft]:
    """The texts of the file in order; those that are no longer used (`#~`) are comments."""
    draft, part = _Draft(), ""
    for number, raw in enumerate(source.split("\n"), start=1):
        line = raw.strip(" \t\r")
        if not line or line.startswith("#"):
            if draft.forms:
                yield draft
                draft, part = _Draft(), ""
            _comment(draft, line)
            continue
        keyword = _KEYWORD.fullmatch(line)
        if keyword:
            if draft.forms and keyword[1] in {"msgctxt", "msgid"}:
                yield draft
                draft = _Draft()
            part = keyword[1]
            _begin(draft, part, keyword[2], number)
        text = _STRING.fullmatch(keyword[3] if keyword else line)
        if text is None or not part:
            raise InvalidInput(N_("Line %(line)s cannot be read: it is no line of a .po file."), line=number)
        _append(draft, part, _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), text[1]))
    if draft.forms:
        yield draft
    elif draft.parts:
        raise InvalidInput(N_("The file ends in the middle of a text. Is it whole?"))


def _comment(draft: _Draft, line: str) -> None:
    if line.startswith("#,"):
        draft.fuzzy |= "fuzzy" in [flag.strip() for flag in line[2:].split(",")]
    elif line[:2] in {"#", "# "}:
        draft.notes.append(line[1:].strip())


def _begin(draft: _Draft, part: str, form: str | None, line: int) -> None:
    """Begin a part of a text, each in its turn and once."""
    index = int(form or 0)
    if part.startswith("msgstr"):
        plural = "msgid_plural" in draft.parts
        turn = "msgid" in draft.parts and index not in draft.forms and (form is not None) == plural
        if index >= MOST_FORMS:
            raise InvalidInput(
                N_("Line %(line)s begins plural form %(form)s; no language has so many."), line=line, form=index
            )
        draft.forms[index], draft.lines[index] = "", line
    else:
        after = {"msgctxt": "", "msgid": "msgctxt", "msgid_plural": "msgid"}[part]
        turn = part not in draft.parts and not draft.forms and list(draft.parts)[-1:] in ([], [after])
        turn &= part != "msgid_plural" or "msgid" in draft.parts
        draft.parts[part] = ""
        draft.line = draft.line if part == "msgid_plural" else line
    if not turn:
        raise InvalidInput(
            N_("Line %(line)s cannot be read: %(part)s stands in the wrong place."), line=line, part=part
        )


def _append(draft: _Draft, part: str, text: str) -> None:
    if part.startswith("msgstr"):
        draft.forms[list(draft.forms)[-1]] += text
    else:
        draft.parts[part] += text


def _header(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n"):
        name, _, value = line.partition(":")
        yield name.strip().casefold(), value.strip()


def _text(draft: _Draft) -> Text:
    sources = [draft.parts[part] for part in ("msgid", "msgid_plural") if part in draft.parts]
    count = max(draft.forms) + 1
    return Text(
        context=draft.parts.get("msgctxt"),
        sources=tuple(sources),
        forms=tuple(draft.forms.get(form, "") for form in range(count)),
        line=draft.line,
        lines=tuple(draft.lines.get(form, draft.line) for form in range(count)),
        fuzzy=draft.fuzzy,
        notes=tuple(draft.notes),
    )
