"""Answers by mail are filed with their enquiry; whatever is not certain waits for a person (R32)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from dashboard.enquiries import attachments, inbox, reading
from dashboard.enquiries.models import Enquiry
from dashboard.enquiries.reading import Unreadable, read
from dashboard.enquiries.rules import LONGEST, Hurdle, MailState, split_reply
from dashboard.extensions import db
from dashboard.resellers.models import Member
from tests.client import Client
from tests.enquiries.conftest import (
    MAILS,
    Scene,
    last,
    letters_to,
    mails,
    message,
    open_one,
    plain,
    receive,
    texts,
    thread_id,
    to,
)
from tests.factories import make_reseller, make_user
from tests.smtp import MailServer

#: What each mail says, without what it cites and how it is signed.
ANSWERS = {
    "gmail-en": "Thank you, that helps.\n\nWe need three of them, for Linux too.",
    "gmail-ru": "Спасибо, так и сделаем.\n\nСчёт пришлём завтра.",
    "outlook-en": "Dear Mari,\n\nyes, the customer builds for Windows only.\n\nKind regards\nAnna",
    "outlook-ru-html": "Добрый день!\n\nКлиент согласен, ждём лицензию.",
    "mailru-mobile-koi8": "Пока не решили, напишем в понедельник.",
    "iphone-ru": "Да, всё верно.",
    "samsung-ru": "Хорошо, спасибо.",
    "the-bat-8bit": "Договорились.",
    "thunderbird-between": (
        "27.11.2026 15:06, Lumivara пишет:\n> The OEM plan fits.\n\nСогласны.\n\n> How many do you need?\n\nТри."
    ),
}


def test_every_mail_of_the_folder_is_read() -> None:
    assert {path.stem for path in Path(MAILS).glob("*.eml")} == set(ANSWERS)


@pytest.mark.parametrize(("name", "answer"), ANSWERS.items())
def test_R32_an_answer_is_filed_whatever_program_wrote_it(scene: Scene, name: str, answer: str) -> None:
    state = receive(message(name, sender="buyer@romashka.example", to=to(scene.token)))
    assert (state, texts(scene)[1:]) == (MailState.FILED, [("reseller", answer)])
    filed = last(scene)
    assert (filed.author_id, filed.address) == (scene.people["buyer"], "buyer@romashka.example")
    kept = [one.name for one in attachments.of_message(filed.id)]
    assert (kept, filed.left_out) == (["quote.pdf"] if name == "outlook-en" else [], [])


@pytest.mark.parametrize("where", ["recipient", "envelope", "references", "in_reply_to", "subject"])
def test_R32_an_answer_finds_its_enquiry(scene: Scene, where: str) -> None:
    thread = thread_id(scene.token)
    letter = f"<0123456789abcdef.{scene.token}@127.0.0.1>"
    facts: dict[str, dict[str, str]] = {
        "recipient": {"to": f"Lumivara <{to(scene.token)}>"},
        "envelope": {},
        "references": {"References": f"<x@y.example>\n {thread} {letter}"},
        "in_reply_to": {"In_Reply_To": letter},
        "subject": {"Subject": f"=?utf-8?q?=D0=9E=D1=82:_[{scene.enquiry}]_OEM?="},
    }
    envelope = [to(scene.token)] if where == "envelope" else []
    assert receive(plain(sender="Buyer <BUYER@romashka.example>", **facts[where]), *envelope) is MailState.FILED
    assert texts(scene)[-1] == ("reseller", "Yes.")


def test_R32_an_answer_of_staff_is_filed_and_mailed_on(scene: Scene) -> None:
    assert receive(plain("It fits.", sender="mari@lumivara.example", to=to(scene.staff_token))) is MailState.FILED
    assert texts(scene)[-1] == ("vendor", "It fits.")
    assert [one.kind for one in letters_to("buyer@romashka.example")] == ["enquiry_opened", "enquiry_answer"]


def test_R32_the_real_letter_is_answered_and_that_is_filed(
    scene: Scene, smtp: MailServer, settings: Callable[..., object], work: Callable[[], int]
) -> None:
    """The whole way: out through a mail server, back by the command's input, and out again to the other side."""
    settings(smtp_url=smtp.url)
    work()
    (sent,) = smtp.sent_to("mari@lumivara.example")
    answer = plain(
        "It fits.", sender="mari@lumivara.example", to=sent["Reply-To"], In_Reply_To=sent["Message-ID"],
        Subject=f"Re: {sent['Subject']}",
    )  # fmt: skip
    assert receive(answer) is MailState.FILED
    work()
    copy, answered = smtp.sent_to("buyer@romashka.example")
    assert "It fits." in str(answered.get_body(("plain",)))
    assert answered["References"] == copy["References"] != sent["References"]
    assert receive(plain("Thanks.", sender="buyer@romashka.example", to=answered["Reply-To"])) is MailState.FILED
    assert [side for side, _ in texts(scene)] == ["reseller", "vendor", "reseller"]


STRANGERS = [
    ("buyer@romashka.example.evil.example", Hurdle.NOT_OURS),
    ("viewer@romashka.example", Hurdle.NOT_OURS),
    ("mari@lumivara.example", Hurdle.UNPROVEN),
]


@pytest.mark.parametrize(("sender", "hurdle"), STRANGERS)
def test_R32_who_may_not_write_waits_for_staff(scene: Scene, sender: str, hurdle: Hurdle) -> None:
    """A reseller's reply address makes nobody staff: in the vendor's name nobody promises anything."""
    assert receive(plain(sender=sender, to=to(scene.token))) is MailState.WAITING
    assert receive(plain(sender=sender, Subject=f"[{scene.enquiry}]")) is MailState.WAITING
    assert [(one.hurdle, one.enquiry_id) for one in mails()] == [(hurdle, scene.enquiry)] * 2
    assert len(texts(scene)) == 1


def test_R32_staff_cannot_be_played_with_the_staffs_address_alone(scene: Scene) -> None:
    assert receive(plain(sender="buyer@romashka.example", to=to(scene.staff_token))) is MailState.WAITING
    assert receive(plain(sender="mari@lumivara.example", to=to(scene.staff_token))) is MailState.FILED


def test_R26_R32_another_company_s_member_cannot_write_into_it(scene: Scene) -> None:
    rival = make_user("Rival", email="rival@vasilek.example")
    theirs = open_one(make_reseller("Vasilek", owner=rival).id, rival.id).id
    db.session.commit()
    assert receive(plain(sender="rival@vasilek.example", to=to(scene.token))) is MailState.WAITING
    assert receive(plain(sender="rival@vasilek.example", Subject=f"[{scene.enquiry}]")) is MailState.WAITING
    assert receive(plain(sender="rival@vasilek.example", Subject=f"[{theirs}]")) is MailState.FILED
    assert len(texts(scene)) == 1


def test_R32_an_unconfirmed_account_and_a_former_member_are_nobody(scene: Scene) -> None:
    former = make_user("Former", email="former@romashka.example")
    fresh = make_user("Fresh", email="fresh@romashka.example", confirmed=False)
    db.session.add(Member(user_id=fresh.id, reseller_id=scene.reseller, role="buyer"))
    db.session.commit()
    for sender in (former.email, fresh.email):
        assert receive(plain(sender=sender, to=to(scene.token))) is MailState.WAITING


def test_R32_a_mail_that_names_no_enquiry_waits(scene: Scene) -> None:
    for subject in ("Hello", "[E-0000-0000]", "", "E-2046"):
        assert receive(plain(sender="buyer@romashka.example", Subject=subject)) is MailState.WAITING
    assert {one.hurdle for one in mails()} == {Hurdle.NO_ENQUIRY}


def test_R32_the_same_mail_is_filed_once(scene: Scene) -> None:
    content = plain(sender="buyer@romashka.example", to=to(scene.token))
    other_way = content.replace(b"\nYes.", b"X-Forwarded: yes\n\nYes.")
    states = [receive(one) for one in (content, content, other_way)]
    assert states == [MailState.FILED, None, None]
    assert len(texts(scene)) == 2
    nameless = b"\n".join(line for line in content.splitlines() if not line.startswith(b"Message-ID"))
    assert [receive(nameless), receive(nameless)] == [MailState.FILED, None]


MACHINES: list[dict[str, str]] = [
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-generated (vacation)"},
    {"Precedence": "bulk"},
    {"Precedence": "auto_reply"},
    {"Return_Path": "<>"},
    {"List_Id": "<all.romashka.example>"},
]


@pytest.mark.parametrize("headers", MACHINES)
def test_R32_what_a_program_wrote_goes_to_nobody(scene: Scene, headers: dict[str, str]) -> None:
    before = len(letters_to("mari@lumivara.example"))
    assert receive(plain(sender="buyer@romashka.example", to=to(scene.token), **headers)) is MailState.AUTOMATIC
    assert len(texts(scene)) == 1
    assert (len(letters_to("mari@lumivara.example")), mails()) == (before, [])
    assert len(mails(MailState.AUTOMATIC)) == 1


@pytest.mark.parametrize("sender", ["", "<>", "MAILER-DAEMON"])
def test_R32_what_the_mail_server_itself_sends_goes_to_nobody(scene: Scene, sender: str) -> None:
    content = plain(sender="buyer@romashka.example", to=to(scene.token))
    assert receive(content, sender=sender) is MailState.AUTOMATIC
    assert receive(plain(sender="MAILER-DAEMON@mx.example", to=to(scene.token))) is MailState.AUTOMATIC


def test_R32_a_person_s_mail_is_not_taken_for_a_program_s(scene: Scene) -> None:
    sender = "buyer@romashka.example"
    content = plain(sender=sender, to=to(scene.token), Auto_Submitted="no", Return_Path=f"<{sender}>")
    assert receive(content, sender=sender) is MailState.FILED


def test_R32_a_loop_that_says_nothing_of_itself_ends(scene: Scene) -> None:
    """After so many mails in an hour a sender's mails wait for a person."""
    content = [plain(sender="buyer@romashka.example", to=to(scene.token)) for _ in range(inbox.MAILING.allowed + 2)]
    states = [receive(one) for one in content]
    assert states == [MailState.FILED] * inbox.MAILING.allowed + [MailState.WAITING] * 2
    assert {one.hurdle for one in mails()} == {Hurdle.TOO_MANY}


def test_R32_a_huge_mail_is_filed_by_its_beginning(scene: Scene) -> None:
    content = plain("word " * 3_000_000, sender="buyer@romashka.example", to=to(scene.token))
    assert receive(content[: reading.MOST_READ]) is MailState.FILED
    assert len(last(scene).text) <= LONGEST + 2
    assert last(scene).text.endswith("…")


def test_R32_no_reply_address_gets_to_the_other_side_by_a_citation(scene: Scene) -> None:
    said = f"My address was {to(scene.staff_token)}.\n\n> To: {to(scene.staff_token)}"
    receive(plain(said, sender="mari@lumivara.example", to=to(scene.staff_token)))
    assert scene.staff_token not in last(scene).text + last(scene).quoted
    assert "My address was" in last(scene).text


def test_R32_an_answer_opens_what_was_closed(scene: Scene) -> None:
    db.session.get_one(Enquiry, scene.enquiry).state = "closed"
    receive(plain(sender="buyer@romashka.example", to=to(scene.token)))
    db.session.expire_all()
    assert db.session.get_one(Enquiry, scene.enquiry).state == "for_us"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"From: a@b.example\nContent-Type: text/plain; charset=no-such\n\n\xc4\xe0", "Да"),
        (b"From: a@b.example\nContent-Type: text/plain; charset=us-ascii\n\n\xd0\x94\xd0\xb0", "Да"),
        (b"From: a@b.example\nContent-Type: text/html\n\n<p>One</p><ul><li>Two<li>Three</ul><script>x</script>",
         "One\nTwo\nThree"),
        (b"From: a@b.example\nContent-Type: text/html\n\n", ""),
        (b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--y", ""),
        (b"From: a@b.example\nContent-Type: application/pdf\n\n%PDF", ""),
        (b"From: a@b.example\n\nOne\x00\x01Two\r\nThree", "OneTwo\nThree"),
    ],
)  # fmt: skip
def test_R32_what_is_written_wrongly_is_read_as_far_as_it_can_be(content: bytes, words: str) -> None:
    assert [line for line in read(content).text.splitlines() if line] == words.splitlines()


@given(st.binary(max_size=400), st.sampled_from([b"", b"From: a@b.example\n", b"From: a@b.example\nContent-Type: "]))
def test_R32_no_mail_breaks_the_reader(content: bytes, head: bytes) -> None:
    try:
        mail = read(head + content)
    except Unreadable:
        return
    assert "@" in mail.sender
    assert len(mail.sender) <= 320
    assert "\x00" not in mail.text + mail.subject + mail.sender + mail.sender_name + "".join(mail.left_out)


def run(app: Flask, content: bytes, *options: str) -> tuple[int, str]:
    db.session.commit()
    done = FlaskCliRunner(app).invoke(args=["enquiries", "receive", *options], input=content)
    return done.exit_code, done.output


def test_R32_the_command_says_by_its_status_what_became_of_a_mail(app: Flask, scene: Scene) -> None:
    known = plain(sender="buyer@romashka.example")
    assert run(app, known, "--recipient", to(scene.token), "--sender", "buyer@romashka.example") == (0, "filed\n")
    assert run(app, known, "--recipient", to(scene.token)) == (0, "known already\n")
    assert run(app, plain(sender="x@y.example")) == (0, "waiting\n")
    assert run(app, plain(sender="x@y.example"), "--sender", "") == (0, "automatic\n")
    for content in (b"", b"words of no use\n", b"\xff\x00\xfe", b"From: nobody\n\nHello"):
        status, told = run(app, content)
        assert (status, len(told.splitlines())) == (65, 1)


def test_R32_a_mail_stays_with_the_mail_server_while_it_cannot_be_kept(
    app: Flask, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = plain(sender="buyer@romashka.example", to=to(scene.token))
    monkeypatch.setattr(inbox, "_keep", lambda *_: 1 / 0)
    status, told = run(app, content)
    assert (status, "Traceback" in told) == (75, False)
    monkeypatch.undo()
    db.session.execute(text("ALTER TABLE enquiry_mails RENAME TO elsewhere"))
    assert run(app, content)[0] == 75
    db.session.execute(text("ALTER TABLE elsewhere RENAME TO enquiry_mails"))
    assert run(app, content) == (0, "filed\n")


def test_R32_owners_are_told_if_nobody_who_took_part_is_left(scene: Scene) -> None:
    db.session.delete(db.session.get_one(Member, scene.people["buyer"]))
    db.session.commit()
    receive(plain(sender="mari@lumivara.example", to=to(scene.staff_token)))
    assert [one.kind for one in letters_to("olga@romashka.example")] == ["enquiry_answer"]
    assert [one.kind for one in letters_to("buyer@romashka.example")] == ["enquiry_opened"]


@pytest.mark.parametrize(
    "content",
    [
        b"From: a@b.example\n\n<" + b"@" * 100_000 + b":",
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<blockquote>" * 5_000 + b"<br>" * 200_000,
        b"From: a@b.example\nSubject: " + b"=?utf-8?q?=D0?= " * 100_000 + b"\n\nx",
    ],
    ids=["line", "levels", "subject"],
)
def test_R32_a_mail_made_to_be_slow_is_read_in_no_time(content: bytes) -> None:
    start = time.process_time()
    reply = split_reply(read(content).text)
    assert len(reply.text) <= LONGEST + 2
    assert time.process_time() - start < 5


PHOTO = b"""From: buyer@romashka.example
To: %TO%
Message-ID: <photo@icloud.com>
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain

Here it is.
--x
Content-Type: image/jpeg; name="IMG_0001.jpeg"
Content-Disposition: inline; filename="IMG_0001.jpeg"

picture
--x
Content-Type: image/png; name="logo.png"
Content-Disposition: inline; filename="logo.png"
Content-ID: <logo>

picture
--x--
"""


def test_R32_both_sides_are_told_of_files_that_are_not_kept(scene: Scene, client: Client) -> None:
    receive(PHOTO.replace(b"%TO%", to(scene.token).encode()))
    assert last(scene).left_out == ["IMG_0001.jpeg"]
    client.sign_in_as(scene.people["buyer"])
    told = "1 file came with this mail and is not kept: IMG_0001.jpeg"
    assert told in client.get(f"/enquiries/{scene.enquiry}").text
