"""Staff write the texts: look, preview, publish, history; and what their readers then see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, scoped_session

from dashboard.mail.models import Letter
from dashboard.prose import versions
from dashboard.prose.rules import PLACES, Kind
from dashboard.prose.service import publish
from tests.client import Client
from tests.factories import make_key, make_reseller, make_user, pay, place, publish_policy

Database = scoped_session[Session]

HOSTILE = (
    "# <script>alert(1)</script>\n\n## <img src=x onerror=alert(1)> {#a}\n\n[x](javascript:alert(1)) \"'><b>\n\n"
    "```\n</code></pre><script>alert(2)</script>\n```"
)


@pytest.fixture
def staff(db: Database, client: Client) -> Client:
    client.sign_in_as(make_user("Sam", staff=True))
    return client


def test_staff_see_every_text_and_which_version_is_in_force(staff: Client) -> None:
    publish(Kind.PROGRAMME, "One.", "Раз.", by=make_user("Mari").id)
    page = staff.get("/staff/texts")
    assert {"Reseller policy", "Programme page", "License instructions"} <= page.links.keys()
    for words in ("version 1", "Mari", "the product's own text"):
        assert words in page.text
    assert len(page.statements) <= 2
    assert page.click("Programme page").path == "/staff/texts/programme"
    assert staff.get("/").links["Texts"] == "/staff/texts"


def test_nobody_else_sees_them(client: Client, db: Database) -> None:
    owner = make_user()
    make_reseller(owner=owner)
    client.sign_in_as(owner)
    for path in ("/staff/texts", "/staff/texts/policy", "/staff/texts/policy/edit", "/staff/texts/policy/versions/0"):
        assert client.get(path).status == 404
    assert client.post("/staff/texts/policy/edit", {"step": "publish"}).status == 404
    assert "Texts" not in client.get("/").links


def test_R31_a_text_is_previewed_then_published_and_read(staff: Client, new_client: Callable[..., Client]) -> None:
    page = staff.get("/staff/texts/programme").click("Edit")
    typed = {"english": "# Ours\n\n## Who? {#who}\n\n%(vendor)s does.", "russian": "# Наша\n\n## Кто?\n\nМы."}
    shown = page.submit("Preview", **typed, note="shorter")
    assert shown.status == 200
    assert "Lumivara does." in " ".join(shown.tree.xpath("//*[@lang='en']//p/text()"))
    assert "Ours" not in new_client().get("/programme").text
    done = shown.submit("Publish")  # what was typed is still there
    assert (done.path, done.status) == ("/staff/texts/programme", 200)
    for words in ("Version 1 is in force.", "Sam", "shorter", "Lumivara does."):
        assert words in done.text
    english, russian = new_client().get("/programme"), new_client(language="ru").get("/programme")
    assert english.tree.findtext(".//h1") == "Ours"
    assert english.links["Who?"] == "#who"
    assert "Наша" in russian.text
    assert "Lumivara does." in english.text


def test_what_is_refused_is_kept_as_typed(staff: Client) -> None:
    page = staff.get("/staff/texts/instructions/edit")
    for button in ("Preview", "Publish"):
        answer = page.submit(button, english="%(discount)s off for $5", russian="Скидка  два слова")
        assert answer.status == 422
        assert "Nothing fills %(discount)s here." in answer.text
        assert answer.tree.xpath("//textarea[@name='english']/text()")[0].strip() == "%(discount)s off for $5"
        assert answer.tree.xpath("//textarea[@name='russian']/text()")[0].strip() == "Скидка  два слова"
    assert versions.current(Kind.INSTRUCTIONS).number == 0


def test_R30_switching_the_language_keeps_what_was_typed(staff: Client) -> None:
    page = staff.get("/staff/texts/programme/edit")
    answer = page.submit("RU Русский", english="Half a sente", note="not yet")
    assert answer.tree.get("lang") == "ru"
    assert answer.tree.xpath("//textarea[@name='english']/text()")[0].strip() == "Half a sente"
    assert answer.tree.xpath("//input[@name='note']/@value") == ["not yet"]


def test_R05_only_the_policy_offers_a_correction(staff: Client) -> None:
    assert not staff.get("/staff/texts/programme/edit").tree.xpath("//input[@name='correction']")
    reseller = make_reseller()  # has accepted version 1
    page = staff.get("/staff/texts/policy/edit")
    page.submit("Publish", english="Be fair!", russian="Будьте честны!", correction=True)
    page = staff.get("/staff/texts/policy")
    assert "not asked: wording only" in page.text
    page.click("Edit").submit("Publish", english="Be fairer.", russian="Будьте честнее.")
    assert [one.asks_acceptance for one in versions.list_versions(Kind.POLICY)] == [True, False, True, True]
    assert reseller.id


def test_of_two_who_write_at_once_the_second_is_told_and_loses_nothing(
    staff: Client, new_client: Callable[..., Client]
) -> None:
    other = new_client()
    other.sign_in_as(make_user("Mari", staff=True))
    first, second = (one.get("/staff/texts/policy/edit") for one in (staff, other))
    first.submit("Publish", english="Be fair and quick.", russian="Будьте честны и быстры.")
    told = second.submit("Publish", english="Be kind.", russian="Будьте добры.", correction=True, note="kinder")
    assert told.status == 409
    assert "Sam has published version 1 meanwhile." in told.text
    assert "Be fair and quick." in told.tree.xpath("string(//ins)")
    assert versions.current(Kind.POLICY).english == "Be fair and quick."
    done = told.submit("Publish")  # having seen it
    assert done.status == 200
    newest = versions.current(Kind.POLICY)
    assert (newest.number, newest.english, newest.note, newest.by) == (2, "Be kind.", "kinder", "Mari")
    assert not newest.asks_acceptance


def test_of_two_who_write_at_once_in_one_language_each_both_are_kept(
    staff: Client, new_client: Callable[..., Client]
) -> None:
    other = new_client()
    other.sign_in_as(make_user("Mari", staff=True))
    first, second = (one.get("/staff/texts/programme/edit") for one in (staff, other))
    first.submit("Publish", english="One.")
    second.submit("Publish", russian="Раз.").submit("Publish")
    newest = versions.current(Kind.PROGRAMME)
    assert (newest.number, newest.english, newest.russian) == (2, "One.", "Раз.")


@pytest.mark.parametrize("base", ["", "x", "-5", "99999999999999999999", "7"])
def test_a_form_that_follows_no_version_publishes_nothing(staff: Client, base: str) -> None:
    token = staff.get("/staff/texts/programme/edit").tree.xpath("//input[@name='csrf_token']/@value")[0]
    data = {"csrf_token": token, "step": "publish", "base": base, "english": "a", "russian": "б"}
    assert staff.post("/staff/texts/programme/edit", data).status == 409
    assert versions.current(Kind.PROGRAMME).number == 0


def test_every_version_can_be_read_and_compared_and_taken_up_again(staff: Client) -> None:
    publish_policy("# Policy\n\nBe fair to all.", "# Политика\n\nБудьте честны.")
    publish_policy("# Policy\n\nBe good to all.", "# Политика\n\nБудьте честны.", correction=True)
    page = staff.get("/staff/texts/policy").click("Version 2")
    assert page.tree.xpath("//del/text()") == ["fair"]
    assert page.tree.xpath("//ins/text()") == ["good"]
    assert "Nothing has changed in this language." in page.text
    old = staff.get("/staff/texts/policy").click("Version 1")
    assert "Be fair to all." in old.text
    form = old.click("Write a new version from this one")
    assert "Be fair to all." in form.tree.xpath("string(//textarea[@name='english'])")
    assert form.submit("Publish").status == 200  # on top of version 2
    assert versions.current(Kind.POLICY).number == 3
    own = staff.get("/staff/texts/policy").click("The product's own text")
    assert "gives no exclusive right" in own.text


@pytest.mark.parametrize(
    "path", ["/staff/texts/none", "/staff/texts/none/edit", "/staff/texts/policy/versions/5",
             "/staff/texts/policy/edit?from=5", "/staff/texts/policy/edit?from=99999999999"]
)  # fmt: skip
def test_what_is_not_there_is_not_found(staff: Client, path: str) -> None:
    assert staff.get(path).status == 404


@pytest.mark.parametrize("kind", Kind)
def test_hostile_words_stay_words_wherever_they_are_shown(
    staff: Client, new_client: Callable[..., Client], kind: Kind
) -> None:
    form = staff.get(f"/staff/texts/{kind}/edit")
    preview = form.submit("Preview", english=HOSTILE, russian=HOSTILE)
    assert "javascript" in form.submit("Publish", english=HOSTILE, russian=HOSTILE).text  # refused
    places = "".join(f"\n\n## A {{#{place}}}" for place in PLACES.get(kind, ()))
    publish(kind, HOSTILE.replace("javascript:alert(1)", "/x") + places, f"Слова.{places}")
    pages = {Kind.POLICY: "/policy", Kind.PROGRAMME: "/programme", Kind.INSTRUCTIONS: "/how-to-apply"}
    readers = [new_client().get(pages[kind])] if kind in pages else []
    for shown in (preview, *readers, staff.get(f"/staff/texts/{kind}/versions/1")):
        assert "<script>alert(1)</script>" in shown.text
        assert shown.tree.xpath("//script[not(@src)] | //img | //*[@onerror]") == []
        assert [link for link in shown.links.values() if link.startswith("javascript:")] == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_R20_letters_with_licenses_carry_the_very_instructions_of_the_page(
    new_client: Callable[..., Client], work: Callable[[], int], db: Database, language: str
) -> None:
    how = "# {0}\n\n1. {0} **{0}**\n2. [{0}](/how-to-apply)"
    text = how + '\n\n## .NET\n\n{0}:\n\n```\nif (a)\n    b("<");\n```\n\n## Java\n\nJ'
    words = {"en": "Sesame", "ru": "Сезам"}
    publish(Kind.INSTRUCTIONS, *(text.format(words[code]) for code in ("en", "ru")))
    make_key()
    anna = make_user(language=language)
    pay(place(make_reseller(owner=anna)))
    work()
    (letter,) = db.query(Letter).filter_by(kind="license_ready")
    own = words[language]
    for part in (f"1. {own} {own}", f"2. {own} (http://127.0.0.1:8000/how-to-apply)", '    if (a)\n        b("<");'):
        assert part in letter.text
    assert "b(&#34;&lt;&#34;);" in letter.html
    assert ".NET" in letter.text  # the platform that was bought
    assert "\nJava" not in letter.text
    page = new_client(language=language).get("/how-to-apply").text
    assert f"{own} {own}" in page
    assert "J" in page


def test_R33_the_pages_of_the_texts_lead_to_the_forum(staff: Client) -> None:
    publish(Kind.INSTRUCTIONS, "Nothing.", "Ничего.")
    assert "https://forum.lumivara.example/" in staff.get("/how-to-apply").links.values()
