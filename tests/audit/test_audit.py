"""The audit trail: who did what, when; written with the deed, never changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard import clock
from dashboard.audit import service
from dashboard.audit.models import AuditEntry
from dashboard.errors import Refused
from dashboard.extensions import db as database
from dashboard.fulfilment import service as fulfilment
from tests.client import Client
from tests.factories import make_reseller, make_user, owner_of, pay, place

pytestmark = pytest.mark.usefixtures("app")


def test_an_entry_tells_who_did_what_to_which(client: Client, db: scoped_session[Session]) -> None:
    reseller = make_reseller()
    order = place(reseller)
    client.sign_in_as(owner_of(reseller))
    client.get(f"/orders/{order.id}/cancel").submit("Cancel the order", reason="ordered twice")
    entry = service.history(f"order:{order.id}")[-1]
    assert (entry.action, entry.actor_id, entry.actor_name) == ("order.cancelled", owner_of(reseller), "Anna")
    assert entry.detail == {"reason": "ordered twice", "by_staff": False}


def test_what_the_program_does_by_itself_names_nobody() -> None:
    with clock.at(datetime(2026, 5, 4, 12, tzinfo=UTC)):
        service.record("rates.loaded", "rates:us", count=3)
        database.session.flush()
    (entry,) = service.history("rates:us")
    assert (entry.actor_id, entry.actor_name, entry.at) == (None, "", datetime(2026, 5, 4, 12, tzinfo=UTC))


def test_a_history_is_of_one_subject_and_in_its_order() -> None:
    for action in ("a.done", "b.done", "a.done"):
        service.record(action, "order:R-1")
    service.record("c.done", "order:R-11")
    assert [entry.action for entry in service.history("order:R-1")] == ["a.done", "b.done", "a.done"]
    assert service.history("order:R-2") == []


def test_what_was_refused_leaves_no_entry(client: Client) -> None:
    order = pay(place(make_reseller()))
    before = len(service.history(f"order:{order.id}"))
    with pytest.raises(Refused):
        fulfilment.release_temporary(order.id)
    client.sign_in_as(make_user(staff=True))
    client.get(f"/staff/orders/{order.id}")
    assert client.post(f"/staff/orders/{order.id}/temporary-license").status == 400  # without the form's token
    assert len(service.history(f"order:{order.id}")) == before


def test_the_way_of_an_order_can_be_read() -> None:
    order = pay(place(make_reseller()))
    fulfilment.cancel_order(order.id, "returned", by_staff=True)
    told = [entry.action for entry in service.history(f"order:{order.id}")]
    assert [action for action in told if action.partition(".")[0] in {"order", "payment"}] == [
        "order.placed",
        "payment.confirmed",
        "order.cancelled",
    ]


@pytest.mark.parametrize("change", ["action", "detail", "delete"])
def test_an_entry_is_never_changed_or_deleted(change: str) -> None:
    service.record("a.done", "order:R-1", count=1)
    database.session.commit()
    entry = database.session.scalars(select(AuditEntry)).one()
    if change == "delete":
        database.session.delete(entry)
    else:
        setattr(entry, change, "x" if change == "action" else {"count": 2})
    with pytest.raises(RuntimeError, match="never changes"):
        database.session.flush()
