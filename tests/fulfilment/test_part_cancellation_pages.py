"""A part of an order is cancelled on staff's page; what the reseller and the customer then see (R12, R25)."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts.models import User
from dashboard.clock import utcnow
from dashboard.licenses.models import License
from tests.client import Client
from tests.factories import EDITOR, VIEWER, cancel_part, make_key, make_reseller, make_user, place

Db = scoped_session[Session]


def test_R12_staff_cancel_a_part_on_its_page(client: Client, work: Callable[[], int]) -> None:
    make_key()
    anna, mari = make_user(), make_user("Mari", staff=True)
    order = place(make_reseller(owner=anna, established_by_staff=True), [(VIEWER, 3), (EDITOR, 1)])
    client.sign_in_as(mari)
    where = f"/staff/orders/{order.id}/cancel-part"
    assert f'href="{where}"' in client.get(f"/staff/orders/{order.id}").html
    page = client.get(where)
    assert page.html_errors == []
    assert "gets a credit note over this part" in page.text
    empty = page.submit("Cancel this part", reason="returned")
    assert (empty.status, "Say how many pieces are cancelled." in empty.text) == (422, True)
    refused = page.submit("Cancel this part", **{"pieces-0": "4", "reason": "returned"})
    assert (refused.status, "That is more than the order has." in refused.text) == (422, True)
    done = page.submit("Cancel this part", **{"pieces-0": "2", "pieces-1": "1", "reason": "returned"})
    assert "The part is cancelled." in done.text
    assert "2 of 3 cancelled" in done.text
    assert "Cancelled in part: GroupDocs.Viewer-Dsb for .NET × 2; GroupDocs.Editor-Oem for .NET × 1" in done.text
    again = page.submit("Cancel this part", **{"pieces-0": "1", "reason": "returned"})
    assert again.status == 409
    assert "changed meanwhile" in again.text
    work()
    client.sign_in_as(anna)
    shown = client.get(f"/orders/{order.id}")
    assert "Cancel a part" not in shown.text
    assert "2 of 3 cancelled" in shown.text
    assert "Credit note" in shown.text
    assert "$1,079.10" in shown.text


def test_R12_a_reseller_cancels_no_part(client: Client) -> None:
    anna = make_user()
    order = place(make_reseller(owner=anna), [(VIEWER, 3)])
    client.sign_in_as(anna)
    assert client.get(f"/staff/orders/{order.id}/cancel-part").status == 404


def test_R25_the_customers_page_shows_the_smaller_license_and_no_price(
    client: Client, db: Db, work: Callable[[], int]
) -> None:
    make_key()
    order = place(make_reseller(established_by_staff=True), [(VIEWER, 3)])
    work()
    cancel_part(order, 1)
    work()
    holder = db.get_one(User, db.scalars(select(License.user_id)).first())
    holder.confirmed_at = utcnow()
    client.sign_in_as(holder)
    page = client.get("/licenses")
    assert "2 licenses" in page.text
    assert "This license was revoked." in page.text
    assert not {"$", "USD", "1,079.10", "2,158.20"} & set(page.text.split())
    assert "$" not in page.text
