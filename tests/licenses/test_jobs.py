"""The worker's side of licenses."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, scoped_session

from dashboard.errors import NotYet
from dashboard.licenses import files, jobs, service
from dashboard.licenses.models import RevocationIssue
from dashboard.web.transactions import transaction
from tests.factories import make_key, make_reseller, pay, place


def test_R12_an_older_list_of_revoked_serials_never_replaces_a_newer_one(
    db: scoped_session[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key()
    reseller = make_reseller()
    first, second = (pay(place(reseller)).id for _ in range(2))
    service.revoke(first)
    db.commit()
    sign = files.sign_revocations

    def sign_slowly(*given: Any) -> bytes:
        with transaction():
            service.revoke(second)
        return sign(*given)

    monkeypatch.setattr(files, "sign_revocations", sign_slowly)
    with pytest.raises(NotYet):
        jobs.sign_revocations({})
    assert db.query(RevocationIssue).count() == 0
    db.rollback()
    monkeypatch.undo()
    jobs.sign_revocations({})
    published = service.revocation_list().data
    assert all(one.serial.encode() in published for order in (first, second) for one in service.of_order(order))
