"""The demo is a living one: everybody whom it needs, orders in every state, the same each day, no page that fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from dashboard.accounts.models import User
from dashboard.orders.rules import LicenseState, PaymentState
from tests.app_wide import answers
from tests.demo.conftest import VISITORS, Told
from tests.factories import make_user

pytestmark = pytest.mark.xdist_group("demo")  # one process loads it for all


def test_there_are_resellers_of_every_kind(told: Told) -> None:
    resellers = {one["name"]: one for one in told.rows("resellers")}
    assert {(one["currency"], one["country"], one["state"]) for one in resellers.values()} >= {
        ("USD", "US", "TX"), ("USD", "US", "OR"), ("USD", "AU", ""), ("EUR", "DE", ""), ("EUR", "EE", ""),
        ("RUB", "RU", ""),
    }  # fmt: skip
    assert told.reasons["Lone Star Tools"] == told.reasons["Perth Code Supply"] == "new"
    assert told.reasons["Ромашка Софт"] == told.reasons["Nordlicht Systems"] == "established"
    assert told.reasons["Кедр-ИТ"] == "overdue"
    assert told.reasons["Atelier Logiciel"] == "on_hold"
    assert resellers["Danube Tools"]["suspended_at"]
    assert not resellers["Kontur Vertrieb"]["activated_at"]
    assert [name for name, one in resellers.items() if one["activated_at"] and not one["listing_checked_at"]] == [
        "Perth Code Supply"
    ]
    roles = Counter(member["reseller_id"] for member in told.rows("members"))
    assert sum(count > 1 for count in roles.values()) >= 9
    assert {member["role"] for member in told.rows("members")} == {"owner", "buyer", "accountant", "viewer"}


def test_there_are_forty_customers_and_two_hundred_orders_of_fourteen_months(told: Told) -> None:
    orders = told.rows("orders")
    sellers: dict[str, set[int]] = {}
    for order in orders:
        sellers.setdefault(order["customer_email"], set()).add(order["reseller_id"])
    assert len(sellers) >= 40
    assert max(map(len, sellers.values())) == 2
    members = {member["user_id"] for member in told.rows("members")}
    assert sellers.keys() & {user["email"] for user in told.rows("users") if user["id"] in members}
    assert {order["customer_language"] for order in orders} == {"ru", "en"}
    assert len({order["shipping_address"]["country"] for order in orders}) >= 20
    assert len(orders) >= 200
    placed = sorted(order["placed_on"] for order in orders)
    assert placed[-1] - placed[0] >= timedelta(days=400)
    assert len({(day.year, day.month) for day in placed}) >= 14
    assert {len(lines) for lines in _by_order(told).values()} >= {1, 2, 3, 4}


def _by_order(told: Told) -> dict[str, list[dict[str, Any]]]:
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in told.rows("order_lines"):
        lines.setdefault(line["order_id"], []).append(line)
    return lines


def test_there_are_orders_in_every_state(told: Told) -> None:
    assert {order.payment for order in told.orders} == set(PaymentState)
    assert {order.license for order in told.orders} == set(LicenseState)
    assert {(order.terms, order.payment) for order in told.orders} >= {
        ("prepaid", "waiting"), ("prepaid", "paid"), ("net30", "due"), ("net30", "overdue"), ("net30", "paid"),
        ("net30", "cancelled"), ("prepaid", "cancelled"),
    }  # fmt: skip
    late = [order.days_late for order in told.orders if order.days_late is not None]
    assert min(late) < 0 < max(late)
    assert {paper["kind"] for paper in told.rows("papers")} == {"pro_forma", "invoice", "credit_note"}
    assert any(order["tax_minor"] for order in told.rows("orders") if order["tax_place"] == "US-TX")
    assert {order["tax_kind"] for order in told.rows("orders")} == {
        "sales_tax", "not_taxable", "vat", "reverse_charge", "export",
    }  # fmt: skip
    assert len([draft for draft in told.rows("drafts") if draft["order_id"] is None]) == 3
    assert {license_["downloaded_at"] is None for license_ in told.rows("licenses")} == {True, False}


def test_R18_a_part_is_open_and_what_came_in_too_much_lies_on_account(told: Told) -> None:
    """Too little to pay the next prepaid order whole, it waits; nobody is overdrawn."""
    entries = told.rows("ledger_entries")
    paid, on_account = Counter[str](), Counter[int]()
    for entry in entries:
        if entry["account"] == "principal" and entry["kind"] != "order":
            paid[entry["receivable_id"]] -= entry["minor"]
        if entry["account"] == "credit":
            on_account[entry["reseller_id"]] -= entry["minor"]
    totals = {order["id"]: order["total_minor"] for order in told.rows("orders")}
    assert [order for order, minor in paid.items() if 0 < minor < totals[order]]
    names = {one["id"]: one["name"] for one in told.rows("resellers")}
    assert {names[reseller] for reseller, minor in on_account.items() if minor} >= {"Perth Code Supply"}
    assert min(on_account.values()) >= 0


def test_R19_one_owes_from_before_in_a_currency_that_has_a_qr_code(told: Told) -> None:
    (debt,) = (one for one in told.rows("receivables") if one["kind"] == "opening")
    assert debt["is_open"]
    assert debt["currency"] == "EUR"
    assert debt["due_on"] > debt["placed_on"]


def test_R15_the_new_orders_of_who_is_overdue_are_prepaid(told: Told) -> None:
    """Nobody has written so: it follows from what was not paid."""
    orders = sorted((o for o in told.rows("orders") if o["po_number"].startswith("К/")), key=lambda o: o["placed_at"])
    late = min(order["due_on"] for order in orders if order["due_on"] and not order["paid_on"])
    after = [order for order in orders if order["placed_on"] > late]
    assert len(after) >= 1
    assert {order["terms"] for order in after} == {"prepaid"}
    assert {order.terms for order in told.of("Кедр-ИТ")} == {"prepaid", "net30"}


def test_what_waits_for_staff_is_there(told: Told) -> None:
    applications = told.rows("applications")
    waiting = [one for one in applications if one["decided_at"] is None]
    assert {one["activity"] for one in waiting} == {"reselling", "mixed"}
    assert [one["company"] for one in applications if one["approved"] is False] == ["Brandl Consulting"]
    assert [one["recipient"] for one in told.rows("letters") if one["error"]] == ["ivo@brandl-consulting.example"]
    assert len([one for one in told.rows("outbox") if one["failed_at"]]) == 1
    assert [(one["states"], one["decision"]) for one in told.rows("exemption_certificates")] == [(["TX"], "waiting")]


def test_R18_the_banks_file_has_brought_a_match_a_proposal_and_a_stranger(told: Told) -> None:
    assert len(told.rows("bank_files")) == 1
    booked, proposed, strange = told.rows("bank_entries")
    assert (booked["state"], booked["reason"]) == ("booked", "reference")
    assert {(one["state"], one["hurdle"]) for one in (proposed, strange)} == {("waiting", "unknown_payer")}
    waiting = [order for order in told.rows("orders") if not order["paid_on"] and not order["cancelled_at"]]
    open_ = {order["total_minor"] for order in waiting}
    assert (proposed["minor"] in open_, strange["minor"] in open_) == (True, False)


def test_R30_a_catalog_was_handed_in_that_says_one_text_otherwise(told: Told) -> None:
    assert [(one["language"], one["changed"]) for one in told.rows("handed_in_catalogs")] == [("ru", 1)]


def test_the_audit_trail_names_who_did_what(told: Told) -> None:
    """Only what commands do has no name."""
    people = {user["id"]: user["name"] for user in told.rows("users")}
    of_people, nobodys = set(), set()
    for entry in told.rows("audit_entries"):
        assert entry["actor_name"] == people.get(entry["actor_id"], "")
        (of_people if entry["actor_id"] else nobodys).add(entry["action"])
    assert of_people >= {"order.placed", "order.cancelled", "application.approved", "certificate.uploaded"}
    assert nobodys == {"demo.loaded", "catalog.loaded", "text.published", "account.added"}


def test_the_audit_trail_names_when_it_was_done(told: Told) -> None:
    written = {order["id"]: order["placed_at"] for order in told.rows("orders")}
    placed = [entry for entry in told.rows("audit_entries") if entry["action"] == "order.placed"]
    assert {entry["subject"].removeprefix("order:"): entry["at"] for entry in placed} == written


def test_R27_invoices_are_numbered_in_the_order_in_which_they_were_issued(told: Told) -> None:
    for kind in ("invoice", "credit_note"):
        papers = [paper for paper in told.rows("papers") if paper["kind"] == kind]
        by_number = sorted(papers, key=lambda paper: (paper["year"], paper["sequence"]))
        assert [paper["id"] for paper in by_number] == [paper["id"] for paper in papers]
        assert [paper["issued_on"] for paper in by_number] == sorted(paper["issued_on"] for paper in papers)


def test_nothing_has_happened_today_or_on_a_weekend(told: Told) -> None:
    days: list[date] = [order["placed_on"] for order in told.rows("orders")]
    days += [transfer["received_on"] for transfer in told.rows("transfers")]
    assert {day.weekday() for day in days} == {0, 1, 2, 3, 4}


def test_a_day_has_one_demo_however_often_it_is_loaded(told: Told) -> None:
    assert told.facts.keys() == told.again.keys()
    for table, rows in told.facts.items():
        assert rows == told.again[table], table


@pytest.mark.parametrize("email", VISITORS)
def test_every_link_and_form_of_the_demo_leads_somewhere(told: Told, email: str) -> None:
    assert list(answers.crashes(told.visits[email])) == []
    assert told.dead_ends[email] == []
    assert len(told.visits[email]) > 10


def test_a_database_that_is_not_the_demos_is_left_alone(
    app: Flask, db: scoped_session[Session], settings: Callable[..., object]
) -> None:
    settings(demo=True)
    make_user(email="anna@realcompany.example")
    db.commit()
    done = FlaskCliRunner(app).invoke(args=["demo", "reset"])
    assert done.exit_code == 1
    assert "was not filled by the demo" in done.stderr
    assert list(db.scalars(select(User.email))) == ["anna@realcompany.example"]
