"""A subject arrives as it was written, however long it is and in whatever language (R30)."""

from __future__ import annotations

from email import message_from_bytes, policy

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.clock import utcnow
from dashboard.mail import jobs
from dashboard.mail.models import Letter
from dashboard.mail.rendering import Rendered

WORDS = [
    "Счёт",
    "по",
    "заказу",
    "R-4046-8078,",
    "до",
    "27",
    "декабря",
    "2026\u202fг.",
    "7\xa0080,08\xa0$",
    "is",
    "paid",
    "a" * 70,
]


def arrived(subject: str) -> str:
    """The subject as its reader's mail program shows it."""
    letter = Letter(recipient="anna@example.com", created_at=utcnow(), message_id="<1@example.com>")
    sent = jobs._message(letter, Rendered(subject, "text", "<p>text</p>"), []).as_bytes(policy=policy.SMTP)
    assert max(len(line) for line in sent.split(b"\r\n")) <= 998
    return str(message_from_bytes(sent, policy=policy.default)["Subject"])


def test_R30_a_blank_between_two_russian_words_is_not_lost_where_a_subject_is_folded(app: Flask) -> None:
    subject = "Счёт 2026-000205 по заказу R-4046-8078, оплатить до 27 декабря 2026\u202fг."
    assert arrived(subject) == subject


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=14))
def test_R30_any_subject_arrives(app: Flask, words: list[str]) -> None:
    assert arrived(" ".join(words)) == " ".join(words)
