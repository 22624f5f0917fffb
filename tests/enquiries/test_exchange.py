"""The exchange: kept whole, mailed to the other side, found again (R32)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from dashboard import clock
from dashboard.enquiries import service
from dashboard.enquiries.models import Enquiry, EnquiryMessage
from dashboard.enquiries.rules import Kind, Side, State
from dashboard.enquiries.service import OPENING, Request
from dashboard.errors import InvalidInput, NotFound, Refused, TooMany
from dashboard.extensions import db
from dashboard.mail import service as mail
from dashboard.mail.models import Letter
from dashboard.mail.service import thread_id
from tests.enquiries.conftest import Scene, letters_to, open_one, texts, to, write
from tests.factories import make_reseller, make_user, owner_of, place
from tests.smtp import MailServer

START = datetime(2026, 5, 4, 12, tzinfo=UTC)


def the(scene: Scene) -> Enquiry:
    db.session.commit()
    return db.session.get_one(Enquiry, scene.enquiry)


def test_R32_an_enquiry_is_mailed_to_staff_and_a_copy_to_who_opened_it(scene: Scene, work: Callable[[], int]) -> None:
    make_user("Not staff")
    make_user("Unconfirmed", email="new@lumivara.example", staff=True, confirmed=False)
    work()
    db.session.expire_all()
    kinds = {(one.recipient, one.kind) for one in db.session.scalars(select(Letter))}
    assert kinds == {("mari@lumivara.example", "enquiry_message"), ("buyer@romashka.example", "enquiry_opened")}
    for letter in db.session.scalars(select(Letter)):
        assert f"[{scene.enquiry}]" in letter.subject
        assert "OEM plan" in letter.subject
        for words in ("Which plan fits?", "Three sites", "OEM"):
            assert words in letter.text
        assert f"/{scene.enquiry}" in letter.text


def test_R32_the_other_side_is_mailed_in_its_language(scene: Scene, work: Callable[[], int]) -> None:
    write(scene, "owner", "Нам срочно.")
    write(scene, "staff", "It fits.")
    work()
    db.session.expire_all()
    (answer,) = letters_to("olga@romashka.example")
    assert (answer.kind, answer.language) == ("enquiry_answer", "ru")
    assert "отвечает на ваше обращение" in answer.text
    assert "It fits." in answer.text
    assert [one.kind for one in letters_to("buyer@romashka.example")] == ["enquiry_opened", "enquiry_answer"]
    assert [one.kind for one in letters_to("mari@lumivara.example")] == ["enquiry_message"] * 2
    assert letters_to("accountant@romashka.example") == []


def test_R32_a_letter_carries_the_address_that_files_its_answer(
    scene: Scene, smtp: MailServer, settings: Callable[..., object], work: Callable[[], int]
) -> None:
    settings(smtp_url=smtp.url)
    write(scene, "staff", "It fits.")
    work()
    for address, token in (("mari@lumivara.example", scene.staff_token), ("buyer@romashka.example", scene.token)):
        for sent in smtp.sent_to(address):
            assert str(sent["Reply-To"]) == to(token)
            assert sent["References"] == sent["In-Reply-To"] == thread_id(token)
            assert f".{token}@" in sent["Message-ID"]
            assert f"#{scene.enquiry}#" in str(sent.get_body(("plain",)))
    assert scene.staff_token not in "".join(str(one) for one in smtp.sent_to("buyer@romashka.example"))


def test_R32_without_such_an_address_letters_ask_to_answer_on_the_page(
    scene: Scene, smtp: MailServer, settings: Callable[..., object], work: Callable[[], int]
) -> None:
    settings(smtp_url=smtp.url, enquiries_mail="")
    work()
    for sent in smtp.messages:
        assert sent["Reply-To"] is None
        assert "Please answer on the page" in str(sent.get_body(("plain",)))


def test_R32_a_letter_that_is_sent_again_still_finds_its_way(
    scene: Scene, smtp: MailServer, settings: Callable[..., object], work: Callable[[], int]
) -> None:
    settings(smtp_url=smtp.url)
    work()
    mail.send_again(letters_to("mari@lumivara.example")[0].id)
    work()
    first, again = smtp.sent_to("mari@lumivara.example")
    assert first["Message-ID"] != again["Message-ID"]
    assert f".{scene.staff_token}@" in again["Message-ID"]
    assert again["Reply-To"] == first["Reply-To"]


def test_R32_who_has_to_do_something_follows_from_who_wrote_last(scene: Scene) -> None:
    assert (the(scene).state, the(scene).unread) == (State.FOR_US, False)
    write(scene, "staff")
    assert (the(scene).state, the(scene).unread) == (State.FOR_RESELLER, True)
    service.seen(scene.enquiry)
    db.session.commit()
    assert (the(scene).state, the(scene).unread) == (State.FOR_RESELLER, False)
    write(scene, "accountant")
    assert the(scene).state == State.FOR_US
    service.close(scene.enquiry)
    assert the(scene).state == State.CLOSED
    with pytest.raises(Refused):
        service.close(scene.enquiry)
    service.reopen(scene.enquiry, Side.RESELLER, of=scene.reseller)
    assert the(scene).state == State.FOR_US
    with pytest.raises(Refused):
        service.reopen(scene.enquiry, Side.VENDOR)
    service.close(scene.enquiry)
    db.session.commit()
    write(scene, "buyer")
    assert the(scene).state == State.FOR_US


def test_R26_another_company_s_enquiry_is_none(scene: Scene) -> None:
    vasilek = make_reseller("Vasilek")
    other, owner = vasilek.id, owner_of(vasilek)
    for call in (
        lambda: service.get_enquiry(scene.enquiry, of=other),
        lambda: service.close(scene.enquiry, of=other),
        lambda: service.reopen(scene.enquiry, Side.RESELLER, of=other),
        lambda: service.answer(scene.enquiry, Side.RESELLER, owner, "Hi", submit_key="k", of=other),
        lambda: service.get_enquiry("E-0000-0000"),
    ):
        with pytest.raises(NotFound):
            call()
    assert service.list_enquiries(of=other, state="all").rows == []
    assert service.list_enquiries(of=other, state="all", search=scene.enquiry).counts["all"] == 0
    assert len(texts(scene)) == 1


def test_R26_an_enquiry_is_about_an_order_of_one_s_own(scene: Scene) -> None:
    theirs = place(make_reseller("Vasilek")).id
    reseller = db.session.get_one(Enquiry, scene.enquiry).reseller_id
    for order_id in (theirs, "R-0000-0000"):
        db.session.commit()
        with pytest.raises(InvalidInput, match="no order with this number"):
            service.keep_enquiry(
                reseller, scene.people["buyer"], Request(Kind.OTHER, "S", "T", order_id), submit_key=order_id
            )
        db.session.rollback()
    assert service.of_order(theirs) == []


def test_R32_a_form_that_is_sent_twice_makes_one(scene: Scene) -> None:
    request = Request(Kind.OTHER, "Invoice", "Where is it?")
    made = set()
    for _ in range(2):
        db.session.commit()
        made.add(service.keep_enquiry(scene.reseller, scene.people["buyer"], request, submit_key="twice").id)
        service.answer(scene.enquiry, Side.VENDOR, scene.people["staff"], "Yes.", submit_key="twice")
    assert len(made) == 1
    assert texts(scene)[1:] == [("vendor", "Yes.")]
    db.session.commit()
    assert len(letters_to("mari@lumivara.example")) == 2


def test_R32_nobody_floods_staff(scene: Scene) -> None:
    with clock.at(START):
        for number in range(OPENING.allowed):
            open_on_page(scene, number)
        with pytest.raises(TooMany):
            open_on_page(scene, OPENING.allowed)
    with clock.at(START + OPENING.window):
        open_on_page(scene, OPENING.allowed)


def open_on_page(scene: Scene, number: int) -> None:
    request = Request(Kind.OTHER, "Invoice", "Where is it?")
    service.open_enquiry(scene.reseller, scene.people["buyer"], request, submit_key=f"page{number}")
    db.session.commit()


def test_R32_what_was_written_never_changes(scene: Scene) -> None:
    message = db.session.scalars(select(EnquiryMessage)).one()
    message.text = "Never said."
    with pytest.raises(RuntimeError, match="never changes"):
        db.session.flush()
    db.session.rollback()


def test_R32_lists_are_searched_by_what_was_written(scene: Scene) -> None:
    order = place(make_reseller("Vasilek"))
    db.session.commit()
    service.keep_enquiry(
        order.reseller_id, order.placed_by, Request(Kind.OTHER, "ЧЕРТЁЖ", "Слово", order.id), submit_key="k"
    )
    write(scene, "staff", "Magnolia")

    def found(search: str, of: int | None = None, state: str = "all") -> list[str]:
        return [one.enquiry.subject for one in service.list_enquiries(of=of, state=state, search=search).rows]

    assert found("magnolia oem") == ["OEM plan"]
    assert found("xthn`;") == found("чертёж") == found(order.id) == found("vasilek") == ["ЧЕРТЁЖ"]
    assert found(scene.enquiry) == found(f"Re: [{scene.enquiry}]") == ["OEM plan"]
    assert found("чертёж", scene.reseller) == found("%") == []
    assert found("", state="waiting") == ["ЧЕРТЁЖ"]
    assert found("", scene.reseller, "waiting") == ["OEM plan"]
    counts = service.list_enquiries(of=None, state="closed").counts
    assert counts == {"waiting": 1, "open": 2, "closed": 0, "all": 2}


def test_R32_pages_follow_each_other_without_gaps(scene: Scene) -> None:
    expected = [scene.enquiry]
    for number in range(7):
        with clock.at(clock.utcnow() + timedelta(seconds=1 + number // 3)):
            expected.append(open_one(scene.reseller, scene.people["buyer"], f"No. {number}").id)
    for size in (1, 3, 8):
        cursor, met = "", []
        while True:
            page = service.list_enquiries(of=scene.reseller, cursor=cursor, limit=size)
            met += [one.enquiry.id for one in page.rows]
            if page.following is None:
                break
            cursor = page.following
        assert sorted(met) == sorted(expected)
        assert len(met) == len(set(met))
        assert met[-1] == scene.enquiry
    assert service.list_enquiries(of=scene.reseller, cursor="nonsense").counts["all"] == 8
