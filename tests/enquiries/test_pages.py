"""The pages of enquiries: what a reseller and staff read, write and decide there (R26, R32, R33)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dashboard.clock import utcnow
from dashboard.enquiries import attachments
from dashboard.enquiries.models import Enquiry, EnquiryMessage, ReceivedMail
from dashboard.enquiries.rules import Kind, MailState
from dashboard.enquiries.service import OPENING
from dashboard.extensions import db
from dashboard.home.service import staff_queue
from dashboard.resellers.models import Member
from tests.client import Client
from tests.enquiries.conftest import (
    Scene,
    last,
    letters_to,
    mails,
    open_one,
    plain,
    receive,
    reseller_of,
    texts,
    to,
    write,
)
from tests.factories import make_reseller, make_user, owner_of, place

SALES = {"subject": "OEM", "needs": "Three sites", "advised": "OEM plan", "text": "Does it fit?"}


@pytest.fixture
def buyer(scene: Scene, client: Client) -> Client:
    client.sign_in_as(scene.people["buyer"])
    return client


@pytest.fixture
def staff(scene: Scene, new_client: Callable[..., Client]) -> Client:
    client = new_client()
    client.sign_in_as(scene.people["staff"])
    return client


def newest() -> Enquiry:
    db.session.commit()
    found = db.session.query(Enquiry).order_by(Enquiry.changed_at.desc()).all()
    return next(one for one in found if one.subject == "OEM")


def test_R32_a_sales_question_tells_need_and_advice(buyer: Client) -> None:
    assert "Sales question" in buyer.get("/enquiries").click("Open an enquiry").text
    form = buyer.get("/enquiries/new?kind=sales")
    empty = form.submit("Send the enquiry", subject="OEM", text="Does it fit?")
    assert empty.status == 422
    assert "What the customer needs: Fill in this field." in empty.text
    assert "What you advised: Fill in this field." in empty.text
    sent = empty.submit("Send the enquiry", **SALES)
    assert "Your enquiry is sent." in sent.text
    for words in SALES.values():
        assert words in sent.text
    assert newest().facts == {"needs": "Three sites", "advised": "OEM plan"}


@pytest.mark.parametrize("kind", list(Kind))
def test_R32_R33_the_forms_say_how_we_talk_and_where_support_is(
    scene: Scene, new_client: Callable[..., Client], kind: Kind
) -> None:
    for language, calls, forum in (("en", "join no sales calls", "forum"), ("ru", "звонках", "форум")):
        client = new_client(language=language)
        client.sign_in_as(make_member(scene, language))
        for path in ("/enquiries", "/enquiries/new", f"/enquiries/new?kind={kind}"):
            page = client.get(path)
            assert calls in page.text
            assert forum in page.text
            assert any(link.startswith("https://forum.") for link in page.links.values())


def make_member(scene: Scene, language: str) -> int:
    user = make_user(language=language)
    db.session.add(Member(user_id=user.id, reseller_id=scene.reseller, role="buyer"))
    return user.id


def test_R32_certificates_and_temporary_licenses_have_shorter_ways(buyer: Client, scene: Scene) -> None:
    order = place(reseller_of(scene))
    certificate = buyer.get("/enquiries/new?kind=certificate")
    assert "Upload a certificate" in certificate.click("Exemption certificates").text
    choice = buyer.get(f"/orders/{order.id}").click("Open an enquiry")
    assert f"/enquiries/new?kind=temporary&amp;order={order.id}" in choice.html
    temporary = buyer.get(f"/enquiries/new?kind=temporary&order={order.id}")
    assert "Ask for a temporary license" in temporary.click(f"Order {order.id}").buttons


def test_R32_a_customer_is_handed_over_with_consent_only(buyer: Client) -> None:
    form = buyer.get("/enquiries/new?kind=handover")
    facts = {"customer": "Nordwind", "contact": "Jan", "email": "jan@nordwind.example"}
    refused = form.submit("Send the enquiry", subject="OEM", text="We close down.", **facts)
    assert "Hand a customer over only with their consent." in refused.text
    refused.submit("Send the enquiry", consent=True)
    assert newest().facts == facts


def test_R26_R32_an_enquiry_is_about_one_s_own_order_or_none(buyer: Client, scene: Scene) -> None:
    theirs = place(make_reseller("Vasilek"))
    ours = place(reseller_of(scene))
    form = buyer.get("/enquiries/new?kind=other")
    foreign = form.submit("Send the enquiry", subject="OEM", text="When?", order=theirs.id)
    missing = form.submit("Send the enquiry", subject="OEM", text="When?", order="R-0000-0000")
    assert foreign.status == missing.status == 422
    assert foreign.text == missing.text
    sent = foreign.submit("Send the enquiry", order=ours.id.lower())
    assert "OEM" in sent.click(ours.id).text


def test_R32_a_click_too_many_opens_one(buyer: Client) -> None:
    form = buyer.get("/enquiries/new?kind=other")
    first, second = (form.submit("Send the enquiry", subject="OEM", text="When?") for _ in range(2))
    assert first.path == second.path
    answer = first.submit("Send", text="Please.")
    assert first.submit("Send", text="Please.").text.count("Please.") == answer.text.count("Please.") == 1


def test_R32_the_same_words_sent_again_by_the_back_button_are_one_enquiry(buyer: Client, scene: Scene) -> None:
    """The form that comes then has another key, and the browser has filled it again."""
    asked = {"subject": "Training", "text": "Do you train?\nAnd where?"}
    before = db.session.query(Enquiry).count()
    first, again = (buyer.get("/enquiries/new?kind=other").submit("Send the enquiry", **asked) for _ in range(2))
    assert (again.path, db.session.query(Enquiry).count()) == (first.path, before + 1)
    for _ in range(2):
        buyer.get(first.path).submit("Send", text="It is urgent.")
    assert db.session.query(EnquiryMessage).filter_by(text="It is urgent.").count() == 1
    buyer.get(first.path).submit("Send", text="Still there?")
    buyer.get(first.path).submit("Send", text="It is urgent.")  # said once more, after something else
    assert db.session.query(EnquiryMessage).filter_by(text="It is urgent.").count() == 2
    buyer.get("/enquiries/new?kind=other").submit("Send the enquiry", **asked)  # something was added to the first
    assert db.session.query(Enquiry).count() == before + 2


def test_R32_the_same_words_with_another_file_or_later_are_another_message(buyer: Client, scene: Scene) -> None:
    """The whole exchange is kept: only what is sent once more at once, all of it the same, is the same press."""
    page = buyer.get(f"/enquiries/{scene.enquiry}")
    for content in (b"first scan", b"second scan", b"second scan"):
        page.submit("Send", text="See attached.", files=(io.BytesIO(content), "scan.txt"))
        page = buyer.get(f"/enquiries/{scene.enquiry}")
    sent = db.session.scalars(select(EnquiryMessage).where(EnquiryMessage.text == "See attached.")).all()
    assert [len(attachments.of_message(one.id)) for one in sent] == [1, 1]
    db.session.execute(update(EnquiryMessage).values(at=utcnow() - timedelta(days=7)))
    page.submit("Send", text="See attached.", files=(io.BytesIO(b"second scan"), "scan.txt"))
    assert db.session.query(EnquiryMessage).filter_by(text="See attached.").count() == 3


def test_R32_too_many_are_refused_and_nothing_typed_is_lost(buyer: Client, scene: Scene) -> None:
    form = buyer.get("/enquiries/new?kind=other")
    for number in range(OPENING.allowed):
        assert form.submit("Send the enquiry", subject=f"No. {number}", text="When?").status == 200
    refused = form.submit("Send the enquiry", subject="Once more", text="When?")
    assert refused.status == 429
    assert "That was too often." in refused.text
    assert "Once more" in refused.html


def test_R30_switching_the_language_keeps_what_was_typed(buyer: Client) -> None:
    switched = buyer.get("/enquiries/new?kind=sales").submit("RU Русский", **SALES)
    assert "Что нужно клиенту" in switched.text
    for words in SALES.values():
        assert words in switched.html
    assert db.session.query(Enquiry).count() == 1


def test_R32_both_sides_read_and_answer(buyer: Client, staff: Client, scene: Scene) -> None:
    answered = staff.get("/").click("Answer").submit("Send", text="It fits.")
    assert "Your answer is sent." in answered.text
    todo = buyer.get("/")
    assert "Read our answer: OEM plan" in todo.text
    page = todo.click("Read it")
    assert "Mari, Lumivara" in page.text
    assert "It fits." in page.text
    assert "Read our answer" not in buyer.get("/").text
    page.submit("Send", text="Thank you.")
    assert [text for _, text in texts(scene)] == ["Which plan fits?", "It fits.", "Thank you."]
    assert "OEM plan" in staff.get("/staff/enquiries").text


def test_R32_an_answer_stays_unread_until_somebody_reads_it_who_may_write(
    scene: Scene, new_client: Callable[..., Client]
) -> None:
    write(scene, "staff")
    for role, unread in (("viewer", True), ("accountant", False)):
        client = new_client()
        client.sign_in_as(scene.people[role])
        client.open("HEAD", f"/enquiries/{scene.enquiry}")
        client.get(f"/enquiries/{scene.enquiry}")
        assert ("Read our answer" in client.get("/").text) == unread


def test_R32_a_viewer_reads_and_does_not_write(scene: Scene, client: Client) -> None:
    client.sign_in_as(scene.people["viewer"])
    page = client.get("/enquiries").click("OEM plan")
    assert "Which plan fits?" in page.text
    assert {"Send", "Close the enquiry"} & set(page.buttons) == set()
    assert "Open an enquiry" not in client.get("/enquiries").links
    assert client.get("/enquiries/new").status == 404
    assert client.post(f"/enquiries/{scene.enquiry}").status == 404


def test_R32_an_enquiry_is_closed_and_opened_again(buyer: Client, staff: Client, scene: Scene) -> None:
    page = buyer.get(f"/enquiries/{scene.enquiry}").submit("Close the enquiry")
    assert "The enquiry is closed." in page.text
    assert "Nothing here" in buyer.get("/enquiries").text
    assert "OEM plan" in buyer.get("/enquiries?state=closed").text
    page = page.submit("Reopen")
    assert "waiting for our answer" in page.text
    staff.get(f"/staff/enquiries/{scene.enquiry}").submit("Send", text="Done.", close=True)
    assert "closed" in buyer.get(f"/enquiries/{scene.enquiry}").text
    assert "Read our answer" not in buyer.get("/").text


def test_R26_another_company_s_enquiry_looks_like_none(scene: Scene, client: Client) -> None:
    rival = make_reseller("Vasilek")
    client.sign_in_as(owner_of(rival))
    for path in ("", "/close", "/reopen"):
        assert client.post(f"/enquiries/{scene.enquiry}{path}").status in {400, 404}
    foreign, missing = client.get(f"/enquiries/{scene.enquiry}"), client.get("/enquiries/E-0000-0000")
    assert foreign.status == missing.status == 404
    assert foreign.text == missing.text
    assert "OEM plan" not in client.get("/enquiries?state=all").text


def test_R25_a_customer_sees_nothing_of_enquiries(scene: Scene, client: Client) -> None:
    client.sign_in_as(make_user("Jan"))
    assert "nquir" not in client.get("/licenses").html
    for path in ("/enquiries", "/enquiries/new", f"/enquiries/{scene.enquiry}", "/staff/enquiries"):
        assert client.get(path).status == 404


def test_R32_tabs_count_and_lists_are_pages(buyer: Client, scene: Scene) -> None:
    for number in range(45):
        open_one(scene.reseller, scene.people["buyer"], f"No. {number}")
    write(scene, "staff")
    first = buyer.get("/enquiries")
    assert len(first.statements) == 2
    assert "Waiting for you 1" in first.text
    assert "Open 46" in first.text
    second = first.click("Next page →")
    subjects = {f"No. {number}" for number in range(45)} | {"OEM plan"}
    both = [{one for one in subjects if one in page.links} for page in (first, second)]
    assert both[0] | both[1] == subjects
    assert both[0] & both[1] == set()
    part = buyer.get("/enquiries?q=44", headers={"HX-Request-Type": "partial"})
    assert "<html" not in part.html
    assert "No. 44" in part.text


def test_R32_staff_say_where_a_stray_mail_belongs(staff: Client, scene: Scene) -> None:
    receive(plain("From my phone.", sender="Olga <olga@home.example>", to=to(scene.token)))
    receive(plain("Buy now!", sender="shop@spam.example"))
    page = staff.get("/").click("Look")
    assert "Waiting for you 2" in page.text
    assert len(staff.get("/staff/enquiries/mail").statements) == 2
    assert len(staff.get("/staff/enquiries/mail?state=automatic").statements) == 2
    spam, stray = mails()[1].id, mails()[0].id
    assert "dismissed" in staff.get(f"/staff/enquiries/mail/{spam}").submit("Dismiss the mail").text
    form = staff.get(f"/staff/enquiries/mail/{stray}")
    assert "no member of this reseller" in form.text
    wrong = form.submit("File the mail", number="E-0000-0000")
    assert "There is no enquiry with this number." in wrong.text
    filed = form.submit("File the mail")
    assert "By mail from olga@home.example" in filed.text
    assert (last(scene).author_name, last(scene).author_id, last(scene).side) == ("Olga", None, "reseller")
    assert "Somebody has decided" in form.submit("File the mail").text
    db.session.commit()
    assert (staff_queue().mails_waiting, len(mails(MailState.DISMISSED))) == (0, 1)
    assert db.session.get_one(ReceivedMail, stray).decided_by == scene.people["staff"]
    assert letters_to("olga@home.example") == []


def test_R32_what_stood_below_an_answer_of_staff_is_theirs(buyer: Client, staff: Client, scene: Scene) -> None:
    answer = "It fits.\n\nOn 27.11.2026 15:06, Toomas wrote:\n> Give them 40 %?"
    receive(plain(answer, sender="mari@lumivara.example", to=to(scene.staff_token)))
    for client, place_, knows in ((buyer, "/enquiries", False), (staff, "/staff/enquiries", True)):
        page = client.get(f"{place_}/{scene.enquiry}")
        assert "It fits." in page.text
        assert ("40 %" in page.text) == ("mari@lumivara.example" in page.text) == knows


def test_R32_a_suspended_reseller_can_write(scene: Scene, client: Client) -> None:
    reseller = reseller_of(scene)
    reseller.suspended_at, reseller.suspended_reason = reseller.activated_at, "The page is gone."
    client.sign_in_as(scene.people["owner"])
    assert client.get("/enquiries/new?kind=other").status == 200
