"""What comes twice at the same moment is there once (R32)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from dashboard.enquiries import inbox, service
from dashboard.enquiries.models import Enquiry
from dashboard.enquiries.reading import Mail, read
from dashboard.enquiries.rules import Kind, MailState, Side
from dashboard.enquiries.service import Request
from dashboard.extensions import db
from tests.enquiries.conftest import Scene, letters_to, plain, texts, to
from tests.threads import at_once

#: How many come at once.
MANY = 4


def test_R32_a_mail_that_is_handed_over_many_times_at_once_is_filed_once(app: Flask, scene: Scene) -> None:
    mail = read(plain(sender="buyer@romashka.example", to=to(scene.token)))

    def come(one: Mail) -> MailState | None:
        with app.app_context():
            return inbox.receive(one)

    db.session.commit()
    with ThreadPoolExecutor(MANY) as pool:
        states = list(pool.map(come, [mail] * MANY))
    assert sorted(map(str, states)) == sorted([*["None"] * (MANY - 1), "filed"])
    db.session.expire_all()
    assert texts(scene)[1:] == [("reseller", "Yes.")]
    assert len(letters_to("mari@lumivara.example")) == 2


def test_R32_a_form_that_is_sent_many_times_at_once_opens_one(app: Flask, scene: Scene) -> None:
    buyer, request = scene.people["buyer"], Request(Kind.OTHER, "Invoice", "Where is it?")

    def send() -> str:
        return service.keep_enquiry(scene.reseller, buyer, request, submit_key="once").id

    assert len(set(at_once(app, [send] * MANY))) == 1
    assert db.session.query(Enquiry).count() == 2


def test_R32_both_sides_write_at_once_and_nothing_is_lost(app: Flask, scene: Scene) -> None:
    def write(number: int) -> bool:
        side, who = (Side.VENDOR, "staff") if number % 2 else (Side.RESELLER, "buyer")
        return service.answer(scene.enquiry, side, scene.people[who], f"No. {number}", submit_key=f"key{number}")

    assert at_once(app, [lambda number=number: write(number) for number in range(MANY)]) == [True] * MANY
    assert {text for _, text in texts(scene)} >= {f"No. {number}" for number in range(MANY)}
    found = service.get_enquiry(scene.enquiry).search_text
    assert all(f"no. {number}" in found for number in range(MANY))
