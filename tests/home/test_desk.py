"""The staff's desk: what waits, in groups; an act leads to what comes next."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update

from dashboard.clock import today, utcnow
from dashboard.extensions import db
from dashboard.fulfilment import service as fulfilment
from dashboard.home.service import SHOWN, staff_queue
from dashboard.ledger.models import Receivable
from dashboard.mail.models import Letter
from dashboard.orders.models import Order
from dashboard.outbox.models import OutboxItem
from dashboard.outbox.service import put
from dashboard.payments.models import BankEntry
from dashboard.resellers.models import Application
from dashboard.tax import certificates
from dashboard.tax.certificates import Claim
from tests.client import Client
from tests.factories import make_key, make_reseller, make_user, owner_of, place
from tests.payments.camt import Payment, camt
from tests.payments.hands import bring


def apply(company: str) -> Application:
    application = Application(
        user_id=make_user().id, company=company, description="We resell", activity="reselling", country="DE",
        website="https://newco.example", reasons="demand", language="en",
    )  # fmt: skip
    db.session.add(application)
    db.session.flush()
    return application


def signed_in(client: Client) -> Client:
    client.sign_in_as(make_user("Mari", staff=True))
    return client


def test_R18_a_proposed_match_is_confirmed_in_two_actions(client: Client, work: Callable[[], int]) -> None:
    """From the first page: open the transfer, press the button of the proposal."""
    signed_in(client)
    order = place(make_reseller("Romashka"))
    order_id = order.id
    bring(client, work, camt(Payment("1079.10", "no word", name="Holding of theirs")))
    page, actions = client.get("/"), 0
    page, actions = page.click("Decide"), actions + 1
    page, actions = page.submit("Book"), actions + 1
    db.session.expire_all()
    assert (actions, db.session.get_one(Order, order_id).paid_on) == (2, today())
    assert db.session.query(BankEntry).one().state == "booked"


def test_what_waits_stands_in_groups_with_their_counts(client: Client) -> None:
    first, second = apply("Newco"), apply("Otherco")
    place(make_reseller())
    page = signed_in(client).get("/")
    titles = [" ".join("".join(title.itertext()).split()) for title in page.tree.xpath("//h3")]
    assert titles == ["Applications 2", "Pages that list our brands 1"]
    names = page.tree.xpath("//a/@data-item")
    assert names[:2] == [f"application-{first.id}", f"application-{second.id}"]
    assert len(set(names)) == len(names)
    for link in page.tree.xpath("//a[@data-item]"):
        assert client.get(link.get("href")).status == 200


def test_R15_overdue_orders_stand_on_the_desk_and_are_no_work_of_a_person(client: Client) -> None:
    order = place(make_reseller("Romashka", established_by_staff=True, listing_checked_at=None))
    for row in (order, db.session.get_one(Receivable, order.id)):
        row.due_on = today() - timedelta(days=3)
    page = signed_in(client).get("/")
    assert "Romashka owes $1,079.10 Order " in page.text
    assert f"Order {order.id} is 3 days overdue · reminded of by itself" in page.text
    assert "1 thing waits for a person." in page.text  # the page with the brands


def test_what_a_section_cuts_off_is_counted_all_the_same(client: Client) -> None:
    """The sections show ten, the counts and the morning's letter tell of all."""
    reseller = make_reseller("Romashka", established_by_staff=True, listing_checked_at=utcnow())
    for number in range(SHOWN + 2):
        apply(f"Newco {number}")
        order = place(reseller)
        for row in (order, db.session.get_one(Receivable, order.id)):
            row.due_on = today() - timedelta(days=3)
    db.session.execute(update(Letter).values(error="SMTPException: refused"))
    letters = db.session.query(Letter).count()
    put("sign", "sign:1", license_id=0)
    db.session.execute(update(OutboxItem).where(OutboxItem.key == "sign:1").values(error="OSError", tries=6))
    texan = make_reseller(country="US", state="TX", listing_checked_at=utcnow())
    for number in range(SHOWN + 2):
        claim = Claim(("TX",), f"TX-{number}", today(), today() + timedelta(days=9))
        certificates.upload(texan.id, owner_of(texan), claim, f"%PDF-1.7 {number}".encode())
        fulfilment.ask_temporary(place(texan).id, of=texan.id)
    page = signed_in(client).get("/")
    assert letters > SHOWN
    titles = [" ".join("".join(title.itertext()).split()) for title in page.tree.xpath("//h3")]
    assert titles == [
        f"Something does not work {letters + 1} All of them",
        f"Temporary licenses {SHOWN + 2} All of them",
        f"Exemption certificates {SHOWN + 2} All of them",
        f"Applications {SHOWN + 2} All of them",
        f"Overdue {SHOWN + 2} All of them",
    ]
    assert len(page.tree.xpath("//a[starts-with(@data-item, 'application-')]")) == SHOWN
    assert len(page.tree.xpath("//a[starts-with(@data-item, 'overdue-')]")) == SHOWN
    assert staff_queue().counts["failing"] == letters
    assert [client.get(str(address)).status for address in page.tree.xpath("//h3/a/@href")] == [200] * 5


def test_after_an_act_on_the_desk_the_next_one_comes(client: Client) -> None:
    application, following = apply("Newco"), apply("Otherco")
    page = signed_in(client).get(f"/staff/applications/{application.id}")
    token = page.tree.xpath("string(//form[@id='decision']//input[@name='csrf_token']/@value)")
    data = {"csrf_token": token, "decision": "approve", "currency": "EUR", "_desk": f"application-{following.id}"}
    answer = client.open("POST", page.path, data=data, follow=False)
    assert (answer.status, answer.location) == (303, f"/?at=application-{following.id}")
    desk = client.get(str(answer.location))
    assert "Newco is a reseller now" in desk.text
    assert desk.tree.xpath("string(//*[@data-desk]/@data-at)") == f"application-{following.id}"


def test_what_a_form_says_of_the_desk_leads_nowhere_else(client: Client) -> None:
    application = apply("Newco")
    page = signed_in(client).get(f"/staff/applications/{application.id}")
    token = page.tree.xpath("string(//form[@id='decision']//input[@name='csrf_token']/@value)")
    for named, location in (("//evil.example/", "/?at=//evil.example/"), ("", "/")):
        data = {"csrf_token": token, "theme": "dark", "_desk": named}
        assert client.open("POST", "/theme", data=data, follow=False).location == location
    refused = client.open(
        "POST", page.path, data={"csrf_token": token, "decision": "decline", "_desk": "x"}, follow=False
    )
    assert refused.status == 422


def test_every_page_of_the_desk_says_where_its_keys_lead(client: Client, work: Callable[[], int]) -> None:
    make_key()
    signed_in(client)
    application = apply("Newco")
    place(make_reseller("Romashka"))
    bring(client, work, camt(Payment("1079.10", "no word", name="Holding of theirs")))
    reseller = make_reseller("Vasilek")
    pages = {
        f"/staff/applications/{application.id}": {"a", "d"},
        f"/staff/payments/entries/{db.session.query(BankEntry).one().id}": {"a", "d"},
        f"/staff/resellers/{reseller.id}?at=listing": {"a"},
    }
    for path, keys in pages.items():
        found = re.findall(r'data-key="(\w)"', client.get(path).html)
        assert set(found) == keys, path
        assert len(found) == len(keys), path


def test_R28_the_key_that_approves_leads_to_what_was_chosen_on_the_desk(client: Client) -> None:
    """A reseller with two things to check stands on the desk twice, and each leads to its own button."""
    reseller = make_reseller("Vasilek", country="DE", tax_number="DE136695976")
    page = signed_in(client).get("/")
    for item, does in (("listing", "listing"), ("number", "tax-number")):
        address = page.tree.xpath(f"string(//a[@data-item='{item}-{reseller.id}']/@href)")
        keys = client.get(address).tree.xpath("//*[@data-key]")
        assert [(one.get("data-key"), one.get("action")) for one in keys] == [
            ("a", f"/staff/resellers/{reseller.id}/{does}")
        ]
