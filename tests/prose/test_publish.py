"""Publishing: what is refused, what is kept, and that two who write at once lose nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.audit.models import AuditEntry
from dashboard.config import Settings
from dashboard.errors import InvalidInput, NotFound
from dashboard.prose import reading, service, versions
from dashboard.prose.checks import check
from dashboard.prose.models import TextVersion
from dashboard.prose.rules import HOLES, LONGEST, Kind, sum_of_money
from dashboard.prose.service import Outdated, publish
from tests.client import counted_statements
from tests.factories import make_user
from tests.threads import LONG_PATIENCE, Rendezvous, at_once

Database = scoped_session[Session]

#: What a reseller asks, by the place of the answer on the programme page.
QUESTIONS = {
    "who", "how", "quotes", "discount", "data", "support", "payment", "delivery", "agreement", "us-tax", "calls",
    "mail",
}  # fmt: skip


@pytest.mark.parametrize("kind", Kind)
def test_the_product_s_own_texts_may_be_published_and_are_alike_in_both_languages(app: Flask, kind: Kind) -> None:
    own = versions.shipped(kind)
    shapes = []
    for language in ("en", "ru"):
        check(kind, own.text(language))
        document = reading.document(own, language)
        assert document.title
        shapes.append(
            [(section.anchor, [(one.kind, len(one.lines)) for one in section.blocks]) for section in document.sections]
        )
        assert "%(" not in repr(document)
    if kind is not Kind.POLICY:  # whose headings have no names
        assert shapes[0] == shapes[1]
    assert [blocks for _, blocks in shapes[0]] == [blocks for _, blocks in shapes[1]]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_R31_the_product_s_own_programme_answers_every_question(app: Flask, language: str) -> None:
    sections = reading.read(Kind.PROGRAMME, language).sections
    assert {section.anchor for section in sections} == QUESTIONS
    for section in sections:
        assert section.title.endswith("?")
        assert sum(len(block.words) for block in section.blocks) > 100


@pytest.mark.parametrize("kind", Kind)
def test_R25_R31_every_hole_of_a_text_is_filled_and_the_instructions_know_no_terms(app: Flask, kind: Kind) -> None:
    assert reading._values(kind).keys() == HOLES[kind]
    assert not {"discount", "credit_days", "currencies"} & HOLES[Kind.INSTRUCTIONS]


def test_R31_another_vendor_s_texts_name_no_other_vendor(settings: Callable[..., Settings], app: Flask) -> None:
    vendor = app.config["SETTINGS"].vendor
    settings(
        vendor=replace(vendor, name="Acme", brands=("Anvil",), sales_email="a@acme.example", forum_url="https://f/")
    )
    for kind in Kind:
        for language in ("en", "ru"):
            words = repr(reading.read(kind, language))
            for name in (vendor.name, *vendor.brands, vendor.sales_email, vendor.forum_url):
                assert name not in words


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (Kind.POLICY, " \n ", "empty"),
        (Kind.POLICY, "a" * (LONGEST + 1), "at most"),
        (Kind.POLICY, "a\n```\nb", "not closed"),
        (Kind.POLICY, "%(vendr)s sells", r"%\(vendr\)s here. Known are: %\(brands\)s, %\(forum_url\)s, .*%\(vendor\)s"),
        (Kind.POLICY, "due in %(credit_days)s", "credit_days"),
        (Kind.POLICY, "%(vendor) sells", "vendor"),
        (Kind.INSTRUCTIONS, "%(discount)s off", "discount"),
        (Kind.PROGRAMME, "[press](javascript:alert(1))", "javascript"),
        (Kind.PROGRAMME, "[press](%(vendor)s)", "vendor"),
        (Kind.INSTRUCTIONS, "It costs $1,199.", "1,199"),
        (Kind.REMINDERS, "## Soon {#upcoming}\n\n## Now {#due}", r"no section for \{#(overdue|upcoming)\}"),
    ],
)
def test_what_cannot_be_published_is_refused_with_a_reason(app: Flask, kind: Kind, text: str, words: str) -> None:
    for texts in ((text, "Слова."), ("Words.", text)):
        with pytest.raises(InvalidInput) as refusal:
            publish(kind, *texts)
        assert re.search(words, refusal.value.message % refusal.value.values)
    assert versions.current(kind).number == 0


@pytest.mark.parametrize(
    "written",
    ["$1,199", "$ 5", "1 199,00 €", "€1", "99 USD", "USD 99", "100 руб.", "100 рублей", "5\u00a0₽", "10 евро", "£3.50"],
)
def test_R25_a_sum_of_money_cannot_stand_in_the_customer_s_instructions(app: Flask, written: str) -> None:
    for text in (f"It is {written} now.", f"```\nprint('{written}')\n```"):
        with pytest.raises(InvalidInput, match="sum"):
            check(Kind.INSTRUCTIONS, text)
        check(Kind.PROGRAMME, text)


@pytest.mark.parametrize(
    "written", ["version 24.11", "3 steps", "100 %", "№ 5", "R-2046-3182", "использует 4 ядра", "$HOME"]
)
def test_a_plain_number_is_no_sum(written: str) -> None:
    assert sum_of_money(written) is None


def test_R25_the_product_s_own_instructions_hold_no_sum_and_no_hole_of_terms() -> None:
    own = versions.shipped(Kind.INSTRUCTIONS)
    assert sum_of_money(own.english + own.russian) is None


def test_a_version_is_kept_with_who_and_when_and_why(db: Database) -> None:
    anna = make_user()
    first = publish(Kind.PROGRAMME, "One.\r\nTwo. \r\n", "Раз.", by=anna.id, note="begun")
    assert (first.number, first.english, first.by, first.note) == (1, "One.\nTwo.", "Anna", "begun")
    assert first.published_at is not None
    second = publish(Kind.PROGRAMME, "Two.", "Два.", base=1)
    assert versions.current(Kind.PROGRAMME) == second
    assert [one.number for one in versions.list_versions(Kind.PROGRAMME)] == [2, 1, 0]
    assert versions.get_version(Kind.PROGRAMME, 1) == first
    assert versions.get_version(Kind.PROGRAMME, 0) == versions.shipped(Kind.PROGRAMME)
    for number in (3, -1, 2**40):
        with pytest.raises(NotFound):
            versions.get_version(Kind.PROGRAMME, number)
    assert versions.current(Kind.INSTRUCTIONS).number == 0
    entries = db.scalars(select(AuditEntry).where(AuditEntry.subject == "text:programme")).all()
    assert [(entry.action, entry.detail["version"]) for entry in entries] == [
        ("text.published", 1),
        ("text.published", 2),
    ]


def test_a_version_never_changes(db: Database) -> None:
    publish(Kind.PROGRAMME, "One.", "Раз.")
    db.scalars(select(TextVersion)).one().text_en = "Another."
    with pytest.raises(RuntimeError, match="never changes"):
        db.flush()
    db.rollback()


def test_only_the_policy_asks_to_be_accepted(app: Flask) -> None:
    """R5"""
    assert not publish(Kind.PROGRAMME, "One.", "Раз.").asks_acceptance
    assert not publish(Kind.INSTRUCTIONS, "One.", "Раз.").asks_acceptance
    assert publish(Kind.POLICY, "One.", "Раз.").asks_acceptance
    assert not publish(Kind.POLICY, "One!", "Раз!", correction=True).asks_acceptance


def test_R05_the_same_words_are_published_once_unless_they_are_to_be_accepted_now(app: Flask) -> None:
    publish(Kind.POLICY, "One.", "Раз.")
    publish(Kind.POLICY, "One!", "Раз!", correction=True)
    assert publish(Kind.POLICY, "One!", "Раз!", base=1, correction=True).number == 2  # sent twice
    assert publish(Kind.POLICY, "One!", "Раз!").number == 3
    assert publish(Kind.POLICY, "One!", "Раз!", correction=True).number == 3


def test_who_wrote_on_top_of_an_older_version_publishes_nothing(db: Database) -> None:
    publish(Kind.PROGRAMME, "One.", "Раз.")
    with pytest.raises(Outdated):
        publish(Kind.PROGRAMME, "Two.", "Два.", base=0)
    assert [one.number for one in versions.list_versions(Kind.PROGRAMME)] == [1, 0]


def test_two_at_the_same_moment_make_one_version(app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    is_postgres = db.get_bind().dialect.name == "postgresql"
    Rendezvous(2, LONG_PATIENCE if is_postgres else 0.3).before(monkeypatch, service, "insert_once")
    results = at_once(app, [lambda words=words: publish(Kind.PROGRAMME, words, "Раз.", base=0) for words in ("a", "b")])
    assert sorted(type(one).__name__ for one in results) == ["Outdated", "Version"]
    same = at_once(app, [lambda: publish(Kind.PROGRAMME, "c", "Раз.", base=1).number] * 2)
    assert same == [2, 2]  # a double click is no conflict


@pytest.mark.parametrize("published", [0, 3])
def test_finding_a_text_takes_one_statement(db: Database, published: int) -> None:
    for number in range(published):
        publish(Kind.INSTRUCTIONS, f"{number}", f"{number}")
    for find in (
        lambda: reading.read(Kind.INSTRUCTIONS, "en"),
        lambda: versions.list_versions(Kind.INSTRUCTIONS),
        versions.list_current,
    ):
        with counted_statements() as statements:
            find()
        assert len(statements) == 1


def test_R31_the_commands_publish_and_show(app: Flask, db: Database, tmp_path: Path) -> None:
    files = {"en": "# Programme\n\nAsk.", "ru": "\ufeff# Программа\n\nСпросите."}
    for language, words in files.items():
        (tmp_path / language).write_text(words + "\n", encoding="utf-8")

    def run(*arguments: Any) -> Any:
        db.commit()
        return app.test_cli_runner().invoke(args=["texts", *map(str, arguments)])

    assert run("show", "programme").output.strip() == versions.shipped(Kind.PROGRAMME).english
    done = run("publish", "programme", tmp_path / "en", tmp_path / "ru", "--note", "shorter")
    assert (done.exit_code, done.output) == (0, "version 1 is in force\n")
    assert run("show", "programme").output == "# Programme\n\nAsk.\n"
    assert run("show", "programme", "--language", "ru").output == "# Программа\n\nСпросите.\n"
    assert run("show", "programme", "--version", 0).output.strip() == versions.shipped(Kind.PROGRAMME).english
    db.expire_all()
    assert versions.current(Kind.PROGRAMME).note == "shorter"


def test_R05_the_command_publishes_the_policy(app: Flask, db: Database, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    for words, asks in ((("a", "a"), True), (("a", "b", "--correction"), False), (("b", "b"), True)):
        db.commit()
        files = [str(tmp_path / word) if len(word) == 1 else word for word in words]
        assert app.test_cli_runner().invoke(args=["texts", "publish", "policy", *files]).exit_code == 0
        db.expire_all()
        assert versions.current(Kind.POLICY).asks_acceptance is asks
