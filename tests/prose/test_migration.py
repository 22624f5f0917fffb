"""The table of the policies becomes that of all texts, and back, with everything that was accepted and ordered."""

from __future__ import annotations

from typing import Any

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session

from dashboard.config import ROOT
from dashboard.prose.rules import Kind
from dashboard.prose.service import publish
from dashboard.web.transactions import begin_request
from tests.conftest import disconnect
from tests.factories import make_reseller, make_user, place, publish_policy

Database = scoped_session[Session]


def migrate(db: Database, revision: str, *, up: bool) -> None:
    """Go to a revision, with a new session before and after."""
    db.commit()
    disconnect()
    (flask_migrate.upgrade if up else flask_migrate.downgrade)(revision=revision)
    disconnect()
    begin_request(writes=True)


def rows(db: Database, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in db.execute(text(query))]


def test_R05_acceptances_and_orders_keep_what_they_refer_to(app: Flask, db: Database) -> None:
    publish(Kind.PROGRAMME, "Programme", "Программа")
    place(make_reseller())
    second = publish_policy("Two", "Два", correction=True)
    publish(Kind.INSTRUCTIONS, "How", "Как", by=make_user().id, note="begun")
    refer = ["SELECT policy_id, user_id FROM policy_acceptances", "SELECT id, policy_id FROM orders"]
    before = [rows(db, query) for query in refer]
    parent = ScriptDirectory(str(ROOT / "dashboard" / "migrations")).get_revision("0003").down_revision

    migrate(db, str(parent), up=False)
    policies = rows(db, "SELECT id, text_en, text_ru, asks_acceptance FROM policies ORDER BY id")
    assert [(one[1], bool(one[3])) for one in policies] == [("Be fair.", True), ("Two", False)]
    assert policies[1][0] == second.id
    assert [rows(db, query) for query in refer] == before
    db.execute(text("INSERT INTO policies (text_en, text_ru, asks_acceptance, published_at) "
                    "VALUES ('Three', 'Три', true, '2026-01-01')"))  # fmt: skip

    migrate(db, "head", up=True)
    found = rows(db, "SELECT id, kind, number, text_en, note, published_by FROM text_versions ORDER BY id")
    assert [one[3] for one in found] == ["Be fair.", "Two", "Three"]
    assert all(one[1:3] == ("policy", one[0]) and one[4:] == ("", None) for one in found)
    assert [rows(db, query) for query in refer] == before
    assert publish_policy("Four", "Четыре").number == found[-1][0] + 1
    with pytest.raises(IntegrityError):
        db.execute(text(f"DELETE FROM text_versions WHERE id = {before[0][0][0]}"))
    db.rollback()
