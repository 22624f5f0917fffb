"""Letters leave through a real mail server, once, in the recipient's language, with exact attachments (R20)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import BaseLoader, ChoiceLoader, DictLoader
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard import clock
from dashboard.accounts.models import MailedToken
from dashboard.accounts.sealing import hash_token
from dashboard.documents import service as documents
from dashboard.errors import NotYet
from dashboard.extensions import db as database
from dashboard.fulfilment import service as fulfilment
from dashboard.mail import jobs, service
from dashboard.mail.models import Letter
from dashboard.mail.service import Attachment, Content, post
from dashboard.outbox.models import OutboxItem
from dashboard.outbox.worker import work_off
from tests.client import Client
from tests.factories import make_key, make_reseller, make_user, pay, place
from tests.smtp import MailServer, free_port

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
Work = Callable[[], int]

LETTER = """{% extends layout %}
{% block subject %}{{ _("Orders") }}:
  {{ name }}{% endblock %}
{% block body %}{{ m.p(_("Hello %(name)s,", name=name)) }}
{{ m.button(_("Orders"), "http://x.example/?a=1&b=2") }}{% endblock %}"""


@pytest.fixture(autouse=True)
def _planted_letter(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(app.jinja_env.loader, BaseLoader)
    loader = ChoiceLoader([DictLoader({"mail/planted.html": LETTER}), app.jinja_env.loader])
    monkeypatch.setattr(app.jinja_env, "loader", loader)
    monkeypatch.setitem(app.extensions, "mail_composers", dict(app.extensions["mail_composers"]))


@pytest.fixture
def by_smtp(smtp: MailServer, settings: Callable[..., Any]) -> MailServer:
    """The application sends through a real server."""
    settings(smtp_url=smtp.url)
    return smtp


def write(to: str = "anna@example.com", language: str = "en", key: str = "k", name: str = "Anna", **more: Any) -> None:
    post("planted", to=to, language=language, key=key, name=name, **more)


def letter(key: str = "k") -> Letter:
    database.session.commit()
    found = database.session.scalars(select(Letter).where(Letter.key == key)).one()
    database.session.refresh(found)
    database.session.expunge(found)
    database.session.rollback()  # let go of SQLite's write lock
    return found


def parts(message: EmailMessage) -> tuple[str, str]:
    """The text and the HTML."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content(), html.get_content()


def test_R20_a_letter_is_text_and_html_with_the_same_words(by_smtp: MailServer, work: Work) -> None:
    write(name="Anna <&> O'Hara")
    work()
    (message,) = by_smtp.sent_to("anna@example.com")
    assert message.get_content_type() == "multipart/alternative"
    assert message["Subject"] == "Orders: Anna <&> O'Hara"
    assert message["To"] == "anna@example.com"
    assert message["From"].addresses[0].display_name == "Lumivara"
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = parts(message)
    assert "Hello Anna <&> O'Hara," in text
    assert "http://x.example/?a=1&b=2" in text
    assert "Hello Anna &lt;&amp;&gt; O&#39;Hara," in html
    assert '<html lang="en">' in html


@pytest.mark.parametrize(("language", "subject"), [("en", "Orders: Жанна"), ("ru", "Заказы: Жанна")])
def test_R20_R30_a_letter_speaks_the_recipients_language(
    by_smtp: MailServer, work: Work, language: str, subject: str
) -> None:
    write(language=language, name="Жанна")
    work()
    (message,) = by_smtp.messages
    assert message["Subject"] == subject
    assert message["Content-Language"] == language
    text, html = parts(message)
    assert f'<html lang="{language}">' in html
    assert ("Здравствуйте" in text) == ("Здравствуйте" in html) == (language == "ru")
    assert letter().subject == subject


def test_R20_the_vendors_name_may_hold_any_letters(
    by_smtp: MailServer, work: Work, settings: Callable[..., Any], app: Flask
) -> None:
    vendor = app.config["SETTINGS"].vendor
    settings(vendor=replace(vendor, name='Люмивара, "Ko" <evil@example.com>'), mail_from="noreply@vendor.example")
    write()
    work()
    (sender,) = by_smtp.messages[0]["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ('Люмивара, "Ko" <evil@example.com>', "noreply@vendor.example")


def test_R20_attachments_keep_their_exact_bytes_and_names(
    app: Flask, by_smtp: MailServer, work: Work, db: scoped_session[Session]
) -> None:
    contents = {
        "лицензия.lic": (b"<?xml version='1.0'?>\r\n<a>\n\r</a> \xff\x00.\n.\r\n", "application/xml"),
        "bill.pdf": (bytes(range(256)) * 50, "application/pdf"),
        "empty.txt": (b"", "text/plain"),
    }
    files = [Attachment(name, documents.keep(*content)) for name, content in contents.items()]
    app.extensions["mail_composers"]["planted"] = lambda payload: Content(payload, files)
    write()
    work()
    (message,) = by_smtp.messages
    received = {
        part.get_filename(): (part.get_payload(decode=True), part.get_content_type())
        for part in message.iter_attachments()
    }
    assert received == contents
    assert [one["name"] for one in letter().attachments] == list(contents)


def test_R20_the_mails_of_a_paid_order_arrive_with_its_files(by_smtp: MailServer, work: Work) -> None:
    make_key()
    reseller = make_reseller(document_language="ru")
    order = pay(place(reseller))
    work()
    bill = next(message for message in by_smtp.sent_to(reseller.billing_email) if "pdf" in str(message).lower())
    by_name = {
        part.get_filename(): part.get_payload(decode=True)
        for message in by_smtp.messages
        for part in message.iter_attachments()
    }
    kept = {
        file["name"]: file["digest"] for one in database.session.scalars(select(Letter)) for file in one.attachments
    }
    assert len(kept) >= 3  # pro-forma, invoice, license
    assert {name: documents.read(digest) for name, digest in kept.items()} == by_name
    assert bill["Content-Language"] == "ru"
    assert {order.id in message["Subject"] + parts(message)[0] for message in by_smtp.messages} == {True}


def test_R20_the_same_letter_is_written_once(by_smtp: MailServer, work: Work) -> None:
    for _ in range(3):
        write()
    work()
    work()
    assert len(by_smtp.messages) == 1


def test_R20_a_server_that_is_down_loses_nothing(
    app: Flask, smtp: MailServer, settings: Callable[..., Any], db: scoped_session[Session]
) -> None:
    """Orders go on, letters wait and arrive later, under one Message-ID."""
    settings(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    with clock.at(NOON):
        write()
        place(make_reseller())
        db.commit()
        work_off()
    waiting = letter()
    assert (waiting.state, waiting.tries, waiting.sent_at) == ("failing", 1, None)
    assert "ConnectionRefusedError" in waiting.error
    settings(smtp_url=smtp.url)
    with clock.at(NOON + timedelta(minutes=1)):
        work_off()
    sent = letter()
    assert (sent.state, sent.tries, sent.error) == ("sent", 2, "")
    (message,) = smtp.sent_to("anna@example.com")
    assert message["Message-ID"] == waiting.message_id
    assert parsedate_to_datetime(message["Date"]) == NOON
    assert len(smtp.messages) == 2


@pytest.mark.parametrize("refusal", ["451 Try again later", "554 No such user"])
def test_R20_a_refused_letter_is_tried_again(by_smtp: MailServer, db: scoped_session[Session], refusal: str) -> None:
    by_smtp.refusal = refusal
    with clock.at(NOON):
        write()
    for minutes in (0, 1, 2):
        with clock.at(NOON + timedelta(minutes=minutes)):
            db.commit()
            work_off()
    assert letter().state == "failing"
    assert refusal[4:] in letter().error
    by_smtp.refusal = None
    with clock.at(NOON + timedelta(hours=1)):
        db.commit()
        work_off()
    assert letter().state == "sent"
    assert len(by_smtp.messages) == 1


def test_R20_a_crash_after_sending_sends_the_same_message_id(by_smtp: MailServer, work: Work) -> None:
    """At least once: mail programs show the second one not at all."""
    write()
    work()
    sent = database.session.scalars(select(Letter)).one()
    sent.sent_at = None  # as the crash would have left it
    jobs.send({"letter_id": letter().id})
    first, second = by_smtp.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].startswith("<")
    assert parts(first) == parts(second)


def test_R20_letters_have_message_ids_of_their_own(by_smtp: MailServer, work: Work) -> None:
    for key in ("a", "b", "c"):
        write(key=key)
    work()
    assert len({message["Message-ID"] for message in by_smtp.messages}) == 3


def test_R20_without_a_server_letters_stay_readable(work: Work) -> None:
    write()
    work()
    kept = letter()
    assert (kept.state, kept.sent_at) == ("kept", None)
    assert "Hello Anna," in kept.text
    assert "Hello Anna," in kept.html


def write_secret() -> int:
    user = make_user("Anna", email="anna@example.com")
    post("account_reset", to=user.email, language="en", key="k", user_id=user.id, email=user.email)
    return user.id


def test_a_secret_is_kept_nowhere_once_a_server_sends_it(by_smtp: MailServer, work: Work) -> None:
    write_secret()
    work()
    (message,) = by_smtp.messages
    text, _html = parts(message)
    token = next(word for word in text.split() if word.startswith("http://127")).rpartition("/")[2]
    assert database.session.get(MailedToken, hash_token(token)) is not None
    kept = letter()
    assert (kept.text, kept.html, kept.state) == ("", "", "sent")
    everything = [
        vars(row) for model in (Letter, OutboxItem, MailedToken) for row in database.session.scalars(select(model))
    ]
    assert token not in repr(everything)


def test_a_secret_that_still_waits_is_not_kept_either(by_smtp: MailServer, work: Work) -> None:
    by_smtp.refusal = "451 Try again later"
    write_secret()
    work()
    kept = letter()
    assert (kept.text, kept.html, kept.state) == ("", "", "failing")


def test_a_secret_stays_readable_where_there_is_no_server(work: Work) -> None:
    """The demo's links could not be followed otherwise."""
    write_secret()
    work()
    assert "http://127.0.0.1:8000/" in letter().text


def test_R20_staff_send_a_letter_again(by_smtp: MailServer, work: Work, client: Client) -> None:
    write()
    work()
    client.sign_in_as(make_user(staff=True))
    for count in (2, 3):
        page = client.get(f"/staff/mail/{letter().id}").submit("Send again")
        assert "The letter is sent again." in page.text
        work()
        assert len(by_smtp.sent_to("anna@example.com")) == count
    assert len({message["Message-ID"] for message in by_smtp.messages}) == 3
    assert letter("k#2").payload == letter("k#3").payload == letter().payload


def test_R20_a_letter_that_fails_is_sent_again_at_once(by_smtp: MailServer, work: Work, client: Client) -> None:
    by_smtp.refusal = "451 Try again later"
    write()
    work()
    by_smtp.refusal = None
    client.sign_in_as(make_user(staff=True))
    client.get(f"/staff/mail/{letter().id}").submit("Send again")
    work()
    assert letter().state == "sent"
    assert len(by_smtp.messages) == 1
    assert database.session.scalars(select(Letter)).all()[1:] == []


def test_R20_staff_see_what_was_sent_waits_or_failed(by_smtp: MailServer, work: Work, client: Client) -> None:
    write(key="a", to="sent@example.com")
    work()
    by_smtp.refusal = "451 Try again later"
    write(key="b", to="failed@example.com")
    work()
    write(key="c", to="waits@example.com")
    client.sign_in_as(make_user(staff=True))
    page = client.get("/staff/mail")
    for address in ("sent@example.com", "failed@example.com", "waits@example.com"):
        assert address in page.text
    assert "Try again later" in client.get(f"/staff/mail/{letter('b').id}").text


def test_a_letter_whose_words_cannot_be_made_says_so(app: Flask, work: Work) -> None:
    def fail(_payload: dict[str, Any]) -> Content:
        raise KeyError("name")

    app.extensions["mail_composers"]["planted"] = fail
    write()
    work()
    assert (letter().state, letter().error) == ("failing", "KeyError: 'name'")


def test_a_letter_whose_document_is_not_ready_waits(app: Flask, by_smtp: MailServer, work: Work) -> None:
    def not_yet(_payload: dict[str, Any]) -> Content:
        raise NotYet

    app.extensions["mail_composers"]["planted"] = not_yet
    write()
    work()
    assert (letter().state, letter().tries) == ("waiting", 0)
    missing = Attachment("a.pdf", "0" * 64)
    app.extensions["mail_composers"]["planted"] = lambda payload: Content(payload, [missing])
    with clock.at(clock.utcnow() + timedelta(seconds=5)):
        work_off()
    assert (letter().state, by_smtp.messages) == ("waiting", [])


HOSTILE = "Anna\r\nBcc: spy@example.com\r\n\r\n<b>Free</b>\u2028X-Evil: 1\x0bY: 2\x85Z: 3"


def test_no_header_can_be_brought_in_by_a_name(by_smtp: MailServer, work: Work) -> None:
    write(name=HOSTILE)
    order = place(make_reseller(HOSTILE, billing_email="billing@example.com"), company=HOSTILE, name=HOSTILE)
    work()
    fulfilment.cancel_order(order.id, HOSTILE, by_staff=True)
    work()
    assert len(by_smtp.deliveries) >= 3
    for delivery in by_smtp.deliveries:
        assert "spy@example.com" not in delivery.recipients
        assert not {"Bcc", "X-Evil", "Y", "Z"} & set(delivery.message.keys())
        assert len(str(delivery.message["Subject"]).splitlines()) == 1


@pytest.mark.parametrize("to", ["a@example.com\r\nBcc: spy@example.com", "a@example.com\nRCPT TO:<spy@example.com>"])
def test_no_recipient_can_be_brought_in_by_an_address(by_smtp: MailServer, work: Work, to: str) -> None:
    write(to=to)
    work()
    assert by_smtp.deliveries == []
    assert letter().state == "failing"


def test_an_address_and_a_name_of_any_alphabet(by_smtp: MailServer, work: Work) -> None:
    write(to="жанна@почта.example", name="Ж" * 400)
    work()
    (message,) = by_smtp.sent_to("жанна@почта.example")
    assert "Ж" * 400 in message["Subject"]
    assert letter().subject.endswith("Ж" * 100)
    assert len(letter().subject) == 300


def test_every_kind_of_letter_has_its_template(app: Flask) -> None:
    names = {path.stem for path in (Path(app.root_path).parent / "templates" / "mail").glob("[a-z]*.html")} - {"layout"}
    assert set(app.extensions["mail_composers"]) - {"planted"} <= names
    for name in names:
        assert {"subject", "body"} <= set(app.jinja_env.get_template(f"mail/{name}.html").blocks)


def test_a_page_of_letters_follows_the_one_before(db: scoped_session[Session], client: Client) -> None:
    for number in range(service.PAGE + 3):
        write(key=f"key{number}", to=f"reader{number}@example.com")
    client.sign_in_as(make_user(staff=True))
    first = client.get("/staff/mail")
    assert (f"reader{service.PAGE + 2}@" in first.text, "reader2@" in first.text) == (True, False)
    older = [one.id for one in service.list_letters(before=service.list_letters().older).letters]
    assert len(older) == 3
    assert older == sorted(older, reverse=True)


def test_R30_the_sum_in_a_subject_does_not_break(work: Work) -> None:
    write(name="1\u00a0168\u00a0608,64\u00a0₽\u2028next")
    work()
    assert letter().subject == "Orders: 1\u00a0168\u00a0608,64\u00a0₽ next"
