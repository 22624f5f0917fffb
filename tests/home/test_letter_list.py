"""Staff's list of letters: what has not left, and what a search finds."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select, update

from dashboard.clock import utcnow
from dashboard.extensions import db
from dashboard.home import letters
from dashboard.mail import service as mail
from dashboard.mail.models import Letter
from dashboard.mail.service import post
from tests.client import Client
from tests.factories import make_key, make_reseller, make_user, pay, place


def listed(search: str) -> list[Letter]:
    return letters.list_letters(only="", search=search, before=None).letters


def test_letters_are_narrowed_to_what_has_not_left(client: Client) -> None:
    """A tab holds the letters that their badges say, and counts all of them, also beyond the first page."""
    now = utcnow()
    facts = [
        {"tries": 0}, {"error": "x", "composed_at": now}, {"composed_at": now}, {"moot": "order_cancelled"},
        {"sent_at": now, "composed_at": now}, {"error": "x"},
    ]  # fmt: skip
    for number, one in enumerate(facts * 2):
        post("team_removed", to=f"reader{number}@example.com", language="en", key=f"key{number}")
        db.session.execute(update(Letter).where(Letter.key == f"key{number}").values(**one))
    db.session.expire_all()
    states = Counter(one.state for one in db.session.scalars(select(Letter)))
    for only in mail.FILTERS:
        page = mail.list_letters(only=only)
        assert [one.state for one in page.letters] == [only] * states[only]
        assert page.counts == {name: states[name] for name in mail.FILTERS}
    assert mail.list_letters(search="READER11@").counts == {"failing": 1, "waiting": 0}
    client.sign_in_as(make_user(staff=True))
    page = client.get("/staff/mail?state=failing&q=example.com")
    assert "Not delivered 4" in page.text
    assert len(page.statements) == 2
    assert "reader11@" in page.text


def test_letters_are_found_by_the_order_whose_transfer_they_tell_of(client: Client) -> None:
    make_key()
    reseller = make_reseller()
    order, other = pay(place(reseller)), place(reseller)
    client.sign_in_as(make_user(staff=True))
    found = client.get(f"/staff/mail?q={order.id.replace('-', '').lower()}")
    kinds = [one.kind for one in listed(order.id)]
    assert sorted(kinds) == ["customer_license", "license_ready", "order_pro_forma", "payment_received"]
    assert len(found.tree.xpath("//table//tbody/tr")) == len(kinds)
    assert len(found.statements) == 2
    assert not set(kinds) & {
        one.kind for one in letters.list_letters(only="", search=other.id, before=None).letters[1:]
    }


def test_a_letter_sent_again_from_a_tab_leads_back_to_it(client: Client) -> None:
    place(make_reseller())
    client.sign_in_as(make_user(staff=True))
    db.session.execute(update(Letter).values(error="ConnectionRefusedError: refused"))
    answer = client.get("/staff/mail?state=failing").submit("Send again", follow=False)
    assert answer.location == "/staff/mail?state=failing"
