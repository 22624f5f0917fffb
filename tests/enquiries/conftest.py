"""What the tests of enquiries share: a reseller with people, an enquiry, and mails as programs really write them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from dashboard.accounts.models import User
from dashboard.enquiries import exchange, inbox, service
from dashboard.enquiries.models import Enquiry, EnquiryMessage, ReceivedMail
from dashboard.enquiries.reading import read
from dashboard.enquiries.rules import Kind, MailState, Side
from dashboard.enquiries.service import Request
from dashboard.extensions import db
from dashboard.mail.models import Letter
from dashboard.mail.service import thread_id
from dashboard.resellers.models import Member, Reseller
from tests.factories import make_reseller, make_user

MAILS = Path(__file__).parent / "mails"
REPLIES = "enquiries@partners.example"

_keys = itertools.count(1)


@dataclass(frozen=True)
class Scene:
    """A reseller with one person of each role, one of staff, and an enquiry that the buyer opened."""

    reseller: int
    people: dict[str, int]
    enquiry: str
    token: str
    staff_token: str

    def address(self, role: str) -> str:
        return db.session.get_one(User, self.people[role]).email


@pytest.fixture
def scene(app: Flask, settings: Callable[..., object]) -> Scene:
    settings(enquiries_mail=REPLIES)
    owner = make_user("Olga", email="olga@romashka.example", language="ru")
    reseller = make_reseller(owner=owner)
    people = {"owner": owner.id, "staff": make_user("Mari", email="mari@lumivara.example", staff=True).id}
    for role in ("buyer", "accountant", "viewer"):
        user = make_user(role.title(), email=f"{role}@romashka.example")
        db.session.add(Member(user_id=user.id, reseller_id=reseller.id, role=role))
        people[role] = user.id
    reseller_id = reseller.id
    db.session.commit()
    enquiry = open_one(reseller_id, people["buyer"])
    made = Scene(reseller_id, people, enquiry.id, enquiry.token, enquiry.staff_token)
    db.session.commit()
    return made


def open_one(reseller_id: int, user_id: int, subject: str = "OEM plan", **facts: str) -> Enquiry:
    """An enquiry that was opened on the page."""
    request = Request(Kind.SALES, subject, "Which plan fits?", facts={"needs": "Three sites", "advised": "OEM"} | facts)
    return service.keep_enquiry(reseller_id, user_id, request, submit_key=f"open{next(_keys)}")


def write(scene: Scene, role: str, text: str = "An answer.") -> None:
    """A message written on the page."""
    side, of = (Side.VENDOR, None) if role == "staff" else (Side.RESELLER, scene.reseller)
    service.answer(scene.enquiry, side, scene.people[role], text, submit_key=f"write{next(_keys)}", of=of)
    db.session.commit()


def message(
    name: str, *, sender: str, to: str = REPLIES, subject: str = "Re: OEM plan", thread: str = "", letter: str = ""
) -> bytes:
    """A mail as a program wrote it (tests/enquiries/mails), with these facts in its headers."""
    content = (MAILS / f"{name}.eml").read_bytes()
    facts = {"FROM": sender, "TO": to, "SUBJECT": subject, "THREAD": thread, "LETTER": letter}
    for place, fact in facts.items():
        content = content.replace(f"%{place}%".encode(), fact.encode())
    return content


def plain(text: str = "Yes.", *, sender: str, to: str = REPLIES, **headers: str) -> bytes:
    """A short mail of today, with more headers."""
    given = {"From": sender, "To": to, "Subject": "Re: OEM plan", "Message-ID": f"<plain{next(_keys)}@x.example>"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return ("".join(f"{name}: {value}\n" for name, value in given.items()) + f"\n{text}\n").encode()


def receive(content: bytes, *recipients: str, sender: str | None = None) -> MailState | None:
    """What the command does with a mail."""
    db.session.commit()
    return inbox.receive(read(content, recipients, sender))


def to(token: str) -> str:
    return f"enquiries+{token}@partners.example"


def texts(scene: Scene) -> list[tuple[str, str]]:
    """The exchange as sides and texts."""
    return [(one.side, one.text) for one in exchange.messages_of(scene.enquiry)]


def last(scene: Scene) -> EnquiryMessage:
    return exchange.messages_of(scene.enquiry)[-1]


def mails(state: MailState = MailState.WAITING) -> list[ReceivedMail]:
    return list(db.session.scalars(select(ReceivedMail).where(ReceivedMail.state == state).order_by(ReceivedMail.id)))


def letters_to(address: str) -> list[Letter]:
    query = select(Letter).where(Letter.recipient == address, Letter.kind.startswith("enquiry_"))
    return list(db.session.scalars(query.order_by(Letter.id)))


def reseller_of(scene: Scene) -> Reseller:
    return db.session.get_one(Reseller, scene.reseller)


__all__ = ["thread_id"]
