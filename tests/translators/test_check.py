"""The check of a translator's file finds each planted fault, and says what to do (R30)."""

from __future__ import annotations

import time
from collections.abc import Callable
from gettext import c2py  # type: ignore[attr-defined]  # how gettext itself reads plural expressions
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from dashboard.config import ROOT
from dashboard.errors import InvalidInput
from dashboard.translators import glossary, po, rules, service
from dashboard.web import catalogs
from tests.translators.samples import HEADER, PAID, TEMPLATE, TITLE, WHOLE, changed

TERMS = glossary.load(ROOT / "translations" / "glossary.csv")


def found(content: bytes | str) -> list[str]:
    """The faults of a file, as the command tells them."""
    read = po.read(content if isinstance(content, bytes) else content.encode())
    return [service.sentence(one) for one in service.check_catalog(po.read(TEMPLATE.encode()), read, TERMS).faults]


PLURAL_TITLE = TITLE.replace("msgstr", 'msgid_plural "x"\nmsgstr[0]')

#: What is changed in the whole catalog, into what, and the fault that it makes.
PLANTED = {
    "missing text": (TITLE, "", "“Sign in”: This text of the program is missing in the file."),
    "unknown text": (TITLE, TITLE + '\nmsgid "New"\nmsgstr "Новый"\n', "“New”: The program has no such text."),
    "twice": (TITLE, TITLE + TITLE, "“Sign in”: This text stands twice in the file."),
    "twice, once with a plural": (TITLE, TITLE + PLURAL_TITLE, "This text stands twice"),
    "second header": (TITLE, TITLE + '\nmsgid ""\nmsgstr "Language: en\\n"\n', "A second header"),
    "other context": ('msgctxt "title"', 'msgctxt "button"', "The program has no such text."),
    "not translated": ('msgstr "Вход"', 'msgstr ""', "line 23: “Sign in”: Not translated."),
    "fuzzy": ("#, python-format", "#, fuzzy, python-format", "Marked as needing work (fuzzy)."),
    "plural form empty": ("%(num)s файлов лицензии", "", "This text needs 3 plural forms."),
    "plural form missing": ('msgstr[2] "%(num)s файлов лицензии"\n', "", "This text needs 3 plural forms."),
    "plural form too many": ("лицензии\"\n\n# a note", 'лицензии"\nmsgstr[3] "%(num)s"\n\n# a note', "3 plural forms"),
    "plurals counted otherwise": ("nplurals=3", "nplurals=2", "another rule of plurals"),
    "plural expression": ("? 1 : 2);", "? 1 : 99);", "another rule of plurals"),
    "plural expression that runs": ("plural=(n%10==1", "plural=(__import__('os')||n%10==1", "another rule of plurals"),
    "placeholder missing": ("Заказ %(id)s", "Заказ", "The placeholder %(id)s is missing. Copy it"),
    "placeholder of another name": ("оплачен: %(sum)s", "оплачен: %(сумма)s", "%(sum)s is missing"),
    "placeholder too many": ("Вход", "Вход %(name)s", "no placeholder %(name)s"),
    "placeholder missing in one form": ("%(num)s файл лицензии", "Файл лицензии", "line 16: “%(num)s license file”"),
    "other format": ("оплачен: %(sum)s", "оплачен: %(sum)r", "A percent sign stands alone or in an unknown form"),
    "width": ("оплачен: %(sum)s", "оплачен: %(sum)10s", "A percent sign stands alone or in an unknown form"),
    "by position": ("оплачен: %(sum)s", "оплачен: %s", "A percent sign stands alone or in an unknown form"),
    "lone percent sign": ("Вход", "Вход 100 %", "Write %% for the sign itself."),
    "attribute": ("Вход", "Вход %(a.__class__)s", "A percent sign stands alone or in an unknown form"),
    "braces": ("Вход", "Вход {{ config }}", "“{{” looks like HTML or code"),
    "tag": ("Вход", "<b>Вход", "“<b” looks like HTML or code"),
    "entity": ("Вход", "Вход&nbsp;", "“&nbsp;” looks like HTML or code"),
    "web address": ("Вход", "Вход: https://evil.example/x", "looks like an address"),
    "mail address": ("Вход", "Вход: a@evil.example", "looks like an address"),
    "domain": ("Вход", "Вход: evil.example", "“evil.example” looks like an address"),
    "script address": ("Вход", "javascript:alert(1)", "“javascript:” looks like an address"),
    "right to left": ("Вход", "Вход\u202e", "An invisible character (U+202E)"),
    "zero width": ("Вход", "Вх\u200bод", "An invisible character (U+200B)"),
    "control character": ("Вход", "Вход\x1b[2J", "An invisible character (U+001B)"),
    "line break": ("Вход", "Вход\\nBcc: me", "far too long, or has a line break"),
    "far too long": ("Вход", "Вход " * 50, "far too long, or has a line break"),
    "space at the end": ("Вход", "Вход ", "A space stands at the beginning or the end."),
    "two spaces": ("Заказ %(id)s", "Заказ  %(id)s", "Two spaces stand side by side."),
    "point left out": ("оплачен: %(sum)s.", "оплачен, %(sum)s —", "The English text ends with “.”."),
    "point too many": ("Вход", "Вход.", "The English text has no point at the end."),
    "Latin look-alikes": ("Вход", "Вxод", "“Вxод” has Latin letters"),
    "a Latin look-alike alone": ("Заказ %(id)s", "Заказ c %(id)s", "“c” has Latin letters"),
    "another alphabet": ("Вход", "Вход Ω", "“Ω” is a letter of another alphabet."),
    "straight quotation marks": ("Вход", 'Вход \\"сюда\\"', "Quotation marks are «ёлочки»"),
    "hyphen for a dash": ("Заказ %(id)s", "Заказ - %(id)s", "The dash between words is —"),
    "space before a point": ("оплачен:", "оплачен :", "A space stands before a punctuation mark."),
    "not the glossary's word": ("файлов лицензии", "файлов ключей", "line 18: “%(num)s license file”: “license"),
    "a word the glossary forbids": ("Вход", "Вход в аккаунт", "Not «аккаунт»: the glossary says «учётная запись»."),
    "е for ё": ("Вход", "Вход в учетную запись", "Write ё in «учетную»"),
}  # fmt: skip


def test_a_whole_file_has_no_faults() -> None:
    assert found(WHOLE) == []
    assert found(WHOLE.replace("\n", "\r\n")) == []
    assert found(b"\xef\xbb\xbf" + WHOLE.encode()) == []


@pytest.mark.parametrize("name", PLANTED)
def test_R30_a_planted_fault_is_found(name: str) -> None:
    old, new, words = PLANTED[name]
    faults = found(changed(old, new))
    assert any(words in fault for fault in faults), faults
    assert all(fault.isprintable() for fault in faults)


def test_R30_what_is_right_is_no_fault() -> None:
    right = {
        "Вход": [
            "Вход\N{NO-BREAK SPACE}сюда",
            "Вход в «SKU „Один“»",
            "Вход в PDF-файл",
            "Вход — здесь",
            "Вход на 5 %%",
        ],
        "Заказ %(id)s оплачен: %(sum)s.": ["Оплачено %(sum)s: это заказ %(id)s.", "Заказы: %(id)s. Оплачено: %(sum)s"],
    }
    for old, texts in right.items():
        for new in texts:
            assert found(changed(old, new)) == [], new


def test_obsolete_texts_are_no_matter() -> None:
    assert found(WHOLE + '\n#~ msgid "Old"\n#~ msgstr "<b>"\n') == []


def test_a_term_may_be_left_out_by_a_comment() -> None:
    without = changed("файлов лицензии", "файлов")
    assert len(found(without)) == 1
    assert found(without.replace(b"#: templates/orders", b"# glossary: license file\n#: templates/orders")) == []


def test_the_english_catalog_may_be_empty_or_say_it_better() -> None:
    header = HEADER.replace("Language: ru", "Language: en")
    header = header.replace(header.splitlines()[4], r'"Plural-Forms: nplurals=2; plural=(n != 1);\n"')
    english = header + TEMPLATE.partition("\n\n")[2]
    assert found(english) == []
    assert found(english.replace('"Sign in"\nmsgstr ""', '"Sign in"\nmsgstr "Enter"')) == []
    [fault] = found(english.replace('"Sign in"\nmsgstr ""', '"Sign in"\nmsgstr "Enter <b>"'))
    assert "“<b” looks like HTML" in fault


REFUSED = {
    "nothing": (b"", "does not begin with a header"),
    "words": (b"words of no use\n", "Line 1 cannot be read"),
    "a page": (b"<!doctype html><p>", "Line 1 cannot be read"),
    "no header": (PAID.encode(), "does not begin with a header"),
    "compiled": (b"\xde\x12\x04\x95" + b"\x00" * 24, "compiled catalog (.mo)"),
    "NUL": (WHOLE.encode() + b"\x00", "NUL bytes"),
    "UTF-16": (WHOLE.encode("utf-16"), "NUL bytes"),
    "another charset": (WHOLE.encode("cp1251", "replace"), "not UTF-8 text"),
    "says another charset": (changed("charset=UTF-8", "charset=utf-7"), "written in utf-7"),
    "far too large": (b"#" * (po.LARGEST + 1), "larger than 4 MB"),
    "thousands of plural forms": (changed("msgstr[2]", "msgstr[40000]"), "begins plural form 40000"),
    "a plural form of many digits": (changed("msgstr[2]", f"msgstr[{'9' * 5000}]"), "cannot be read"),
    "a form twice": (changed("msgstr[2]", "msgstr[1]"), "msgstr[1] stands in the wrong place"),
    "a plural without plural": (changed('msgstr "Вход"', 'msgstr[0] "Вход"'), "stands in the wrong place"),
    "text before its key": (changed('msgid "Sign in"\n', ""), "stands in the wrong place"),
    "plural before singular": (changed('msgctxt "title"\n', 'msgid_plural "title"\n'), "stands in the wrong place"),
    "unknown keyword": (changed("msgctxt", "msgcontext"), "cannot be read: it is no line"),
    "open string": (changed('"Вход"', '"Вход'), "cannot be read: it is no line"),
    "unknown escape": (changed("Вход", r"Вход\x3cb\x3e"), "cannot be read: it is no line"),
    "cut off": (WHOLE.encode()[: WHOLE.encode().index("msgstr \"Вход".encode())], "ends in the middle"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_R30_a_file_that_cannot_be_read_is_refused(name: str) -> None:
    content, words = REFUSED[name]
    with pytest.raises(InvalidInput) as refusal:
        found(content)
    said = refusal.value.message % refusal.value.values
    assert words in said
    assert said.isprintable()


@pytest.mark.parametrize("language", ["", "de", "rude", "\x1b[2J"])
def test_another_language_is_refused(language: str) -> None:
    with pytest.raises(InvalidInput, match="must name the language"):
        found(changed("Language: ru", f"Language: {language}"))


@pytest.mark.parametrize("language", ["ru", "ru_RU", "RU-ru"])
def test_a_region_does_not_matter(language: str) -> None:
    assert found(changed("Language: ru", f"Language: {language}")) == []


@pytest.mark.parametrize("stuff", ["a", "a.", "%(", "%(a)s", "<", "а", " ", r"\\"])
def test_the_largest_file_is_read_in_no_time(stuff: str) -> None:
    before = time.process_time()
    found(changed("Вход", stuff * (3_000_000 // len(stuff.encode()))))
    assert time.process_time() - before < 5


@pytest.fixture
def run(application: Flask, tmp_path: Path) -> Callable[[bytes], tuple[int, str, str]]:
    """The command on a file with this content: status, output, errors."""

    def check(content: bytes) -> tuple[int, str, str]:
        (tmp_path / "ru.po").write_bytes(content)
        done = FlaskCliRunner(application).invoke(args=["translations", "check", str(tmp_path / "ru.po")])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, done.stderr

    return check


def test_R30_the_command_tells_faults_by_their_lines(run: Callable[[bytes], tuple[int, str, str]]) -> None:
    whole = (ROOT / "translations/ru/LC_MESSAGES/messages.po").read_bytes()
    texts = whole.count(b"msgid ") - 1
    assert run(whole) == (0, f"No faults in {texts} texts (ru).\n", "")
    broken = whole.replace('msgstr "Вход"'.encode(), 'msgstr "<b>Вход"'.encode(), 1)
    line = broken[: broken.index(b"<b>")].count(b"\n") + 1
    says = "looks like HTML or code, and the English text has none. Write plain words."
    assert run(broken) == (1, f"line {line}: “Sign in”: “<b” {says}\n", f"1 fault in {texts} texts (ru).\n")
    assert run(b"words of no use")[::2] == (2, "Error: Line 1 cannot be read: it is no line of a .po file.\n")


def test_R30_every_known_expression_counts_as_the_program_does() -> None:
    assert {language: count for language, (count, _) in rules.PLURALS.items()} == catalogs.FORMS
    for language, (_, expressions) in rules.PLURALS.items():
        for expression in expressions:
            counted = c2py(expression)
            assert [counted(number) for number in range(2000)] == [
                catalogs.PLURALS[language](number) for number in range(2000)
            ]
