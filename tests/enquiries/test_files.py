"""Files go with messages, by upload and by mail: only what is harmless to keep, and only for those concerned (R32)."""

from __future__ import annotations

import io
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from dashboard.enquiries import attachments, reading
from dashboard.enquiries.attachments import File, kind_of, name_of
from dashboard.enquiries.inbox import receive
from dashboard.enquiries.models import EnquiryFile, EnquiryMessage, ReceivedMail
from dashboard.enquiries.reading import read
from dashboard.enquiries.rules import MailState
from dashboard.extensions import db
from dashboard.mail.models import Letter
from tests.client import Client, Page
from tests.enquiries.conftest import Scene, last, letters_to, to
from tests.factories import make_reseller, make_user, owner_of

PDF, PNG, JPEG = b"%PDF-1.7 brief", b"\x89PNG\r\n\x1a\n picture", b"\xff\xd8\xff picture"
MAIL = b"From: jan@nordwind.example\r\nSubject: Hello\r\n\r\nThree sites.\r\n"


def page_of(client: Client, scene: Scene, person: str = "buyer") -> Page:
    client.sign_in_as(scene.people[person])
    side = "/staff" if person == "staff" else ""
    return client.get(f"{side}/enquiries/{scene.enquiry}")


def send(page: Page, name: str, content: bytes) -> Page:
    return page.submit("Send", text="Here it is.", files=(io.BytesIO(content), name))


@pytest.mark.parametrize(
    ("name", "content", "kind", "kept_as"),
    [
        ("brief.pdf", PDF, "application/pdf", "brief.pdf"),
        ("brief.exe", PDF, "application/pdf", "brief.exe.pdf"),
        ("../../etc/photo.PNG", PNG, "image/png", "photo.PNG"),
        ("C:\\photo.jpeg", JPEG, "image/jpeg", "photo.jpeg"),
        ("лог ошибки.txt", "Ошибка\n".encode(), "text/plain", "лог ошибки.txt"),
        ("old.log", "Ошибка".encode("cp1251"), "text/plain", "old.log"),
        ("letter.eml", MAIL, "message/rfc822", "letter.eml"),
    ],
)
def test_what_a_file_is_says_its_content(name: str, content: bytes, kind: str, kept_as: str) -> None:
    file = File(name, content)
    found = kind_of(file)
    assert found is not None
    assert (found[0], name_of(file)) == (kind, kept_as)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("setup.pdf", b"MZ\x90\x00"), ("page.html", b"<script>alert(1)</script>"), ("data.txt", b"a\x00b"),
        ("no-header.eml", b"Hello"), ("brief.docx", b"PK\x03\x04"), ("empty.txt", b""), ("image.svg", b"<svg/>"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_its_name(client: Client, scene: Scene, name: str, content: bytes) -> None:
    page = send(page_of(client, scene), name, content)
    assert page.status == 422
    assert f"“{name}” is no PDF, JPEG, PNG, plain text (.txt, .log) or mail (.eml)." in page.text
    assert "Here it is." in page.html
    assert db.session.query(EnquiryFile).count() == 0


def test_a_file_that_is_too_large_is_refused(client: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MAX_FILE", len(PDF) - 1)
    page = send(page_of(client, scene), "brief.pdf", PDF)
    assert page.status == 422
    assert "“brief.pdf” is larger than 5 MB." in page.text


def test_a_file_is_saved_by_both_sides_and_named_in_the_letter(
    client: Client, scene: Scene, work: Callable[[], int]
) -> None:
    page = send(page_of(client, scene), "brief.pdf", PDF)
    file = page.click("brief.pdf")
    assert file.content == PDF
    assert file.headers["Content-Disposition"] == "attachment; filename=brief.pdf"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    work()
    letter = letters_to(scene.address("staff"))[-1]
    assert "brief.pdf: http" in letter.text.replace("\n", " ")
    assert f"/staff/enquiries/{scene.enquiry}/files/" in letter.text
    assert letter.attachments == []
    answer = send(page_of(client, scene, "staff"), "answer.png", PNG)
    assert answer.click("brief.pdf").content == PDF
    assert page_of(client, scene, "viewer").click("answer.png").content == PNG


def test_R26_nobody_else_fetches_it(client: Client, scene: Scene) -> None:
    page = send(page_of(client, scene), "brief.pdf", PDF)
    path = page.links["brief.pdf"]
    client.sign_in_as(owner_of(make_reseller("Vasilek")))
    assert client.get(path).status == 404
    client.sign_in_as(make_user("Jan"))
    assert client.get(path).status == client.get(f"/staff{path}").status == 404


def test_a_new_enquiry_takes_several(client: Client, scene: Scene) -> None:
    client.sign_in_as(scene.people["buyer"])
    page = client.get("/enquiries/new?kind=other")
    page = page.submit("Send the enquiry", subject="Two", text="See.", files=(io.BytesIO(PDF), "one.pdf"))
    assert page.click("one.pdf").content == PDF


def test_only_so_many_a_day(client: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "DAILY", 1)
    page = page_of(client, scene)
    assert send(page, "one.pdf", PDF).status == 200
    for person in ("buyer", "staff"):
        send(page_of(client, scene, person), "one.pdf", PDF)
        page = send(page_of(client, scene, person), "two.pdf", PDF)
        assert page.status == 422
        assert "You have sent very many files today." in page.text
        assert "Here it is." in page.tree.xpath("string(//textarea)")  # what was written is not lost


def mail(scene: Scene, sender: str, *files: tuple[str, str, bytes]) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to(scene.token), "Files"
    message["Message-ID"] = f"<{sender}-{len(files)}@example>"
    message.set_content("See them.")
    for kind, name, content in files:
        main, _slash, minor = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=minor, filename=name)
    return message


def test_files_of_a_mail_are_kept_and_others_named(client: Client, scene: Scene) -> None:
    message = mail(
        scene, "buyer@romashka.example", ("application/pdf", "brief.pdf", PDF),
        ("application/zip", "all.zip", b"PK\x03\x04"), ("text/plain", "log.txt", b"line"),
    )  # fmt: skip
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "jan@nordwind.example", "Hello"
    inner.set_content("Three sites.")
    inner.add_attachment(PDF, maintype="application", subtype="pdf", filename="inside.pdf")
    message.add_attachment(inner)
    assert receive(read(message.as_bytes())) is MailState.FILED
    filed = last(scene)
    kept = attachments.of_message(filed.id)
    assert [one.name for one in kept] == ["brief.pdf", "log.txt", "mail.eml"]
    assert filed.left_out == ["all.zip"]
    page = page_of(client, scene)
    assert b"Three sites." in page.click("mail.eml").content
    assert "1 file came with this mail and is not kept: all.zip" in page.text


def test_files_of_a_mail_that_waits_come_along_when_it_is_filed(
    client: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "WAITING", 1)
    for sender in ("olga@home.example", "boris@home.example"):  # strangers do not fill our disk
        assert receive(read(mail(scene, sender, ("application/pdf", "brief.pdf", PDF)).as_bytes())) is MailState.WAITING
    second, first = db.session.query(ReceivedMail).order_by(ReceivedMail.id.desc())
    assert (first.left_out, second.left_out) == ([], ["brief.pdf"])
    number = first.id
    client.sign_in_as(scene.people["staff"])
    page = client.get(f"/staff/enquiries/mail/{number}")
    assert page.click("brief.pdf").content == PDF
    filed = page.submit("File the mail", number=scene.enquiry)
    assert filed.click("brief.pdf").content == PDF
    assert page_of(client, scene).click("brief.pdf").content == PDF


def test_R32_a_stranger_who_writes_the_same_twice_is_filed_twice(client: Client, scene: Scene) -> None:
    """Each mail is a message of its own: nobody pressed a button, and the files differ."""
    scan = "application/pdf", "scan.pdf", PDF
    for files in ([scan], [scan, scan]):
        receive(read(mail(scene, "olga@home.example", *files).as_bytes()))
    client.sign_in_as(scene.people["staff"])
    for number in db.session.scalars(select(ReceivedMail.id).order_by(ReceivedMail.id)).all():
        page = client.get(f"/staff/enquiries/mail/{number}").submit("File the mail", number=scene.enquiry)
        assert page.status == 200
    filed = db.session.query(EnquiryMessage).filter_by(enquiry_id=scene.enquiry, address="olga@home.example")
    assert [len(attachments.of_message(one.id)) for one in filed.order_by(EnquiryMessage.id)] == [1, 2]


def test_of_a_mail_that_was_cut_the_last_file_is_left_out(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = mail(scene, "buyer@romashka.example", ("application/pdf", "a.pdf", PDF), ("application/pdf", "b.pdf", PDF))
    content = whole.as_bytes()
    monkeypatch.setattr(reading, "MOST_READ", len(content))
    found = read(content)
    assert ([one.name for one in found.files], found.left_out) == (["a.pdf"], ("b.pdf",))


def test_a_program_s_mail_keeps_no_file(scene: Scene) -> None:
    message = mail(scene, "buyer@romashka.example", ("application/pdf", "brief.pdf", PDF))
    message["Auto-Submitted"] = "auto-replied"
    assert receive(read(message.as_bytes())) is MailState.AUTOMATIC
    assert db.session.query(EnquiryFile).count() == 0
    assert db.session.query(Letter).filter(Letter.kind == "enquiry_message").count() == 1
